/**
 * Bands of rows of an image in which single atoms are weighed, as tasks that any worker of the pool can do.
 *
 * A task writes its own rows of shared maps; those of its neighbors it reads from maps that nobody writes then.
 *
 * @module
 */
import { type PoolTask, poolTask } from "@core";
import { gaussianBlur, gaussianKernel, maximumFilter } from "@core/kernels";
import { isHighest } from "./_decode.ts";
import { ownFloats } from "./_kept_floats.ts";
import { noiseAt, type NoiseLaw } from "./_noise_law.ts";
import { VOUCHED } from "./_vouching.ts";

/** What may be at a pixel: columns of a lattice; a single atom; this, or else only noise and texture. */
export const PLACE = { lattice: 0, alone: 1, background: 2 } as const;

/** Columns of at least this confidence are surely there. */
export const SURE = 0.6;

/** Maps of width * height values, all in shared memory. */
export interface AtomMaps {
  readonly width: number;
  readonly height: number;
  readonly pixels: Float32Array;
  /** The network's confidence. */
  readonly confidence: Float32Array;
  /** A {@linkcode PLACE} for each pixel; null where all are background. */
  readonly at: Uint8Array | null;
  /** The pixels without noise. */
  readonly brightness: Float32Array;
  /** How far something as wide as an atom stands out: differences of two blurs, 0 where negative. */
  readonly standing: Float32Array;
  /** The same for something wider; at the end the confidence that follows. */
  readonly wider: Float32Array;
}

/** Rows of the maps, from the first up to but without the last. */
export interface Band {
  readonly maps: AtomMaps;
  readonly from: number;
  readonly to: number;
}

/** Kernels of the blurs end where they are so small. */
const SHORT = 0.01;

/** The second blur of a difference, in the first. */
const WIDER = 2;

/** A band, and the first blur of both differences, px, the narrow one first. */
export interface BlurJob extends Band {
  readonly sigmas: readonly [number, number];
}

/** Writes the differences of blurs of a band, and its brightness: the second blur of the narrow one. */
export function blurBand({ maps, from, to, sigmas }: BlurJob): void {
  const { pixels, width, height, brightness, standing, wider } = maps;
  const blur = (sigma: number, out: Float32Array) => {
    const reach = gaussianKernel(sigma, SHORT).length - 1;
    const first = Math.max(0, from - reach), last = Math.min(height, to + reach);
    const blurred = ownFloats.take((last - first) * width);
    const rows = pixels.subarray(first * width, last * width);
    gaussianBlur(rows, width, last - first, sigma, blurred, SHORT);
    out.set(blurred.subarray((from - first) * width, (to - first) * width));
    ownFloats.give(blurred);
  };
  const rows = (map: Float32Array) => map.subarray(from * width, to * width);
  const second = ownFloats.take((to - from) * width);
  for (const [k, sigma] of sigmas.entries()) {
    const difference = rows(k === 0 ? standing : wider);
    blur(sigma, difference);
    blur(WIDER * sigma, second);
    if (k === 0) rows(brightness).set(second);
    for (let i = 0; i < second.length; i++) difference[i] = Math.max(0, difference[i] - second[i]);
  }
  ownFloats.give(second);
}

/** A band, and how noise follows brightness; null where it does not. */
export interface NoiseJob extends Band {
  readonly law: NoiseLaw | null;
}

/** Maxima of the background in a band, but for its first and last row. */
export interface BandMaxima {
  /** Those the network is not sure of. */
  readonly heights: Float32Array;
  /** How many it is sure of. */
  readonly sure: number;
  /** The highest of all. */
  readonly highest: number;
}

/** Divides both differences of a band by the noise. Returns their maxima. */
export function normalizeBand({ maps, from, to, law }: NoiseJob): BandMaxima[] {
  const { width, brightness, standing, wider } = maps;
  if (law !== null) {
    for (let i = from * width; i < to * width; i++) {
      const perNoise = 1 / noiseAt(law, brightness[i]);
      standing[i] *= perNoise;
      wider[i] *= perNoise;
    }
  }
  return [maximaOf(standing, maps, from, to), maximaOf(wider, maps, from, to)];
}

/** A band, and the units that both differences are taken in. */
export interface JoinJob extends Band {
  readonly units: readonly [number, number];
}

/**
 * Writes how far each pixel of a band stands out, the larger of both differences, and that nothing does in lattices.
 * Returns the maxima.
 */
export function joinBand({ maps, from, to, units }: JoinJob): BandMaxima {
  const { width, standing, wider, at } = maps;
  for (let i = from * width; i < to * width; i++) {
    const most = Math.max(standing[i] / units[0], wider[i] / units[1]);
    standing[i] = at !== null && at[i] === PLACE.lattice ? 0 : most;
  }
  return maximaOf(standing, maps, from, to);
}

function maximaOf(
  map: Float32Array,
  { width, height, at, confidence }: AtomMaps,
  from: number,
  to: number,
): BandMaxima {
  const heights: number[] = [];
  let sure = 0, highest = 0;
  for (let y = from + 1; y < to - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x, value = map[i];
      if (!(value > 0) || value < map[i + 1] || value <= map[i - 1]) continue;
      if (at !== null && at[i] !== PLACE.background) continue;
      if (!isHighest(map, width, height, x, y, 1)) continue;
      highest = Math.max(highest, value);
      if (confidence[i] >= SURE) sure++;
      else heights.push(value);
    }
  }
  return { heights: Float32Array.from(heights), sure, highest };
}

/** Half the window, px, in which the network's maximum and the picture's are the same. */
const SAME = 2;

/** Below this share of a doubted confidence nothing is, and nothing is changed. */
const NOTHING = 0.05;

/** What is so near a maximum has its confidence, and falls as the picture does: spacings. */
export const PEAK = 0.2;

/** Where a clearer atom is too near, confidence falls with this power of how much less clear it is. */
const CLEARER = 4;

/**
 * An atom stands out by this many times what noise and texture do at their maxima in the median: then it
 * has the confidence of a column alone, which rises by this slope of its log odds for each more. Noise and
 * texture alone bring forth one such maximum in 512 x 512 px, or none, whether it is noise, a film or many
 * counts; in two marked images of platinum on carbon this finds what people marked nearly as well as any.
 */
const SEEN = 3.3, SLOPE = 3.7;

/** A band, and what confidence follows from. */
export interface WeighJob extends Band {
  readonly spacing: number;
  /** How far a maximum of noise and texture stands out in the median. */
  readonly unit: number;
  readonly doubted: number;
  readonly apart: number;
}

/** Writes the confidence of a band. */
export function weighBand(job: WeighJob): void {
  const { maps, from, to, spacing, unit, doubted, apart } = job;
  const { width, height, confidence, standing, at, wider: out } = maps;
  /** The highest near each pixel of the band. */
  const highest = (map: Float32Array, reach: number) => {
    const first = Math.max(0, from - reach), last = Math.min(height, to + reach);
    const rows = ownFloats.take((last - first) * width);
    rows.set(map.subarray(first * width, last * width));
    maximumFilter(rows, width, last - first, reach, rows);
    return { rows, offset: (from - first) * width };
  };
  const reach = (share: number) => Math.max(1, Math.round(share * spacing));
  const network = highest(confidence, SAME), peak = highest(standing, reach(PEAK));
  const clearest = apart === PEAK ? peak : highest(standing, reach(apart));
  const atSeen = Math.log(VOUCHED.alone / (1 - VOUCHED.alone));
  // the columns of a lattice beside do not vouch for what the network doubts
  const unvouched = at === null ? 1 : VOUCHED.among / VOUCHED.alone;
  for (let i = from * width, k = 0; i < to * width; i++, k++) {
    const likely = network.rows[network.offset + k];
    if (likely < NOTHING * doubted || at !== null && at[i] === PLACE.lattice) {
      out[i] = confidence[i];
      continue;
    }
    const value = standing[i];
    if (!(value > 0)) {
      out[i] = 0;
      continue;
    }
    const top = peak.rows[peak.offset + k];
    const odds = atSeen + SLOPE * (top / unit - SEEN);
    const doubt = likely < doubted ? unvouched * likely / doubted : 1;
    const clearer = clearest === peak ? 1 : (top / clearest.rows[clearest.offset + k]) ** CLEARER;
    out[i] = doubt / (1 + Math.exp(-odds)) * clearer * (value / top);
  }
  ownFloats.give(network.rows, peak.rows);
  if (clearest !== peak) ownFloats.give(clearest.rows);
}

/** {@linkcode blurBand} for {@linkcode Context.map}. */
export const blurTask: PoolTask<BlurJob, void> = poolTask(import.meta.url, blurBand);

/** {@linkcode normalizeBand} for {@linkcode Context.map}. */
export const normalizeTask: PoolTask<NoiseJob, BandMaxima[]> = poolTask(
  import.meta.url,
  normalizeBand,
);

/** {@linkcode joinBand} for {@linkcode Context.map}. */
export const joinTask: PoolTask<JoinJob, BandMaxima> = poolTask(import.meta.url, joinBand);

/** {@linkcode weighBand} for {@linkcode Context.map}. */
export const weighTask: PoolTask<WeighJob, void> = poolTask(import.meta.url, weighBand);
