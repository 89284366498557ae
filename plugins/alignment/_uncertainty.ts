/**
 * How well the drift of each exposure is known: the noise of the gradient of its correlation with the
 * mean of all exposures, over that correlation's curvature.
 *
 * Frequencies are not independent under a window, and counts scatter most where the columns are
 * bright; so the noise is weighted in real space. The gradient is the sum of g(x) w(x) n(x), with g the
 * gradient of the mean exposure in the band, w the window and n the noise, whose variance at x is
 * taken from the exposure itself.
 *
 * @module
 */
import type { Image } from "@core";
import { inverseFft2InPlace, type SharedBand, type SpectrumPlan } from "@core/kernels";

/** Where each exposure lies. */
export interface Placement {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** 1 or -1: contrast. */
  readonly sign: Float64Array;
}

/**
 * The edges of the window cut the lattice at other phases in each exposure, which moves it by this times the
 * lattice vector over the size of the image, in px (measured without noise: 0.04 to 0.06).
 */
const WINDOW_ERROR = 0.05;

/** Variances of one axis of each exposure's own position, px^2; infinite where nothing holds it. */
export function ownVariances(
  band: SharedBand,
  plan: SpectrumPlan,
  images: readonly Image[],
  placement: Placement,
): Float64Array {
  const mean = meanExposure(band, placement);
  const slopes = squaredSlopes(band, plan, mean);
  const total = slopes.reduce((sum, slope) => sum + slope, 0);
  const [{ x, y }] = [...band.repeats, { x: 0, y: 0 }];
  const cut = WINDOW_ERROR * Math.hypot(x, y) / Math.min(plan.imageWidth, plan.imageHeight);
  return Float64Array.from(images, ({ data }, e) => {
    if (!(total > 0)) return Infinity;
    const structure = noiseWhereSteep(
      data,
      plan,
      slopes,
      Math.round(placement.x[e]),
      Math.round(placement.y[e]),
    );
    return structure / total * whiteVariance(band, mean, placement, e) + cut * cut;
  });
}

/** The weighted mean of the exposures moved back by their drift, in the band. */
interface MeanExposure {
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** Share of each exposure, summing to 1. */
  readonly share: Float64Array;
}

/** No exposure counts for more than as if its noise were this share of its signal. */
const LEAST_NOISE = 1e-4;

function meanExposure(band: SharedBand, placement: Placement): MeanExposure {
  const trust = band.noise.map((noise) => 1 / (2 * band.length * noise + LEAST_NOISE));
  const total = trust.reduce((sum, t) => sum + t, 0);
  const share = trust.map((t) => t / total);
  const re = new Float64Array(band.length), im = new Float64Array(band.length);
  const moved = { re: new Float64Array(band.length), im: new Float64Array(band.length) };
  for (let e = 0; e < band.re.length; e++) {
    moveBack(band, placement, e, moved);
    for (let k = 0; k < band.length; k++) {
      re[k] += share[e] * moved.re[k];
      im[k] += share[e] * moved.im[k];
    }
  }
  return { re, im, share };
}

function moveBack(
  { length, fx, fy, re, im }: SharedBand,
  { x, y, sign }: Placement,
  e: number,
  out: { readonly re: Float64Array; readonly im: Float64Array },
): void {
  for (let k = 0; k < length; k++) {
    const angle = 2 * Math.PI * (fx[k] * x[e] + fy[k] * y[e]);
    const cos = sign[e] * Math.cos(angle), sin = sign[e] * Math.sin(angle);
    out.re[k] = re[e][k] * cos - im[e][k] * sin;
    out.im[k] = re[e][k] * sin + im[e][k] * cos;
  }
}

/** The variance of one axis if the noise of all frequencies were independent. */
function whiteVariance(
  band: SharedBand,
  mean: MeanExposure,
  placement: Placement,
  e: number,
): number {
  const moved = { re: new Float64Array(band.length), im: new Float64Array(band.length) };
  moveBack(band, placement, e, moved);
  const noise = band.noise[e];
  let xx = 0, xy = 0, yy = 0, noiseXX = 0, noiseXY = 0, noiseYY = 0;
  for (let k = 0; k < band.length; k++) {
    const w = band.weight[k], fx = band.fx[k], fy = band.fy[k];
    const common = mean.re[k] * moved.re[k] + mean.im[k] * moved.im[k] - mean.share[e] * noise;
    const power = w * w * (mean.re[k] ** 2 + mean.im[k] ** 2);
    xx += w * fx * fx * common;
    xy += w * fx * fy * common;
    yy += w * fy * fy * common;
    noiseXX += fx * fx * power;
    noiseXY += fx * fy * power;
    noiseYY += fy * fy * power;
  }
  const determinant = xx * yy - xy * xy;
  if (!(determinant > 0 && xx + yy > 0)) return Infinity;
  // the trace of H^-1 M H^-1 for curvature H and noise M of the gradient
  const trace = (noiseXX * (yy * yy + xy * xy) + noiseYY * (xx * xx + xy * xy) -
    2 * noiseXY * xy * (xx + yy)) / determinant ** 2;
  // noise is half in each part of a frequency, and both of an opposite pair have the same
  return noise * trace / 2 / (8 * Math.PI ** 2);
}

/** The squared gradient of the mean exposure in the band, at every pixel of the transforms. */
function squaredSlopes(band: SharedBand, plan: SpectrumPlan, mean: MeanExposure): Float32Array {
  const { width, height } = plan;
  const re = new Float64Array(width * height), im = new Float64Array(width * height);
  for (let k = 0; k < band.length; k++) {
    const w = band.weight[k], fx = band.fx[k], fy = band.fy[k];
    const at = ((band.v[k] + height) % height) * width + band.u[k];
    const opposite = ((height - band.v[k]) % height) * width + (width - band.u[k]) % width;
    // i f F, along x in the real part of the result and along y in the imaginary one
    const [a, b] = [-w * mean.im[k], w * mean.re[k]];
    re[at] = fx * a - fy * b;
    im[at] = fx * b + fy * a;
    re[opposite] = fx * a + fy * b;
    im[opposite] = fy * a - fx * b;
  }
  inverseFft2InPlace(plan.fft, re, im);
  return Float32Array.from(re, (v, i) => v * v + im[i] * im[i]);
}

/**
 * The sum of `slopes` weighted by the variance of noise under the window over its mean: that sum itself for
 * white noise without a window.
 *
 * The variance at a pixel is the square of a second difference along both axes, which leaves out what is
 * smooth (Immerkaer, Computer Vision and Image Understanding 64 (1996) 300,
 * https://doi.org/10.1006/cviu.1996.0060).
 */
function noiseWhereSteep(
  data: Float32Array,
  { imageWidth, imageHeight, width, height, windowX, windowY }: SpectrumPlan,
  slopes: Float32Array,
  shiftX: number,
  shiftY: number,
): number {
  let both = 0, noise = 0;
  for (let y = 1; y < imageHeight - 1; y++) {
    const slopeRow = modulo(y - shiftY, height) * width;
    let slope = modulo(1 - shiftX, width);
    for (let x = 1, i = y * imageWidth + 1; x < imageWidth - 1; x++, i++, slope++) {
      if (slope === width) slope = 0;
      const up = i - imageWidth, down = i + imageWidth;
      const difference = data[up - 1] + data[up + 1] + data[down - 1] + data[down + 1] -
        2 * (data[up] + data[down] + data[i - 1] + data[i + 1]) + 4 * data[i];
      const local = (windowX[x] * windowY[y] * difference) ** 2;
      both += local * slopes[slopeRow + slope];
      noise += local;
    }
  }
  return noise > 0 ? both / noise * width * height : slopes.reduce((sum, slope) => sum + slope, 0);
}

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n;
}
