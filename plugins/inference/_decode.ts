/**
 * Columns from a confidence map: one maximum a window, the best of overlapping boxes, sub-pixel places.
 *
 * @module
 */

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

/** A value of a map must be this large for its logarithm to mean anything. */
const TINY = 1e-6;

/**
 * Decodes a confidence map.
 *
 * 1. A proposal is a pixel of at least the lower bound that none in the window around it exceeds; of equal
 *    ones the first in the order of the image.
 * 2. From the most confident down, a proposal is dropped when its box overlaps that of one kept by more
 *    than allowed. Boxes kept lie in a grid of cells as large as the distance at which boxes can overlap
 *    so much, so that each proposal is compared with its neighbors only: O(pixels + n log n).
 * 3. The place is the top of the parabola through the logarithms of the maximum and its neighbors along
 *    each axis: exact for a Gaussian.
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
  const n = kept.length;
  const x = new Float64Array(n), y = new Float64Array(n);
  const top = new Float64Array(n), sigma = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const at = kept[i], px = at % width, py = (at - px) / width;
    const across = px > 0 && px < width - 1 ? apex(map[at - 1], map[at], map[at + 1]) : FLAT;
    const down = py > 0 && py < height - 1 ? apex(map[at - width], map[at], map[at + width]) : FLAT;
    x[i] = px + across.shift;
    y[i] = py + down.shift;
    top[i] = Math.min(1, map[at] * Math.exp(across.gain + down.gain));
    sigma[i] = Math.sqrt((across.sigma || down.sigma) * (down.sigma || across.sigma));
  }
  return { x, y, height: top, sigma };
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

function isHighest(
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

/** The top of a parabola through three logarithms. */
interface Apex {
  /** From the middle one, px, at most half a pixel. */
  readonly shift: number;
  /** Logarithm of the top over the middle one. */
  readonly gain: number;
  /** Standard deviation of the Gaussian, px; 0 where there is no top. */
  readonly sigma: number;
}

const FLAT: Apex = { shift: 0, gain: 0, sigma: 0 };

function apex(left: number, middle: number, right: number): Apex {
  const l = Math.log(Math.max(TINY, left)), m = Math.log(Math.max(TINY, middle));
  const r = Math.log(Math.max(TINY, right));
  const bend = 2 * m - l - r;
  if (!(bend > 0)) return FLAT;
  const shift = Math.max(-0.5, Math.min(0.5, (r - l) / (2 * bend)));
  return { shift, gain: (r - l) * shift / 4, sigma: 1 / Math.sqrt(bend) };
}
