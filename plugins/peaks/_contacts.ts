/**
 * The contacts of regions that matter to what can be reached from where: a spanning tree of the highest.
 *
 * @module
 */
import { IntList } from "./_int_list.ts";
import type { Volume } from "./_volume.ts";

/** Pairs of regions, ids from 1, and the level at which they touch. */
export interface Contacts {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly level: Float32Array;
}

/**
 * Contacts among which a tree of the highest ones spans all regions that touch: the level at which any
 * two regions connect is the lowest on their way in that tree.
 *
 * The saddles of all pairs would do, but where noise makes 100 000 regions it costs less to join each
 * region to the neighbor it touches highest first, for some rounds (Borůvka), and to list the highest
 * contact of each pair of what is left. O(n) a round; every round leaves at most half of the regions, of
 * noise a third.
 *
 * @param labels id of each pixel's region, 0 for none; an image, not a stack
 * @see Nešetřil, Milková and Nešetřilová, Otakar Borůvka on minimum spanning tree problem, Discrete
 * Mathematics 233 (2001) 3-36. https://doi.org/10.1016/S0012-365X(00)00224-7
 */
export function spanningContacts(
  values: Float32Array,
  volume: Volume,
  labels: Int32Array,
  count: number,
  rounds: number,
): Contacts {
  // a contact is known by its two pixels, whose first regions it joins whatever these have become
  const from = new IntList(), to = new IntList();
  const owner = Int32Array.from({ length: count + 1 }, (_, id) => id);
  const row = new ContactRow(volume);
  let regions = labels;
  for (let round = 0; round < rounds; round++) {
    const best = new HighestOfEach(count);
    for (let y = 0; y < volume.height; y++) best.add(values, regions, row, row.fill(regions, y));
    const before = from.length;
    for (let id = 1; id <= count; id++) {
      if (best.level[id] === -Infinity) continue;
      const [i, n] = [best.from[id], best.to[id]];
      const a = rootOf(owner, regions[i]), b = rootOf(owner, regions[n]);
      if (a === b) continue;
      owner[Math.max(a, b)] = Math.min(a, b);
      from.push(i);
      to.push(n);
    }
    if (from.length === before) break;
    for (let id = 1; id <= count; id++) owner[id] = rootOf(owner, id);
    if (round === 0) regions = new Int32Array(labels.length);
    const old = round === 0 ? labels : regions;
    for (let i = 0; i < old.length; i++) regions[i] = owner[old[i]];
  }
  const rest = new HighestOfPairs();
  for (let y = 0; y < volume.height; y++) rest.add(values, regions, row, row.fill(regions, y));
  rest.list(from, to);
  const length = from.length;
  const first = new Int32Array(length), second = new Int32Array(length);
  const level = new Float32Array(length);
  for (let k = 0; k < length; k++) {
    const i = from.items[k], n = to.items[k];
    first[k] = labels[i];
    second[k] = labels[n];
    level[k] = Math.min(values[i], values[n]);
  }
  return { first, second, level };
}

/** The first member of a set, and a shorter way to it for the next time. */
export function rootOf(owner: Int32Array, id: number): number {
  while (owner[id] !== id) id = owner[id] = owner[owner[id]];
  return id;
}

/** Neighboring pixels of different regions, a row of the image at a time, always in the same order. */
class ContactRow {
  /** The pixels on one side. */
  readonly from: Int32Array;
  /** Their neighbors on the other. */
  readonly to: Int32Array;
  readonly #width: number;
  readonly #height: number;

  constructor({ width, height }: Volume) {
    this.from = new Int32Array(4 * width);
    this.to = new Int32Array(4 * width);
    this.#width = width;
    this.#height = height;
  }

  /** Lists the contacts within row y and with the next one; returns how many. */
  fill(regions: Int32Array, y: number): number {
    const { from, to } = this;
    const width = this.#width, row = y * width;
    const below = y + 1 < this.#height ? width : 0;
    let count = 0;
    const list = (i: number, n: number) => {
      from[count] = i;
      to[count] = n;
      count++;
    };
    let a = regions[row], c = regions[row + below];
    if (a !== c && a !== 0 && c !== 0) list(row, row + below);
    for (let i = row; i < row + width - 1; i++) {
      const b = regions[i + 1], d = regions[i + 1 + below];
      if (a !== b && a !== 0 && b !== 0) list(i, i + 1);
      if (below !== 0) {
        if (b !== d && b !== 0 && d !== 0) list(i + 1, i + 1 + below);
        if (a !== d && a !== 0 && d !== 0) list(i, i + 1 + below);
        if (b !== c && b !== 0 && c !== 0) list(i + 1, i + below);
      }
      a = b;
      c = d;
    }
    return count;
  }
}

/**
 * For every region the highest of its contacts, the first of equals: that order is the same for both
 * sides, so that the choices of all regions never close a circle.
 */
class HighestOfEach {
  readonly level: Float32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;

  constructor(count: number) {
    this.level = new Float32Array(count + 1).fill(-Infinity);
    this.from = new Int32Array(count + 1);
    this.to = new Int32Array(count + 1);
  }

  /** Takes in the contacts of a row. */
  add(values: Float32Array, regions: Int32Array, row: ContactRow, count: number): void {
    const { level, from, to } = this;
    for (let k = 0; k < count; k++) {
      const i = row.from[k], n = row.to[k], a = regions[i], b = regions[n];
      const u = values[i], v = values[n], lower = u < v ? u : v;
      if (lower > level[a]) {
        level[a] = lower;
        from[a] = i;
        to[a] = n;
      }
      if (lower > level[b]) {
        level[b] = lower;
        from[b] = i;
        to[b] = n;
      }
    }
  }
}

/** For every pair of regions the highest of their contacts, by open addressing. */
class HighestOfPairs {
  #mask = 4095;
  #count = 0;
  #first = new Int32Array(4096);
  #second = new Int32Array(4096);
  #level = new Float32Array(4096);
  #from = new Int32Array(4096);
  #to = new Int32Array(4096);
  #last = 0;

  /** Takes in the contacts of a row. */
  add(values: Float32Array, regions: Int32Array, row: ContactRow, count: number): void {
    for (let k = 0; k < count; k++) {
      const i = row.from[k], n = row.to[k], u = values[i], v = values[n];
      this.#raise(regions[i], regions[n], u < v ? u : v, i, n);
    }
  }

  #raise(a: number, b: number, level: number, i: number, n: number): void {
    const low = a < b ? a : b, high = a < b ? b : a;
    // contacts along a border are of the same pair
    let at = this.#last;
    if (this.#first[at] !== low || this.#second[at] !== high) {
      at = this.#last = this.#find(low, high);
    }
    const isNew = this.#first[at] === 0;
    if (!isNew && level <= this.#level[at]) return;
    this.#first[at] = low;
    this.#second[at] = high;
    this.#level[at] = level;
    this.#from[at] = i;
    this.#to[at] = n;
    if (isNew && ++this.#count * 2 > this.#mask) this.#grow();
  }

  /** Appends the pixels of all of them. */
  list(from: IntList, to: IntList): void {
    for (let at = 0; at <= this.#mask; at++) {
      if (this.#first[at] === 0) continue;
      from.push(this.#from[at]);
      to.push(this.#to[at]);
    }
  }

  #find(low: number, high: number): number {
    const first = this.#first, second = this.#second, mask = this.#mask;
    let at = (Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> 7 & mask;
    while (first[at] !== 0 && (first[at] !== low || second[at] !== high)) at = at + 1 & mask;
    return at;
  }

  #grow(): void {
    const [first, second, level] = [this.#first, this.#second, this.#level];
    const [from, to] = [this.#from, this.#to];
    const size = 2 * first.length;
    this.#mask = size - 1;
    this.#first = new Int32Array(size);
    this.#second = new Int32Array(size);
    this.#level = new Float32Array(size);
    this.#from = new Int32Array(size);
    this.#to = new Int32Array(size);
    this.#last = 0;
    for (let k = 0; k < first.length; k++) {
      if (first[k] === 0) continue;
      const at = this.#find(first[k], second[k]);
      this.#first[at] = first[k];
      this.#second[at] = second[k];
      this.#level[at] = level[k];
      this.#from[at] = from[k];
      this.#to[at] = to[k];
    }
  }
}
