/**
 * Windowed, padded spectra of real images, two at a time.
 *
 * @module
 */
import {
  createFft2Plan,
  createFftScratch,
  fastLength,
  fft2InPlace,
  type Fft2Plan,
  type FftScratch,
  fftSeriesInPlace,
  unpackTwoRealInPlace,
} from "./fft.ts";
import { tukeyWindow, windowInto } from "./lattice_spectrum.ts";

/** Tables for the spectra of images of one size. */
export interface SpectrumPlan {
  /** Width of the images, px. */
  readonly imageWidth: number;
  /** Height of the images, px. */
  readonly imageHeight: number;
  /** Size of the transforms, lengths that transform fast. */
  readonly width: number;
  /** The same along y. */
  readonly height: number;
  /** Tables of the transforms. */
  readonly fft: Fft2Plan;
  /** Window along x. */
  readonly windowX: Float64Array;
  /** Window along y. */
  readonly windowY: Float64Array;
}

/** Makes the tables: a Tukey window of the given fraction, padded to lengths that transform fast. */
export function createSpectrumPlan(
  imageWidth: number,
  imageHeight: number,
  windowFraction: number,
): SpectrumPlan {
  const width = fastLength(imageWidth), height = fastLength(imageHeight);
  return {
    imageWidth,
    imageHeight,
    width,
    height,
    fft: createFft2Plan(width, height),
    windowX: tukeyWindow(imageWidth, windowFraction),
    windowY: tukeyWindow(imageHeight, windowFraction),
  };
}

/**
 * The spectra of two real images less their means: the first in (re, im), the second in (otherRe,
 * otherIm), each `height` rows of `width`. Without a second image only the first pair is filled.
 */
export function spectraOfPair(
  plan: SpectrumPlan,
  first: Float32Array,
  second: Float32Array | undefined,
  re: Float64Array,
  im: Float64Array,
  otherRe: Float64Array,
  otherIm: Float64Array,
): void {
  const { imageWidth, imageHeight, width, height, windowX, windowY } = plan;
  windowInto(first, imageWidth, imageHeight, windowX, windowY, re, width);
  if (second === undefined) im.fill(0);
  else windowInto(second, imageWidth, imageHeight, windowX, windowY, im, width);
  fft2InPlace(plan.fft, re, im);
  if (second !== undefined) unpackTwoRealInPlace(width, height, re, im, otherRe, otherIm);
}

/** Columns of the spectrum that are transformed, and stored, side by side. */
const BLOCK = 8;
/** Rows of a block that nothing lies in: blocks a power of two apart would share the cache's sets. */
const GAP = 2;

/**
 * The half of a spectrum with u >= 0, as all of this project's own: blocks of 8 columns, each with its rows
 * one after the other, so that what is transformed together lies together.
 */
export interface HalfLayout {
  /** Columns, u from 0 to half the width. */
  readonly half: number;
  /** Numbers of one block. */
  readonly block: number;
  /** Numbers of the whole half. */
  readonly length: number;
}

/** How the half spectra of a plan lie. */
export function halfLayout({ width, height }: SpectrumPlan): HalfLayout {
  const half = (width >> 1) + 1, block = BLOCK * (height + GAP);
  return { half, block, length: Math.ceil(half / BLOCK) * block };
}

/** Where frequency (u, v) lies, u from 0 to half the width and v from 0. */
export function halfIndex({ block }: HalfLayout, u: number, v: number): number {
  return (u >> 3) * block + BLOCK * v + (u & 7);
}

/** Room for {@linkcode halfSpectraOfPair}. */
export interface HalfScratch {
  /** One row of both images. */
  readonly row: readonly [Float64Array, Float64Array];
  /** A block of columns. */
  readonly block: readonly [Float64Array, Float64Array];
  /** Working memory of the transforms of rows. */
  readonly rows: FftScratch;
  /** Working memory of those of columns. */
  readonly columns: FftScratch;
}

/** Makes room for {@linkcode halfSpectraOfPair}. */
export function createHalfScratch({ width, height, fft }: SpectrumPlan): HalfScratch {
  const pair = (length: number) => [new Float64Array(length), new Float64Array(length)] as const;
  return {
    row: pair(width),
    block: pair(BLOCK * height),
    rows: createFftScratch(fft.rows, 1),
    columns: createFftScratch(fft.columns, BLOCK),
  };
}

/** The real and the imaginary part of a half spectrum. */
export interface HalfSpectrum {
  /** Real part, in the order of {@linkcode halfIndex}. */
  readonly re: Float32Array;
  /** Imaginary part. */
  readonly im: Float32Array;
}

/** Below this share of the largest pixel, what is left of an image less its mean is rounding. */
const ROUNDING = 1e-12;

/**
 * The half spectra of two real images less their means, each of unit energy (that of all frequencies); adds
 * their powers to `power`. An image of one value gives 0 everywhere.
 *
 * @returns the energy of each before scaling, 0 for an image of one value
 */
export function halfSpectraOfPair(
  plan: SpectrumPlan,
  layout: HalfLayout,
  first: Float32Array,
  second: Float32Array | undefined,
  scratch: HalfScratch,
  a: HalfSpectrum,
  b: HalfSpectrum | undefined,
  power: Float64Array,
): [number, number] {
  const pixels = plan.width * plan.height;
  const levelA = levelUnder(first, plan), levelB = second && levelUnder(second, plan);
  const [rawA, rawB] = transformRows(plan, layout, first, second, levelA, levelB, scratch, a, b);
  // rows are in shares of the largest pixel
  const isFlat = (raw: number) => !(raw * pixels > (pixels * ROUNDING) ** 2);
  const amplitude = (raw: number) => isFlat(raw) ? 0 : 1 / Math.sqrt(raw * pixels);
  for (let block = 0; block < layout.length; block += layout.block) {
    finishBlock(plan, block, amplitude(rawA), scratch, a, power);
    if (b !== undefined) finishBlock(plan, block, amplitude(rawB), scratch, b, power);
  }
  const energy = (raw: number, largest: number) => isFlat(raw) ? 0 : raw * pixels * largest ** 2;
  return [energy(rawA, levelA.largest), energy(rawB, levelB?.largest ?? 0)];
}

/** The mean of an image under the windows, and its largest absolute value. */
interface Level {
  readonly mean: number;
  readonly largest: number;
}

function levelUnder(data: Float32Array, { windowX, windowY }: SpectrumPlan): Level {
  const width = windowX.length;
  let sum = 0, weightX = 0, weightY = 0, most = 0, least = 0;
  for (const w of windowX) weightX += w;
  for (let y = 0, i = 0; y < windowY.length; y++) {
    // two sums at a time do not wait for each other
    let even = 0, odd = 0, x = 0;
    for (; x < width - 1; x += 2, i += 2) {
      const a = data[i], b = data[i + 1];
      even += windowX[x] * a;
      odd += windowX[x + 1] * b;
      if (a > most) most = a;
      if (b > most) most = b;
      if (a < least) least = a;
      if (b < least) least = b;
    }
    if (x < width) {
      even += windowX[x] * data[i];
      most = Math.max(most, data[i]);
      least = Math.min(least, data[i++]);
    }
    sum += windowY[y] * (even + odd);
    weightY += windowY[y];
  }
  return { mean: sum / (weightX * weightY), largest: Math.max(most, -least) };
}

/**
 * Transforms the rows of two images less their means, in shares of their largest pixels; returns the sums of
 * their squares.
 */
function transformRows(
  { imageWidth, imageHeight, width, fft, windowX, windowY }: SpectrumPlan,
  { half, block }: HalfLayout,
  first: Float32Array,
  second: Float32Array | undefined,
  levelA: Level,
  levelB: Level | undefined,
  { row: [zr, zi], rows }: HalfScratch,
  a: HalfSpectrum,
  b: HalfSpectrum | undefined,
): [number, number] {
  const other = second ?? first, into = b ?? a;
  const meanA = levelA.mean, meanB = levelB?.mean ?? 0;
  const scaleA = levelA.largest > 0 ? 1 / levelA.largest : 0;
  const scaleB = levelB !== undefined && levelB.largest > 0 ? 1 / levelB.largest : 0;
  let energyA = 0, energyB = 0;
  for (let y = 0; y < imageHeight; y++) {
    const weightA = scaleA * windowY[y], weightB = scaleB * windowY[y];
    for (let x = 0, i = y * imageWidth; x < imageWidth; x++, i++) {
      const w = windowX[x];
      const valueA = (first[i] - meanA) * weightA * w, valueB = (other[i] - meanB) * weightB * w;
      zr[x] = valueA;
      zi[x] = valueB;
      energyA += valueA * valueA;
      energyB += valueB * valueB;
    }
    zr.fill(0, imageWidth);
    zi.fill(0, imageWidth);
    fftSeriesInPlace(fft.rows, 1, zr, zi, rows);
    if (b !== undefined) splitRow(zr, zi, width, half, block, BLOCK * y, into);
    keepRow(zr, zi, width, half, block, BLOCK * y, a);
  }
  return [energyA, energyB];
}

/** The transform of the real part of a row out of that of the row. */
function keepRow(
  zr: Float64Array,
  zi: Float64Array,
  width: number,
  half: number,
  block: number,
  start: number,
  { re, im }: HalfSpectrum,
): void {
  re[start] = zr[0];
  im[start] = 0;
  for (let u = 1, c = 1, out = start + 1; u < half; u++) {
    re[out] = (zr[u] + zr[width - u]) / 2;
    im[out] = (zi[u] - zi[width - u]) / 2;
    c++;
    out++;
    if (c === BLOCK) {
      c = 0;
      out += block - BLOCK;
    }
  }
}

/** That of its imaginary part. */
function splitRow(
  zr: Float64Array,
  zi: Float64Array,
  width: number,
  half: number,
  block: number,
  start: number,
  { re, im }: HalfSpectrum,
): void {
  re[start] = zi[0];
  im[start] = 0;
  for (let u = 1, c = 1, out = start + 1; u < half; u++) {
    re[out] = (zi[u] + zi[width - u]) / 2;
    im[out] = (zr[width - u] - zr[u]) / 2;
    c++;
    out++;
    if (c === BLOCK) {
      c = 0;
      out += block - BLOCK;
    }
  }
}

/** Transforms a block of columns, times `amplitude`, where it lies; adds its power to `power`. */
function finishBlock(
  { height, imageHeight, fft }: SpectrumPlan,
  start: number,
  amplitude: number,
  { block: [blockRe, blockIm], columns }: HalfScratch,
  { re, im }: HalfSpectrum,
  power: Float64Array,
): void {
  const filled = BLOCK * imageHeight, length = BLOCK * height;
  for (let k = 0, i = start; k < filled; k++, i++) {
    blockRe[k] = amplitude * re[i];
    blockIm[k] = amplitude * im[i];
  }
  blockRe.fill(0, filled);
  blockIm.fill(0, filled);
  fftSeriesInPlace(fft.columns, BLOCK, blockRe, blockIm, columns);
  for (let k = 0, i = start; k < length; k++, i++) {
    const real = blockRe[k], imaginary = blockIm[k];
    re[i] = real;
    im[i] = imaginary;
    power[i] += real * real + imaginary * imaginary;
  }
}
