/**
 * Pixels above a peak's saddle that connect to its top there: how many, and their sum.
 *
 * @module
 */
import type { AboveSaddle } from "./_above_saddle.ts";
import { IntList } from "./_int_list.ts";
import type { Labeled, PeakState } from "./_merge.ts";
import { BORDER, LISTED, neighborOf } from "./_volume.ts";

/** Keeps counts of connected pixels while peaks merge, by floods from their tops. */
export class ConnectedCounts implements AboveSaddle {
  readonly #image: Labeled;
  readonly #peaks: PeakState;
  readonly #idOf: (label: number) => number;
  readonly #list = new IntList();
  /** Where each peak had its top when it was counted. */
  readonly #counted: Int32Array;

  /** Nothing is counted yet; `idOf` gives the peak a label belongs to now. */
  constructor(image: Labeled, peaks: PeakState, idOf: (label: number) => number) {
    this.#image = image;
    this.#peaks = peaks;
    this.#idOf = idOf;
    this.#counted = peaks.position.slice();
  }

  /** Counts one peak anew. */
  count(id: number): void {
    const { saddle, position, sizeAbove, totalAbove } = this.#peaks;
    this.#counted[id] = position[id];
    totalAbove[id] = floodAbove(this.#image, position[id], saddle[id], id, this.#idOf, this.#list);
    sizeAbove[id] = this.#list.length;
    unlist(this.#image.flags, this.#list);
  }

  /** See {@linkcode AboveSaddle}. */
  merged(_from: number, into: number, _level: number, before: number): void {
    const { saddle, position } = this.#peaks;
    // over a saddle no higher than its own, nothing connects above it
    if (saddle[into] < before || position[into] !== this.#counted[into]) this.count(into);
  }
}

/**
 * Counts as the reference program does: in the first count no pixel at the top of a peak is entered,
 * not even of one that has merged; a count after a merge reaches down to the saddle of before; sums
 * leave out the value of the top.
 */
export class ReferenceConnectedCounts implements AboveSaddle {
  readonly #image: Labeled;
  readonly #peaks: PeakState;
  readonly #idOf: (label: number) => number;
  readonly #list = new IntList();

  /** Counts all peaks; `idOf` gives the peak a label belongs to now. */
  constructor(image: Labeled, peaks: PeakState, idOf: (label: number) => number) {
    this.#image = image;
    this.#peaks = peaks;
    this.#idOf = idOf;
    const { flags } = image;
    for (let id = 1; id <= peaks.count; id++) flags[peaks.position[id]] |= LISTED;
    for (let id = 1; id <= peaks.count; id++) {
      if (idOf(id) === id) this.#count(id, peaks.saddle[id]);
    }
    for (let i = 0; i < flags.length; i++) flags[i] &= ~LISTED;
  }

  /** See {@linkcode AboveSaddle}. */
  merged(from: number, into: number, level: number, before: number): void {
    const { saddle, sizeAbove, totalAbove } = this.#peaks;
    if (saddle[into] !== before) {
      this.#count(into, before);
      unlist(this.#image.flags, this.#list);
    } else if (level === before) {
      sizeAbove[into] += sizeAbove[from];
      totalAbove[into] += totalAbove[from];
    }
  }

  #count(id: number, level: number): void {
    const { position, sizeAbove, totalAbove } = this.#peaks;
    const total = floodAbove(this.#image, position[id], level, id, this.#idOf, this.#list);
    totalAbove[id] = total - this.#image.values[position[id]];
    sizeAbove[id] = this.#list.length;
  }
}

/**
 * Lists and flags the pixels of a peak above a level that connect to a start which are not flagged yet,
 * the start with them in any case; gives their sum.
 */
function floodAbove(
  { values, labels, flags, volume }: Labeled,
  start: number,
  level: number,
  id: number,
  idOf: (label: number) => number,
  list: IntList,
): number {
  list.length = 0;
  list.push(start);
  flags[start] |= LISTED;
  let total = 0;
  for (let k = 0; k < list.length; k++) {
    const i = list.items[k];
    total += values[i];
    const isInner = (flags[i] & BORDER) === 0;
    for (let d = volume.offset.length - 1; d >= 0; d--) {
      const n = isInner ? i + volume.offset[d] : neighborOf(volume, i, d);
      if (n < 0 || (flags[n] & LISTED) !== 0 || !(values[n] > level)) continue;
      if (labels[n] === 0 || idOf(labels[n]) !== id) continue;
      flags[n] |= LISTED;
      list.push(n);
    }
  }
  return total;
}

function unlist(flags: Uint8Array, list: IntList): void {
  for (let k = 0; k < list.length; k++) flags[list.items[k]] &= ~LISTED;
}
