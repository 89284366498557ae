/**
 * The normal equations of a fit of everything at once: heights and places of all columns, the shapes they
 * share, and the background.
 *
 * @module
 */
import {
  COLUMN_STRIDE,
  ColumnField,
  factorInPlace,
  inverseOfFactor,
  NORMAL_SIZE,
  normalEquations,
} from "@core/kernels";
import {
  addBeyondPrior,
  addPlacePrior,
  crossTo,
  findNeighbors,
  type FitState,
  sharedSigma,
  sumsOf,
} from "./_fit_state.ts";
import type { ShapeNumber } from "./_shared_shape.ts";

/**
 * Window, and distance of columns that are tied, in widths. Background, width and height of overlapping
 * columns are nearly one direction, so ties of a hundredth matter.
 */
const WINDOW_WIDTHS = 4;

const TIED_WIDTHS = 6.5;

/** Pixels off by more than this many standard deviations show what is not in the model. */
const OUTLIER = 4;

/** Numbers of a column: factors of E, E dx, E dy. */
export const OWN = 3;

/** Numbers of a block of the matrix. */
export const SQUARE = OWN * OWN;

/** Columns between two reports. */
const BLOCK = 500;

/** The whole normal equations. */
export interface System {
  readonly count: number;
  /** The shared numbers of the shapes. */
  readonly numbers: readonly ShapeNumber[];
  /** Which of them a column of each group has. */
  readonly ofGroup: readonly (readonly number[])[];
  /** Whether the background is shared too; it comes last. */
  readonly background: boolean;
  /** How many numbers are shared. */
  readonly shared: number;
  /** Own blocks of the columns, and their inverses. */
  readonly own: Float64Array;
  readonly inverse: Float64Array;
  /** Ties of column i to neighbor `neighbor[k]` for k from `neighborStart[i]`; each pair both ways. */
  readonly tie: Float64Array;
  readonly neighborStart: Int32Array;
  readonly neighbor: Int32Array;
  readonly right: Float64Array;
  /** Ties of the columns to the shared numbers: one list of the columns' length for each. */
  readonly toShared: readonly Float64Array[];
  readonly sharedMatrix: Float64Array;
  readonly sharedRight: Float64Array;
}

/** What ties columns to each other, and through each other to the shared numbers. */
export interface Ties {
  readonly ofGroup: readonly (readonly number[])[];
  readonly neighborStart: Int32Array;
  readonly neighbor: Int32Array;
  readonly tie: Float64Array;
  readonly toShared: readonly Float64Array[];
  readonly sharedMatrix: Float64Array;
}

/** Computes the ties; yields fractions done up to 0.3. */
export function* tieAll(fit: FitState, background: boolean): Generator<number, Ties> {
  findNeighbors(fit, TIED_WIDTHS * sharedSigma(fit));
  openWindows(fit);
  const { count, neighborStart, neighbor, shapeNumbers: numbers } = fit;
  const m = numbers.length + (background ? 1 : 0);
  const ties: Ties = {
    ofGroup: Array.from(
      { length: fit.shapes.length / 3 },
      (_, group) => [...numbers.keys()].filter((g) => numbers[g].group === group),
    ),
    neighborStart,
    neighbor,
    tie: new Float64Array(SQUARE * neighbor.length),
    toShared: Array.from({ length: m }, () => new Float64Array(OWN * count)),
    sharedMatrix: new Float64Array(m * m),
  };
  const cross = new Float64Array(NORMAL_SIZE * 6);
  for (let i = 0; i < count; i++) {
    if (i % BLOCK === 0) yield 0.3 * i / count;
    if (fit.merged[i] >= 0) continue;
    for (let k = neighborStart[i]; k < neighborStart[i + 1]; k++) {
      if (neighbor[k] > i) addPair(fit, ties, i, k, cross);
    }
  }
  return ties;
}

/** Windows of the columns as they stand. */
function openWindows(fit: FitState): void {
  fit.radius = WINDOW_WIDTHS * sharedSigma(fit);
  for (let i = 0; i < fit.count; i++) {
    fit.windowX[i] = fit.columns[i * COLUMN_STRIDE];
    fit.windowY[i] = fit.columns[i * COLUMN_STRIDE + 1];
  }
}

/** Builds the normal equations; yields fractions done from 0.3 to 0.7. */
export function* assemble(
  fit: FitState,
  ties: Ties,
  background: boolean,
): Generator<number, System> {
  const { count } = fit;
  const { shapeNumbers: numbers } = fit;
  const m = numbers.length + (background ? 1 : 0);
  const system: System = {
    count,
    numbers,
    ofGroup: ties.ofGroup,
    background,
    shared: m,
    own: new Float64Array(SQUARE * count),
    inverse: new Float64Array(SQUARE * count),
    tie: ties.tie,
    neighborStart: ties.neighborStart,
    neighbor: ties.neighbor,
    right: new Float64Array(OWN * count),
    toShared: ties.toShared.map((values) => values.slice()),
    sharedMatrix: ties.sharedMatrix.slice(),
    sharedRight: new Float64Array(m),
  };
  openWindows(fit);
  for (let i = 0; i < count; i++) {
    if (i % BLOCK === 0) yield 0.3 + 0.4 * i / count;
    if (fit.merged[i] < 0) addColumn(fit, system, i);
  }
  if (background) addImage(fit, system);
  return system;
}

/** Change of a column's factor k of dx^2, dx dy, dy^2 by a change of its precision matrix. */
function shapeFactor(k: number, top: number): number {
  return k === 1 ? -top : -top / 2;
}

/** A column by itself; leaves its normal matrix in the scratch. */
function addColumn(fit: FitState, system: System, i: number): void {
  const { sums, matrix, vector, reduced, scale } = fit.scratch;
  const { shared: m, numbers, background } = system;
  const own = system.ofGroup[fit.group[i]];
  const at = i * COLUMN_STRIDE;
  const top = fit.columns[at + ColumnField.Height];
  sumsOf(fit, i, sums);
  normalEquations(sums, matrix, vector);
  if (i >= fit.given) addBeyondPrior(fit, i);
  else addPlacePrior(fit, i, fit.startSpread);
  for (let r = 0; r < OWN; r++) {
    system.right[OWN * i + r] = vector[r];
    for (let c = 0; c < OWN; c++) {
      reduced[r * OWN + c] = system.own[SQUARE * i + r * OWN + c] = matrix[r * NORMAL_SIZE + c];
    }
    for (const g of own) {
      for (const k of numbers[g].rows) {
        system.toShared[g][OWN * i + r] += shapeFactor(k, top) * matrix[r * NORMAL_SIZE + 3 + k];
      }
    }
    if (background) system.toShared[m - 1][OWN * i + r] += matrix[r * NORMAL_SIZE + 6];
  }
  if (factorInPlace(reduced, OWN, OWN, scale)) {
    inverseOfFactor(reduced, OWN, OWN, scale, system.inverse.subarray(SQUARE * i));
  }
  for (const g of own) {
    for (const k of numbers[g].rows) {
      const factor = shapeFactor(k, top);
      system.sharedRight[g] += factor * vector[3 + k];
      for (const h of own) {
        for (const l of numbers[h].rows) {
          system.sharedMatrix[g * m + h] += factor * shapeFactor(l, top) *
            matrix[(3 + k) * NORMAL_SIZE + 3 + l];
        }
      }
      if (!background) continue;
      const tie = factor * matrix[(3 + k) * NORMAL_SIZE + 6];
      system.sharedMatrix[g * m + m - 1] += tie;
      system.sharedMatrix[(m - 1) * m + g] += tie;
    }
  }
}

/** Ties a pair of columns, both ways, and each to the shape of the other. */
function addPair(fit: FitState, ties: Ties, i: number, k: number, cross: Float64Array): void {
  const { columns, neighborStart, neighbor, scratch, shapeNumbers: numbers } = fit;
  const { tie, toShared, sharedMatrix } = ties;
  const m = toShared.length;
  const j = neighbor[k];
  const ownNumbers = ties.ofGroup[fit.group[i]], otherNumbers = ties.ofGroup[fit.group[j]];
  crossTo(fit, i, j, scratch.sums, cross);
  let back = neighborStart[j];
  while (neighbor[back] !== i) back++;
  const top = columns[i * COLUMN_STRIDE + ColumnField.Height];
  const otherTop = columns[j * COLUMN_STRIDE + ColumnField.Height];
  for (let r = 0; r < OWN; r++) {
    for (let c = 0; c < OWN; c++) {
      tie[SQUARE * k + r * OWN + c] = tie[SQUARE * back + c * OWN + r] = cross[r * 6 + c];
    }
    for (const g of otherNumbers) {
      for (const k of numbers[g].rows) {
        toShared[g][OWN * i + r] += shapeFactor(k, otherTop) * cross[r * 6 + 3 + k];
      }
    }
    for (const g of ownNumbers) {
      for (const k of numbers[g].rows) {
        toShared[g][OWN * j + r] += shapeFactor(k, top) * cross[(3 + k) * 6 + r];
      }
    }
  }
  for (const g of ownNumbers) {
    for (const h of otherNumbers) {
      let sum = 0;
      for (const k of numbers[g].rows) {
        for (const l of numbers[h].rows) {
          sum += shapeFactor(k, top) * shapeFactor(l, otherTop) * cross[(3 + k) * 6 + 3 + l];
        }
      }
      sharedMatrix[g * m + h] += sum;
      sharedMatrix[h * m + g] += sum;
    }
  }
}

/** What all pixels say of the background. */
function addImage(fit: FitState, { sharedMatrix, sharedRight, shared: m }: System): void {
  const { data, model, columns, variance, gain, floor } = fit;
  const background = columns[ColumnField.Background];
  const longest = longestResidual(fit);
  let curvature = 0, slope = 0;
  for (let k = 0; k < data.length; k++) {
    const mean = model[k] + background;
    const expected = Math.max(floor, variance + gain * mean);
    // Of few counts single events are far above their mean.
    const limit = longest * (Math.sqrt(expected) + Math.abs(gain));
    curvature += 1 / expected;
    slope += Math.max(-limit, Math.min(limit, data[k] - mean)) / expected;
  }
  sharedMatrix[m * m - 1] += curvature;
  sharedRight[m - 1] += slope;
}

/** How many standard deviations of the noise a pixel may be off: more while the fit is far from its end. */
function longestResidual({ data, model, columns, variance, gain, floor }: FitState): number {
  const background = columns[ColumnField.Background];
  let sum = 0;
  for (let k = 0; k < data.length; k++) {
    const mean = model[k] + background;
    sum += Math.abs(data[k] - mean) / Math.sqrt(Math.max(floor, variance + gain * mean));
  }
  // The mean absolute value of a normal number is 0.8 of its standard deviation.
  return OUTLIER * Math.max(1, sum / data.length / 0.8);
}
