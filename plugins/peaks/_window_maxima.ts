/**
 * Pixels that are the highest of the square window around them, and points no closer than that.
 *
 * @module
 */
import { maximumFilter } from "@core/kernels";
import { IntList } from "./_int_list.ts";
import { pixelNearestMean } from "./_middle.ts";
import { sortDescending } from "./_radix_order.ts";

/** What counts as a peak. */
export interface WindowRule {
  /** No higher pixel, and no other peak, is so near along both axes, px; 1 or more. */
  readonly reach: number;
  /** Peaks are higher than this. */
  readonly least: number;
  /** Peaks nearer to the border than this are left out, px. */
  readonly border: number;
  /** Largest number of peaks; 0 is no limit. */
  readonly limit: number;
}

/**
 * The peaks of an image, highest first, those of one height in the order of the image.
 *
 * @param values pixels; -Infinity for those that take no part
 * @returns their pixel indices
 */
export function windowPeaks(
  values: Float32Array,
  width: number,
  height: number,
  rule: WindowRule,
): Int32Array {
  const { reach, border, limit } = rule;
  const tops = flatTops(values, width, height, reach, rule.least);
  const places = new IntList();
  for (const i of tops) {
    const x = i % width, y = Math.floor(i / width);
    if (Math.min(x, y, width - 1 - x, height - 1 - y) >= border) places.push(i);
  }
  const indices = Uint32Array.from(places.items.subarray(0, places.length)).sort();
  const spaced = spacedOut(sortDescending(indices, values), width, height, reach);
  return limit > 0 ? spaced.slice(0, limit) : spaced;
}

/** The middles of the flat tops (mostly single pixels) that no pixel of their windows exceeds. */
function flatTops(
  values: Float32Array,
  width: number,
  height: number,
  reach: number,
  least: number,
): Int32Array {
  const highest = new Float32Array(values.length);
  maximumFilter(values, width, height, reach, highest);
  const isTop = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (values[i] === highest[i] && values[i] > least) isTop[i] = 1;
  }
  const found = new IntList(), flood = new IntList();
  for (let i = 0; i < values.length; i++) {
    if (isTop[i] === 0) continue;
    flood.length = 0;
    flood.push(i);
    isTop[i] = 0;
    for (let k = 0; k < flood.length; k++) {
      const at = flood.items[k], x = at % width, y = Math.floor(at / width);
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const n = v * width + u;
          if (isTop[n] === 0) continue;
          isTop[n] = 0;
          flood.push(n);
        }
      }
    }
    found.push(pixelNearestMean(flood.items.subarray(0, flood.length), width));
  }
  return found.items.slice(0, found.length);
}

/** Those places, in their order, that have none of the earlier ones within reach along both axes. */
function spacedOut(
  places: Uint32Array,
  width: number,
  height: number,
  reach: number,
): Int32Array {
  // a cell of reach + 1 px holds one place at most
  const size = reach + 1;
  const across = Math.ceil(width / size) + 2, down = Math.ceil(height / size) + 2;
  const cells = new Int32Array(across * down).fill(-1);
  const kept = new IntList();
  for (const i of places) {
    const x = i % width, y = Math.floor(i / width);
    const cell = (Math.floor(y / size) + 1) * across + Math.floor(x / size) + 1;
    let isFree = true;
    for (let row = cell - across; row <= cell + across; row += across) {
      for (let c = row - 1; c <= row + 1; c++) {
        const other = cells[c];
        if (other < 0) continue;
        const dx = Math.abs(other % width - x), dy = Math.abs(Math.floor(other / width) - y);
        if (dx <= reach && dy <= reach) isFree = false;
      }
    }
    if (!isFree) continue;
    cells[cell] = i;
    kept.push(i);
  }
  return kept.items.slice(0, kept.length);
}
