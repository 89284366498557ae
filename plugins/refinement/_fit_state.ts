/**
 * The state of a joint fit of many columns, and one step of one column in it.
 *
 * @module
 */
import {
  addGaussianInPlace,
  COLUMN_STRIDE,
  ColumnField,
  columnSums,
  createKdTree,
  factorInPlace,
  neighborsWithin,
  NORMAL_SIZE,
  normalEquations,
  solveInPlace,
  SUMS_LENGTH,
  SumsField,
} from "@core/kernels";

/** Which numbers of a column a step may change, beside position, height and background. */
export const Freedom = { FixedShape: 0, Circular: 1, Elliptical: 2 } as const;

/** What became of the last step of a column. */
export const StepOutcome = {
  Done: 0,
  /** Too few pixels, or parameters that cannot be told apart. */
  Singular: 1,
  /** The height came out at or below zero; the position stays. */
  NoHeight: 2,
} as const;

/** Longest move of one step, in widths: beyond it the linearization is no guide. */
const LONGEST_STEP = 0.6;

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

/** A column is visited again while a step changes a number by more than this many of its errors. */
const STEP_TOLERANCE = 0.02;

/** Weight of height, shape and background in that: they are tied, so each alone has a small error. */
const SHAPE_STEP_WEIGHT = 0.1;

/** Everything a joint fit holds. Pixels are positive up: those of dark columns are negated. */
export interface FitState {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  /** 1, or -1 when the pixels were negated. */
  readonly sign: number;
  /** Sum of the Gaussians of all columns. */
  readonly model: Float64Array;
  /** Number of columns. */
  readonly count: number;
  /** As of `COLUMN_STRIDE` in the kernels. */
  readonly columns: Float64Array;
  readonly startX: Float64Array;
  readonly startY: Float64Array;
  readonly windowX: Float64Array;
  readonly windowY: Float64Array;
  /** The column that stands for this one, which then is not in the model; -1 for none. */
  readonly merged: Int32Array;
  /** 1 for a column that was sent back to its start once. */
  readonly sentBack: Uint8Array;
  readonly outcome: Uint8Array;
  /** Largest change of the last step, in errors of the number changed. */
  readonly step: Float64Array;
  /** 1 while a column needs another visit. */
  readonly active: Uint8Array;
  /** Typical distance of neighbors, px; how far a column may go from its start, px. */
  spacing: number;
  readonly longestMove: number;
  readonly sloped: boolean;
  /** 1 for a column whose window is whole: only such tell others of shape and background. */
  readonly whole: Uint8Array;
  /** Precision matrix all columns share, or scatter around. */
  readonly shape: Float64Array;
  /** Sums for the next change of the shared shape: 3 x 3 and 3. */
  readonly shapeMatrix: Float64Array;
  readonly shapeVector: Float64Array;
  /** The last change of the shared shape, for judging how slowly it goes on. */
  readonly shapeStep: Float64Array;
  /** Whether the shared shape is still sought. */
  shapeOpen: boolean;
  readonly scratch: StepScratch;
  /** What neighbors say of each column's background; what its own pixels say, and how surely. */
  readonly backgroundMean: Float64Array;
  readonly ownBackground: Float64Array;
  readonly ownVariance: Float64Array;
  /** Variance of a background around what its neighbors say; Infinity: nothing is said. */
  backgroundSpread: number;
  /** Variance of a start's error, px^2, while the fit is coarse; Infinity afterward. */
  startSpread: number;
  freedom: number;
  /** Radius of the window, px, and of the drawn Gaussians, in widths. */
  radius: number;
  reach: number;
  /** Noise: variance = max(floor, variance + gain * mean). */
  variance: number;
  gain: number;
  floor: number;
  /** By how much that variance is above the measured one. */
  misfit: number;
  /** Neighbors of column i: `neighbor[start[i]] .. neighbor[start[i + 1] - 1]`. */
  neighborStart: Int32Array;
  neighbor: Int32Array;
  /** The same, farther out: columns with a like background. */
  wideStart: Int32Array;
  wide: Int32Array;
}

/** Memory of one step; nothing in it outlives a call. */
export interface StepScratch {
  readonly sums: Float64Array;
  /** The whole normal equations, and those of the free numbers. */
  readonly matrix: Float64Array;
  readonly vector: Float64Array;
  readonly reduced: Float64Array;
  readonly change: Float64Array;
  readonly scale: Float64Array;
  readonly tied: Float64Array;
}

/** Makes the memory of a step. */
export function createScratch(): StepScratch {
  return {
    sums: new Float64Array(SUMS_LENGTH),
    matrix: new Float64Array(NORMAL_SIZE * NORMAL_SIZE),
    vector: new Float64Array(NORMAL_SIZE),
    reduced: new Float64Array(NORMAL_SIZE * NORMAL_SIZE),
    change: new Float64Array(NORMAL_SIZE),
    scale: new Float64Array(NORMAL_SIZE),
    tied: new Float64Array(NORMAL_SIZE),
  };
}

/**
 * Rows of the normal matrix that each free number stands for; a circle changes dx^2 and dy^2 alike.
 */
export function freeRows(freedom: number, sloped: boolean): readonly (readonly number[])[] {
  const shape = freedom === Freedom.Elliptical
    ? [[3], [4], [5]]
    : freedom === Freedom.Circular
    ? [[3, 5]]
    : [];
  return [[0], [1], [2], ...shape, [6], ...(sloped ? [[7], [8]] : [])];
}

const ROWS = [false, true].map((sloped) =>
  [Freedom.FixedShape, Freedom.Circular, Freedom.Elliptical].map((f) => freeRows(f, sloped))
);

/** Sums over the window of column i. */
export function sumsOf(fit: FitState, i: number, out: Float64Array): void {
  columnSums(
    fit.data,
    fit.model,
    fit.width,
    fit.height,
    fit.columns,
    i,
    fit.windowX[i],
    fit.windowY[i],
    fit.radius,
    fit.variance,
    fit.gain,
    fit.floor,
    fit.sloped,
    out,
  );
}

/** Puts one start of a peak into the state. */
export function placeColumn(fit: FitState, i: number, x: number, y: number): void {
  const at = i * COLUMN_STRIDE;
  fit.columns[at + ColumnField.X] = fit.startX[i] = fit.windowX[i] = x;
  fit.columns[at + ColumnField.Y] = fit.startY[i] = fit.windowY[i] = y;
  fit.columns.set(fit.shape, at + ColumnField.Pxx);
  fit.merged[i] = -1;
}

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
  const rows = ROWS[fit.sloped ? 1 : 0][freedom];
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
  addStartPrior(fit, i);
  reduceSystem(scratch, rows);
  factorInPlace(reduced, n, NORMAL_SIZE, scale);
  solveInPlace(reduced, n, NORMAL_SIZE, scale, change, 0);
  let step = 0;
  for (let r = 0; r < n; r++) {
    const part = r === 1 || r === 2 ? 1 : SHAPE_STEP_WEIGHT;
    step = Math.max(step, part * Math.abs(change[r]) / scale[r]);
  }
  fit.step[i] = step;
  if (draw) addGaussianInPlace(fit.model, fit.width, fit.height, columns, i, -1, fit.reach);
  applyChange(fit, i, rows);
  if (draw) addGaussianInPlace(fit.model, fit.width, fit.height, columns, i, 1, fit.reach);
}

/** The window follows the column, but not its last hundredths: so the set of pixels settles. */
function moveWindow(fit: FitState, i: number): void {
  const x = fit.columns[i * COLUMN_STRIDE], y = fit.columns[i * COLUMN_STRIDE + 1];
  const dx = x - fit.windowX[i], dy = y - fit.windowY[i];
  if (dx * dx + dy * dy < 0.01) return;
  fit.windowX[i] = x;
  fit.windowY[i] = y;
}

/** Draws the shape toward the common one, with the strength of {@linkcode SHAPE_PRIOR}. */
function addShapePrior({ columns, shape, scratch }: FitState, at: number): void {
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

/** Draws the background toward that of the neighbors. */
function addBackgroundPrior(fit: FitState, i: number): void {
  const strength = 1 / fit.backgroundSpread;
  if (!(strength > 0)) return;
  const background = fit.columns[i * COLUMN_STRIDE + ColumnField.Background];
  fit.scratch.matrix[6 * NORMAL_SIZE + 6] += strength;
  fit.scratch.vector[6] += strength * (fit.backgroundMean[i] - background);
}

/** Draws the position toward the start, so that no column takes a neighbor's place at first. */
function addStartPrior(fit: FitState, i: number): void {
  const { columns, shape } = fit;
  const at = i * COLUMN_STRIDE;
  const top = columns[at + ColumnField.Height];
  if (!(fit.startSpread < Infinity && top > 0)) return;
  const { matrix, vector } = fit.scratch;
  const toFactor = top * Math.sqrt(shape[0] * shape[2]);
  const strength = 1 / (toFactor * toFactor * fit.startSpread);
  for (let k = 0; k < 2; k++) {
    const back = (k === 0 ? fit.startX[i] : fit.startY[i]) - columns[at + k];
    matrix[(1 + k) * NORMAL_SIZE + 1 + k] += strength;
    vector[1 + k] += strength * toFactor * back;
  }
}

/** Notes what the column's own pixels say of its background. */
function keepOwnBackground(fit: FitState, i: number, n: number): void {
  const { reduced, change, scale, tied } = fit.scratch;
  const row = fit.sloped ? n - 3 : n - 1;
  fit.ownBackground[i] = fit.columns[i * COLUMN_STRIDE + ColumnField.Background] + change[row];
  tied.fill(0, 0, n);
  tied[row] = 1;
  solveInPlace(reduced, n, NORMAL_SIZE, scale, tied, 0);
  fit.ownVariance[i] = tied[row];
}

/** The normal equations of the free numbers only. */
export function reduceSystem(scratch: StepScratch, rows: readonly (readonly number[])[]): void {
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

/** Adds what this column says about the shared shape, its own numbers eliminated. */
function gatherShape(fit: FitState, at: number, rows: readonly (readonly number[])[]): void {
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

/** Turns the change of the factors into one of the column's numbers, within bounds. */
function applyChange(fit: FitState, i: number, rows: readonly (readonly number[])[]): void {
  const { columns } = fit;
  const { change } = fit.scratch;
  const at = i * COLUMN_STRIDE;
  const n = rows.length;
  const top = columns[at + ColumnField.Height] + change[0];
  columns[at + ColumnField.Background] += change[fit.sloped ? n - 3 : n - 1];
  if (fit.sloped) {
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

/** Moves a column, at most as far from its start as it may go. */
function moveWithin(fit: FitState, i: number, x: number, y: number): void {
  const at = i * COLUMN_STRIDE;
  const dx = x - fit.startX[i], dy = y - fit.startY[i];
  const distance = Math.sqrt(dx * dx + dy * dy);
  const keep = distance > fit.longestMove ? fit.longestMove / distance : 1;
  fit.columns[at] = fit.startX[i] + keep * dx;
  fit.columns[at + 1] = fit.startY[i] + keep * dy;
}

/** Adds a change to a precision matrix, shortened so that it stays positive definite. */
function changeShape(p: Float64Array, at: number, dxx: number, dxy: number, dyy: number): void {
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
function boundShape(p: Float64Array, at: number, shape: Float64Array): void {
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

/** Draws all columns into the model image anew. */
export function drawModel(fit: FitState): void {
  fit.model.fill(0);
  for (let i = 0; i < fit.count; i++) {
    if (fit.merged[i] < 0) {
      addGaussianInPlace(fit.model, fit.width, fit.height, fit.columns, i, 1, fit.reach);
    }
  }
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

/** Lists the neighbors whose light reaches into each column's window. */
export function findNeighbors(fit: FitState, distance: number): void {
  const { count, columns } = fit;
  const x = new Float64Array(count), y = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    // A merged column is in nobody's window.
    x[i] = fit.merged[i] < 0 ? columns[i * COLUMN_STRIDE] : NaN;
    y[i] = columns[i * COLUMN_STRIDE + 1];
  }
  const tree = createKdTree(x, y);
  const start = new Int32Array(count + 1);
  const none = new Int32Array(0);
  for (let i = 0; i < count; i++) {
    const found = fit.merged[i] < 0 ? neighborsWithin(tree, x[i], y[i], distance, i, none) : 0;
    start[i + 1] = start[i] + found;
  }
  const neighbor = new Int32Array(start[count]);
  for (let i = 0; i < count; i++) {
    if (start[i] === start[i + 1]) continue;
    const own = neighbor.subarray(start[i], start[i + 1]);
    neighborsWithin(tree, x[i], y[i], distance, i, own);
    own.sort();
  }
  fit.neighborStart = start;
  fit.neighbor = neighbor;
}
