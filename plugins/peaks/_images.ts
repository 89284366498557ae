/**
 * The images FindFoci works on, from an image and the choice of what to search and how.
 *
 * @module
 */
import type { Image } from "@core";
import { gaussianBlur } from "@core/kernels";
import type { FociImages } from "./_foci.ts";
import { createVolume } from "./_volume.ts";

/** What is searched. */
export interface SearchChoice {
  readonly polarity: "bright" | "dark";
  /** Standard deviation of the blur, px. */
  readonly blur: number;
  /** Whether the blurred image is rounded to whole numbers. */
  readonly integer: boolean;
  /** x, y, width and height of the region of interest; null for all of the image. */
  readonly region: readonly number[] | null;
  /** Pixels of 0 take no part. */
  readonly mask: Image | null;
}

/** The images, and the sum to subtract a dark image's values from to have them back. */
export interface SearchImages {
  readonly images: FociImages;
  /** Level in the image = turn - level as searched; null when the image is searched as it is. */
  readonly turn: number | null;
}

/** Makes the images of a search. Dark columns become bright ones within the same range of values. */
export function searchImages(image: Image, choice: SearchChoice): SearchImages {
  const { width, height } = image;
  const excluded = excludedPixels(image, choice);
  const turn = choice.polarity === "dark" ? extremesSum(image.data) : null;
  const original = turn === null ? image.data : image.data.map((v) => turn - v);
  let searched = original;
  if (choice.blur > 0) {
    searched = new Float32Array(original.length);
    blurFinite(original, width, height, choice.blur, searched);
    if (choice.integer) roundInPlace(searched);
  } else if (excluded !== null) searched = original.slice();
  const [x, y, w, h] = choice.region ?? [0, 0, width, height];
  return {
    images: {
      volume: createVolume(width, height, 1),
      original,
      searched,
      excluded,
      box: { left: x, top: y, right: x + w - 1, bottom: y + h - 1 },
    },
    turn,
  };
}

/** A copy of the pixels with those that are not finite replaced by the mean of the others. */
export function finitePixels(data: Float32Array): Float32Array {
  let sum = 0, count = 0;
  for (const v of data) {
    if (v - v !== 0) continue;
    sum += v;
    count++;
  }
  if (count === data.length) return data;
  const mean = count > 0 ? sum / count : 0;
  return data.map((v) => v - v === 0 ? v : mean);
}

/** 1 for pixels that take no part: not finite, outside the region, or 0 in the mask. */
function excludedPixels(image: Image, { region, mask }: SearchChoice): Uint8Array | null {
  const { width, height, data } = image;
  const excluded = new Uint8Array(data.length);
  let count = 0;
  const [x0, y0, w, h] = region ?? [0, 0, width, height];
  for (let y = 0; y < height; y++) {
    const isRowOut = y < y0 || y >= y0 + h;
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const isIn = !isRowOut && x >= x0 && x < x0 + w && data[i] - data[i] === 0 &&
        (mask === null || mask.data[i] !== 0);
      if (isIn) continue;
      excluded[i] = 1;
      count++;
    }
  }
  return count === 0 ? null : excluded;
}

function extremesSum(data: Float32Array): number {
  let low = Infinity, high = -Infinity;
  for (const v of data) {
    if (v - v !== 0) continue;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low <= high ? low + high : 0;
}

/** Blurs; pixels that are not finite count for nothing, and stay what they are. */
function blurFinite(
  data: Float32Array,
  width: number,
  height: number,
  sigma: number,
  out: Float32Array,
): void {
  if (isAllFinite(data)) {
    gaussianBlur(data, width, height, sigma, out);
    return;
  }
  const weight = data.map((v) => v - v === 0 ? 1 : 0);
  gaussianBlur(data.map((v) => v - v === 0 ? v : 0), width, height, sigma, out);
  gaussianBlur(weight.slice(), width, height, sigma, weight);
  for (let i = 0; i < out.length; i++) {
    out[i] = data[i] - data[i] === 0 ? out[i] / weight[i] : data[i];
  }
}

function isAllFinite(data: Float32Array): boolean {
  for (let i = 0; i < data.length; i++) if (data[i] - data[i] !== 0) return false;
  return true;
}

function roundInPlace(data: Float32Array): void {
  for (let i = 0; i < data.length; i++) data[i] = Math.floor(data[i] + 0.5);
}
