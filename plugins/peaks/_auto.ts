/**
 * Blur and height for FindFoci, chosen from the image alone.
 *
 * For each of a ladder of blurs, the local maxima of the image are counted by their persistence: how far
 * each stands above the pass to a higher one. Noise makes maxima of low persistence in a known
 * proportion, so the lowest ones tell how many of the higher ones are noise. That gives, for any blur
 * and height, how many columns and how many mistakes to expect. Too little blur leaves columns within
 * the noise, too much merges neighbors; between them lies a plateau where all columns are found.
 *
 * @module
 */
import type { Image } from "@core";
import { createRandom, gaussianBlur, nearestDistances } from "@core/kernels";
import {
  blurredNoise,
  brightNoiseRatio,
  noiseMaxima,
  noiseShareAbove,
  noiseSpectrum,
} from "./_noise.ts";
import { busiestPart } from "./_noise_level.ts";
import { type PersistentMaxima, persistentMaxima } from "./_persistence.ts";

/** What was chosen, and from what. */
export interface AutoChoice {
  /** Standard deviation of the blur, px. */
  readonly blur: number;
  /** Least height above the saddle, in units of the image. */
  readonly height: number;
  /** Standard deviation of the noise after the blur, in units of the image. */
  readonly noise: number;
}

/** The blurs that are tried, px: steps of the square root of 2. */
const LADDER = [0.5, 0.71, 1, 1.41, 2, 2.83, 4, 5.66, 8, 11.3];
/** The part of the image that is looked at, px to a side. */
const LOOK = 512;
/** The blurs tried are within these shares of a spacing the user names. */
const SHARES = [0.06, 0.25];
/** Heights are tried in these steps, in standard deviations of the noise. */
const HEIGHT_STEP = 0.25;
const HEIGHT_STEPS = 24;
/** The blurs whose gain is this share of the best are as good. */
const PLATEAU = 0.98;
/** Heights whose gain is this share of the best are as good. */
const ENOUGH = 0.995;
/** Heights at which more than this share are mistakes do not count. */
const MOST_MISTAKES = 0.25;
/** Without columns to be seen: a blur, and a height that noise hardly reaches. */
const BLIND = { blur: 1.41, height: 6 };
/**
 * Columns are some 0.1 to 0.2 of their distance wide: less blur than 0.1 of it finds details of columns
 * or of what lies between, so that its gain counts the less, down to this share.
 */
const FINE = { share: 0.1, worth: 0.5 };
/** Neighbors nearer than this share of the usual distance are halves of one column. */
const CLOSE = 0.5;
/** The usual distance of neighbors: this quantile, so that many split columns do not set it. */
const USUAL = 0.8;

/** A blur with the height that suits it. */
interface Trial {
  readonly blur: number;
  readonly noise: number;
  readonly height: number;
  /** Columns expected to be found, less mistakes. */
  readonly gain: number;
  /** Maxima above the height. */
  readonly count: number;
  /** Their mean distance to the nearest over that of places at random: 1 at random, 2.1 in a lattice. */
  readonly regularity: number;
}

/** Chooses the blur, unless it is given, and the height. */
export function chooseAuto(
  image: Image,
  given: {
    readonly polarity: "bright" | "dark";
    readonly blur: number | "auto";
    readonly spacing: number | "auto";
  },
  report: (fraction: number) => void,
): AutoChoice {
  const { data, width, height } = busiestPart(image, given.polarity, LOOK);
  const spectrum = noiseSpectrum(data, width, height);
  // noise grows with brightness, and so much the more where columns are: meet halfway
  const factor = Math.sqrt(brightNoiseRatio(data, width, height));
  report(0.1);
  const blurs = given.blur === "auto"
    ? ladder(given.spacing, Math.min(width, height))
    : [given.blur];
  const blurred = data.slice();
  let before = 0;
  const trials = blurs.map((blur, k) => {
    // each blur goes on from the last one, which costs less than beginning anew
    gaussianBlur(blurred, width, height, Math.sqrt(blur * blur - before * before), blurred);
    before = blur;
    const noise = factor * blurredNoise(spectrum, blur);
    const trial = tryHeights(
      persistentMaxima(blurred, width, height),
      width,
      width * height,
      blur,
      noise,
    );
    report(0.1 + 0.8 * (k + 1) / blurs.length);
    return trial;
  });
  const found = withoutNoise(trials, data, width, height);
  report(1);
  return found;
}

/**
 * The best trial that finds clearly more than the image's own noise would. Counts are skewed the more the
 * fewer they are, and rise above the model of noise, which is even to both sides.
 */
function withoutNoise(
  trials: readonly Trial[],
  data: Float32Array,
  width: number,
  height: number,
): AutoChoice {
  const left = [...trials];
  for (let best = bestTrial(left); best !== undefined; best = bestTrial(left)) {
    const { blur, noise, height: least, regularity } = best;
    if (regularity > REGULAR) return { blur, height: least, noise };
    const surrogate = noiseAlone(data, width, height, blur, noise);
    const { persistence } = persistentMaxima(surrogate, width, height);
    let mistakes = 0;
    for (const p of persistence) if (p >= least) mistakes++;
    if (mistakes <= MOST_NOISE * best.count) return { blur, height: least, noise };
    left.splice(0, left.indexOf(best) + 1); // with less blur counts are even more skewed
  }
  const { blur, height: least, noise } = blindTrial(trials);
  return { blur, height: least, noise };
}

/** Places more regular than this are a lattice: noise has at most 1.4, lattices from 1.7 on. */
const REGULAR = 1.5;
/** The share of what is found that noise alone may make. */
const MOST_NOISE = 0.2;
/** What lies between neighbors is this fine, px: what is coarser is not noise. */
const FINE_BLUR = 1;

/**
 * Noise with the image's own distribution and nothing else: the image without what is coarse, its pixels
 * in another order, blurred and scaled to a standard deviation.
 */
function noiseAlone(
  data: Float32Array,
  width: number,
  height: number,
  blur: number,
  deviation: number,
): Float32Array {
  const coarse = new Float32Array(data.length);
  gaussianBlur(data, width, height, FINE_BLUR, coarse);
  const noise = data.map((v, i) => v - coarse[i]);
  const random = createRandom(1);
  for (let i = noise.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const v = noise[i];
    noise[i] = noise[j];
    noise[j] = v;
  }
  gaussianBlur(noise, width, height, blur, noise);
  let squares = 0;
  for (let i = 0; i < noise.length; i++) squares += noise[i] * noise[i];
  const scale = squares > 0 ? deviation / Math.sqrt(squares / noise.length) : 0;
  for (let i = 0; i < noise.length; i++) noise[i] *= scale;
  return noise;
}

function ladder(spacing: number | "auto", size: number): number[] {
  const fitting = LADDER.filter((blur) => 8 * blur < size);
  if (spacing === "auto") return fitting.length > 0 ? fitting : [LADDER[0]];
  const near = fitting.filter((blur) => blur >= SHARES[0] * spacing && blur <= SHARES[1] * spacing);
  return near.length > 0 ? near : [Math.sqrt(SHARES[0] * SHARES[1]) * spacing];
}

/** The height at which maxima after one blur give the most columns and the fewest mistakes. */
function tryHeights(
  { position, persistence }: PersistentMaxima,
  width: number,
  pixels: number,
  blur: number,
  noise: number,
): Trial {
  const scale = noise > 0 ? 1 / noise : 0;
  const significance = persistence.map((p) => p * scale);
  const mistaken = noiseMaxima(significance, blur);
  const sorted = significance.slice().sort().reverse();
  const gains: number[] = [];
  for (let k = 1, count = sorted.length; k <= HEIGHT_STEPS; k++) {
    const least = k * HEIGHT_STEP;
    while (count > 0 && sorted[count - 1] < least) count--;
    const mistakes = mistaken * noiseShareAbove(least) + lonelyMistakes(least);
    gains.push(mistakes <= MOST_MISTAKES * count ? count - 2 * mistakes : -Infinity);
  }
  const best = Math.max(...gains);
  if (best === -Infinity) {
    return { blur, noise, height: BLIND.height * noise, gain: -Infinity, count: 0, regularity: 0 };
  }
  const isGood = (gain: number) => gain >= best - (1 - ENOUGH) * Math.abs(best);
  // between the lowest and the highest good one, to be far from both mistakes and losses
  const k = (gains.findIndex(isGood) + gains.findLastIndex(isGood)) >> 1;
  const least = (k + 1) * HEIGHT_STEP;
  const kept = Array.from(position).filter((_, i) => significance[i] >= least);
  const { spacing, close, mean } = neighborhood(kept, width);
  const worth = Math.min(1, FINE.worth + (1 - FINE.worth) * blur / (FINE.share * spacing));
  return {
    blur,
    noise,
    height: least * noise,
    gain: worth * (gains[k] - close),
    count: kept.length,
    regularity: 2 * mean * Math.sqrt(kept.length / pixels),
  };
}

/**
 * The few maxima of noise that are the highest far and wide, and so of high persistence: some ten above
 * 4 standard deviations, half as many for every 2 more.
 */
function lonelyMistakes(persistence: number): number {
  return 10 * 2 ** Math.min(0, (4 - persistence) / 2);
}

/**
 * The usual distance of places to their neighbors, and how many have one that is far too close, as the
 * halves of a split column have.
 */
function neighborhood(
  position: readonly number[],
  width: number,
): { spacing: number; close: number; mean: number } {
  const n = position.length;
  if (n < 3) return { spacing: 0, close: 0, mean: 0 };
  const distances = new Float64Array(n);
  const x = Float64Array.from(position, (i) => i % width);
  const y = Float64Array.from(position, (i) => Math.floor(i / width));
  nearestDistances(x, y, distances);
  distances.sort();
  const spacing = distances[Math.floor(USUAL * n)];
  let close = 0;
  while (distances[close] < CLOSE * spacing) close++;
  return { spacing, close, mean: distances.reduce((sum, d) => sum + d, 0) / n };
}

/** The middle of the plateau about the trial of largest gain; undefined when none gains anything. */
function bestTrial(trials: readonly Trial[]): Trial | undefined {
  if (trials.length === 0) return undefined;
  let best = 0;
  trials.forEach((trial, k) => {
    if (trial.gain > trials[best].gain) best = k;
  });
  if (!(trials[best].gain > 0)) return undefined;
  const limit = PLATEAU * trials[best].gain;
  let low = best, high = best;
  while (low > 0 && trials[low - 1].gain >= limit) low--;
  while (high + 1 < trials.length && trials[high + 1].gain >= limit) high++;
  return trials[(low + high) >> 1];
}

/** What to do where no columns are to be seen. */
function blindTrial(trials: readonly Trial[]): Trial {
  const trial = trials.find(({ blur }) => blur >= BLIND.blur) ?? trials[trials.length - 1];
  return { ...trial, height: BLIND.height * trial.noise };
}
