/**
 * Maxima as tables.
 *
 * @module
 */
import { createTable, PEAK_COLUMNS, type Peaks } from "@core";
import type { ProminentMaxima } from "./_prominence.ts";

/** One row a maximum; `level` turns searched levels into those of the image. */
export function maximaTable(
  { count, position, top, saddle }: ProminentMaxima,
  width: number,
  level: (value: number) => number,
): Peaks {
  const numbers = (of: (k: number) => number) =>
    Float64Array.from({ length: count }, (_, k) => of(k));
  return createTable({
    ...placesOf(position, width),
    height: numbers((k) => level(top[k])),
    saddle: numbers((k) => level(saddle[k])),
    heightAboveSaddle: numbers((k) => top[k] - saddle[k]),
  }, { ...PEAK_COLUMNS, saddle: "counts", heightAboveSaddle: "counts" });
}

/** One row a pixel, with its place and height. */
export function pixelTable(
  position: Int32Array,
  values: Float32Array,
  width: number,
  level: (value: number) => number,
): Peaks {
  const height = Float64Array.from(position, (i) => level(values[i]));
  return createTable({ ...placesOf(position, width), height }, PEAK_COLUMNS);
}

function placesOf(position: Int32Array, width: number): { x: Float64Array; y: Float64Array } {
  return {
    x: Float64Array.from(position, (i) => i % width),
    y: Float64Array.from(position, (i) => Math.floor(i / width)),
  };
}
