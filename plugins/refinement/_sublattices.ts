/**
 * Groups of columns by height, each with a width of its own: sublattices of different atoms.
 *
 * @module
 */
import { COLUMN_STRIDE, ColumnField } from "@core/kernels";
import type { FitState } from "./_fit_state.ts";

/** Groups have at least so many columns, and this share of all. */
const FEWEST = 20;

const LEAST_SHARE = 0.1;

/** Their means lie this many times the sum of both standard deviations apart. */
const APART = 4;

/**
 * Parts the columns into low and high ones where their heights fall into two groups that do not touch;
 * returns how many groups there are.
 */
export function groupByHeight(fit: FitState): number {
  const height = (i: number) => fit.columns[i * COLUMN_STRIDE + ColumnField.Height];
  const rows = [...Array(fit.given).keys()].filter((i) => fit.merged[i] < 0 && height(i) > 0);
  const sorted = Float64Array.from(rows, height).sort();
  const cut = bestCut(sorted);
  if (cut === undefined) return 1;
  for (let i = 0; i < fit.count; i++) fit.group[i] = height(i) > cut ? 1 : 0;
  return 2;
}

/** The cut that leaves the least variance on both sides, if the sides are clearly apart. */
function bestCut(sorted: Float64Array): number | undefined {
  const n = sorted.length;
  const fewest = Math.max(FEWEST, Math.ceil(LEAST_SHARE * n));
  if (n < 2 * fewest) return undefined;
  let sum = 0, square = 0;
  for (const v of sorted) {
    sum += v;
    square += v * v;
  }
  let low = 0, lowSquare = 0, best = { within: Infinity, at: 0, apart: 0 };
  for (let k = 1; k < n; k++) {
    low += sorted[k - 1];
    lowSquare += sorted[k - 1] ** 2;
    if (k < fewest || n - k < fewest) continue;
    const high = sum - low, meanLow = low / k, meanHigh = high / (n - k);
    const varianceLow = lowSquare / k - meanLow * meanLow;
    const varianceHigh = (square - lowSquare) / (n - k) - meanHigh * meanHigh;
    const within = k * varianceLow + (n - k) * varianceHigh;
    if (within >= best.within) continue;
    const spread = Math.sqrt(Math.max(0, varianceLow)) + Math.sqrt(Math.max(0, varianceHigh));
    best = { within, at: (sorted[k - 1] + sorted[k]) / 2, apart: (meanHigh - meanLow) / spread };
  }
  return best.apart > APART ? best.at : undefined;
}
