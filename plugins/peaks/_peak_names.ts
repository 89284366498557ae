/**
 * Which peak a region belongs to, now and at any earlier moment of the merging.
 *
 * @module
 */

import { countUpInPlace } from "./_count_up.ts";

/** Merged peaks: a union-find that remembers when each merge was. */
export class PeakNames {
  /** The peak each id belongs to now, through others; 0 for the background. */
  readonly #owner: Int32Array;
  // The same history as trees joined by rank, so that no path is longer than log n. The name of a tree
  // changes when the smaller one keeps its name; its former names stay listed, latest first.
  readonly #parent: Int32Array;
  readonly #joinedAt: Int32Array;
  readonly #rank: Uint8Array;
  readonly #root: Int32Array;
  readonly #latest: Int32Array;
  readonly #name: number[] = [];
  readonly #since: number[] = [];
  readonly #former: number[] = [];

  /** Peaks 1 to `count`, each its own. */
  constructor(count: number) {
    const self = countUpInPlace(new Int32Array(count + 1));
    this.#owner = self;
    this.#parent = self.slice();
    this.#root = self.slice();
    this.#joinedAt = new Int32Array(count + 1);
    this.#rank = new Uint8Array(count + 1);
    this.#latest = new Int32Array(count + 1).fill(-1);
  }

  /** The peak that an id belongs to now, 0 for the background. */
  now(id: number): number {
    const owner = this.#owner;
    while (owner[id] !== id) {
      owner[id] = owner[owner[id]];
      id = owner[id];
    }
    return id;
  }

  /** Gives everything of one peak to another (0: to the background) at a time above all before. */
  merge(from: number, into: number, time: number): void {
    this.#owner[from] = into;
    if (into === 0) return;
    let keep = this.#root[into], join = this.#root[from];
    if (this.#rank[keep] < this.#rank[join]) [keep, join] = [join, keep];
    if (this.#rank[keep] === this.#rank[join]) this.#rank[keep]++;
    this.#parent[join] = keep;
    this.#joinedAt[join] = time;
    this.#root[into] = keep;
    if (this.#nameOf(keep, time) !== into) {
      this.#name.push(into);
      this.#since.push(time);
      this.#former.push(this.#latest[keep]);
      this.#latest[keep] = this.#name.length - 1;
    }
  }

  /** The peak that an id belonged to at a time. */
  at(id: number, time: number): number {
    while (this.#parent[id] !== id && this.#joinedAt[id] <= time) id = this.#parent[id];
    return this.#nameOf(id, time);
  }

  /** The name of a tree at a time. */
  #nameOf(root: number, time: number): number {
    let k = this.#latest[root];
    while (k >= 0 && this.#since[k] > time) k = this.#former[k];
    return k < 0 ? root : this.#name[k];
  }
}
