/**
 * Peaks as an image: which pixels belong to which peak.
 *
 * @module
 */
import { autoThreshold, type ThresholdMethod } from "@core/kernels";
import type { Foci } from "./_foci.ts";
import type { Volume } from "./_volume.ts";

/** Which pixels of a peak are shown. */
export const MASK_KINDS = [
  "peaks",
  "peaks-above-saddle",
  "fraction-of-height",
  "fraction-of-intensity",
  "threshold",
  "threshold-above-saddle",
  "none",
] as const;

/** One of {@linkcode MASK_KINDS}. */
export type MaskKind = typeof MASK_KINDS[number];

/** What is shown of each peak, and how. */
export interface MaskChoice {
  readonly show: MaskKind;
  /** The share of a peak that the two kinds named after it show. */
  readonly fraction: number;
  /** Whether the pixel of each peak's place has the next number after the largest. */
  readonly dots: boolean;
  /** What parts the pixels of each peak for the kinds named after it. */
  readonly threshold: ThresholdMethod;
  /** Whether levels are whole numbers. */
  readonly integer: boolean;
  /** Numbers peaks from the last in the result to the first, as the reference program does. */
  readonly compatible: boolean;
}

/** Values of pixels above and below the threshold of their peak, and where peaks touch. */
const ABOVE = 3, BELOW = 2, TOUCHING = 1;
/** Levels the threshold of a peak is sought among at most; wider ranges are binned. */
const LEVELS = 1024;

/**
 * Draws the peaks: 0 for pixels that are not shown, else the row of the peak, from 1; the last row
 * first when `compatible`. The `threshold` kinds give no rows but 3 above and 2 below the threshold
 * among the pixels of their own peak.
 *
 * - `peaks`: all pixels of the region.
 * - `peaks-above-saddle`: those above its highest saddle.
 * - `fraction-of-height`: those in the upper share of its height above the background.
 * - `fraction-of-intensity`: its highest levels down to the one where their sum above the background
 *   passes the share of all of it; that level is left out.
 *
 * With `threshold`, the lower of two pixels of different peaks that share a side in their slice is 1. The
 * reference program thins that line by a rule that is not known; `compatible` leaves it out.
 *
 * Levels are those of the searched image. O(n), O(n log n) in the pixels of a peak for
 * `fraction-of-intensity`.
 */
export function maskImage(
  foci: Foci,
  searched: Float32Array,
  volume: Volume,
  choice: MaskChoice,
  out: Float32Array,
): void {
  const { show, dots, compatible } = choice;
  const { count, labels, position } = foci;
  const isSplit = show === "threshold" || show === "threshold-above-saddle";
  if (show === "none") out.fill(0);
  else if (show === "peaks" && !compatible) out.set(labels);
  else if (isSplit) {
    const split = thresholds(foci, searched, choice.threshold);
    drawSplit(labels, searched, levelsShown(foci, searched, choice), split, out);
    if (!compatible) drawBorders(labels, searched, volume, out);
  } else {
    const number = Float32Array.from(
      { length: count + 1 },
      (_, row) => compatible ? count - row + 1 : row,
    );
    drawNumbers(labels, searched, levelsShown(foci, searched, choice), number, out);
  }
  if (!dots) return;
  const next = show === "none" ? 1 : isSplit ? ABOVE + 1 : count + 1;
  for (let k = 0; k < count; k++) out[position[k]] = next;
}

/** The level above which pixels are shown, by row from 1; nothing of row 0, the background. */
function levelsShown(foci: Foci, searched: Float32Array, choice: MaskChoice): Float64Array {
  const { count, background, top, saddle } = foci;
  const level = new Float64Array(count + 1).fill(-Infinity);
  level[0] = Infinity;
  if (choice.show.endsWith("above-saddle")) {
    // without a saddle the reference has one at 0, unless the background is below
    const none = choice.compatible && background >= 0 ? 0 : -Infinity;
    for (let k = 0; k < count; k++) level[k + 1] = saddle[k] > -Infinity ? saddle[k] : none;
  } else if (choice.show === "fraction-of-height") {
    for (let k = 0; k < count; k++) {
      const cut = background + (1 - choice.fraction) * (top[k] - background);
      level[k + 1] = choice.integer ? Math.floor(cut + 0.5) : cut;
    }
  } else if (choice.show === "fraction-of-intensity") {
    const { values, start } = valuesByPeak(foci, searched);
    for (let k = 0; k < count; k++) {
      const own = values.subarray(start[k], start[k + 1]).sort();
      level[k + 1] = levelOfShare(own, background, choice.fraction);
    }
  }
  return level;
}

/** The level where the sum above the background, from the highest value down, passes a share of all. */
function levelOfShare(ascending: Float32Array, background: number, share: number): number {
  let all = 0;
  for (let i = 0; i < ascending.length; i++) all += ascending[i] - background;
  let sum = 0;
  for (let i = ascending.length - 1; i >= 0; i--) {
    sum += ascending[i] - background;
    if (i > 0 && ascending[i - 1] === ascending[i]) continue;
    if (sum > share * all) return ascending[i];
  }
  return -Infinity;
}

/** The threshold among the pixels of each peak, by row from 1. */
function thresholds(foci: Foci, searched: Float32Array, method: ThresholdMethod): Float64Array {
  const { values, start } = valuesByPeak(foci, searched);
  const threshold = new Float64Array(foci.count + 1);
  const counts = new Float64Array(LEVELS);
  for (let k = 0; k < foci.count; k++) {
    threshold[k + 1] = thresholdOf(values.subarray(start[k], start[k + 1]), method, counts);
  }
  return threshold;
}

/** The threshold of some values: one bin a level for whole numbers of no great range, else even bins. */
function thresholdOf(values: Float32Array, method: ThresholdMethod, counts: Float64Array): number {
  let low = Infinity, high = -Infinity, isWhole = true;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v < low) low = v;
    if (v > high) high = v;
    if (v !== Math.floor(v)) isWhole = false;
  }
  const step = isWhole && high - low < LEVELS ? 1 : (high - low) / (LEVELS - 1);
  if (!(step > 0 && step < Infinity)) return low;
  const used = counts.subarray(0, Math.round((high - low) / step) + 1).fill(0);
  for (let i = 0; i < values.length; i++) used[Math.floor((values[i] - low) / step + 0.5)]++;
  return low + autoThreshold(used, method) * step;
}

/** The values of each peak, one peak after the other: peak k holds start[k] to start[k + 1]. */
function valuesByPeak(
  { count, labels }: Foci,
  searched: Float32Array,
): { values: Float32Array; start: Int32Array } {
  const start = new Int32Array(count + 1);
  for (let i = 0; i < labels.length; i++) if (labels[i] > 0) start[labels[i]]++;
  for (let k = 1; k <= count; k++) start[k] += start[k - 1];
  const values = new Float32Array(start[count]);
  const at = start.slice();
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] > 0) values[at[labels[i] - 1]++] = searched[i];
  }
  return { values, start };
}

function drawNumbers(
  labels: Int32Array,
  searched: Float32Array,
  level: Float64Array,
  number: Float32Array,
  out: Float32Array,
): void {
  for (let i = 0; i < labels.length; i++) {
    const row = labels[i];
    out[i] = searched[i] > level[row] ? number[row] : 0;
  }
}

function drawSplit(
  labels: Int32Array,
  searched: Float32Array,
  level: Float64Array,
  split: Float64Array,
  out: Float32Array,
): void {
  for (let i = 0; i < labels.length; i++) {
    const v = searched[i], row = labels[i];
    out[i] = v > level[row] ? (v > split[row] ? ABOVE : BELOW) : 0;
  }
}

/** Draws the lower pixel of each pair of peaks side by side; of equal ones that of the later peak. */
function drawBorders(
  labels: Int32Array,
  searched: Float32Array,
  { width, height, length }: Volume,
  out: Float32Array,
): void {
  const draw = (i: number, j: number) => {
    const a = labels[i], b = labels[j];
    if (a === b || a === 0 || b === 0) return;
    const isFirst = searched[i] < searched[j] || (searched[i] === searched[j] && a > b);
    const lower = isFirst ? i : j;
    if (out[lower] !== 0) out[lower] = TOUCHING;
  };
  for (let row = 0, i = 0; i < length; row++) {
    const hasBelow = row % height < height - 1;
    for (let x = 0; x < width; x++, i++) {
      if (x < width - 1) draw(i, i + 1);
      if (hasBelow) draw(i, i + width);
    }
  }
}
