/**
 * The order of numbers by a radix sort of their bit patterns, O(n).
 *
 * @module
 */

/** Below this many an insertion into sorted order would do; a comparison sort is as quick. */
const FEW = 2048;

/** Indices of the values, highest first, equal ones in the order they stand in. */
export function descendingOrder(values: Float32Array): Uint32Array {
  const n = values.length;
  if (n < FEW) {
    return Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);
  }
  const bits = new Uint32Array(values.buffer.slice(values.byteOffset, values.byteOffset + 4 * n));
  const low = new Uint32Array(65537), high = new Uint32Array(65537);
  for (let i = 0; i < n; i++) {
    const b = bits[i] === 0x80000000 ? 0 : bits[i]; // -0 sorts with 0
    // flipped so that the order of the patterns is that of the values, highest first
    const key = (b & 0x80000000) !== 0 ? b : ~(b | 0x80000000);
    bits[i] = key;
    low[(key & 0xffff) + 1]++;
    high[(key >>> 16) + 1]++;
  }
  for (let k = 0; k < 65536; k++) {
    low[k + 1] += low[k];
    high[k + 1] += high[k];
  }
  const half = new Uint32Array(n), order = new Uint32Array(n);
  for (let i = 0; i < n; i++) half[low[bits[i] & 0xffff]++] = i;
  for (let k = 0; k < n; k++) order[high[bits[half[k]] >>> 16]++] = half[k];
  return order;
}
