/**
 * The noise of an image before and after a blur, and the local maxima that noise alone makes.
 *
 * @module
 */
import { createSpectrumPlan, frequencyAt, gaussianBlur, spectraOfPair } from "@core/kernels";

/** Power of the noise in rings of equal width from frequency 0 to 0.5 cycles per px, per pixel. */
export type NoiseSpectrum = Float64Array;

/** Below this frequency structure is mistaken for noise; the power there is taken from here. */
const LOWEST = 0.25;

/**
 * The power spectrum of the noise: the median power of each ring, which the few Bragg peaks of a
 * lattice do not move, over the ratio of median and mean of pure noise.
 */
export function noiseSpectrum(data: Float32Array, width: number, height: number): NoiseSpectrum {
  const plan = createSpectrumPlan(width, height, 0.25);
  const n = plan.width * plan.height;
  const re = new Float64Array(n), im = new Float64Array(n);
  spectraOfPair(plan, data, undefined, re, im, re, im);
  let windowPower = 0;
  for (const wx of plan.windowX) for (const wy of plan.windowY) windowPower += (wx * wy) ** 2;
  const bins = Math.max(4, Math.min(width, height) >> 3);
  const rings: number[][] = Array.from({ length: bins }, () => []);
  for (let v = 0; v < plan.height; v++) {
    const fy = frequencyAt(v, plan.height);
    for (let u = 0; u <= plan.width >> 1; u++) {
      const bin = Math.floor(2 * bins * Math.hypot(frequencyAt(u, plan.width), fy));
      const i = v * plan.width + u;
      if (bin < bins) rings[bin].push(re[i] * re[i] + im[i] * im[i]);
    }
  }
  return Float64Array.from(rings, (ring) => {
    const sorted = Float64Array.from(ring).sort();
    return sorted.length === 0 ? 0 : sorted[sorted.length >> 1] / (Math.LN2 * windowPower);
  });
}

/** Standard deviation of the noise after a Gaussian blur of `sigma` px. */
export function blurredNoise(spectrum: NoiseSpectrum, sigma: number): number {
  return filteredNoise(spectrum, (f) => Math.exp(-4 * Math.PI * Math.PI * sigma * sigma * f * f));
}

/**
 * Standard deviation of the noise after a filter that is the same in all directions.
 *
 * @param gain of power at a frequency in cycles per px; should be little in the corners beyond 0.5
 */
export function filteredNoise(spectrum: NoiseSpectrum, gain: (f: number) => number): number {
  const bins = spectrum.length;
  const first = Math.min(bins - 1, Math.floor(2 * LOWEST * bins));
  // the corners of the spectrum, beyond 0.5 cycles per px, have the power of the last ring
  let variance = (1 - Math.PI / 4) * spectrum[bins - 1] * gain(0.6);
  const width = 0.5 / bins;
  for (let b = 0; b < bins; b++) {
    const f = (b + 0.5) * width;
    variance += 2 * Math.PI * f * width * spectrum[Math.max(b, first)] * gain(f);
  }
  return Math.sqrt(variance);
}

/** Share of the pixels that counts as bright. */
const BRIGHT = 0.1;

/**
 * How much more the noise varies where the image is bright, as a ratio of standard deviations, at
 * least 1: from the mixed fourth differences of the image, which see little but noise.
 */
export function brightNoiseRatio(data: Float32Array, width: number, height: number): number {
  const n = data.length;
  const smooth = new Float32Array(n);
  gaussianBlur(data, width, height, 1.5, smooth);
  const limit = smooth.slice().sort()[Math.floor((1 - BRIGHT) * (n - 1))];
  let all = 0, bright = 0, count = 0, brightCount = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * width + 1; i < y * width + width - 1; i++) {
      const above = data[i - width - 1] - 2 * data[i - width] + data[i - width + 1];
      const here = data[i - 1] - 2 * data[i] + data[i + 1];
      const below = data[i + width - 1] - 2 * data[i + width] + data[i + width + 1];
      const difference = above - 2 * here + below;
      all += difference * difference;
      count++;
      if (smooth[i] < limit) continue;
      bright += difference * difference;
      brightCount++;
    }
  }
  if (!(all > 0) || brightCount === 0) return 1;
  return Math.sqrt(Math.max(1, bright / brightCount / (all / count)));
}

/** Persistence in standard deviations at which {@linkcode NOISE_SHARE} is given: steps of a half. */
const STEP = 0.5;
/**
 * Share of the local maxima of blurred white noise that stand at least 0, 0.5, 1 ... standard
 * deviations above the pass to a higher one; counted in simulated noise blurred by 1 to 4 px.
 */
const NOISE_SHARE = [
  1,
  0.5,
  0.3,
  0.167,
  0.085,
  0.038,
  0.014,
  4.3e-3,
  1.2e-3,
  3e-4,
  6e-5,
  1e-5,
  1e-6,
];
/** Share of them below half a standard deviation; less after little blur, by this over its square. */
const LOW_SHARE = 0.5;
const LOW_SHARE_LOSS = 0.033;

/** Share of the maxima of pure noise with at least a persistence, in standard deviations. */
export function noiseShareAbove(persistence: number): number {
  const k = Math.min(NOISE_SHARE.length - 2, Math.floor(persistence / STEP));
  const [a, b] = [Math.log(NOISE_SHARE[k]), Math.log(NOISE_SHARE[k + 1])];
  return Math.exp(a + (b - a) * (persistence / STEP - k));
}

/**
 * How many of some maxima are noise: those of low persistence are, and tell of the others.
 *
 * @param persistence in standard deviations of the noise after a blur of `sigma` px
 */
export function noiseMaxima(persistence: ArrayLike<number>, sigma: number): number {
  let low = 0;
  for (let i = 0; i < persistence.length; i++) if (persistence[i] < STEP) low++;
  return low / (LOW_SHARE - LOW_SHARE_LOSS / (sigma * sigma));
}
