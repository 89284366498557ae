/**
 * The table of fitted columns: shapes, errors and what is doubtful.
 *
 * @module
 */
import { COLUMN_COLUMNS, type Columns, type ColumnStatus, createTable } from "@core";
import {
  axesOfPrecision,
  COLUMN_STRIDE,
  ColumnField,
  createKdTree,
  nearestNeighbor,
} from "@core/kernels";
import { type FitState, Freedom, sharedSigma, StepOutcome } from "./_fit_state.ts";
import type { Precision } from "./_precision.ts";
import { WIDTH_LIMITS } from "./_shape.ts";

/** A height below this many of its errors is not clear of the noise. */
const WEAK_BELOW = 3;

/** A column this near to where it may go at most has left its place, as a share of that. */
const MOVED_ABOVE = 0.9;

/** A last step above this many errors is not the last one. */
const UNSETTLED_ABOVE = 1;

/** Writes the table, one row a peak in the order of the peaks. */
export function columnTable(fit: FitState, precision: Precision): Columns {
  const { count } = fit;
  const column = () => new Float64Array(count);
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
    chiSquare: column(),
    spacing: neighborDistances(fit),
  };
  const status = new Array<ColumnStatus>(count);
  const farthest = Number.isFinite(fit.spacing) ? fit.spacing : 4 * sharedSigma(fit);
  const axes = new Float64Array(3);
  for (let i = 0; i < count; i++) {
    // A merged start is told by the column that stands for it.
    let own = i;
    while (fit.merged[own] >= 0) own = fit.merged[own];
    const at = own * COLUMN_STRIDE;
    axesOfPrecision(fit.columns[at + 3], fit.columns[at + 4], fit.columns[at + 5], axes);
    const top = fit.columns[at + ColumnField.Height];
    table.x[i] = fit.columns[at];
    table.y[i] = fit.columns[at + 1];
    table.sigmaX[i] = axes[0];
    table.sigmaY[i] = axes[1];
    table.angle[i] = axes[2];
    table.height[i] = top;
    table.background[i] = fit.sign * fit.columns[at + ColumnField.Background];
    table.volume[i] = 2 * Math.PI * top * axes[0] * axes[1];
    table.errorX[i] = Math.min(farthest, precision.errorX[own] || Infinity);
    table.errorY[i] = Math.min(farthest, precision.errorY[own] || Infinity);
    table.chiSquare[i] = precision.chiSquare[own] * fit.misfit;
    status[i] = statusOf(fit, i, precision.errorHeight[own], axes);
  }
  const units = { ...COLUMN_COLUMNS, spacing: "px" };
  return createTable({ ...table, status }, units);
}

/** What is doubtful about a column; the gravest if several things are. */
function statusOf(
  fit: FitState,
  i: number,
  errorHeight: number,
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
  if (!(top > WEAK_BELOW * errorHeight)) return "weak";
  const moved = Math.hypot(x - fit.startX[i], y - fit.startY[i]);
  if (moved > MOVED_ABOVE * fit.longestMove) return "moved";
  const atLimit = fit.freedom !== Freedom.FixedShape &&
    (axes[0] > 0.99 * WIDTH_LIMITS[1] * sigma || axes[1] < 1.01 * WIDTH_LIMITS[0] * sigma);
  return fit.step[i] > UNSETTLED_ABOVE || atLimit ? "diverged" : "ok";
}

/** Distance to the nearest other column, px; that of typical neighbors for a lone one. */
function neighborDistances(fit: FitState): Float64Array {
  const { count, columns } = fit;
  const x = new Float64Array(count), y = new Float64Array(count);
  for (let i = 0; i < count; i++) {
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
