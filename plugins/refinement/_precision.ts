/**
 * How precise the fitted columns are: the covariance of the joint fit.
 *
 * The covariance of a column is its part of the inverse of the joint normal matrix. That matrix is
 * inverted around each column: the column and its neighbors as they are, what lies beyond them by the
 * share it takes off the neighbors alone (a Schur complement). The ties fall off so fast that this is
 * the inverse of the whole to a percent at a spacing of three widths.
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
  solveInPlace,
  SUMS_LENGTH,
  SumsField,
} from "@core/kernels";
import {
  addBeyondPrior,
  crossTo,
  findNeighbors,
  type FitState,
  Freedom,
  freeRows,
  sumsOf,
} from "./_fit_state.ts";

import { addShapePrior } from "./_shape.ts";

/** Neighbors farther than this many widths take nothing off. */
const TIED_WIDTHS = 4.7;

/** Neighbors farther down the list than this count as lying beyond. */
const MOST_NEIGHBORS = 12;

/** Columns between two reports. */
const BLOCK = 200;

/** Numbers of a column whose covariance is told, in its order: see {@linkcode ColumnField}. */
export const COVARIANCE_SIZE = 7;

/** Precision of all columns. */
export interface Precision {
  /**
   * Covariance of x, y, height, the three of the precision matrix, and the background: rows of 7 x 7
   * for each column, 0 for numbers that were not free. Infinity where nothing is known.
   */
  readonly covariance: Float64Array;
  /** Error of the height were all else known: whether there is a column at all. */
  readonly noise: Float64Array;
  /** Mean square of what is left over, in units of the expected noise; about 1 for a good fit. */
  readonly chiSquare: Float64Array;
}

/** Computes the precision of all columns; yields a fraction done, below 1, after every block. */
export function* precisionOf(fit: FitState, width: number): Generator<number, Precision> {
  const { count } = fit;
  findNeighbors(fit, TIED_WIDTHS * width);
  const net = createNet(fit);
  const result = {
    covariance: new Float64Array(count * COVARIANCE_SIZE ** 2).fill(Infinity),
    noise: new Float64Array(count).fill(Infinity),
    chiSquare: new Float64Array(count),
  };
  for (let i = 0; i < count; i++) {
    if (fit.merged[i] < 0) {
      result.chiSquare[i] = ownInformation(fit, i, net);
      result.noise[i] = 1 / Math.sqrt(net.alone[i * net.n * net.n]);
      tieNeighbors(fit, i, net);
    }
    if (i % BLOCK === BLOCK - 1) yield 0.5 * (i + 1) / count;
  }
  invertOwn(fit, net);
  for (let i = 0; i < fit.given; i++) {
    if (fit.merged[i] < 0) covarianceOf(fit, i, net, result);
    if (i % BLOCK === BLOCK - 1) yield 0.5 + 0.5 * (i + 1) / count;
  }
  return result;
}

/** The joint normal matrix as a net of columns, n numbers each. */
interface Net {
  readonly n: number;
  readonly rows: readonly (readonly number[])[];
  /** By column: its own information, n x n. */
  readonly alone: Float64Array;
  /** By neighbor in the lists of the fit: the tie to it, n x n. */
  readonly tie: Float64Array;
  /** By column: the inverse of its own information. */
  readonly ownInverse: Float64Array;
  /** Place of each column in the matrix around the present one; -1 for those beyond. */
  readonly place: Int32Array;
  /** That matrix. */
  readonly around: Float64Array;
  readonly aroundScale: Float64Array;
  readonly unit: Float64Array;
  readonly sums: Float64Array;
  readonly left: Float64Array;
  readonly inverse: Float64Array;
  readonly scale: Float64Array;
  readonly cross: Float64Array;
  readonly product: Float64Array;
  readonly toNumber: Float64Array;
  readonly half: Float64Array;
}

function createNet(fit: FitState): Net {
  const rows = freeRows(fit.freedom, fit.backdrop);
  const n = rows.length, square = n * n;
  const { neighbor } = fit;
  return {
    n,
    rows,
    alone: new Float64Array(fit.count * square),
    tie: new Float64Array(neighbor.length * square),
    ownInverse: new Float64Array(fit.count * square),
    place: new Int32Array(fit.count).fill(-1),
    around: new Float64Array(((1 + MOST_NEIGHBORS) * n) ** 2),
    aroundScale: new Float64Array((1 + MOST_NEIGHBORS) * n),
    unit: new Float64Array((1 + MOST_NEIGHBORS) * n),
    sums: new Float64Array(SUMS_LENGTH),
    left: new Float64Array(square),
    inverse: new Float64Array(square),
    scale: new Float64Array(n),
    cross: new Float64Array(NORMAL_SIZE * 6),
    product: new Float64Array(square),
    toNumber: new Float64Array(COVARIANCE_SIZE * NORMAL_SIZE),
    half: new Float64Array(COVARIANCE_SIZE * NORMAL_SIZE),
  };
}

/** Keeps the information of a column by itself; returns its mean square of what is left over. */
function ownInformation(fit: FitState, i: number, net: Net): number {
  const { n, rows } = net;
  const { sums, matrix, vector } = fit.scratch;
  sumsOf(fit, i, sums);
  normalEquations(sums, matrix, vector);
  if (fit.freedom !== Freedom.FixedShape) addShapePrior(fit, i * COLUMN_STRIDE);
  if (i >= fit.given) addBeyondPrior(fit, i);
  const isDrawn = fit.backgroundSpread < Infinity && !Number.isNaN(fit.backgroundMean[i]);
  if (isDrawn) matrix[6 * NORMAL_SIZE + 6] += 1 / fit.backgroundSpread;
  for (let r = 0; r < n; r++) {
    for (let c = 0; c < n; c++) {
      let sum = 0;
      for (const p of rows[r]) for (const q of rows[c]) sum += matrix[p * NORMAL_SIZE + q];
      net.alone[(i * n + r) * n + c] = sum;
    }
  }
  const pixels = sums[SumsField.Pixels];
  return pixels > n ? sums[SumsField.ChiSquare] / (pixels - n) : 0;
}

/** Writes the ties of a column to its neighbors' Gaussians; backgrounds are each column's own. */
function tieNeighbors(fit: FitState, i: number, net: Net): void {
  const { n, rows, cross, sums } = net;
  for (let k = fit.neighborStart[i]; k < fit.neighborStart[i + 1]; k++) {
    crossTo(fit, i, fit.neighbor[k], sums, cross);
    for (let r = 0; r < n; r++) {
      for (let c = 0; c < n; c++) {
        let sum = 0;
        for (const p of rows[r]) {
          for (const q of rows[c]) if (p < 6 && q < 6) sum += cross[p * 6 + q];
        }
        net.tie[(k * n + r) * n + c] = sum;
      }
    }
  }
}

/** Inverts each column's own information; 0 where there is none. */
function invertOwn(fit: FitState, net: Net): void {
  const { n, alone, ownInverse, left, scale, inverse } = net;
  const square = n * n;
  for (let i = 0; i < fit.count; i++) {
    if (fit.merged[i] >= 0) continue;
    left.set(alone.subarray(i * square, (i + 1) * square));
    if (!factorInPlace(left, n, n, scale)) continue;
    inverseOfFactor(left, n, n, scale, inverse);
    ownInverse.set(inverse, i * square);
  }
}

/** The covariance of a column from the matrix around it. */
function covarianceOf(fit: FitState, i: number, net: Net, result: Precision): void {
  const { n, place, around, aroundScale, unit, inverse } = net;
  const from = fit.neighborStart[i];
  const to = Math.min(fit.neighborStart[i + 1], from + MOST_NEIGHBORS);
  const size = (1 + to - from) * n;
  place[i] = 0;
  for (let k = from; k < to; k++) place[fit.neighbor[k]] = (1 + k - from) * n;
  const members = [i, ...fit.neighbor.subarray(from, to)];
  let isFactored = false;
  // Rarely the share taken off by those beyond is too much; then they count as known.
  for (const withBeyond of [true, false]) {
    around.fill(0, 0, size * size);
    for (const member of members) addMember(fit, member, net, size);
    if (withBeyond) { for (const member of members) takeOffBeyond(fit, member, net, size); }
    isFactored = factorInPlace(around, size, size, aroundScale);
    if (isFactored) break;
  }
  for (const member of members) place[member] = -1;
  if (!isFactored) return;
  for (let r = 0; r < n; r++) {
    unit.fill(0, 0, size);
    unit[r] = 1;
    solveInPlace(around, size, size, aroundScale, unit, 0);
    for (let c = 0; c < n; c++) inverse[r * n + c] = unit[c];
  }
  writeCovariance(fit, i, net, result);
}

/** A column's rows of the matrix around another: lower triangle. */
function addMember(
  fit: FitState,
  j: number,
  { n, alone, tie, place, around }: Net,
  size: number,
): void {
  const square = n * n, at = place[j];
  for (let r = 0; r < n; r++) {
    for (let c = 0; c < n; c++) around[(at + r) * size + at + c] += alone[j * square + r * n + c];
  }
  for (let k = fit.neighborStart[j]; k < fit.neighborStart[j + 1]; k++) {
    const there = place[fit.neighbor[k]];
    if (there < 0 || there > at) continue;
    for (let r = 0; r < n; r++) {
      for (let c = 0; c < n; c++) around[(at + r) * size + there + c] = tie[k * square + r * n + c];
    }
  }
}

/** Takes off what columns beyond leave undecided of a member, and of it and other members together. */
function takeOffBeyond(fit: FitState, j: number, net: Net, size: number): void {
  const { n, tie, ownInverse, place, around, product } = net;
  const square = n * n, at = place[j];
  for (let k = fit.neighborStart[j]; k < fit.neighborStart[j + 1]; k++) {
    const beyond = fit.neighbor[k];
    if (place[beyond] >= 0) continue;
    for (let r = 0; r < n; r++) {
      for (let c = 0; c < n; c++) {
        let sum = 0;
        for (let p = 0; p < n; p++) {
          sum += tie[k * square + r * n + p] * ownInverse[beyond * square + p * n + c];
        }
        product[r * n + c] = sum;
      }
    }
    // The ties of the column beyond to members: those back to this one and those before it.
    for (let b = fit.neighborStart[beyond]; b < fit.neighborStart[beyond + 1]; b++) {
      const there = place[fit.neighbor[b]];
      if (there < 0 || there > at) continue;
      for (let r = 0; r < n; r++) {
        for (let c = 0; c < n; c++) {
          let sum = 0;
          for (let p = 0; p < n; p++) sum += product[r * n + p] * tie[b * square + p * n + c];
          around[(at + r) * size + there + c] -= sum;
        }
      }
    }
  }
}

/**
 * Writes the covariance of a column's numbers. Weights are taken from the fitted picture, which follows
 * the noise: to second order the information is too high by the number of a column's free numbers over
 * its counts, or what stands for them, the squared height over its error.
 */
function writeCovariance(fit: FitState, i: number, net: Net, result: Precision): void {
  const { n, inverse } = net;
  const at = i * COLUMN_STRIDE;
  const top = fit.columns[at + ColumnField.Height];
  if (!(top > 0)) return;
  toNumbers(fit, at, net.rows, net.toNumber);
  const size = COVARIANCE_SIZE;
  const out = result.covariance.subarray(i * size * size, (i + 1) * size * size);
  const free = net.rows.filter(([p]) => p < 6).length;
  const counts = top * top * net.alone[i * n * n] * fit.misfit;
  const more = 1 + Math.min(MOST_MORE, free / counts);
  const { toNumber, half } = net;
  for (let a = 0; a < size; a++) {
    for (let c = 0; c < n; c++) half[a * n + c] = 0;
    for (let r = 0; r < n; r++) {
      const left = toNumber[a * NORMAL_SIZE + r];
      if (left === 0) continue;
      for (let c = 0; c < n; c++) half[a * n + c] += left * inverse[r * n + c];
    }
  }
  for (let b = 0; b < size; b++) {
    for (let a = 0; a < size; a++) out[a * size + b] = 0;
    for (let c = 0; c < n; c++) {
      const right = more * toNumber[b * NORMAL_SIZE + c];
      if (right === 0) continue;
      for (let a = 0; a < size; a++) out[a * size + b] += half[a * n + c] * right;
    }
  }
}

/** The second order is not trusted beyond this. */
const MOST_MORE = 0.5;

/** How the numbers of a column change with its free factors: 7 rows of 9. */
function toNumbers(
  { columns }: FitState,
  at: number,
  rows: readonly (readonly number[])[],
  out: Float64Array,
): void {
  const top = columns[at + ColumnField.Height];
  const pxx = columns[at + 3], pxy = columns[at + 4], pyy = columns[at + 5];
  const size = top * (pxx * pyy - pxy * pxy);
  out.fill(0);
  for (const [r, factors] of rows.entries()) {
    for (const p of factors) {
      if (p === 0) out[2 * NORMAL_SIZE + r] = 1;
      else if (p === 1) {
        out[r] = pyy / size;
        out[NORMAL_SIZE + r] = -pxy / size;
      } else if (p === 2) {
        out[r] = -pxy / size;
        out[NORMAL_SIZE + r] = pxx / size;
      } else if (p < 6) out[p * NORMAL_SIZE + r] = p === 4 ? -1 / top : -2 / top;
      else if (p === 6) out[6 * NORMAL_SIZE + r] = 1;
    }
  }
}
