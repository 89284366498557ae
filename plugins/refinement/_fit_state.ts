/**
 * The state of a joint fit of many columns.
 *
 * @module
 */
import {
  addGaussianInPlace,
  COLUMN_STRIDE,
  ColumnField,
  columnSums,
  createKdTree,
  neighborsWithin,
  NORMAL_SIZE,
  SUMS_LENGTH,
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

/** Draws all columns into the model image anew. */
export function drawModel(fit: FitState): void {
  fit.model.fill(0);
  for (let i = 0; i < fit.count; i++) {
    if (fit.merged[i] < 0) {
      addGaussianInPlace(fit.model, fit.width, fit.height, fit.columns, i, 1, fit.reach);
    }
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

/** Geometric mean of the widths of the shared shape, px. */
export function sharedSigma({ shape }: FitState): number {
  return Math.pow(shape[0] * shape[2] - shape[1] * shape[1], -0.25);
}

/** The middle value; 0 of nothing. */
export function median(values: Float64Array): number {
  return values.length > 0 ? values.slice().sort()[values.length >> 1] : 0;
}
