/**
 * Heaps that can be joined in O(1): pairing heaps in flat arrays.
 *
 * Many heaps share the nodes 0 to n - 1; a heap is known by its highest node, -1 is the empty heap
 * (Fredman and others 1986, https://doi.org/10.1007/BF01840439).
 *
 * @module
 */
import type { IntList } from "./_int_list.ts";

/** Nodes with a key each, in any number of heaps, highest key first. */
export class PairingHeaps {
  readonly #key: Float32Array;
  readonly #child: Int32Array;
  readonly #next: Int32Array;

  /** Makes a heap of each node; a node's key may change while it is a heap of its own. */
  constructor(key: Float32Array) {
    this.#key = key;
    this.#child = new Int32Array(key.length).fill(-1);
    this.#next = new Int32Array(key.length).fill(-1);
  }

  /** Joins two heaps. */
  join(a: number, b: number): number {
    if (a < 0) return b;
    if (b < 0) return a;
    if (this.#key[a] < this.#key[b]) return this.join(b, a);
    this.#next[b] = this.#child[a];
    this.#child[a] = b;
    return a;
  }

  /** Takes the highest node out, which becomes a heap of its own; gives what is left. */
  pop(heap: number): number {
    const next = this.#next;
    let rest = this.#child[heap];
    this.#child[heap] = -1;
    let pairs = -1; // joined pairs, last first
    while (rest >= 0) {
      const a = rest, b = next[a];
      rest = b >= 0 ? next[b] : -1;
      next[a] = -1;
      if (b >= 0) next[b] = -1;
      const pair = this.join(a, b);
      next[pair] = pairs;
      pairs = pair;
    }
    let root = -1;
    while (pairs >= 0) {
      const following = next[pairs];
      next[pairs] = -1;
      root = this.join(root, pairs);
      pairs = following;
    }
    return root;
  }

  /** Makes a node a heap of its own; the heap it was in must be given up, node by node. */
  isolate(node: number): void {
    this.#child[node] = -1;
    this.#next[node] = -1;
  }

  /** Lists every node of a heap whose key is as high as the highest. */
  listHighest(heap: number, list: IntList): void {
    const key = this.#key, child = this.#child, next = this.#next;
    list.length = 0;
    list.push(heap);
    for (let k = 0; k < list.length; k++) {
      for (let c = child[list.items[k]]; c >= 0; c = next[c]) {
        if (key[c] === key[heap]) list.push(c);
      }
    }
  }
}
