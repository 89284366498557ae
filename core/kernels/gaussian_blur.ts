/**
 * Separable Gaussian blur with replicated edges.
 *
 * @module
 */

/** Weights beyond this share of the middle one are smoothed to zero. */
const ACCURACY = 2e-4;

/**
 * The weights g[0..R-1] of a Gaussian of standard deviation `sigma` px, middle first, summing to 1 with
 * their mirror image.
 *
 * R = ceil(sigma sqrt(-2 ln 2e-4)) + 1. The tail is replaced by a parabola that reaches zero at R, so
 * that there is no step where the kernel ends.
 */
export function gaussianKernel(sigma: number): Float32Array {
  const radius = Math.ceil(sigma * Math.sqrt(-2 * Math.log(ACCURACY))) + 1;
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
): void {
  if (!(sigma > 0)) {
    out.set(data);
    return;
  }
  const kernel = gaussianKernel(sigma);
  const reach = kernel.length - 1;
  const line = new Float32Array(width + 2 * reach);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let i = 0; i < reach; i++) {
      line[i] = data[row];
      line[reach + width + i] = data[row + width - 1];
    }
    for (let x = 0; x < width; x++) line[reach + x] = data[row + x];
    for (let x = 0; x < width; x++) {
      let sum = line[x + reach] * kernel[0];
      for (let i = 1; i <= reach; i++) {
        sum += (line[x + reach - i] + line[x + reach + i]) * kernel[i];
      }
      out[row + x] = sum;
    }
  }
  blurColumnsInPlace(out, width, height, kernel);
}

/** Columns in blocks that fit the cache. */
const BLOCK = 32;

function blurColumnsInPlace(
  data: Float32Array,
  width: number,
  height: number,
  kernel: Float32Array,
): void {
  const reach = kernel.length - 1;
  const lines = new Float32Array(BLOCK * (height + 2 * reach));
  const sums = new Float64Array(BLOCK);
  for (let x0 = 0; x0 < width; x0 += BLOCK) {
    const count = Math.min(BLOCK, width - x0);
    for (let y = -reach; y < height + reach; y++) {
      const from = Math.min(height - 1, Math.max(0, y)) * width + x0;
      const to = (y + reach) * BLOCK;
      for (let i = 0; i < count; i++) lines[to + i] = data[from + i];
    }
    for (let y = 0; y < height; y++) {
      const middle = (y + reach) * BLOCK;
      for (let i = 0; i < count; i++) sums[i] = lines[middle + i] * kernel[0];
      for (let r = 1; r <= reach; r++) {
        const weight = kernel[r];
        const above = middle - r * BLOCK, below = middle + r * BLOCK;
        for (let i = 0; i < count; i++) sums[i] += (lines[above + i] + lines[below + i]) * weight;
      }
      const to = y * width + x0;
      for (let i = 0; i < count; i++) data[to + i] = sums[i];
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
