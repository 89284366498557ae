/**
 * FindFoci, first half: local maxima, and the region of pixels that climbs to each.
 *
 * Pixels are compared with their 8 neighbors. Everything runs from the last pixel to the first, which
 * decides ties; see the guide of the algorithm, sections 1.4 to 1.6 (Herbert et al., PLoS ONE 9 (2014)
 * e114749, https://doi.org/10.1371/journal.pone.0114749).
 *
 * @module
 */

/** Neighbor directions: N, NE, E, SE, S, SW, W, NW, with y down. */
export const STEP_X = Int32Array.of(0, 1, 1, 1, 0, -1, -1, -1);
/** See {@linkcode STEP_X}. */
export const STEP_Y = Int32Array.of(-1, -1, 0, 1, 1, 1, 0, -1);

/** Regions of an image: peak ids from 1, highest first, 0 for no peak. */
export interface Regions {
  readonly count: number;
  readonly labels: Int32Array;
  /** By id less 1: position and height of each peak. */
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly height: Float64Array;
}

/**
 * Finds all local maxima of at least `background` and assigns every pixel of at least that to the
 * peak it climbs to by steepest ascent. Pixels of `excluded` (1) belong to no peak and lead nowhere.
 */
export function assignRegions(
  values: Float32Array,
  width: number,
  height: number,
  background: number,
  excluded: Uint8Array,
): Regions {
  const labels = new Int32Array(values.length);
  const { positions, plateaus } = findMaxima(values, width, height, background, excluded);
  const order = Array.from(positions, (_, i) => i).sort((a, b) =>
    values[positions[b]] - values[positions[a]] || a - b
  );
  const count = order.length;
  const x = new Int32Array(count), y = new Int32Array(count), top = new Float64Array(count);
  for (let id = 1; id <= count; id++) {
    const at = positions[order[id - 1]];
    x[id - 1] = at % width;
    y[id - 1] = Math.floor(at / width);
    top[id - 1] = values[at];
    for (const pixel of plateaus[order[id - 1]]) labels[pixel] = id;
  }
  climb(values, width, height, background, excluded, labels);
  return { count, labels, x, y, height: top };
}

interface Maxima {
  readonly positions: number[];
  /** All pixels of each maximum: one, or those of a plateau. */
  readonly plateaus: number[][];
}

/** Flags of pixels in the search for maxima. */
const NOT_MAXIMUM = 1;
const TESTED_PLATEAU = 2;

function findMaxima(
  values: Float32Array,
  width: number,
  height: number,
  background: number,
  excluded: Uint8Array,
): Maxima {
  const flags = new Uint8Array(values.length);
  let lowest = Infinity;
  for (let i = 0; i < values.length; i++) {
    if (excluded[i] === 0 && values[i] < lowest) lowest = values[i];
  }
  const positions: number[] = [], plateaus: number[][] = [];
  for (let i = values.length - 1; i >= 0; i--) {
    const v = values[i];
    if (flags[i] !== 0 || excluded[i] !== 0 || v < background || v === lowest) continue;
    const px = i % width, py = (i - px) / width;
    let isMaximum = true, hasEqual = false;
    for (let d = 0; d < 8; d++) {
      const nx = px + STEP_X[d], ny = py + STEP_Y[d];
      if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
      const n = ny * width + nx;
      if (excluded[n] !== 0) continue;
      if (values[n] > v) {
        isMaximum = false;
        break;
      }
      if (values[n] === v) hasEqual = true;
      else flags[n] |= NOT_MAXIMUM;
    }
    if (!isMaximum) continue;
    const plateau = hasEqual ? floodPlateau(values, width, height, excluded, flags, i) : [i];
    if (plateau === undefined) continue;
    positions.push(plateau.length === 1 ? i : middleOf(plateau, width));
    plateaus.push(plateau);
  }
  return { positions, plateaus };
}

/** All pixels of equal value connected to a start, or `undefined` when one touches a higher pixel. */
function floodPlateau(
  values: Float32Array,
  width: number,
  height: number,
  excluded: Uint8Array,
  flags: Uint8Array,
  start: number,
): number[] | undefined {
  const list = [start];
  flags[start] |= TESTED_PLATEAU;
  const v = values[start];
  let isMaximum = true;
  for (let k = 0; k < list.length; k++) {
    const px = list[k] % width, py = Math.floor(list[k] / width);
    for (let d = 7; d >= 0; d--) {
      const nx = px + STEP_X[d], ny = py + STEP_Y[d];
      if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
      const n = ny * width + nx;
      if (excluded[n] !== 0) continue;
      if (values[n] > v) isMaximum = false;
      else if (values[n] === v && (flags[n] & TESTED_PLATEAU) === 0) {
        flags[n] |= TESTED_PLATEAU;
        list.push(n);
      }
    }
  }
  return isMaximum ? list : undefined;
}

/** The pixel of a plateau nearest its mean; of equally near ones the one found last. */
function middleOf(plateau: readonly number[], width: number): number {
  let sumX = 0, sumY = 0;
  for (const i of plateau) {
    sumX += i % width;
    sumY += Math.floor(i / width);
  }
  const cx = sumX / plateau.length, cy = sumY / plateau.length;
  let best = plateau[0], bestDistance = Infinity;
  for (const i of plateau) {
    const distance = (i % width - cx) ** 2 + (Math.floor(i / width) - cy) ** 2;
    if (distance <= bestDistance) {
      best = i;
      bestDistance = distance;
    }
  }
  return best;
}

/** Gives every pixel, from the highest level to the lowest, the label of its highest neighbor. */
function climb(
  values: Float32Array,
  width: number,
  height: number,
  background: number,
  excluded: Uint8Array,
  labels: Int32Array,
): void {
  const order = descendingOrder(values);
  let waiting: number[] = []; // pixels of higher levels that touch no labeled pixel yet
  for (let start = 0; start < order.length;) {
    const level = values[order[start]];
    if (level < background) break;
    let end = start;
    while (end < order.length && values[order[end]] === level) end++;
    let list: number[] = waiting;
    for (let k = start; k < end; k++) {
      const i = order[k];
      if (labels[i] === 0 && excluded[i] === 0) list.push(i);
    }
    if (waiting.length > 0) list.sort((a, b) => b - a);
    for (let before = -1; list.length > 0 && list.length !== before;) {
      before = list.length;
      const left: number[] = [];
      for (const i of list) {
        const label = uphillLabel(values, width, height, excluded, labels, i);
        if (label > 0) labels[i] = label;
        else left.push(i);
      }
      list = left;
    }
    waiting = list;
    start = end;
  }
}

/**
 * The label uphill of a pixel: of the highest neighbor above it (among equals the last face neighbor),
 * else of a labeled equal neighbor; 0 when there is none yet.
 */
function uphillLabel(
  values: Float32Array,
  width: number,
  height: number,
  excluded: Uint8Array,
  labels: Int32Array,
  i: number,
): number {
  const v = values[i];
  const px = i % width, py = (i - px) / width;
  let highest = v, target = -1, isEqual = false;
  for (let d = 7; d >= 0; d--) {
    const nx = px + STEP_X[d], ny = py + STEP_Y[d];
    if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
    const n = ny * width + nx;
    if (excluded[n] !== 0) continue;
    const isFace = d % 2 === 0;
    if (values[n] > highest) {
      highest = values[n];
      target = n;
      isEqual = false;
    } else if (values[n] === highest && highest > v) {
      if (isFace) target = n;
    } else if (values[n] === v && highest === v && labels[n] > 0) {
      if (target < 0 || isFace) target = n;
      isEqual = true;
    }
  }
  if (target < 0 || (highest === v && !isEqual)) return 0;
  return labels[target];
}

/**
 * Indices of all pixels, highest value first, of equal ones the last first: a radix sort of the bit
 * patterns in two passes of 16 bits, O(n).
 */
export function descendingOrder(values: Float32Array): Uint32Array {
  const n = values.length;
  const keys = new Uint32Array(n);
  const floats = new Float32Array(1), bits = new Uint32Array(floats.buffer);
  for (let i = 0; i < n; i++) {
    floats[0] = values[i] === 0 ? 0 : values[i]; // -0 sorts with 0
    // flip so that the order of the patterns is that of the values, then turn it round
    keys[i] = ~((bits[0] & 0x80000000) !== 0 ? ~bits[0] : bits[0] | 0x80000000);
  }
  let from = new Uint32Array(n), to = new Uint32Array(n);
  for (let i = 0; i < n; i++) from[i] = n - 1 - i;
  for (const shift of [0, 16]) {
    const starts = new Uint32Array(65537);
    for (let i = 0; i < n; i++) starts[((keys[i] >>> shift) & 0xffff) + 1]++;
    for (let k = 0; k < 65536; k++) starts[k + 1] += starts[k];
    for (let k = 0; k < n; k++) {
      const i = from[k];
      to[starts[(keys[i] >>> shift) & 0xffff]++] = i;
    }
    [from, to] = [to, from];
  }
  return from;
}
