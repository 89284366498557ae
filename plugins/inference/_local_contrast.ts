/**
 * Local contrast normalization: the same brightness and contrast everywhere, whatever the field.
 *
 * @module
 */

/** Half the window, px: 81 px hold two cells of the largest lattice the model is sure in. */
export const CONTRAST_RADIUS = 40;

/** Variance below this share of the image's largest squared value is rounding, not contrast. */
const ROUNDING = 1e-10;

/**
 * z = (p - m) / s, with the mean m and the standard deviation s of the pixels around each pixel.
 *
 * m is the mean over a square window, taken twice (a pyramid-shaped weight of twice the window's
 * width); s^2 the same mean of (p - m)^2. Windows are cut off at the border. An image of one value
 * becomes zero. Running sums: O(n), whatever the radius.
 *
 * @param pixels width * height values, finite
 * @param scratch two arrays of width * height and one of `width`
 * @param out width * height; not `pixels`
 *
 * @example A faint lattice on a bright field
 * ```ts
 * import { localContrast } from "./_local_contrast.ts";
 * import { assertClose } from "@assert";
 *
 * const wave = (i: number) => Math.cos((i % 128) * Math.PI / 8);
 * const pixels = Float32Array.from({ length: 128 * 128 }, (_, i) => 10 + 0.01 * wave(i));
 * const [out, mean, square] = [1, 2, 3].map(() => new Float32Array(128 * 128));
 * localContrast(pixels, 128, 128, { mean, square, sums: new Float64Array(128) }, out);
 * assertClose(out[64 * 128 + 64], Math.SQRT2 * wave(64), 0.05);
 * ```
 */
export function localContrast(
  pixels: Float32Array,
  width: number,
  height: number,
  scratch: ContrastScratch,
  out: Float32Array,
): void {
  const { mean, square, sums } = scratch;
  const n = width * height;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const size = Math.abs(pixels[i]);
    if (size > largest) largest = size;
  }
  const least = ROUNDING * largest * largest;
  boxMean(pixels, width, height, out, sums, mean);
  boxMean(mean, width, height, out, sums, mean);
  for (let i = 0; i < n; i++) {
    const d = pixels[i] - mean[i];
    square[i] = d * d;
  }
  boxMean(square, width, height, out, sums, square);
  boxMean(square, width, height, out, sums, square);
  for (let i = 0; i < n; i++) {
    const v = square[i];
    out[i] = v > least ? (pixels[i] - mean[i]) / Math.sqrt(v) : 0;
  }
}

/** What {@linkcode localContrast} works in. */
export interface ContrastScratch {
  readonly mean: Float32Array;
  readonly square: Float32Array;
  readonly sums: Float64Array;
}

/** The mean over the window around each pixel; `out` may be `data`, `rows` neither. */
function boxMean(
  data: Float32Array,
  width: number,
  height: number,
  rows: Float32Array,
  sums: Float64Array,
  out: Float32Array,
): void {
  const r = CONTRAST_RADIUS;
  for (let y = 0; y < height; y++) rowMean(data, y * width, width, rows);
  sums.fill(0);
  const reach = Math.min(r, height);
  for (let y = 0; y < reach; y++) {
    for (let x = 0; x < width; x++) sums[x] += rows[y * width + x];
  }
  for (let y = 0; y < height; y++) {
    const to = y * width, enters = to + r * width, leaves = to - (r + 1) * width;
    const share = 1 / (Math.min(height - 1, y + r) - Math.max(0, y - r) + 1);
    if (y + r < height && y - r - 1 >= 0) {
      for (let x = 0; x < width; x++) {
        const sum = sums[x] + (rows[enters + x] - rows[leaves + x]);
        sums[x] = sum;
        out[to + x] = sum * share;
      }
      continue;
    }
    if (y + r < height) { for (let x = 0; x < width; x++) sums[x] += rows[enters + x]; }
    if (y - r - 1 >= 0) { for (let x = 0; x < width; x++) sums[x] -= rows[leaves + x]; }
    for (let x = 0; x < width; x++) out[to + x] = sums[x] * share;
  }
}

/** The mean along a row; windows that end within it have one size. */
function rowMean(data: Float32Array, row: number, width: number, out: Float32Array): void {
  const r = CONTRAST_RADIUS, whole = 1 / (2 * r + 1);
  let sum = 0, x = 0;
  for (let u = 0; u < Math.min(r, width); u++) sum += data[row + u];
  for (; x < Math.min(r + 1, width); x++) {
    if (x + r < width) sum += data[row + x + r];
    out[row + x] = sum / (Math.min(width - 1, x + r) + 1);
  }
  for (; x < width - r; x++) {
    sum += data[row + x + r] - data[row + x - r - 1];
    out[row + x] = sum * whole;
  }
  for (; x < width; x++) {
    sum -= data[row + x - r - 1];
    out[row + x] = sum / (width - x + r);
  }
}
