/**
 * Exposures as a person sees them: fine noise and slow changes of brightness taken away.
 *
 * @module
 */
import type { Image } from "@core";
import { boxBlurTwice, gaussianBlur } from "@core/kernels";

/** A smoothed exposure; its mean is about 0. */
export interface Smoothed {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Slow changes are what is left after a blur this many times wider than that of the noise. */
const SLOW = 8;

/** Takes noise finer than `sigma` px and slow changes of brightness away. */
export function smoothed({ data, width, height }: Image, sigma: number): Smoothed {
  const fine = new Float32Array(data.length), slow = new Float32Array(data.length);
  gaussianBlur(data, width, height, sigma, fine);
  boxBlurTwice(fine, width, height, Math.ceil(SLOW * sigma), slow);
  for (let i = 0; i < fine.length; i++) fine[i] -= slow[i];
  return { width, height, data: fine };
}
