/**
 * Single atoms: where columns stand alone, what stands out of noise and texture as clearly as an atom is one.
 *
 * @module
 */
import { gaussianBlur, maximumFilter, medianInPlace } from "@core/kernels";
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

/** The second blur, in the first; that of the first width tells the brightness that noise follows. */
const WIDER = 2;

/**
 * An atom stands out by this many times what noise and texture do at their maxima in the median: then it
 * has the confidence of a column alone, which rises by this slope of its log odds for each more. Noise and
 * texture alone bring forth one such maximum in 512 x 512 px, or none, whether it is noise, a film or many
 * counts; in two marked images of platinum on carbon this finds what people marked nearly as well as any.
 */
const SEEN = 3.3, SLOPE = 3.7;

/** Kernels of the blurs end where they are so small. */
const SHORT = 0.01;

/** Maxima of a texture in the area of the squared blur; with less than a third of them there is none. */
const MAXIMA = 0.045;

/**
 * The median maximum of white noise of deviation 1, times the blur: counting leaves at least that, whatever of the
 * background is empty.
 */
const WHITE = 0.287;

/** Half the window, px, in which the network's maximum and the picture's are the same. */
const SAME = 2;

/** Where there is neither noise nor texture, the highest stands out by the inverse of this. */
const QUIET = 1e-6;

/** Below this share of a doubted confidence nothing is, and nothing is changed. */
const NOTHING = 0.05;

/** What is so near a maximum has its confidence, and falls as the picture does: spacings. */
const PEAK = 0.2;

/** Whether columns stand alone, as single atoms on a support do: in no order, and not all over the image. */
export function standAlone(
  { x, y }: Places,
  spacing: number,
  area: number,
): boolean {
  if (x.length < TELLING || !(spacing > 0) || isCovered(x.length, spacing, area)) return false;
  return medianInPlace(lookAround(x, y).order) < ORDERED;
}

/** Where in an image single atoms are looked for. */
export interface AtomPlaces {
  /** Whether what is at a pixel may be noise and texture. */
  isBackground(x: number, y: number): boolean;
  /** Whether what is at a pixel would be a single atom. */
  isAlone(x: number, y: number): boolean;
  /** Below this confidence of the network it is no atom, however bright. */
  readonly doubted: number;
}

/** Of single atoms the network is rarely sure; but it is of the texture of a film. */
const EVERYWHERE: AtomPlaces = { isBackground: () => true, isAlone: () => true, doubted: 0.01 };

/**
 * Writes the confidence of single atoms over that of the network, which knows lattices better.
 *
 * Each pixel's difference of two blurs, over the noise that its brightness brings (of counting, and the
 * speckle of a support, which grow alike; deviations measured around a place would be those of the atoms
 * there), over the median maximum of that in the background; of two widths the larger. The confidence at its
 * maxima is a logistic function of it, and falls around them as it does; where the network is all but sure that
 * there is nothing, it is less by as much.
 *
 * @param confidenceInPlace width * height
 * @param pixels of the image, columns bright
 * @param spacing of atoms, as the network has it: four times their width, px
 * @param places where atoms are alone, and where none are
 */
export function weighAtomsInPlace(
  confidenceInPlace: Float32Array,
  pixels: Float32Array,
  width: number,
  height: number,
  spacing: number,
  { isBackground, isAlone, doubted }: AtomPlaces = EVERYWHERE,
): void {
  const n = width * height;
  const most = ownFloats.take(n), one = ownFloats.take(n), other = ownFloats.take(n);
  const perNoise = ownFloats.take(n);
  gaussianBlur(pixels, width, height, WIDER * BLURS[0] * spacing, other, SHORT);
  const law = noiseLaw(pixels, other, width, height);
  for (let i = 0; i < n; i++) perNoise[i] = law === null ? 1 : 1 / noiseAt(law, other[i]);
  most.fill(0);
  let isQuiet = true;
  // fewer maxima than a third of those of a texture are its atoms
  const leastOf = (blur: number) => MAXIMA / 3 * n / (blur * blur);
  for (const [k, share] of BLURS.entries()) {
    const blur = share * spacing;
    gaussianBlur(pixels, width, height, blur, one, SHORT);
    // the first one is there
    if (k > 0) gaussianBlur(pixels, width, height, WIDER * blur, other, SHORT);
    for (let i = 0; i < n; i++) one[i] = Math.max(0, one[i] - other[i]) * perNoise[i];
    const texture = medianMaximum(one, width, height, isBackground, leastOf(blur));
    const isNothing = law === null && texture === 0;
    isQuiet &&= isNothing;
    const unit = isNothing
      ? QUIET * one.reduce((high, value) => Math.max(high, value), 0)
      : Math.max(texture, law === null ? 0 : WHITE / blur);
    for (let i = 0; i < n; i++) if (one[i] > 0) most[i] = Math.max(most[i], one[i] / unit);
  }
  const least = leastOf(Math.max(...BLURS) * spacing);
  const unit = isQuiet ? 1 : Math.max(1, medianMaximum(most, width, height, isBackground, least));
  const network = one, peak = other;
  maximumFilter(confidenceInPlace, width, height, SAME, network);
  maximumFilter(most, width, height, Math.max(1, Math.round(PEAK * spacing)), peak);
  const atSeen = Math.log(VOUCHED.alone / (1 - VOUCHED.alone));
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (network[i] < NOTHING * doubted || !isAlone(x, y)) continue;
      const odds = atSeen + SLOPE * (peak[i] / unit - SEEN);
      const top = Math.min(1, network[i] / doubted) / (1 + Math.exp(-odds));
      confidenceInPlace[i] = most[i] > 0 ? top * (most[i] / peak[i]) : 0;
    }
  }
  ownFloats.give(most, one, other, perNoise);
}

/** The median of the values of the background that no neighbor exceeds; 0 with fewer than `least` of them. */
function medianMaximum(
  map: Float32Array,
  width: number,
  height: number,
  isBackground: (x: number, y: number) => boolean,
  least: number,
): number {
  const found: number[] = [];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const value = map[y * width + x];
      if (!(value > 0) || !isHighest(map, width, height, x, y, 1)) continue;
      if (isBackground(x, y)) found.push(value);
    }
  }
  return found.length < least ? 0 : medianInPlace(Float64Array.from(found));
}
