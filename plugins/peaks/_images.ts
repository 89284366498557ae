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
  /** Pixels of 0 take no part: none, one for all slices, or one a slice. */
  readonly masks: readonly Image[];
}

/** The images, and the sum to subtract a dark image's values from to have them back. */
export interface SearchImages {
  readonly images: FociImages;
  /** Level in the image = turn - level as searched; null when the image is searched as it is. */
  readonly turn: number | null;
}

/**
 * Makes the images of a search in one slice or a stack of them, all of one size. Dark columns become
 * bright ones within the same range of values. The blur is within slices.
 */
export function searchImages(slices: readonly Image[], choice: SearchChoice): SearchImages {
  const { width, height } = slices[0];
  const given = slices.length === 1 ? slices[0].data : stacked(slices);
  const excluded = excludedPixels(slices, choice);
  const turn = choice.polarity === "dark" ? extremesSum(given) : null;
  const original = turn === null ? given : given.map((v) => turn - v);
  let searched = original;
  if (choice.blur > 0) {
    searched = new Float32Array(original.length);
    const size = width * height;
    for (let at = 0; at < original.length; at += size) {
      const from = original.subarray(at, at + size);
      blurFinite(from, width, height, choice.blur, searched.subarray(at, at + size));
    }
    if (choice.integer) roundInPlace(searched);
  } else if (excluded !== null) searched = original.slice();
  const [x, y, w, h] = choice.region ?? [0, 0, width, height];
  return {
    images: {
      volume: createVolume(width, height, slices.length),
      original,
      searched,
      excluded,
      box: { left: x, top: y, right: x + w - 1, bottom: y + h - 1 },
    },
    turn,
  };
}

/** The slice that varies most: where there is most to see. */
export function clearestSlice(slices: readonly Image[]): Image {
  if (slices.length === 1) return slices[0];
  const variances = slices.map(({ data }) => varianceOf(data));
  return slices[variances.indexOf(Math.max(...variances))];
}

function varianceOf(data: Float32Array): number {
  let count = 0, sum = 0, squares = 0;
  for (const v of data) {
    if (v - v !== 0) continue;
    count++;
    sum += v;
    squares += v * v;
  }
  return count === 0 ? 0 : (squares - sum * sum / count) / count;
}

/** All slices one after the other. */
function stacked(slices: readonly Image[]): Float32Array {
  const all = new Float32Array(slices.length * slices[0].data.length);
  slices.forEach(({ data }, z) => all.set(data, z * data.length));
  return all;
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
function excludedPixels(
  slices: readonly Image[],
  { region, masks }: SearchChoice,
): Uint8Array | null {
  const { width, height } = slices[0];
  const size = width * height;
  const excluded = new Uint8Array(slices.length * size);
  const [x0, y0, w, h] = region ?? [0, 0, width, height];
  let count = 0;
  slices.forEach(({ data }, z) => {
    const mask = masks.length === 0 ? null : masks[masks.length === 1 ? 0 : z].data;
    for (let y = 0; y < height; y++) {
      const isRowOut = y < y0 || y >= y0 + h;
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        const isIn = !isRowOut && x >= x0 && x < x0 + w && data[i] - data[i] === 0 &&
          (mask === null || mask[i] !== 0);
        if (isIn) continue;
        excluded[z * size + i] = 1;
        count++;
      }
    }
  });
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
