/**
 * Stable orders of numbers by a radix sort of their bit patterns, O(n).
 *
 * @module
 */

import { countUpInPlace } from "./_count_up.ts";

/** Below this many a comparison sort is quicker. */
const FEW = 2048;

/** Indices of the values, highest first, equal ones in the order they stand in. */
export function descendingOrder(values: Float32Array): Uint32Array {
  return sortDescending(countUpInPlace(new Uint32Array(values.length)), values);
}

/** Sorts indices into some keys by key, highest first; equal ones keep their order. */
export function sortDescending(indices: Uint32Array, key: Float32Array): Uint32Array {
  const n = indices.length;
  if (n < FEW) return indices.slice().sort((a, b) => key[b] - key[a]);
  const pattern = new Uint32Array(key.buffer, key.byteOffset, key.length);
  const low = new Uint32Array(65537), high = new Uint32Array(65537);
  const keys = new Uint32Array(n);
  for (let k = 0; k < n; k++) {
    const bits = pattern[indices[k]];
    // flipped so that the order of the patterns is that of the keys, highest first; -0 sorts with 0
    const flipped = (bits & 0x80000000) === 0 || bits === 0x80000000 ? ~(bits | 0x80000000) : bits;
    keys[k] = flipped;
    low[(flipped & 0xffff) + 1]++;
    high[(keys[k] >>> 16) + 1]++;
  }
  for (let b = 0; b < 65536; b++) {
    low[b + 1] += low[b];
    high[b + 1] += high[b];
  }
  const half = new Uint32Array(n);
  for (let k = 0; k < n; k++) half[low[keys[k] & 0xffff]++] = k;
  const sorted = new Uint32Array(n);
  for (let k = 0; k < n; k++) sorted[high[keys[half[k]] >>> 16]++] = indices[half[k]];
  return sorted;
}
