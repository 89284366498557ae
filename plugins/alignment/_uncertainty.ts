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
import {
  createFftPlan,
  createFftScratch,
  fftSeriesInPlace,
  type SharedBand,
  type SpectrumPlan,
} from "@core/kernels";

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
  const rows = rowsToLookAt(plan);
  const slopes = squaredSlopes(band, plan, mean, rows);
  const average = meanSquaredSlope(band, mean);
  const [{ x, y }] = [...band.repeats, { x: 0, y: 0 }];
  const cut = WINDOW_ERROR * Math.hypot(x, y) / Math.min(plan.imageWidth, plan.imageHeight);
  return Float64Array.from(images, ({ data }, e) => {
    if (!(average > 0)) return Infinity;
    const steep = slopeWhereNoisy(
      data,
      plan,
      rows,
      slopes,
      Math.round(placement.x[e]),
      Math.round(placement.y[e]),
    ) ?? average;
    return steep / average * whiteVariance(band, mean, placement, e) + cut * cut;
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

/** So many pixels tell the noise where the picture is steep to two percent. */
const PIXELS = 32768;
/** Rows a golden section apart cover the picture evenly and miss no lattice row. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The rows of the reference that are looked at. */
function rowsToLookAt({ imageWidth, imageHeight }: SpectrumPlan): Int32Array {
  const count = Math.min(imageHeight, Math.ceil(PIXELS / imageWidth));
  if (count === imageHeight) return Int32Array.from({ length: count }, (_, y) => y);
  return Int32Array.from({ length: count }, (_, k) => Math.floor((k * GOLDEN % 1) * imageHeight));
}

/** The squared gradient of the mean exposure in the band, at each pixel of some rows of the transforms. */
function squaredSlopes(
  band: SharedBand,
  { width, height }: SpectrumPlan,
  mean: MeanExposure,
  rows: Int32Array,
): Float64Array {
  const slopes = new Float64Array(rows.length * width);
  const plan = createFftPlan(width), scratch = createFftScratch(plan, 1);
  const re = new Float64Array(width), im = new Float64Array(width);
  for (let r = 0; r < rows.length; r++) {
    re.fill(0);
    im.fill(0);
    let cos = 1, sin = 0;
    for (let k = 0; k < band.length; k++) {
      if (k === 0 || band.v[k] !== band.v[k - 1]) {
        const angle = 2 * Math.PI * band.v[k] * rows[r] / height;
        cos = Math.cos(angle);
        sin = Math.sin(angle);
      }
      const w = band.weight[k], u = band.u[k], fx = band.fx[k], fy = band.fy[k];
      // i F exp(2 pi i v y / height) of one frequency, its conjugate of the opposite one
      const a = -w * (mean.re[k] * sin + mean.im[k] * cos);
      const b = w * (mean.re[k] * cos - mean.im[k] * sin);
      const opposite = u === 0 ? 0 : width - u;
      // the slope along x in the real part, that along y in the imaginary part
      re[u] += fx * a - fy * b;
      im[u] += fx * b + fy * a;
      re[opposite] += fx * a + fy * b;
      im[opposite] += fy * a - fx * b;
    }
    fftSeriesInPlace(plan, 1, im, re, scratch);
    for (let x = 0, i = r * width; x < width; x++, i++) slopes[i] = re[x] * re[x] + im[x] * im[x];
  }
  return slopes;
}

/** The mean of the squared gradient over all pixels of the transforms (Parseval). */
function meanSquaredSlope(band: SharedBand, mean: MeanExposure): number {
  let sum = 0;
  for (let k = 0; k < band.length; k++) {
    const power = mean.re[k] ** 2 + mean.im[k] ** 2;
    sum += 2 * band.weight[k] ** 2 * (band.fx[k] ** 2 + band.fy[k] ** 2) * power;
  }
  return sum;
}

/**
 * The mean of `slopes` weighted by the variance of noise under the window; nothing without noise.
 *
 * The variance at a pixel is the square of a second difference along both axes, which leaves out what is
 * smooth (Immerkaer, Computer Vision and Image Understanding 64 (1996) 300,
 * https://doi.org/10.1006/cviu.1996.0060).
 */
function slopeWhereNoisy(
  data: Float32Array,
  { imageWidth, imageHeight, width, height, windowX, windowY }: SpectrumPlan,
  rows: Int32Array,
  slopes: Float64Array,
  shiftX: number,
  shiftY: number,
): number | undefined {
  const local = new Float64Array(imageWidth), second = new Float64Array(imageWidth);
  let both = 0, noise = 0;
  for (let r = 0; r < rows.length; r++) {
    const y = modulo(rows[r] + shiftY, height);
    if (y < 1 || y > imageHeight - 2) continue;
    const weight = windowY[y] * windowY[y];
    noise += weight * localNoise(data, imageWidth, y, windowX, second, local);
    // the row of slopes goes around
    const start = r * width, first = modulo(-shiftX, width);
    const turn = Math.min(imageWidth, width - first);
    both += weight *
      (product(local, 0, turn, slopes, start + first) +
        product(local, turn, imageWidth, slopes, start));
  }
  return noise > 0 ? both / noise : undefined;
}

/** Writes the squared second differences of a row under the window, 0 at its ends; returns their sum. */
function localNoise(
  data: Float32Array,
  width: number,
  y: number,
  window: Float64Array,
  second: Float64Array,
  out: Float64Array,
): number {
  const above = (y - 1) * width, here = y * width, below = here + width;
  for (let x = 0; x < width; x++) {
    second[x] = data[above + x] - 2 * data[here + x] + data[below + x];
  }
  let sum = 0;
  for (let x = 1; x < width - 1; x++) {
    const difference = window[x] * (second[x - 1] - 2 * second[x] + second[x + 1]);
    const square = difference * difference;
    out[x] = square;
    sum += square;
  }
  return sum;
}

/** The sum of a[x] b[x - from + start] from `from` to before `to`. */
function product(
  a: Float64Array,
  from: number,
  to: number,
  b: Float64Array,
  start: number,
): number {
  let sum = 0;
  for (let x = from, i = start; x < to; x++, i++) sum += a[x] * b[i];
  return sum;
}

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n;
}
