/**
 * Single atoms: where columns stand alone, what stands out of noise and texture as clearly as an atom is one.
 *
 * @module
 */
import type { Columns } from "@core";
import { boxBlurTwice, gaussianBlur, medianInPlace } from "@core/kernels";
import { isHighest } from "./_decode.ts";
import { ownFloats } from "./_kept_floats.ts";
import { isCovered, lookAround, ORDERED } from "./_lattice_around.ts";
import { robustSpreadInPlace } from "./_robust_spread.ts";
import { VOUCHED } from "./_vouching.ts";

/** Columns of at least this confidence tell whether they stand alone; and how many of them do. */
export const SURE = 0.6;
const TELLING = 5;

/** Blurs of the difference of Gaussians that finds atoms, in spacings and in the first of them. */
const BLUR = 0.14, WIDER = 2.4;

/** Its standard deviation is measured around each place: a Gaussian's width, in blurs. */
const AROUND = 14;

/** It is taken for at least and at most so many times that of the whole image. */
const LEAST = 0.5, MOST = 2;

/** Pixels that tell the deviation of the whole image. */
const SAMPLE = 2 ** 16;

/**
 * An atom stands out by this many times what the texture's own maxima do in the median: then it has the
 * confidence of a column alone, which rises by this slope of its log odds for each more. Texture and noise
 * alone bring forth one such maximum in 512 x 512 px, or none, whether it is noise, a film or many counts;
 * of two marked images of platinum on carbon this finds what people marked nearly as well as any bound.
 */
const SEEN = 3.3, SLOPE = 3.7;

/** Maxima of a texture in the area of the squared blur; with less than a third of them there is none. */
const MAXIMA = 0.045;

/** Below this confidence of the network it is no atom, however bright: the texture of a film, say. */
const DOUBTED = 0.04;

/** Half the window, px, in which the network's maximum and the picture's are the same. */
const SAME = 2;

/** Whether columns stand alone, as single atoms on a support do: in no order, and not all over the image. */
export function standAlone(
  { columns: { x, y } }: Columns,
  spacing: number,
  area: number,
): boolean {
  if (x.length < TELLING || !(spacing > 0) || isCovered(x.length, spacing, area)) return false;
  return medianInPlace(lookAround(x, y).order) < ORDERED;
}

/**
 * Writes the confidence of single atoms over that of the network, which knows lattices better.
 *
 * Each pixel's difference of two blurs, over its standard deviation around there (noise and texture
 * together, whatever their spectrum), over the median maximum of that (heavy tails of atoms widen the
 * deviation, but not the median). The confidence is a logistic function of it, 0.75 at 3.3; where the
 * network is all but sure that there is nothing, it is less by as much.
 *
 * @param confidenceInPlace width * height
 * @param pixels of the image, columns bright
 * @param spacing of atoms, as the network has it: four times their width, px
 */
export function weighAtomsInPlace(
  confidenceInPlace: Float32Array,
  pixels: Float32Array,
  width: number,
  height: number,
  spacing: number,
): void {
  const n = width * height, blur = BLUR * spacing;
  const out = ownFloats.take(n), spread = ownFloats.take(n);
  gaussianBlur(pixels, width, height, blur, out);
  gaussianBlur(pixels, width, height, WIDER * blur, spread);
  for (let i = 0; i < n; i++) out[i] -= spread[i];
  const whole = deviationOf(out);
  for (let i = 0; i < n; i++) spread[i] = out[i] * out[i];
  // two boxes of radius r are as wide as a Gaussian of 0.816 r
  boxBlurTwice(spread, width, height, Math.max(1, Math.round(AROUND * blur / 0.816)), spread);
  for (let i = 0; i < n; i++) {
    const deviation = Math.max(LEAST * whole, Math.min(MOST * whole, Math.sqrt(spread[i])));
    out[i] = out[i] > 0 ? out[i] / deviation : 0;
  }
  const unit = medianMaximum(out, width, height, MAXIMA / 3 * n / (blur * blur));
  widenInPlace(confidenceInPlace, width, height);
  const atSeen = Math.log(VOUCHED.alone / (1 - VOUCHED.alone));
  for (let i = 0; i < n; i++) {
    const odds = out[i] > 0 ? atSeen + SLOPE * (out[i] / unit - SEEN) : -Infinity;
    confidenceInPlace[i] = Math.min(1, confidenceInPlace[i] / DOUBTED) / (1 + Math.exp(-odds));
  }
  ownFloats.give(out, spread);
}

/** The median of the values that no neighbor exceeds; 0 with fewer than `least` of them. */
function medianMaximum(map: Float32Array, width: number, height: number, least: number): number {
  const found: number[] = [];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const value = map[y * width + x];
      if (value > 0 && isHighest(map, width, height, x, y, 1)) found.push(value);
    }
  }
  return found.length < least ? 0 : medianInPlace(Float64Array.from(found));
}

/** The standard deviation of most values, told by some of them. */
function deviationOf(values: Float32Array): number {
  const step = Math.max(1, Math.floor(values.length / SAMPLE));
  return robustSpreadInPlace(
    Float64Array.from({ length: Math.ceil(values.length / step) }, (_, i) => values[i * step]),
  );
}

/** The largest value in the window around each pixel. */
function widenInPlace(map: Float32Array, width: number, height: number): void {
  const line = new Float32Array(Math.max(width, height));
  const widen = (start: number, step: number, count: number) => {
    for (let k = 0; k < count; k++) line[k] = map[start + k * step];
    for (let k = 0; k < count; k++) {
      let most = 0;
      const to = Math.min(count - 1, k + SAME);
      for (let m = Math.max(0, k - SAME); m <= to; m++) if (line[m] > most) most = line[m];
      map[start + k * step] = most;
    }
  };
  for (let y = 0; y < height; y++) widen(y * width, 1, width);
  for (let x = 0; x < width; x++) widen(x, width, height);
}
