/**
 * Flat shelves: pixels without a higher neighbor that are no maximum either, because their plateau
 * touches something higher elsewhere.
 *
 * @module
 */
import { IntList } from "./_int_list.ts";
import { BORDER, EXCLUDED, neighborOf, QUEUED, type Volume } from "./_volume.ts";

/**
 * The label of a pixel on a shelf: a pointer to an equal neighbor that has a label, the first of them
 * or the last that shares a face; 0 when there is none.
 */
export function shelfTarget(
  values: Float32Array,
  volume: Volume,
  flags: Uint8Array,
  labels: Int32Array,
  i: number,
): number {
  const v = values[i];
  const isInner = (flags[i] & BORDER) === 0;
  let target = -1;
  for (let d = volume.offset.length - 1; d >= 0; d--) {
    const n = isInner ? i + volume.offset[d] : neighborOf(volume, i, d);
    if (n < 0 || values[n] !== v || labels[n] === 0) continue;
    if (target < 0 || volume.isFace[d] === 1) target = n;
  }
  return target < 0 ? 0 : -1 - target;
}

/**
 * Gives the pixels of shelves that one sweep left over their pointers, as sweeps from the last to the
 * first pixel would that are repeated until nothing changes. Only pixels beside one that has just got
 * its pointer are looked at, in the order of those sweeps: O(n log n), however large a shelf is.
 */
export function resolveShelves(
  values: Float32Array,
  volume: Volume,
  flags: Uint8Array,
  left: Int32Array,
  labels: Int32Array,
): void {
  let later = new IntList();
  for (let k = 0; k < left.length; k++) {
    if (shelfTarget(values, volume, flags, labels, left[k]) !== 0) later.push(left[k]);
  }
  for (let k = 0; k < later.length; k++) flags[later.items[k]] |= QUEUED;
  const now = new IndexHeap();
  while (later.length > 0) {
    for (let k = 0; k < later.length; k++) now.push(later.items[k]);
    later = new IntList();
    for (let i = now.pop(); i >= 0; i = now.pop()) {
      labels[i] = shelfTarget(values, volume, flags, labels, i);
      for (let d = 0; d < volume.offset.length; d++) {
        const n = (flags[i] & BORDER) === 0 ? i + volume.offset[d] : neighborOf(volume, i, d);
        if (n < 0 || values[n] !== values[i] || labels[n] !== 0) continue;
        if ((flags[n] & (QUEUED | EXCLUDED)) !== 0) continue;
        flags[n] |= QUEUED;
        // a sweep comes to smaller indices yet; larger ones have their turn in the next
        if (n < i) now.push(n);
        else later.push(n);
      }
    }
  }
}

/** A heap of indices, largest first. */
class IndexHeap {
  readonly #list = new IntList();

  push(index: number): void {
    const list = this.#list;
    list.push(index);
    const items = list.items;
    let at = list.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent] >= index) break;
      items[at] = items[parent];
      at = parent;
    }
    items[at] = index;
  }

  /** Takes the largest out; -1 when there is none. */
  pop(): number {
    const list = this.#list, items = list.items;
    if (list.length === 0) return -1;
    const top = items[0];
    const moved = items[--list.length];
    const n = list.length;
    let at = 0;
    for (let child = 1; child < n; child = 2 * at + 1) {
      if (child + 1 < n && items[child + 1] > items[child]) child++;
      if (items[child] <= moved) break;
      items[at] = items[child];
      at = child;
    }
    if (n > 0) items[at] = moved;
    return top;
  }
}
