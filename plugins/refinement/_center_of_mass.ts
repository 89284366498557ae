/**
 * Columns by their center of mass in a soft window.
 *
 * The center c is where sum w (I - b) (r - c) = 0 with w = exp(-|r - c|^2 / 2 s^2): that is the maximum of
 * the image blurred with a Gaussian of s. The second moments M under the window give the shape by
 * 1 / M = 1 / C + 1 / s^2, the mass under it the height. A background that is off by a constant moves
 * nothing, for the window is symmetric; near the border it is made narrower so that it stays so.
 *
 * Pixels are positive up, row-major; pixel center = integer. Cost O(n s^2) a pass.
 *
 * @module
 */
import { addGaussianInPlace, axesOfPrecision, COLUMN_STRIDE, gaussianBlur } from "@core/kernels";
import { lineOfNoise } from "./_line_of_noise.ts";
import { smallestVariance } from "./_noise.ts";
import type { FoundColumns } from "./_peak_rows.ts";

/** The window's weight is summed out to this many of its widths. */
const REACH = 3.5;

/** Smallest width of a window, px: below, pixels are too coarse. */
const NARROWEST = 0.7;

/** Passes end below this move, px. */
const SETTLED = 1e-4;

/** Blur before the background is looked for, and how far it is looked for, in window widths. */
const BACKGROUND_BLUR = 0.6;
const BACKGROUND_REACH = 3;

/** The background is the mean of this share of the pixels around, the darkest. */
const DARKEST = 0.2;

/** A column narrower or wider than this many window widths has no shape to tell. */
const SHAPE_LIMITS = [0.15, 3] as const;

/** Farthest from the start, in window widths: half a spacing for the automatic window. */
const LONGEST_MOVE = 2;

/** A mass below this many standard deviations of its noise is not clear of it. */
const WEAK_BELOW = 3.5;

/** Columns between two reports. */
const BLOCK = 500;

/** What became of a column, as of `OUTCOMES`. */
const Outcome = { Ok: 0, Weak: 1, Moved: 2, Diverged: 3 } as const;

/** Moments under a window. */
interface Moments {
  mass: number;
  x: number;
  y: number;
  xx: number;
  xy: number;
  yy: number;
}

/**
 * Finds all columns; yields a fraction done after every block, below 1.
 *
 * @param soft width of the window, px
 * @param passes most passes over one column
 */
export function* centerColumns(
  data: Float32Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  soft: number,
  passes: number,
): Generator<number, FoundColumns> {
  const n = x.length;
  const column = () => new Float64Array(n);
  const found: FoundColumns = {
    x: x.slice(),
    y: y.slice(),
    sigmaX: column(),
    sigmaY: column(),
    angle: column(),
    height: column(),
    background: column(),
    varX: column(),
    varY: column(),
    covXY: column(),
    outcome: new Uint8Array(n),
  };
  const smooth = new Float32Array(data.length);
  gaussianBlur(data, width, height, BACKGROUND_BLUR * soft, smooth);
  const model = new Float64Array(data.length);
  const columns = new Float64Array(n * COLUMN_STRIDE);
  const moments: Moments = { mass: 0, x: 0, y: 0, xx: 0, xy: 0, yy: 0 };
  for (let i = 0; i < n; i++) {
    centerOne(data, smooth, width, height, soft, passes, found, i, x[i], y[i], moments);
    const at = i * COLUMN_STRIDE;
    writeShape(found, i, moments, windowWidth(found, i, width, height, soft), columns, at);
    addGaussianInPlace(model, width, height, columns, i, 1, 5);
    if (i % BLOCK === BLOCK - 1) yield 0.8 * (i + 1) / n;
  }
  const level = n > 0 ? found.background.reduce((a, b) => a + b, 0) / n : 0;
  for (let k = 0; k < model.length; k++) model[k] += level;
  const noise = lineOfNoise(data, model, width, height, smallestVariance(data));
  const variance = model.map((m) => Math.max(noise.floor, noise.variance + noise.gain * m));
  for (let i = 0; i < n; i++) {
    writeErrors(
      data,
      variance,
      width,
      height,
      windowWidth(found, i, width, height, soft),
      found,
      i,
    );
    if (i % BLOCK === BLOCK - 1) yield 0.8 + 0.2 * (i + 1) / (n + 1);
  }
  return found;
}

/** Narrower near the border, so that hardly anything of it is cut off. */
function windowWidth(
  { x, y }: FoundColumns,
  i: number,
  width: number,
  height: number,
  soft: number,
): number {
  const left = Math.min(x[i], y[i], width - 1 - x[i], height - 1 - y[i]) + 0.5;
  return Math.max(NARROWEST, Math.min(soft, left / 2.5));
}

function centerOne(
  data: Float32Array,
  smooth: Float32Array,
  width: number,
  height: number,
  soft: number,
  passes: number,
  found: FoundColumns,
  i: number,
  startX: number,
  startY: number,
  moments: Moments,
): void {
  const longest = LONGEST_MOVE * soft;
  let last = Infinity;
  for (let pass = 0; pass < passes && last > SETTLED; pass++) {
    const s = windowWidth(found, i, width, height, soft);
    if (pass < 3) {
      found.background[i] = darkest(smooth, width, height, found.x[i], found.y[i], soft);
    }
    sumMoments(data, width, height, found.x[i], found.y[i], s, found.background[i], moments);
    if (!(moments.mass > 0)) break;
    // A Gaussian column of the window's second moment C answers a miss d by d s^2 / (C + s^2).
    const spread = (moments.xx + moments.yy) / 2;
    const answer = Math.max(0.2, Math.min(1, 1 - spread / (s * s)));
    let dx = moments.x / answer, dy = moments.y / answer;
    last = Math.hypot(dx, dy);
    if (last > s / 2) {
      dx *= s / 2 / last;
      dy *= s / 2 / last;
    }
    const x = found.x[i] + dx, y = found.y[i] + dy;
    const away = Math.hypot(x - startX, y - startY);
    const keep = away > longest ? longest / away : 1;
    found.x[i] = Math.min(width - 0.5, Math.max(-0.5, startX + keep * (x - startX)));
    found.y[i] = Math.min(height - 0.5, Math.max(-0.5, startY + keep * (y - startY)));
  }
  const s = windowWidth(found, i, width, height, soft);
  sumMoments(data, width, height, found.x[i], found.y[i], s, found.background[i], moments);
  const away = Math.hypot(found.x[i] - startX, found.y[i] - startY);
  found.outcome[i] = !(moments.mass > 0)
    ? Outcome.Weak
    : away > 0.9 * longest
    ? Outcome.Moved
    : last > 100 * SETTLED
    ? Outcome.Diverged
    : Outcome.Ok;
}

/** Mass, center relative to (cx, cy) and second moments around there. */
function sumMoments(
  data: Float32Array,
  width: number,
  height: number,
  cx: number,
  cy: number,
  s: number,
  background: number,
  out: Moments,
): void {
  const reach = REACH * s, p = -0.5 / (s * s);
  let mass = 0, sx = 0, sy = 0, xx = 0, xy = 0, yy = 0;
  const bottom = Math.min(height - 1, Math.floor(cy + reach));
  const right = Math.min(width - 1, Math.floor(cx + reach));
  for (let v = Math.max(0, Math.ceil(cy - reach)); v <= bottom; v++) {
    const dy = v - cy, wy = Math.exp(p * dy * dy);
    for (let u = Math.max(0, Math.ceil(cx - reach)); u <= right; u++) {
      const dx = u - cx;
      const w = wy * Math.exp(p * dx * dx) * (data[v * width + u] - background);
      mass += w;
      sx += w * dx;
      sy += w * dy;
      xx += w * dx * dx;
      xy += w * dx * dy;
      yy += w * dy * dy;
    }
  }
  const by = mass > 0 ? 1 / mass : 0;
  out.mass = mass;
  out.x = sx * by;
  out.y = sy * by;
  out.xx = xx * by;
  out.xy = xy * by;
  out.yy = yy * by;
}

/** Mean of the darkest pixels around. */
function darkest(
  smooth: Float32Array,
  width: number,
  height: number,
  cx: number,
  cy: number,
  soft: number,
): number {
  const reach = BACKGROUND_REACH * soft;
  const values: number[] = [];
  const bottom = Math.min(height - 1, Math.floor(cy + reach));
  const right = Math.min(width - 1, Math.floor(cx + reach));
  for (let v = Math.max(0, Math.ceil(cy - reach)); v <= bottom; v++) {
    for (let u = Math.max(0, Math.ceil(cx - reach)); u <= right; u++) {
      if ((u - cx) ** 2 + (v - cy) ** 2 <= reach * reach) values.push(smooth[v * width + u]);
    }
  }
  const sorted = Float64Array.from(values).sort();
  const used = Math.max(1, Math.floor(DARKEST * sorted.length));
  let sum = 0;
  for (let k = 0; k < Math.min(used, sorted.length); k++) sum += sorted[k];
  return sorted.length > 0 ? sum / used : 0;
}

/** The shape without the window, the height, and the column as the model has it. */
function writeShape(
  found: FoundColumns,
  i: number,
  { mass, xx, xy, yy }: Moments,
  s: number,
  columns: Float64Array,
  at: number,
): void {
  const determinant = xx * yy - xy * xy, window = 1 / (s * s);
  const low = 1 / (SHAPE_LIMITS[1] * s) ** 2, high = 1 / (SHAPE_LIMITS[0] * s) ** 2;
  let pxx = yy / determinant - window, pxy = -xy / determinant, pyy = xx / determinant - window;
  const middle = (pxx + pyy) / 2, half = Math.hypot((pxx - pyy) / 2, pxy);
  if (!(determinant > 0 && mass > 0 && middle - half >= low && middle + half <= high)) {
    const mean = determinant > 0 ? 1 / Math.sqrt(determinant) - window : low;
    pxx = pyy = Math.min(high, Math.max(low, mean));
    pxy = 0;
    if (found.outcome[i] === Outcome.Ok) found.outcome[i] = Outcome.Diverged;
  }
  const axes = new Float64Array(3);
  axesOfPrecision(pxx, pxy, pyy, axes);
  found.sigmaX[i] = axes[0];
  found.sigmaY[i] = axes[1];
  found.angle[i] = axes[2];
  const under = Math.sqrt((pxx + window) * (pyy + window) - pxy * pxy) / (2 * Math.PI);
  found.height[i] = Math.max(0, mass) * under;
  columns.set([found.x[i], found.y[i], found.height[i], pxx, pxy, pyy], at);
}

/** Errors: the noise of sum w I (r - c) over how much it changes with c. */
function writeErrors(
  data: Float32Array,
  variance: Float64Array,
  width: number,
  height: number,
  s: number,
  found: FoundColumns,
  i: number,
): void {
  const cx = found.x[i], cy = found.y[i], background = found.background[i];
  const reach = REACH * s, p = -0.5 / (s * s);
  let nn = 0, nxx = 0, nxy = 0, nyy = 0, mass = 0, dxx = 0, dxy = 0, dyy = 0;
  const bottom = Math.min(height - 1, Math.floor(cy + reach));
  const right = Math.min(width - 1, Math.floor(cx + reach));
  for (let v = Math.max(0, Math.ceil(cy - reach)); v <= bottom; v++) {
    const dy = v - cy, wy = Math.exp(p * dy * dy);
    for (let u = Math.max(0, Math.ceil(cx - reach)); u <= right; u++) {
      const dx = u - cx, k = v * width + u, w = wy * Math.exp(p * dx * dx);
      const noise = w * w * variance[k], light = w * (data[k] - background);
      nn += noise;
      nxx += noise * dx * dx;
      nxy += noise * dx * dy;
      nyy += noise * dy * dy;
      mass += light;
      dxx += light * (dx * dx / (s * s) - 1);
      dxy += light * dx * dy / (s * s);
      dyy += light * (dy * dy / (s * s) - 1);
    }
  }
  const det = dxx * dyy - dxy * dxy, d2 = det * det;
  const falls = det > 0 && dxx < 0;
  found.varX[i] = falls ? (dyy * dyy * nxx - 2 * dyy * dxy * nxy + dxy * dxy * nyy) / d2 : Infinity;
  found.varY[i] = falls ? (dxy * dxy * nxx - 2 * dxx * dxy * nxy + dxx * dxx * nyy) / d2 : Infinity;
  found.covXY[i] = falls
    ? (-dxy * dyy * nxx + (dxx * dyy + dxy * dxy) * nxy - dxx * dxy * nyy) / d2
    : 0;
  const isWeak = !(mass > WEAK_BELOW * Math.sqrt(nn));
  if (found.outcome[i] !== Outcome.Moved && isWeak) found.outcome[i] = Outcome.Weak;
}
