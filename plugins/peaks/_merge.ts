/**
 * Merging of peaks that are too low, too small or too small above their saddle.
 *
 * Three passes, each over the peaks in an order fixed when it starts; a peak merges into the neighbor
 * beyond its highest saddle (Herbert, Carr and Hoffmann 2014, FindFoci,
 * https://doi.org/10.1371/journal.pone.0114749). Of equally high saddles the neighbor counts that
 * had the lowest id when the peak last took another in.
 *
 * Near-linear in regions and saddles: ids by union-find, saddles in heaps that join in O(1).
 *
 * @module
 */
import { type AboveSaddle, countAbove, createAboveSaddle } from "./_above_saddle.ts";
import { IntList } from "./_int_list.ts";
import { PeakNames } from "./_peak_names.ts";
import { sortDescending } from "./_radix_order.ts";
import { SaddleHeaps } from "./_saddle_heaps.ts";
import type { Saddles } from "./_saddles.ts";
import type { Volume } from "./_volume.ts";

/** What peaks must have to stay, and how their pixels above the saddle count. */
export interface MergeRules {
  /** The least height above the saddle (or the background) of a peak with this top; null for none. */
  readonly need: ((top: number) => number) | null;
  /** The level peaks without neighbors stand on. */
  readonly background: number;
  readonly minimumSize: number;
  /** Whether the pixels above the saddle must be as many, too. */
  readonly minimumAboveSaddle: boolean;
  /** Whether only pixels above the saddle count that connect to the top above it. */
  readonly connected: boolean;
  /** Counts above the saddle as the reference program does, mistakes included. */
  readonly compatible: boolean;
}

/** The grid, its pixels and the region of each. `labels` end as the final ids. */
export interface Labeled {
  readonly volume: Volume;
  readonly values: Float32Array;
  readonly flags: Uint8Array;
  readonly labels: Int32Array;
}

/** Peaks by id from 1 (0 is the background). */
export interface PeakState {
  readonly count: number;
  readonly position: Int32Array;
  readonly top: Float64Array;
  readonly size: Float64Array;
  readonly total: Float64Array;
  /** Level of the highest saddle, -Infinity without one. */
  readonly saddle: Float64Array;
  /** Pixels above the saddle, and their sum. */
  readonly sizeAbove: Float64Array;
  readonly totalAbove: Float64Array;
  /** The peak beyond the highest saddle, 0 without one; set when merging ends. */
  readonly neighbor: Int32Array;
  /** 1 for peaks that are still themselves; set when merging ends. */
  readonly alive: Uint8Array;
}

/** Merges peaks by the rules; changes `peaks` and `image.labels`. */
export function mergePeaks(
  image: Labeled,
  peaks: PeakState,
  saddles: Saddles,
  rules: MergeRules,
): void {
  const merger = new Merger(image, peaks, saddles, rules);
  if (rules.need !== null) merger.mergeLow(rules.need);
  if (rules.minimumSize > 1) merger.mergeSmall();
  if (rules.minimumSize > 1 && rules.minimumAboveSaddle) merger.mergeSmallAboveSaddle();
  merger.finish();
}

class Merger {
  readonly #image: Labeled;
  readonly #peaks: PeakState;
  readonly #rules: MergeRules;
  readonly #names: PeakNames;
  readonly #heaps: SaddleHeaps;
  /** When each peak last took another in. */
  readonly #sortedAt: Int32Array;
  #time = 0;
  readonly #list = new IntList();
  readonly #live = new Map<number, { readonly entry: number; readonly name: number }>();
  #above: AboveSaddle | null = null;

  constructor(image: Labeled, peaks: PeakState, saddles: Saddles, rules: MergeRules) {
    this.#image = image;
    this.#peaks = peaks;
    this.#rules = rules;
    this.#names = new PeakNames(peaks.count);
    this.#heaps = new SaddleHeaps(peaks.count, saddles);
    this.#sortedAt = new Int32Array(peaks.count + 1);
    for (let id = 1; id <= peaks.count; id++) {
      const top = this.#heaps.top(id);
      peaks.saddle[id] = top < 0 ? -Infinity : this.#heaps.level(top);
    }
    // what is counted here lasts only where the reference forgets to count anew
    if (rules.compatible) countAbove(image, peaks);
  }

  mergeLow(need: (top: number) => number): void {
    const { top } = this.#peaks;
    this.#pass(this.#order(this.#peaks.saddle), (id, saddle) => {
      const base = saddle === -Infinity ? this.#rules.background : saddle;
      return top[id] - base < need(top[id]);
    });
  }

  mergeSmall(): void {
    const { size } = this.#peaks;
    const ascending = this.#order(size).reverse();
    this.#pass(ascending, (id) => size[id] < this.#rules.minimumSize);
  }

  mergeSmallAboveSaddle(): void {
    const { sizeAbove } = this.#peaks;
    this.#refresh();
    for (let id = 1; id <= this.#peaks.count; id++) {
      if (this.#names.now(id) === id) this.#peaks.saddle[id] = this.#saddle(id);
    }
    this.#above = createAboveSaddle(this.#image, this.#peaks, this.#names, this.#rules);
    const ascending = this.#order(sizeAbove).reverse();
    this.#pass(ascending, (id) => sizeAbove[id] < this.#rules.minimumSize);
  }

  finish(): void {
    const { count, alive, neighbor } = this.#peaks;
    this.#refresh();
    for (let id = 1; id <= count; id++) {
      alive[id] = this.#names.now(id) === id ? 1 : 0;
      neighbor[id] = alive[id] === 1 ? this.#neighbor(id) : 0;
    }
  }

  /** Writes the ids of now into the labels. */
  #refresh(): void {
    const { labels } = this.#image;
    const names = this.#names, now = new Int32Array(this.#peaks.count + 1);
    for (let id = 0; id < now.length; id++) now[id] = names.now(id);
    for (let i = 0; i < labels.length; i++) labels[i] = now[labels[i]];
  }

  #pass(order: Uint32Array, isTooSmall: (id: number, saddle: number) => boolean): void {
    for (const id of order) {
      if (this.#names.now(id) !== id) continue;
      const saddle = this.#saddle(id);
      if (!isTooSmall(id, saddle)) continue;
      const into = this.#neighbor(id);
      if (into === 0) this.#names.merge(id, 0, ++this.#time);
      else this.#merge(id, into, saddle);
    }
  }

  /** Level of the highest saddle of a peak, once saddles to itself or to nothing are out. */
  #saddle(id: number): number {
    const heaps = this.#heaps;
    for (let top = heaps.top(id); top >= 0; top = heaps.top(id)) {
      const beyond = this.#names.now(heaps.beyond(top));
      if (beyond !== 0 && beyond !== id) return heaps.level(top);
      heaps.pop(id);
    }
    return -Infinity;
  }

  /** The peak beyond the highest saddle, 0 without one. */
  #neighbor(id: number): number {
    if (this.#saddle(id) === -Infinity) return 0;
    const heaps = this.#heaps, names = this.#names;
    const list = this.#list, time = this.#sortedAt[id];
    heaps.listHighest(id, list);
    if (list.length === 1) return names.now(heaps.beyond(list.items[0]));
    // of entries that lead to one peak the one of lowest name stands for all
    const live = this.#live;
    live.clear();
    let neighbor = 0, least = Infinity;
    for (let k = 0; k < list.length; k++) {
      const beyond = heaps.beyond(list.items[k]);
      const now = names.now(beyond);
      if (now === 0 || now === id) continue;
      const name = names.at(beyond, time);
      const known = live.get(now);
      if (known === undefined || name < known.name) live.set(now, { entry: list.items[k], name });
      if (name >= least) continue;
      least = name;
      neighbor = now;
    }
    // a large peak is asked again and again: entries that say nothing must not pile up
    if (list.length > 2 * live.size) {
      heaps.replaceHighest(id, list.length, Array.from(live.values(), (kept) => kept.entry));
    }
    return neighbor;
  }

  #merge(id: number, into: number, level: number): void {
    const { top, position, size, total, saddle, sizeAbove, totalAbove } = this.#peaks;
    this.#names.merge(id, into, ++this.#time);
    this.#heaps.absorb(into, id);
    this.#sortedAt[into] = this.#time;
    size[into] += size[id];
    total[into] += total[id];
    if (top[id] > top[into]) {
      top[into] = top[id];
      position[into] = position[id];
    }
    const before = saddle[into];
    saddle[into] = this.#saddle(into);
    this.#above?.merged(id, into, level, before);
    if (saddle[into] === -Infinity) {
      sizeAbove[into] = size[into];
      totalAbove[into] = total[into];
    }
  }

  /**
   * The peaks that are still themselves, highest value first; of equal values by top, then size, both
   * highest first, then by place: stable sorts, the last criterion first.
   */
  #order(values: Float64Array): Uint32Array {
    const { count, top, size, position } = this.#peaks;
    const ids: number[] = [];
    for (let id = 1; id <= count; id++) if (this.#names.now(id) === id) ids.push(id);
    const byPlace = sortByPlace(Uint32Array.from(ids), position, this.#image.volume);
    const bySize = sortDescending(byPlace, Float32Array.from(size));
    const byTop = sortDescending(bySize, Float32Array.from(top));
    return sortDescending(byTop, Float32Array.from(values));
  }
}

/** Sorts ids by x, then y, then z. */
function sortByPlace(
  ids: Uint32Array,
  position: Int32Array,
  { width, height, depth }: Volume,
): Uint32Array {
  const x = new Float32Array(position.length), y = x.slice(), z = x.slice();
  for (const id of ids) {
    const rows = Math.floor(position[id] / width);
    x[id] = rows * width - position[id];
    y[id] = -(rows % height);
    z[id] = -Math.floor(rows / height);
  }
  const byZ = depth > 1 ? sortDescending(ids, z) : ids;
  return sortDescending(sortDescending(byZ, y), x);
}
