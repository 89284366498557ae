/**
 * The band of a set of exposures: the spatial frequencies at which they show the specimen rather
 * than noise, and each exposure's spectrum there.
 *
 * A weight w = max(0, 1 - 2 N / P) at each frequency, from the mean power P of all exposures and their
 * mean noise N, makes plain cross-correlation close to the best estimator (Knapp and Carter, IEEE
 * Trans. Acoust. 24 (1976) 320, https://doi.org/10.1109/TASSP.1976.1162830): at a lattice's Bragg
 * peaks it is nearly 1, elsewhere nearly 0.
 *
 * @module
 */
import type { Image } from "@core";
import {
  createSpectrumPlan,
  findBraggPeaks,
  frequencyAt,
  noisePower,
  repeatVectors,
  spectraOfPair,
} from "@core/kernels";

/** The spectra of all exposures at the frequencies of the band, one of each opposite pair. */
export interface Band {
  /** Size of the padded transforms, px. */
  readonly width: number;
  readonly height: number;
  /** Number of frequencies. */
  readonly length: number;
  /** Signed indices and frequencies (cycles per px). */
  readonly u: Int32Array;
  readonly v: Int32Array;
  readonly fx: Float64Array;
  readonly fy: Float64Array;
  readonly weight: Float64Array;
  /** Spectra in units in which each exposure's signal has the energy 1. */
  readonly re: readonly Float64Array[];
  readonly im: readonly Float64Array[];
  /** Noise power in the same units. */
  readonly noise: Float64Array;
  /** Shortest vectors by which the specimen repeats; empty without a lattice. */
  readonly repeats: readonly { readonly x: number; readonly y: number }[];
  /** Window along each axis, for correcting correlations for their overlap. */
  readonly windowX: Float64Array;
  readonly windowY: Float64Array;
  /** Share of each exposure's power in the band that is not noise; 0 for one without a signal. */
  readonly signal: Float64Array;
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

/** Transforms all exposures and chooses the band; `report` is called after each transform. */
export function measureBand(
  images: readonly Image[],
  windowFraction: number,
  report: (fraction: number) => void,
): Band {
  const { width: w, height: h } = images[0];
  const plan = createSpectrumPlan(w, h, windowFraction);
  const { width, height } = plan;
  const n = width * height;
  const re = new Float64Array(n), im = new Float64Array(n);
  const otherRe = new Float64Array(n), otherIm = new Float64Array(n);
  const power = new Float64Array(n), mean = new Float64Array(n);
  const half = (width >> 1) + 1;
  const spectra: { re: Float32Array; im: Float32Array }[] = [];
  const noise = new Float64Array(images.length);
  const take = (partRe: Float64Array, partIm: Float64Array) => {
    let total = 0;
    for (let i = 0; i < n; i++) total += power[i] = partRe[i] ** 2 + partIm[i] ** 2;
    // every exposure counts the same in the mean, whatever its dose and scale
    const scale = total > 0 ? 1 / total : 0;
    noise[spectra.length] = noisePower(power, width, height) * scale;
    for (let i = 0; i < n; i++) mean[i] += power[i] * scale / images.length;
    const kept = { re: new Float32Array(half * height), im: new Float32Array(half * height) };
    const amplitude = Math.sqrt(scale);
    for (let v = 0; v < height; v++) {
      for (let u = 0; u < half; u++) {
        kept.re[v * half + u] = partRe[v * width + u] * amplitude;
        kept.im[v * half + u] = partIm[v * width + u] * amplitude;
      }
    }
    spectra.push(kept);
  };
  for (let e = 0; e < images.length; e += 2) {
    const pair = images[e + 1];
    spectraOfPair(plan, images[e].data, pair?.data, re, im, otherRe, otherIm);
    take(re, im);
    if (pair !== undefined) take(otherRe, otherIm);
    report(Math.min(1, (e + 2) / images.length));
  }
  const lowest = LEAST_PERIODS / Math.min(w, h);
  const bragg = findBraggPeaks(mean, width, height, PEAK_THRESHOLD, lowest);
  const frequencies = Array.from(bragg.fx, (fx, i) => Math.hypot(fx, bragg.fy[i]));
  const cut = Math.min(0.5, bragg.length > 0 ? BAND_MARGIN * Math.max(...frequencies) : DEFAULT_CUT);
  const floor = bragg.length > 0 ? Math.min(...frequencies) / 2 : lowest / 2;
  const repeats = repeatVectors(mean, width, height, bragg, lowest);
  const blur = repeats.length > 0 ? BLUR * Math.hypot(repeats[0].x, repeats[0].y) : 0;
  const chosen = chooseFrequencies(mean, width, height, average(noise), { floor, cut, blur });
  return {
    ...gatherSpectra(chosen, spectra, half, height, noise),
    width,
    height,
    repeats,
    windowX: plan.windowX,
    windowY: plan.windowY,
  };
}

/** Whole-image correlation lost by the window's overlap at a shift, 1 at none. */
export function windowOverlap(band: Band, x: number, y: number): number {
  return overlap1(band.windowX, x) * overlap1(band.windowY, y);
}

function overlap1(window: Float64Array, shift: number): number {
  const d = Math.round(Math.abs(shift));
  let sum = 0, all = 0;
  for (let i = 0; i < window.length; i++) {
    all += window[i] ** 2;
    if (i + d < window.length) sum += window[i] * window[i + d];
  }
  return sum / all;
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
  { floor, cut, blur }: { readonly floor: number; readonly cut: number; readonly blur: number },
): Chosen {
  const found: { u: number; v: number; fx: number; fy: number; weight: number }[] = [];
  for (let v = 0; v < height; v++) {
    const fy = frequencyAt(v, height);
    for (let u = 0; u <= width >> 1; u++) {
      if ((u === 0 || 2 * u === width) && 2 * v > height) continue;
      const fx = frequencyAt(u, width);
      const f = Math.hypot(fx, fy);
      if (f > cut || f === 0) continue;
      const highPass = 1 - Math.exp(-((f / floor) ** 4));
      const lowPass = Math.exp(-((2 * Math.PI * f * blur) ** 2));
      const weight = highPass * lowPass * Math.max(0, 1 - 2 * noise / mean[v * width + u]);
      if (weight > 1e-3) {
        found.push({ u, v: Math.round(fy * height), fx, fy, weight });
      }
    }
  }
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
  spectra: readonly { readonly re: Float32Array; readonly im: Float32Array }[],
  half: number,
  height: number,
  noise: Float64Array,
): Chosen & Pick<Band, "length" | "re" | "im" | "noise" | "signal"> {
  const length = chosen.u.length;
  const re: Float64Array[] = [], im: Float64Array[] = [];
  const scaledNoise = new Float64Array(spectra.length), signal = new Float64Array(spectra.length);
  for (const [e, spectrum] of spectra.entries()) {
    const partRe = new Float64Array(length), partIm = new Float64Array(length);
    let energy = 0, all = 0;
    for (let k = 0; k < length; k++) {
      const at = ((chosen.v[k] + height) % height) * half + chosen.u[k];
      partRe[k] = spectrum.re[at];
      partIm[k] = spectrum.im[at];
      const power = partRe[k] ** 2 + partIm[k] ** 2;
      energy += 2 * chosen.weight[k] * (power - noise[e]);
      all += 2 * chosen.weight[k] * power;
    }
    signal[e] = all > 0 ? Math.max(0, energy / all) : 0;
    const scale = energy > 0 ? 1 / Math.sqrt(energy) : 0;
    for (let k = 0; k < length; k++) {
      partRe[k] *= scale;
      partIm[k] *= scale;
    }
    scaledNoise[e] = noise[e] * scale * scale;
    re.push(partRe);
    im.push(partIm);
  }
  return { ...chosen, length, re, im, noise: scaledNoise, signal };
}

function average(values: Float64Array): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}
