/**
 * How visible columns are in each exposure: its Bragg peaks against its noise.
 *
 * @module
 */
import type { Image } from "@core";
import { createSpectrumPlan, findBraggPeaks, noisePower, spectraOfPair } from "@core/kernels";

/** What the power spectrum says of one exposure. */
export interface Visibility {
  /** Mean pixel value, in the image's counts. */
  readonly dose: number;
  /** Standard deviation of the noise of a pixel, in the image's counts. */
  readonly noise: number;
  /** Square root of the lattice's power over the noise power, summed over the Bragg peaks. */
  readonly latticeStrength: number;
  /** The same with each peak times its frequency squared: what decides how well positions can be
   * measured. Its inverse is proportional to the precision of a shift of the lattice. */
  readonly score: number;
  /** Frequency of the farthest Bragg peak that stands clear of the noise, cycles per px. */
  readonly sharpness: number;
}

/** Bragg peaks are sought in the mean spectrum at this many medians. */
const PEAK_THRESHOLD = 30;
/** A Bragg peak is clear in one exposure at this many times the noise. */
const CLEAR = 20;
const LEAST_PERIODS = 4;
/** Bragg peaks of a windowed image are this many points wide to each side. */
const PEAK_REACH = 2;

/** Measures all exposures of a set by the Bragg peaks they have in common. */
export function measureVisibility(
  images: readonly Image[],
  report: (fraction: number) => void,
): Visibility[] {
  const { width: w, height: h } = images[0];
  const plan = createSpectrumPlan(w, h, 0.25);
  const { width, height } = plan;
  const n = width * height;
  const re = new Float64Array(n), im = new Float64Array(n);
  const otherRe = new Float64Array(n), otherIm = new Float64Array(n);
  const mean = new Float64Array(n);
  const powers: Float32Array[] = [], noises: number[] = [];
  const take = (partRe: Float64Array, partIm: Float64Array) => {
    let total = 0;
    for (let i = 0; i < n; i++) {
      partRe[i] = partRe[i] ** 2 + partIm[i] ** 2;
      total += partRe[i];
    }
    for (let i = 0; i < n; i++) mean[i] += total > 0 ? partRe[i] / total : 0;
    noises.push(noisePower(partRe, width, height));
    powers.push(Float32Array.from(partRe));
  };
  for (let e = 0; e < images.length; e += 2) {
    const pair = images[e + 1];
    spectraOfPair(plan, images[e].data, pair?.data, re, im, otherRe, otherIm);
    take(re, im);
    if (pair !== undefined) take(otherRe, otherIm);
    report(Math.min(1, (e + 2) / images.length));
  }
  const lowest = LEAST_PERIODS / Math.min(w, h);
  const peaks = findBraggPeaks(mean, width, height, PEAK_THRESHOLD, lowest);
  let windowPower = 0;
  for (const wx of plan.windowX) for (const wy of plan.windowY) windowPower += (wx * wy) ** 2;
  return images.map((image, e): Visibility => {
    const noise = noises[e];
    let strength = 0, score = 0, sharpness = 0;
    for (let p = 0; p < peaks.length; p++) {
      const excess = peakExcess(powers[e], width, height, peaks.index[p], noise);
      const f2 = peaks.fx[p] ** 2 + peaks.fy[p] ** 2;
      strength += excess;
      score += excess * f2;
      if (excess > CLEAR) sharpness = Math.max(sharpness, Math.sqrt(f2));
    }
    return {
      dose: image.data.reduce((sum, v) => sum + v, 0) / image.data.length,
      noise: Math.sqrt(noise / windowPower),
      latticeStrength: Math.sqrt(strength),
      score: Math.sqrt(score),
      sharpness,
    };
  });
}

/** The power of a Bragg peak above the noise, in units of the noise power; at least 0. */
function peakExcess(
  power: Float32Array,
  width: number,
  height: number,
  index: number,
  noise: number,
): number {
  const u0 = index % width, v0 = Math.floor(index / width);
  let sum = 0, count = 0;
  for (let dv = -PEAK_REACH; dv <= PEAK_REACH; dv++) {
    for (let du = -PEAK_REACH; du <= PEAK_REACH; du++) {
      sum += power[((v0 + dv + height) % height) * width + (u0 + du + width) % width];
      count++;
    }
  }
  return noise > 0 ? Math.max(0, sum / noise - count) : sum > 0 ? 1e12 : 0;
}
