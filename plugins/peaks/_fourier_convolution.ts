/**
 * The convolutions of `_reflected_convolution.ts` by Fourier transforms of lines: the same sums to rounding,
 * at a cost that hardly grows with the kernel.
 *
 * Lines are lengthened by their reflected ends, so that nothing wraps around into them. Two real lines go
 * through one transform as its real and imaginary part; symmetric kernels have real transforms.
 *
 * @module
 */
import {
  createFftPlan,
  createFftScratch,
  fastLength,
  fftInPlace,
  type FftPlan,
  fftSeriesInPlace,
} from "@core/kernels";
import { reflectedPlaces, STRIP } from "./_reflected_convolution.ts";

/** Kernels over lines of one length, transformed. */
export interface LineTransfer {
  /** Places of the lengthened line in the line. */
  readonly places: Int32Array;
  readonly reach: number;
  readonly plan: FftPlan;
  /** Transform of each kernel over the length of the plan. */
  readonly transfers: readonly Float64Array[];
}

/** Transforms kernels of one length for lines of `length`. */
export function lineTransfer(length: number, kernels: readonly Float64Array[]): LineTransfer {
  const reach = kernels[0].length - 1;
  const places = reflectedPlaces(length, reach);
  const plan = createFftPlan(fastLength(places.length));
  const transfers = kernels.map((kernel) => {
    const re = new Float64Array(plan.length), im = new Float64Array(plan.length);
    re[0] = kernel[0];
    for (let r = 1; r <= reach; r++) re[r] = re[plan.length - r] = kernel[r];
    fftInPlace(plan, re, im);
    return re.map((v) => v / plan.length);
  });
  return { places, reach, plan, transfers };
}

/** Convolves the rows `from` to `to` (excluded) with each kernel, into an image for each. */
export function transformRows(
  { places, reach, plan, transfers }: LineTransfer,
  data: Float32Array,
  width: number,
  from: number,
  to: number,
  outs: readonly Float32Array[],
): void {
  const n = plan.length, scratch = createFftScratch(plan, 1);
  const re = new Float64Array(n), im = new Float64Array(n);
  const outRe = new Float64Array(n), outIm = new Float64Array(n);
  for (let y = from; y < to; y += 2) {
    const row = y * width, next = y + 1 < to ? row + width : row;
    re.fill(0, places.length);
    im.fill(0, places.length);
    for (let i = 0; i < places.length; i++) {
      re[i] = data[row + places[i]];
      im[i] = data[next + places[i]];
    }
    fftSeriesInPlace(plan, 1, re, im, scratch);
    for (let k = 0; k < transfers.length; k++) {
      const transfer = transfers[k], out = outs[k];
      for (let i = 0; i < n; i++) {
        outRe[i] = re[i] * transfer[i];
        outIm[i] = im[i] * transfer[i];
      }
      fftSeriesInPlace(plan, 1, outIm, outRe, scratch);
      for (let x = 0; x < width; x++) {
        out[row + x] = outRe[x + reach];
        out[next + x] = next === row ? outRe[x + reach] : outIm[x + reach];
      }
    }
  }
}

/** Half of a strip goes through as the real parts, half as the imaginary ones. */
const HALF = STRIP / 2;

/**
 * `scale` times the sum of the convolutions of the strip from `x0` on: of each image with the kernel of
 * its number.
 */
export function transformStrip(
  { places, reach, plan, transfers }: LineTransfer,
  images: readonly Float32Array[],
  width: number,
  height: number,
  x0: number,
  scale: number,
  out: Float32Array,
): void {
  const n = plan.length * HALF, scratch = createFftScratch(plan, HALF);
  const re = new Float64Array(n), im = new Float64Array(n);
  const sumRe = new Float64Array(n), sumIm = new Float64Array(n);
  const count = Math.min(STRIP, width - x0);
  const first = Math.min(HALF, count), second = count - first;
  for (let k = 0; k < images.length; k++) {
    const image = images[k], transfer = transfers[k];
    re.fill(0);
    im.fill(0);
    for (let j = 0; j < places.length; j++) {
      const from = places[j] * width + x0, to = j * HALF;
      for (let c = 0; c < first; c++) re[to + c] = image[from + c];
      for (let c = 0; c < second; c++) im[to + c] = image[from + HALF + c];
    }
    fftSeriesInPlace(plan, HALF, re, im, scratch);
    for (let j = 0; j < plan.length; j++) {
      const factor = scale * transfer[j];
      for (let i = j * HALF; i < j * HALF + HALF; i++) {
        sumRe[i] += factor * re[i];
        sumIm[i] += factor * im[i];
      }
    }
  }
  fftSeriesInPlace(plan, HALF, sumIm, sumRe, scratch);
  for (let y = 0; y < height; y++) {
    const from = (y + reach) * HALF, to = y * width + x0;
    for (let c = 0; c < first; c++) out[to + c] = sumRe[from + c];
    for (let c = 0; c < second; c++) out[to + HALF + c] = sumIm[from + c];
  }
}
