/**
 * Pixels that are the highest of the square window around them, and points no closer than that.
 *
 * @module
 */
import { IntList } from "./_int_list.ts";
import { pixelNearestMean } from "./_middle.ts";
import { sortDescending } from "./_radix_order.ts";

/**
 * The highest value of the window of 2 reach + 1 px around each pixel, as far as it lies in the image.
 *
 * Blocks as long as the window are run through from both ends, so that every window is the end of one
 * run and the beginning of another: three comparisons a pixel and axis, whatever the reach. 12 bytes a
 * pixel.
 *
 * @param reach 1 or more, px
 * @see van Herk, A fast algorithm for local minimum and maximum filters on rectangular and octagonal
 * kernels, Pattern Recognition Letters 13 (1992) 517-521. https://doi.org/10.1016/0167-8655(92)90069-C
 */
export function windowMaximum(
  values: Float32Array,
  width: number,
  height: number,
  reach: number,
): Float32Array {
  const out = values.slice();
  maximumOfRows(out, width, height, Math.min(reach, width));
  maximumOfColumns(out, width, height, Math.min(reach, height));
  return out;
}

function maximumOfRows(data: Float32Array, width: number, height: number, reach: number): void {
  const span = 2 * reach + 1;
  // the row with -Infinity beyond its ends, run through forward and backward
  const length = Math.ceil((width + 2 * reach) / span) * span;
  const forward = new Float32Array(length).fill(-Infinity), backward = forward.slice();
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let block = 0; block < length; block += span) {
      let high = -Infinity;
      for (let i = block; i < block + span; i++) {
        const x = i - reach;
        if (x >= 0 && x < width && data[row + x] > high) high = data[row + x];
        forward[i] = high;
      }
      high = -Infinity;
      for (let i = block + span - 1; i >= block; i--) {
        const x = i - reach;
        if (x >= 0 && x < width && data[row + x] > high) high = data[row + x];
        backward[i] = high;
      }
    }
    for (let x = 0; x < width; x++) {
      const a = backward[x], b = forward[x + 2 * reach];
      data[row + x] = a > b ? a : b;
    }
  }
}

/** The same along y, by whole rows, so that memory is read in its order. */
function maximumOfColumns(data: Float32Array, width: number, height: number, reach: number): void {
  const span = 2 * reach + 1;
  const forward = data.slice(), backward = data.slice();
  const raise = (runs: Float32Array, row: number, by: number) => {
    for (let i = row; i < row + width; i++) if (runs[i + by] > runs[i]) runs[i] = runs[i + by];
  };
  // blocks begin `reach` rows before the image
  for (let y = 1; y < height; y++) {
    if ((y + reach) % span !== 0) raise(forward, y * width, -width);
  }
  for (let y = height - 2; y >= 0; y--) {
    if ((y + 1 + reach) % span !== 0) raise(backward, y * width, width);
  }
  const lastBlock = Math.floor((height - 1 + reach) / span);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const from = Math.max(0, y - reach) * width, to = Math.min(height - 1, y + reach) * width;
    // a run that begins beyond the last row has nothing in it
    const isBeyond = Math.floor((y + 2 * reach) / span) > lastBlock;
    for (let x = 0; x < width; x++) {
      const a = backward[from + x], b = isBeyond ? a : forward[to + x];
      data[row + x] = a > b ? a : b;
    }
  }
}

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
  const highest = windowMaximum(values, width, height, reach);
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
