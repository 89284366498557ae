/**
 * Statistics of the searched image, and the background level: pixels below it belong to no peak.
 *
 * @module
 */
import { autoThreshold, type ThresholdMethod } from "@core/kernels";
import { EXCLUDED } from "./_volume.ts";

/** How the background is chosen. */
export type BackgroundMethod =
  | "absolute"
  | "mean"
  | "sd-above-mean"
  | "auto-threshold"
  | "minimum"
  | "none";

/** Which pixels the statistics for the background are of, where some are excluded. */
export type StatisticsMode = "both" | "inside" | "outside";

/** Statistics of some pixels; `sd` is that of a sample. */
export interface Statistics {
  readonly count: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  readonly sd: number;
}

/** What decides the background. */
export interface BackgroundRule {
  readonly method: BackgroundMethod;
  /** Level for `absolute`, number of standard deviations for `sd-above-mean`. */
  readonly value: number;
  readonly threshold: ThresholdMethod;
  /** Whether levels are rounded to whole numbers. */
  readonly integer: boolean;
}

/** Bins of the histogram of pixels that are not whole numbers. */
const BINS = 65536;

/** Statistics of the pixels whose flags have (or have not) {@linkcode EXCLUDED}; NaN is left out. */
export function statisticsOf(
  values: Float32Array,
  flags: Uint8Array,
  mode: StatisticsMode,
): Statistics {
  let count = 0, sum = 0, squares = 0, minimum = Infinity, maximum = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (!takesPart(flags[i], mode) || !(v - v === 0)) continue;
    count++;
    sum += v;
    squares += v * v;
    if (v < minimum) minimum = v;
    if (v > maximum) maximum = v;
  }
  if (count === 0) return { count, minimum: 0, maximum: 0, mean: 0, sd: 0 };
  const spread = squares - sum * sum / count;
  const sd = spread > 0 && count > 1 ? Math.sqrt(spread / (count - 1)) : 0;
  return { count, minimum, maximum, mean: sum / count, sd };
}

/** The background level, a float32. `region` are the statistics of the pixels that take part. */
export function backgroundLevel(
  values: Float32Array,
  flags: Uint8Array,
  mode: StatisticsMode,
  rule: BackgroundRule,
  statistics: Statistics,
  region: Statistics,
): number {
  const { method, value, integer } = rule;
  const round = (level: number) => integer ? Math.floor(level + 0.5) : Math.fround(level);
  switch (method) {
    case "absolute":
      return round(integer ? Math.max(value, 0) : value);
    case "mean":
      return round(statistics.mean);
    case "sd-above-mean":
      return round(statistics.mean + (integer || value > 0 ? value * statistics.sd : 0));
    case "auto-threshold":
      return round(thresholdOf(values, flags, mode, rule.threshold, statistics));
    case "minimum":
      return region.minimum;
    case "none":
      return integer ? 0 : region.minimum;
  }
}

function takesPart(flag: number, mode: StatisticsMode): boolean {
  return mode === "both" || ((flag & EXCLUDED) === 0) === (mode === "inside");
}

/** An automatic threshold: of whole numbers of no great range by level, else in even bins. */
function thresholdOf(
  values: Float32Array,
  flags: Uint8Array,
  mode: StatisticsMode,
  method: ThresholdMethod,
  { minimum, maximum }: Statistics,
): number {
  const isWhole = maximum - minimum < BINS &&
    values.every((v) => Number.isInteger(v) || v - v !== 0);
  const step = isWhole ? 1 : (maximum - minimum) / (BINS - 1);
  if (!(step > 0)) return minimum;
  const counts = new Float64Array(isWhole ? maximum - minimum + 1 : BINS);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (takesPart(flags[i], mode) && v - v === 0) counts[Math.floor((v - minimum) / step + 0.5)]++;
  }
  return minimum + autoThreshold(counts, method) * step;
}
