/**
 * The band that exposures of one specimen share: the spatial frequencies at which they show it rather
 * than noise, and each exposure's spectrum there.
 *
 * A weight w = max(0, 1 - 2 N / P) at each frequency, from the mean power P of all exposures and their
 * mean noise N, makes plain cross-correlation close to the best estimator (Knapp and Carter, IEEE
 * Trans. Acoust. 24 (1976) 320, https://doi.org/10.1109/TASSP.1976.1162830): at a lattice's Bragg
 * peaks it is nearly 1, elsewhere nearly 0.
 *
 * @module
 */
import {
  createHalfScratch,
  createSpectrumPlan,
  halfIndex,
  type HalfLayout,
  halfLayout,
  type HalfScratch,
  halfSpectraOfPair,
  type HalfSpectrum,
  type SpectrumPlan,
} from "./image_spectrum.ts";
import {
  type BraggPeaks,
  farIndices,
  findBraggPeaks,
  frequencyAt,
  noiseOfPowers,
  repeatVectors,
} from "./lattice_spectrum.ts";

/** The spectra of exposures, as far as they have been added. */
export interface SpectrumSet {
  /** Tables of the transforms. */
  readonly plan: SpectrumPlan;
  /** How the half spectra lie. */
  readonly layout: HalfLayout;
  /** Exposures added. */
  count: number;
  /** Spectra of unit energy, the half with u >= 0. */
  readonly spectra: HalfSpectrum[];
  /** Noise power of each, at the same scale. */
  readonly noise: number[];
  /** Energy of each before scaling: the sum of its powers. */
  readonly energy: number[];
  /** Sum of the scaled powers, as the spectra lie. */
  readonly power: Float64Array;
  /** Where the powers lie that tell the noise, and room for them. */
  readonly far: Int32Array;
  /** The room. */
  readonly farPower: Float32Array;
  /** Room for one transform. */
  readonly scratch: HalfScratch;
}

/** The spectra of all exposures at the frequencies of the band, one of each opposite pair. */
export interface SharedBand {
  /** Width of the padded transforms, px. */
  readonly width: number;
  /** Height of the padded transforms, px. */
  readonly height: number;
  /** Number of frequencies. */
  readonly length: number;
  /** Index along x, from 0; frequencies of one v lie in a row. */
  readonly u: Int32Array;
  /** Signed index along y. */
  readonly v: Int32Array;
  /** Frequency along x, cycles per px. */
  readonly fx: Float64Array;
  /** Frequency along y, cycles per px. */
  readonly fy: Float64Array;
  /** Weight, 0 to 1. */
  readonly weight: Float64Array;
  /** Spectra in units in which each exposure's signal has the energy 1: real part. */
  readonly re: readonly Float64Array[];
  /** Their imaginary part. */
  readonly im: readonly Float64Array[];
  /** Noise power in the same units. */
  readonly noise: Float64Array;
  /** Shortest vectors by which the specimen repeats; empty without a lattice. */
  readonly repeats: readonly { readonly x: number; readonly y: number }[];
  /** Bragg peaks of the mean power. */
  readonly bragg: BraggPeaks;
  /** Window along x, for correcting correlations for their overlap. */
  readonly windowX: Float64Array;
  /** Window along y. */
  readonly windowY: Float64Array;
  /** Share of each exposure's power in the band that is not noise; 0 for one without a signal. */
  readonly signal: Float64Array;
  /** Strength of each exposure's signal in the band, in its own counts: proportional to contrast. */
  readonly contrast: Float64Array;
}

/** Bragg peaks stand this many medians above the power at their frequency, for a mean of n spectra. */
const PEAK_THRESHOLD = 30;
/** No lattice is sought below this many periods in the image. */
const LEAST_PERIODS = 4;
/** The band ends this much beyond the highest Bragg peak. */
const BAND_MARGIN = 1.25;
/**
 * Sigma of a Gaussian low pass in shortest lattice vectors. Rows of real scans jitter, which shifts high
 * orders of the lattice by whole periods; low orders give the mean drift all the same.
 */
const BLUR = 0.12;
/** The band of a specimen without Bragg peaks ends here, cycles per px. */
const DEFAULT_CUT = 0.25;

/**
 * Frequencies count where the mean power of n exposures is above N (1 + 4.9 / sqrt(n) + 8 / n), which
 * noise alone passes once in about a million (the tail of the gamma distribution).
 */
const CLEAR_ROOT = 4.9, CLEAR_INVERSE = 8;
/** Fewer frequencies than this are chance: a Bragg peak alone has several, by the window. */
const LEAST_LENGTH = 6;
/** An exposure shows something when its power in the band is so far above what noise gives. */
const LEAST_DEVIATIONS = 4;
/** Frequencies of less weight are left out: they cost time and give next to nothing. */
const LEAST_WEIGHT = 0.01;

/** Makes an empty set for exposures of one size, under a Tukey window of the given fraction. */
export function createSpectrumSet(
  width: number,
  height: number,
  windowFraction: number,
): SpectrumSet {
  const plan = createSpectrumPlan(width, height, windowFraction);
  const layout = halfLayout(plan);
  const far = farIndices(plan.width, plan.height).map((i) =>
    halfIndex(layout, i % layout.half, Math.floor(i / layout.half))
  );
  return {
    plan,
    layout,
    count: 0,
    spectra: [],
    noise: [],
    energy: [],
    power: new Float64Array(layout.length),
    far,
    farPower: new Float32Array(far.length),
    scratch: createHalfScratch(plan),
  };
}

/** Adds one or two exposures, at the cost of one transform. */
export function addSpectraInPlace(
  set: SpectrumSet,
  first: Float32Array,
  second: Float32Array | undefined,
): void {
  const { plan, layout, power, scratch, far, farPower } = set;
  const create = (): HalfSpectrum => ({
    re: new Float32Array(layout.length),
    im: new Float32Array(layout.length),
  });
  const a = create(), b = second && create();
  const energies = halfSpectraOfPair(plan, layout, first, second, scratch, a, b, power);
  for (const [k, spectrum] of (b === undefined ? [a] : [a, b]).entries()) {
    powersAt(spectrum, far, farPower);
    set.spectra.push(spectrum);
    set.noise.push(noiseOfPowers(farPower));
    set.energy.push(energies[k]);
    set.count++;
  }
}

function powersAt({ re, im }: HalfSpectrum, at: Int32Array, out: Float32Array): void {
  for (let k = 0; k < at.length; k++) {
    const i = at[k];
    out[k] = re[i] * re[i] + im[i] * im[i];
  }
}

/** The mean power of the exposures at all frequencies. */
function meanPower(
  { plan: { width, height }, layout, power, count }: SpectrumSet,
): Float64Array {
  const mean = new Float64Array(width * height);
  for (let v = 0; v < height; v++) {
    const mirror = ((height - v) % height) * width;
    for (let u = 0; u < layout.half; u++) {
      const value = power[halfIndex(layout, u, v)] / count;
      mean[v * width + u] = value;
      if (u > 0) mean[mirror + width - u] = value;
    }
  }
  return mean;
}

/** The band that the exposures of a set share. */
export function sharedBand(set: SpectrumSet): SharedBand {
  const { plan, count } = set;
  const { width, height } = plan;
  const mean = meanPower(set);
  const noise = Float64Array.from(set.noise);
  const lowest = LEAST_PERIODS / Math.min(plan.imageWidth, plan.imageHeight);
  const bragg = findBraggPeaks(mean, width, height, PEAK_THRESHOLD, lowest);
  const frequencies = Array.from(bragg.fx, (fx, i) => Math.hypot(fx, bragg.fy[i]));
  const cut = bragg.length > 0
    ? Math.min(0.5, BAND_MARGIN * Math.max(...frequencies))
    : DEFAULT_CUT;
  const floor = bragg.length > 0 ? Math.min(...frequencies) / 2 : lowest / 2;
  const repeats = repeatVectors(mean, width, height, bragg, lowest);
  const blur = repeats.length > 0 ? BLUR * Math.hypot(repeats[0].x, repeats[0].y) : 0;
  const limits = { floor, cut, blur, count };
  const chosen = chooseFrequencies(mean, width, height, average(noise), limits);
  const gathered = gatherSpectra(chosen, set, noise);
  const { windowX, windowY } = plan;
  return { ...gathered, width, height, repeats, bragg, windowX, windowY };
}

/** Bragg peaks of a windowed image are this many points wide to each side. */
const PEAK_REACH = 2;

/**
 * The power of each Bragg peak of exposure `e` less the noise under it, in units of the noise power;
 * negative where there is less than that. Its standard deviation is about the root of its double and
 * the number of points summed, 25.
 */
export function braggPower(
  set: SpectrumSet,
  peaks: BraggPeaks,
  e: number,
  out: Float64Array,
): void {
  const { plan: { width, height }, layout } = set;
  const { re, im } = set.spectra[e];
  for (let p = 0; p < peaks.length; p++) {
    const u0 = peaks.index[p] % width, v0 = Math.floor(peaks.index[p] / width);
    let sum = 0, count = 0;
    for (let dv = -PEAK_REACH; dv <= PEAK_REACH; dv++) {
      for (let du = -PEAK_REACH; du <= PEAK_REACH; du++, count++) {
        const u = (u0 + du + width) % width, v = (v0 + dv + height) % height;
        // the other half holds the same powers at opposite frequencies
        const at = u < layout.half
          ? halfIndex(layout, u, v)
          : halfIndex(layout, width - u, (height - v) % height);
        sum += re[at] * re[at] + im[at] * im[at];
      }
    }
    out[p] = set.noise[e] > 0 ? sum / set.noise[e] - count : 0;
  }
}

/** Whole-image correlation lost by the window's overlap at a shift, 1 at none. */
export function windowOverlap(band: SharedBand, x: number, y: number): number {
  return overlap1(band.windowX, x) * overlap1(band.windowY, y);
}

function overlap1(window: Float64Array, shift: number): number {
  const whole = Math.floor(Math.abs(shift)), share = Math.abs(shift) - whole;
  let sum = 0, next = 0, all = 0;
  for (let i = 0; i < window.length; i++) {
    all += window[i] ** 2;
    if (i + whole < window.length) sum += window[i] * window[i + whole];
    if (i + whole + 1 < window.length) next += window[i] * window[i + whole + 1];
  }
  return (sum + share * (next - sum)) / all;
}

interface Chosen {
  readonly u: Int32Array;
  readonly v: Int32Array;
  readonly fx: Float64Array;
  readonly fy: Float64Array;
  readonly weight: Float64Array;
}

function chooseFrequencies(
  mean: Float64Array,
  width: number,
  height: number,
  noise: number,
  { floor, cut, blur, count }: {
    readonly floor: number;
    readonly cut: number;
    readonly blur: number;
    readonly count: number;
  },
): Chosen {
  const clear = 1 + CLEAR_ROOT / Math.sqrt(count) + CLEAR_INVERSE / count;
  const found: { u: number; v: number; fx: number; fy: number; weight: number }[] = [];
  for (let v = 0; v < height; v++) {
    const fy = frequencyAt(v, height);
    for (let u = 0; u <= width >> 1; u++) {
      const power = mean[v * width + u];
      if (!(power > clear * noise)) continue;
      if ((u === 0 || 2 * u === width) && 2 * v > height) continue;
      const fx = frequencyAt(u, width);
      const f = Math.hypot(fx, fy);
      if (f > cut || f === 0) continue;
      const highPass = 1 - Math.exp(-((f / floor) ** 4));
      const lowPass = Math.exp(-((2 * Math.PI * f * blur) ** 2));
      const weight = highPass * lowPass * (1 - 2 * noise / power);
      if (weight > LEAST_WEIGHT) {
        found.push({ u, v: Math.round(fy * height), fx, fy, weight });
      }
    }
  }
  if (found.length < LEAST_LENGTH) found.length = 0;
  return {
    u: Int32Array.from(found, (f) => f.u),
    v: Int32Array.from(found, (f) => f.v),
    fx: Float64Array.from(found, (f) => f.fx),
    fy: Float64Array.from(found, (f) => f.fy),
    weight: Float64Array.from(found, (f) => f.weight),
  };
}

function gatherSpectra(
  chosen: Chosen,
  { plan: { width, height }, layout, spectra, energy: energies }: SpectrumSet,
  noise: Float64Array,
): Chosen & Pick<SharedBand, "length" | "re" | "im" | "noise" | "signal" | "contrast"> {
  const length = chosen.u.length;
  const places = Int32Array.from(
    chosen.u,
    (u, k) => halfIndex(layout, u, (chosen.v[k] + height) % height),
  );
  const re: Float64Array[] = [], im: Float64Array[] = [];
  const scaledNoise = new Float64Array(spectra.length), signal = new Float64Array(spectra.length);
  const contrast = new Float64Array(spectra.length);
  for (const [e, spectrum] of spectra.entries()) {
    const partRe = new Float64Array(length), partIm = new Float64Array(length);
    let energy = 0, all = 0, squares = 0;
    for (let k = 0; k < length; k++) {
      const at = places[k];
      partRe[k] = spectrum.re[at];
      partIm[k] = spectrum.im[at];
      const power = partRe[k] ** 2 + partIm[k] ** 2;
      energy += 2 * chosen.weight[k] * (power - noise[e]);
      all += 2 * chosen.weight[k] * power;
      squares += 4 * chosen.weight[k] ** 2;
    }
    // the power of noise scatters by as much as its mean
    if (!(energy > LEAST_DEVIATIONS * noise[e] * Math.sqrt(squares))) energy = 0;
    signal[e] = all > 0 ? energy / all : 0;
    contrast[e] = Math.sqrt(energy * energies[e]) / (width * height);
    const scale = energy > 0 ? 1 / Math.sqrt(energy) : 0;
    for (let k = 0; k < length; k++) {
      partRe[k] *= scale;
      partIm[k] *= scale;
    }
    scaledNoise[e] = noise[e] * scale * scale;
    re.push(partRe);
    im.push(partIm);
  }
  return { ...chosen, length, re, im, noise: scaledNoise, signal, contrast };
}

function average(values: Float64Array): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}
