/**
 * The Gaussian model of a column, and the sums a least-squares fit of it needs.
 *
 * Column i of a list is the {@linkcode COLUMN_STRIDE} numbers from `i * COLUMN_STRIDE` on: x, y,
 * height A, the precision matrix pxx, pxy, pyy (the inverse of the covariance, so that no shape is
 * singular), background B and its slopes along x and y per px. With dx, dy from the column's center
 *
 *     E = exp(-(pxx dx^2 + 2 pxy dx dy + pyy dy^2) / 2),  picture = A E + B + slopeX dx + slopeY dy
 *
 * sampled at pixel centers. Derivatives by all parameters are E times a polynomial of degree 2 in dx
 * and dy, so the whole normal matrix follows from moments of the window: one pass, about twenty
 * multiplications a pixel, and no exponential but two a row.
 *
 * @see Mortensen et al., Optimized localization analysis for single-molecule tracking and
 * super-resolution microscopy, Nature Methods 7 (2010) 377. https://doi.org/10.1038/nmeth.1447
 *
 * @module
 */

/** Numbers a column takes in a list of columns. */
export const COLUMN_STRIDE = 9;

/** Places of the numbers of one column. */
export const ColumnField = {
  X: 0,
  Y: 1,
  Height: 2,
  Pxx: 3,
  Pxy: 4,
  Pyy: 5,
  Background: 6,
  SlopeX: 7,
  SlopeY: 8,
} as const;

/** Numbers that {@linkcode columnSums} writes. */
export const SUMS_LENGTH = 42;

/**
 * Places of the sums: moments dx^i dy^j of w E^2 (i + j <= 4), of w E (<= 3), of w (<= 2), of w E r
 * (<= 2) and of w r (<= 1), with w the weight and r the residual; rows of falling powers of dx, one
 * for each power of dy; then the sum of w r^2 and the number of pixels.
 */
export const SumsField = {
  E2: 0,
  E1: 15,
  E0: 25,
  R1: 31,
  R0: 37,
  ChiSquare: 40,
  Pixels: 41,
} as const;

/** Size of the normal matrix: E times 1, dx, dy, dx^2, dx dy, dy^2, then 1, dx, dy. */
export const NORMAL_SIZE = 9;

const POWER_X = [0, 1, 0, 2, 1, 0, 0, 1, 0];
const POWER_Y = [0, 0, 1, 0, 1, 2, 0, 0, 1];

/** First place of each power of dy in moments up to a degree. */
const rowStart = (degree: number, j: number) => j * (degree + 1) - (j * (j - 1)) / 2;

/** Which sum stands at each place of the normal matrix. */
const NORMAL_SUM = Int32Array.from({ length: NORMAL_SIZE * NORMAL_SIZE }, (_, k) => {
  const r = Math.floor(k / NORMAL_SIZE), c = k % NORMAL_SIZE;
  const i = POWER_X[r] + POWER_X[c], j = POWER_Y[r] + POWER_Y[c];
  const flat = (r >= 6 ? 1 : 0) + (c >= 6 ? 1 : 0);
  // A slope times a squared term would need a fourth field; no fit needs more than degree 3 there.
  if (flat === 0) return SumsField.E2 + rowStart(4, j) + i;
  if (flat === 1) return SumsField.E1 + rowStart(3, j) + i;
  return SumsField.E0 + rowStart(2, j) + i;
});

const VECTOR_SUM = Int32Array.from(
  { length: NORMAL_SIZE },
  (_, r) =>
    r < 6
      ? SumsField.R1 + rowStart(2, POWER_Y[r]) + POWER_X[r]
      : SumsField.R0 + rowStart(1, POWER_Y[r]) + POWER_X[r],
);

/**
 * Sums over the pixels of a round window of one column, for one step of a fit.
 *
 * The residual is `data - model - background`, where the model image holds all columns, this one
 * included: neighbors are thereby accounted for. The weight of a pixel is
 * `1 / max(floor, variance + gain * (model + background))`.
 *
 * @param data pixels, row by row
 * @param model sum of the Gaussians of all columns, without background
 * @param windowX center of the window, px; `radius` is that of the window
 * @param variance noise variance that does not depend on the signal, counts^2
 * @param gain slope of variance against mean: 1 for Poisson counts, 0 for even noise
 * @param sloped whether the moments that only a sloped background needs are summed too
 * @param out receives {@linkcode SUMS_LENGTH} numbers, in the places of {@linkcode SumsField}
 */
export function columnSums(
  data: Float32Array,
  model: Float64Array,
  width: number,
  height: number,
  columns: Float64Array,
  index: number,
  windowX: number,
  windowY: number,
  radius: number,
  variance: number,
  gain: number,
  floor: number,
  sloped: boolean,
  out: Float64Array,
): void {
  out.fill(0, 0, SUMS_LENGTH);
  const at = index * COLUMN_STRIDE;
  const x = columns[at], y = columns[at + 1];
  const pxx = columns[at + 3], pxy = columns[at + 4], pyy = columns[at + 5];
  const background = columns[at + 6], slopeX = columns[at + 7], slopeY = columns[at + 8];
  const evenWeight = 1 / Math.max(floor, variance);
  const decay = Math.exp(-pxx);
  const bottom = Math.min(height - 1, Math.floor(windowY + radius));
  for (let v = Math.max(0, Math.ceil(windowY - radius)); v <= bottom; v++) {
    const chord = Math.sqrt(radius * radius - (v - windowY) * (v - windowY));
    const left = Math.max(0, Math.ceil(windowX - chord));
    const right = Math.min(width - 1, Math.floor(windowX + chord));
    if (!(left <= right)) continue;
    const dy = v - y;
    let dx = left - x;
    let e = Math.exp(-0.5 * (pxx * dx * dx + 2 * pxy * dx * dy + pyy * dy * dy));
    let ratio = Math.exp(-pxx * (dx + 0.5) - pxy * dy);
    const rowBackground = background + slopeY * dy;
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0;
    let b0 = 0, b1 = 0, b2 = 0, b3 = 0;
    let c0 = 0, c1 = 0, c2 = 0;
    let d0 = 0, d1 = 0, d2 = 0;
    let f0 = 0, f1 = 0;
    let chiSquare = 0;
    const end = v * width + right;
    for (let k = v * width + left; k <= end; k++) {
      const mean = model[k] + rowBackground + slopeX * dx;
      const r = data[k] - mean;
      let w = evenWeight;
      if (gain !== 0) {
        const expected = variance + gain * mean;
        w = 1 / (expected > floor ? expected : floor);
      }
      const wr = w * r;
      const we = w * e;
      let t = we * e;
      a0 += t;
      t *= dx;
      a1 += t;
      t *= dx;
      a2 += t;
      t *= dx;
      a3 += t;
      t *= dx;
      a4 += t;
      b0 += we;
      t = we * dx;
      b1 += t;
      t *= dx;
      b2 += t;
      c0 += w;
      t = wr * e;
      d0 += t;
      t *= dx;
      d1 += t;
      t *= dx;
      d2 += t;
      f0 += wr;
      chiSquare += wr * r;
      if (sloped) {
        b3 += we * dx * dx * dx;
        t = w * dx;
        c1 += t;
        c2 += t * dx;
        f1 += wr * dx;
      }
      e *= ratio;
      ratio *= decay;
      dx += 1;
    }
    const dy2 = dy * dy, dy3 = dy2 * dy;
    out[0] += a0;
    out[1] += a1;
    out[2] += a2;
    out[3] += a3;
    out[4] += a4;
    out[5] += dy * a0;
    out[6] += dy * a1;
    out[7] += dy * a2;
    out[8] += dy * a3;
    out[9] += dy2 * a0;
    out[10] += dy2 * a1;
    out[11] += dy2 * a2;
    out[12] += dy3 * a0;
    out[13] += dy3 * a1;
    out[14] += dy2 * dy2 * a0;
    out[15] += b0;
    out[16] += b1;
    out[17] += b2;
    out[18] += b3;
    out[19] += dy * b0;
    out[20] += dy * b1;
    out[21] += dy * b2;
    out[22] += dy2 * b0;
    out[23] += dy2 * b1;
    out[24] += dy3 * b0;
    out[25] += c0;
    out[26] += c1;
    out[27] += c2;
    out[28] += dy * c0;
    out[29] += dy * c1;
    out[30] += dy2 * c0;
    out[31] += d0;
    out[32] += d1;
    out[33] += d2;
    out[34] += dy * d0;
    out[35] += dy * d1;
    out[36] += dy2 * d0;
    out[37] += f0;
    out[38] += f1;
    out[39] += dy * f0;
    out[40] += chiSquare;
    out[41] += right - left + 1;
  }
}

/**
 * The normal matrix and right-hand side of one step from the sums of a window, for the factors of
 * E, E dx, E dy, E dx^2, E dx dy, E dy^2, 1, dx, dy by which the picture should change.
 *
 * @param matrix receives 9 rows of 9; @param vector receives 9 numbers
 */
export function normalEquations(
  sums: Float64Array,
  matrix: Float64Array,
  vector: Float64Array,
): void {
  for (let k = 0; k < NORMAL_SIZE * NORMAL_SIZE; k++) matrix[k] = sums[NORMAL_SUM[k]];
  for (let r = 0; r < NORMAL_SIZE; r++) vector[r] = sums[VECTOR_SUM[r]];
}

/**
 * Sums that tie a column to a neighbor: moments dx^i dy^j around the column of w E E' (i + j <= 4, 15
 * numbers) and then of w E' (i + j <= 3, 10 numbers), E' being the neighbor's, over the pixels that are
 * in the windows of both: so the joint normal matrix of all stays positive definite.
 *
 * @param otherX center of the neighbor's window, px; other parameters as of {@linkcode columnSums}
 */
export function crossSums(
  model: Float64Array,
  width: number,
  height: number,
  columns: Float64Array,
  index: number,
  neighbor: number,
  windowX: number,
  windowY: number,
  otherX: number,
  otherY: number,
  radius: number,
  variance: number,
  gain: number,
  floor: number,
  out: Float64Array,
): void {
  out.fill(0, 0, 25);
  const at = index * COLUMN_STRIDE, other = neighbor * COLUMN_STRIDE;
  const x = columns[at], y = columns[at + 1];
  const pxx = columns[at + 3], pxy = columns[at + 4], pyy = columns[at + 5];
  const background = columns[at + 6];
  const shiftX = x - columns[other], shiftY = y - columns[other + 1];
  const qxx = columns[other + 3], qxy = columns[other + 4], qyy = columns[other + 5];
  const evenWeight = 1 / Math.max(floor, variance);
  const decay = Math.exp(-pxx), otherDecay = Math.exp(-qxx);
  const top = Math.max(0, Math.ceil(Math.max(windowY, otherY) - radius));
  const bottom = Math.min(height - 1, Math.floor(Math.min(windowY, otherY) + radius));
  for (let v = top; v <= bottom; v++) {
    const chord = Math.sqrt(radius * radius - (v - windowY) * (v - windowY));
    const otherChord = Math.sqrt(radius * radius - (v - otherY) * (v - otherY));
    const left = Math.max(0, Math.ceil(Math.max(windowX - chord, otherX - otherChord)));
    const right = Math.min(width - 1, Math.floor(Math.min(windowX + chord, otherX + otherChord)));
    if (!(left <= right)) continue;
    const dy = v - y, ey = dy + shiftY;
    let dx = left - x;
    const ex = dx + shiftX;
    let e = Math.exp(-0.5 * (pxx * dx * dx + 2 * pxy * dx * dy + pyy * dy * dy));
    let ratio = Math.exp(-pxx * (dx + 0.5) - pxy * dy);
    let f = Math.exp(-0.5 * (qxx * ex * ex + 2 * qxy * ex * ey + qyy * ey * ey));
    let otherRatio = Math.exp(-qxx * (ex + 0.5) - qxy * ey);
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0;
    let b0 = 0, b1 = 0, b2 = 0, b3 = 0;
    const end = v * width + right;
    for (let k = v * width + left; k <= end; k++) {
      let w = evenWeight;
      if (gain !== 0) {
        const expected = variance + gain * (model[k] + background);
        w = 1 / (expected > floor ? expected : floor);
      }
      let t = w * f;
      const u = t * e;
      b0 += t;
      t *= dx;
      b1 += t;
      t *= dx;
      b2 += t;
      b3 += t * dx;
      a0 += u;
      t = u * dx;
      a1 += t;
      t *= dx;
      a2 += t;
      t *= dx;
      a3 += t;
      a4 += t * dx;
      e *= ratio;
      ratio *= decay;
      f *= otherRatio;
      otherRatio *= otherDecay;
      dx += 1;
    }
    const dy2 = dy * dy, dy3 = dy2 * dy;
    out[0] += a0;
    out[1] += a1;
    out[2] += a2;
    out[3] += a3;
    out[4] += a4;
    out[5] += dy * a0;
    out[6] += dy * a1;
    out[7] += dy * a2;
    out[8] += dy * a3;
    out[9] += dy2 * a0;
    out[10] += dy2 * a1;
    out[11] += dy2 * a2;
    out[12] += dy3 * a0;
    out[13] += dy3 * a1;
    out[14] += dy2 * dy2 * a0;
    out[15] += b0;
    out[16] += b1;
    out[17] += b2;
    out[18] += b3;
    out[19] += dy * b0;
    out[20] += dy * b1;
    out[21] += dy * b2;
    out[22] += dy2 * b0;
    out[23] += dy2 * b1;
    out[24] += dy3 * b0;
  }
}

/**
 * The part of a joint normal matrix that ties a column (9 rows, as {@linkcode normalEquations}) to
 * the Gaussian of a neighbor (6 columns: its E' times 1, dx .. dy^2 around the first column).
 */
export function crossMatrix(sums: Float64Array, out: Float64Array): void {
  for (let r = 0; r < NORMAL_SIZE; r++) {
    for (let c = 0; c < 6; c++) {
      const i = POWER_X[r] + POWER_X[c], j = POWER_Y[r] + POWER_Y[c];
      out[r * 6 + c] = r < 6 ? sums[rowStart(4, j) + i] : sums[15 + rowStart(3, j) + i];
    }
  }
}

/**
 * Adds the Gaussian of one column to a model image, without its background.
 *
 * @param factor 1 to add, -1 to take away
 * @param reach where to stop, in standard deviations
 */
export function addGaussianInPlace(
  model: Float64Array,
  width: number,
  height: number,
  columns: Float64Array,
  index: number,
  factor: number,
  reach: number,
): void {
  const at = index * COLUMN_STRIDE;
  const x = columns[at], y = columns[at + 1], top = factor * columns[at + 2];
  const pxx = columns[at + 3], pxy = columns[at + 4], pyy = columns[at + 5];
  const determinant = pxx * pyy - pxy * pxy;
  const reachY = reach * Math.sqrt(pxx / determinant);
  const decay = Math.exp(-pxx);
  const bottom = Math.min(height - 1, Math.floor(y + reachY));
  for (let v = Math.max(0, Math.ceil(y - reachY)); v <= bottom; v++) {
    const dy = v - y;
    const middle = x - pxy * dy / pxx;
    const half = Math.sqrt(Math.max(0, pxx * reach * reach - determinant * dy * dy)) / pxx;
    const left = Math.max(0, Math.ceil(middle - half));
    const right = Math.min(width - 1, Math.floor(middle + half));
    if (!(left <= right)) continue;
    const dx = left - x;
    let e = top * Math.exp(-0.5 * (pxx * dx * dx + 2 * pxy * dx * dy + pyy * dy * dy));
    let ratio = Math.exp(-pxx * (dx + 0.5) - pxy * dy);
    const end = v * width + right;
    for (let k = v * width + left; k <= end; k++) {
      model[k] += e;
      e *= ratio;
      ratio *= decay;
    }
  }
}

/**
 * Replaces the Gaussian of a column in a model image by another one: as {@linkcode addGaussianInPlace}
 * with -1 and then with 1, in one pass. Where either ends, both are drawn on to the same pixel.
 *
 * @param before a list of columns that holds the old one at the index `old`
 */
export function replaceGaussianInPlace(
  model: Float64Array,
  width: number,
  height: number,
  before: Float64Array,
  old: number,
  columns: Float64Array,
  index: number,
  reach: number,
): void {
  const from = old * COLUMN_STRIDE, at = index * COLUMN_STRIDE;
  const x1 = before[from], y1 = before[from + 1], top1 = before[from + 2];
  const x2 = columns[at], y2 = columns[at + 1], top2 = columns[at + 2];
  const a1 = before[from + 3], b1 = before[from + 4], c1 = before[from + 5];
  const a2 = columns[at + 3], b2 = columns[at + 4], c2 = columns[at + 5];
  const det1 = a1 * c1 - b1 * b1, det2 = a2 * c2 - b2 * b2;
  const reach1 = reach * Math.sqrt(a1 / det1), reach2 = reach * Math.sqrt(a2 / det2);
  const decay1 = Math.exp(-a1), decay2 = Math.exp(-a2);
  const rowTop = Math.max(0, Math.ceil(Math.min(y1 - reach1, y2 - reach2)));
  const bottom = Math.min(height - 1, Math.floor(Math.max(y1 + reach1, y2 + reach2)));
  for (let v = rowTop; v <= bottom; v++) {
    const dy1 = v - y1, dy2 = v - y2;
    const half1 = Math.sqrt(Math.max(0, a1 * reach * reach - det1 * dy1 * dy1)) / a1;
    const half2 = Math.sqrt(Math.max(0, a2 * reach * reach - det2 * dy2 * dy2)) / a2;
    const middle1 = x1 - b1 * dy1 / a1, middle2 = x2 - b2 * dy2 / a2;
    const left = Math.max(0, Math.ceil(Math.min(middle1 - half1, middle2 - half2)));
    const right = Math.min(width - 1, Math.floor(Math.max(middle1 + half1, middle2 + half2)));
    if (!(left <= right)) continue;
    const dx1 = left - x1, dx2 = left - x2;
    let e1 = top1 * Math.exp(-0.5 * (a1 * dx1 * dx1 + 2 * b1 * dx1 * dy1 + c1 * dy1 * dy1));
    let e2 = top2 * Math.exp(-0.5 * (a2 * dx2 * dx2 + 2 * b2 * dx2 * dy2 + c2 * dy2 * dy2));
    let ratio1 = Math.exp(-a1 * (dx1 + 0.5) - b1 * dy1);
    let ratio2 = Math.exp(-a2 * (dx2 + 0.5) - b2 * dy2);
    const end = v * width + right;
    for (let k = v * width + left; k <= end; k++) {
      model[k] += e2 - e1;
      e1 *= ratio1;
      ratio1 *= decay1;
      e2 *= ratio2;
      ratio2 *= decay2;
    }
  }
}

/**
 * The axes of a precision matrix.
 *
 * @param out receives the larger and the smaller standard deviation, px, and the angle of the larger
 *   axis from x toward y, rad, above -pi/2 up to pi/2; 0 for a circle
 *
 * @example
 * ```ts
 * import { axesOfPrecision } from "@core/kernels";
 * import { assertClose } from "@assert";
 *
 * const axes = new Float64Array(3);
 * axesOfPrecision(1 / 4, 0, 1 / 9, axes); // 2 px along x, 3 px along y
 * assertClose(axes[0], 3, 1e-12);
 * assertClose(axes[2], Math.PI / 2, 1e-12);
 * ```
 */
export function axesOfPrecision(pxx: number, pxy: number, pyy: number, out: Float64Array): void {
  const mean = (pxx + pyy) / 2;
  const half = Math.hypot((pxx - pyy) / 2, pxy);
  out[0] = 1 / Math.sqrt(mean - half);
  out[1] = 1 / Math.sqrt(mean + half);
  // The long axis belongs to the smaller precision, hence the signs.
  out[2] = half < 1e-12 * mean ? 0 : 0.5 * Math.atan2(-2 * pxy, pyy - pxx);
  if (out[2] <= -Math.PI / 2) out[2] += Math.PI;
}

/** Writes the precision matrix of an ellipse at an offset of a list of columns; see {@linkcode axesOfPrecision}. */
export function precisionOfAxes(
  sigmaX: number,
  sigmaY: number,
  angle: number,
  out: Float64Array,
  offset: number,
): void {
  const c = Math.cos(angle), s = Math.sin(angle);
  const u = 1 / (sigmaX * sigmaX), v = 1 / (sigmaY * sigmaY);
  out[offset] = c * c * u + s * s * v;
  out[offset + 1] = c * s * (u - v);
  out[offset + 2] = s * s * u + c * c * v;
}
