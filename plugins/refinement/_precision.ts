/**
 * How precise the fitted columns are: the covariance of the joint fit.
 *
 * The information of a column, with what its neighbors leave of it taken off: the Schur complement
 * of the joint normal matrix over the column and each neighbor, which is exact to first order in
 * what neighbors share among themselves.
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
import { type FitState, freeRows, sumsOf } from "./_fit_state.ts";

/** Neighbors farther than this many widths take nothing off. */
const TIED_WIDTHS = 5;

/** Numbers of the covariance of a column's Gaussian. */
const BLOCK = 36;

/** Precision of all columns. */
export interface Precision {
  /** Standard errors of the positions, px. */
  readonly errorX: Float64Array;
  readonly errorY: Float64Array;
  /** Standard error of the height. */
  readonly errorHeight: Float64Array;
  /** Mean square of what is left over, in units of the expected noise; about 1 for a good fit. */
  readonly chiSquare: Float64Array;
}

/** Computes the precision of all columns; yields a fraction done, below 1, after every block. */
export function* precisionOf(fit: FitState, widths: number): Generator<number, Precision> {
  const { count } = fit;
  const rows = freeRows(fit.freedom, fit.sloped);
  const n = rows.length;
  const alone = new Float64Array(count * n * n);
  const covariance = new Float64Array(count * BLOCK);
  const result = {
    errorX: new Float64Array(count).fill(Infinity),
    errorY: new Float64Array(count).fill(Infinity),
    errorHeight: new Float64Array(count).fill(Infinity),
    chiSquare: new Float64Array(count),
  };
  const scratch = createPrecisionScratch(n);
  for (let i = 0; i < count; i++) {
    if (fit.merged[i] < 0) {
      result.chiSquare[i] = ownInformation(fit, i, rows, alone, covariance, scratch);
    }
    if (i % 200 === 199) yield 0.4 * (i + 1) / count;
  }
  const reach = TIED_WIDTHS * widths;
  for (let i = 0; i < count; i++) {
    if (fit.merged[i] < 0) positionError(fit, i, rows, alone, covariance, reach, scratch, result);
    if (i % 200 === 199) yield 0.4 + 0.6 * (i + 1) / count;
  }
  return result;
}

interface PrecisionScratch {
  readonly sums: Float64Array;
  readonly matrix: Float64Array;
  readonly vector: Float64Array;
  readonly reduced: Float64Array;
  readonly inverse: Float64Array;
  readonly scale: Float64Array;
  readonly cross: Float64Array;
  readonly crossSum: Float64Array;
  readonly tied: Float64Array;
  readonly through: Float64Array;
}

function createPrecisionScratch(n: number): PrecisionScratch {
  return {
    sums: new Float64Array(SUMS_LENGTH),
    matrix: new Float64Array(NORMAL_SIZE * NORMAL_SIZE),
    vector: new Float64Array(NORMAL_SIZE),
    reduced: new Float64Array(n * n),
    inverse: new Float64Array(n * n),
    scale: new Float64Array(NORMAL_SIZE),
    cross: new Float64Array(NORMAL_SIZE * 6),
    crossSum: new Float64Array(25),
    tied: new Float64Array(n * 6),
    through: new Float64Array(n * 6),
  };
}

/** Keeps the information of a column by itself, and the covariance of its Gaussian. */
function ownInformation(
  fit: FitState,
  i: number,
  rows: readonly (readonly number[])[],
  alone: Float64Array,
  covariance: Float64Array,
  { sums, matrix, vector, reduced, inverse, scale }: PrecisionScratch,
): number {
  const n = rows.length;
  sumsOf(fit, i, sums);
  normalEquations(sums, matrix, vector);
  if (fit.backgroundSpread < Infinity) matrix[6 * NORMAL_SIZE + 6] += 1 / fit.backgroundSpread;
  for (let r = 0; r < n; r++) {
    for (let c = 0; c < n; c++) {
      let sum = 0;
      for (const p of rows[r]) for (const q of rows[c]) sum += matrix[p * NORMAL_SIZE + q];
      reduced[r * n + c] = alone[i * n * n + r * n + c] = sum;
    }
  }
  const pixels = sums[SumsField.Pixels];
  if (pixels > n && factorInPlace(reduced, n, n, scale)) {
    inverseOfFactor(reduced, n, n, scale, inverse);
    for (let r = 0; r < n; r++) {
      for (let c = 0; c < n; c++) {
        for (const p of rows[r]) {
          for (const q of rows[c]) {
            if (p < 6 && q < 6) covariance[i * BLOCK + p * 6 + q] = inverse[r * n + c];
          }
        }
      }
    }
  }
  return pixels > n ? sums[SumsField.ChiSquare] / (pixels - n) : 0;
}

/** Takes off what neighbors leave undecided, and turns the rest into errors of position and height. */
function positionError(
  fit: FitState,
  i: number,
  rows: readonly (readonly number[])[],
  alone: Float64Array,
  covariance: Float64Array,
  reach: number,
  scratch: PrecisionScratch,
  result: Precision,
): void {
  const { columns, neighborStart, neighbor } = fit;
  const { reduced, inverse, scale } = scratch;
  const n = rows.length;
  const at = i * COLUMN_STRIDE;
  reduced.set(alone.subarray(i * n * n, (i + 1) * n * n));
  for (let k = neighborStart[i]; k < neighborStart[i + 1]; k++) {
    const j = neighbor[k];
    const dx = columns[j * COLUMN_STRIDE] - columns[at];
    const dy = columns[j * COLUMN_STRIDE + 1] - columns[at + 1];
    if (dx * dx + dy * dy < reach * reach) takeOff(fit, i, j, dx, dy, rows, covariance, scratch);
  }
  if (!factorInPlace(reduced, n, n, scale)) {
    // Neighbors leave nothing: what the column has alone is all that is known.
    reduced.set(alone.subarray(i * n * n, (i + 1) * n * n));
    if (!factorInPlace(reduced, n, n, scale)) return;
  }
  inverseOfFactor(reduced, n, n, scale, inverse);
  const top = columns[at + ColumnField.Height];
  const pxx = columns[at + 3], pxy = columns[at + 4], pyy = columns[at + 5];
  const determinant = pxx * pyy - pxy * pxy;
  const a = inverse[n + 1], b = inverse[n + 2], c = inverse[2 * n + 2];
  const size = 1 / (determinant * determinant * top * top);
  result.errorX[i] = Math.sqrt((pyy * pyy * a - 2 * pyy * pxy * b + pxy * pxy * c) * size);
  result.errorY[i] = Math.sqrt((pxy * pxy * a - 2 * pxy * pxx * b + pxx * pxx * c) * size);
  result.errorHeight[i] = Math.sqrt(inverse[0]);
}

/** Subtracts the Schur complement of one neighbor at (dx, dy) from the information. */
function takeOff(
  fit: FitState,
  i: number,
  j: number,
  dx: number,
  dy: number,
  rows: readonly (readonly number[])[],
  covariance: Float64Array,
  { reduced, cross, crossSum, tied, through }: PrecisionScratch,
): void {
  const n = rows.length;
  crossSums(
    fit.model,
    fit.width,
    fit.height,
    fit.columns,
    i,
    j,
    fit.windowX[i],
    fit.windowY[i],
    fit.radius,
    fit.variance,
    fit.gain,
    fit.floor,
    crossSum,
  );
  crossMatrix(crossSum, cross);
  for (let r = 0; r < n; r++) {
    let c0 = 0, cx = 0, cy = 0, cxx = 0, cxy = 0, cyy = 0;
    for (const p of rows[r]) {
      c0 += cross[p * 6];
      cx += cross[p * 6 + 1];
      cy += cross[p * 6 + 2];
      cxx += cross[p * 6 + 3];
      cxy += cross[p * 6 + 4];
      cyy += cross[p * 6 + 5];
    }
    // From powers of the distance to this column to powers of that to the neighbor.
    tied[r * 6] = c0;
    tied[r * 6 + 1] = cx - dx * c0;
    tied[r * 6 + 2] = cy - dy * c0;
    tied[r * 6 + 3] = cxx - 2 * dx * cx + dx * dx * c0;
    tied[r * 6 + 4] = cxy - dx * cy - dy * cx + dx * dy * c0;
    tied[r * 6 + 5] = cyy - 2 * dy * cy + dy * dy * c0;
  }
  const block = j * BLOCK;
  for (let r = 0; r < n; r++) {
    for (let q = 0; q < 6; q++) {
      let sum = 0;
      for (let p = 0; p < 6; p++) sum += tied[r * 6 + p] * covariance[block + p * 6 + q];
      through[r * 6 + q] = sum;
    }
  }
  for (let r = 0; r < n; r++) {
    for (let c = 0; c <= r; c++) {
      let sum = 0;
      for (let p = 0; p < 6; p++) sum += through[r * 6 + p] * tied[c * 6 + p];
      reduced[r * n + c] -= sum;
    }
  }
}
