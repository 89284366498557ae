/**
 * What columns of a joint fit learn from those around: spacing, and who stands for whom.
 *
 * @module
 */
import { COLUMN_STRIDE, ColumnField, medianNearestDistance } from "@core/kernels";
import {
  findNeighbors,
  type FitState,
  longestMoveOf,
  sharedSigma,
  standingPlaces,
} from "./_fit_state.ts";

/** Starts whose columns end nearer than this many spacings are one column. */
const MERGE_DISTANCE = 0.3;

/** Starts farther apart than this many spacings are of two columns, as long as nothing else shows. */
const APART = 0.4;

/**
 * Marks columns whose window is cut off by the border, into which columns outside may shine: they do
 * not tell others of shape and background, as long as there are others.
 */
export function markWhole(fit: FitState): void {
  const { count, columns, width, height, radius, whole } = fit;
  let found = 0;
  for (let i = 0; i < count; i++) {
    const x = columns[i * COLUMN_STRIDE], y = columns[i * COLUMN_STRIDE + 1];
    const margin = Math.min(radius, fit.spacing / 2) + radius / 2;
    const inside = x >= margin && y >= margin && x <= width - 1 - margin &&
      y <= height - 1 - margin;
    whole[i] = inside ? 1 : 0;
    found += whole[i];
  }
  if (found < Math.min(10, count / 4)) whole.fill(1);
  whole.fill(0, fit.given);
}

/**
 * Measures the spacing again: starts that are off make neighbors look nearer than they are. Columns may go
 * as much farther.
 */
export function measureSpacing(fit: FitState): void {
  const { x, y } = standingPlaces(fit);
  const spacing = medianNearestDistance(x, y);
  if (!(spacing >= 1)) return;
  fit.spacing = spacing;
  fit.longestMove = Math.max(fit.longestMove, longestMoveOf(spacing, sharedSigma(fit)));
}

/**
 * Looks for columns that ended in one place. If they started well apart, the one that came farther
 * is sent back to its start, once; otherwise it leaves the model and the other stands for it.
 * Returns how many were sent back or left.
 */
export function mergeColumns(fit: FitState): number {
  const { columns, merged, startX, startY } = fit;
  const lone = !Number.isFinite(fit.spacing);
  findNeighbors(fit, lone ? 0.5 * sharedSigma(fit) : MERGE_DISTANCE * fit.spacing);
  const moved = (i: number) =>
    Math.hypot(columns[i * COLUMN_STRIDE] - startX[i], columns[i * COLUMN_STRIDE + 1] - startY[i]);
  let changed = 0;
  for (let i = 0; i < fit.given; i++) {
    for (let k = fit.neighborStart[i]; k < fit.neighborStart[i + 1]; k++) {
      const j = fit.neighbor[k];
      if (merged[i] >= 0 || merged[j] >= 0 || j >= fit.given) continue;
      const [stays, goes] = moved(i) <= moved(j) ? [i, j] : [j, i];
      const apart = Math.hypot(startX[i] - startX[j], startY[i] - startY[j]);
      changed++;
      const at = goes * COLUMN_STRIDE;
      if (apart > APART * fit.spacing && fit.sentBack[goes] === 0) {
        fit.sentBack[goes] = 1;
        columns[at] = startX[goes];
        columns[at + 1] = startY[goes];
        columns.set(fit.shape, at + ColumnField.Pxx);
      } else {
        merged[goes] = stays;
      }
      columns[at + ColumnField.Height] = 0;
    }
  }
  return changed;
}
