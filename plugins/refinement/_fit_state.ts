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
  crossMatrix,
  crossSums,
  medianInPlace,
  neighborsWithin,
  NORMAL_SIZE,
  SUMS_LENGTH,
} from "@core/kernels";

import type { ShapeNumber } from "./_shared_shape.ts";
import type { StartProfile } from "./_start_profile.ts";

/** Which numbers of a column's shape a step may change. */
export const Freedom = { FixedShape: 0, Circular: 1, Elliptical: 2 } as const;

/** What lies under the columns: one number for all, one for each, a plane for each. */
export const Backdrop = { Common: 0, Own: 1, Plane: 2 } as const;

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
  /** Number of columns: those given first, then those beyond the border. */
  readonly count: number;
  /** Number of columns given. */
  readonly given: number;
  /** As of `COLUMN_STRIDE` in the kernels. */
  readonly columns: Float64Array;
  readonly startX: Float64Array;
  readonly startY: Float64Array;
  /** The mean brightness around the starts. */
  readonly startProfile: StartProfile;
  /** Height a column beyond the border is expected to have, for heights that are 1 in the mean. */
  readonly startHeight: Float64Array;
  /** The mean height of the columns given. */
  meanHeight: number;
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
  longestMove: number;
  /** As of {@linkcode Backdrop}. */
  backdrop: number;
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
  /** Groups of columns with a shape of their own while shapes are shared: precision matrices. */
  shapes: Float64Array;
  /** Which group a column belongs to. */
  readonly group: Uint8Array;
  /** The numbers of the shapes, and their covariance, with that of the background if it is shared. */
  shapeNumbers: readonly ShapeNumber[];
  sharedCovariance: Float64Array;
  /** Damping of steps of everything at once. */
  damping: number;
  readonly scratch: StepScratch;
  /** What neighbors say of each column's background; what its own pixels say, and how surely. */
  readonly backgroundMean: Float64Array;
  readonly ownBackground: Float64Array;
  readonly ownVariance: Float64Array;
  /** Variance of a background around what its neighbors say; Infinity: nothing is said. */
  backgroundSpread: number;
  /** Whether the background is known: seen beside the columns. */
  beside: boolean;
  /** Whether all columns count as neighbors of each other there. */
  oneBackground: boolean;
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
  /** A column before its step. */
  readonly before: Float64Array;
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
    before: new Float64Array(COLUMN_STRIDE),
  };
}

/**
 * Rows of the normal matrix that each free number stands for; a circle changes dx^2 and dy^2 alike.
 */
export function freeRows(freedom: number, backdrop: number): readonly (readonly number[])[] {
  const shape = freedom === Freedom.Elliptical
    ? [[3], [4], [5]]
    : freedom === Freedom.Circular
    ? [[3, 5]]
    : [];
  const under = backdrop === Backdrop.Common
    ? []
    : backdrop === Backdrop.Own
    ? [[6]]
    : [[6], [7], [8]];
  return [[0], [1], [2], ...shape, ...under];
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
    fit.backdrop === Backdrop.Plane,
    out,
  );
}

/**
 * Ties column i to the Gaussian of a neighbor: 9 rows as the normal matrix, 6 columns for the factors of
 * the neighbor's E times 1, dx, dy, dx^2, dx dy, dy^2 around the neighbor.
 */
export function crossTo(
  fit: FitState,
  i: number,
  neighbor: number,
  sums: Float64Array,
  out: Float64Array,
): void {
  const { columns } = fit;
  crossSums(
    fit.model,
    fit.width,
    fit.height,
    columns,
    i,
    neighbor,
    fit.windowX[i],
    fit.windowY[i],
    fit.windowX[neighbor],
    fit.windowY[neighbor],
    fit.radius,
    fit.variance,
    fit.gain,
    fit.floor,
    sums,
  );
  crossMatrix(sums, out);
  const dx = columns[neighbor * COLUMN_STRIDE] - columns[i * COLUMN_STRIDE];
  const dy = columns[neighbor * COLUMN_STRIDE + 1] - columns[i * COLUMN_STRIDE + 1];
  shiftColumns(out, dx, dy);
}

/** From powers of the distance to one column to powers of that to its neighbor at (dx, dy). */
function shiftColumns(cross: Float64Array, dx: number, dy: number): void {
  for (let at = 0; at < NORMAL_SIZE * 6; at += 6) {
    const c = cross[at], cx = cross[at + 1], cy = cross[at + 2];
    cross[at + 1] = cx - dx * c;
    cross[at + 2] = cy - dy * c;
    cross[at + 3] += -2 * dx * cx + dx * dx * c;
    cross[at + 4] += -dx * cy - dy * cx + dx * dy * c;
    cross[at + 5] += -2 * dy * cy + dy * dy * c;
  }
}

/** How far a column may go from its start, in spacings; with one column, in widths. */
const LONGEST_MOVE = 0.55;
const LONGEST_MOVE_ALONE = 3;

/** How far a column may go from its start, px. */
export function longestMoveOf(spacing: number, sigma: number): number {
  return Number.isFinite(spacing) ? LONGEST_MOVE * spacing : LONGEST_MOVE_ALONE * sigma;
}

/** Moves a column, at most as far from its start as it may go. */
export function moveWithin(fit: FitState, i: number, x: number, y: number): void {
  const at = i * COLUMN_STRIDE;
  const dx = x - fit.startX[i], dy = y - fit.startY[i];
  const distance = Math.sqrt(dx * dx + dy * dy);
  const keep = distance > fit.longestMove ? fit.longestMove / distance : 1;
  fit.columns[at] = fit.startX[i] + keep * dx;
  fit.columns[at + 1] = fit.startY[i] + keep * dy;
}

/** Puts one start of a peak into the state. */
export function placeColumn(fit: FitState, i: number, x: number, y: number): void {
  const at = i * COLUMN_STRIDE;
  fit.columns[at + ColumnField.X] = fit.startX[i] = fit.windowX[i] = x;
  fit.columns[at + ColumnField.Y] = fit.startY[i] = fit.windowY[i] = y;
  fit.columns.set(fit.shape, at + ColumnField.Pxx);
  fit.merged[i] = -1;
}

/** Spread of a column beyond the border around what the lattice says: in spacings, and of the height. */
const BEYOND_PLACE = 0.1;

const BEYOND_HEIGHT = 0.3;

/** Puts columns beyond the border at the end of the lists, in the place of those that are there. */
export function addBeyond(
  fit: FitState,
  beyond: { readonly x: Float64Array; readonly y: Float64Array; readonly height: Float64Array },
): FitState {
  const { given } = fit;
  const count = given + beyond.x.length;
  const grow = <T extends Float64Array | Int32Array | Uint8Array>(values: T, width = 1): T => {
    const longer = new (values.constructor as new (n: number) => T)(count * width);
    longer.set(values.subarray(0, given * width));
    return longer;
  };
  const grown: FitState = {
    ...fit,
    count,
    columns: grow(fit.columns, COLUMN_STRIDE),
    startX: grow(fit.startX),
    startY: grow(fit.startY),
    startHeight: grow(fit.startHeight),
    windowX: grow(fit.windowX),
    windowY: grow(fit.windowY),
    merged: grow(fit.merged),
    sentBack: grow(fit.sentBack),
    outcome: grow(fit.outcome),
    step: grow(fit.step),
    active: grow(fit.active),
    whole: grow(fit.whole),
    group: grow(fit.group),
    backgroundMean: grow(fit.backgroundMean),
    ownBackground: grow(fit.ownBackground),
    ownVariance: grow(fit.ownVariance),
  };
  for (let k = 0; k < beyond.x.length; k++) {
    const i = given + k;
    placeColumn(grown, i, beyond.x[k], beyond.y[k]);
    const near = i * COLUMN_STRIDE;
    grown.columns[near + ColumnField.Height] = beyond.height[k];
    // where it is not one for all, it is set anew
    grown.columns[near + ColumnField.Background] = fit.columns[ColumnField.Background];
    grown.ownVariance[i] = Infinity;
  }
  followHeights(grown);
  for (let i = given; i < count; i++) {
    const height = grown.columns[i * COLUMN_STRIDE + ColumnField.Height];
    grown.startHeight[i] = grown.meanHeight > 0 ? height / grown.meanHeight : 1;
  }
  return grown;
}

/** Measures the mean height: what is expected beyond the border goes with it. */
export function followHeights(fit: FitState): void {
  let sum = 0, standing = 0;
  for (let i = 0; i < fit.given; i++) {
    if (fit.merged[i] >= 0) continue;
    sum += fit.columns[i * COLUMN_STRIDE + ColumnField.Height];
    standing++;
  }
  fit.meanHeight = standing > 0 ? sum / standing : 0;
}

/** A copy with arrays of its own for what steps change; the picture must be drawn anew. */
export function copyFit(fit: FitState): FitState {
  return {
    ...fit,
    columns: fit.columns.slice(),
    shape: fit.shape.slice(),
    shapes: fit.shapes.slice(),
    group: fit.group.slice(),
    merged: fit.merged.slice(),
    sentBack: fit.sentBack.slice(),
    windowX: fit.windowX.slice(),
    windowY: fit.windowY.slice(),
    outcome: fit.outcome.slice(),
    step: fit.step.slice(),
    whole: fit.whole.slice(),
    active: fit.active.slice(),
    ownBackground: fit.ownBackground.slice(),
    ownVariance: fit.ownVariance.slice(),
    backgroundMean: fit.backgroundMean.slice(),
  };
}

/** Holds a column beyond the border, of which little is seen, near what the lattice says. */
export function addBeyondPrior(fit: FitState, i: number): void {
  const { columns, startHeight, meanHeight, scratch, spacing } = fit;
  addPlacePrior(fit, i, (BEYOND_PLACE * spacing) ** 2);
  const expected = meanHeight * startHeight[i];
  if (!(expected > 0)) return;
  const strength = 1 / (BEYOND_HEIGHT * expected) ** 2;
  scratch.matrix[0] += strength;
  scratch.vector[0] += strength * (expected - columns[i * COLUMN_STRIDE + 2]);
}

/** Draws the position toward the start, with the variance its distance is expected to have, px^2. */
export function addPlacePrior(fit: FitState, i: number, spread: number): void {
  const { columns, shape } = fit;
  const at = i * COLUMN_STRIDE;
  const top = columns[at + ColumnField.Height];
  if (!(spread < Infinity && top > 0)) return;
  const { matrix, vector } = fit.scratch;
  const toFactor = top * Math.sqrt(shape[0] * shape[2]);
  const strength = 1 / (toFactor * toFactor * spread);
  for (let k = 0; k < 2; k++) {
    const back = (k === 0 ? fit.startX[i] : fit.startY[i]) - columns[at + k];
    matrix[(1 + k) * NORMAL_SIZE + 1 + k] += strength;
    vector[1 + k] += strength * toFactor * back;
  }
}

/** How far columns are from where the priors of a fit of everything at once draw them: half the squares. */
export function priorMisfit(fit: FitState): number {
  const { columns, startX, startY, startHeight, meanHeight, spacing, startSpread } = fit;
  let sum = 0;
  for (let i = 0; i < fit.count; i++) {
    const isBeyond = i >= fit.given;
    const spread = isBeyond ? (BEYOND_PLACE * spacing) ** 2 : startSpread;
    if (fit.merged[i] >= 0 || !(spread < Infinity)) continue;
    const at = i * COLUMN_STRIDE;
    const dx = columns[at] - startX[i], dy = columns[at + 1] - startY[i];
    sum += (dx * dx + dy * dy) / spread / 2;
    const expected = meanHeight * startHeight[i];
    if (!isBeyond || !(expected > 0)) continue;
    const off = columns[at + ColumnField.Height] / expected - 1;
    sum += off * off / (2 * BEYOND_HEIGHT * BEYOND_HEIGHT);
  }
  return sum;
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

/** Places of the given columns that stand for themselves, with their rows. */
export function standingPlaces({ given, merged, columns }: FitState): {
  readonly rows: readonly number[];
  readonly x: Float64Array;
  readonly y: Float64Array;
} {
  const rows = [...Array(given).keys()].filter((i) => merged[i] < 0);
  const place = (field: number) =>
    Float64Array.from(rows, (i) => columns[i * COLUMN_STRIDE + field]);
  return { rows, x: place(ColumnField.X), y: place(ColumnField.Y) };
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
  let all = new Int32Array(16 * count + MOST_AROUND);
  for (let i = 0; i < count; i++) {
    start[i + 1] = start[i];
    if (fit.merged[i] >= 0) continue;
    const room = all.subarray(start[i]);
    let found = neighborsWithin(tree, x[i], y[i], distance, i, room);
    if (found > room.length) {
      const longer = new Int32Array(2 * all.length + found);
      longer.set(all.subarray(0, start[i]));
      all = longer;
      found = neighborsWithin(tree, x[i], y[i], distance, i, all.subarray(start[i]));
    }
    start[i + 1] = start[i] + found;
    all.subarray(start[i], start[i + 1]).sort();
  }
  fit.neighborStart = start;
  fit.neighbor = all.slice(0, start[count]);
}

/** Room for the neighbors of one column, at least. */
const MOST_AROUND = 64;

/** Geometric mean of the widths of the shared shape, px. */
export function sharedSigma({ shape }: FitState): number {
  return Math.pow(shape[0] * shape[2] - shape[1] * shape[1], -0.25);
}

/** The middle value; 0 of nothing. */
export function median(values: Float64Array): number {
  return values.length > 0 ? medianInPlace(values.slice()) : 0;
}
