/**
 * Columns from a confidence map: one maximum a window, the best of overlapping boxes, sub-pixel places.
 *
 * @module
 */

import { selectValues } from "@core";
import { bitsOf, logOfBits } from "./_float_log.ts";

/** How a map is decoded. */
export interface DecodeSettings {
  /** Least confidence of a column. */
  readonly lowerBound: number;
  /** Side of the window that holds one maximum, px. */
  readonly window: number;
  /** Side of the box around a column, px; 0 for no suppression. */
  readonly box: number;
  /** Most overlap of two boxes: their common area over that of both together. */
  readonly overlap: number;
}

/** Columns found in a map, the most confident first. */
export interface Decoded {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Confidence at the place. */
  readonly height: Float64Array;
  /** Standard deviation of the maximum, px: the geometric mean of both axes. */
  readonly sigma: Float64Array;
}

/** The columns of at least a confidence, in their order. */
export function selectSure(columns: Decoded, confidence: Float64Array, least: number): Decoded {
  const rows: number[] = [];
  for (let i = 0; i < confidence.length; i++) if (confidence[i] >= least) rows.push(i);
  return selectDecoded(columns, rows);
}

/** The columns of these rows, in that order. */
export function selectDecoded(columns: Decoded, rows: readonly number[]): Decoded {
  const { x, y, height, sigma } = columns;
  return {
    x: selectValues(x, rows),
    y: selectValues(y, rows),
    height: selectValues(height, rows),
    sigma: selectValues(sigma, rows),
  };
}

/** A value of a map must be this large for its logarithm to mean anything. */
const TINY = 1e-6, LOG_TINY = Math.log(TINY);

/**
 * Decodes a confidence map.
 *
 * 1. A proposal is a pixel of at least the lower bound that none in the window around it exceeds; of equal
 *    ones the first in the order of the image.
 * 2. From the most confident down, a proposal is dropped when its box overlaps that of one kept by more
 *    than allowed. Boxes kept lie in a grid of cells as large as the distance at which boxes can overlap
 *    so much, so that each proposal is compared with its neighbors only: O(pixels + n log n).
 * 3. The place is the top of the paraboloid that fits the logarithms around the maximum best, out to half
 *    the maximum's standard deviation: exact for a Gaussian, and the more pixels a maximum has the less
 *    their noise moves it.
 */
export function decodeMap(
  map: Float32Array,
  width: number,
  height: number,
  { lowerBound, window, box, overlap }: DecodeSettings,
): Decoded {
  const proposals = proposeMaxima(map, width, height, lowerBound, Math.max(1, (window - 1) >> 1));
  proposals.sort((a, b) => map[b] - map[a] || a - b);
  const kept = suppress(proposals, width, height, box, overlap);
  const n = kept.length, bits = bitsOf(map);
  const x = new Float64Array(n), y = new Float64Array(n);
  const peak = new Float64Array(n), sigma = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const at = kept[i], px = at % width, py = (at - px) / width;
    const near = apexAt(map, bits, width, height, px, py, 1);
    const radius = Math.min(MOST_RADIUS, Math.round(REACH * near.sigma));
    const top = radius > 1 ? apexAt(map, bits, width, height, px, py, radius) : near;
    x[i] = px + top.x;
    y[i] = py + top.y;
    peak[i] = Math.min(1, map[at] * Math.exp(near.gain));
    sigma[i] = top.sigma;
  }
  return { x, y, height: peak, sigma };
}

/** Pixels that none within `radius` along both axes exceeds. */
function proposeMaxima(
  map: Float32Array,
  width: number,
  height: number,
  lowerBound: number,
  radius: number,
): number[] {
  const found: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x, value = map[at];
      if (!(value >= lowerBound) || value <= 0) continue;
      if (isHighest(map, width, height, x, y, radius)) found.push(at);
    }
  }
  return found;
}

/** Whether no pixel within `radius` along both axes exceeds this one, and none before it is equal. */
export function isHighest(
  map: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  radius: number,
): boolean {
  const at = y * width + x, value = map[at];
  const x1 = Math.min(width - 1, x + radius), y1 = Math.min(height - 1, y + radius);
  const x0 = Math.max(0, x - radius);
  // next to it first: nearly every pixel that is no maximum ends here
  if (x > 0 && map[at - 1] >= value || x < width - 1 && map[at + 1] > value) return false;
  if (y > 0 && map[at - width] >= value || y < height - 1 && map[at + width] > value) return false;
  for (let v = Math.max(0, y - radius); v <= y1; v++) {
    for (let u = v * width + x0; u <= v * width + x1; u++) {
      if (map[u] > value || map[u] === value && u < at) return false;
    }
  }
  return true;
}

/** Drops proposals whose box overlaps a better one's too much. */
function suppress(
  proposals: readonly number[],
  width: number,
  height: number,
  box: number,
  overlap: number,
): number[] {
  // boxes moved by (u, v) sides overlap by (1 - u)(1 - v); over both together that is `overlap` at
  const shared = 2 * overlap / (1 + overlap);
  const reach = box * (1 - shared);
  if (!(reach > 0)) return [...proposals];
  const cell = Math.max(reach, 1);
  const cellsX = Math.floor((width - 1) / cell) + 3, cellsY = Math.floor((height - 1) / cell) + 3;
  const first = new Int32Array(cellsX * cellsY).fill(-1);
  const next = new Int32Array(proposals.length).fill(-1);
  const kept: number[] = [];
  for (const at of proposals) {
    const x = at % width, y = (at - x) / width;
    const home = (Math.floor(y / cell) + 1) * cellsX + Math.floor(x / cell) + 1;
    let isFree = true;
    for (let dy = -cellsX; dy <= cellsX && isFree; dy += cellsX) {
      for (let c = home + dy - 1; c <= home + dy + 1 && isFree; c++) {
        for (let k = first[c]; k >= 0 && isFree; k = next[k]) {
          const ux = Math.abs(kept[k] % width - x), uy = Math.abs(Math.floor(kept[k] / width) - y);
          isFree = !(ux < box && uy < box && (box - ux) * (box - uy) > shared * box * box);
        }
      }
    }
    if (!isFree) continue;
    next[kept.length] = first[home];
    first[home] = kept.length;
    kept.push(at);
  }
  return kept;
}

/** How far around a maximum logarithms are fitted: in standard deviations of it, and at most, px. */
const REACH = 0.7, MOST_RADIUS = 6;

/** The top of a paraboloid of logarithms, from the middle pixel. */
interface Apex {
  readonly x: number;
  readonly y: number;
  /** Logarithm of the top over the middle one. */
  readonly gain: number;
  /** Standard deviation of the Gaussian, px: the geometric mean of both axes; 0 where there is no top. */
  readonly sigma: number;
}

/**
 * The apex of the least-squares paraboloid in the square of `radius` around a pixel; flat along an axis
 * on which the square leaves the map or the logarithms do not fall to both sides.
 */
function apexAt(
  map: Float32Array,
  bits: Uint32Array,
  width: number,
  height: number,
  px: number,
  py: number,
  radius: number,
): Apex {
  const across = Math.min(radius, px, width - 1 - px), down = Math.min(radius, py, height - 1 - py);
  let sumX = 0, sumY = 0, bendX = 0, bendY = 0, cross = 0;
  const meanX = across * (across + 1) / 3, meanY = down * (down + 1) / 3;
  for (let v = -down; v <= down; v++) {
    for (let u = -across; u <= across; u++) {
      const at = (py + v) * width + px + u;
      const value = map[at] > TINY ? logOfBits(bits[at]) : LOG_TINY;
      sumX += u * value;
      sumY += v * value;
      cross += u * v * value;
      bendX += (u * u - meanX) * value;
      bendY += (v * v - meanY) * value;
    }
  }
  const columns = 2 * across + 1, rows = 2 * down + 1, n = columns * rows;
  // -d2 log / dx2 and so on: each sum over what it would be for a coefficient of 1
  const xx = across > 0 ? -2 * bendX / (n * meanX * (columns * columns - 4) / 15) : 0;
  const yy = down > 0 ? -2 * bendY / (n * meanY * (rows * rows - 4) / 15) : 0;
  const hasX = xx > 0, hasY = yy > 0;
  const xy = hasX && hasY ? -cross / (n * meanX * meanY) : 0;
  const gx = hasX ? sumX / (n * meanX) : 0, gy = hasY ? sumY / (n * meanY) : 0;
  const isTop = hasX && hasY && xx * yy > xy * xy;
  // half of what was looked at: beside the border of the map that is less, and no top lies beyond it
  const limited = (shift: number, reach: number) =>
    Math.max(-reach / 2, Math.min(reach / 2, shift));
  const det = xx * yy - xy * xy;
  const x = limited(isTop ? (yy * gx - xy * gy) / det : hasX ? gx / xx : 0, across);
  const y = limited(isTop ? (xx * gy - xy * gx) / det : hasY ? gy / yy : 0, down);
  const gain = gx * x + gy * y - (xx * x * x + yy * y * y) / 2 - xy * x * y;
  const product = hasX && hasY ? xx * yy : Math.max(0, xx, yy) ** 2;
  return { x, y, gain, sigma: product > 0 ? product ** -0.25 : 0 };
}
