/**
 * From an image and a scale-space filter to a table of blobs.
 *
 * @module
 */
import {
  type Context,
  createTable,
  type Image,
  PEAK_COLUMNS,
  type Peaks,
  selectValues,
} from "@core";
import { clearThreshold } from "./_blob_auto.ts";
import { blobsApart } from "./_blob_overlap.ts";
import { finitePixels } from "./_images.ts";
import { medianLevel } from "./_noise_level.ts";
import type { ScaleFilter } from "./_scale_filters.ts";
import { type ScaleMaxima, scaleMaxima } from "./_scale_maxima.ts";

/** Pixels with columns bright; those that are not finite are the mean of the others. */
export function brightPixels(image: Image, polarity: string): Float32Array {
  const data = finitePixels(image.data);
  if (polarity !== "dark") return data;
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    if (data[i] < low) low = data[i];
    if (data[i] > high) high = data[i];
  }
  return data.map((v) => low + high - v);
}

/** Pixels less their median, for filters that answer to a level. */
export function lessMedian(data: Float32Array): Float32Array {
  const median = medianLevel(data);
  return data.map((v) => v - median);
}

/** A filter and what is to be known of it. */
export interface BlobMethod {
  readonly filter: ScaleFilter;
  /** Threshold clear of the noise; undefined where one is given. */
  readonly noiseThreshold: number | undefined;
  /** Response to the image's median level. */
  readonly level: number;
  /** Order of the response in contrast. */
  readonly order: number;
  /** Scale over the standard deviation of a column. */
  readonly unit: number;
  /** Whether a pixel may be a peak at a scale, beside what mask and finite pixels say. */
  readonly admits?: (pixel: number, scale: number) => boolean;
}

/** The parameters used here. */
export interface BlobChoice {
  readonly threshold: number | "auto";
  readonly thresholdRel: number;
  readonly overlap: number;
  readonly excludeBorder: number;
  readonly interpolate: boolean;
}

/** Finds the blobs; progress from 0.2 on. */
export function findBlobs(
  image: Image,
  mask: Image | undefined,
  method: BlobMethod,
  given: BlobChoice,
  context: Context,
): Peaks {
  const { width, height } = image, isAuto = given.threshold === "auto";
  const least = given.threshold === "auto" ? method.noiseThreshold! : given.threshold;
  const rule = { least, border: given.excludeBorder, interpolate: given.interpolate };
  if (isFlat(image.data)) {
    if (isAuto) context.chose({ threshold: least });
    return blobTable(undefined, [], image, method);
  }
  const progress = (f: number) => context.progress(0.2 + 0.7 * f);
  const maxima = scaleMaxima(method.filter, width, height, rule, progress);
  const taking = takingPart(maxima, image, mask, method);
  let threshold = least;
  if (isAuto) {
    const responses = selectValues(maxima.response, taking);
    threshold = clearThreshold(responses, least, method.level, method.order);
    context.chose({ threshold });
  }
  const limit = Math.max(threshold, given.thresholdRel * maxima.highest);
  const strong = taking.filter((k) => maxima.response[k] > limit);
  context.progress(0.95);
  const kept = blobsApart(
    Float64Array.from(strong, (k) => maxima.pixel[k] % width),
    Float64Array.from(strong, (k) => Math.floor(maxima.pixel[k] / width)),
    Float64Array.from(strong, (k) => method.filter.sigmas[maxima.scale[k]]),
    given.overlap,
  );
  return blobTable(maxima, strong.filter((_, n) => kept[n] === 1), image, method);
}

function isFlat(data: Float32Array): boolean {
  for (let i = 1; i < data.length; i++) if (data[i] !== data[0]) return false;
  return true;
}

/** Maxima on pixels that take part. */
function takingPart(
  { length, pixel, scale }: ScaleMaxima,
  { data }: Image,
  mask: Image | undefined,
  { admits }: BlobMethod,
): number[] {
  const taking: number[] = [];
  for (let k = 0; k < length; k++) {
    const i = pixel[k];
    if (data[i] - data[i] !== 0 || mask?.data[i] === 0) continue;
    if (admits?.(i, scale[k]) ?? true) taking.push(k);
  }
  return taking;
}

function blobTable(
  maxima: ScaleMaxima | undefined,
  rows: readonly number[],
  image: Image,
  { unit }: BlobMethod,
): Peaks {
  const numbers = (of: (found: ScaleMaxima, k: number) => number) =>
    Float64Array.from(rows, (k) => of(maxima!, k));
  const x = numbers((found, k) => found.x[k]), y = numbers((found, k) => found.y[k]);
  const sigma = numbers((found, k) => found.sigma[k]);
  return createTable({
    x,
    y,
    height: sigma.map((s, n) =>
      meanAround(image, Math.round(x[n]), Math.round(y[n]), s / unit / 2)
    ),
    sigma,
    response: numbers(({ response }, k) => response[k]),
  }, { ...PEAK_COLUMNS, sigma: "px" });
}

/** The mean of finite pixels around one, weighted by a Gaussian of `sigma` px. */
function meanAround(
  { data, width, height }: Image,
  x: number,
  y: number,
  sigma: number,
): number {
  const reach = Math.ceil(2 * sigma);
  let sum = 0, weights = 0;
  for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++) {
    for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++) {
      const value = data[v * width + u];
      if (value - value !== 0) continue;
      const weight = Math.exp(-((u - x) ** 2 + (v - y) ** 2) / (2 * sigma * sigma));
      sum += weight * value;
      weights += weight;
    }
  }
  return sum / weights;
}
