/**
 * A first idea of width, height and background: from the mean brightness around the starts.
 *
 * The mean over all columns hardly has noise, however few counts each has. It is that of a column and of
 * its neighbors, whose distances the starts tell. Starts that are off make it wider than a column is.
 *
 * @module
 */
import { createKdTree, neighborsWithin } from "@core/kernels";

/** Narrowest and widest columns looked for, px. */
const SMALLEST = 0.6;

const LARGEST = 60;

/** Starts looked at. */
const SAMPLE = 600;

/** The widest column is this share of the spacing; beyond, a lattice has no contrast. */
const WIDEST_SHARE = 0.45;

/** Rings end at this share of the spacing. */
const RING_SHARE = 0.8;

/** Neighbors farther than this many spacings do not shine here; distances are told apart by a twentieth. */
const NEIGHBOR_REACH = 2.5;

const BINS = 50;

/** Widths tried, each larger by the same factor. */
const TRIED = 40;

/** What the mean column looks like. */
export interface StartProfile {
  readonly sigma: number;
  readonly height: number;
  readonly background: number;
}

/** Fits the mean brightness in rings around the starts; spacing Infinity for a lone column. */
export function startProfile(
  data: Float32Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  spacing: number,
): StartProfile {
  const largest = Math.min(Math.max(width, height) / 2, 2.4 * LARGEST);
  const reach = Math.max(3, Math.ceil(Math.min(largest, RING_SHARE * spacing)));
  const rows = sampledRows(width, height, x, y, Number.isFinite(spacing) ? 2 * spacing : 0);
  const rings = ringMeans(data, width, height, x, y, rows, reach);
  const neighbors = Number.isFinite(spacing)
    ? neighborsByDistance(x, y, rows, spacing)
    : new Float64Array(0);
  const widest = Math.min(LARGEST, Number.isFinite(spacing) ? WIDEST_SHARE * spacing : reach / 1.5);
  const step = Math.pow(Math.max(1.01, widest / SMALLEST), 1 / (TRIED - 1));
  let best = { sigma: SMALLEST, height: 0, background: rings.mean[0], misfit: Infinity };
  for (let k = 0, sigma = SMALLEST; k < TRIED; k++, sigma *= step) {
    const found = fitRings(rings, neighbors, spacing / (BINS / NEIGHBOR_REACH), sigma);
    if (found.height > 0 && found.misfit < best.misfit) best = { sigma, ...found };
  }
  return best;
}

/** Some starts, those whose neighbors are all in the image if there are any. */
function sampledRows(
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  margin: number,
): number[] {
  const all = [...x.keys()];
  const inner = all.filter((i) =>
    x[i] >= margin && y[i] >= margin && x[i] <= width - 1 - margin && y[i] <= height - 1 - margin
  );
  const rows = inner.length > 0 ? inner : all;
  const stride = Math.max(1, Math.floor(rows.length / SAMPLE));
  return rows.filter((_, k) => k % stride === 0);
}

interface Rings {
  readonly radius: Float64Array;
  readonly mean: Float64Array;
  readonly count: Float64Array;
}

function ringMeans(
  data: Float32Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  rows: readonly number[],
  reach: number,
): Rings {
  const n = reach + 1;
  const rings = {
    radius: new Float64Array(n),
    mean: new Float64Array(n),
    count: new Float64Array(n),
  };
  for (const i of rows) {
    const cx = Math.round(x[i]), cy = Math.round(y[i]);
    for (let v = Math.max(0, cy - reach); v <= Math.min(height - 1, cy + reach); v++) {
      for (let u = Math.max(0, cx - reach); u <= Math.min(width - 1, cx + reach); u++) {
        const r = Math.sqrt((u - x[i]) * (u - x[i]) + (v - y[i]) * (v - y[i]));
        const ring = Math.round(r);
        if (ring > reach) continue;
        rings.radius[ring] += r;
        rings.mean[ring] += data[v * width + u];
        rings.count[ring]++;
      }
    }
  }
  for (let r = 0; r < n; r++) {
    rings.radius[r] = rings.count[r] > 0 ? rings.radius[r] / rings.count[r] : r;
    rings.mean[r] /= Math.max(1, rings.count[r]);
  }
  return rings;
}

/** Mean number of neighbors of a start by distance. */
function neighborsByDistance(
  x: Float64Array,
  y: Float64Array,
  rows: readonly number[],
  spacing: number,
): Float64Array {
  const bins = new Float64Array(BINS);
  const tree = createKdTree(x, y);
  const near = new Int32Array(64);
  for (const i of rows) {
    const found = neighborsWithin(tree, x[i], y[i], NEIGHBOR_REACH * spacing, i, near);
    for (let k = 0; k < Math.min(found, near.length); k++) {
      const d = Math.hypot(x[near[k]] - x[i], y[near[k]] - y[i]);
      bins[Math.min(BINS - 1, Math.floor(d / spacing * BINS / NEIGHBOR_REACH))] += 1;
    }
  }
  return bins.map((count) => count / Math.max(1, rows.length));
}

/** Height and background for a width, by weighted least squares, and what is left over. */
function fitRings(
  { radius, mean, count }: Rings,
  neighbors: Float64Array,
  binWidth: number,
  sigma: number,
): { height: number; background: number; misfit: number } {
  let w = 0, e = 0, ee = 0, p = 0, ep = 0, pp = 0;
  for (let r = 0; r < mean.length; r++) {
    let shape = Math.exp(-radius[r] * radius[r] / (2 * sigma * sigma));
    for (let b = 0; b < neighbors.length; b++) {
      if (neighbors[b] > 0) {
        shape += neighbors[b] * ringOfNeighbor(radius[r], (b + 0.5) * binWidth, sigma);
      }
    }
    w += count[r];
    e += count[r] * shape;
    ee += count[r] * shape * shape;
    p += count[r] * mean[r];
    ep += count[r] * shape * mean[r];
    pp += count[r] * mean[r] * mean[r];
  }
  const spread = ee - e * e / w, both = ep - e * p / w;
  const height = spread > 0 ? both / spread : 0;
  return { height, background: (p - height * e) / w, misfit: pp - p * p / w - height * both };
}

/** Mean over a ring of radius r of a Gaussian at distance d: exp(-(r - d)^2 / 2 s^2) times e^-z I0(z). */
function ringOfNeighbor(r: number, d: number, sigma: number): number {
  const z = r * d / (sigma * sigma);
  return Math.exp(-(r - d) * (r - d) / (2 * sigma * sigma)) * scaledBessel(z);
}

/** e^-z I0(z), to 2e-7 (Abramowitz and Stegun 9.8.1 and 9.8.2). */
function scaledBessel(z: number): number {
  if (z < 3.75) {
    const t = (z / 3.75) ** 2;
    return Math.exp(-z) * (1 + t * (3.5156229 + t * (3.0899424 + t * (1.2067492 +
                  t * (0.2659732 + t * (0.0360768 + t * 0.0045813))))));
  }
  const t = 3.75 / z;
  return (0.39894228 + t * (0.01328592 + t * (0.00225319 + t * (-0.00157565 + t * (0.00916281 +
                    t * (-0.02057706 + t * (0.02635537 + t * (-0.01647633 + t * 0.00392377)))))))) /
    Math.sqrt(z);
}
