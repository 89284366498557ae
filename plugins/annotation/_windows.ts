/**
 * Windows that show the same region of a drifting specimen in every exposure.
 *
 * @module
 */
import { createImage, type Image } from "@core";

/** Whole-pixel windows of one size, and where each exposure's drift leaves the specimen in its own. */
export interface Windows {
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly width: number;
  readonly height: number;
}

/**
 * The largest windows that show one region in all exposures; their size is not positive when there is
 * no such region.
 *
 * @param driftX,driftY drift relative to the reference exposure, px
 */
export function commonWindows(
  width: number,
  height: number,
  driftX: Float64Array,
  driftY: Float64Array,
): Windows {
  const [x, w] = commonRange(width, driftX);
  const [y, h] = commonRange(height, driftY);
  return { x, y, width: w, height: h };
}

/** The start of each exposure's window along one axis, and their length. */
function commonRange(length: number, drift: Float64Array): [Int32Array, number] {
  const moved = Int32Array.from(drift, (d) => Math.round(d));
  let start = 0, end = length; // in the reference exposure
  for (const m of moved) {
    start = Math.max(start, -m);
    end = Math.min(end, length - m);
  }
  return [moved.map((m) => start + m), end - start];
}

/** The part of an image in a window, with its own pixels. */
export function cropImage(
  image: Image,
  x: number,
  y: number,
  width: number,
  height: number,
): Image {
  const data = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (y + row) * image.width + x;
    data.set(image.data.subarray(from, from + width), row * width);
  }
  const { name, sourceType, pixelSize } = image;
  return createImage({ name, width, height, data, sourceType, pixelSize });
}
