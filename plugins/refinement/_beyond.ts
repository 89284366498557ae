/**
 * Columns beyond the border of the image, which shine into it.
 *
 * A column just outside is nobody's peak, but its light is in the pixels of the outermost columns, and
 * through them in all that overlap. Where columns form a lattice, it says where such columns are.
 *
 * @module
 */
import {
  COLUMN_STRIDE,
  ColumnField,
  createKdTree,
  type KdTree,
  nearestNeighbor,
  neighborsWithin,
} from "@core/kernels";
import { type FitState, sharedSigma, standingPlaces } from "./_fit_state.ts";

/** Light from farther outside than this many widths is not seen. */
const SEEN_WIDTHS = 4.5;

/** Differences of positions up to this many spacings may be lattice vectors. */
const LONGEST_VECTOR = 2.2;

/** Columns whose differences are looked at. */
const SAMPLE = 600;

/** Differences within this many spacings are one. */
const SAME = 0.25;

/** A lattice vector leads from at least this share of the columns to another one. */
const LEAST_SHARE = 0.6;

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
    const tree = createKdTree(x, y);
    const vectors = latticeVectors(fit, tree, x, y);
    for (const [k, i] of rows.entries()) {
      const top = columns[i * COLUMN_STRIDE + ColumnField.Height];
      if (!(top > 0)) continue;
      for (const v of vectors) {
        const px = x[k] + v.x, py = y[k] + v.y;
        const outside = Math.max(-px, -py, px - width + 1, py - height + 1);
        if (!(outside > 0 && outside < reach)) continue;
        const near = nearestNeighbor(tree, px, py, -1);
        if (Math.hypot(x[near] - px, y[near] - py) < APART * spacing) continue;
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

/** Vectors that lead from most columns to another one. */
function latticeVectors(
  { width, height, spacing }: FitState,
  tree: KdTree,
  x: Float64Array,
  y: Float64Array,
): { x: number; y: number }[] {
  const reach = LONGEST_VECTOR * spacing;
  // Only columns all of whose partners would be in the image.
  const inner = [...x.keys()].filter((i) =>
    x[i] > reach && y[i] > reach && x[i] < width - 1 - reach && y[i] < height - 1 - reach
  );
  const stride = Math.max(1, Math.floor(inner.length / SAMPLE));
  const vectors: { x: number; y: number; times: number }[] = [];
  let asked = 0;
  for (let s = 0; s < inner.length; s += stride) {
    const i = inner[s];
    asked++;
    const near = new Int32Array(64);
    const n = Math.min(near.length, neighborsWithin(tree, x[i], y[i], reach, i, near));
    for (let k = 0; k < n; k++) {
      const dx = x[near[k]] - x[i], dy = y[near[k]] - y[i];
      const same = vectors.find((v) => Math.hypot(v.x - dx, v.y - dy) < SAME * spacing);
      if (same === undefined) {
        vectors.push({ x: dx, y: dy, times: 1 });
        continue;
      }
      const share = 1 / ++same.times;
      same.x += share * (dx - same.x);
      same.y += share * (dy - same.y);
    }
  }
  return vectors.filter((v) => v.times >= LEAST_SHARE * asked);
}
