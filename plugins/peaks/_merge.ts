/**
 * FindFoci, second half: saddles between regions, and merging of peaks that are too low or too small.
 *
 * See the guide of the algorithm, sections 1.7 to 1.9 (Herbert et al., PLoS ONE 9 (2014) e114749,
 * https://doi.org/10.1371/journal.pone.0114749).
 *
 * @module
 */
import { type Regions, STEP_X, STEP_Y } from "./_regions.ts";

/** What peaks must have to stay. */
export interface MergeRules {
  /** The least height above the saddle (or the background) for a peak of this height. */
  readonly need: (top: number) => number;
  /** The level peaks without neighbors are measured from. */
  readonly background: number;
  readonly minimumSize: number;
  /** Whether the pixels above the saddle must be as many, too. */
  readonly minimumAboveSaddle: boolean;
}

/** Peaks after merging; `alive` is 1 for those that stay. Ids count from 1 as in the regions. */
export interface MergedPeaks {
  readonly alive: Uint8Array;
  /** The id each label now belongs to, 0 for none. */
  readonly owner: Int32Array;
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly height: Float64Array;
  readonly size: Float64Array;
  readonly total: Float64Array;
  /** Level of the highest saddle, -Infinity without a neighbor, and the peak beyond it (0 none). */
  readonly saddle: Float64Array;
  readonly saddleId: Int32Array;
  /** Pixels above the saddle, and their sum. */
  readonly sizeAboveSaddle: Float64Array;
  readonly totalAboveSaddle: Float64Array;
}

/** Saddles of one peak: neighbors by id, highest level first. */
interface SaddleList {
  ids: number[];
  levels: number[];
}

/** Merges the regions of an image by height, then size, then size above the saddle. */
export function mergePeaks(
  values: Float32Array,
  width: number,
  height: number,
  regions: Regions,
  rules: MergeRules,
): MergedPeaks {
  const { count, labels } = regions;
  const saddles = findSaddles(values, width, height, labels, count);
  const state = new MergeState(regions, saddles, values);
  const byInitialSaddle = state.ids().sort((a, b) =>
    state.saddle[b] - state.saddle[a] || a - b
  );
  for (const id of byInitialSaddle) {
    if (state.owner[id] !== id) continue;
    state.refresh(id);
    const base = state.saddle[id] === -Infinity ? rules.background : state.saddle[id];
    if (state.height[id] - base < rules.need(state.height[id])) state.mergeIntoParent(id);
  }
  if (rules.minimumSize > 1) {
    const bySize = state.ids().sort((a, b) => state.size[a] - state.size[b] || b - a);
    for (const id of bySize) {
      if (state.owner[id] !== id || state.size[id] >= rules.minimumSize) continue;
      state.refresh(id);
      state.mergeIntoParent(id);
    }
  }
  state.countAboveSaddles(labels, values);
  if (rules.minimumAboveSaddle && rules.minimumSize > 1) {
    const byAbove = state.ids().sort((a, b) =>
      state.sizeAbove[a] - state.sizeAbove[b] || b - a
    );
    const pixels = pixelsByLabel(labels, count);
    for (const id of byAbove) {
      if (state.owner[id] !== id || state.sizeAbove[id] >= rules.minimumSize) continue;
      state.refresh(id);
      const parent = state.mergeIntoParent(id);
      if (parent > 0) state.recount(parent, pixels, values);
    }
  }
  return state.result();
}

/** The highest level at which each pair of regions touches. */
function findSaddles(
  values: Float32Array,
  width: number,
  height: number,
  labels: Int32Array,
  count: number,
): SaddleList[] {
  const levels = new Map<number, number>();
  const stride = count + 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x, a = labels[i];
      if (a === 0) continue;
      for (let d = 2; d < 6; d++) { // half of the neighbors: each pair is seen once
        const nx = x + STEP_X[d], ny = y + STEP_Y[d];
        if (nx < 0 || nx >= width || ny >= height) continue;
        const n = ny * width + nx, b = labels[n];
        if (b === 0 || b === a) continue;
        const key = a < b ? a * stride + b : b * stride + a;
        const level = Math.min(values[i], values[n]);
        const known = levels.get(key);
        if (known === undefined || level > known) levels.set(key, level);
      }
    }
  }
  const lists: [number, number][][] = Array.from({ length: stride }, () => []);
  for (const [key, level] of levels) {
    const b = key % stride, a = (key - b) / stride;
    lists[a].push([level, b]);
    lists[b].push([level, a]);
  }
  return lists.map((list) => {
    list.sort((p, q) => q[0] - p[0] || p[1] - q[1]);
    return { ids: list.map(([, id]) => id), levels: list.map(([level]) => level) };
  });
}

/** Pixel indices of each label, one after the other. */
function pixelsByLabel(labels: Int32Array, count: number): { start: Uint32Array; pixel: Uint32Array } {
  const start = new Uint32Array(count + 2);
  for (const label of labels) start[label + 1]++;
  for (let id = 0; id <= count; id++) start[id + 1] += start[id];
  const next = start.slice(), pixel = new Uint32Array(labels.length);
  for (let i = 0; i < labels.length; i++) pixel[next[labels[i]]++] = i;
  return { start, pixel };
}

/** The peaks while they are merged. */
class MergeState {
  readonly owner: Int32Array;
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly height: Float64Array;
  readonly size: Float64Array;
  readonly total: Float64Array;
  readonly saddle: Float64Array;
  readonly sizeAbove: Float64Array;
  readonly totalAbove: Float64Array;
  /** Labels that were merged into each peak, itself first. */
  readonly members: number[][];

  constructor(
    private readonly regions: Regions,
    private readonly lists: SaddleList[],
    private readonly values: Float32Array,
  ) {
    const n = regions.count + 1;
    this.owner = Int32Array.from({ length: n }, (_, id) => id);
    this.x = new Int32Array(n);
    this.y = new Int32Array(n);
    this.height = new Float64Array(n);
    this.size = new Float64Array(n);
    this.total = new Float64Array(n);
    this.saddle = new Float64Array(n).fill(-Infinity);
    this.sizeAbove = new Float64Array(n);
    this.totalAbove = new Float64Array(n);
    this.members = Array.from({ length: n }, (_, id) => [id]);
    for (let id = 1; id < n; id++) {
      this.x[id] = regions.x[id - 1];
      this.y[id] = regions.y[id - 1];
      this.height[id] = regions.height[id - 1];
      if (lists[id].levels.length > 0) this.saddle[id] = lists[id].levels[0];
    }
    const { labels } = regions;
    for (let i = 0; i < labels.length; i++) {
      this.size[labels[i]]++;
      this.total[labels[i]] += values[i];
    }
  }

  /** Ids of all peaks that still stand. */
  ids(): number[] {
    const found: number[] = [];
    for (let id = 1; id < this.owner.length; id++) if (this.owner[id] === id) found.push(id);
    return found;
  }

  /** Brings the saddle list of a peak up to date with the merges so far. */
  refresh(id: number): void {
    const list = this.lists[id];
    const best = new Map<number, number>();
    for (let k = 0; k < list.ids.length; k++) {
      const other = this.find(list.ids[k]);
      if (other === 0 || other === id) continue;
      const known = best.get(other);
      if (known === undefined || list.levels[k] > known) best.set(other, list.levels[k]);
    }
    const sorted = [...best].sort((p, q) => q[1] - p[1] || p[0] - q[0]);
    list.ids = sorted.map(([other]) => other);
    list.levels = sorted.map(([, level]) => level);
    this.saddle[id] = list.levels.length > 0 ? list.levels[0] : -Infinity;
  }

  /** Merges a refreshed peak into the neighbor beyond its highest saddle; without one it goes. */
  mergeIntoParent(id: number): number {
    const list = this.lists[id];
    const parent = list.ids.length > 0 ? list.ids[0] : 0;
    this.owner[id] = parent;
    if (parent === 0) return 0;
    this.size[parent] += this.size[id];
    this.total[parent] += this.total[id];
    if (this.height[id] > this.height[parent]) {
      this.height[parent] = this.height[id];
      this.x[parent] = this.x[id];
      this.y[parent] = this.y[id];
    }
    const target = this.lists[parent];
    // the shorter list is added to the longer, so that a chain of merges stays cheap
    target.ids = target.ids.concat(list.ids);
    target.levels = target.levels.concat(list.levels);
    this.members[parent] = this.members[parent].length < this.members[id].length
      ? this.members[id].concat(this.members[parent])
      : this.members[parent].concat(this.members[id]);
    list.ids = [];
    list.levels = [];
    this.members[id] = [];
    this.refresh(parent);
    return parent;
  }

  /** The peak a label belongs to now, with the path shortened for the next question. */
  find(id: number): number {
    let root = id;
    while (root !== 0 && this.owner[root] !== root) root = this.owner[root];
    for (let at = id; at !== root && at !== 0;) {
      const next = this.owner[at];
      this.owner[at] = root;
      at = next;
    }
    return root;
  }

  /** Counts the pixels above the saddle of every peak. */
  countAboveSaddles(labels: Int32Array, values: Float32Array): void {
    for (const id of this.ids()) this.refresh(id);
    this.sizeAbove.fill(0);
    this.totalAbove.fill(0);
    for (let i = 0; i < labels.length; i++) {
      const id = this.find(labels[i]);
      if (id === 0 || !(values[i] > this.saddle[id])) continue;
      this.sizeAbove[id]++;
      this.totalAbove[id] += values[i];
    }
  }

  /** Counts again for one peak. */
  recount(
    id: number,
    { start, pixel }: { readonly start: Uint32Array; readonly pixel: Uint32Array },
    values: Float32Array,
  ): void {
    this.sizeAbove[id] = 0;
    this.totalAbove[id] = 0;
    for (const label of this.members[id]) {
      for (let k = start[label]; k < start[label + 1]; k++) {
        if (!(values[pixel[k]] > this.saddle[id])) continue;
        this.sizeAbove[id]++;
        this.totalAbove[id] += values[pixel[k]];
      }
    }
  }

  result(): MergedPeaks {
    const n = this.owner.length;
    for (const id of this.ids()) this.refresh(id);
    this.countAboveSaddles(this.regions.labels, this.values);
    const owner = Int32Array.from({ length: n }, (_, id) => this.find(id));
    return {
      alive: Uint8Array.from(owner, (own, id) => id > 0 && own === id ? 1 : 0),
      owner,
      x: this.x,
      y: this.y,
      height: this.height,
      size: this.size,
      total: this.total,
      saddle: this.saddle,
      saddleId: Int32Array.from(this.lists, (list) => list.ids[0] ?? 0),
      sizeAboveSaddle: this.sizeAbove,
      totalAboveSaddle: this.totalAbove,
    };
  }
}
