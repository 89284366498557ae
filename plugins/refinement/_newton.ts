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
import { COLUMN_STRIDE, ColumnField, eliminateInPlace } from "@core/kernels";
import { conjugateGradients, dot, type SolverRoom } from "./_conjugate_gradients.ts";
import {
  drawModel,
  type FitState,
  followHeights,
  moveWithin,
  priorMisfit,
  sharedSigma,
  StepOutcome,
} from "./_fit_state.ts";
import { assemble, OWN, SQUARE, type System, tieAll, type Ties } from "./_normal_system.ts";
import { changeShapes } from "./_shared_shape.ts";

/** Ties are computed anew while steps are above so many errors. */
const RENEW_TIES = 3;

/** Longest move of one step, in widths. */
const LONGEST_STEP = 0.6;

/** Gaussians are drawn at least so many widths far. */
const LEAST_REACH = 5;

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
    misfit -= priorMisfit(fit);
    followHeights(fit);
    misfit += priorMisfit(fit);
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
    ...roomFor(n),
    change: new Float64Array(n),
    answers: toShared.map(() => new Float64Array(n)),
  };
  const columns = fit.columns.slice(), shapes = fit.shapes.slice();
  for (let trial = 0;; trial++) {
    yield 0.7 + 0.3 * trial / (MOST_TRIALS + 1);
    const step = solve(system, fit.damping, room, background ? lowestStep(fit) : -Infinity);
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
      // near the end damping that was just found too weak would be so again
      if (trial === 0 || biggest > RENEW_TIES) {
        fit.damping = Math.max(LEAST_DAMPING, LESS_DAMPING * fit.damping);
      }
      return { biggest, after };
    }
    fit.damping *= MORE_DAMPING;
    fit.columns.set(columns);
    fit.shapes.set(shapes);
  }
}

function roomFor(n: number): SolverRoom {
  const create = () => new Float64Array(n);
  return { r: create(), z: create(), p: create(), q: create() };
}

/** Residuals of a solution, as a share of where it began: of a step, and of a covariance. */
const STEP_RESIDUAL = 1e-4;

const EXACT = 1e-8;

/** How damping changes when a step was good, and when it was not. */
const LESS_DAMPING = 0.1;

const MORE_DAMPING = 10;

const MOST_TRIALS = 6;

const FIRST_DAMPING = 0.01;

const LEAST_DAMPING = 1e-9;

/** A step that makes the picture more likely by less than this factor's logarithm is the last one. */
const LEAST_GAIN = 0.02;

/** Memory of a step. */
interface Room extends SolverRoom {
  /** Change of the columns. */
  readonly change: Float64Array;
  /** What the columns answer to each shared number. */
  readonly answers: readonly Float64Array[];
  /** Curvature by each shared number, the columns' own adjusted. */
  curvature?: Float64Array;
}

/** How far the background may fall: where counts scatter by their number there are none below 0. */
function lowestStep({ columns, variance, gain }: FitState): number {
  return gain > 0 ? -variance / gain - columns[ColumnField.Background] : -Infinity;
}

/**
 * Solves for the step, each number's own curvature raised by the damping; returns the shared part, whose last
 * number falls by no more than to `lowest`.
 */
function solve(system: System, damping: number, room: Room, lowest: number): Float64Array {
  const { shared: m, toShared, sharedMatrix, sharedRight } = system;
  const { change, answers } = room;
  conjugateGradients(system, damping, system.right, change, room, STEP_RESIDUAL);
  for (let g = 0; g < m; g++) {
    conjugateGradients(system, damping, toShared[g], answers[g], room, STEP_RESIDUAL);
  }
  const matrix = sharedMatrix.slice(), step = sharedRight.slice();
  const curvature = room.curvature = new Float64Array(m);
  for (let g = 0; g < m; g++) {
    step[g] -= dot(toShared[g], change);
    for (let h = 0; h < m; h++) matrix[g * m + h] -= dot(toShared[g], answers[h]);
    curvature[g] = Math.max(0, matrix[g * m + g]);
  }
  for (let g = 0; g < m; g++) matrix[g * m + g] += damping * sharedMatrix[g * m + g];
  const right = step.slice(), kept = matrix.slice();
  if (!eliminateInPlace(matrix, m, step, 1)) step.fill(0);
  if (step[m - 1] < lowest) {
    // the others take their best values beside it
    const held = Math.min(0, lowest), others = right.slice(0, m - 1);
    const small = new Float64Array((m - 1) * (m - 1));
    for (let g = 0; g < m - 1; g++) {
      others[g] -= kept[g * m + m - 1] * held;
      small.set(kept.subarray(g * m, g * m + m - 1), g * (m - 1));
    }
    if (!eliminateInPlace(small, m - 1, others, 1)) others.fill(0);
    step.set(others);
    step[m - 1] = held;
  }
  for (let g = 0; g < m; g++) {
    for (let k = 0; k < change.length; k++) change[k] -= step[g] * answers[g][k];
  }
  return step;
}

/**
 * Measures the covariance of what all columns share where the fit stands; yields fractions done.
 *
 * Of overlapping columns it is a small difference of large numbers, so nothing is damped here, the ties are
 * those of the end, and the solutions are exact.
 */
export function* measureShared(fit: FitState, background: boolean): Generator<number> {
  drawModel(fit);
  const ties = yield* tieAll(fit, background);
  const { toShared, sharedMatrix, shared: m, ...system } = yield* assemble(fit, ties, background);
  const n = OWN * system.count;
  const room = roomFor(n);
  const answer = new Float64Array(n);
  const information = sharedMatrix.slice();
  for (let g = 0; g < m; g++) {
    yield 0.7 + 0.3 * g / m;
    const whole = { ...system, toShared, sharedMatrix, shared: m };
    conjugateGradients(whole, 0, toShared[g], answer, room, EXACT);
    for (let h = 0; h < m; h++) information[h * m + g] -= dot(toShared[h], answer);
  }
  keepCovariance(fit, information, m);
}

/** Keeps the covariance of the shared numbers. */
function keepCovariance(fit: FitState, information: Float64Array, m: number): void {
  const inverse = new Float64Array(m * m);
  for (let g = 0; g < m; g++) inverse[g * m + g] = 1;
  if (eliminateInPlace(information, m, inverse, m)) fit.sharedCovariance = inverse;
}

/** How badly all fits: minus the quasi-likelihood for a variance that is a line of the mean, and the priors. */
function misfitOf(fit: FitState): number {
  const { data, model, columns, variance, gain, floor } = fit;
  const background = columns[ColumnField.Background];
  const even = 1 / (2 * Math.max(floor, variance));
  const offset = gain !== 0 ? variance / gain : 0, least = gain !== 0 ? floor / Math.abs(gain) : 0;
  let sum = priorMisfit(fit);
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
