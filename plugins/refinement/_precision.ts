/**
 * How precise the fitted columns are: the covariance of the joint fit.
 *
 * The information of a column is its own normal matrix with what its neighbors leave undecided taken
 * off (a Schur complement). What a neighbor leaves undecided depends on its own neighbors in turn, so
 * neighbors tell each other a few times: belief propagation on the joint normal matrix, whose
 * variances are exact for chains and good to a few percent for lattices.
 *
 * @see Weiss and Freeman, Correctness of belief propagation in Gaussian graphical models of arbitrary
 * topology, Neural Computation 13 (2001) 2173. https://doi.org/10.1162/089976601750541769
 *
 * @module
 */
import {
  COLUMN_STRIDE,
  ColumnField,
  crossMatrix,
  crossSums,
  factorInPlace,
  inverseOfFactor,
  NORMAL_SIZE,
  normalEquations,
  SUMS_LENGTH,
  SumsField,
} from "@core/kernels";
import { findNeighbors, type FitState, freeRows, sumsOf } from "./_fit_state.ts";

/** Neighbors farther than this many widths take nothing off. */
const TIED_WIDTHS = 4.7;

/** Rounds in which neighbors tell each other; each takes in one more ring of columns. */
const ROUNDS = 4;

/** Columns between two reports. */
const BLOCK = 200;

/** Precision of all columns. */
export interface Precision {
  /** Standard errors of the positions, px; Infinity where nothing is known. */
  readonly errorX: Float64Array;
  readonly errorY: Float64Array;
  /** Standard error of the height. */
  readonly errorHeight: Float64Array;
  /** Mean square of what is left over, in units of the expected noise; about 1 for a good fit. */
  readonly chiSquare: Float64Array;
}

/** Computes the precision of all columns; yields a fraction done, below 1, after every block. */
export function* precisionOf(fit: FitState, width: number): Generator<number, Precision> {
  const { count } = fit;
  findNeighbors(fit, TIED_WIDTHS * width);
  const net = createNet(fit);
  const result = {
    errorX: new Float64Array(count).fill(Infinity),
    errorY: new Float64Array(count).fill(Infinity),
    errorHeight: new Float64Array(count).fill(Infinity),
    chiSquare: new Float64Array(count),
  };
  for (let i = 0; i < count; i++) {
    if (fit.merged[i] < 0) {
      result.chiSquare[i] = ownInformation(fit, i, net);
      tieNeighbors(fit, i, net);
    }
    if (i % BLOCK === BLOCK - 1) yield 0.5 * (i + 1) / count;
  }
  const rounds = fit.neighbor.length > 0 ? ROUNDS : 0;
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < count; i++) {
      if (fit.merged[i] < 0) tellNeighbors(fit, i, net);
      if (i % BLOCK === BLOCK - 1) yield 0.5 + 0.4 * (round + (i + 1) / count) / rounds;
    }
    net.heard.set(net.told);
  }
  for (let i = 0; i < count; i++) if (fit.merged[i] < 0) errorsOf(fit, i, net, result);
  return result;
}

/** The joint normal matrix as a net of columns, n numbers each. */
interface Net {
  readonly n: number;
  readonly rows: readonly (readonly number[])[];
  /** By column: its own information, n x n. */
  readonly alone: Float64Array;
  /** By neighbor in the lists of the fit: the tie to it, n x n, and the place of the way back. */
  readonly tie: Float64Array;
  readonly back: Int32Array;
  /** By neighbor: what it takes off, n x n; heard in this round, and told for the next. */
  readonly heard: Float64Array;
  readonly told: Float64Array;
  readonly sums: Float64Array;
  readonly matrix: Float64Array;
  readonly vector: Float64Array;
  readonly total: Float64Array;
  readonly left: Float64Array;
  readonly inverse: Float64Array;
  readonly scale: Float64Array;
  readonly cross: Float64Array;
  readonly product: Float64Array;
}

function createNet(fit: FitState): Net {
  const rows = freeRows(fit.freedom, fit.sloped);
  const n = rows.length, square = n * n;
  const { neighborStart, neighbor } = fit;
  const back = new Int32Array(neighbor.length).fill(-1);
  for (let i = 0; i < fit.count; i++) {
    for (let k = neighborStart[i]; k < neighborStart[i + 1]; k++) {
      const from = neighborStart[neighbor[k]], to = neighborStart[neighbor[k] + 1];
      const place = neighbor.subarray(from, to).indexOf(i);
      if (place >= 0) back[k] = from + place;
    }
  }
  return {
    n,
    rows,
    alone: new Float64Array(fit.count * square),
    tie: new Float64Array(neighbor.length * square),
    back,
    heard: new Float64Array(neighbor.length * square),
    told: new Float64Array(neighbor.length * square),
    sums: new Float64Array(SUMS_LENGTH),
    matrix: new Float64Array(NORMAL_SIZE * NORMAL_SIZE),
    vector: new Float64Array(NORMAL_SIZE),
    total: new Float64Array(square),
    left: new Float64Array(square),
    inverse: new Float64Array(square),
    scale: new Float64Array(n),
    cross: new Float64Array(NORMAL_SIZE * 6),
    product: new Float64Array(square),
  };
}

/** Keeps the information of a column by itself; returns its mean square of what is left over. */
function ownInformation(fit: FitState, i: number, net: Net): number {
  const { n, rows, sums, matrix } = net;
  sumsOf(fit, i, sums);
  normalEquations(sums, matrix, net.vector);
  if (fit.backgroundSpread < Infinity) matrix[6 * NORMAL_SIZE + 6] += 1 / fit.backgroundSpread;
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
  const { columns } = fit;
  for (let k = fit.neighborStart[i]; k < fit.neighborStart[i + 1]; k++) {
    const j = fit.neighbor[k];
    const dx = columns[j * COLUMN_STRIDE] - columns[i * COLUMN_STRIDE];
    const dy = columns[j * COLUMN_STRIDE + 1] - columns[i * COLUMN_STRIDE + 1];
    crossSums(
      fit.model,
      fit.width,
      fit.height,
      columns,
      i,
      j,
      fit.windowX[i],
      fit.windowY[i],
      fit.radius,
      fit.variance,
      fit.gain,
      fit.floor,
      sums,
    );
    crossMatrix(sums, cross);
    shiftColumns(cross, dx, dy);
    for (let r = 0; r < n; r++) {
      for (let c = 0; c < n; c++) {
        let sum = 0;
        for (const p of rows[r]) for (const q of rows[c]) if (q < 6) sum += cross[p * 6 + q];
        net.tie[(k * n + r) * n + c] = sum;
      }
    }
  }
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

/** Tells each neighbor what this column, by all that the others told it, takes off there. */
function tellNeighbors(fit: FitState, i: number, net: Net): void {
  const { n, total, left, inverse, scale, product, tie } = net;
  const square = n * n;
  informationWith(fit, i, net, total);
  for (let k = fit.neighborStart[i]; k < fit.neighborStart[i + 1]; k++) {
    const back = net.back[k];
    if (back < 0) continue;
    // Without what that neighbor itself told.
    for (let p = 0; p < square; p++) left[p] = total[p] + net.heard[k * square + p];
    if (!factorInPlace(left, n, n, scale)) continue;
    inverseOfFactor(left, n, n, scale, inverse);
    const way = back * square;
    for (let r = 0; r < n; r++) {
      for (let c = 0; c < n; c++) {
        let sum = 0;
        for (let p = 0; p < n; p++) sum += tie[way + r * n + p] * inverse[p * n + c];
        product[r * n + c] = sum;
      }
    }
    for (let r = 0; r < n; r++) {
      for (let c = 0; c <= r; c++) {
        let sum = 0;
        for (let p = 0; p < n; p++) sum += product[r * n + p] * tie[way + c * n + p];
        net.told[way + r * n + c] = net.told[way + c * n + r] = sum;
      }
    }
  }
}

/** The information of a column less what all neighbors take off. */
function informationWith(fit: FitState, i: number, net: Net, out: Float64Array): void {
  const square = net.n * net.n;
  out.set(net.alone.subarray(i * square, (i + 1) * square));
  for (let k = fit.neighborStart[i]; k < fit.neighborStart[i + 1]; k++) {
    for (let p = 0; p < square; p++) out[p] -= net.heard[k * square + p];
  }
}

/** Turns the information of a column into errors of its position and height. */
function errorsOf(fit: FitState, i: number, net: Net, result: Precision): void {
  const { n, total, inverse, scale } = net;
  informationWith(fit, i, net, total);
  if (!factorInPlace(total, n, n, scale)) {
    // Neighbors leave nothing: what the column has alone is all that is known.
    total.set(net.alone.subarray(i * n * n, (i + 1) * n * n));
    if (!factorInPlace(total, n, n, scale)) return;
  }
  inverseOfFactor(total, n, n, scale, inverse);
  const at = i * COLUMN_STRIDE;
  const top = fit.columns[at + ColumnField.Height];
  const pxx = fit.columns[at + 3], pxy = fit.columns[at + 4], pyy = fit.columns[at + 5];
  const determinant = pxx * pyy - pxy * pxy;
  const a = inverse[n + 1], b = inverse[n + 2], c = inverse[2 * n + 2];
  const size = 1 / (determinant * determinant * top * top);
  result.errorX[i] = Math.sqrt((pyy * pyy * a - 2 * pyy * pxy * b + pxy * pxy * c) * size);
  result.errorY[i] = Math.sqrt((pxy * pxy * a - 2 * pxy * pxx * b + pxx * pxx * c) * size);
  result.errorHeight[i] = Math.sqrt(inverse[0]);
}
