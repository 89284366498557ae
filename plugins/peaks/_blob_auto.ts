/**
 * Scales and threshold of the scale-space finders, where they are left to be chosen.
 *
 * @module
 */
import { AdatomError, type Image } from "@core";
import { LOOK, spacingOf } from "./_auto_window.ts";
import { type NoiseSpectrum, noiseSpectrum } from "./_noise.ts";
import { busiestPart } from "./_noise_level.ts";

/** The smallest and the largest scale, px. */
export interface ScaleRange {
  readonly minSigma: number;
  readonly maxSigma: number;
}

/** What may be given or left to be chosen. */
export interface ScaleRequest {
  readonly minSigma: number | "auto";
  readonly maxSigma: number | "auto";
  readonly threshold: number | "auto";
}

/** What a method makes of the widths of columns. */
export interface ScaleUse {
  /** Scale at which it sees a Gaussian column of 1 px. */
  readonly unit: number;
  /** The smallest and the largest width of columns, as shares of their distance. */
  readonly shares: readonly [number, number];
}

/** Widths of columns where nothing repeats, px. */
const USUAL_WIDTHS = [2, 6] as const;
/** Narrower kernels are hardly more than a pixel. */
const LEAST_WIDTH = 0.8;
/** The largest value the parameters take, px. */
const MOST_SIGMA = 200;
/** Scales in a range that is given, as in scikit-image, and in the narrow one that is chosen. */
const USUAL_SCALES = 10, FEW_SCALES = 5;
/**
 * Thresholds are this many standard deviations of what the noise responds with where nothing repeats: some
 * ten thousand independent places of Gaussian noise at the smallest scale then have no peak mostly.
 */
const CLEAR = 5;
/** The same on a lattice, where most places are near a column. */
const CLEAR_ON_LATTICE = 3;

/** The range of scales, and by how many standard deviations of the noise a threshold should be clear of it. */
export interface ScaleChoice extends ScaleRange {
  readonly clear: number;
}

/** Chooses what is "auto". A chosen end of the range is moved where it would pass a given one. */
export function chooseScales(
  stage: string,
  image: Image,
  polarity: "bright" | "dark",
  given: ScaleRequest,
  { unit, shares }: ScaleUse,
): ScaleChoice {
  const isAsked = [given.minSigma, given.maxSigma, given.threshold].includes("auto");
  const spacing = isAsked ? spacingOf(image, polarity) : undefined;
  const clear = spacing === undefined ? CLEAR : CLEAR_ON_LATTICE;
  const end = (k: 0 | 1) => {
    const width = spacing === undefined ? USUAL_WIDTHS[k] : shares[k] * spacing;
    return Math.min(MOST_SIGMA, unit * Math.max(LEAST_WIDTH, width));
  };
  const { minSigma, maxSigma } = given;
  if (minSigma !== "auto" && maxSigma !== "auto") {
    return { ...requireRange(stage, { minSigma, maxSigma }), clear };
  }
  if (minSigma !== "auto") return { minSigma, maxSigma: Math.max(end(1), minSigma), clear };
  if (maxSigma !== "auto") return { minSigma: Math.min(end(0), maxSigma), maxSigma, clear };
  return { minSigma: end(0), maxSigma: end(1), clear };
}

function requireRange(stage: string, range: ScaleRange): ScaleRange {
  if (range.minSigma <= range.maxSigma) return range;
  throw new AdatomError("PARAM_CONFLICT", {
    cannot: "choose the scales",
    expected: `maxSigma of at least minSigma, ${range.minSigma} px`,
    got: `${range.maxSigma} px`,
    hint: "exchange them, or leave one out to have it chosen",
  }, { stage, param: "maxSigma" });
}

/** `count` scales from the smallest to the largest, at equal steps or at equal ratios. */
export function scalesBetween(
  { minSigma, maxSigma }: ScaleRange,
  count: number,
  isLog: boolean,
): Float64Array {
  const last = Math.max(1, count - 1);
  return Float64Array.from({ length: count }, (_, k) => {
    if (k === last) return maxSigma;
    if (isLog) return minSigma * (maxSigma / minSigma) ** (k / last);
    return minSigma + (maxSigma - minSigma) / last * k;
  });
}

/** The number of scales: 10, or `few` where none of them is given. */
export function scaleCount(
  given: ScaleRequest & { readonly numSigma: number | "auto" },
  few = FEW_SCALES,
): number {
  if (given.numSigma !== "auto") return given.numSigma;
  return given.minSigma === "auto" && given.maxSigma === "auto" ? few : USUAL_SCALES;
}

/** Below this scale boxes are hardly filters: their thirds are 1 or 2 px. */
const LEAST_ODD = 3;

/** The range in odd whole numbers: boxes of thirds of three times as much have a middle pixel. */
export function oddScales({ minSigma, maxSigma }: ScaleRange): ScaleRange {
  const low = Math.max(LEAST_ODD, 2 * Math.round((minSigma - 1) / 2) + 1);
  return { minSigma: low, maxSigma: Math.max(low, 2 * Math.floor((maxSigma - 1) / 2) + 1) };
}

/** Scales that grow by a ratio, from the smallest to one more than differences up to the largest need. */
export function ratioScales({ minSigma, maxSigma }: ScaleRange, ratio: number): Float64Array {
  const last = Math.floor(Math.log(maxSigma / minSigma) / Math.log(ratio) + 1);
  return Float64Array.from({ length: last + 1 }, (_, k) => minSigma * ratio ** k);
}

/** The noise where most is to be seen. */
export function noiseOf(image: Image, polarity: "bright" | "dark"): NoiseSpectrum {
  const { data, width, height } = busiestPart(image, polarity, LOOK);
  return noiseSpectrum(data, width, height);
}

/** Of the maxima above the noise this share is weaker than the one that the others are compared with. */
const STRONG_SHARE = 0.98;
/** Columns respond with at least this share of that; less is ringing of noise-free images. */
const LEAST_SHARE = 0.1;

/**
 * The threshold above noise and ringing: the noise's own, or a tenth of the strong maxima over the level
 * that flat images respond with.
 *
 * @param responses of maxima above the noise, strongest first
 * @param order of the response in the image's contrast: 1, or 2 for determinants
 */
export function clearThreshold(
  responses: Float64Array,
  noiseThreshold: number,
  level: number,
  order: number,
): number {
  if (responses.length === 0) return noiseThreshold;
  const strong = responses[Math.floor((1 - STRONG_SHARE) * responses.length)];
  return Math.max(noiseThreshold, level + LEAST_SHARE ** order * (strong - level));
}
