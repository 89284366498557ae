/**
 * The shape that all columns share, while they are swept one by one.
 *
 * Each column says how the sum of squares changes with the shape once its own numbers are adjusted (a
 * Schur complement); what all say together gives one Gauss-Newton step. Numbers of neighboring columns
 * are tied, so that each step falls short by much the same share, and every second one is lengthened.
 *
 * @module
 */
import {
  COLUMN_STRIDE,
  ColumnField,
  factorInPlace,
  inverseOfFactor,
  NORMAL_SIZE,
  solveInPlace,
} from "@core/kernels";
import { drawModel, type FitState } from "./_fit_state.ts";
import { changeShape } from "./_shape.ts";

/** Largest share by which a step is taken to fall short. */
const LARGEST_SHARE = 0.8;

/** Change of a column's factor of dx^2, dx dy and dy^2 by one of the precision matrix, for height 1. */
const TO_FACTOR = [-0.5, -1, -0.5];

/** Adds what this column says about the shared shape, its own numbers eliminated. */
export function gatherShape(fit: FitState, at: number, rows: readonly (readonly number[])[]): void {
  const { matrix, vector, reduced, change, scale, tied } = fit.scratch;
  const top = fit.columns[at + ColumnField.Height];
  if (!(top > 0)) return;
  const n = rows.length;
  for (let k = 0; k < 3; k++) {
    const toChange = top * TO_FACTOR[k];
    for (let r = 0; r < n; r++) tied[r] = matrix[rows[r][0] * NORMAL_SIZE + 3 + k];
    let right = vector[3 + k];
    for (let r = 0; r < n; r++) right -= tied[r] * change[r];
    fit.shapeVector[k] += toChange * right;
    solveInPlace(reduced, n, NORMAL_SIZE, scale, tied, 0);
    for (let l = 0; l <= k; l++) {
      let sum = matrix[(3 + k) * NORMAL_SIZE + 3 + l];
      for (let r = 0; r < n; r++) sum -= tied[r] * matrix[rows[r][0] * NORMAL_SIZE + 3 + l];
      fit.shapeMatrix[k * 3 + l] += toChange * top * TO_FACTOR[l] * sum;
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
    if (curvature > 0) fit.sharedCovariance = Float64Array.of(1 / curvature);
  } else {
    step.set(v);
    const spread = new Float64Array(3);
    if (factorInPlace(m, 3, 3, spread)) {
      keepCovariance(fit, m, spread);
      solveInPlace(m, 3, 3, spread, step, 0);
      for (let k = 0; k < 3; k++) biggest = Math.max(biggest, Math.abs(step[k]) / spread[k]);
    } else step.fill(0);
  }
  m.fill(0);
  v.fill(0);
  if (biggest === 0) return 0;
  hasten(step, fit.shapeStep);
  changeShape(shape, 0, step[0], step[1], step[2]);
  fit.shapes = shape.slice();
  fit.group.fill(0);
  fit.shapeNumbers = shapeNumbers(1, circular);
  giveShapes(fit);
  return biggest;
}

function keepCovariance(fit: FitState, factor: Float64Array, scale: Float64Array): void {
  const inverse = new Float64Array(9);
  inverseOfFactor(factor, 3, 3, scale, inverse);
  fit.sharedCovariance = inverse;
}

/** A number of the shapes that all columns of a group share. */
export interface ShapeNumber {
  readonly group: number;
  /** Places in the precision matrix pxx, pxy, pyy that it is added to. */
  readonly rows: readonly number[];
}

/** The numbers of circles, one for each group, or of one ellipse. */
export function shapeNumbers(groups: number, isCircular: boolean): readonly ShapeNumber[] {
  return isCircular
    ? Array.from({ length: groups }, (_, group) => ({ group, rows: [0, 2] }))
    : [0, 1, 2].map((k) => ({ group: 0, rows: [k] }));
}

/** Adds a change to the numbers of the shapes, gives them to all columns and draws the model anew. */
export function changeShapes(fit: FitState, step: ArrayLike<number>): void {
  const { shapes, shapeNumbers: numbers } = fit;
  const change = new Float64Array(shapes.length);
  for (const [g, { group, rows }] of numbers.entries()) {
    for (const k of rows) change[3 * group + k] += step[g];
  }
  for (let at = 0; at < shapes.length; at += 3) {
    changeShape(shapes, at, change[at], change[at + 1], change[at + 2]);
  }
  giveShapes(fit);
}

/** Gives all columns the shape of their group, and draws the model anew. */
export function giveShapes(fit: FitState): void {
  const { shape, shapes, group, columns } = fit;
  const groups = shapes.length / 3;
  shape.fill(0);
  for (let k = 0; k < shapes.length; k++) shape[k % 3] += shapes[k] / groups;
  for (let i = 0; i < fit.count; i++) {
    for (let k = 0; k < 3; k++) {
      columns[i * COLUMN_STRIDE + ColumnField.Pxx + k] = shapes[3 * group[i] + k];
    }
  }
  drawModel(fit);
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
