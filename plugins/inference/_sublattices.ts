/**
 * Faint sublattices: a column of a lattice is as high as those near it.
 *
 * @module
 */
import type { Columns } from "@core";
import { createKdTree, gaussianBlur, medianInPlace, neighborsWithin } from "@core/kernels";
import { NEAR, VOUCHED } from "./_vouching.ts";

/** Blurs of the difference of Gaussians that measures a height, in spacings. */
const NARROW = 0.14, WIDE = 0.34;

/** A height over that of those near by which a column is neither one of them nor fainter. */
const EVEN = 0.5;

/** Log odds a deviation of the height is worth, and at most. */
const WORTH = 1.5, MOST = 3;

/** The deviation of heights is at least this share of them; above the second it is noise, and tells nothing. */
const LEAST_SPREAD = 0.05, MOST_SPREAD = 0.2;

/** So many columns near one tell its height: that which this share of them stays below. */
const TELLING = 3, HIGH = 0.75;

/** They are around it when their mean place is nearer than this, spacings: at a rim columns are thin, not faint. */
const AMIDST = 0.5;

/** How far around a column its confidence changes, spacings. */
const REACH = 0.42;

/**
 * Changes the confidence of columns by their height over that of the higher ones near, in place.
 *
 * The network sees the width of a column better than its height; where counts are many, the height tells
 * sulfur from molybdenum. Log odds change by (height - 0.5) over the spread of heights where that is below 0: by
 * much where heights are precise, by nothing where they are noise.
 *
 * @param confidenceInPlace width * height
 * @param pixels of the image, columns bright
 * @param columns of at least the confidence of one among others
 */
export function weighHeightsInPlace(
  confidenceInPlace: Float32Array,
  pixels: Float32Array,
  width: number,
  height: number,
  { columns: { x, y, height: confidence } }: Columns,
  spacing: number,
): void {
  const ratios = heightsOverNear(pixels, width, height, x, y, confidence, spacing);
  const spread = spreadOf(ratios.filter((_, i) => confidence[i] >= VOUCHED.alone));
  if (!(spread < MOST_SPREAD)) return;
  const owner = nearestColumn(width, height, x, y, REACH * spacing);
  for (let i = 0; i < owner.length; i++) {
    const ratio = owner[i] < 0 ? NaN : ratios[owner[i]];
    if (Number.isNaN(ratio)) continue;
    const odds = Math.max(-MOST, Math.min(0, WORTH * (ratio - EVEN) / spread));
    const c = confidenceInPlace[i];
    confidenceInPlace[i] = c / (c + (1 - c) * Math.exp(-odds));
  }
}

/** The height of each column over that of the higher ones near; NaN where few are, or not around it. */
function heightsOverNear(
  pixels: Float32Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  confidence: Float64Array,
  spacing: number,
): Float64Array {
  const narrow = new Float32Array(width * height), wide = new Float32Array(width * height);
  gaussianBlur(pixels, width, height, NARROW * spacing, narrow);
  gaussianBlur(pixels, width, height, WIDE * spacing, wide);
  const clamp = (value: number, size: number) => Math.max(0, Math.min(size - 1, Math.round(value)));
  const own = Float64Array.from(x, (px, i) => {
    const at = clamp(y[i], height) * width + clamp(px, width);
    return narrow[at] - wide[at];
  });
  const tree = createKdTree(x, y), near = new Int32Array(x.length);
  return own.map((top, i) => {
    const count = neighborsWithin(tree, x[i], y[i], NEAR * spacing, i, near);
    const others = Array.from(near.subarray(0, count)).filter((k) =>
      confidence[k] >= VOUCHED.beside
    );
    const mean = (values: Float64Array) =>
      others.reduce((sum, k) => sum + values[k], 0) / others.length;
    if (!(Math.hypot(mean(x) - x[i], mean(y) - y[i]) < AMIDST * spacing)) return NaN;
    const tops = Float64Array.from(others, (k) => own[k]).sort();
    const high = tops[Math.floor(HIGH * (tops.length - 1))];
    return others.length >= TELLING && high > 0 ? top / high : NaN;
  });
}

/** 1.4826 times the median distance of the known values from their median, not too small; NaN of few. */
function spreadOf(values: Float64Array): number {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length < TELLING) return NaN;
  const middle = medianInPlace(known.slice());
  return Math.max(LEAST_SPREAD, 1.4826 * medianInPlace(known.map((v) => Math.abs(v - middle))));
}

/** The column nearest to each pixel, of those within `reach` px; -1 for none. */
function nearestColumn(
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  reach: number,
): Int32Array {
  const owner = new Int32Array(width * height).fill(-1);
  const nearest = new Float32Array(width * height).fill(reach * reach);
  for (let i = 0; i < x.length; i++) {
    const v1 = Math.min(height - 1, Math.floor(y[i] + reach));
    const u1 = Math.min(width - 1, Math.floor(x[i] + reach));
    for (let v = Math.max(0, Math.ceil(y[i] - reach)); v <= v1; v++) {
      for (let u = Math.max(0, Math.ceil(x[i] - reach)); u <= u1; u++) {
        const at = v * width + u, square = (u - x[i]) ** 2 + (v - y[i]) ** 2;
        if (square >= nearest[at]) continue;
        nearest[at] = square;
        owner[at] = i;
      }
    }
  }
  return owner;
}
