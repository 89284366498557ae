/**
 * One step of one column in a joint fit.
 *
 * @module
 */
import {
  COLUMN_STRIDE,
  ColumnField,
  factorInPlace,
  NORMAL_SIZE,
  normalEquations,
  replaceGaussianInPlace,
  solveInPlace,
  SumsField,
} from "@core/kernels";
import {
  addPlacePrior,
  Backdrop,
  type FitState,
  Freedom,
  freeRows,
  moveWithin,
  StepOutcome,
  type StepScratch,
  sumsOf,
} from "./_fit_state.ts";
import { addShapePrior, boundShape, changeShape } from "./_shape.ts";
import { gatherShape } from "./_shared_shape.ts";

/** Longest move of one step, in widths: beyond it the linearization is no guide. */
const LONGEST_STEP = 0.6;

/** A column is visited again while a step changes a number by more than this many of its errors. */
const STEP_TOLERANCE = 0.05;

/** Weight of height, shape and background in that: they are tied, so each alone has a small error. */
const SHAPE_STEP_WEIGHT = 0.1;

const ROWS = Object.values(Backdrop).map((backdrop) =>
  Object.values(Freedom).map((freedom) => freeRows(freedom, backdrop))
);

/**
 * One Gauss-Newton step of column i, its neighbors as they are in the model. With `draw` the model
 * image follows; without it the column must not be in the model.
 */
export function stepColumn(fit: FitState, i: number, draw: boolean): void {
  const { columns, scratch } = fit;
  const { sums, matrix, vector, reduced, change, scale } = scratch;
  const at = i * COLUMN_STRIDE;
  moveWindow(fit, i);
  sumsOf(fit, i, sums);
  normalEquations(sums, matrix, vector);
  const freedom = fit.freedom;
  const rows = ROWS[fit.backdrop][freedom];
  const n = rows.length;
  if (freedom !== Freedom.FixedShape) addShapePrior(fit, at);
  reduceSystem(scratch, rows);
  if (sums[SumsField.Pixels] <= n || !factorInPlace(reduced, n, NORMAL_SIZE, scale)) {
    fit.outcome[i] = StepOutcome.Singular;
    fit.step[i] = 0;
    fit.ownVariance[i] = Infinity;
    return;
  }
  solveInPlace(reduced, n, NORMAL_SIZE, scale, change, 0);
  keepOwnBackground(fit, i, n);
  if (fit.shapeOpen && draw && fit.whole[i] === 1) gatherShape(fit, at, rows);
  // What neighbors and the start say comes last: the above is of the column's own pixels.
  addBackgroundPrior(fit, i);
  addPlacePrior(fit, i, fit.startSpread);
  reduceSystem(scratch, rows);
  factorInPlace(reduced, n, NORMAL_SIZE, scale);
  solveInPlace(reduced, n, NORMAL_SIZE, scale, change, 0);
  let step = 0;
  for (let r = 0; r < n; r++) {
    const part = r === 1 || r === 2 ? 1 : SHAPE_STEP_WEIGHT;
    step = Math.max(step, part * Math.abs(change[r]) / scale[r]);
  }
  // Where the model leaves more over than the noise, errors are larger, but the fit is to end all the same.
  fit.step[i] = step * Math.sqrt(fit.misfit);
  const { before } = scratch;
  for (let k = 0; k < COLUMN_STRIDE; k++) before[k] = columns[at + k];
  applyChange(fit, i, rows);
  if (!draw) return;
  replaceGaussianInPlace(fit.model, fit.width, fit.height, before, 0, columns, i, fit.reach);
}

/** The window follows the column, but not its last hundredths: so the set of pixels settles. */
function moveWindow(fit: FitState, i: number): void {
  const x = fit.columns[i * COLUMN_STRIDE], y = fit.columns[i * COLUMN_STRIDE + 1];
  const dx = x - fit.windowX[i], dy = y - fit.windowY[i];
  if (dx * dx + dy * dy < 0.01) return;
  fit.windowX[i] = x;
  fit.windowY[i] = y;
}

/** Draws the background toward that of the neighbors. */
function addBackgroundPrior(fit: FitState, i: number): void {
  const strength = 1 / fit.backgroundSpread;
  if (!(strength > 0) || fit.backdrop === Backdrop.Common) return;
  if (Number.isNaN(fit.backgroundMean[i])) return;
  const background = fit.columns[i * COLUMN_STRIDE + ColumnField.Background];
  fit.scratch.matrix[6 * NORMAL_SIZE + 6] += strength;
  fit.scratch.vector[6] += strength * (fit.backgroundMean[i] - background);
}

/** Notes what the column's own pixels say of its background. */
function keepOwnBackground(fit: FitState, i: number, n: number): void {
  if (fit.backdrop === Backdrop.Common) return;
  const { reduced, change, scale, tied } = fit.scratch;
  const row = fit.backdrop === Backdrop.Plane ? n - 3 : n - 1;
  fit.ownBackground[i] = fit.columns[i * COLUMN_STRIDE + ColumnField.Background] + change[row];
  tied.fill(0, 0, n);
  tied[row] = 1;
  solveInPlace(reduced, n, NORMAL_SIZE, scale, tied, 0);
  fit.ownVariance[i] = tied[row];
}

/** The normal equations of the free numbers only. */
function reduceSystem(scratch: StepScratch, rows: readonly (readonly number[])[]): void {
  const { matrix, vector, reduced, change } = scratch;
  for (let r = 0; r < rows.length; r++) {
    let right = 0;
    for (const p of rows[r]) right += vector[p];
    change[r] = right;
    for (let c = 0; c <= r; c++) {
      let sum = 0;
      for (const p of rows[r]) for (const q of rows[c]) sum += matrix[p * NORMAL_SIZE + q];
      reduced[r * NORMAL_SIZE + c] = sum;
    }
  }
}

/** Turns the change of the factors into one of the column's numbers, within bounds. */
function applyChange(fit: FitState, i: number, rows: readonly (readonly number[])[]): void {
  const { columns } = fit;
  const { change } = fit.scratch;
  const at = i * COLUMN_STRIDE;
  const n = rows.length;
  const top = columns[at + ColumnField.Height] + change[0];
  if (fit.backdrop === Backdrop.Own) {
    columns[at + ColumnField.Background] += change[n - 1];
  } else if (fit.backdrop === Backdrop.Plane) {
    columns[at + ColumnField.Background] += change[n - 3];
    columns[at + ColumnField.SlopeX] += change[n - 2];
    columns[at + ColumnField.SlopeY] += change[n - 1];
  }
  if (!(top > 0)) {
    columns[at + ColumnField.Height] = 0;
    fit.outcome[i] = StepOutcome.NoHeight;
    return;
  }
  fit.outcome[i] = StepOutcome.Done;
  columns[at + ColumnField.Height] = top;
  // The factors of E dx and E dy are top * P * (move); the new height makes the step exact sooner.
  const pxx = columns[at + 3], pxy = columns[at + 4], pyy = columns[at + 5];
  const determinant = pxx * pyy - pxy * pxy;
  let dx = (pyy * change[1] - pxy * change[2]) / (determinant * top);
  let dy = (pxx * change[2] - pxy * change[1]) / (determinant * top);
  const longest = LONGEST_STEP / Math.sqrt(Math.sqrt(determinant));
  const length = Math.sqrt(dx * dx + dy * dy);
  if (length > longest) {
    dx *= longest / length;
    dy *= longest / length;
  }
  moveWithin(fit, i, columns[at] + dx, columns[at + 1] + dy);
  if (fit.freedom === Freedom.FixedShape) return;
  const circular = fit.freedom === Freedom.Circular;
  changeShape(
    columns,
    at + ColumnField.Pxx,
    -2 * change[3] / top,
    circular ? 0 : -change[4] / top,
    -2 * change[circular ? 3 : 5] / top,
  );
  boundShape(columns, at + ColumnField.Pxx, fit.shape);
}

/** Marks a column, and its neighbors where it still moves, for another visit. */
export function markActive(fit: FitState, i: number): void {
  if (fit.step[i] <= STEP_TOLERANCE) {
    fit.active[i] = 0;
    return;
  }
  fit.active[i] = 1;
  if (fit.step[i] <= 3 * STEP_TOLERANCE) return;
  for (let k = fit.neighborStart[i]; k < fit.neighborStart[i + 1]; k++) {
    fit.active[fit.neighbor[k]] = 1;
  }
}
