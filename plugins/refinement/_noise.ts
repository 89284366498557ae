/**
 * The noise of a picture, as variance against expected counts.
 *
 * Second differences in both directions leave nothing of a smooth picture and keep the noise
 * (Immerkaer, Fast noise variance estimation, Computer Vision and Image Understanding 64 (1996) 300,
 * https://doi.org/10.1006/cviu.1996.0060). Taken of what a fit leaves over, they measure the noise
 * even where the picture is not smooth.
 *
 * @module
 */
import { selectValues } from "@core";
import { COLUMN_STRIDE, ColumnField, fitLine } from "@core/kernels";
import type { FitState } from "./_fit_state.ts";

/** Sum of the squares of the mask 1 -2 1, -2 4 -2, 1 -2 1. */
const MASK_POWER = 36;

/** Windows looked at; more would not change the line. */
const SAMPLE = 1500;

const BINS = 12;

/** Smallest noise, relative to the picture's range: the rounding of its float32 pixels. */
const ROUNDING = 1e-6;

/** A slope of variance against mean below this many of its errors is none. */
const SLOPE_SIGNIFICANCE = 5;

/** What the pixels' noise is taken for. */
export interface Noise {
  /** `poisson`: counts; `gaussian`: alike everywhere; `mixed`: both, or counts in other units. */
  readonly kind: "poisson" | "gaussian" | "mixed";
  readonly variance: number;
  readonly gain: number;
}

/** The noise of a picture whose columns are not known yet, alike everywhere: from the median. */
export function firstNoise(data: Float32Array, width: number, height: number): Noise {
  const stride = Math.max(1, Math.floor(Math.sqrt(width * height / 40_000)));
  const found: number[] = [];
  for (let y = 1; y < height - 1; y += stride) {
    for (let x = 1; x < width - 1; x += stride) {
      const k = y * width + x;
      const d = data[k - width - 1] - 2 * data[k - width] + data[k - width + 1] -
        2 * (data[k - 1] - 2 * data[k] + data[k + 1]) +
        data[k + width - 1] - 2 * data[k + width] + data[k + width + 1];
      found.push(Math.abs(d));
    }
  }
  const sorted = Float64Array.from(found).sort();
  const median = sorted.length > 0 ? sorted[sorted.length >> 1] : 0;
  // Of few counts most differences are 0 while the noise is not.
  const spread = median > 0 ? median / 0.6745 : 1.25 * mean(sorted);
  const variance = Math.max(spread * spread / MASK_POWER, smallestVariance(data));
  return { kind: "gaussian", variance, gain: 0 };
}

/** Variance of float32 rounding in pixels of this range. */
export function smallestVariance(data: Float32Array): number {
  let low = Infinity, high = -Infinity;
  for (let k = 0; k < data.length; k++) {
    if (data[k] < low) low = data[k];
    if (data[k] > high) high = data[k];
  }
  const scale = Math.max(high - low, ROUNDING * Math.max(Math.abs(low), Math.abs(high)));
  return Math.max((ROUNDING * scale) ** 2, Number.MIN_VALUE * 1e20);
}

/** Whether pixels look like counted events: whole numbers from 0 on. */
export function looksCounted(data: Float32Array): boolean {
  for (let k = 0; k < data.length; k++) {
    if (data[k] < 0 || data[k] !== Math.floor(data[k])) return false;
  }
  return true;
}

/**
 * The noise around the fitted columns. With `wanted` of `auto` the variance may grow with the mean
 * if it significantly does, and whole numbers whose variance is their mean are counts.
 */
export function measureNoise(
  fit: FitState,
  wanted: "auto" | "poisson" | "gaussian",
  counted: boolean,
  smallest: number,
): Noise {
  const bins = binDifferences(fit);
  const count = bins.count.reduce((a, b) => a + b, 0);
  if (count < 30) return { kind: "gaussian", variance: Math.max(fit.variance, smallest), gain: 0 };
  const total = bins.square.reduce((a, b) => a + b, 0) / count / MASK_POWER;
  const even: Noise = { kind: "gaussian", variance: Math.max(total, smallest), gain: 0 };
  if (wanted === "gaussian") return even;
  const line = varianceLine(bins, total);
  if (wanted === "poisson") {
    // The scale of the counts only matters for the errors: a proportion fits any.
    const gain = counted ? 1 : total / Math.max(bins.mean, Number.MIN_VALUE);
    return gain > 0 && bins.mean > 0 ? { kind: "poisson", variance: 0, gain } : even;
  }
  if (line === undefined || line.gain < SLOPE_SIGNIFICANCE * line.gainError) return even;
  const highest = line.gain * bins.high;
  if (highest < 4 * smallest) return even;
  // Whole numbers whose variance is their mean are taken for counts, unless the slope says otherwise.
  const likeCounts = Math.abs(total / bins.mean - 1) < 0.1 && Math.abs(line.gain - 1) < 0.4;
  if (counted && likeCounts) return { kind: "poisson", variance: 0, gain: 1 };
  return { kind: "mixed", variance: line.variance, gain: line.gain };
}

interface Bins {
  readonly low: number;
  readonly high: number;
  /** Mean of the expected counts of all. */
  readonly mean: number;
  readonly center: Float64Array;
  readonly square: Float64Array;
  readonly count: Float64Array;
}

/** Squared second differences of what the fit leaves over, by expected counts. */
function binDifferences(fit: FitState): Bins {
  const { data, model, width, height, columns, sign } = fit;
  const means: number[] = [], squares: number[] = [];
  const stride = Math.max(1, Math.floor(fit.given / SAMPLE));
  const reach = Math.max(1, Math.min(Math.floor(fit.radius), 6));
  const rest = (k: number) => data[k] - model[k];
  let low = Infinity, high = -Infinity, sum = 0;
  for (let i = 0; i < fit.given; i += stride) {
    if (fit.merged[i] >= 0) continue;
    const at = i * COLUMN_STRIDE;
    const background = columns[at + ColumnField.Background];
    const cx = Math.round(columns[at]), cy = Math.round(columns[at + 1]);
    for (let y = Math.max(1, cy - reach); y <= Math.min(height - 2, cy + reach); y++) {
      for (let x = Math.max(1, cx - reach); x <= Math.min(width - 2, cx + reach); x++) {
        const k = y * width + x;
        const d = rest(k - width - 1) - 2 * rest(k - width) + rest(k - width + 1) -
          2 * (rest(k - 1) - 2 * rest(k) + rest(k + 1)) +
          rest(k + width - 1) - 2 * rest(k + width) + rest(k + width + 1);
        const mean = sign * (model[k] + background);
        means.push(mean);
        squares.push(d * d);
        sum += mean;
        if (mean < low) low = mean;
        if (mean > high) high = mean;
      }
    }
  }
  const center = new Float64Array(BINS);
  const square = new Float64Array(BINS);
  const count = new Float64Array(BINS);
  const scale = high > low ? BINS / (high - low) : 0;
  for (let j = 0; j < means.length; j++) {
    const bin = Math.min(BINS - 1, Math.floor((means[j] - low) * scale));
    center[bin] += means[j];
    square[bin] += squares[j];
    count[bin]++;
  }
  for (let b = 0; b < BINS; b++) if (count[b] > 0) center[b] /= count[b];
  return { low, high, mean: means.length > 0 ? sum / means.length : 0, center, square, count };
}

/** Variance as a line of the mean. */
function varianceLine(
  { center, square, count }: Bins,
  total: number,
): { variance: number; gain: number; gainError: number } | undefined {
  const used = [...count.keys()].filter((b) => count[b] >= 20);
  if (used.length < 2) return undefined;
  const x = selectValues(center, used);
  const y = Float64Array.from(used, (b) => square[b] / count[b] / MASK_POWER);
  const weight = new Float64Array(used.length);
  const line = new Float64Array(3);
  for (let round = 0; round < 3; round++) {
    for (const [j, b] of used.entries()) {
      const expected = round === 0 ? total : Math.max(0.05 * total, line[0] + line[1] * x[j]);
      // Squares of neighboring differences share pixels: about four carry what one would alone.
      weight[j] = count[b] / 4 / (2 * expected * expected);
    }
    if (!fitLine(x, y, weight, line)) return undefined;
  }
  // An intercept below zero is right for pixels that carry an offset.
  return { variance: line[0], gain: line[1], gainError: line[2] };
}

function mean(values: Float64Array): number {
  return values.length > 0 ? values.reduce((a, b) => a + b, 0) / values.length : 0;
}
