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

/** So many maxima are noise and texture, when they are more than those that the network is sure of. */
const TEXTURE = 50;

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

/** Whether columns stand alone, as single atoms on a support do: in no order, and not all over the image. */
export function standAlone(
  { x, y }: Places,
  spacing: number,
  area: number,
): boolean {
  if (x.length < TELLING || !(spacing > 0) || isCovered(x.length, spacing, area)) return false;
  return medianInPlace(lookAround(x, y).order) < ORDERED;
}

/** What is so near a maximum has its confidence, and falls as the picture does: spacings. */
const PEAK = 0.2;

/** Where a clearer atom is too near, confidence falls with this power of how much less clear it is. */
const CLEARER = 4;

/** What may be at a pixel: columns of a lattice; a single atom; this, or else only noise and texture. */
export const PLACE = { lattice: 0, alone: 1, background: 2 } as const;

/** Where in an image single atoms are looked for. */
export interface AtomPlaces {
  /** A {@linkcode PLACE} for each pixel; null where all are background. */
  readonly at: Uint8Array | null;
  /** Below this confidence of the network it is no atom, however bright. */
  readonly doubted: number;
  /** Of what stands out within so many spacings, the extent of a maximum or more, the clearest counts. */
  readonly apart: number;
}

/** Of single atoms the network is rarely sure; but it is of the texture of a film. */
const EVERYWHERE: AtomPlaces = { at: null, doubted: 0.01, apart: PEAK };

/**
 * Writes the confidence of single atoms over that of the network, which knows lattices better.
 *
 * Each pixel's difference of two blurs, over the noise that its brightness brings (of counting, and the
 * speckle of a support, which grow alike; deviations measured around a place would be those of the atoms
 * there), over the median maximum of that in the background; of two widths the larger. The confidence at its
 * maxima is a logistic function of it, and falls around them as it does; where the network is all but sure that
 * there is nothing, it is less by as much, and where a clearer one is too near, by how much clearer that is.
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
  { at, doubted, apart }: AtomPlaces = EVERYWHERE,
): void {
  const n = width * height, [narrow, wide] = BLURS.map((share) => share * spacing);
  const take = () => ownFloats.take(n);
  const most = take(), perNoise = take(), one = take(), other = take();
  const blur = (sigma: number, out: Float32Array) =>
    gaussianBlur(pixels, width, height, sigma, out, SHORT);
  blur(WIDER * narrow, other);
  const law = noiseLaw(pixels, other, width, height);
  for (let i = 0; i < n; i++) perNoise[i] = law === null ? 1 : 1 / noiseAt(law, other[i]);
  most.fill(0);
  const median = (map: Float32Array) => medianMaximum(map, confidenceInPlace, width, height, at);
  let isQuiet = true;
  for (const sigma of [narrow, wide]) {
    blur(sigma, one);
    // the first one is there
    if (sigma !== narrow) blur(WIDER * sigma, other);
    for (let i = 0; i < n; i++) one[i] = Math.max(0, one[i] - other[i]) * perNoise[i];
    const texture = median(one);
    const isNothing = law === null && texture === 0;
    isQuiet &&= isNothing;
    const unit = isNothing
      ? QUIET * one.reduce((high, value) => Math.max(high, value), 0)
      : Math.max(texture, law === null ? 0 : WHITE / sigma);
    for (let i = 0; i < n; i++) if (one[i] > most[i] * unit) most[i] = one[i] / unit;
  }
  const unit = isQuiet ? 1 : Math.max(1, median(most));
  const network = one, peak = other, clearest = apart === PEAK ? peak : perNoise;
  if (at !== null) { for (let i = 0; i < n; i++) if (at[i] === PLACE.lattice) most[i] = 0; }
  maximumFilter(confidenceInPlace, width, height, SAME, network);
  const reach = (share: number) => Math.max(1, Math.round(share * spacing));
  maximumFilter(most, width, height, reach(PEAK), peak);
  if (clearest !== peak) maximumFilter(most, width, height, reach(apart), clearest);
  const atSeen = Math.log(VOUCHED.alone / (1 - VOUCHED.alone));
  // the columns of a lattice beside do not vouch for what the network doubts
  const unvouched = at === null ? 1 : VOUCHED.among / VOUCHED.alone;
  for (let i = 0; i < n; i++) {
    if (network[i] < NOTHING * doubted || at !== null && at[i] === PLACE.lattice) continue;
    const odds = atSeen + SLOPE * (peak[i] / unit - SEEN);
    const doubt = network[i] < doubted ? unvouched * network[i] / doubted : 1;
    const top = doubt / (1 + Math.exp(-odds));
    const clearer = clearest === peak ? 1 : (peak[i] / clearest[i]) ** CLEARER;
    confidenceInPlace[i] = most[i] > 0 ? top * clearer * (most[i] / peak[i]) : 0;
  }
  ownFloats.give(most, perNoise, one, other);
}

/**
 * The median of the background's values that no neighbor exceeds, but for those that the network is sure of; 0 when
 * these are more, or when there are few.
 */
function medianMaximum(
  map: Float32Array,
  confidence: Float32Array,
  width: number,
  height: number,
  at: Uint8Array | null,
): number {
  const found: number[] = [];
  let sure = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      if (!(map[i] > 0) || at !== null && at[i] !== PLACE.background) continue;
      if (!isHighest(map, width, height, x, y, 1)) continue;
      if (confidence[i] >= SURE) sure++;
      else found.push(map[i]);
    }
  }
  return found.length < Math.max(TEXTURE, sure) ? 0 : medianInPlace(Float64Array.from(found));
}
