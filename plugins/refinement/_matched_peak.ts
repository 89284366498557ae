/**
 * Columns by matched filter: the best place of one template, the same for all columns.
 *
 * Each pixel is compared with background + other columns + height * exp(-r^2 / 2 s^2) around (x, y),
 * weighted by 1 / variance. For even noise and a lone column the best place is exactly the maximum of
 * the image blurred with a Gaussian of s; among others it is that of the blurred image without them.
 * The width s is that of all columns, the background is what is left over, blurred widely (the wide
 * Gaussian of a difference of Gaussians), heights are drawn together as far as noise explains how they
 * differ. So a column has little more than its two coordinates to find.
 *
 * Pixels are positive up, row-major; pixel center = integer. Cost O(n s^2) a sweep.
 *
 * @module
 */
import {
  createKdTree,
  factorInPlace,
  gaussianBlur,
  neighborsWithin,
  solveInPlace,
} from "@core/kernels";
import { lineOfNoise, type NoiseLine } from "./_line_of_noise.ts";
import { firstNoise, smallestVariance } from "./_noise.ts";
import { startProfile } from "./_start_profile.ts";

/** The template ends here, in widths; what is drawn of a column ends at {@linkcode DRAWN}. */
const REACH = 3;
const DRAWN = 5;

/** Widths of the first passes, in widths of a column: wide maxima are found from far away. */
const WIDE_PASSES = [1.5, 1.25, 1, 1];

/** The blur that gives the background, in spacings; of a lone column in widths. */
const BACKGROUND_SPACINGS = 1.5;
const BACKGROUND_WIDTHS = 4;

/** What a pixel at a column's top counts for the background, against 1 of one far from columns. */
const LEAST_SHARE = 1e-3;

/** Longest step, in widths. */
const LONGEST_STEP = 0.5;

/** Farthest from the start, in spacings; of a lone column in widths. */
const LONGEST_MOVE = 0.5;
const LONGEST_MOVE_ALONE = 3;

/** A shorter move is none, px. */
const SETTLED = 1e-7;

/** Sweeps end when columns move by less than this many of their errors. */
const SETTLED_ERRORS = 0.01;

/** Most rounds, and most sweeps of one, between measurements of background, heights and noise. */
const ROUNDS = 12;
const SWEEPS = 4;

/** Median signal-to-noise ratio of a pixel above which the width is fitted around the places found. */
const FREE_WIDTH_SNR = 2.5;

/** A height that noise alone gives once in a few thousand columns. */
const LOWEST_SNR = 3.5;

/** Starts whose columns end nearer than this many spacings are one column. */
const MERGE_DISTANCE = 0.3;

/** Narrowest and widest columns, px. */
const WIDTHS = [0.5, 60] as const;

/** Most the width may change at a time, relative. */
const LARGEST_WIDENING = 0.15;

/** Columns between two reports. */
const BLOCK = 500;

/** What became of a column. */
export const MatchOutcome = { Ok: 0, Weak: 1, Moved: 2, Diverged: 3, Overlap: 4 } as const;

/** All columns and what is known of each. */
export interface Matched {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly height: Float64Array;
  readonly background: Float64Array;
  readonly varX: Float64Array;
  readonly varY: Float64Array;
  readonly covXY: Float64Array;
  /** As of {@linkcode MatchOutcome}. */
  readonly outcome: Uint8Array;
  /** Width of all columns, px. */
  sigma: number;
  /** Median over columns: height over the noise of a pixel at half of it. */
  snr: number;
  noise: NoiseLine;
}

/** What is given. */
export interface MatchSettings {
  /** Typical distance of neighbors, px; Infinity for a lone column. */
  readonly spacing: number;
  /** Width of the columns, px. */
  readonly sigma: number | "auto";
}

/** A match on its way. */
interface Work extends Matched {
  readonly data: Float32Array;
  readonly width: number;
  readonly imageHeight: number;
  /** Sum of all columns, and what is under them. */
  readonly model: Float64Array;
  readonly ground: Float64Array;
  readonly startX: Float64Array;
  readonly startY: Float64Array;
  /** The height a column has in the model. */
  readonly drawn: Float64Array;
  readonly errorHeight: Float64Array;
  readonly merged: Int32Array;
  readonly spacing: number;
  readonly longestMove: number;
  readonly ex: Float64Array;
  readonly ey: Float64Array;
  /** Width of the template, px. */
  template: number;
}

/** Finds all columns; yields a fraction done, below 1. */
export function* matchColumns(
  data: Float32Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  settings: MatchSettings,
): Generator<number, Matched> {
  const work = begin(data, width, height, x, y, settings);
  drawAll(work);
  for (const [pass, factor] of WIDE_PASSES.entries()) {
    work.template = work.sigma * factor;
    yield* sweeps(work, SWEEPS, 0.3 * pass / WIDE_PASSES.length);
    settle(work, false);
  }
  // Among few counts the mean column around fitted places looks narrow: they follow the noise.
  const isWidthFree = settings.sigma === "auto" && typicalSnr(work) > FREE_WIDTH_SNR;
  for (let round = 0; round < ROUNDS; round++) {
    work.template = work.sigma;
    const left = yield* sweeps(work, SWEEPS, 1 - 0.7 * Math.pow(0.75, round));
    merge(work);
    const changed = settle(work, isWidthFree);
    if (round >= 2 && left < SETTLED_ERRORS && changed < 1e-4) break;
  }
  finish(work);
  return work;
}

function begin(
  data: Float32Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  { spacing, sigma: given }: MatchSettings,
): Work {
  const n = x.length;
  const profile = startProfile(data, width, height, x, y, spacing);
  const sigma = given === "auto" ? profile.sigma : given;
  const { variance } = firstNoise(data, width, height);
  const size = 2 * Math.ceil(DRAWN * WIDTHS[1] * 2) + 3;
  const column = () => new Float64Array(n);
  const work: Work = {
    data,
    width,
    imageHeight: height,
    x: x.slice(),
    y: y.slice(),
    height: column().fill(Math.max(0, profile.height)),
    background: column(),
    varX: column(),
    varY: column(),
    covXY: column(),
    outcome: new Uint8Array(n),
    sigma,
    snr: 0,
    noise: { variance, gain: 0, floor: variance },
    model: new Float64Array(data.length),
    ground: new Float64Array(data.length).fill(profile.background),
    startX: x,
    startY: y,
    drawn: column().fill(Math.max(0, profile.height)),
    errorHeight: column(),
    merged: new Int32Array(n).fill(-1),
    spacing,
    longestMove: Number.isFinite(spacing) ? LONGEST_MOVE * spacing : LONGEST_MOVE_ALONE * sigma,
    ex: new Float64Array(size),
    ey: new Float64Array(size),
    template: sigma,
  };
  return work;
}

/** Sweeps over all columns; returns the rms of the last move, in errors. */
function* sweeps(work: Work, most: number, from: number): Generator<number, number> {
  const { x } = work;
  let left = Infinity;
  for (let sweep = 0; sweep < most && left > SETTLED_ERRORS; sweep++) {
    let sum = 0, n = 0;
    for (let i = 0; i < x.length; i++) {
      if (work.merged[i] < 0) {
        sum += step(work, i) ** 2;
        n++;
      }
      if (i % BLOCK === BLOCK - 1) yield from;
    }
    left = Math.sqrt(sum / Math.max(1, n));
  }
  yield from;
  return left;
}

/** One Gauss-Newton step of a column, the others' model taken away; returns its length in errors. */
function step(work: Work, i: number): number {
  const { data, width, imageHeight, model, ground, noise, ex, ey } = work;
  const cx = work.x[i], cy = work.y[i], drawn = work.drawn[i], sigma = work.template;
  const reach = Math.max(REACH * sigma, 1.5);
  const left = Math.max(0, Math.ceil(cx - reach));
  const right = Math.min(width - 1, Math.floor(cx + reach));
  const top = Math.max(0, Math.ceil(cy - reach));
  const bottom = Math.min(imageHeight - 1, Math.floor(cy + reach));
  const p = 1 / (sigma * sigma);
  for (let u = left; u <= right; u++) ex[u - left] = Math.exp(-0.5 * p * (u - cx) * (u - cx));
  for (let v = top; v <= bottom; v++) ey[v - top] = Math.exp(-0.5 * p * (v - cy) * (v - cy));
  const { variance, gain, floor } = noise;
  const isSame = sigma === work.sigma;
  const p0 = 1 / (work.sigma * work.sigma);
  // Sums over variance: of template t and column g, with the derivatives of both, and of what is left r.
  let tg = 0, tt = 0, tx = 0, ty = 0, xx = 0, xy = 0, yy = 0, nxx = 0, nxy = 0, nyy = 0;
  let rt = 0, rx = 0, ry = 0;
  for (let v = top; v <= bottom; v++) {
    const fy = v - cy, row = v * width, tv = ey[v - top];
    for (let u = left; u <= right; u++) {
      const fx = u - cx, k = row + u;
      const t = ex[u - left] * tv;
      const g = isSame ? t : Math.exp(-0.5 * p0 * (fx * fx + fy * fy));
      const mean = ground[k] + model[k];
      const w = t / Math.max(floor, variance + gain * mean);
      const r = data[k] - mean + drawn * g;
      const wg = w * g, wt = w * t, wr = w * r, wgx = wg * fx, wtx = wt * fx;
      tg += wg;
      tt += wt;
      tx += wgx;
      ty += wg * fy;
      xx += wgx * fx;
      xy += wgx * fy;
      yy += wg * fy * fy;
      nxx += wtx * fx;
      nxy += wtx * fy;
      nyy += wt * fy * fy;
      rt += wr;
      rx += wr * fx;
      ry += wr * fy;
    }
  }
  const free = tg > 0 ? rt / tg : 0;
  work.height[i] = free;
  work.errorHeight[i] = tg > 0 ? Math.sqrt(tt) / tg : Infinity;
  const scale = Math.max(drawn, 0) * p0;
  // Of the place, with the height free.
  const mxx = xx - tx * tx / tg, mxy = xy - tx * ty / tg, myy = yy - ty * ty / tg;
  const det = mxx * myy - mxy * mxy;
  if (!(det > 0) || !(scale > 0)) {
    work.varX[i] = work.varY[i] = Infinity;
    work.covXY[i] = 0;
    return 0;
  }
  const h2 = (det * scale) ** 2;
  work.varX[i] = (myy * myy * nxx - 2 * myy * mxy * nxy + mxy * mxy * nyy) / h2;
  work.varY[i] = (mxy * mxy * nxx - 2 * mxx * mxy * nxy + mxx * mxx * nyy) / h2;
  work.covXY[i] = (-mxy * myy * nxx + (mxx * myy + mxy * mxy) * nxy - mxx * mxy * nyy) / h2;
  const qx = (rx - free * tx) / scale, qy = (ry - free * ty) / scale;
  let dx = (myy * qx - mxy * qy) / det, dy = (mxx * qy - mxy * qx) / det;
  const length = Math.hypot(dx, dy), longest = LONGEST_STEP * sigma;
  if (length > longest) {
    dx *= longest / length;
    dy *= longest / length;
  }
  move(work, i, cx + dx, cy + dy);
  const moved = Math.hypot(work.x[i] - cx, work.y[i] - cy);
  return moved < SETTLED ? 0 : moved / Math.sqrt(work.varX[i] + work.varY[i]);
}

/** Moves a column in the model, not farther from its start than it may. */
function move(work: Work, i: number, x: number, y: number): void {
  const { startX, startY, longestMove, width, imageHeight } = work;
  const away = Math.hypot(x - startX[i], y - startY[i]);
  const keep = away > longestMove ? longestMove / away : 1;
  addColumn(work, i, -1);
  work.x[i] = Math.min(width - 0.5, Math.max(-0.5, startX[i] + keep * (x - startX[i])));
  work.y[i] = Math.min(imageHeight - 0.5, Math.max(-0.5, startY[i] + keep * (y - startY[i])));
  addColumn(work, i, 1);
}

/** Adds a column to the model or takes it away. */
function addColumn(work: Work, i: number, factor: number): void {
  const { model, width, imageHeight, sigma, ex } = work;
  const cx = work.x[i], cy = work.y[i], top = factor * work.drawn[i];
  if (top === 0) return;
  const reach = DRAWN * sigma, p = 0.5 / (sigma * sigma);
  const left = Math.max(0, Math.ceil(cx - reach));
  const right = Math.min(width - 1, Math.floor(cx + reach));
  const bottom = Math.min(imageHeight - 1, Math.floor(cy + reach));
  for (let u = left; u <= right; u++) ex[u - left] = Math.exp(-p * (u - cx) * (u - cx));
  for (let v = Math.max(0, Math.ceil(cy - reach)); v <= bottom; v++) {
    const e = top * Math.exp(-p * (v - cy) * (v - cy)), row = v * width;
    for (let u = left; u <= right; u++) model[row + u] += e * ex[u - left];
  }
}

function drawAll(work: Work): void {
  work.model.fill(0);
  for (let i = 0; i < work.x.length; i++) if (work.merged[i] < 0) addColumn(work, i, 1);
}

/** The heights in the model: drawn toward the mean as far as their own noise explains their spread. */
function drawHeights(work: Work): void {
  const { height, errorHeight, drawn, merged } = work;
  let n = 0, sum = 0, square = 0, noise = 0;
  for (let i = 0; i < height.length; i++) {
    if (merged[i] >= 0 || !Number.isFinite(errorHeight[i])) continue;
    n++;
    sum += height[i];
    square += height[i] * height[i];
    noise += errorHeight[i] * errorHeight[i];
  }
  const mean = Math.max(0, n > 0 ? sum / n : 0);
  const spread = n > 1 ? Math.max(0, (square - sum * sum / n - noise) / n) : Infinity;
  for (let i = 0; i < height.length; i++) {
    if (merged[i] >= 0) {
      drawn[i] = 0;
      continue;
    }
    const own = errorHeight[i] * errorHeight[i];
    const keep = spread === Infinity ? 1 : own > 0 ? spread / (spread + own) : 1;
    drawn[i] = Math.max(0, mean + keep * (height[i] - mean));
  }
}

/** The background: what is left over, blurred widely, foremost of the pixels between the columns. */
function measureGround(work: Work): void {
  const { data, model, ground, width, imageHeight, spacing, sigma, drawn } = work;
  const rest = new Float32Array(data.length), share = new Float32Array(data.length);
  const margin = borderMargin(work);
  const shown = drawn.filter((h) => h > 0).sort();
  const top = shown.length > 0 ? shown[shown.length >> 1] : 0;
  for (let k = 0; k < rest.length; k++) {
    const dark = top > 0 ? Math.max(0, 1 - model[k] / top) : 1;
    const u = k % width, v = (k - u) / width;
    const isInside = u >= margin && v >= margin && u <= width - 1 - margin &&
      v <= imageHeight - 1 - margin;
    share[k] = isInside ? LEAST_SHARE + dark * dark * dark * dark : 1e-3 * LEAST_SHARE;
    rest[k] = share[k] * (data[k] - model[k]);
  }
  const wide = Number.isFinite(spacing)
    ? Math.max(BACKGROUND_SPACINGS * spacing, 2 * sigma)
    : BACKGROUND_WIDTHS * sigma;
  gaussianBlur(rest, width, imageHeight, wide, rest);
  gaussianBlur(share, width, imageHeight, wide, share);
  for (let k = 0; k < rest.length; k++) ground[k] = rest[k] / share[k];
}

function measureNoise(work: Work): void {
  const { data, model, ground, width, imageHeight } = work;
  const mean = new Float64Array(data.length);
  for (let k = 0; k < mean.length; k++) mean[k] = model[k] + ground[k];
  work.noise = lineOfNoise(data, mean, width, imageHeight, smallestVariance(data));
}

/**
 * What all columns have in common, for their places: one Gauss-Newton step of width, height and
 * background together. Returns how much the width changed, relative.
 */
function changeShared(work: Work, isWidthFree: boolean): number {
  const { data, model, ground, width, imageHeight, noise, sigma, drawn } = work;
  const widening = new Float64Array(data.length);
  for (let i = 0; i < drawn.length; i++) addWidening(work, i, widening);
  const margin = borderMargin(work);
  const sums = new Float64Array(9), right = new Float64Array(3), d = new Float64Array(3);
  const free = isWidthFree ? 3 : 2;
  for (let y = Math.ceil(margin); y < imageHeight - margin; y++) {
    for (let x = Math.ceil(margin); x < width - margin; x++) {
      const k = y * width + x;
      const mean = model[k] + ground[k], r = data[k] - mean;
      const w = 1 / Math.max(noise.floor, noise.variance + noise.gain * mean);
      d[0] = 1;
      d[1] = model[k];
      d[2] = widening[k];
      for (let a = 0; a < free; a++) {
        right[a] += w * d[a] * r;
        for (let b = 0; b <= a; b++) sums[3 * a + b] += w * d[a] * d[b];
      }
    }
  }
  const scale = new Float64Array(3);
  if (!factorInPlace(sums, free, 3, scale)) return 0;
  solveInPlace(sums, free, 3, scale, right, 0);
  const grown = Math.max(-0.5, Math.min(0.5, right[1]));
  for (let k = 0; k < ground.length; k++) ground[k] += right[0];
  for (let i = 0; i < drawn.length; i++) drawn[i] *= 1 + grown;
  if (!isWidthFree) return 0;
  const relative = Math.max(-LARGEST_WIDENING, Math.min(LARGEST_WIDENING, right[2]));
  work.sigma = Math.max(WIDTHS[0], Math.min(WIDTHS[1], sigma * (1 + relative)));
  return Math.abs(work.sigma / sigma - 1);
}

/** Nearer to the border columns beyond it shine, which are not in the model, px; 0 in small images. */
function borderMargin({ spacing, width, imageHeight }: Work): number {
  const margin = Number.isFinite(spacing) ? Math.ceil(spacing) : 0;
  return 4 * margin < Math.min(width, imageHeight) ? margin : 0;
}

/** Adds how the model of a column changes with the logarithm of its width. */
function addWidening(work: Work, i: number, out: Float64Array): void {
  const { width, imageHeight, sigma, ex } = work;
  const cx = work.x[i], cy = work.y[i], top = work.drawn[i];
  if (top === 0 || work.merged[i] >= 0) return;
  const reach = DRAWN * sigma, p = 1 / (sigma * sigma);
  const left = Math.max(0, Math.ceil(cx - reach));
  const right = Math.min(width - 1, Math.floor(cx + reach));
  const bottom = Math.min(imageHeight - 1, Math.floor(cy + reach));
  for (let u = left; u <= right; u++) ex[u - left] = Math.exp(-p / 2 * (u - cx) * (u - cx));
  for (let v = Math.max(0, Math.ceil(cy - reach)); v <= bottom; v++) {
    const yy = (v - cy) * (v - cy), e = top * Math.exp(-p / 2 * yy), row = v * width;
    for (let u = left; u <= right; u++) {
      out[row + u] += e * ex[u - left] * p * (yy + (u - cx) * (u - cx));
    }
  }
}

/** Heights, background, width and noise for the places as they are. */
function settle(work: Work, isWidthFree: boolean): number {
  drawHeights(work);
  drawAll(work);
  measureGround(work);
  const changed = changeShared(work, isWidthFree);
  drawAll(work);
  measureNoise(work);
  return changed;
}

/** Of two columns that ended in one place the one that came farther leaves. */
function merge(work: Work): void {
  const { x, y, startX, startY, merged, spacing, sigma } = work;
  const tree = createKdTree(x, y);
  const near = new Int32Array(16);
  const distance = Number.isFinite(spacing) ? MERGE_DISTANCE * spacing : 0.5 * sigma;
  const moved = (i: number) => Math.hypot(x[i] - startX[i], y[i] - startY[i]);
  for (let i = 0; i < x.length; i++) {
    if (merged[i] >= 0) continue;
    const found = Math.min(near.length, neighborsWithin(tree, x[i], y[i], distance, i, near));
    for (let k = 0; k < found && merged[i] < 0; k++) {
      const j = near[k];
      if (merged[j] >= 0) continue;
      const [stays, goes] = moved(i) <= moved(j) ? [i, j] : [j, i];
      merged[goes] = stays;
    }
  }
}

/** Variance of a pixel of so many expected counts. */
function pixelVariance({ floor, variance, gain }: NoiseLine, mean: number): number {
  return Math.max(floor, variance + gain * mean);
}

/** Median over columns of height over the noise of a pixel at half of it. */
function typicalSnr({ height, ground, x, y, width, imageHeight, noise, merged }: Work): number {
  const ratios: number[] = [];
  for (let i = 0; i < height.length; i++) {
    if (merged[i] >= 0) continue;
    const mean = ground[pixelOf(x[i], y[i], width, imageHeight)] + Math.max(0, height[i]) / 2;
    ratios.push(height[i] / Math.sqrt(pixelVariance(noise, mean)));
  }
  ratios.sort((a, b) => a - b);
  return ratios.length > 0 ? ratios[ratios.length >> 1] : 0;
}

function pixelOf(x: number, y: number, width: number, height: number): number {
  const u = Math.min(width - 1, Math.max(0, Math.round(x)));
  return Math.min(height - 1, Math.max(0, Math.round(y))) * width + u;
}

/** Errors, backgrounds, outcomes. */
function finish(work: Work): void {
  const { x, y, width, imageHeight, ground, merged, outcome, height, errorHeight } = work;
  for (let i = 0; i < x.length; i++) {
    if (merged[i] < 0) step(work, i);
    work.background[i] = ground[pixelOf(x[i], y[i], width, imageHeight)];
  }
  work.snr = typicalSnr(work);
  const inflation = heightInflation(work);
  for (let i = 0; i < x.length; i++) {
    if (merged[i] >= 0) continue;
    const away = Math.hypot(x[i] - work.startX[i], y[i] - work.startY[i]);
    outcome[i] = !Number.isFinite(work.varX[i])
      ? MatchOutcome.Diverged
      : !(height[i] > LOWEST_SNR * errorHeight[i])
      ? MatchOutcome.Weak
      : away > 0.9 * work.longestMove
      ? MatchOutcome.Moved
      : MatchOutcome.Ok;
    height[i] /= inflation;
    for (const list of [work.varX, work.varY, work.covXY]) list[i] *= inflation * inflation;
  }
  for (let i = 0; i < x.length; i++) {
    if (merged[i] < 0) continue;
    let stands = i;
    while (merged[stands] >= 0) stands = merged[stands];
    for (const list of [x, y, height, work.background, work.varX, work.varY, work.covXY]) {
      list[i] = list[stands];
    }
    outcome[i] = MatchOutcome.Overlap;
  }
}

/**
 * By how much heights at the best place are too high: two coordinates that follow the noise add twice
 * its variance to the mean square.
 */
function heightInflation({ height, errorHeight, merged }: Work): number {
  let square = 0, noise = 0;
  for (let i = 0; i < height.length; i++) {
    if (merged[i] >= 0 || !(height[i] > 0) || !Number.isFinite(errorHeight[i])) continue;
    square += height[i] * height[i];
    noise += 2 * errorHeight[i] * errorHeight[i];
  }
  return square > 0 ? 1 / Math.sqrt(Math.max(0.25, 1 - noise / square)) : 1;
}
