/**
 * Separable Gaussian blur with replicated edges.
 *
 * @module
 */

/** {@linkcode gaussianKernel}'s accuracy unless told. */
const ACCURACY = 2e-4;

/**
 * The weights g[0..R-1] of a Gaussian of standard deviation `sigma` px, middle first, summing to 1 with
 * their mirror image.
 *
 * R = ceil(sigma sqrt(-2 ln accuracy)) + 1. The tail is replaced by a parabola that reaches zero at R, so
 * that there is no step where the kernel ends.
 *
 * @param accuracy weights beyond this share of the middle one are smoothed to zero
 */
export function gaussianKernel(sigma: number, accuracy = ACCURACY): Float32Array {
  const radius = Math.ceil(sigma * Math.sqrt(-2 * Math.log(accuracy))) + 1;
  const g = new Float64Array(radius);
  for (let i = 0; i < radius; i++) g[i] = Math.exp(-i * i / (2 * sigma * sigma));
  let slope = Infinity, r = radius - 1;
  for (; r >= radius / 2; r--) {
    const next = Math.sqrt(g[r]) / (radius - r);
    if (next >= slope) break;
    slope = next;
  }
  for (let i = r + 2; i < radius; i++) g[i] = ((radius - i) * slope) ** 2;
  let sum = g[0];
  for (let i = 1; i < radius; i++) sum += 2 * g[i];
  return Float32Array.from(g, (v) => v / sum);
}

/**
 * Blurs an image of `height` rows of `width` pixels; `out` may be the image itself.
 *
 * Along x first, then along y; sums run from the middle outward. Cost O(n sigma).
 *
 * @param sigma standard deviation, px; 0 copies
 * @param accuracy as of {@linkcode gaussianKernel}; 0.01 takes two thirds of the time
 *
 * @example A blur keeps the sum of what lies far from the edges
 * ```ts
 * import { gaussianBlur } from "@core/kernels";
 * import { assertClose } from "@assert";
 *
 * const image = new Float32Array(21 * 21);
 * image[10 * 21 + 10] = 100;
 * const out = new Float32Array(21 * 21);
 * gaussianBlur(image, 21, 21, 2, out);
 * assertClose(out.reduce((a, b) => a + b, 0), 100, 1e-3);
 * ```
 */
export function gaussianBlur(
  data: Float32Array,
  width: number,
  height: number,
  sigma: number,
  out: Float32Array,
  accuracy = ACCURACY,
): void {
  if (!(sigma > 0)) {
    out.set(data);
    return;
  }
  const kernel = Float64Array.from(gaussianKernel(sigma, accuracy));
  blurRows(data, width, height, kernel, out);
  blurColumnsInPlace(out, width, height, kernel);
}

/** Four neighbors are summed at a time, so that every weight is fetched once for them. */
function blurRows(
  data: Float32Array,
  width: number,
  height: number,
  kernel: Float64Array,
  out: Float32Array,
): void {
  const reach = kernel.length - 1;
  const middle = kernel[0];
  const line = new Float64Array(width + 2 * reach + 3);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let i = 0; i < reach; i++) line[i] = data[row];
    for (let x = 0; x < width; x++) line[reach + x] = data[row + x];
    for (let i = reach + width; i < line.length; i++) line[i] = data[row + width - 1];
    for (let x = 0; x < width; x += 4) {
      const at = x + reach;
      let a = line[at] * middle, b = line[at + 1] * middle;
      let c = line[at + 2] * middle, d = line[at + 3] * middle;
      for (let r = 1, low = at - 1, high = at + 1; r <= reach; r++, low--, high++) {
        const weight = kernel[r];
        a += (line[low] + line[high]) * weight;
        b += (line[low + 1] + line[high + 1]) * weight;
        c += (line[low + 2] + line[high + 2]) * weight;
        d += (line[low + 3] + line[high + 3]) * weight;
      }
      out[row + x] = a;
      if (x + 1 < width) out[row + x + 1] = b;
      if (x + 2 < width) out[row + x + 2] = c;
      if (x + 3 < width) out[row + x + 3] = d;
    }
  }
}

/** Columns are blurred in blocks of this many, copied together so that they fit the cache. */
const BLOCK = 32;

function blurColumnsInPlace(
  data: Float32Array,
  width: number,
  height: number,
  kernel: Float64Array,
): void {
  const reach = kernel.length - 1;
  const middle = kernel[0];
  const lines = new Float64Array(BLOCK * (height + 2 * reach));
  for (let x0 = 0; x0 < width; x0 += BLOCK) {
    const count = Math.min(BLOCK, width - x0);
    for (let y = -reach; y < height + reach; y++) {
      const from = Math.min(height - 1, Math.max(0, y)) * width + x0;
      const to = (y + reach) * BLOCK;
      for (let i = 0; i < count; i++) lines[to + i] = data[from + i];
    }
    for (let y = 0; y < height; y++) {
      const to = y * width + x0;
      for (let i = 0; i < count; i += 4) {
        const at = (y + reach) * BLOCK + i;
        let a = lines[at] * middle, b = lines[at + 1] * middle;
        let c = lines[at + 2] * middle, d = lines[at + 3] * middle;
        for (let r = 1, low = at - BLOCK, high = at + BLOCK; r <= reach; r++) {
          const weight = kernel[r];
          a += (lines[low] + lines[high]) * weight;
          b += (lines[low + 1] + lines[high + 1]) * weight;
          c += (lines[low + 2] + lines[high + 2]) * weight;
          d += (lines[low + 3] + lines[high + 3]) * weight;
          low -= BLOCK;
          high += BLOCK;
        }
        data[to + i] = a;
        if (i + 1 < count) data[to + i + 1] = b;
        if (i + 2 < count) data[to + i + 2] = c;
        if (i + 3 < count) data[to + i + 3] = d;
      }
    }
  }
}

/**
 * Mean of the square of 2 radius + 1 px around each pixel, edges replicated, taken twice in a row: a
 * smooth, wide blur whose cost does not depend on the radius. `out` may be the image itself.
 */
export function boxBlurTwice(
  data: Float32Array,
  width: number,
  height: number,
  radius: number,
  out: Float32Array,
): void {
  if (out !== data) out.set(data);
  const line = new Float64Array(Math.max(width, height));
  for (let pass = 0; pass < 2; pass++) {
    for (let y = 0; y < height; y++) runningMeanInPlace(out, y * width, 1, width, radius, line);
    for (let x = 0; x < width; x++) runningMeanInPlace(out, x, width, height, radius, line);
  }
}

function runningMeanInPlace(
  data: Float32Array,
  start: number,
  step: number,
  length: number,
  radius: number,
  line: Float64Array,
): void {
  for (let i = 0; i < length; i++) line[i] = data[start + i * step];
  const last = length - 1;
  let sum = (radius + 1) * line[0];
  for (let i = 1; i <= radius; i++) sum += line[Math.min(i, last)];
  for (let i = 0; i < length; i++) {
    data[start + i * step] = sum / (2 * radius + 1);
    sum += line[Math.min(i + radius + 1, last)] - line[Math.max(i - radius, 0)];
  }
}
