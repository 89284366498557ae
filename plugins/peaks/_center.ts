/**
 * The place of a peak within its region, in whole pixels.
 *
 * @module
 */
import { IntList } from "./_int_list.ts";
import { BORDER, LISTED, neighborOf, type Volume } from "./_volume.ts";

/** Where a peak's place is: its highest pixel or the center of mass about it, on which image. */
export type CenterMethod =
  | "maximum"
  | "maximum-original"
  | "center-of-mass"
  | "center-of-mass-original";

/** Steps a center of mass may take. */
const STEPS = 10;

interface Box {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/**
 * The pixel that is a peak's center.
 *
 * @param values the image it is measured on
 * @param start pixel of the peak's maximum
 * @param saddle level of its highest saddle (or of the background); what lies above counts
 * @param radius px from the center that the center of mass is taken over; 0 for the maximum
 */
export function centerOf(
  values: Float32Array,
  volume: Volume,
  flags: Uint8Array,
  labels: Int32Array,
  start: number,
  saddle: number,
  radius: number,
): number {
  const box = boxAbove(values, volume, flags, labels, start, saddle);
  const above = (i: number) =>
    labels[i] === labels[start] && values[i] > saddle ? values[i] - saddle : 0;
  const top = highest(volume, box, above);
  if (radius === 0 || top < 0) return top < 0 ? start : top;
  return centerOfMass(volume, box, above, top, radius);
}

/** The bounding box of the pixels that connect to a peak's maximum at its saddle or above. */
function boxAbove(
  values: Float32Array,
  volume: Volume,
  flags: Uint8Array,
  labels: Int32Array,
  start: number,
  saddle: number,
): Box {
  const list = new IntList();
  list.push(start);
  flags[start] |= LISTED;
  const low = place(volume, start), high = place(volume, start);
  for (let k = 0; k < list.length; k++) {
    const i = list.items[k];
    place(volume, i).forEach((c, axis) => {
      low[axis] = Math.min(low[axis], c);
      high[axis] = Math.max(high[axis], c);
    });
    for (let d = 0; d < volume.offset.length; d++) {
      const n = (flags[i] & BORDER) === 0 ? i + volume.offset[d] : neighborOf(volume, i, d);
      if (n < 0 || (flags[n] & LISTED) !== 0) continue;
      if (labels[n] !== labels[start] || !(values[n] >= saddle)) continue;
      flags[n] |= LISTED;
      list.push(n);
    }
  }
  for (let k = 0; k < list.length; k++) flags[list.items[k]] &= ~LISTED;
  return { low, high };
}

/** The highest pixel; of several the one nearest their mean, of equally near ones the last. */
function highest(volume: Volume, box: Box, above: (i: number) => number): number {
  let top = 0, count = 0;
  let ties: number[] = [];
  const sums = [0, 0, 0];
  forEachIn(volume, box, (i) => {
    const v = above(i);
    if (v <= 0 || v < top) return;
    if (v > top) {
      top = v;
      ties = [];
      sums.fill(0);
      count = 0;
    }
    ties.push(i);
    count++;
    place(volume, i).forEach((c, axis) => sums[axis] += c);
  });
  let best = -1, least = Infinity;
  for (const i of ties) {
    const distance = place(volume, i).reduce(
      (sum, c, axis) => sum + (c - sums[axis] / count) ** 2,
      0,
    );
    if (distance <= least) {
      least = distance;
      best = i;
    }
  }
  return best;
}

function centerOfMass(
  volume: Volume,
  box: Box,
  above: (i: number) => number,
  start: number,
  radius: number,
): number {
  let center = place(volume, start);
  for (let step = 0; step < STEPS; step++) {
    const middle = center.map((c) => Math.floor(c + 0.5));
    const window = {
      low: middle.map((c, axis) => Math.max(box.low[axis], c - radius)),
      high: middle.map((c, axis) => Math.min(box.high[axis], c + radius)),
    };
    let weight = 0;
    const sums = [0, 0, 0];
    forEachIn(volume, window, (i) => {
      const v = above(i);
      weight += v;
      place(volume, i).forEach((c, axis) => sums[axis] += v * c);
    });
    if (!(weight > 0)) break;
    const next = sums.map((sum) => sum / weight);
    const moved = next.reduce((sum, c, axis) => sum + (c - center[axis]) ** 2, 0);
    center = next;
    if (moved <= 1) break;
  }
  const [x, y, z] = center.map((c) => Math.floor(c + 0.5));
  return (z * volume.height + y) * volume.width + x;
}

/** x, y and z of a pixel. */
function place({ width, height }: Volume, i: number): number[] {
  const rows = Math.floor(i / width);
  return [i - rows * width, rows % height, Math.floor(rows / height)];
}

function forEachIn(
  { width, height }: Volume,
  { low, high }: Box,
  visit: (i: number) => void,
): void {
  for (let z = low[2]; z <= high[2]; z++) {
    for (let y = low[1]; y <= high[1]; y++) {
      const row = (z * height + y) * width;
      for (let x = low[0]; x <= high[0]; x++) visit(row + x);
    }
  }
}
