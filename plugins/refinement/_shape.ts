/**
 * Shapes in a joint fit: a column's own, kept near the common one, and the one that all share.
 *
 * @module
 */
import {
  COLUMN_STRIDE,
  ColumnField,
  factorInPlace,
  NORMAL_SIZE,
  solveInPlace,
} from "@core/kernels";
import { drawModel, type FitState } from "./_fit_state.ts";

/** Largest relative change of the shape in one step. */
const LARGEST_SHAPE_STEP = 0.5;

/** Largest share by which a step of the shared shape is taken to fall short. */
const LARGEST_SHARE = 0.8;

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

/** Adds what this column says about the shared shape, its own numbers eliminated. */
export function gatherShape(fit: FitState, at: number, rows: readonly (readonly number[])[]): void {
  const { matrix, vector, reduced, change, scale, tied } = fit.scratch;
  const top = fit.columns[at + ColumnField.Height];
  if (!(top > 0)) return;
  const n = rows.length;
  for (let k = 0; k < 3; k++) {
    const toChange = -top * (k === 1 ? 1 : 0.5);
    for (let r = 0; r < n; r++) tied[r] = matrix[rows[r][0] * NORMAL_SIZE + 3 + k];
    let right = vector[3 + k];
    for (let r = 0; r < n; r++) right -= tied[r] * change[r];
    fit.shapeVector[k] += toChange * right;
    solveInPlace(reduced, n, NORMAL_SIZE, scale, tied, 0);
    for (let l = 0; l <= k; l++) {
      let sum = matrix[(3 + k) * NORMAL_SIZE + 3 + l];
      for (let r = 0; r < n; r++) sum -= tied[r] * matrix[rows[r][0] * NORMAL_SIZE + 3 + l];
      fit.shapeMatrix[k * 3 + l] += toChange * -top * (l === 1 ? 1 : 0.5) * sum;
    }
  }
}

/**
 * Changes the shape that all columns share by what they said since the last change, and draws the
 * model anew. Returns the change relative to its error.
 */
export function stepSharedShape(fit: FitState, circular: boolean): number {
  const { shape, shapeMatrix: m, shapeVector: v } = fit;
  let biggest = 0;
  const step = new Float64Array(3);
  if (circular) {
    const curvature = m[0] + 2 * m[6] + m[8];
    step[0] = step[2] = curvature > 0 ? (v[0] + v[2]) / curvature : 0;
    biggest = Math.abs(step[0]) * Math.sqrt(Math.max(0, curvature));
  } else {
    step.set(v);
    const spread = new Float64Array(3);
    if (factorInPlace(m, 3, 3, spread)) {
      solveInPlace(m, 3, 3, spread, step, 0);
      for (let k = 0; k < 3; k++) biggest = Math.max(biggest, Math.abs(step[k]) / spread[k]);
    } else step.fill(0);
  }
  m.fill(0);
  v.fill(0);
  if (biggest === 0) return 0;
  hasten(step, fit.shapeStep);
  changeShape(shape, 0, step[0], step[1], step[2]);
  for (let i = 0; i < fit.count; i++) fit.columns.set(shape, i * COLUMN_STRIDE + ColumnField.Pxx);
  drawModel(fit);
  return biggest;
}

/**
 * Lengthens every second step by what the steps to come would add: heights, backgrounds and shape are
 * tied between columns, so that each step falls short by much the same share.
 */
function hasten(step: Float64Array, last: Float64Array): void {
  let both = 0, square = 0;
  for (let k = 0; k < 3; k++) {
    both += step[k] * last[k];
    square += last[k] * last[k];
  }
  const share = square > 0 ? Math.min(LARGEST_SHARE, both / square) : 0;
  if (!(share > 0)) {
    last.set(step);
    return;
  }
  last.fill(0);
  for (let k = 0; k < 3; k++) step[k] /= 1 - share;
}
