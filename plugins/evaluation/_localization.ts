/**
 * Figures of the errors of paired positions.
 *
 * @module
 */
import type { FromSchema } from "@core";
import { chiSquareTail, normalShare } from "./_chi_square.ts";
import type { METRICS_SCHEMA } from "./_localization_schema.ts";

/** The metrics of `evaluation.localization`. */
export type LocalizationMetrics = FromSchema<typeof METRICS_SCHEMA>;

/** The pairs that count, one a row; NaN where something is not known. All in px. */
export interface Errors {
  /** Found minus true, or found minus second with the offset removed. */
  readonly dx: Float64Array;
  readonly dy: Float64Array;
  /** True positions, or found ones where there is no truth. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly foundX: Float64Array;
  readonly foundY: Float64Array;
  /** Stated standard deviations of `dx` and `dy`, and their covariance (px^2). */
  readonly statedX: Float64Array;
  readonly statedY: Float64Array;
  readonly statedXY: Float64Array;
  /** Cramer-Rao bounds of them. */
  readonly boundX: Float64Array;
  readonly boundY: Float64Array;
  readonly height: Float64Array;
}

interface Estimate {
  readonly value: number | null;
  readonly error: number | null;
}

/** Makes the median absolute deviation the standard deviation of normal numbers. */
const MAD_TO_SD = 1.4826;
/** Tests want so many degrees of freedom left to know the noise, and so many positions a bin. */
const LEAST_DEGREES = 30, LEAST_IN_BIN = 5;
/** Positions nearer to one line than this (as 1 - correlation^2) tell no trend. */
const LEAST_SPREAD = 1e-9;

/** A figure, or null where it is undefined. */
const orNull = (value: number) => Number.isFinite(value) ? value : null;

/** Bias, rms, spread and covariance of all errors. */
export function errorFigures({ dx, dy }: Errors) {
  const n = dx.length;
  const biasX = mean(dx), biasY = mean(dy);
  const sdX = standardDeviation(dx), sdY = standardDeviation(dy);
  const distances = dx.map((d, i) => Math.sqrt(d * d + dy[i] * dy[i]));
  return {
    biasX: orNull(biasX),
    biasXError: orNull(sdX / Math.sqrt(n)),
    biasY: orNull(biasY),
    biasYError: orNull(sdY / Math.sqrt(n)),
    rmsX: orNull(rootMeanSquare(dx)),
    rmsY: orNull(rootMeanSquare(dy)),
    rms2d: orNull(rootMeanSquare(distances)),
    sdX: orNull(sdX),
    sdY: orNull(sdY),
    covarianceXY: orNull(n * (mean(dx.map((d, i) => (d - biasX) * (dy[i] - biasY)))) / (n - 1)),
    medianDistance: orNull(median(distances)),
    robustSdX: orNull(robustSd(dx)),
    robustSdY: orNull(robustSd(dy)),
  };
}

/** The precision of one of two exposures that are equally good. */
export function precisionOfOne({ dx, dy }: Errors): LocalizationMetrics["precision"] {
  const of = (d: Float64Array): Estimate => {
    const value = standardDeviation(d) / Math.SQRT2;
    return { value: orNull(value), error: orNull(value / Math.sqrt(2 * (d.length - 1))) };
  };
  return { x: of(dx), y: of(dy) };
}

/** Rms errors over rms bounds, of the pairs that have bounds; null without any. */
export function overBound(errors: Errors): LocalizationMetrics["bound"] {
  const { boundX, boundY } = errors;
  const rows = rowsWhere(errors, (i) => boundX[i] > 0 && boundY[i] > 0);
  if (rows.length === 0) return null;
  const ratio = (squares: Float64Array, variances: Float64Array): Estimate => {
    const value = Math.sqrt(mean(squares) / mean(variances));
    const error = value * standardError(squares) / (2 * mean(squares));
    return { value: orNull(value), error: orNull(error) };
  };
  const square = (values: Float64Array) => rows.map((i) => values[i] * values[i]);
  const x = square(errors.dx), y = square(errors.dy), bx = square(boundX), by = square(boundY);
  const sum = (a: Float64Array, b: Float64Array) => a.map((v, k) => v + b[k]);
  return {
    pairs: rows.length,
    x: ratio(x, bx),
    y: ratio(y, by),
    joint: ratio(sum(x, y), sum(bx, by)),
  };
}

/** Errors over stated ones, of the pairs that have them: along x, y, and jointly (squared). */
export function normalizedErrors(errors: Errors) {
  const { dx, dy, statedX, statedY, statedXY } = errors;
  const rows = rowsWhere(errors, (i) => statedX[i] > 0 && statedY[i] > 0);
  const x = rows.map((i) => dx[i] / statedX[i]), y = rows.map((i) => dy[i] / statedY[i]);
  let correlated = false;
  const joint = rows.map((i, k) => {
    const correlation = statedXY[i] / (statedX[i] * statedY[i]);
    if (!(Math.abs(correlation) < 1)) return x[k] * x[k] + y[k] * y[k];
    correlated = true;
    const sum = x[k] * x[k] - 2 * correlation * x[k] * y[k] + y[k] * y[k];
    return sum / (1 - correlation * correlation);
  });
  return { x, y, joint, correlated };
}

/** How the errors agree with the stated ones; null without any. */
export function coverageOf(errors: Errors): LocalizationMetrics["coverage"] {
  const { x, y, joint, correlated } = normalizedErrors(errors);
  if (x.length === 0) return null;
  const estimate = (values: Float64Array): Estimate => ({
    value: orNull(mean(values)),
    error: orNull(standardError(values)),
  });
  const share = (values: Float64Array, limit: number) =>
    values.reduce((n, value) => n + (Math.abs(value) <= limit ? 1 : 0), 0) / values.length;
  return {
    pairs: x.length,
    correlated,
    x: estimate(x.map((v) => v * v)),
    y: estimate(y.map((v) => v * v)),
    joint: estimate(joint.map((v) => v / 2)),
    within: [1, 2, 3].map((deviations) => ({
      deviations,
      x: share(x, deviations),
      y: share(y, deviations),
      expected: normalShare(deviations),
      joint: share(joint, deviations * deviations),
      expectedJoint: 1 - Math.exp(-deviations * deviations / 2),
    })),
  };
}

/** Mean errors by sub-pixel phase, and whether they are all one. */
export function phaseBias(
  d: Float64Array,
  position: Float64Array,
  bins: number,
): LocalizationMetrics["phase"]["x"] {
  const { count, sum, square } = binSums(d, position, bins);
  const means = sum.map((s, b) => s / count[b]); // NaN in empty bins
  const all = mean(d);
  const used = count.reduce((n, c) => n + (c > 0 ? 1 : 0), 0);
  let inside = 0, between = 0, largest = -1;
  for (let b = 0; b < bins; b++) {
    if (count[b] === 0) continue;
    inside += Math.max(0, square[b] - sum[b] * means[b]);
    between += count[b] * (means[b] - all) ** 2;
    if (count[b] < LEAST_IN_BIN) continue;
    if (largest < 0 || Math.abs(means[b] - all) > Math.abs(means[largest] - all)) largest = b;
  }
  const left = d.length - used;
  const variance = inside / left;
  const error = count.map((c) => Math.sqrt(variance / c));
  const degrees = Math.max(0, used - 1);
  const chiSquare = between / variance;
  return {
    mean: Array.from(means, orNull),
    error: Array.from(error, orNull),
    count: Array.from(count),
    amplitude: largest < 0 ? null : orNull(Math.abs(means[largest] - all)),
    amplitudeError: largest < 0 ? null : orNull(error[largest]),
    ...testOf(chiSquare, degrees, left),
  };
}

/** How found positions spread over the phases, and whether evenly. */
export function pixelLocking(
  found: Float64Array,
  truth: Float64Array | undefined,
  bins: number,
): LocalizationMetrics["locking"]["x"] {
  const { count, ...test } = evenness(found, bins);
  const truePValue = truth === undefined ? null : evenness(truth, bins).pValue;
  return { count: Array.from(count), ...test, truePValue };
}

function evenness(positions: Float64Array, bins: number) {
  const { count } = binSums(positions, positions, bins);
  const expected = positions.length / bins;
  const chiSquare = count.reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0);
  const enough = expected >= LEAST_IN_BIN ? Infinity : 0;
  return { count, ...testOf(chiSquare, bins - 1, enough) };
}

/** A chi-square test, null without enough degrees of freedom left to know the noise. */
function testOf(chiSquare: number, degrees: number, left: number) {
  const known = degrees > 0 && left >= LEAST_DEGREES && Number.isFinite(chiSquare);
  return {
    chiSquare: known ? chiSquare : null,
    degrees,
    pValue: known ? chiSquareTail(chiSquare, degrees) : null,
  };
}

/** Numbers, sums and sums of squares of values by bin of the phase of a position. */
function binSums(values: Float64Array, position: Float64Array, bins: number) {
  const count = new Float64Array(bins),
    sum = new Float64Array(bins),
    square = new Float64Array(bins);
  for (let i = 0; i < values.length; i++) {
    const phase = position[i] - Math.floor(position[i] + 0.5); // -0.5 up to 0.5
    const bin = Math.min(bins - 1, Math.floor((phase + 0.5) * bins));
    count[bin]++;
    sum[bin] += values[i];
    square[bin] += values[i] * values[i];
  }
  return { count, sum, square };
}

/** The linear dependence of the errors on position; null where positions do not tell it. */
export function errorTrend({ dx, dy, x, y }: Errors): LocalizationMetrics["trend"] {
  const n = x.length, left = n - 3;
  const [cx, cy] = [centered(x), centered(y)];
  const xx = dot(cx, cx), yy = dot(cy, cy), xy = dot(cx, cy);
  const determinant = xx * yy - xy * xy;
  if (left < 1 || !(determinant > LEAST_SPREAD * xx * yy)) return null;
  const fit = (errors: Float64Array) => {
    const d = centered(errors);
    const withX = dot(cx, d), withY = dot(cy, d);
    const byX = (yy * withX - xy * withY) / determinant;
    const byY = (xx * withY - xy * withX) / determinant;
    const rest = d.map((v, i) => v - byX * cx[i] - byY * cy[i]);
    const remaining = dot(rest, rest), variance = remaining / left;
    return {
      byX: { value: byX, variance: variance * yy / determinant },
      byY: { value: byY, variance: variance * xx / determinant },
      chiSquare: (byX * withX + byY * withY) / variance,
      remaining,
    };
  };
  const alongX = fit(dx), alongY = fit(dy);
  const single = ({ value, variance }: Slope): Estimate => ({
    value: orNull(value),
    error: orNull(Math.sqrt(variance)),
  });
  const half = (a: Slope, b: Slope, sign: 1 | -1): Estimate => ({
    value: orNull((a.value + sign * b.value) / 2),
    error: orNull(Math.sqrt(a.variance + b.variance) / 2),
  });
  return {
    xx: single(alongX.byX),
    xy: single(alongX.byY),
    yx: single(alongY.byX),
    yy: single(alongY.byY),
    scale: half(alongX.byX, alongY.byY, 1),
    rotationRad: half(alongY.byX, alongX.byY, -1),
    stretch: half(alongX.byX, alongY.byY, -1),
    shear: half(alongX.byY, alongY.byX, 1),
    ...testOf(alongX.chiSquare + alongY.chiSquare, 4, left),
    rms2dWithout: orNull(Math.sqrt((alongX.remaining + alongY.remaining) / n)),
  };
}

interface Slope {
  readonly value: number;
  readonly variance: number;
}

function rowsWhere({ dx }: Errors, fits: (row: number) => boolean): Float64Array {
  return Float64Array.from(dx.keys()).filter(fits);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function centered(values: Float64Array): Float64Array {
  const center = mean(values);
  return values.map((value) => value - center);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** The root of the mean square; NaN without values. */
export function rootMeanSquare(values: Float64Array): number {
  return Math.sqrt(dot(values, values) / values.length);
}

function standardDeviation(values: Float64Array): number {
  const rest = centered(values);
  return values.length < 2 ? NaN : Math.sqrt(dot(rest, rest) / (values.length - 1));
}

function standardError(values: Float64Array): number {
  return standardDeviation(values) / Math.sqrt(values.length);
}

function robustSd(values: Float64Array): number {
  if (values.length < 2) return NaN;
  const middle = median(values);
  return MAD_TO_SD * median(values.map((value) => Math.abs(value - middle)));
}

/** The median; NaN without values. */
export function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
