/**
 * Maxima by prominence: those from which no higher one can be reached without a descent of more than so
 * much.
 *
 * @module
 */
import { IntList } from "./_int_list.ts";
import { labelByAscent, type Maxima } from "./_local_maxima.ts";
import { pixelNearestMean } from "./_middle.ts";
import { type Passes, passesBetween } from "./_passes.ts";
import { sortDescending } from "./_radix_order.ts";
import { BORDER, MAXIMUM, type Volume } from "./_volume.ts";

/** Which maxima are kept. */
export interface ProminenceRule {
  /** A higher maximum is farther down than this. */
  readonly prominence: number;
  /** Whether the highest one, too, must stand above something by more than the prominence. */
  readonly strict: boolean;
  /**
   * Whether maxima at the edges of the image are left out: those with an edge pixel as high as they are,
   * or, if strict, with one within the prominence.
   */
  readonly excludeEdges: boolean;
}

/** Maxima that were kept, highest first, those of one height in the order of the image. */
export interface ProminentMaxima {
  readonly count: number;
  /** Pixel index: of all pixels of that height within the prominence, the one nearest their mean. */
  readonly position: Int32Array;
  readonly top: Float64Array;
  /**
   * Highest pass to another maximum at least as high; for the highest of a connected piece of the image
   * the piece's lowest pixel.
   */
  readonly saddle: Float64Array;
}

/**
 * Finds the maxima of an image that a rule keeps; O(n) in pixels, near-linear in local maxima.
 *
 * Equally high maxima that connect within the prominence are one. A piece of the image that is flat has
 * none.
 *
 * @param values pixels; -Infinity for those flagged as excluded
 * @param flags with borders marked; maxima are flagged in it
 */
export function prominentMaxima(
  values: Float32Array,
  volume: Volume,
  flags: Uint8Array,
  rule: ProminenceRule,
): ProminentMaxima {
  const labels = new Int32Array(values.length);
  let lowest = Infinity, isWhole = true;
  for (let i = 0; i < values.length; i++) {
    if (values[i] >= lowest) continue;
    if (values[i] > -Infinity) lowest = values[i];
    else isWhole = false;
  }
  const maxima = labelByAscent(values, volume, flags, lowest, lowest, labels);
  const passes = passesBetween(values, volume, flags, labels);
  const floor = new Float32Array(maxima.count).fill(lowest);
  if (!isWhole) lowestOfEach(values, labels, floor);
  const shore = new Float32Array(maxima.count).fill(-Infinity);
  if (rule.excludeEdges) highestAtEdge(values, flags, labels, shore);
  const { group, kept, saddle } = judge(maxima, passes, floor, shore, rule);
  return listKept(values, volume, flags, labels, maxima, group, kept, saddle);
}

/** For each maximum the one that stands for its group; for those, whether they stay, and their saddles. */
interface Judgment {
  readonly group: Int32Array;
  readonly kept: Uint8Array;
  readonly saddle: Float64Array;
}

/** The lowest pixel of each region. */
function lowestOfEach(values: Float32Array, labels: Int32Array, floor: Float32Array): void {
  floor.fill(Infinity);
  for (let i = 0; i < labels.length; i++) {
    const k = labels[i] - 1;
    if (k >= 0 && values[i] < floor[k]) floor[k] = values[i];
  }
}

/** The highest pixel of each region on the edge of the image. */
function highestAtEdge(
  values: Float32Array,
  flags: Uint8Array,
  labels: Int32Array,
  shore: Float32Array,
): void {
  for (let i = 0; i < flags.length; i++) {
    if ((flags[i] & BORDER) === 0 || labels[i] === 0) continue;
    const k = labels[i] - 1;
    if (values[i] > shore[k]) shore[k] = values[i];
  }
}

/**
 * Lowers the water: at every pass the lower of two islands, or both, know where they stand.
 *
 * @param floor lowest pixel of each region; changed
 * @param shore highest level from which a region reaches the edge of the image; changed
 */
function judge(
  { count, top }: Maxima,
  { first, second, level }: Passes,
  floor: Float32Array,
  shore: Float32Array,
  { prominence, strict, excludeEdges }: ProminenceRule,
): Judgment {
  const self = countUp(new Int32Array(count));
  const owner = self.slice(), group = self.slice();
  const isOpen = new Uint8Array(count).fill(1), kept = new Uint8Array(count);
  const saddle = new Float64Array(count);
  const settle = (k: number, at: number, isClear: boolean) => {
    isOpen[k] = 0;
    saddle[k] = at;
    const isAtEdge = strict ? top[k] - shore[k] <= prominence : shore[k] === top[k];
    kept[k] = isClear && !(excludeEdges && isAtEdge) ? 1 : 0;
  };
  const order = sortDescending(countUp(new Uint32Array(level.length)), level);
  for (let p = 0; p < order.length; p++) {
    const e = order[p];
    const a = rootOf(owner, first[e] - 1), b = rootOf(owner, second[e] - 1);
    if (a === b) continue;
    const high = Math.min(a, b), low = Math.max(a, b); // ids are in the order of height
    const at = level[e], isClear = top[low] - at > prominence;
    owner[low] = high;
    if (floor[low] < floor[high]) floor[high] = floor[low];
    if (top[low] === top[high] && !isClear) {
      group[low] = high;
      shore[high] = Math.max(shore[high], shore[low]);
      continue;
    }
    if (isOpen[low] === 1) settle(low, at, isClear);
    if (top[low] === top[high] && isOpen[high] === 1) settle(high, at, isClear);
    shore[high] = Math.max(shore[high], Math.min(at, shore[low]));
  }
  for (let k = 0; k < count; k++) {
    if (owner[k] !== k || isOpen[k] === 0) continue;
    settle(k, floor[k], top[k] - floor[k] > (strict ? prominence : 0));
  }
  return { group, kept, saddle };
}

/** Lists the groups that stay with the pixels that stand for them. */
function listKept(
  values: Float32Array,
  { width }: Volume,
  flags: Uint8Array,
  labels: Int32Array,
  { count, top }: Maxima,
  group: Int32Array,
  kept: Uint8Array,
  saddle: Float64Array,
): ProminentMaxima {
  const pixels = new IntList();
  const start = new Int32Array(count + 1);
  for (let i = 0; i < values.length; i++) {
    if ((flags[i] & MAXIMUM) === 0) continue;
    const k = rootOf(group, labels[i] - 1);
    if (kept[k] === 0) continue;
    pixels.push(i);
    start[k + 1]++;
  }
  for (let k = 0; k < count; k++) start[k + 1] += start[k];
  const next = start.slice(), sorted = new Int32Array(pixels.length);
  for (let p = 0; p < pixels.length; p++) {
    const i = pixels.items[p];
    sorted[next[rootOf(group, labels[i] - 1)]++] = i;
  }
  const found: { position: number; k: number }[] = [];
  for (let k = 0; k < count; k++) {
    if (start[k + 1] === start[k]) continue;
    found.push({ position: pixelNearestMean(sorted.subarray(start[k], start[k + 1]), width), k });
  }
  found.sort((a, b) => top[b.k] - top[a.k] || a.position - b.position);
  return {
    count: found.length,
    position: Int32Array.from(found, ({ position }) => position),
    top: Float64Array.from(found, ({ k }) => top[k]),
    saddle: Float64Array.from(found, ({ k }) => saddle[k]),
  };
}

/** Fills a list with 0, 1, 2 ...; many times as fast as `from` with a function. */
function countUp<T extends Int32Array | Uint32Array>(list: T): T {
  for (let k = 0; k < list.length; k++) list[k] = k;
  return list;
}

/** The first member of a set, and a shorter way to it for the next time. */
function rootOf(owner: Int32Array, k: number): number {
  while (owner[k] !== k) k = owner[k] = owner[owner[k]];
  return k;
}
