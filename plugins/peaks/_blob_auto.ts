/**
 * Scales and threshold of the scale-space finders, where they are left to be chosen.
 *
 * @module
 */
import { AdatomError, type Image } from "@core";
import { LOOK, spacingOf } from "./_auto_window.ts";
import { type NoiseSpectrum, noiseSpectrum } from "./_noise.ts";
import { busiestPart } from "./_noise_level.ts";
import type { ScaleMaxima } from "./_scale_maxima.ts";

/** The smallest and the largest scale, px. */
export interface ScaleRange {
  readonly minSigma: number;
  readonly maxSigma: number;
}

/** What may be given or left to be chosen. */
export interface ScaleRequest {
  readonly minSigma: number | "auto";
  readonly maxSigma: number | "auto";
}

/**
 * Columns of a lattice respond most from this share of their distance on, and up to that one: as wide as
 * they are in focus, and as wide as lets them be told apart.
 */
const SHARES = { minSigma: 0.14, maxSigma: 0.28 };
/** Scales where nothing repeats, px. */
const USUAL = { minSigma: 2, maxSigma: 6 };
/** Kernels of less are hardly more than a pixel. */
const LEAST_SIGMA = 0.8;
/** Scales in a range that is given, as in scikit-image, and in the narrow one that is chosen. */
const USUAL_SCALES = 10, FEW_SCALES = 5;
/** Thresholds are this many standard deviations of what the noise responds with. */
export const CLEAR = 4;
/** The largest value the parameters take, px. */
const MOST_SIGMA = 200;

/**
 * The range of scales; what is given stays. A chosen end is moved where it would pass a given one.
 *
 * @param unit scale at which a method sees a Gaussian column of 1 px
 */
export function chooseScales(
  stage: string,
  image: Image,
  polarity: "bright" | "dark",
  given: ScaleRequest,
  unit: number,
): ScaleRange {
  if (given.minSigma !== "auto" && given.maxSigma !== "auto") {
    return requireRange(stage, { minSigma: given.minSigma, maxSigma: given.maxSigma });
  }
  const spacing = spacingOf(image, polarity);
  const chosen = (end: keyof ScaleRange) => {
    const sigma = spacing === undefined ? USUAL[end] : SHARES[end] * spacing;
    return Math.min(MOST_SIGMA, unit * Math.max(LEAST_SIGMA, sigma));
  };
  if (given.minSigma !== "auto") {
    const most = Math.max(chosen("maxSigma"), given.minSigma);
    return { minSigma: given.minSigma, maxSigma: most };
  }
  if (given.maxSigma !== "auto") {
    return { minSigma: Math.min(chosen("minSigma"), given.maxSigma), maxSigma: given.maxSigma };
  }
  return { minSigma: chosen("minSigma"), maxSigma: chosen("maxSigma") };
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

/** The range widened to whole numbers, at which boxes of thirds of three times as much fit. */
export function wholeScales({ minSigma, maxSigma }: ScaleRange): ScaleRange {
  return { minSigma: Math.max(1, Math.floor(minSigma)), maxSigma: Math.ceil(maxSigma) };
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
 * @param order of the response in the image's contrast: 1, or 2 for determinants
 */
export function clearThreshold(
  maxima: ScaleMaxima,
  noiseThreshold: number,
  level: number,
  order: number,
): number {
  if (maxima.length === 0) return noiseThreshold;
  const strong = maxima.response[Math.floor((1 - STRONG_SHARE) * maxima.length)];
  return Math.max(noiseThreshold, level + LEAST_SHARE ** order * (strong - level));
}
