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
import { meanUnder, tukeyWindow, windowInto } from "./lattice_spectrum.ts";

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

/** Room for the half spectra of two images. */
export interface HalfScratch {
  /** The transforms of the rows of each image, u >= 0: real part. */
  readonly re: readonly [Float64Array, Float64Array];
  /** Their imaginary part. */
  readonly im: readonly [Float64Array, Float64Array];
  /** One row of both images. */
  readonly row: readonly [Float64Array, Float64Array];
  /** A block of columns. */
  readonly block: readonly [Float64Array, Float64Array];
  /** Working memory of the transforms of rows. */
  readonly rows: FftScratch;
  /** Working memory of those of columns. */
  readonly columns: FftScratch;
}

/** Columns of the spectrum that are transformed side by side. */
const BLOCK = 8;

/** Makes room for {@linkcode transformRowsOfPair}. */
export function createHalfScratch({ width, height, fft }: SpectrumPlan): HalfScratch {
  const half = (width >> 1) + 1;
  const pair = (length: number) => [new Float64Array(length), new Float64Array(length)] as const;
  return {
    re: pair(half * height),
    im: pair(half * height),
    row: pair(width),
    block: pair(BLOCK * height),
    rows: createFftScratch(fft.rows, 1),
    columns: createFftScratch(fft.columns, BLOCK),
  };
}

/**
 * Transforms the rows of two real images less their means, of each the half with u >= 0.
 *
 * @returns the energy of each spectrum, the sum of the powers at all frequencies
 */
export function transformRowsOfPair(
  plan: SpectrumPlan,
  first: Float32Array,
  second: Float32Array | undefined,
  scratch: HalfScratch,
): [number, number] {
  const { imageWidth, imageHeight, width, height, windowX, windowY } = plan;
  const { re: [aRe, bRe], im: [aIm, bIm], row: [zr, zi], rows } = scratch;
  const half = (width >> 1) + 1;
  const meanA = meanUnder(first, windowX, windowY);
  const meanB = second === undefined ? 0 : meanUnder(second, windowX, windowY);
  let energyA = 0, energyB = 0;
  for (let y = 0, out = 0; y < imageHeight; y++) {
    zr.fill(0);
    zi.fill(0);
    for (let x = 0, i = y * imageWidth; x < imageWidth; x++, i++) {
      const w = windowX[x] * windowY[y];
      const a = (first[i] - meanA) * w, b = second === undefined ? 0 : (second[i] - meanB) * w;
      zr[x] = a;
      zi[x] = b;
      energyA += a * a;
      energyB += b * b;
    }
    fftSeriesInPlace(plan.fft.rows, 1, zr, zi, rows);
    for (let u = 0, mirror = 0; u < half; u++, mirror = width - u, out++) {
      const a = zr[u], b = zi[u], c = zr[mirror], d = zi[mirror];
      aRe[out] = (a + c) / 2;
      aIm[out] = (b - d) / 2;
      bRe[out] = (b + d) / 2;
      bIm[out] = (c - a) / 2;
    }
  }
  const pixels = width * height;
  return [energyA * pixels, energyB * pixels];
}

/**
 * Finishes the spectrum of one image of a pair: its columns, times `amplitude`, into (outRe, outIm); adds
 * its power to `power`. All are `height` rows of the half with u >= 0.
 */
export function finishColumns(
  { width, height, imageHeight, fft }: SpectrumPlan,
  which: 0 | 1,
  amplitude: number,
  { re, im, block: [blockRe, blockIm], columns }: HalfScratch,
  outRe: Float32Array,
  outIm: Float32Array,
  power: Float64Array,
): void {
  const half = (width >> 1) + 1;
  const rowsRe = re[which], rowsIm = im[which];
  for (let u = 0; u < half; u += BLOCK) {
    const used = Math.min(BLOCK, half - u);
    // rows below the image are zeros; a narrower last block carries what is left of the one before
    for (let y = 0, at = 0; y < imageHeight; y++, at += BLOCK) {
      for (let c = 0, i = y * half + u; c < used; c++, i++) {
        blockRe[at + c] = amplitude * rowsRe[i];
        blockIm[at + c] = amplitude * rowsIm[i];
      }
    }
    blockRe.fill(0, BLOCK * imageHeight);
    blockIm.fill(0, BLOCK * imageHeight);
    fftSeriesInPlace(fft.columns, BLOCK, blockRe, blockIm, columns);
    for (let v = 0, at = 0; v < height; v++, at += BLOCK) {
      for (let c = 0, i = v * half + u; c < used; c++, i++) {
        const real = blockRe[at + c], imaginary = blockIm[at + c];
        outRe[i] = real;
        outIm[i] = imaginary;
        power[i] += real * real + imaginary * imaginary;
      }
    }
  }
}
