/**
 * The tables of fitted columns: shapes, errors, covariances, and what is doubtful.
 *
 * @module
 */
import { COLUMN_COLUMNS, type Columns, type ColumnStatus, createTable, type Table } from "@core";
import {
  axesOfPrecision,
  COLUMN_STRIDE,
  ColumnField,
  createKdTree,
  nearestNeighbor,
} from "@core/kernels";
import type { Calibration } from "./_calibration.ts";
import { createCovarianceMaker, NUMBERS } from "./_column_covariance.ts";
import { type FitState, Freedom, sharedSigma, StepOutcome } from "./_fit_state.ts";
import type { Precision } from "./_precision.ts";
import { WIDTH_LIMITS } from "./_shape.ts";

/** A height below this many standard deviations of the noise is not clear of it. */
const WEAK_BELOW = 3;

/** A column this near to where it may go at most has left its place, as a share of that. */
const MOVED_ABOVE = 0.9;

/** A last step above this many errors is not the last one. */
const UNSETTLED_ABOVE = 1;

/** Full width at half maximum of a Gaussian of width 1. */
const FWHM = 2 * Math.sqrt(2 * Math.log(2));

/** Largest number a table holds for an error of what is not known at all. */
const UNKNOWN = 1e30;

/** More columns of the table of columns, with their units. */
const MORE_UNITS = {
  covXY: "px^2",
  boundX: "px",
  boundY: "px",
  errorHeight: "counts",
  errorSigmaX: "px",
  errorSigmaY: "px",
  errorAngle: "rad",
  errorBackground: "counts",
  errorVolume: "counts px^2",
  fwhmX: "px",
  fwhmY: "px",
  spacing: "px",
} as const;

const NUMBER_UNITS = ["px", "px", "counts", "px", "px", "rad", "counts"];

/** Names and units of the covariance table: `xX`, `xY` and so on, each pair once. */
export const COVARIANCE_UNITS: Readonly<Record<string, string>> = Object.fromEntries(
  NUMBERS.flatMap((a, r) =>
    NUMBERS.slice(r).map((b, k) => {
      const [left, right] = [NUMBER_UNITS[r], NUMBER_UNITS[r + k]];
      return [
        `${a}${b[0].toUpperCase()}${b.slice(1)}`,
        left === right ? `${left}^2` : `${left} ${right}`,
      ];
    })
  ),
);

/** Both tables, column i of the fit in row order[i]; for pixels that are points or means. */
export function columnTables(
  fit: FitState,
  precision: Precision,
  calibration: Calibration,
  order: Int32Array,
  isIntegrated: boolean,
): { readonly columns: Columns; readonly covariance: Table<string> } {
  const { given } = fit;
  const column = () => new Float64Array(given);
  const table = {
    x: column(),
    y: column(),
    sigmaX: column(),
    sigmaY: column(),
    angle: column(),
    height: column(),
    background: column(),
    volume: column(),
    errorX: column(),
    errorY: column(),
    covXY: column(),
    boundX: column(),
    boundY: column(),
    errorHeight: column(),
    errorSigmaX: column(),
    errorSigmaY: column(),
    errorAngle: column(),
    errorBackground: column(),
    errorVolume: column(),
    fwhmX: column(),
    fwhmY: column(),
    ellipticity: column(),
    chiSquare: column(),
    spacing: column(),
  };
  const distances = neighborDistances(fit);
  const names = Object.keys(COVARIANCE_UNITS);
  const covariance = Object.fromEntries(names.map((name) => [name, column()]));
  const status = new Array<ColumnStatus>(given);
  const maker = createCovarianceMaker(fit, precision, calibration, isIntegrated);
  const axes = new Float64Array(3);
  const n = NUMBERS.length;
  for (let i = 0; i < given; i++) {
    const row = order[i];
    // A merged start is told by the column that stands for it.
    let stands = i;
    while (fit.merged[stands] >= 0) stands = fit.merged[stands];
    const at = stands * COLUMN_STRIDE;
    axesOfPrecision(fit.columns[at + 3], fit.columns[at + 4], fit.columns[at + 5], axes);
    const volume = 2 * Math.PI * fit.columns[at + ColumnField.Height] * axes[0] * axes[1];
    const natural = maker.make(stands, axes);
    table.x[row] = fit.columns[at];
    table.y[row] = fit.columns[at + 1];
    table.sigmaX[row] = axes[0];
    table.sigmaY[row] = axes[1];
    table.angle[row] = axes[2];
    table.height[row] = volume / (2 * Math.PI * axes[0] * axes[1]);
    table.background[row] = fit.sign * fit.columns[at + ColumnField.Background];
    table.volume[row] = volume;
    table.fwhmX[row] = FWHM * axes[0];
    table.fwhmY[row] = FWHM * axes[1];
    table.ellipticity[row] = axes[0] / axes[1];
    table.spacing[row] = distances[i];
    table.chiSquare[row] = precision.chiSquare[stands] * fit.misfit;
    writeErrors(fit, row, table, natural, fit.misfit * calibration.inflation);
    let k = 0;
    for (let r = 0; r < n; r++) {
      for (let c = r; c < n; c++) covariance[names[k++]][row] = finite(natural[r * n + c]);
    }
    status[row] = statusOf(fit, i, precision.noise[stands], axes);
  }
  const units = { ...COLUMN_COLUMNS, ...MORE_UNITS };
  return {
    columns: createTable({ ...table, status }, units),
    covariance: createTable(covariance, COVARIANCE_UNITS),
  };
}

function finite(value: number): number {
  return Number.isNaN(value) ? UNKNOWN : Math.max(-UNKNOWN, Math.min(UNKNOWN, value));
}

/** Errors of a row from its covariance, so many times that of the bound. */
function writeErrors(
  fit: FitState,
  i: number,
  table: Readonly<Record<string, Float64Array>>,
  natural: Float64Array,
  aboveBound: number,
): void {
  const n = NUMBERS.length;
  const farthest = Number.isFinite(fit.spacing) ? fit.spacing : 4 * sharedSigma(fit);
  const place = (k: number) => Math.min(farthest, Math.sqrt(natural[k * n + k]) || Infinity);
  const error = (k: number) => finite(Math.sqrt(Math.max(0, natural[k * n + k])));
  const height = table.height[i], sigmaX = table.sigmaX[i], sigmaY = table.sigmaY[i];
  table.errorX[i] = place(0);
  table.errorY[i] = place(1);
  table.covXY[i] = Math.abs(natural[1]) <= farthest * farthest ? natural[1] : 0;
  const noise = 1 / Math.sqrt(aboveBound);
  table.boundX[i] = noise * table.errorX[i];
  table.boundY[i] = noise * table.errorY[i];
  table.errorHeight[i] = error(2);
  table.errorSigmaX[i] = error(3);
  table.errorSigmaY[i] = error(4);
  // Of a circle the angle is not known.
  table.errorAngle[i] = sigmaX > sigmaY ? Math.min(Math.PI / 2, error(5)) : Math.PI / 2;
  table.errorBackground[i] = error(6);
  const slope = [sigmaX * sigmaY, height * sigmaY, height * sigmaX];
  let variance = 0;
  for (let a = 0; a < 3; a++) {
    for (let b = 0; b < 3; b++) variance += slope[a] * slope[b] * natural[(2 + a) * n + 2 + b];
  }
  table.errorVolume[i] = finite(2 * Math.PI * Math.sqrt(Math.max(0, variance)));
}

/** What is doubtful about a column; the gravest if several things are. */
function statusOf(
  fit: FitState,
  i: number,
  noise: number,
  axes: Float64Array,
): ColumnStatus {
  if (fit.merged[i] >= 0) return "overlap";
  const at = i * COLUMN_STRIDE;
  const x = fit.columns[at], y = fit.columns[at + 1];
  const top = fit.columns[at + ColumnField.Height];
  const sigma = sharedSigma(fit);
  const margin = Number.isFinite(fit.spacing) ? fit.spacing / 2 : 2 * sigma;
  const nearBorder = x < margin || y < margin || x > fit.width - 1 - margin ||
    y > fit.height - 1 - margin;
  if (nearBorder) return "edge";
  if (fit.outcome[i] === StepOutcome.Singular) return "diverged";
  if (!(top > WEAK_BELOW * noise)) return "weak";
  const moved = Math.hypot(x - fit.startX[i], y - fit.startY[i]);
  if (moved > MOVED_ABOVE * fit.longestMove) return "moved";
  const atLimit = fit.freedom !== Freedom.FixedShape &&
    (axes[0] > 0.99 * WIDTH_LIMITS[1] * sigma || axes[1] < 1.01 * WIDTH_LIMITS[0] * sigma);
  const unsettled = fit.step[i] > UNSETTLED_ABOVE * Math.sqrt(fit.misfit);
  return unsettled || atLimit ? "diverged" : "ok";
}

/** Distance to the nearest other column, px; that of typical neighbors for a lone one. */
function neighborDistances(fit: FitState): Float64Array {
  const { given, columns } = fit;
  const x = new Float64Array(given), y = new Float64Array(given);
  for (let i = 0; i < given; i++) {
    x[i] = fit.merged[i] < 0 ? columns[i * COLUMN_STRIDE] : NaN;
    y[i] = columns[i * COLUMN_STRIDE + 1];
  }
  const tree = createKdTree(x, y);
  return Float64Array.from(x, (_, i) => {
    let own = i;
    while (fit.merged[own] >= 0) own = fit.merged[own];
    const near = nearestNeighbor(tree, x[own], y[own], own);
    return near < 0 ? 0 : Math.hypot(x[near] - x[own], y[near] - y[own]);
  });
}
