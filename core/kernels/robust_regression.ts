/**
 * Linear least squares that trusts points far from the rest less and less.
 *
 * Iteratively reweighted least squares with Tukey's biweight: a point that is off by t scales has the
 * weight (1 - (t / 4.685)^2)^2, and none beyond, which keeps 95 % of the efficiency among normal errors.
 * The scale is the median absolute residual over 0.6745.
 *
 * Cost: n p^2 a round.
 *
 * @see Beaton and Tukey, Technometrics 16 (1974) 147. https://doi.org/10.1080/00401706.1974.10489171
 *
 * @module
 */
import { factorInPlace, solveInPlace } from "./least_squares.ts";

/** Residuals beyond this many scales get no weight. */
const TUKEY_LIMIT = 4.685;

/** Rounds of reweighting; weights settle in fewer. */
const ROUNDS = 20;

/** Rounds end when no parameter changes by this share of the largest. */
const SETTLED = 1e-10;

/** The weight of a residual of t scales, 1 to 0. */
export function tukeyWeight(t: number): number {
  const u = (t / TUKEY_LIMIT) * (t / TUKEY_LIMIT);
  return u < 1 ? (1 - u) * (1 - u) : 0;
}

/** The middle value of n numbers, which are put out of order; the upper of two; NaN for none. */
export function medianInPlace(values: Float64Array): number {
  values.sort();
  return values.length > 0 ? values[values.length >> 1] : NaN;
}

/**
 * Fits y = design * out, robustly.
 *
 * @param design n rows of p numbers
 * @param y n numbers
 * @param weight receives the weights of the points, 1 to 0
 * @param out receives p parameters
 * @returns the scale of the residuals, a standard deviation for normal ones; NaN if the points do not
 *   determine the parameters
 *
 * @example A line through points of which one is far off
 * ```ts
 * import { robustFit } from "@core/kernels";
 * import { assertClose } from "@assert";
 *
 * const x = [0, 1, 2, 3, 4, 5], y = Float64Array.of(1, 3, 5, 7, 90, 11);
 * const design = Float64Array.from(x.flatMap((v) => [1, v]));
 * const line = new Float64Array(2);
 * robustFit(design, y, new Float64Array(6), line);
 * assertClose(line[1], 2, 1e-6);
 * ```
 */
export function robustFit(
  design: Float64Array,
  y: Float64Array,
  weight: Float64Array,
  out: Float64Array,
): number {
  const n = y.length, p = out.length;
  const matrix = new Float64Array(p * p), right = new Float64Array(p), unit = new Float64Array(p);
  const residual = new Float64Array(n), sorted = new Float64Array(n);
  weight.fill(1);
  let scale = NaN;
  for (let round = 0; round < ROUNDS; round++) {
    normalEquations(design, y, weight, matrix, right);
    if (!factorInPlace(matrix, p, p, unit)) return NaN;
    solveInPlace(matrix, p, p, unit, right, 0);
    let change = 0, largest = 0;
    for (let k = 0; k < p; k++) {
      change = Math.max(change, Math.abs(right[k] - out[k]));
      largest = Math.max(largest, Math.abs(right[k]));
      out[k] = right[k];
    }
    for (let i = 0; i < n; i++) {
      let fitted = 0;
      for (let k = 0; k < p; k++) fitted += design[i * p + k] * out[k];
      residual[i] = y[i] - fitted;
      sorted[i] = Math.abs(residual[i]);
    }
    scale = medianInPlace(sorted) / 0.6745;
    if (round > 0 && change <= SETTLED * largest) break;
    if (!(scale > 0)) {
      // More than half of the points fit exactly; only those count.
      for (let i = 0; i < n; i++) weight[i] = residual[i] === 0 ? 1 : 0;
      return 0;
    }
    for (let i = 0; i < n; i++) weight[i] = tukeyWeight(residual[i] / scale);
  }
  return scale;
}

function normalEquations(
  design: Float64Array,
  y: Float64Array,
  weight: Float64Array,
  matrix: Float64Array,
  right: Float64Array,
): void {
  const p = right.length;
  matrix.fill(0);
  right.fill(0);
  for (let i = 0; i < y.length; i++) {
    const w = weight[i];
    if (w === 0) continue;
    for (let r = 0; r < p; r++) {
      const left = w * design[i * p + r];
      right[r] += left * y[i];
      for (let c = 0; c <= r; c++) matrix[r * p + c] += left * design[i * p + c];
    }
  }
}
