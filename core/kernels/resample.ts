/**
 * Resampling an image to another size.
 *
 * @module
 */

/** Half the width of the cubic kernel, in px of the coarser of the two grids. */
const REACH = 2;

/**
 * Resamples an image with the cubic kernel of Keys (a = -1/2), widened where the image gets smaller so
 * that nothing finer than the new grid remains. Beyond the border the nearest pixel counts.
 *
 * The new pixel (X, Y) lies at ((X + 1/2) width / outWidth - 1/2, ...) of the old grid, so that both
 * images show the same field. Separable: O(n) in the pixels of both, times the reach.
 *
 * @param pixels width * height
 * @returns outWidth * outHeight
 *
 * @example Half the size
 * ```ts
 * import { resample } from "@core/kernels";
 * import { assertClose } from "@assert";
 *
 * const slope = Float32Array.from({ length: 64 }, (_, i) => i % 8);
 * const half = resample(slope, 8, 8, 4, 4);
 * assertClose(half[5], 2.5, 0.05); // the middle between 2 and 3
 * ```
 *
 * @see Keys, Cubic convolution interpolation for digital image processing, IEEE Trans. Acoustics, Speech
 * and Signal Processing 29 (1981) 1153. https://doi.org/10.1109/TASSP.1981.1163711
 */
export function resample(
  pixels: Float32Array,
  width: number,
  height: number,
  outWidth: number,
  outHeight: number,
): Float32Array {
  const across = createTaps(width, outWidth), down = createTaps(height, outHeight);
  const rows = new Float32Array(outWidth * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < outWidth; x++) {
      let sum = 0;
      for (let k = 0, t = x * across.count; k < across.count; k++, t++) {
        sum += across.weights[t] * pixels[y * width + across.places[t]];
      }
      rows[y * outWidth + x] = sum;
    }
  }
  const out = new Float32Array(outWidth * outHeight);
  for (let y = 0; y < outHeight; y++) {
    for (let k = 0, t = y * down.count; k < down.count; k++, t++) {
      const weight = down.weights[t], row = down.places[t] * outWidth;
      for (let x = 0; x < outWidth; x++) out[y * outWidth + x] += weight * rows[row + x];
    }
  }
  return out;
}

/** For each new pixel of an axis, which old ones count, and how much. */
interface Taps {
  readonly count: number;
  readonly places: Int32Array;
  readonly weights: Float64Array;
}

function createTaps(size: number, outSize: number): Taps {
  const step = size / outSize;
  const widen = Math.max(1, step);
  const count = 2 * Math.ceil(REACH * widen) + 1;
  const places = new Int32Array(outSize * count);
  const weights = new Float64Array(outSize * count);
  for (let i = 0; i < outSize; i++) {
    const center = (i + 0.5) * step - 0.5;
    const first = Math.round(center) - (count >> 1);
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const weight = keys((first + k - center) / widen);
      places[i * count + k] = Math.min(size - 1, Math.max(0, first + k));
      weights[i * count + k] = weight;
      sum += weight;
    }
    for (let k = 0; k < count; k++) weights[i * count + k] /= sum;
  }
  return { count, places, weights };
}

function keys(distance: number): number {
  const d = Math.abs(distance);
  if (d >= 2) return 0;
  return d < 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2;
}
