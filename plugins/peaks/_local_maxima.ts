/**
 * Local maxima, and for every other pixel the neighbor it climbs to.
 *
 * One sweep from the last pixel to the first does both: a pixel without a higher neighbor is a
 * maximum, or part of a plateau, which is flooded once; any other points to its highest neighbor.
 * Nothing has to be sorted, because a pixel's target depends on values only, but for flat shelves,
 * whose pixels wait for a neighbor of the same value that knows where to climb.
 *
 * Results are those of visiting levels from the highest to the lowest, and in each level pixels from
 * the last to the first until nothing changes (Herbert, Carr and Hoffmann 2014, FindFoci,
 * https://doi.org/10.1371/journal.pone.0114749).
 *
 * @module
 */
import { descendingOrder } from "./_radix_order.ts";
import { IntList } from "./_int_list.ts";
import { resolveShelves, shelfTarget } from "./_shelves.ts";
import { BORDER, EXCLUDED, MAXIMUM, neighborOf, TESTED, type Volume } from "./_volume.ts";

/** Local maxima by id less 1, highest first; of equal ones the last in the image first. */
export interface Maxima {
  readonly count: number;
  /** Pixel index. */
  readonly position: Int32Array;
  readonly top: Float32Array;
}

/**
 * Labels every pixel of at least `background` with the id (from 1) of the maximum it climbs to, 0 for
 * none. Maxima at `lowest`, the least value, do not count, so that a flat image has none.
 *
 * Pixels flagged {@linkcode EXCLUDED} are no part of any region, but they are compared with; give them
 * the value -Infinity to keep them out of everything. `labels` must be zero.
 */
export function labelByAscent(
  values: Float32Array,
  volume: Volume,
  flags: Uint8Array,
  background: number,
  lowest: number,
  labels: Int32Array,
): Maxima {
  const { width, depth, offset, isFace } = volume;
  const steps = offset.length;
  const positions = new IntList(), plateaus = new IntList(), shelves = new IntList();
  const flood = new IntList();
  for (let i = volume.length - 1; i >= 0; i--) {
    const flag = flags[i];
    if ((flag & (EXCLUDED | MAXIMUM)) !== 0) continue;
    const v = values[i];
    if (!(v >= background)) continue;
    let highest = v, target = -1, isEqual = false;
    if ((flag & BORDER) === 0 && depth === 1) {
      // directions 7 to 0; a later face neighbor replaces an equal one, a diagonal one does not
      let n = i - width - 1, u = values[n];
      if (u > highest) {
        highest = u;
        target = n;
      } else if (u === v) isEqual = true;
      n = i - 1;
      u = values[n];
      if (u > v) {
        if (u >= highest) {
          highest = u;
          target = n;
        }
      } else if (u === v) isEqual = true;
      n = i + width - 1;
      u = values[n];
      if (u > highest) {
        highest = u;
        target = n;
      } else if (u === v) isEqual = true;
      n = i + width;
      u = values[n];
      if (u > v) {
        if (u >= highest) {
          highest = u;
          target = n;
        }
      } else if (u === v) isEqual = true;
      n = i + width + 1;
      u = values[n];
      if (u > highest) {
        highest = u;
        target = n;
      } else if (u === v) isEqual = true;
      n = i + 1;
      u = values[n];
      if (u > v) {
        if (u >= highest) {
          highest = u;
          target = n;
        }
      } else if (u === v) isEqual = true;
      n = i - width + 1;
      u = values[n];
      if (u > highest) {
        highest = u;
        target = n;
      } else if (u === v) isEqual = true;
      n = i - width;
      u = values[n];
      if (u > v) {
        if (u >= highest) {
          highest = u;
          target = n;
        }
      } else if (u === v) isEqual = true;
    } else {
      for (let d = steps - 1; d >= 0; d--) {
        const n = (flag & BORDER) === 0 ? i + offset[d] : neighborOf(volume, i, d);
        if (n < 0) continue;
        const u = values[n];
        if (u > v) {
          if (u > highest || (u === highest && isFace[d] === 1)) {
            highest = u;
            target = n;
          }
        } else if (u === v) isEqual = true;
      }
    }
    if (target >= 0) {
      labels[i] = -1 - target;
    } else if (!isEqual) {
      if (v === lowest) continue;
      positions.push(i);
      labels[i] = positions.length;
      flags[i] = flag | MAXIMUM;
    } else {
      if ((flag & TESTED) === 0 && v !== lowest) {
        floodPlateau(values, volume, flags, i, flood);
        if (flood.length > 0) {
          positions.push(middleOf(flood, volume));
          for (let k = 0; k < flood.length; k++) {
            const p = flood.items[k];
            flags[p] |= MAXIMUM;
            labels[p] = positions.length;
            plateaus.push(p);
          }
          continue;
        }
      }
      labels[i] = shelfTarget(values, volume, flags, labels, i);
      if (labels[i] === 0) shelves.push(i);
    }
  }
  resolveShelves(values, volume, flags, shelves.items.subarray(0, shelves.length), labels);
  return rankMaxima(values, positions, plateaus, labels);
}

/** Lists the pixels of a plateau; empties the list when one of them touches a higher pixel. */
function floodPlateau(
  values: Float32Array,
  volume: Volume,
  flags: Uint8Array,
  start: number,
  list: IntList,
): void {
  const v = values[start];
  let isMaximum = true;
  list.length = 0;
  list.push(start);
  flags[start] |= TESTED;
  for (let k = 0; k < list.length; k++) {
    const i = list.items[k];
    const isInner = (flags[i] & BORDER) === 0;
    for (let d = volume.offset.length - 1; d >= 0; d--) {
      const n = isInner ? i + volume.offset[d] : neighborOf(volume, i, d);
      if (n < 0 || (flags[n] & EXCLUDED) !== 0) continue;
      const u = values[n];
      if (u > v) isMaximum = false;
      else if (u === v && (flags[n] & TESTED) === 0) {
        flags[n] |= TESTED;
        list.push(n);
      }
    }
  }
  if (!isMaximum) list.length = 0;
}

/** The pixel of a plateau nearest its mean; of equally near ones the one found last. */
function middleOf(list: IntList, { width, height }: Volume): number {
  let sumX = 0, sumY = 0, sumZ = 0;
  for (let k = 0; k < list.length; k++) {
    const i = list.items[k], rows = Math.floor(i / width);
    sumX += i - rows * width;
    sumY += rows % height;
    sumZ += Math.floor(rows / height);
  }
  const n = list.length;
  const cx = sumX / n, cy = sumY / n, cz = sumZ / n;
  let best = -1, least = Infinity;
  for (let k = 0; k < n; k++) {
    const i = list.items[k], rows = Math.floor(i / width);
    const dx = i - rows * width - cx, dy = rows % height - cy, dz = Math.floor(rows / height) - cz;
    const distance = dx * dx + dy * dy + dz * dz;
    if (distance <= least) {
      least = distance;
      best = i;
    }
  }
  return best;
}

/** Gives the maxima their ids and every pixel the id it climbs to. */
function rankMaxima(
  values: Float32Array,
  positions: IntList,
  plateaus: IntList,
  labels: Int32Array,
): Maxima {
  const count = positions.length;
  const found = positions.items.subarray(0, count);
  const order = descendingOrder(Float32Array.from(found, (i) => values[i]));
  const position = new Int32Array(count), top = new Float32Array(count);
  const idOf = new Int32Array(count + 1);
  for (let rank = 0; rank < count; rank++) {
    position[rank] = found[order[rank]];
    top[rank] = values[position[rank]];
    idOf[order[rank] + 1] = rank + 1;
  }
  for (let k = 0; k < plateaus.length; k++) {
    const p = plateaus.items[k];
    labels[p] = idOf[labels[p]];
  }
  for (let rank = 0; rank < count; rank++) labels[position[rank]] = rank + 1;
  followTargets(labels);
  return { count, position, top };
}

/** Turns pointers (-1 less the target's index) into the labels they lead to. */
function followTargets(labels: Int32Array): void {
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] >= 0) continue;
    let end = i;
    while (labels[end] < 0) end = -1 - labels[end];
    const id = labels[end];
    for (let k = i; labels[k] < 0;) {
      const next = -1 - labels[k];
      labels[k] = id;
      k = next;
    }
  }
}
