/**
 * For every peak a heap of its saddles, highest first.
 *
 * Entry 2 e is saddle e seen from its first peak, 2 e + 1 from its second; -1 stands for no entry.
 *
 * @module
 */
import type { IntList } from "./_int_list.ts";
import { PairingHeaps } from "./_pairing_heap.ts";
import type { Saddles } from "./_saddles.ts";

/** Saddles by peak id. */
export class SaddleHeaps {
  readonly #saddles: Saddles;
  readonly #heaps: PairingHeaps;
  readonly #root: Int32Array;

  /** Fills the heaps of peaks 1 to `count`. */
  constructor(count: number, saddles: Saddles) {
    this.#saddles = saddles;
    const key = new Float32Array(2 * saddles.count);
    for (let e = 0; e < saddles.count; e++) key[2 * e] = key[2 * e + 1] = saddles.level[e];
    this.#heaps = new PairingHeaps(key);
    this.#root = new Int32Array(count + 1).fill(-1);
    for (let e = 0; e < saddles.count; e++) {
      const a = saddles.first[e], b = saddles.second[e];
      this.#root[a] = this.#heaps.join(this.#root[a], 2 * e);
      this.#root[b] = this.#heaps.join(this.#root[b], 2 * e + 1);
    }
  }

  /** The highest entry of a peak. */
  top(id: number): number {
    return this.#root[id];
  }

  /** The level of an entry. */
  level(entry: number): number {
    return this.#saddles.level[entry >> 1];
  }

  /** The peak on the other side of an entry, by the id it had at first. */
  beyond(entry: number): number {
    const { first, second } = this.#saddles;
    return (entry & 1) === 0 ? second[entry >> 1] : first[entry >> 1];
  }

  /** Takes the highest entry of a peak out. */
  pop(id: number): void {
    this.#root[id] = this.#heaps.pop(this.#root[id]);
  }

  /** Moves all entries of one peak to another. */
  absorb(into: number, from: number): void {
    this.#root[into] = this.#heaps.join(this.#root[into], this.#root[from]);
    this.#root[from] = -1;
  }

  /** Takes the `count` highest entries of a peak out and puts some of them back. */
  replaceHighest(id: number, count: number, kept: readonly number[]): void {
    for (let k = 0; k < count; k++) this.pop(id);
    for (const entry of kept) this.#root[id] = this.#heaps.join(this.#root[id], entry);
  }

  /** Lists every entry of a peak that is as high as its highest. */
  listHighest(id: number, list: IntList): void {
    this.#heaps.listHighest(this.#root[id], list);
  }
}
