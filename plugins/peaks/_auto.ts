/**
 * Blur and height for FindFoci, chosen from the image alone.
 *
 * Noise is measured at high frequencies. For each of a ladder of blurs, the local maxima that stand
 * clear of what noise can make are counted: too little blur leaves columns within the noise, too much
 * merges neighbors, and between them lies a plateau where all columns are found. On the plateau the
 * blur is taken at which the typical column stands highest above the noise.
 *
 * @module
 */
import type { Image } from "@core";
import { createSpectrumPlan, gaussianBlur, noisePower, spectraOfPair } from "@core/kernels";
import { persistences } from "./_persistence.ts";

/** What was chosen, and from what. */
export interface AutoChoice {
  /** Standard deviation of the blur, px. */
  readonly blur: number;
  /** Least height above the saddle, in units of the image. */
  readonly height: number;
  /** Standard deviation of the white noise of a pixel, in units of the image. */
  readonly noise: number;
}

/** The blurs that are tried, px. */
const LADDER = [0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8, 11.3];
/** The part of the image that is looked at, px to a side. */
const LOOK = 512;
/** A maximum is clear of the noise at this many standard deviations of the blurred noise. */
const CLEAR = 4.5;
/** Blurs that find this share of the most columns count as finding all. */
const PLATEAU = 0.95;
/** The blur is at most this share of a spacing the user names. */
const LARGEST_SHARE = 0.25;

/** Chooses the blur, unless it is given, and the height. */
export function chooseAuto(
  image: Image,
  given: { readonly blur: number | "auto"; readonly spacing: number | "auto" },
  report: (fraction: number) => void,
): AutoChoice {
  const { data, width, height } = middleOf(image);
  const noise = noiseOf(data, width, height);
  const limit = given.spacing === "auto" ? Infinity : LARGEST_SHARE * given.spacing;
  const tried = given.blur === "auto"
    ? LADDER.filter((sigma, i) => i === 0 || sigma <= limit && 8 * sigma < Math.min(width, height))
    : [given.blur];
  const blurred = new Float32Array(data.length);
  const found = tried.map((sigma, i) => {
    gaussianBlur(data, width, height, sigma, blurred);
    const level = CLEAR * blurredNoise(noise, sigma);
    const clear = persistences(blurred, width, height).filter((p) => p > level).sort();
    report((i + 1) / tried.length);
    const typical = clear.length > 0 ? clear[clear.length >> 1] / level : 0;
    return { sigma, level, count: clear.length, typical };
  });
  const most = Math.max(...found.map((f) => f.count));
  const plateau = found.filter((f) => f.count >= PLATEAU * most);
  const best = plateau.reduce((a, b) => b.typical > a.typical ? b : a);
  return { blur: best.sigma, height: best.level, noise };
}

/** Standard deviation of white noise after a Gaussian blur of pixels. */
export function blurredNoise(noise: number, sigma: number): number {
  if (sigma <= 0) return noise;
  const reach = Math.ceil(5 * sigma);
  let sum = 0, squares = 0;
  for (let i = -reach; i <= reach; i++) {
    const g = Math.exp(-i * i / (2 * sigma * sigma));
    sum += g;
    squares += g * g;
  }
  return noise * squares / (sum * sum);
}

/** Standard deviation of the white noise of a pixel, from the highest frequencies. */
function noiseOf(data: Float32Array, width: number, height: number): number {
  const plan = createSpectrumPlan(width, height, 0.25);
  const n = plan.width * plan.height;
  const re = new Float64Array(n), im = new Float64Array(n);
  spectraOfPair(plan, data, undefined, re, im, re, im);
  for (let i = 0; i < n; i++) re[i] = re[i] ** 2 + im[i] ** 2;
  let windowPower = 0;
  for (const wx of plan.windowX) for (const wy of plan.windowY) windowPower += (wx * wy) ** 2;
  return Math.sqrt(noisePower(re, plan.width, plan.height) / windowPower);
}

/** The middle of an image, at most {@linkcode LOOK} px to a side: enough to choose from. */
function middleOf(image: Image): { data: Float32Array; width: number; height: number } {
  const width = Math.min(LOOK, image.width), height = Math.min(LOOK, image.height);
  if (width === image.width && height === image.height) return image;
  const x0 = (image.width - width) >> 1, y0 = (image.height - height) >> 1;
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (y0 + y) * image.width + x0;
    data.set(image.data.subarray(from, from + width), y * width);
  }
  return { data, width, height };
}
