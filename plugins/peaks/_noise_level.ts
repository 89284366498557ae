/**
 * The part of an image that shows the most, and the noise there: for what is chosen by itself.
 *
 * @module
 */
import type { Image } from "@core";
import { finitePixels } from "./_images.ts";
import { blurredNoise, brightNoiseRatio, noiseSpectrum } from "./_noise.ts";

/** A part of an image, columns bright, pixels that are not finite replaced by the mean. */
export interface ImagePart {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Another place than the middle is taken when its pixels vary this many times as much. */
const CLEARLY = 1.5;
/** Variances are of every fourth pixel along both axes. */
const STRIDE = 4;

/** The part of at most `size` px to a side that varies most, of nine across the image. */
export function busiestPart(image: Image, polarity: "bright" | "dark", size: number): ImagePart {
  const width = Math.min(size, image.width), height = Math.min(size, image.height);
  const all = finitePixels(image.data);
  const freeX = image.width - width, freeY = image.height - height;
  let left = freeX >> 1, top = freeY >> 1;
  if (freeX > 0 || freeY > 0) {
    let most = CLEARLY * varianceAt(all, image.width, left, top, width, height);
    for (let k = 0; k < 9; k++) {
      const x = (k % 3) * freeX >> 1, y = Math.floor(k / 3) * freeY >> 1;
      const variance = varianceAt(all, image.width, x, y, width, height);
      if (variance <= most) continue;
      most = variance;
      left = x;
      top = y;
    }
  }
  const sign = polarity === "dark" ? -1 : 1;
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * image.width + left;
    for (let x = 0; x < width; x++) data[y * width + x] = sign * all[from + x];
  }
  return { data, width, height };
}

function varianceAt(
  data: Float32Array,
  imageWidth: number,
  left: number,
  top: number,
  width: number,
  height: number,
): number {
  let count = 0, sum = 0, squares = 0;
  for (let y = top; y < top + height; y += STRIDE) {
    for (let i = y * imageWidth + left; i < y * imageWidth + left + width; i += STRIDE) {
      count++;
      sum += data[i];
      squares += data[i] * data[i];
    }
  }
  return squares / count - (sum / count) ** 2;
}

/** Standard deviations of the noise of a part after a blur. */
export interface NoiseLevel {
  /** On average over the part. */
  readonly usual: number;
  /** Where columns are: halfway, in ratio, to where the part is brightest. */
  readonly atColumns: number;
}

/** The noise of a part after a blur of `blur` px: from its spectrum, so that a lattice is no noise. */
export function noiseLevel({ data, width, height }: ImagePart, blur: number): NoiseLevel {
  const usual = blurredNoise(noiseSpectrum(data, width, height), blur);
  return { usual, atColumns: usual * Math.sqrt(brightNoiseRatio(data, width, height)) };
}

/** So many pixels give a median to half a percent of their spread. */
const MEDIAN_SAMPLES = 65536;

/** The median of an image's finite pixels, of an even sample of them; 0 without any. */
export function medianLevel(values: Float32Array): number {
  const stride = Math.max(1, Math.floor(values.length / MEDIAN_SAMPLES)) | 1; // odd: all columns count
  const sample = new Float32Array(Math.ceil(values.length / stride));
  let count = 0;
  for (let i = 0; i < values.length; i += stride) {
    if (values[i] - values[i] === 0) sample[count++] = values[i];
  }
  return count === 0 ? 0 : sample.subarray(0, count).sort()[count >> 1];
}
