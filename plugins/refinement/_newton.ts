/**
 * Gauss-Newton steps of all columns at once, with one shape and one background for all.
 *
 * Columns that overlap are tied so closely to each other, to their common shape and to the background
 * that one-by-one sweeps would take hundreds of rounds. Here each step solves the whole normal
 * equations: columns (height and position) by conjugate gradients, preconditioned by their own blocks;
 * what all share (at most four numbers) by a Schur complement.
 *
 * @see Golub and Pereyra, Separable nonlinear least squares: the variable projection method and its
 * applications, Inverse Problems 19 (2003) R1. https://doi.org/10.1088/0266-5611/19/2/201
 *
 * @module
 */
import {
  COLUMN_STRIDE,
  ColumnField,
  eliminateInPlace,
  factorInPlace,
  inverseOfFactor,
  NORMAL_SIZE,
  normalEquations,
} from "@core/kernels";
import {
  addBeyondPrior,
  addPlacePrior,
  crossTo,
  drawModel,
  findNeighbors,
  type FitState,
  moveWithin,
  sharedSigma,
  StepOutcome,
  sumsOf,
} from "./_fit_state.ts";
import { changeShapes, type ShapeNumber } from "./_shared_shape.ts";

/**
 * Window, and distance of columns that are tied, in widths. Background, width and height of overlapping
 * columns are nearly one direction, so ties of a hundredth matter.
 */
const WINDOW_WIDTHS = 4;

const TIED_WIDTHS = 6.5;

/** Ties are computed anew while steps are above so many errors. */
const RENEW_TIES = 3;

/** Longest move of one step, in widths. */
const LONGEST_STEP = 0.6;

/** Gaussians are drawn at least so many widths far. */
const LEAST_REACH = 5;

/** Conjugate gradients end when the residual has fallen by this factor. */
const CG_TOLERANCE = 1e-4;

const MOST_CG_STEPS = 60;

/** Pixels off by more than this many standard deviations show what is not in the model. */
const OUTLIER = 4;

/** Numbers of a column: factors of E, E dx, E dy. */
const OWN = 3;

const SQUARE = OWN * OWN;

/** Columns between two reports. */
const BLOCK = 500;

/** The whole normal equations. */
interface System {
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

/**
 * Steps until no number changes by more than `tolerance` of its errors. Yields the steps done so far, with
 * fractions; returns their number. With `background` the one background is sought too.
 */
export function* newtonSteps(
  fit: FitState,
  background: boolean,
  tolerance: number,
  mostSteps: number,
): Generator<number, number> {
  fit.reach = Math.max(LEAST_REACH, fit.reach);
  fit.damping = FIRST_DAMPING;
  drawModel(fit);
  let misfit = misfitOf(fit);
  let ties: Ties | undefined;
  for (let step = 1; step <= mostSteps; step++) {
    // Ties only steer the steps: near the end they stay as they are.
    ties ??= yield* after(step - 1, tieAll(fit, background));
    const { biggest, after: left } = yield* after(
      step - 1,
      newtonStep(fit, ties, background, misfit, tolerance),
    );
    if (biggest > RENEW_TIES) ties = undefined;
    // Below that nobody could tell one fit from the other.
    const isSame = biggest < 1 && misfit - left < LEAST_GAIN;
    misfit = left;
    if (biggest <= tolerance || isSame) return step;
  }
  return mostSteps;
}

/** Yields what a part of a step yields, after the steps done before it. */
function* after<R>(steps: number, part: Generator<number, R>): Generator<number, R> {
  for (;;) {
    const { done, value } = part.next();
    if (done) return value as R;
    yield steps + (value as number);
  }
}

/** One step from a fit with the misfit `before`; tells the largest change in errors, and the new misfit. */
function* newtonStep(
  fit: FitState,
  ties: Ties,
  background: boolean,
  before: number,
  tolerance: number,
): Generator<number, { readonly biggest: number; readonly after: number }> {
  const system = yield* assemble(fit, ties, background);
  const { toShared, shared: m } = system;
  const n = OWN * system.count;
  const room: Room = {
    r: new Float64Array(n),
    z: new Float64Array(n),
    p: new Float64Array(n),
    q: new Float64Array(n),
    change: new Float64Array(n),
    answers: toShared.map(() => new Float64Array(n)),
  };
  const columns = fit.columns.slice(), shapes = fit.shapes.slice();
  for (let trial = 0;; trial++) {
    yield 0.7 + 0.3 * trial / (MOST_TRIALS + 1);
    const step = solve(system, fit.damping, room);
    let biggest = 0;
    for (let g = 0; g < m; g++) {
      biggest = Math.max(biggest, Math.abs(step[g]) * Math.sqrt(room.curvature![g]));
    }
    biggest = Math.max(biggest, moveColumns(fit, system, room.change));
    for (let i = 0; background && i < fit.count; i++) {
      fit.columns[i * COLUMN_STRIDE + ColumnField.Background] += step[m - 1];
    }
    changeShapes(fit, step);
    biggest *= Math.sqrt(fit.misfit);
    const after = misfitOf(fit);
    if (after <= before || biggest <= tolerance || trial >= MOST_TRIALS) {
      keepCovariance(fit, room.information!, m);
      fit.damping = Math.max(LEAST_DAMPING, LESS_DAMPING * fit.damping);
      return { biggest, after };
    }
    fit.damping *= MORE_DAMPING;
    fit.columns.set(columns);
    fit.shapes.set(shapes);
  }
}

/** How damping changes when a step was good, and when it was not. */
const LESS_DAMPING = 0.1;

const MORE_DAMPING = 10;

const MOST_TRIALS = 6;

const FIRST_DAMPING = 0.01;

const LEAST_DAMPING = 1e-9;

/** A step that makes the picture more likely by less than this factor's logarithm is the last one. */
const LEAST_GAIN = 0.05;

/** Memory of a solution. */
interface Room {
  readonly r: Float64Array;
  readonly z: Float64Array;
  readonly p: Float64Array;
  readonly q: Float64Array;
  /** Change of the columns. */
  readonly change: Float64Array;
  /** What the columns answer to each shared number. */
  readonly answers: readonly Float64Array[];
  /** Curvature by each shared number, the columns' own adjusted. */
  curvature?: Float64Array;
  /** The same as a matrix. */
  information?: Float64Array;
}

/** Solves for the step, each number's own curvature raised by the damping; returns the shared part. */
function solve(system: System, damping: number, room: Room): Float64Array {
  const { shared: m, toShared, sharedMatrix, sharedRight } = system;
  const { change, answers } = room;
  conjugateGradients(system, damping, system.right, change, room);
  for (let g = 0; g < m; g++) conjugateGradients(system, damping, toShared[g], answers[g], room);
  const matrix = sharedMatrix.slice(), step = sharedRight.slice();
  const curvature = room.curvature = new Float64Array(m);
  for (let g = 0; g < m; g++) {
    step[g] -= dot(toShared[g], change);
    for (let h = 0; h < m; h++) matrix[g * m + h] -= dot(toShared[g], answers[h]);
    curvature[g] = Math.max(0, matrix[g * m + g]);
  }
  room.information = matrix.slice();
  for (let g = 0; g < m; g++) matrix[g * m + g] += damping * sharedMatrix[g * m + g];
  if (!eliminateInPlace(matrix, m, step, 1)) step.fill(0);
  for (let g = 0; g < m; g++) {
    for (let k = 0; k < change.length; k++) change[k] -= step[g] * answers[g][k];
  }
  return step;
}

/** Keeps the covariance of the shared numbers. */
function keepCovariance(fit: FitState, information: Float64Array, m: number): void {
  const inverse = new Float64Array(m * m);
  for (let g = 0; g < m; g++) inverse[g * m + g] = 1;
  if (eliminateInPlace(information, m, inverse, m)) fit.sharedCovariance = inverse;
}

/** How badly the picture fits: minus the quasi-likelihood for a variance that is a line of the mean. */
function misfitOf(fit: FitState): number {
  const { data, model, columns, variance, gain, floor } = fit;
  const background = columns[ColumnField.Background];
  const even = 1 / (2 * Math.max(floor, variance));
  const offset = gain !== 0 ? variance / gain : 0, least = gain !== 0 ? floor / Math.abs(gain) : 0;
  let sum = 0;
  for (let k = 0; k < data.length; k++) {
    const mean = model[k] + background;
    if (gain === 0) {
      sum += (data[k] - mean) * (data[k] - mean) * even;
    } else {
      const lifted = Math.max(least, Math.abs(mean + offset));
      sum += Math.abs(1 / gain) * (lifted - Math.abs(data[k] + offset) * Math.log(lifted));
    }
  }
  return sum;
}

/** What ties columns to each other, and through each other to the shared numbers. */
interface Ties {
  readonly ofGroup: readonly (readonly number[])[];
  readonly neighborStart: Int32Array;
  readonly neighbor: Int32Array;
  readonly tie: Float64Array;
  readonly toShared: readonly Float64Array[];
  readonly sharedMatrix: Float64Array;
}

/** Computes the ties; yields fractions done up to 0.3. */
function* tieAll(fit: FitState, background: boolean): Generator<number, Ties> {
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
function* assemble(fit: FitState, ties: Ties, background: boolean): Generator<number, System> {
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

/** Solves for the columns alone. */
function conjugateGradients(
  system: System,
  damping: number,
  right: Float64Array,
  x: Float64Array,
  { r, z, p, q }: Room,
): void {
  x.fill(0);
  r.set(right);
  applyBlocks(system.inverse, r, z);
  p.set(z);
  let rho = dot(r, z);
  const end = CG_TOLERANCE * CG_TOLERANCE * rho;
  for (let step = 0; step < MOST_CG_STEPS && rho > end && rho > 0; step++) {
    multiply(system, damping, p, q);
    const curvature = dot(p, q);
    if (!(curvature > 0)) return;
    const alpha = rho / curvature;
    for (let k = 0; k < x.length; k++) {
      x[k] += alpha * p[k];
      r[k] -= alpha * q[k];
    }
    applyBlocks(system.inverse, r, z);
    const next = dot(r, z);
    const beta = next / rho;
    rho = next;
    for (let k = 0; k < p.length; k++) p[k] = z[k] + beta * p[k];
  }
}

/** One block a column times its part of a vector. */
function applyBlocks(blocks: Float64Array, x: Float64Array, out: Float64Array): void {
  for (let i = 0, b = 0; i < x.length; i += OWN, b += SQUARE) {
    const x0 = x[i], x1 = x[i + 1], x2 = x[i + 2];
    out[i] = blocks[b] * x0 + blocks[b + 1] * x1 + blocks[b + 2] * x2;
    out[i + 1] = blocks[b + 3] * x0 + blocks[b + 4] * x1 + blocks[b + 5] * x2;
    out[i + 2] = blocks[b + 6] * x0 + blocks[b + 7] * x1 + blocks[b + 8] * x2;
  }
}

function multiply(system: System, damping: number, x: Float64Array, out: Float64Array): void {
  const { own, tie, neighborStart, neighbor, count } = system;
  applyBlocks(own, x, out);
  for (let i = 0; i < count; i++) {
    let y0 = 0, y1 = 0, y2 = 0;
    for (let k = neighborStart[i]; k < neighborStart[i + 1]; k++) {
      const at = OWN * neighbor[k], b = SQUARE * k;
      const x0 = x[at], x1 = x[at + 1], x2 = x[at + 2];
      y0 += tie[b] * x0 + tie[b + 1] * x1 + tie[b + 2] * x2;
      y1 += tie[b + 3] * x0 + tie[b + 4] * x1 + tie[b + 5] * x2;
      y2 += tie[b + 6] * x0 + tie[b + 7] * x1 + tie[b + 8] * x2;
    }
    const c = OWN * i, b = SQUARE * i;
    out[c] += y0 + damping * own[b] * x[c];
    out[c + 1] += y1 + damping * own[b + 4] * x[c + 1];
    out[c + 2] += y2 + damping * own[b + 8] * x[c + 2];
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** Moves all columns; returns the largest move in errors. The model is not drawn. */
function moveColumns(fit: FitState, { inverse }: System, change: Float64Array): number {
  const { columns } = fit;
  const longest = LONGEST_STEP * sharedSigma(fit);
  let biggest = 0;
  for (let i = 0; i < fit.count; i++) {
    if (fit.merged[i] >= 0) continue;
    const at = i * COLUMN_STRIDE, c = OWN * i, b = SQUARE * i;
    if (!(inverse[b] > 0)) {
      fit.outcome[i] = StepOutcome.Singular;
      continue;
    }
    const top = columns[at + ColumnField.Height] + change[c];
    if (!(top > 0)) {
      columns[at + ColumnField.Height] = 0;
      fit.outcome[i] = StepOutcome.NoHeight;
      fit.step[i] = 0;
      continue;
    }
    fit.outcome[i] = StepOutcome.Done;
    columns[at + ColumnField.Height] = top;
    const pxx = columns[at + 3], pxy = columns[at + 4], pyy = columns[at + 5];
    const determinant = pxx * pyy - pxy * pxy;
    let dx = (pyy * change[c + 1] - pxy * change[c + 2]) / (determinant * top);
    let dy = (pxx * change[c + 2] - pxy * change[c + 1]) / (determinant * top);
    const length = Math.sqrt(dx * dx + dy * dy);
    if (length > longest) {
      dx *= longest / length;
      dy *= longest / length;
    }
    moveWithin(fit, i, columns[at] + dx, columns[at + 1] + dy);
    const step = Math.max(
      Math.abs(change[c + 1]) / Math.sqrt(inverse[b + 4]),
      Math.abs(change[c + 2]) / Math.sqrt(inverse[b + 8]),
    );
    fit.step[i] = step;
    biggest = Math.max(biggest, step);
  }
  return biggest;
}
