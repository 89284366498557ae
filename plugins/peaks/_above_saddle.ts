/**
 * Pixels of a peak above its saddle: how many, and their sum, kept right while peaks merge.
 *
 * @module
 */
import { ConnectedCounts, ReferenceConnectedCounts } from "./_connected_counts.ts";
import { countUpInPlace } from "./_count_up.ts";
import type { Labeled, MergeRules, PeakState } from "./_merge.ts";
import { PairingHeaps } from "./_pairing_heap.ts";
import type { PeakNames } from "./_peak_names.ts";

/** Keeps `sizeAbove` and `totalAbove` of peaks while they merge. */
export interface AboveSaddle {
  /**
   * To be told of each merge: `from` over a saddle of this level into another peak, whose own highest
   * saddle was at `before` and is at `peaks.saddle[into]` now.
   */
  merged(from: number, into: number, level: number, before: number): void;
}

/** Counts all peaks anew and keeps the counts from then on. The labels must be of now. */
export function createAboveSaddle(
  image: Labeled,
  peaks: PeakState,
  names: PeakNames,
  rules: Pick<MergeRules, "connected" | "compatible">,
): AboveSaddle {
  if (!rules.connected) return new SortedCounts(image, peaks);
  const idOf = (label: number) => names.now(label);
  if (rules.compatible) return new ReferenceConnectedCounts(image, peaks, idOf);
  const counts = new ConnectedCounts(image, peaks, idOf);
  for (let id = 1; id <= peaks.count; id++) if (idOf(id) === id) counts.count(id);
  return counts;
}

/** Counts the pixels of each peak above its saddle, and sums them. The labels must be of now. */
export function countAbove({ labels, values }: Labeled, peaks: PeakState): void {
  const { saddle, sizeAbove, totalAbove } = peaks;
  sizeAbove.fill(0);
  totalAbove.fill(0);
  for (let i = 0; i < labels.length; i++) {
    const id = labels[i];
    if (id === 0 || !(values[i] > saddle[id])) continue;
    sizeAbove[id]++;
    totalAbove[id] += values[i];
  }
}

/** As {@linkcode countAbove}, of pixels that connect to the top of their peak above the saddle. */
export function countConnectedAbove(image: Labeled, peaks: PeakState): void {
  const counts = new ConnectedCounts(image, peaks, (label) => label);
  for (let id = 1; id <= peaks.count; id++) if (peaks.alive[id] === 1) counts.count(id);
}

/**
 * Counts without regard to connection.
 *
 * As peaks merge their saddles fall, so pixels only ever join the count. The values of each region are
 * sorted once; a peak keeps its regions in a heap by their highest value that is not counted yet.
 * The exception is a peak that merges over a saddle below the other's: its few counted pixels (fewer
 * than the least size, or it would not merge) are counted anew.
 */
class SortedCounts implements AboveSaddle {
  readonly #image: Labeled;
  readonly #peaks: PeakState;
  /** Values by region, ascending once sorted; region r holds start[r] to start[r + 1]. */
  #values = new Float32Array(0);
  #start = new Int32Array(0);
  /** How many values of a region are not counted; -1 before it is sorted. */
  readonly #left: Int32Array;
  /** The highest value of a region that is not counted. */
  readonly #key: Float32Array;
  readonly #heaps: PairingHeaps;
  readonly #root: Int32Array;
  /** The regions of a peak as a list. */
  readonly #next: Int32Array;
  readonly #last: Int32Array;

  constructor(image: Labeled, peaks: PeakState) {
    const n = peaks.count + 1;
    this.#image = image;
    this.#peaks = peaks;
    this.#left = new Int32Array(n).fill(-1);
    this.#key = new Float32Array(n);
    this.#heaps = new PairingHeaps(this.#key);
    this.#root = new Int32Array(n).fill(-1);
    this.#next = new Int32Array(n).fill(-1);
    this.#last = countUpInPlace(new Int32Array(n));
    countAbove(image, peaks);
  }

  merged(from: number, into: number, level: number, before: number): void {
    const { saddle, sizeAbove, totalAbove } = this.#peaks;
    this.#sort(from, level);
    this.#sort(into, before);
    if (saddle[into] > level) this.#recount(from, saddle[into]);
    sizeAbove[into] += sizeAbove[from];
    totalAbove[into] += totalAbove[from];
    this.#next[this.#last[into]] = from;
    this.#last[into] = this.#last[from];
    this.#root[into] = this.#heaps.join(this.#root[into], this.#root[from]);
    this.#countDownTo(into, saddle[into]);
  }

  /** Sorts the values of a region the first time; those above `counted` are counted already. */
  #sort(region: number, counted: number): void {
    if (this.#left[region] >= 0) return;
    if (this.#start.length === 0) this.#gather();
    sortRange(this.#values, this.#start[region], this.#start[region + 1]);
    this.#root[region] = this.#enter(region, counted, -1);
  }

  /** Puts a region, counted down to a level, in a heap; gives the heap. */
  #enter(region: number, counted: number, heap: number): number {
    const start = this.#start[region];
    const left = countAtMost(this.#values, start, this.#start[region + 1], counted);
    this.#left[region] = left;
    this.#heaps.isolate(region);
    if (left === 0) return heap;
    this.#key[region] = this.#values[start + left - 1];
    return this.#heaps.join(heap, region);
  }

  #recount(id: number, level: number): void {
    const values = this.#values, start = this.#start;
    let heap = -1, size = 0, total = 0;
    for (let region = id; region >= 0; region = this.#next[region]) {
      heap = this.#enter(region, level, heap);
      for (let k = start[region] + this.#left[region]; k < start[region + 1]; k++) {
        size++;
        total += values[k];
      }
    }
    this.#peaks.sizeAbove[id] = size;
    this.#peaks.totalAbove[id] = total;
    this.#root[id] = heap;
  }

  #countDownTo(id: number, level: number): void {
    const { sizeAbove, totalAbove } = this.#peaks;
    const values = this.#values;
    let heap = this.#root[id];
    while (heap >= 0 && this.#key[heap] > level) {
      const region = heap, start = this.#start[region];
      heap = this.#heaps.pop(region);
      let left = this.#left[region];
      while (left > 0 && values[start + left - 1] > level) {
        sizeAbove[id]++;
        totalAbove[id] += values[start + --left];
      }
      this.#left[region] = left;
      if (left === 0) continue;
      this.#key[region] = values[start + left - 1];
      heap = this.#heaps.join(heap, region);
    }
    this.#root[id] = heap;
  }

  /** Gathers the values of each region. */
  #gather(): void {
    const { labels, values } = this.#image;
    const start = new Int32Array(this.#peaks.count + 2);
    for (let i = 0; i < labels.length; i++) start[labels[i] + 1]++;
    start[1] = 0; // the background is not kept
    for (let id = 1; id < start.length; id++) start[id] += start[id - 1];
    const gathered = new Float32Array(start[start.length - 1]);
    const at = start.slice();
    for (let i = 0; i < labels.length; i++) {
      if (labels[i] > 0) gathered[at[labels[i]]++] = values[i];
    }
    this.#values = gathered;
    this.#start = start;
  }
}

/** Below this many an insertion sort is quicker than a call. */
const FEW = 40;

/** Sorts a range of values, ascending. */
function sortRange(values: Float32Array, from: number, to: number): void {
  if (to - from > FEW) {
    values.subarray(from, to).sort();
    return;
  }
  for (let k = from + 1; k < to; k++) {
    const value = values[k];
    let at = k;
    for (; at > from && values[at - 1] > value; at--) values[at] = values[at - 1];
    values[at] = value;
  }
}

/** How many of a range of ascending values are at most a level. */
function countAtMost(values: Float32Array, from: number, to: number, level: number): number {
  let low = from, high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= level) low = middle + 1;
    else high = middle;
  }
  return low - from;
}
