/**
 * FindFoci by the letter of its description, without regard to cost: levels from the highest to the
 * lowest, sweeps until nothing changes, lists that are sorted again after every merge. Nothing
 * excluded, saddles of any level.
 *
 * @module
 */

export interface SlowOptions {
  /** Slices; 1 unless given. */
  readonly depth?: number;
  readonly background: number;
  readonly need: (top: number) => number;
  readonly heightPass: boolean;
  readonly minimumSize: number;
  readonly minimumAboveSaddle: boolean;
  readonly connected: boolean;
}

export interface SlowPeak {
  id: number;
  position: number;
  top: number;
  size: number;
  total: number;
  saddle: number;
  neighbor: number;
  sizeAbove: number;
  totalAbove: number;
}

const RING = [[0, -1], [1, -1], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1]];

/** The steps to the neighbors in the order of their directions. */
function stepsOf(depth: number): number[][] {
  const ring = (z: number) => RING.map(([x, y]) => [x, y, z]);
  return depth === 1 ? ring(0) : [...ring(0), ...ring(-1), [0, 0, -1], ...ring(1), [0, 0, 1]];
}

/** The pixels of a volume and their neighbors. */
interface Grid {
  readonly place: (i: number) => number[];
  /** Neighbors by direction, -1 outside. */
  readonly neighbors: readonly (readonly number[])[];
  readonly isFace: readonly boolean[];
}

function gridOf(width: number, height: number, depth: number): Grid {
  const place = (i: number) => [
    i % width,
    Math.floor(i / width) % height,
    Math.floor(i / (width * height)),
  ];
  const size = [width, height, depth];
  const steps = stepsOf(depth);
  const neighbors = Array.from({ length: width * height * depth }, (_, i) =>
    steps.map((step) => {
      const [x, y, z] = place(i).map((c, axis) => c + step[axis]);
      const inside = [x, y, z].every((c, axis) => c >= 0 && c < size[axis]);
      return inside ? (z * height + y) * width + x : -1;
    }));
  const isFace = steps.map((step) => step.filter((c) => c !== 0).length === 1);
  return { place, neighbors, isFace };
}

interface Entry {
  id: number;
  level: number;
}

export function slowFindFoci(
  values: ArrayLike<number>,
  width: number,
  height: number,
  options: SlowOptions,
): SlowPeak[] {
  const { depth = 1 } = options;
  const n = width * height * depth;
  const all = Array.from({ length: n }, (_, i) => i);
  const grid = gridOf(width, height, depth);
  const labels = new Array<number>(n).fill(0);
  const peaks = findMaxima(values, grid, options.background, labels);
  climb(values, grid, options.background, labels);
  for (const i of all) {
    if (labels[i] === 0) continue;
    peaks[labels[i]].size++;
    peaks[labels[i]].total += values[i];
  }
  return mergeAll(values, grid, labels, peaks, options);
}

function findMaxima(
  values: ArrayLike<number>,
  { place, neighbors }: Grid,
  background: number,
  labels: number[],
): SlowPeak[] {
  const lowest = Math.min(...Array.from(values));
  const plateaus: { position: number; pixels: number[] }[] = [];
  const seen = new Set<number>();
  for (let i = labels.length - 1; i >= 0; i--) {
    if (seen.has(i) || values[i] < background || values[i] === lowest) continue;
    const pixels = [i];
    seen.add(i);
    let isMaximum = true;
    for (let k = 0; k < pixels.length; k++) {
      for (const q of neighbors[pixels[k]].toReversed()) {
        if (q < 0) continue;
        if (values[q] > values[i]) isMaximum = false;
        if (values[q] === values[i] && !seen.has(q)) {
          seen.add(q);
          pixels.push(q);
        }
      }
    }
    if (!isMaximum) continue;
    const places = pixels.map(place);
    const mean = [0, 1, 2].map((axis) =>
      places.reduce((sum, p) => sum + p[axis], 0) / pixels.length
    );
    let position = -1, least = Infinity;
    pixels.forEach((p, k) => {
      const distance = places[k].reduce((sum, c, axis) => sum + (c - mean[axis]) ** 2, 0);
      if (distance <= least) [least, position] = [distance, p];
    });
    plateaus.push({ position, pixels });
  }
  plateaus.sort((a, b) => values[b.position] - values[a.position]);
  const none = { size: 0, total: 0, saddle: -Infinity, neighbor: 0, sizeAbove: 0, totalAbove: 0 };
  const peaks: SlowPeak[] = [{ id: 0, position: -1, top: 0, ...none }];
  plateaus.forEach(({ position, pixels }, k) => {
    peaks.push({ id: k + 1, position, top: values[position], ...none });
    for (const p of pixels) labels[p] = k + 1;
  });
  return peaks;
}

function climb(
  values: ArrayLike<number>,
  { neighbors, isFace }: Grid,
  background: number,
  labels: number[],
): void {
  const levels = [...new Set(Array.from(values))].filter((v) => v >= background).sort((a, b) =>
    b - a
  );
  let waiting: number[] = [];
  for (const level of levels) {
    const list = [...waiting];
    for (let i = labels.length - 1; i >= 0; i--) {
      if (values[i] === level && labels[i] === 0) list.push(i);
    }
    for (let changed = true; changed;) {
      changed = false;
      for (const i of list) {
        if (labels[i] !== 0) continue;
        let best = -1, top = values[i];
        for (let d = isFace.length - 1; d >= 0; d--) {
          const q = neighbors[i][d];
          if (q < 0) continue;
          if (values[q] > top || (values[q] === top && top > values[i] && isFace[d])) {
            best = q;
            top = values[q];
          }
        }
        if (best < 0) {
          for (let d = isFace.length - 1; d >= 0; d--) {
            const q = neighbors[i][d];
            if (q < 0 || values[q] !== values[i] || labels[q] === 0) continue;
            if (best < 0 || isFace[d]) best = q;
          }
        }
        if (best < 0 || labels[best] === 0) continue;
        labels[i] = labels[best];
        changed = true;
      }
    }
    waiting = list.filter((i) => labels[i] === 0);
  }
}

function mergeAll(
  values: ArrayLike<number>,
  { place, neighbors }: Grid,
  labels: number[],
  peaks: SlowPeak[],
  options: SlowOptions,
): SlowPeak[] {
  const map = peaks.map((_, id) => id);
  const byLevel = (a: Entry, b: Entry) => b.level - a.level || a.id - b.id;
  const union = (entries: readonly Entry[]) => {
    const best = new Map<number, number>();
    for (const { id, level } of entries) best.set(id, Math.max(level, best.get(id) ?? -Infinity));
    return [...best].map(([id, level]) => ({ id, level })).sort(byLevel);
  };
  const lists: Entry[][] = peaks.map(() => []);
  labels.forEach((a, i) => {
    for (const q of neighbors[i]) {
      if (q < 0 || a === 0 || labels[q] === 0 || labels[q] === a) continue;
      lists[a].push({ id: labels[q], level: Math.min(values[i], values[q]) });
    }
  });
  lists.forEach((list, id) => {
    lists[id] = union(list);
    peaks[id].saddle = lists[id][0]?.level ?? -Infinity;
  });
  const clean = (id: number) => {
    lists[id] = lists[id].map((e) => ({ ...e, id: map[e.id] })).filter((e) =>
      e.id !== 0 && e.id !== id
    );
  };
  const recount = (peak: SlowPeak) => {
    const own = labels.map((l, i) =>
      map[l] === peak.id && l !== 0 && values[i] > peak.saddle ? i : -1
    )
      .filter((i) => i >= 0);
    let counted = own;
    if (options.connected) {
      const inside = new Set(own);
      counted = [peak.position];
      inside.delete(peak.position);
      for (const i of counted) {
        for (const q of neighbors[i]) if (inside.delete(q)) counted.push(q);
      }
    }
    peak.sizeAbove = counted.length;
    peak.totalAbove = counted.reduce((sum, i) => sum + values[i], 0);
  };
  const merge = (from: SlowPeak, into: SlowPeak) => {
    map.forEach((id, k) => {
      if (id === from.id) map[k] = into.id;
    });
    into.size += from.size;
    into.total += from.total;
    if (from.top > into.top) [into.top, into.position] = [from.top, from.position];
    lists[into.id] = union(
      [...lists[into.id], ...lists[from.id]].map((e) => ({ ...e, id: map[e.id] }))
        .filter((e) => e.id !== 0 && e.id !== into.id),
    );
    into.saddle = lists[into.id][0]?.level ?? -Infinity;
    recount(into);
  };
  const alive = () => peaks.filter((p) => p.id > 0 && map[p.id] === p.id);
  const descending = (key: (p: SlowPeak) => number) => {
    const at = (p: SlowPeak, axis: number) => place(p.position)[axis];
    // equal keys include two infinities, whose difference is not a number
    const compare = (a: number, b: number) => a === b ? 0 : b - a;
    return alive().sort((a, b) =>
      compare(key(a), key(b)) || b.top - a.top || b.size - a.size ||
      at(a, 0) - at(b, 0) || at(a, 1) - at(b, 1) || at(a, 2) - at(b, 2)
    );
  };
  const pass = (order: SlowPeak[], isTooSmall: (p: SlowPeak) => boolean) => {
    for (const peak of order) {
      if (map[peak.id] !== peak.id) continue;
      clean(peak.id);
      peak.saddle = lists[peak.id][0]?.level ?? -Infinity;
      if (!isTooSmall(peak)) continue;
      const parent = lists[peak.id][0];
      if (parent === undefined) {
        map.forEach((id, k) => {
          if (id === peak.id) map[k] = 0;
        });
      } else merge(peak, peaks[parent.id]);
    }
  };
  if (options.heightPass) {
    pass(descending((p) => p.saddle), (p) => {
      const base = p.saddle === -Infinity ? options.background : p.saddle;
      return p.top - base < options.need(p.top);
    });
  }
  const { minimumSize } = options;
  if (minimumSize > 1) {
    pass(descending((p) => p.size).reverse(), (p) => p.size < minimumSize);
    if (options.minimumAboveSaddle) {
      alive().forEach(recount);
      pass(descending((p) => p.sizeAbove).reverse(), (p) => p.sizeAbove < minimumSize);
    }
  }
  for (const peak of alive()) {
    clean(peak.id);
    peak.saddle = lists[peak.id][0]?.level ?? -Infinity;
    peak.neighbor = lists[peak.id][0]?.id ?? 0;
    recount(peak);
  }
  return descending((p) => p.total);
}
