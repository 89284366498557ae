/**
 * Voronoi cells of columns on the pixels of an image.
 *
 * @module
 */
import { type KdTree, medianNearestDistance, nearestNeighbor } from "@core/kernels";

/**
 * A cell of a hexagonal lattice reaches 0.58 of the distance to its neighbors, one of a square lattice
 * 0.71: this holds both whole, and ends cells beside vacancies and at the edge of the specimen.
 */
const AUTO_RADIUS = 0.75;

/** Columns from top to bottom, then from left to right. */
export interface Places {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Row of each in the table. */
  readonly row: Int32Array;
}

/**
 * Puts columns in an order that the rows of their table have no part in, so that of equally near
 * columns the same one comes first. Those that are not finite are left out.
 */
export function inReadingOrder(x: Float64Array, y: Float64Array): Places {
  const row = Int32Array.from(x.keys())
    .filter((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]))
    .sort((a, b) => y[a] - y[b] || x[a] - x[b] || a - b);
  return { x: Float64Array.from(row, (i) => x[i]), y: Float64Array.from(row, (i) => y[i]), row };
}

/** The reach of cells for the columns of a table, px; 0, no limit, for fewer than two places. */
export function autoRadius(x: Float64Array, y: Float64Array): number {
  const spacing = medianNearestDistance(x, y);
  return spacing > 0 ? AUTO_RADIUS * spacing : 0;
}

/**
 * Gives each pixel of row y to its nearest column. Cost O(width log columns).
 *
 * @param tree the tree of the places
 * @param limit reach of a cell, px (inclusive)
 * @param owner receives the table's row of each pixel's column, -1 beyond the limit
 * @param distance receives the distances to these columns, px
 */
export function assignRow(
  tree: KdTree,
  places: Places,
  width: number,
  y: number,
  limit: number,
  owner: Int32Array,
  distance: Float32Array,
): void {
  for (let x = 0, i = y * width; x < width; x++, i++) {
    const nearest = nearestNeighbor(tree, x, y, -1);
    const d = nearest < 0 ? Infinity : Math.hypot(places.x[nearest] - x, places.y[nearest] - y);
    const isOwned = nearest >= 0 && d <= limit;
    owner[i] = isOwned ? places.row[nearest] : -1;
    distance[i] = d;
  }
}

/**
 * Sums over the cells of n columns. Cost O(pixels).
 *
 * @param area receives n numbers of pixels; zero-filled
 * @param total receives n sums of pixels less the background; zero-filled
 * @param edge receives 1 for cells with a pixel on the border; zero-filled
 * @param mean receives n totals over areas, NaN for cells without pixels
 */
export function sumCells(
  data: Float32Array,
  width: number,
  height: number,
  owner: Int32Array,
  background: number,
  area: Float64Array,
  total: Float64Array,
  edge: Float64Array,
  mean: Float64Array,
): void {
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const own = owner[i];
      if (own < 0) continue;
      area[own]++;
      total[own] += data[i] - background;
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) edge[own] = 1;
    }
  }
  for (let c = 0; c < area.length; c++) mean[c] = total[c] / area[c];
}
