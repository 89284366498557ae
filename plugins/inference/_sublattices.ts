/**
 * Faint sublattices: a column of a lattice is as high as those near it, and stands where the lattice has a place.
 *
 * @module
 */
import { selectValues } from "@core";
import {
  type CellList,
  createCellList,
  medianInPlace,
  nearestInCells,
  neighborsInCells,
} from "@core/kernels";
import type { Decoded } from "./_decode.ts";
import { CLOSE, localVectors, placeOdds, THERE, type VectorsAt } from "./_lattice_places.ts";
import { NEAR, VOUCHED } from "./_vouching.ts";

/** Blurs of the difference of Gaussians that measures a height, in spacings. */
const NARROW = 0.14, WIDE = 0.34;

/**
 * A height over that of those near, less the deviation of heights, by which a column is neither one of them nor
 * fainter; and how much both differ from what lies between.
 */
const EVEN = 0.65, APART = 0.4;

/** Log odds change by at most so much. */
const MOST = 8;

/** The deviation of heights is at least this share of them; above the second it is noise, and tells nothing. */
const LEAST_SPREAD = 0.05, MOST_SPREAD = 0.2;

/** A height so many deviations over an even one may be that of a fainter column. */
const MAYBE = 2;

/** Where heights are precise, what is as high as this share of those near is a column wherever it stands. */
const TALL = 0.75;

/** So many columns near one tell its height: that which this share of them stays below. */
const TELLING = 3, HIGH = 0.75;

/** They are around it when their mean place is nearer than this, spacings: at a rim columns are thin, not faint. */
const AMIDST = 0.5;

/** Higher columns are asked how far they are apart: so many, and no farther than so many spacings. */
const ASKED = 200, FARTHEST = 2.5;

/** How far around a column its confidence changes, spacings. */
const REACH = 0.42;

/**
 * Changes the confidence of columns by their height over that of the higher ones near, and by whether they
 * stand where the lattice has a place, in place.
 *
 * The network sees the width of a column better than its height, which tells sulfur from molybdenum: its own where
 * counts are many, where they are few the mean with those of the same sublattice. Log odds change as those of two
 * Gaussians do, down only: by much where heights are precise, by nothing where they are noise. Where they are,
 * {@linkcode placeOdds} tell: what is taken for a column by chance has few others a lattice vector away.
 *
 * @param confidenceInPlace width * height
 * @param pixels of the image, columns bright
 * @param columns of at least the confidence of one among others
 * @returns the changed confidence of each of them
 */
export function weighColumnsInPlace(
  confidenceInPlace: Float32Array,
  pixels: Float32Array,
  width: number,
  height: number,
  { x, y, height: confidence }: Omit<Decoded, "sigma">,
  spacing: number,
): Float64Array {
  const cells = createCellList(x, y, spacing);
  const ratios = heightsOverNear(pixels, width, height, cells, x, y, confidence, spacing);
  const spread = spreadOf(ratios.filter((_, i) => confidence[i] >= VOUCHED.alone));
  const vectorsAt = localVectors(x, y, confidence, spacing, width, height);
  const heights = sublatticeHeights(cells, x, y, ratios, spread, vectorsAt, spacing);
  const isPrecise = (i: number) => heights.spread[i] < MOST_SPREAD;
  const isFaint = (i: number) => isPrecise(i) && heights.ratio[i] < EVEN - heights.spread[i];
  const crowds = crowdsHigher(x, y, confidence, isFaint, spacing);
  const byHeight = heights.ratio.map((ratio, i) => {
    if (!isFaint(i) || !crowds(i)) return 0;
    // without a lattice columns lie over each other, and a single one is not faint
    const isOrdered = vectorsAt(x[i], y[i])?.length !== 0;
    const own = heights.spread[i];
    return isOrdered ? APART * (ratio - EVEN + own) / own ** 2 : 0;
  });
  const left = confidence.map((value, i) => changed(value, byHeight[i]));
  const byPlace = placeOdds(cells, x, y, left, vectorsAt, spacing, width, height);
  const isTall = (i: number) =>
    isPrecise(i) ? heights.ratio[i] >= TALL : ratios[i] >= EVEN + MAYBE * spread;
  const reach = REACH * spacing;
  return confidence.map((value, i) => {
    const odds = byHeight[i] + (isTall(i) ? 0 : byPlace[i]);
    if (!(odds < 0)) return value;
    const isOwn = (u: number, v: number) => nearestInCells(cells, u, v, reach, -1) === i;
    lowerAroundInPlace(confidenceInPlace, width, height, x[i], y[i], reach, odds, isOwn);
    return changed(value, odds);
  });
}

/** Changes the log odds of the pixels within a radius of (x, y) that are that column's own. */
function lowerAroundInPlace(
  confidenceInPlace: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  radius: number,
  odds: number,
  isOwn: (u: number, v: number) => boolean,
): void {
  const right = Math.min(width - 1, Math.floor(x + radius));
  const bottom = Math.min(height - 1, Math.floor(y + radius));
  for (let v = Math.max(0, Math.ceil(y - radius)); v <= bottom; v++) {
    for (let u = Math.max(0, Math.ceil(x - radius)); u <= right; u++) {
      if ((u - x) ** 2 + (v - y) ** 2 > radius * radius || !isOwn(u, v)) continue;
      const at = v * width + u;
      confidenceInPlace[at] = changed(confidenceInPlace[at], odds);
    }
  }
}

/** A confidence whose log odds have changed, down by {@linkcode MOST} at most. */
function changed(confidence: number, odds: number): number {
  return confidence / (confidence + (1 - confidence) * Math.exp(-Math.max(-MOST, odds)));
}

/**
 * Whether a column is nearer to one that is not faint than those are to each other: it is between the places of
 * their lattice, and not a thin one in its own.
 */
function crowdsHigher(
  x: Float64Array,
  y: Float64Array,
  confidence: Float64Array,
  isFaint: (row: number) => boolean,
  spacing: number,
): (row: number) => boolean {
  const rows: number[] = [];
  for (let i = 0; i < x.length; i++) {
    if (confidence[i] >= VOUCHED.beside && !isFaint(i)) rows.push(i);
  }
  const higherX = selectValues(x, rows), higherY = selectValues(y, rows);
  const higher = createCellList(higherX, higherY, spacing);
  const distances: number[] = [], step = Math.ceil(rows.length / ASKED);
  for (let k = 0; k < rows.length; k += step) {
    const near = nearestInCells(higher, higherX[k], higherY[k], FARTHEST * spacing, k);
    if (near >= 0) {
      distances.push(Math.hypot(higherX[near] - higherX[k], higherY[near] - higherY[k]));
    }
  }
  if (distances.length === 0) return () => false;
  const close = CLOSE * medianInPlace(Float64Array.from(distances));
  return (i) => nearestInCells(higher, x[i], y[i], close, -1) >= 0;
}

/**
 * The heights of columns that could be fainter than others, each the mean with those a lattice vector away, which are
 * of the same sublattice; and how uncertain that is.
 */
function sublatticeHeights(
  cells: CellList,
  x: Float64Array,
  y: Float64Array,
  ratios: Float64Array,
  spread: number,
  vectorsAt: VectorsAt,
  spacing: number,
): { ratio: Float64Array; spread: Float64Array } {
  const ratio = ratios.slice(), spreads = new Float64Array(x.length).fill(spread);
  for (let i = 0; i < x.length; i++) {
    if (!(ratios[i] < EVEN + MAYBE * spread)) continue;
    let sum = ratios[i], count = 1;
    for (const vector of vectorsAt(x[i], y[i]) ?? []) {
      const like = nearestInCells(cells, x[i] + vector.x, y[i] + vector.y, THERE * spacing, i);
      if (like < 0 || Number.isNaN(ratios[like])) continue;
      sum += ratios[like];
      count++;
    }
    ratio[i] = sum / count;
    spreads[i] = Math.max(LEAST_SPREAD, spread / Math.sqrt(count));
  }
  return { ratio, spread: spreads };
}

/** The height of each column over that of the higher ones near; NaN where few are, or not around it. */
function heightsOverNear(
  pixels: Float32Array,
  width: number,
  height: number,
  cells: CellList,
  x: Float64Array,
  y: Float64Array,
  confidence: Float64Array,
  spacing: number,
): Float64Array {
  const wide = brightness(pixels, width, height, x, y, WIDE * spacing);
  const own = brightness(pixels, width, height, x, y, NARROW * spacing)
    .map((value, i) => value - wide[i]);
  const near = new Int32Array(x.length), reach = NEAR * spacing;
  // beyond the border of the image are others, beyond a rim there are none
  const isCut = (at: number, size: number) => at < reach || at > size - 1 - reach;
  const tops = new Float64Array(x.length);
  return own.map((top, i) => {
    const count = neighborsInCells(cells, x[i], y[i], reach, i, near);
    let others = 0, sumX = 0, sumY = 0;
    for (let k = 0; k < count; k++) {
      const other = near[k];
      if (confidence[other] < VOUCHED.beside) continue;
      sumX += x[other];
      sumY += y[other];
      insertInPlace(tops, others++, own[other]);
    }
    if (others < TELLING) return NaN;
    const dx = isCut(x[i], width) ? 0 : sumX / others - x[i];
    const dy = isCut(y[i], height) ? 0 : sumY / others - y[i];
    if (!(Math.hypot(dx, dy) < AMIDST * spacing)) return NaN;
    const high = tops[Math.floor(HIGH * (others - 1))];
    return high > 0 ? top / high : NaN;
  });
}

/** Puts a value in its place among the first `count`, which rise. */
function insertInPlace(values: Float64Array, count: number, value: number): void {
  let at = count;
  for (; at > 0 && values[at - 1] > value; at--) values[at] = values[at - 1];
  values[at] = value;
}

/** The mean of the pixels around the one at each place, by a Gaussian of width `sigma`, px. */
function brightness(
  pixels: Float32Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  sigma: number,
): Float64Array {
  const radius = Math.ceil(CUT * sigma);
  const weight = Float64Array.from(
    { length: 2 * radius + 1 },
    (_, k) => Math.exp(-((k - radius) ** 2) / (2 * sigma * sigma)),
  );
  const between = (from: number, to: number) => {
    let sum = 0;
    for (let k = from; k <= to; k++) sum += weight[k + radius];
    return sum;
  };
  const all = weight.reduce((sum, value) => sum + value, 0);
  const means = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const u0 = Math.round(x[i]), v0 = Math.round(y[i]);
    const left = Math.max(-radius, -u0), right = Math.min(radius, width - 1 - u0);
    const up = Math.max(-radius, -v0), down = Math.min(radius, height - 1 - v0);
    let sum = 0;
    for (let v = up; v <= down; v++) {
      const from = (v0 + v) * width + u0;
      let row = 0;
      for (let u = left; u <= right; u++) row += weight[u + radius] * pixels[from + u];
      sum += weight[v + radius] * row;
    }
    const isWhole = right - left === 2 * radius && down - up === 2 * radius;
    const weights = isWhole ? all * all : between(left, right) * between(up, down);
    means[i] = sum / weights;
  }
  return means;
}

/** Gaussians end at so many widths. */
const CUT = 3;

/** Shares of the values below the two that tell their spread, and how far apart these are in a Gaussian. */
const SPREAD_FROM = 0.75, SPREAD_TO = 0.875, BETWEEN = 0.476;

/** The spread of the higher ones of the known values, whatever a fainter half of them are; NaN of few. */
function spreadOf(values: Float64Array): number {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  if (known.length < TELLING) return NaN;
  const at = (share: number) => known[Math.floor(share * (known.length - 1))];
  return Math.max(LEAST_SPREAD, (at(SPREAD_TO) - at(SPREAD_FROM)) / BETWEEN);
}
