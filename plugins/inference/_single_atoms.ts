/**
 * Single atoms: where columns stand alone, what stands out of noise and texture as clearly as an atom is one.
 *
 * @module
 */
import { gaussianBlur, medianInPlace } from "@core/kernels";
import { isHighest } from "./_decode.ts";
import { ownFloats } from "./_kept_floats.ts";
import { isCovered, lookAround, ORDERED, type Places } from "./_lattice_around.ts";
import { noiseAt, noiseLaw } from "./_noise_law.ts";
import { VOUCHED } from "./_vouching.ts";

/** Columns of at least this confidence tell whether they stand alone; and how many of them do. */
export const SURE = 0.6;
const TELLING = 5;

/** The first blurs of differences of Gaussians that find atoms, in spacings: their width is known to a fifth. */
const BLURS = [0.11, 0.153] as const;

/** The second blur, in the first. */
const WIDER = 2;

/** The brightness that noise follows is that of the image blurred by so many spacings. */
const BRIGHT = 0.26;

/**
 * An atom stands out by this many times what noise and texture do at their maxima in the median: then it
 * has the confidence of a column alone, which rises by this slope of its log odds for each more. Noise and
 * texture alone bring forth one such maximum in 512 x 512 px, or none, whether it is noise, a film or many
 * counts; in two marked images of platinum on carbon this finds what people marked nearly as well as any.
 */
const SEEN = 3.4, SLOPE = 3.7;

/** Maxima of a texture in the area of the squared blur; with less than a third of them there is none. */
const MAXIMA = 0.045;

/** Below this confidence of the network it is no atom, however bright: the texture of a film, say. */
const DOUBTED = 0.01;

/** Half the window, px, in which the network's maximum and the picture's are the same. */
const SAME = 2;

/** Whether columns stand alone, as single atoms on a support do: in no order, and not all over the image. */
export function standAlone(
  { x, y }: Places,
  spacing: number,
  area: number,
): boolean {
  if (x.length < TELLING || !(spacing > 0) || isCovered(x.length, spacing, area)) return false;
  return medianInPlace(lookAround(x, y).order) < ORDERED;
}

/**
 * Writes the confidence of single atoms over that of the network, which knows lattices better.
 *
 * Each pixel's difference of two blurs, over the noise that its brightness brings (of counting, and the
 * speckle of a support, which grow alike; deviations measured around a place would be those of the atoms
 * there), over the median maximum of that; of two widths the larger. The confidence is a logistic function
 * of it; where the network is all but sure that there is nothing, it is less by as much.
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
  const n = width * height;
  const most = ownFloats.take(n), one = ownFloats.take(n), other = ownFloats.take(n);
  const bright = ownFloats.take(n);
  gaussianBlur(pixels, width, height, BRIGHT * spacing, bright);
  const law = noiseLaw(pixels, bright, width, height);
  most.fill(0);
  for (const blur of BLURS.map((share) => share * spacing)) {
    gaussianBlur(pixels, width, height, blur, one);
    gaussianBlur(pixels, width, height, WIDER * blur, other);
    for (let i = 0; i < n; i++) {
      const noise = law === null ? 1 : noiseAt(law, bright[i]);
      one[i] = Math.max(0, one[i] - other[i]) / noise;
    }
    const unit = medianMaximum(one, width, height, MAXIMA / 3 * n / (blur * blur));
    for (let i = 0; i < n; i++) if (one[i] > 0) most[i] = Math.max(most[i], one[i] / unit);
  }
  // without texture all that stands out does so infinitely
  const unit = Math.min(Number.MAX_VALUE, medianMaximum(most, width, height, 1));
  widenInPlace(confidenceInPlace, width, height);
  const atSeen = Math.log(VOUCHED.alone / (1 - VOUCHED.alone));
  for (let i = 0; i < n; i++) {
    const odds = most[i] > 0 ? atSeen + SLOPE * (most[i] / unit - SEEN) : -Infinity;
    confidenceInPlace[i] = Math.min(1, confidenceInPlace[i] / DOUBTED) / (1 + Math.exp(-odds));
  }
  ownFloats.give(most, one, other, bright);
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
