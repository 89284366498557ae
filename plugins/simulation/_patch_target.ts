/**
 * What a network is to answer on a patch, and where its answer counts.
 *
 * @module
 */
import { selectValues } from "@core";
import { confidenceMap } from "@core/kernels";
import { type PatchColumns, ROLE } from "./_patch_columns.ts";

/** The width of a target's peaks over the spacing, and its limits, px. */
const SHARE = 0.25, LEAST = 1.2, MOST = 6;

/** Where a column that may be found or not shines, and no other does, no answer is wrong. */
const EITHER_ABOVE = 0.05, COLUMN_BELOW = 0.3;

/** The standard deviation of a target's peaks, px. */
export function targetSigma(spacing: number): number {
  return Math.min(MOST, Math.max(LEAST, SHARE * spacing));
}

/**
 * Writes the confidence map of the columns to be found, at most 1, and weights: 0 around columns that
 * may be found or not, 1 elsewhere.
 *
 * @param target size * size zeros
 * @param weights size * size
 */
export function drawTarget(
  { x, y, role }: PatchColumns,
  spacing: number,
  size: number,
  target: Float32Array,
  weights: Float32Array,
): void {
  const sigma = targetSigma(spacing);
  const either = new Float32Array(size * size);
  for (const [wanted, out] of [[ROLE.column, target], [ROLE.either, either]] as const) {
    const rows = Array.from(role.keys()).filter((i) => role[i] === wanted);
    const xs = selectValues(x, rows), ys = selectValues(y, rows);
    confidenceMap(xs, ys, sigma, size, size, out);
  }
  for (let i = 0; i < target.length; i++) {
    if (target[i] > 1) target[i] = 1;
    weights[i] = either[i] > EITHER_ABOVE && target[i] < COLUMN_BELOW ? 0 : 1;
  }
}
