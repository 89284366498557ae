/**
 * Species of columns by their brightness, each compared with its surroundings.
 *
 * @module
 */
import { createKdTree, nearestNeighbors } from "@core/kernels";

/** Neighbors (with the column itself) that tell how bright bright columns are around here. */
const NEIGHBORS = 13;
/** Of these, the brightness that this share does not exceed counts as that of the bright species. */
const BRIGHT_SHARE = 0.8;
/** Two classes are species when their means lie this many of their own deviations apart. Halves of
 * one normal distribution lie 2.7 apart. */
const SEPARATION = 3.6;
/** Fewer than this share of the columns are no species but outliers. */
const LEAST_SHARE = 0.03;
/** Levels of splitting: at most four species. */
const DEPTH = 2;

/** The species of each column, 0 for the brightest, and their typical brightness. */
export interface Species {
  readonly of: Int32Array;
  /** By species: median brightness over that of the brightest species. */
  readonly ratio: readonly number[];
}

/** Sorts columns into species. */
export function findSpecies(x: Float64Array, y: Float64Array, height: Float64Array): Species {
  const relative = relativeBrightness(x, y, height);
  const logs = relative.map((r) => Math.log(Math.max(r, 1e-3)));
  const order = Array.from(logs, (_, i) => i).sort((a, b) => logs[b] - logs[a] || a - b);
  const groups = splitGroup(order, logs, Math.max(3, LEAST_SHARE * order.length), DEPTH);
  const of = new Int32Array(x.length);
  for (const [species, group] of groups.entries()) for (const i of group) of[i] = species;
  const medians = groups.map((group) => Math.exp(logs[group[group.length >> 1]]) // groups are sorted
  );
  return { of, ratio: medians.map((m) => m / medians[0]) };
}

/** Height over that of the bright columns around: slow changes of brightness cancel. */
function relativeBrightness(x: Float64Array, y: Float64Array, height: Float64Array): Float64Array {
  const tree = createKdTree(x, y);
  const count = Math.min(NEIGHBORS, x.length);
  const index = new Int32Array(count), distance = new Float64Array(count);
  return Float64Array.from(height, (h, i) => {
    const found = nearestNeighbors(tree, x[i], y[i], -1, index, distance);
    const around = Array.from(index.subarray(0, found), (k) => height[k]).sort((a, b) => a - b);
    const bright = around[Math.floor(BRIGHT_SHARE * (around.length - 1))];
    return bright > 0 ? h / bright : 0;
  });
}

/** Splits a group, sorted from bright to dark, where that makes two clearly different ones. */
function splitGroup(
  group: readonly number[],
  logs: Float64Array,
  least: number,
  depth: number,
): (readonly number[])[] {
  if (depth === 0 || group.length < 2 * least) return [group];
  const n = group.length;
  let total = 0, squares = 0;
  for (const i of group) {
    total += logs[i];
    squares += logs[i] ** 2;
  }
  let best = -1, bestBetween = 0, sum = 0;
  for (let k = 1; k < n; k++) {
    sum += logs[group[k - 1]];
    const difference = sum / k - (total - sum) / (n - k);
    const between = k * (n - k) * difference * difference / (n * n);
    if (between > bestBetween && k >= least && n - k >= least) {
      bestBetween = between;
      best = k;
    }
  }
  if (best < 0) return [group];
  const within = Math.max(squares / n - (total / n) ** 2 - bestBetween, 1e-9);
  const difference = Math.sqrt(bestBetween * n * n / (best * (n - best)));
  if (difference < SEPARATION * Math.sqrt(within)) return [group];
  return [
    ...splitGroup(group.slice(0, best), logs, least, depth - 1),
    ...splitGroup(group.slice(best), logs, least, depth - 1),
  ];
}
