/**
 * Images and exposures: float32 pixels, row-major, `index = y * width + x`, the center of the
 * top-left pixel at (0, 0).
 *
 * @module
 */
import type { PixelSize } from "./units.ts";

/** The sample types an image can have in its file. */
export const SAMPLE_TYPES = [
  "uint8",
  "uint16",
  "uint32",
  "int8",
  "int16",
  "int32",
  "float32",
  "float64",
] as const;

/** The sample type an image had in its file. */
export type SampleType = (typeof SAMPLE_TYPES)[number];

/** A gray image. Pixels are always float32; `sourceType` remembers what the file held. */
export interface Image {
  /** Where it came from, without folder and extension; empty when made in memory. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** `width * height` pixels, row by row. */
  readonly data: Float32Array;
  readonly sourceType: SampleType;
  readonly pixelSize: PixelSize | null;
}

/** Exposures of one specimen region, in the order they were taken, all of one size. */
export interface Exposures {
  readonly images: readonly Image[];
}

/** What {@linkcode createImage} needs; the rest has defaults. */
export interface ImageInit {
  readonly width: number;
  readonly height: number;
  readonly data?: Float32Array;
  readonly name?: string;
  readonly sourceType?: SampleType;
  readonly pixelSize?: PixelSize | null;
}

/**
 * Makes an image, zero-filled without `data`.
 *
 * @throws RangeError when `data` does not hold `width * height` pixels
 *
 * @example
 * ```ts
 * import { createImage } from "@core";
 * import { assertEquals } from "@assert";
 *
 * assertEquals(createImage({ width: 3, height: 2 }).data.length, 6);
 * ```
 */
export function createImage(init: ImageInit): Image {
  const { width, height } = init;
  const data = init.data ?? new Float32Array(width * height);
  if (data.length !== width * height) {
    throw new RangeError(`${width} x ${height} pixels need ${width * height}, got ${data.length}`);
  }
  return {
    name: init.name ?? "",
    width,
    height,
    data,
    sourceType: init.sourceType ?? "float32",
    pixelSize: init.pixelSize ?? null,
  };
}

/** The number of pixels that are NaN or infinite. */
export function countNonFinite({ data }: Image): number {
  // v - v is 0 for every finite number, NaN for the others; an index loop is ten times an iterator
  const even = data.length - data.length % 4;
  let a = 0, b = 0, c = 0, d = 0;
  for (let i = 0; i < even; i += 4) {
    // sums that do not wait for each other, nor for a decision
    a += data[i] - data[i];
    b += data[i + 1] - data[i + 1];
    c += data[i + 2] - data[i + 2];
    d += data[i + 3] - data[i + 3];
  }
  for (let i = even; i < data.length; i++) a += data[i] - data[i];
  if (a + b + c + d === 0) return 0;
  let count = 0;
  for (let i = 0; i < data.length; i++) if (data[i] - data[i] !== 0) count++;
  return count;
}
