/**
 * The saddles between the peaks of a result.
 *
 * @module
 */
import { descendingOrder, sortDescending } from "./_radix_order.ts";
import type { Saddles } from "./_saddles.ts";

/**
 * The highest saddle of every two peaks that are left, by their rows from 1 (the lower first), from
 * saddles between all regions. Highest first; equal ones by rows.
 *
 * Where the maximum of a region lies now tells which peak took it in, so no pixel is looked at but
 * those: O(n) in regions and saddles.
 *
 * @param saddles between regions, ids from 1
 * @param maxima pixel of the maximum of each region, by id less 1
 * @param labels row of the peak each pixel belongs to, 0 for none
 */
export function peakSaddles(saddles: Saddles, maxima: Int32Array, labels: Int32Array): Saddles {
  const first = new Float32Array(saddles.count), second = new Float32Array(saddles.count);
  const level = new Float32Array(saddles.count);
  let n = 0;
  for (let e = 0; e < saddles.count; e++) {
    const a = labels[maxima[saddles.first[e] - 1]], b = labels[maxima[saddles.second[e] - 1]];
    if (a === b || a === 0 || b === 0) continue;
    // negative, to be sorted ascending
    first[n] = -Math.min(a, b);
    second[n] = -Math.max(a, b);
    level[n++] = saddles.level[e];
  }
  // by pairs first, the highest saddle of each before the others
  const byLevel = descendingOrder(level.subarray(0, n));
  const order = sortDescending(sortDescending(byLevel, second), first);
  let count = 0;
  for (let k = 0; k < n; k++) {
    const e = order[k], kept = order[count - 1];
    if (count === 0 || first[e] !== first[kept] || second[e] !== second[kept]) order[count++] = e;
  }
  return inOrder(sortDescending(order.subarray(0, count), level), first, second, level);
}

function inOrder(
  order: Uint32Array,
  first: Float32Array,
  second: Float32Array,
  level: Float32Array,
): Saddles {
  const count = order.length;
  const sorted = {
    count,
    first: new Int32Array(count),
    second: new Int32Array(count),
    level: new Float32Array(count),
  };
  for (let k = 0; k < count; k++) {
    sorted.first[k] = -first[order[k]];
    sorted.second[k] = -second[order[k]];
    sorted.level[k] = level[order[k]];
  }
  return sorted;
}
