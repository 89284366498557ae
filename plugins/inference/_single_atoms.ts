/**
 * Single atoms: where columns stand alone, what stands out of noise and texture as clearly as an atom is one.
 *
 * @module
 */
import type { Context } from "@core";
import { medianInPlace } from "@core/kernels";
import {
  type AtomMaps,
  type Band,
  type BandMaxima,
  blurTask,
  joinTask,
  normalizeTask,
  PEAK,
  weighTask,
} from "./_atom_bands.ts";
import type { Picture } from "./_atomid_network.ts";
import { sharedFloats } from "./_kept_floats.ts";
import { isCovered, lookAround, ORDERED, type Places } from "./_lattice_around.ts";
import { noiseLaw } from "./_noise_law.ts";

/** So many sure columns tell whether they stand alone. */
const TELLING = 5;

/** The first blurs of differences of Gaussians that find atoms, in spacings: their width is known to a fifth. */
const BLURS = [0.11, 0.153] as const;

/** So many maxima are noise and texture, when they are more than those that the network is sure of. */
const TEXTURE = 50;

/**
 * The median maximum of white noise of deviation 1, times the blur: counting leaves at least that, whatever of the
 * background is empty.
 */
const WHITE = 0.287;

/** Where there is neither noise nor texture, the highest stands out by the inverse of this. */
const QUIET = 1e-6;

/** Rows of a band: many more than blurs reach beyond it. */
const BAND = 512;

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
  /** What may be at each pixel, as {@linkcode AtomMaps} has it, in shared memory. */
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
 * @param confidenceInPlace of each pixel of the picture; in shared memory, lest it be copied, as those are
 * @param picture columns bright
 * @param spacing of atoms, as the network has it: four times their width, px
 * @param map spreads bands of the picture over the workers
 * @param places where atoms are alone, and where none are
 */
export async function weighAtomsInPlace(
  confidenceInPlace: Float32Array,
  picture: Picture,
  spacing: number,
  map: Context["map"],
  { at, doubted, apart }: AtomPlaces = EVERYWHERE,
): Promise<void> {
  const { width, height } = picture;
  const pieces = Array.from({ length: 3 }, () => sharedFloats.take(width * height));
  const [brightness, standing, wider] = pieces;
  const pixels = picture.data, confidence = confidenceInPlace;
  const maps = { width, height, pixels, confidence, at, brightness, standing, wider };
  const bands = bandsOf(maps), sigmas = [BLURS[0] * spacing, BLURS[1] * spacing] as const;
  await map(blurTask, bands.map((band) => ({ ...band, sigmas })));
  const law = noiseLaw(pixels, brightness, width, height);
  const found = await map(normalizeTask, bands.map((band) => ({ ...band, law })));
  const levels = sigmas.map((sigma, k) => {
    const { median, highest } = inAll(found.map((maxima) => maxima[k]));
    const isQuiet = law === null && median === 0;
    const white = law === null ? 0 : WHITE / sigma;
    return { isQuiet, unit: isQuiet ? QUIET * highest || 1 : Math.max(median, white) };
  });
  const units = [levels[0].unit, levels[1].unit] as const;
  const joined = await map(joinTask, bands.map((band) => ({ ...band, units })));
  const isQuiet = levels.every((level) => level.isQuiet);
  const unit = isQuiet ? 1 : Math.max(1, inAll(joined).median);
  const rest = { spacing, unit, doubted, apart };
  await map(weighTask, bands.map((band) => ({ ...band, ...rest })));
  confidenceInPlace.set(wider);
  // not after an error: when one worker fails or the run is cancelled, others may be writing still
  sharedFloats.give(...pieces);
}

function bandsOf(maps: AtomMaps): Band[] {
  const { height } = maps;
  return Array.from({ length: Math.ceil(height / BAND) }, (_, i) => ({
    maps,
    from: i * BAND,
    to: Math.min(height, (i + 1) * BAND),
  }));
}

/**
 * The median of the maxima of all bands that the network is not sure of; 0 when those it is sure of are more, or when
 * there are few. And the highest of all.
 */
function inAll(
  bands: readonly BandMaxima[],
): { readonly median: number; readonly highest: number } {
  const sure = bands.reduce((sum, band) => sum + band.sure, 0);
  const heights = Float64Array.from(bands.flatMap((band) => [...band.heights]));
  return {
    median: heights.length < Math.max(TEXTURE, sure) ? 0 : medianInPlace(heights),
    highest: Math.max(...bands.map((band) => band.highest)),
  };
}
