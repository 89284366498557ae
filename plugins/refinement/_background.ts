/**
 * The background under the columns: one number for all, or one for each that neighbors steady.
 *
 * @module
 */
import { selectValues } from "@core";
import { COLUMN_STRIDE, ColumnField, createKdTree, nearestNeighbor } from "@core/kernels";
import { Backdrop, findNeighbors, type FitState, median } from "./_fit_state.ts";

/** Neighbors whose background is compared, in spacings, and how many columns that takes. */
const BACKGROUND_REACH = 2.3;

const FEWEST_BACKGROUNDS = 20;

/** A plane takes so many neighbors, and their middle this near, in spacings. */
const FEWEST_FOR_PLANE = 6;

const AROUND = 0.35;

/** A background is seen beside the columns on this share of the image, farther than these spacings. */
const BESIDE_SHARE = 0.2;

const BESIDE_DISTANCE = 1.5;

const FEWEST_TILES = 12;

/** It is one number when it varies by less than this share of the columns' height. */
const FLAT_SHARE = 0.05;

/** Backgrounds that are the same scatter by this share of their variance: none, in effect. */
const SAME = 0.01;

/** Backgrounds may differ by this share of the columns' height, however low the noise. */
const SLIGHT = 0.003;

/**
 * The background where the image shows it beside the columns, as around a particle: the median of tiles
 * far from all columns, if these differ little. `undefined` otherwise.
 */
export function backgroundBeside(
  data: Float32Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  spacing: number,
): number | undefined {
  if (x.length === 0 || !Number.isFinite(spacing)) return undefined;
  const side = Math.max(2, Math.round(spacing));
  const tree = createKdTree(x, y);
  const means: number[] = [];
  let tiles = 0;
  for (let top = 0; top + side <= height; top += side) {
    for (let left = 0; left + side <= width; left += side) {
      tiles++;
      const cx = left + side / 2, cy = top + side / 2;
      const near = nearestNeighbor(tree, cx, cy, -1);
      if (Math.hypot(x[near] - cx, y[near] - cy) < BESIDE_DISTANCE * spacing) continue;
      means.push(tileMean(data, width, left, top, side));
    }
  }
  if (means.length < Math.max(FEWEST_TILES, BESIDE_SHARE * tiles)) return undefined;
  const level = median(Float64Array.from(means));
  const spread = 1.4826 * median(Float64Array.from(means, (m) => Math.abs(m - level)));
  const tops = Float64Array.from(x, (px, i) => {
    const u = Math.min(width - 1, Math.max(0, Math.round(px)));
    return data[Math.min(height - 1, Math.max(0, Math.round(y[i]))) * width + u] - level;
  });
  return spread <= FLAT_SHARE * median(tops) ? level : undefined;
}

function tileMean(data: Float32Array, width: number, left: number, top: number, side: number) {
  let sum = 0;
  for (let v = top; v < top + side; v++) {
    for (let k = v * width + left; k < v * width + left + side; k++) sum += data[k];
  }
  return sum / (side * side);
}

/** The middle of what columns' own pixels say of their backgrounds. */
export function ownBackgroundMedian(
  { given, ownBackground, ownVariance, merged }: FitState,
): number {
  const rows = [...Array(given).keys()].filter((i) => merged[i] < 0 && ownVariance[i] < Infinity);
  return median(selectValues(ownBackground, rows));
}

/** Puts a level background under all columns. */
export function setBackground(fit: FitState, level: number): void {
  for (let i = 0; i < fit.count; i++) {
    const at = i * COLUMN_STRIDE;
    fit.columns[at + ColumnField.Background] = level;
    fit.columns[at + ColumnField.SlopeX] = fit.columns[at + ColumnField.SlopeY] = 0;
  }
}

/**
 * What the neighbors say of each column's background: the plane through their own. NaN where a column is
 * not surrounded.
 */
export function meanBackground(fit: FitState): void {
  if (fit.oneBackground) return meanOfAll(fit);
  const { columns, ownBackground, ownVariance, wideStart, wide, whole } = fit;
  for (let i = 0; i < fit.count; i++) {
    const at = i * COLUMN_STRIDE;
    let n = 0, b = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0, bx = 0, by = 0;
    for (let k = wideStart[i]; k < wideStart[i + 1]; k++) {
      const j = wide[k];
      if (!(ownVariance[j] < Infinity) || whole[j] === 0) continue;
      const dx = columns[j * COLUMN_STRIDE] - columns[at];
      const dy = columns[j * COLUMN_STRIDE + 1] - columns[at + 1];
      const own = ownBackground[j];
      n++;
      b += own;
      x += dx;
      y += dy;
      xx += dx * dx;
      xy += dx * dy;
      yy += dy * dy;
      bx += own * dx;
      by += own * dy;
    }
    const mean = b / n, mx = x / n, my = y / n;
    const cxx = xx / n - mx * mx, cxy = xy / n - mx * my, cyy = yy / n - my * my;
    const cbx = bx / n - mean * mx, cby = by / n - mean * my;
    const determinant = cxx * cyy - cxy * cxy;
    // Of a column at the edge neighbors tell by extrapolation only, which would not settle.
    const isAround = n >= FEWEST_FOR_PLANE && determinant > 0.04 * (cxx + cyy) ** 2 &&
      mx * mx + my * my < (AROUND * fit.spacing) ** 2;
    if (!isAround) {
      fit.backgroundMean[i] = NaN;
      continue;
    }
    const slopeX = (cyy * cbx - cxy * cby) / determinant;
    const slopeY = (cxx * cby - cxy * cbx) / determinant;
    fit.backgroundMean[i] = mean - slopeX * mx - slopeY * my;
    if (fit.backdrop !== Backdrop.Own) continue;
    columns[at + ColumnField.SlopeX] = slopeX;
    columns[at + ColumnField.SlopeY] = slopeY;
  }
}

function typicalHeight({ columns, given }: FitState): number {
  const heights = Float64Array.from(
    { length: given },
    (_, i) => columns[i * COLUMN_STRIDE + ColumnField.Height],
  );
  return median(heights);
}

/** The mean of all columns' own, weighted by their errors. */
function meanOfAll({ ownBackground, ownVariance, whole, merged, backgroundMean }: FitState): void {
  let sum = 0, weights = 0;
  for (let i = 0; i < ownBackground.length; i++) {
    if (merged[i] >= 0 || whole[i] === 0 || !(ownVariance[i] > 0)) continue;
    sum += ownBackground[i] / ownVariance[i];
    weights += 1 / ownVariance[i];
  }
  backgroundMean.fill(weights > 0 ? sum / weights : 0);
}

/**
 * Learns how much the background of a column differs from its neighbors' beyond noise. Where it
 * differs no more than noise does, it is in effect one background.
 */
export function smoothBackground(fit: FitState): void {
  const { ownBackground, ownVariance } = fit;
  findNeighbors(fit, BACKGROUND_REACH * fit.spacing);
  fit.wideStart = fit.neighborStart;
  fit.wide = fit.neighbor;
  meanBackground(fit);
  if (fit.oneBackground) {
    fit.backgroundSpread = SAME * median(ownVariance.subarray(0, fit.given));
    return;
  }
  const excess: number[] = [];
  for (let i = 0; i < fit.count; i++) {
    const used = fit.wideStart[i + 1] - fit.wideStart[i];
    const tells = ownVariance[i] < Infinity && fit.merged[i] < 0 && fit.whole[i] === 1;
    if (!tells || Number.isNaN(fit.backgroundMean[i])) continue;
    const difference = ownBackground[i] - fit.backgroundMean[i];
    // The median square of a normal number is 0.455 of its variance.
    excess.push(difference * difference / 0.455 - ownVariance[i] * (1 + 1 / used));
  }
  fit.backgroundSpread = excess.length < FEWEST_BACKGROUNDS ? Infinity : Math.max(
    median(Float64Array.from(excess)),
    SAME * median(ownVariance.subarray(0, fit.given)),
    (SLIGHT * typicalHeight(fit)) ** 2,
  );
}
