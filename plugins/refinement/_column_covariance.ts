/**
 * The covariance of a column's numbers as users read them, and its width made good for the error of its
 * place.
 *
 * @module
 */
import { axesOfPrecision, COLUMN_STRIDE, ColumnField } from "@core/kernels";
import { type FitState, Freedom, sharedSigma } from "./_fit_state.ts";
import type { Calibration } from "./_calibration.ts";
import { COVARIANCE_SIZE, type Precision } from "./_precision.ts";

/** Numbers in the order of the covariance. */
export const NUMBERS = ["x", "y", "height", "sigmaX", "sigmaY", "angle", "background"] as const;

/** The width is made good for the error of the position as long as that is below this share of it. */
const LARGEST_WIDENING = 0.7;

/**
 * Variance of a pixel's area, px^2: means over pixels look like points of a Gaussian that is wider by so
 * much, to 1e-4 of the width from 0.7 px on. Positions and volumes stay.
 */
const PIXEL_VARIANCE = 1 / 12;

/** Shapes of columns' own come out right as they are (see benchmarks/refinement_limit_bench.ts). */
const NONE = [0, 0, 0];

/** No column is narrower, px^2. */
const SMALLEST = 0.04;

const N = COVARIANCE_SIZE;

/** Memory for the covariances of one fit. */
export interface CovarianceMaker {
  /** Widens the axes of a column's light, and gives the covariance of its numbers, row by row. */
  make(i: number, axes: Float64Array): Float64Array;
}

/** Prepares the covariances of all columns. */
export function createCovarianceMaker(
  fit: FitState,
  precision: Precision,
  { inflation, widening: added }: Calibration,
  isIntegrated: boolean,
): CovarianceMaker {
  const own = new Float64Array(N * N), natural = new Float64Array(N * N);
  const jacobian = new Float64Array(N * N), half = new Float64Array(N * N);
  const isShared = fit.freedom === Freedom.FixedShape;
  return {
    make(i, axes) {
      for (let k = 0; k < N * N; k++) own[k] = inflation * precision.covariance[i * N * N + k];
      const widening = isShared ? added[fit.group[i]] : NONE;
      widen(fit.columns, i * COLUMN_STRIDE, widening, isIntegrated ? PIXEL_VARIANCE : 0, axes);
      addCommon(fit, i, own);
      jacobianOf(axes, jacobian);
      multiply(jacobian, own, half);
      multiplyTransposed(half, jacobian, natural);
      return natural;
    },
  };
}

/** Puts the covariance of what all columns share in its place. */
function addCommon(fit: FitState, i: number, own: Float64Array): void {
  const { shapeNumbers: numbers, sharedCovariance: shared, freedom } = fit;
  const m = Math.round(Math.sqrt(shared.length));
  // Places in the own covariance of each shared number.
  const places = numbers.map(({ group, rows }) =>
    freedom === Freedom.FixedShape && group === fit.group[i] ? rows.map((k) => 3 + k) : []
  );
  if (m > numbers.length) places.push([6]);
  if (m !== places.length) return;
  for (let g = 0; g < m; g++) {
    for (let h = 0; h < m; h++) {
      for (const p of places[g]) for (const q of places[h]) own[p * N + q] = shared[g * m + h];
    }
  }
}

/**
 * What to add to the covariance of the light (xx, xy, yy) of the columns of each group: around its fitted
 * place a column looks narrower than it is, by the covariance of that place. A misfit is no noise and does
 * not count. Columns tell the shared width by their light, so they count by their height.
 */
export function meanWidening(
  fit: FitState,
  { covariance }: Precision,
): readonly (readonly number[])[] {
  const limit = (LARGEST_WIDENING * sharedSigma(fit)) ** 2;
  return Array.from({ length: fit.shapes.length / 3 }, (_, group) => {
    const sum = [0, 0, 0];
    let used = 0;
    for (let i = 0; i < fit.given; i++) {
      if (fit.merged[i] >= 0 || fit.whole[i] === 0 || fit.group[i] !== group) continue;
      const from = i * N * N, height = fit.columns[i * COLUMN_STRIDE + ColumnField.Height];
      const xx = covariance[from] / fit.misfit, yy = covariance[from + N + 1] / fit.misfit;
      if (!(height > 0 && xx < limit && yy < limit)) continue;
      used += height;
      sum[0] += height * xx;
      sum[1] += height * covariance[from + 1] / fit.misfit;
      sum[2] += height * yy;
    }
    const [xx, xy, yy] = sum.map((v) => used > 0 ? v / used : 0);
    // A circle stays one.
    const isCircle = fit.shapeNumbers.some(({ rows }) => rows.length > 1);
    return isCircle ? [(xx + yy) / 2, 0, (xx + yy) / 2] : [xx, xy, yy];
  });
}

/** The axes of a column's light, some covariance added and that of the pixels taken off. */
function widen(
  columns: Float64Array,
  at: number,
  [xx, xy, yy]: readonly number[],
  pixel: number,
  axes: Float64Array,
): void {
  const [a, b, c] = covarianceOfShape(columns, at + ColumnField.Pxx);
  axesOfPrecision(...precisionOfLight(a + xx - pixel, b + xy, c + yy - pixel), axes);
}

/** The covariance of a column's light (xx, xy, yy), px^2, from its precision matrix at this place. */
export function covarianceOfShape(shapes: Float64Array, at: number): [number, number, number] {
  const determinant = shapes[at] * shapes[at + 2] - shapes[at + 1] ** 2;
  return [shapes[at + 2] / determinant, -shapes[at + 1] / determinant, shapes[at] / determinant];
}

/** The precision matrix (pxx, pxy, pyy) of light of this covariance, not too narrow. */
export function precisionOfLight(xx: number, xy: number, yy: number): [number, number, number] {
  const a = Math.max(SMALLEST, xx), c = Math.max(SMALLEST, yy);
  const determinant = Math.max(SMALLEST * SMALLEST, a * c - xy * xy);
  return [c / determinant, -xy / determinant, a / determinant];
}

/** From the precision matrix to widths and angle. */
function jacobianOf(axes: Float64Array, out: Float64Array): void {
  const c = Math.cos(axes[2]), s = Math.sin(axes[2]);
  const lu = 1 / (axes[0] * axes[0]), lv = 1 / (axes[1] * axes[1]);
  const turn = lu === lv ? 0 : 1 / (lu - lv);
  const u = -(axes[0] ** 3) / 2, v = -(axes[1] ** 3) / 2;
  out.fill(0);
  for (const k of [0, 1, 2, 6]) out[k * N + k] = 1;
  out.set([u * c * c, 2 * u * c * s, u * s * s], 3 * N + 3);
  out.set([v * s * s, -2 * v * c * s, v * c * c], 4 * N + 3);
  out.set([-turn * c * s, turn * (c * c - s * s), turn * c * s], 5 * N + 3);
}

function multiply(a: Float64Array, b: Float64Array, out: Float64Array): void {
  for (let r = 0; r < N; r++) {
    for (let c = 0; c < N; c++) {
      let sum = 0;
      for (let k = 0; k < N; k++) if (a[r * N + k] !== 0) sum += a[r * N + k] * b[k * N + c];
      out[r * N + c] = sum;
    }
  }
}

function multiplyTransposed(a: Float64Array, b: Float64Array, out: Float64Array): void {
  for (let r = 0; r < N; r++) {
    for (let c = 0; c < N; c++) {
      let sum = 0;
      for (let k = 0; k < N; k++) if (b[c * N + k] !== 0) sum += a[r * N + k] * b[c * N + k];
      out[r * N + c] = sum;
    }
  }
}
