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

/** A column on the border itself, to this share of a spacing, is not found as a peak either. */
const AT_BORDER = 0.1;

/** Differences of positions up to this many spacings may be lattice vectors: two of them and what noise adds. */
const LONGEST_VECTOR = 2.5;

/** Columns whose differences are looked at. */
const SAMPLE = 600;

/** Differences within this many spacings are one, as they come; lattice vectors are so far apart at least. */
const SAME = 0.25;
const DIFFERENT = 0.5;

/** Differences within this many spacings of a lattice vector are that one: places are uncertain. */
const NEAR = 0.4;

/** What is seen from fewer columns than this share is no start for a lattice vector. */
const LEAST_START = 0.08;

/** A lattice vector leads from at least this share of the columns to another one. */
const LEAST_SHARE = 0.6;

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
    const tree = createKdTree(x, y);
    const heights = Float64Array.from(rows, (i) => columns[i * COLUMN_STRIDE + ColumnField.Height]);
    const vectors = latticeVectors(fit, tree, x, y, heights);
    for (let k = 0; k < rows.length; k++) {
      const top = heights[k];
      if (!(top > 0)) continue;
      for (const v of vectors) {
        const px = x[k] + v.x, py = y[k] + v.y;
        const outside = Math.max(-px, -py, px - width + 1, py - height + 1);
        if (!(outside > -AT_BORDER * spacing && outside < reach)) continue;
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

/** Vectors that lead from most columns to another one, of the same sublattice where heights tell them apart. */
function latticeVectors(
  { width, height, spacing }: FitState,
  tree: KdTree,
  x: Float64Array,
  y: Float64Array,
  heights: Float64Array,
): Vector[] {
  const reach = LONGEST_VECTOR * spacing;
  // Only columns all of whose partners would be in the image.
  const inner = [...x.keys()].filter((i) =>
    x[i] > reach && y[i] > reach && x[i] < width - 1 - reach && y[i] < height - 1 - reach
  );
  const stride = Math.max(1, Math.floor(inner.length / SAMPLE));
  const dx: number[] = [], dy: number[] = [], squares: number[] = [];
  const near = new Int32Array(64);
  let asked = 0;
  for (let s = 0; s < inner.length; s += stride) {
    const i = inner[s];
    asked++;
    const n = Math.min(near.length, neighborsWithin(tree, x[i], y[i], reach, i, near));
    for (let k = 0; k < n; k++) {
      dx.push(x[near[k]] - x[i]);
      dy.push(y[near[k]] - y[i]);
      squares.push((heights[near[k]] - heights[i]) ** 2);
    }
  }
  // as they come one vector may be taken for two; the most frequent of them is near its middle
  const found = gatherVectors([], dx, dy, squares, SAME * spacing, true);
  found.sort((a, b) => b.times - a.times);
  const starts: Vector[] = [];
  for (const v of found) {
    if (v.times < LEAST_START * asked) break;
    const isNew = starts.every((w) => Math.hypot(w.x - v.x, w.y - v.y) > DIFFERENT * spacing);
    if (isNew) starts.push({ ...v, times: 0, square: 0 });
  }
  const lasting = gatherVectors(starts, dx, dy, squares, NEAR * spacing, false)
    .filter((v) => v.times >= LEAST_SHARE * asked);
  const least = lasting.reduce((least, v) => Math.min(least, v.square), Infinity);
  const level = heights.reduce((sum, h) => sum + h, 0) / Math.max(1, heights.length);
  return lasting.filter((v) => v.square <= ALIKE * least + (LEAST_STEP * level) ** 2);
}

interface Vector {
  x: number;
  y: number;
  times: number;
  /** Mean squared difference of the heights. */
  square: number;
}

/** Adds each difference to the first vector within `radius`, whose mean follows; others are left out or new. */
function gatherVectors(
  vectors: Vector[],
  dx: readonly number[],
  dy: readonly number[],
  squares: readonly number[],
  radius: number,
  isOpen: boolean,
): Vector[] {
  for (let k = 0; k < dx.length; k++) {
    const same = vectors.find((v) => Math.hypot(v.x - dx[k], v.y - dy[k]) < radius);
    if (same !== undefined) {
      const share = 1 / ++same.times;
      same.x += share * (dx[k] - same.x);
      same.y += share * (dy[k] - same.y);
      same.square += share * (squares[k] - same.square);
    } else if (isOpen) vectors.push({ x: dx[k], y: dy[k], times: 1, square: squares[k] });
  }
  return vectors;
}
