/**
 * Blobs that overlap: of two, the one of the larger scale stays.
 *
 * @module
 */

/**
 * The share of the smaller of two discs that the other covers, 0 to 1; 1 where one lies inside the other.
 *
 * @param distance of their centers
 */
export function discOverlap(distance: number, first: number, second: number): number {
  const small = Math.min(first, second), large = Math.max(first, second);
  if (distance > small + large) return 0;
  if (distance <= large - small) return 1;
  // two circular segments on both sides of the common chord
  const atSmall = (distance * distance + small * small - large * large) / (2 * distance * small);
  const atLarge = (distance * distance + large * large - small * small) / (2 * distance * large);
  const segment = (cosine: number) => {
    const c = Math.max(-1, Math.min(1, cosine));
    return Math.acos(c) - c * Math.sqrt(1 - c * c);
  };
  const area = small * small * segment(atSmall) + large * large * segment(atLarge);
  return area / (Math.PI * small * small);
}

/**
 * Which of n blobs stay, as 1: from the largest scale down, those of which no earlier kept one covers more
 * than `overlap` of the smaller disc. Discs have the radius sqrt(2) sigma. Of equal scales the weaker comes
 * first: that is scikit-image's rule, and equal ones that overlap are mostly one flat top.
 *
 * Kept blobs lie in grids, one for each factor of 2 in scale, of cells as wide as its largest disc: as kept
 * blobs lie apart, each is compared with few others. O(n log n) for any overlap well below 1.
 *
 * @param x n places, px, with y; the strongest blob first
 */
export function blobsApart(
  x: Float64Array,
  y: Float64Array,
  sigma: Float64Array,
  overlap: number,
): Uint8Array {
  const kept = new Uint8Array(x.length);
  if (overlap >= 1 || x.length === 0) return kept.fill(1);
  const order = Uint32Array.from(x, (_, k) => k).sort((a, b) => sigma[b] - sigma[a] || b - a);
  const next = new Int32Array(x.length).fill(-1);
  const grids: Grid[] = [];
  for (const k of order) {
    let grid = grids.at(-1);
    if (grid === undefined || sigma[k] < grid.widest / 2) {
      grids.push(grid = gridOver(x, y, sigma[k]));
    }
    if (grids.some((g) => isCovered(g, next, x, y, sigma, k, overlap))) continue;
    kept[k] = 1;
    const cell = cellAt(grid, x[k], y[k]);
    next[k] = grid.first[cell];
    grid.first[cell] = k;
  }
  return kept;
}

/** Cells with an empty one around all; of each the last kept blob, the others by `next`. */
interface Grid {
  /** Scale of its first blob, px. */
  readonly widest: number;
  readonly left: number;
  readonly top: number;
  /** Px to a side. */
  readonly size: number;
  readonly across: number;
  readonly first: Int32Array;
}

function gridOver(x: Float64Array, y: Float64Array, widest: number): Grid {
  let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity;
  for (let k = 0; k < x.length; k++) {
    left = Math.min(left, x[k]);
    right = Math.max(right, x[k]);
    top = Math.min(top, y[k]);
    bottom = Math.max(bottom, y[k]);
  }
  // no more cells than a few per blob
  const few = Math.sqrt((right - left + 1) * (bottom - top + 1) / (4 * x.length));
  const size = Math.max(2 * Math.SQRT2 * widest, few);
  const across = Math.floor((right - left) / size) + 3,
    down = Math.floor((bottom - top) / size) + 3;
  return { widest, left, top, size, across, first: new Int32Array(across * down).fill(-1) };
}

function cellAt({ left, top, size, across }: Grid, x: number, y: number): number {
  return (Math.floor((y - top) / size) + 1) * across + Math.floor((x - left) / size) + 1;
}

/** Whether a kept blob of a grid covers more than `overlap` of blob k, which is not larger. */
function isCovered(
  grid: Grid,
  next: Int32Array,
  x: Float64Array,
  y: Float64Array,
  sigma: Float64Array,
  k: number,
  overlap: number,
): boolean {
  const cell = cellAt(grid, x[k], y[k]), { across, first } = grid;
  for (let row = cell - across; row <= cell + across; row += across) {
    for (let c = row - 1; c <= row + 1; c++) {
      for (let n = first[c]; n >= 0; n = next[n]) {
        const dx = x[n] - x[k], dy = y[n] - y[k], reach = Math.SQRT2 * (sigma[n] + sigma[k]);
        if (dx * dx + dy * dy > reach * reach) continue;
        const distance = Math.sqrt(dx * dx + dy * dy);
        if (discOverlap(distance, Math.SQRT2 * sigma[n], Math.SQRT2 * sigma[k]) > overlap) {
          return true;
        }
      }
    }
  }
  return false;
}
