/**
 * Windowed, padded spectra of real images, two at a time.
 *
 * @module
 */
import {
  createFft2Plan,
  fastLength,
  fft2InPlace,
  type Fft2Plan,
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
