/**
 * Columns beyond the border of the image, which shine into it.
 *
 * A column just outside is nobody's peak, but its light is in the pixels of the outermost columns, and
 * through them in all that overlap. Where columns form a lattice, it says where such columns are.
 *
 * @module
 */
import {
  type CellList,
  COLUMN_STRIDE,
  ColumnField,
  createCellList,
  type LatticeVector,
  latticeVectors,
  nearestInCells,
} from "@core/kernels";
import { type FitState, sharedSigma, standingPlaces } from "./_fit_state.ts";

/** Light from farther outside than this many widths is not seen. */
const SEEN_WIDTHS = 4.5;

/** A column on the border itself, to this share of a spacing, is not found as a peak either. */
const AT_BORDER = 0.1;

/** Differences of positions up to this many spacings may be lattice vectors: two of them and what noise adds. */
const LONGEST_VECTOR = 2.5;

/** Columns whose differences are looked at. */
const SAMPLE = 600;

/** Heights of one sublattice differ by at most so much more in the square along one vector than another. */
const ALIKE = 1.5;

/** Steps of height below this share of it, root mean square, do not matter. */
const LEAST_STEP = 0.15;

/** Two columns are at least this many spacings apart. */
const APART = 0.55;

/** Where columns beyond the border are expected, and with what height. */
export function columnsBeyond(
  fit: FitState,
): { readonly x: Float64Array; readonly y: Float64Array; readonly height: Float64Array } {
  const { width, height, columns, spacing } = fit;
  const found: { x: number; y: number; height: number; times: number }[] = [];
  if (Number.isFinite(spacing)) {
    const reach = SEEN_WIDTHS * sharedSigma(fit);
    const { rows, x, y } = standingPlaces(fit);
    const cells = createCellList(x, y, spacing);
    const heights = Float64Array.from(rows, (i) => columns[i * COLUMN_STRIDE + ColumnField.Height]);
    const vectors = vectorsOfSublattice(fit, cells, x, y, heights);
    for (let k = 0; k < rows.length; k++) {
      const top = heights[k];
      if (!(top > 0)) continue;
      for (const v of vectors) {
        const px = x[k] + v.x, py = y[k] + v.y;
        const outside = Math.max(-px, -py, px - width + 1, py - height + 1);
        if (!(outside > -AT_BORDER * spacing && outside < reach)) continue;
        if (nearestInCells(cells, px, py, APART * spacing, -1) >= 0) continue;
        addPlace(found, px, py, top, APART * spacing);
      }
    }
  }
  return {
    x: Float64Array.from(found, (f) => f.x),
    y: Float64Array.from(found, (f) => f.y),
    height: Float64Array.from(found, (f) => f.height),
  };
}

/** Adds a place, or takes the mean with one that is there. */
function addPlace(
  found: { x: number; y: number; height: number; times: number }[],
  x: number,
  y: number,
  height: number,
  apart: number,
): void {
  const same = found.find((f) => Math.hypot(f.x - x, f.y - y) < apart);
  if (same === undefined) {
    found.push({ x, y, height, times: 1 });
    return;
  }
  const share = 1 / ++same.times;
  same.x += share * (x - same.x);
  same.y += share * (y - same.y);
  same.height += share * (height - same.height);
}

/** Lattice vectors that join columns of the same sublattice, where heights tell them apart. */
function vectorsOfSublattice(
  { width, height, spacing }: FitState,
  cells: CellList,
  x: Float64Array,
  y: Float64Array,
  heights: Float64Array,
): LatticeVector[] {
  const reach = LONGEST_VECTOR * spacing;
  // Only columns all of whose partners would be in the image.
  const inner = [...x.keys()].filter((i) =>
    x[i] > reach && y[i] > reach && x[i] < width - 1 - reach && y[i] < height - 1 - reach
  );
  const stride = Math.max(1, Math.floor(inner.length / SAMPLE));
  const asked = inner.filter((_, s) => s % stride === 0);
  const vectors = latticeVectors(cells, x, y, asked, heights, spacing, reach);
  const least = vectors.reduce((least, v) => Math.min(least, v.square), Infinity);
  const level = heights.reduce((sum, h) => sum + h, 0) / Math.max(1, heights.length);
  return vectors.filter((v) => v.square <= ALIKE * least + (LEAST_STEP * level) ** 2);
}
