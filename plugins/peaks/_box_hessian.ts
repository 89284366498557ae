/**
 * Determinants of Hessians by boxes on an integral image, as in SURF.
 *
 * Second derivatives are differences of sums over boxes of about a third of `size` = floor(3 sigma) px, so
 * the cost does not depend on the scale. The boxes are those of scikit-image's
 * `blob_doh`.
 *
 * @see Bay et al., Speeded-Up Robust Features (SURF), Computer Vision and Image Understanding 110 (2008)
 * 346-359. https://doi.org/10.1016/j.cviu.2007.09.014
 *
 * @module
 */
import { blurredNoise, type NoiseSpectrum } from "./_noise.ts";
import { reflectedPlaces } from "./_reflected_convolution.ts";
import type { ScaleFilter } from "./_scale_filters.ts";

/** The weight of the mixed derivative that boxes instead of Gaussians ask for, squared. */
const MIXED = 0.81;

/** Rows filled between two ticks. */
const BAND = 64;

/** Sums of all pixels up to a row and an image column, both included. */
export function integralImage(data: Float32Array, width: number, height: number): Float64Array {
  const sums = Float64Array.from(data);
  for (let i = width; i < sums.length; i++) sums[i] += sums[i - width];
  for (let y = 0; y < height; y++) {
    for (let i = y * width + 1; i < (y + 1) * width; i++) sums[i] += sums[i - 1];
  }
  return sums;
}

/** Lengths of the boxes at a scale. */
export interface HessianBoxes {
  readonly size: number;
  readonly third: number;
  readonly half: number;
}

/** The boxes at a scale of at least 1 px. */
export function hessianBoxes(sigma: number): HessianBoxes {
  const size = Math.floor(3 * sigma);
  return { size, third: Math.floor(size / 3), half: Math.floor((size - 1) / 2) };
}

/**
 * The standard deviation that noise gives a second derivative along an axis at a scale.
 *
 * The noise is taken to be that of independent pixels with the same power as at the frequencies this scale
 * sees: after a blur of sigma / `unit` px, the Gaussian that its boxes stand for, they have it over
 * 2 sqrt(pi) sigma / unit.
 */
export function hessianNoise(spectrum: NoiseSpectrum, sigma: number, unit: number): number {
  const { size, third } = hessianBoxes(sigma), blur = sigma / unit;
  const noise = blurredNoise(spectrum, blur) * 2 * Math.sqrt(Math.PI) * blur;
  // the sides of the box weigh 1, its middle third -2
  return noise * Math.sqrt((2 * third - 1) * (size - third + 4 * third)) / (size * size);
}

/**
 * Responses dxx dyy - 0.81 dxy^2 at each scale as scikit-image has them: boxes are moved or cut off at the
 * border, and lie a pixel right of and below the pixel that has their response.
 */
export function cutHessianFilter(
  data: Float32Array,
  width: number,
  height: number,
  sigmas: Float64Array,
): ScaleFilter {
  const sums = integralImage(data, width, height);
  return {
    sigmas,
    fill(scale, out, tick) {
      const boxes = hessianBoxes(sigmas[scale]);
      // farther than this from the border all boxes lie inside
      const margin = Math.min(boxes.size + 1, width >> 1);
      for (let y = 0; y < height; y++) {
        const row = y * width;
        const isInside = margin > boxes.size && y > boxes.size && y < height - 1 - boxes.size;
        const left = isInside ? margin : width, right = isInside ? width - margin : width;
        fillAtBorder(sums, width, height, boxes, y, 0, left, out);
        fillInside(sums, width, boxes, row + left, right - left, 0, out, row + left);
        fillAtBorder(sums, width, height, boxes, y, right, width, out);
        if (y % BAND === 0) tick();
      }
    },
  };
}

/**
 * The same with the image reflected at its border and boxes around the pixel that has their response. Sums
 * of dark pixels may be below 0.
 */
export function centeredHessianFilter(
  data: Float32Array,
  width: number,
  height: number,
  sigmas: Float64Array,
): ScaleFilter {
  const margin = hessianBoxes(sigmas[sigmas.length - 1]).size + 2, stride = width + 2 * margin;
  const columns = reflectedPlaces(width, margin), rows = reflectedPlaces(height, margin);
  const padded = new Float32Array(stride * rows.length);
  for (let v = 0; v < rows.length; v++) {
    for (let u = 0; u < stride; u++) padded[v * stride + u] = data[rows[v] * width + columns[u]];
  }
  const sums = integralImage(padded, stride, rows.length);
  return {
    sigmas,
    fill(scale, out, tick) {
      const boxes = hessianBoxes(sigmas[scale]);
      for (let y = 0; y < height; y++) {
        const before = (y + margin - 1) * stride + margin - 1;
        fillInside(sums, stride, boxes, before, width, -Infinity, out, y * width);
        if (y % BAND === 0) tick();
      }
    },
  };
}

function fillAtBorder(
  sums: Float64Array,
  width: number,
  height: number,
  { size, third, half }: HessianBoxes,
  y: number,
  from: number,
  to: number,
  out: Float32Array,
): void {
  const across = 2 * third - 1, inner = third >> 1, weight = 1 / size / size;
  for (let x = from; x < to; x++) {
    const topLeft = boxSum(sums, width, height, x - third, y - third, third, third);
    const bottomRight = boxSum(sums, width, height, x + 1, y + 1, third, third);
    const bottomLeft = boxSum(sums, width, height, x - third, y + 1, third, third);
    const topRight = boxSum(sums, width, height, x + 1, y - third, third, third);
    const mixed = bottomLeft + topRight - topLeft - bottomRight;
    const beside = boxSum(sums, width, height, x - half, y - third + 1, size, across);
    const middle = boxSum(sums, width, height, x - inner, y - third + 1, third, across);
    const above = boxSum(sums, width, height, x - third + 1, y - half, across, size);
    const center = boxSum(sums, width, height, x - third + 1, y - inner, across, third);
    out[y * width + x] = determinant(beside - 3 * middle, above - 3 * center, mixed, weight);
  }
}

/**
 * The determinants of `count` pixels from index `from` on, all boxes of which lie inside.
 *
 * @param floor sums below count as this
 */
function fillInside(
  sums: Float64Array,
  stride: number,
  { size, third, half }: HessianBoxes,
  from: number,
  count: number,
  floor: number,
  out: Float32Array,
  to: number,
): void {
  const across = 2 * third - 1, inner = third >> 1, weight = 1 / size / size;
  // rows by their offsets in the image
  const upper = -third * stride, below = stride, lower = (third + 1) * stride;
  const side0 = (1 - third) * stride, side1 = (1 - third + across) * stride;
  const tall0 = -half * stride, tall1 = (size - half) * stride;
  const low0 = -inner * stride, low1 = (third - inner) * stride;
  const l = 1 - third, r = l + across;
  for (let k = 0; k < count; k++) {
    const i = from + k;
    const topLeft = box(sums, i - third, i, upper, 0, floor);
    const topRight = box(sums, i + 1, i + 1 + third, upper, 0, floor);
    const bottomLeft = box(sums, i - third, i, below, lower, floor);
    const bottomRight = box(sums, i + 1, i + 1 + third, below, lower, floor);
    const mixed = bottomLeft + topRight - topLeft - bottomRight;
    const beside = box(sums, i - half, i - half + size, side0, side1, floor);
    const middle = box(sums, i - inner, i - inner + third, side0, side1, floor);
    const above = box(sums, i + l, i + r, tall0, tall1, floor);
    const center = box(sums, i + l, i + r, low0, low1, floor);
    out[to + k] = determinant(beside - 3 * middle, above - 3 * center, mixed, weight);
  }
}

/** dxx dyy - 0.81 dxy^2 of sums over boxes. */
function determinant(xx: number, yy: number, xy: number, weight: number): number {
  const dxx = xx * weight, dyy = yy * weight, dxy = xy * weight;
  return dxx * dyy - MIXED * (dxy * dxy);
}

/** The sum between two image columns and two rows, given as offsets. */
function box(
  sums: Float64Array,
  left: number,
  right: number,
  top: number,
  bottom: number,
  floor: number,
): number {
  const sum = sums[left + top] + sums[right + bottom] - sums[right + top] - sums[left + bottom];
  return sum > floor ? sum : floor;
}

/**
 * The sum of the box that begins after (x, y) and is so wide and high. A box that begins outside the image is
 * moved to its border first, one that ends outside is cut off: so does scikit-image.
 */
function boxSum(
  sums: Float64Array,
  width: number,
  height: number,
  x: number,
  y: number,
  wide: number,
  high: number,
): number {
  const left = clamp(x, width - 1), top = clamp(y, height - 1);
  const right = clamp(left + wide, width - 1), bottom = clamp(top + high, height - 1) * width;
  const sum = sums[top * width + left] + sums[bottom + right] - sums[top * width + right] -
    sums[bottom + left];
  return sum > 0 ? sum : 0;
}

function clamp(value: number, high: number): number {
  return value < 0 ? 0 : value > high ? high : value;
}

/** Whether a pixel is brighter than what is beside it at a scale: the sign that the determinant lost. */
export function isBrighter(
  data: Float32Array,
  width: number,
  height: number,
  pixel: number,
  { third, half }: HessianBoxes,
): boolean {
  const x = pixel % width, y = Math.floor(pixel / width);
  const near = Math.max(0, third >> 1), far = Math.max(1, half);
  let inside = 0, insideCount = 0, around = 0, aroundCount = 0;
  for (let v = Math.max(0, y - far); v <= Math.min(height - 1, y + far); v++) {
    for (let u = Math.max(0, x - far); u <= Math.min(width - 1, x + far); u++) {
      const value = data[v * width + u];
      if (Math.max(Math.abs(u - x), Math.abs(v - y)) <= near) {
        inside += value;
        insideCount++;
      } else {
        around += value;
        aroundCount++;
      }
    }
  }
  return aroundCount === 0 || inside * aroundCount > around * insideCount;
}
