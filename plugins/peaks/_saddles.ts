/**
 * Saddles: the highest level at which two regions touch.
 *
 * @module
 */
import { BORDER, neighborOf, type Volume } from "./_volume.ts";

/** The saddles between regions, one a pair. */
export interface Saddles {
  readonly count: number;
  /** The two ids, the lower first. */
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly level: Float32Array;
}

/**
 * Finds the saddle of every pair of touching regions: of all pairs of touching pixels, the highest
 * of the lower values. Saddles of `floor` and below are left out. About so many `regions` there are.
 *
 * One sweep over half of the neighbors; pairs are kept in a hash table. O(n).
 */
export function findSaddles(
  values: Float32Array,
  volume: Volume,
  flags: Uint8Array,
  labels: Int32Array,
  floor: number,
  regions: number,
): Saddles {
  const table = new PairTable(PAIRS_PER_REGION * regions);
  const { width, length, offset } = volume;
  const half = forwardSteps(volume);
  const isFlat = volume.depth === 1;
  for (let i = 0; i < length; i++) {
    const a = labels[i];
    if (a === 0) continue;
    const v = values[i];
    if (isFlat && (flags[i] & BORDER) === 0) {
      // most pixels touch their own region only: four comparisons
      let n = i + 1, b = labels[n];
      if (b !== a && b !== 0) table.raise(a, b, values[n] < v ? values[n] : v);
      n = i + width - 1;
      b = labels[n];
      if (b !== a && b !== 0) table.raise(a, b, values[n] < v ? values[n] : v);
      b = labels[++n];
      if (b !== a && b !== 0) table.raise(a, b, values[n] < v ? values[n] : v);
      b = labels[++n];
      if (b !== a && b !== 0) table.raise(a, b, values[n] < v ? values[n] : v);
      continue;
    }
    for (const d of half) {
      const n = (flags[i] & BORDER) === 0 ? i + offset[d] : neighborOf(volume, i, d);
      if (n < 0) continue;
      const b = labels[n];
      if (b !== a && b !== 0) table.raise(a, b, values[n] < v ? values[n] : v);
    }
  }
  return table.above(floor);
}

/** In the plane a region touches nearly six others on average, each pair counted twice. */
const PAIRS_PER_REGION = 3;

/** The directions that lead to larger indices. */
function forwardSteps({ offset, stepX, stepY, stepZ }: Volume): number[] {
  const all = Array.from(offset, (_, d) => d);
  return all.filter((d) =>
    stepZ[d] > 0 || stepZ[d] === 0 && (stepY[d] > 0 || stepY[d] === 0 && stepX[d] > 0)
  );
}

/** Pairs of ids with the highest level seen, by open addressing. */
class PairTable {
  #mask: number;
  #count = 0;
  #first: Int32Array;
  #second: Int32Array;
  #level: Float32Array;
  #last = 0;

  /** A table that need not grow for so many pairs. */
  constructor(pairs: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2048, 2 * pairs)));
    this.#mask = size - 1;
    this.#first = new Int32Array(size);
    this.#second = new Int32Array(size);
    this.#level = new Float32Array(size);
  }

  /** Raises the level of a pair of different ids. */
  raise(a: number, b: number, level: number): void {
    const low = a < b ? a : b, high = a < b ? b : a;
    // neighbors along a border are of the same pair
    let at = this.#last;
    if (this.#first[at] !== low || this.#second[at] !== high) {
      at = this.#find(low, high);
      this.#last = at;
      if (this.#first[at] === 0) {
        this.#first[at] = low;
        this.#second[at] = high;
        this.#level[at] = level;
        if (++this.#count * 2 > this.#mask) this.#grow();
        return;
      }
    }
    if (level > this.#level[at]) this.#level[at] = level;
  }

  /** All pairs with a level above a floor. */
  above(floor: number): Saddles {
    const first = new Int32Array(this.#count), second = new Int32Array(this.#count);
    const level = new Float32Array(this.#count);
    let count = 0;
    for (let at = 0; at <= this.#mask; at++) {
      if (this.#first[at] === 0 || !(this.#level[at] > floor)) continue;
      first[count] = this.#first[at];
      second[count] = this.#second[at];
      level[count++] = this.#level[at];
    }
    return { count, first, second, level };
  }

  #find(low: number, high: number): number {
    const first = this.#first, second = this.#second, mask = this.#mask;
    let at = (Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> 7 & mask;
    while (first[at] !== 0 && (first[at] !== low || second[at] !== high)) at = at + 1 & mask;
    return at;
  }

  #grow(): void {
    const first = this.#first, second = this.#second, level = this.#level;
    const size = 2 * first.length;
    this.#mask = size - 1;
    this.#first = new Int32Array(size);
    this.#second = new Int32Array(size);
    this.#level = new Float32Array(size);
    this.#last = 0;
    for (let k = 0; k < first.length; k++) {
      if (first[k] === 0) continue;
      const at = this.#find(first[k], second[k]);
      this.#first[at] = first[k];
      this.#second[at] = second[k];
      this.#level[at] = level[k];
    }
  }
}
