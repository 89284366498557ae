/**
 * The shape of a column in a joint fit: kept near the common one, and within bounds.
 *
 * @module
 */
import { ColumnField, NORMAL_SIZE } from "@core/kernels";
import type { FitState } from "./_fit_state.ts";

/** Largest relative change of the shape in one step. */
const LARGEST_SHAPE_STEP = 0.5;

/** How far a width may come from the common one, as a factor. */
export const WIDTH_LIMITS = [0.5, 2] as const;

/**
 * Spread, relative to the common precision, that the shape of one column is expected to have. It
 * steadies columns of few counts; where a column's own counts determine its width to 5 %, it moves
 * it by less than a hundredth of its difference from the others.
 */
const SHAPE_PRIOR = 0.8;

/** Draws the shape toward the common one, with the strength of {@linkcode SHAPE_PRIOR}. */
export function addShapePrior({ columns, shape, scratch }: FitState, at: number): void {
  const { matrix, vector } = scratch;
  const top = columns[at + ColumnField.Height];
  if (!(top > 0)) return;
  const spread = SHAPE_PRIOR * Math.sqrt(shape[0] * shape[2]) * top;
  for (let k = 0; k < 3; k++) {
    const toChange = k === 1 ? 1 : 0.5; // change of the factor for a change of the precision
    const strength = 1 / (spread * toChange) ** 2;
    matrix[(3 + k) * NORMAL_SIZE + 3 + k] += strength;
    vector[3 + k] -= strength * toChange * top * (shape[k] - columns[at + 3 + k]);
  }
}

/** Adds a change to a precision matrix, shortened so that it stays positive definite. */
export function changeShape(
  p: Float64Array,
  at: number,
  dxx: number,
  dxy: number,
  dyy: number,
): void {
  const pxx = p[at], pxy = p[at + 1], pyy = p[at + 2];
  // Relative to the matrix itself: L^-1 D L^-T with P = L L^T.
  const l11 = Math.sqrt(pxx), l21 = pxy / l11, l22 = Math.sqrt(pyy - l21 * l21);
  const a = dxx / pxx;
  const b = (dxy - a * l11 * l21) / (l11 * l22);
  const c = (dyy - 2 * b * l21 * l22 - a * l21 * l21) / (l22 * l22);
  const size = Math.sqrt(a * a + 2 * b * b + c * c);
  const keep = size > LARGEST_SHAPE_STEP ? LARGEST_SHAPE_STEP / size : 1;
  p[at] += keep * dxx;
  p[at + 1] += keep * dxy;
  p[at + 2] += keep * dyy;
}

/** Brings widths back between the limits around the common width. */
export function boundShape(p: Float64Array, at: number, shape: Float64Array): void {
  const common = Math.sqrt(shape[0] * shape[2] - shape[1] * shape[1]);
  const low = common / WIDTH_LIMITS[1] ** 2, high = common / WIDTH_LIMITS[0] ** 2;
  const mean = (p[at] + p[at + 2]) / 2, half = Math.hypot((p[at] - p[at + 2]) / 2, p[at + 1]);
  if (mean - half >= low && mean + half <= high) return;
  const small = Math.min(high, Math.max(low, mean - half));
  const large = Math.min(high, Math.max(low, mean + half));
  const shrink = half > 0 ? (large - small) / (2 * half) : 0;
  const middle = (large + small) / 2;
  const difference = shrink * (p[at] - p[at + 2]) / 2;
  p[at] = middle + difference;
  p[at + 2] = middle - difference;
  p[at + 1] *= shrink;
}
