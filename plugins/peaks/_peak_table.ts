/**
 * FindFoci's peaks and saddles as tables.
 *
 * @module
 */
import { createTable, PEAK_COLUMNS, type Peaks, type Table } from "@core";
import type { Foci } from "./_foci.ts";
import type { Saddles } from "./_saddles.ts";
import type { Volume } from "./_volume.ts";

/**
 * One row a peak, in the order found. Values are of the image as given, so for dark columns heights
 * and saddles are turned back, and the height above the saddle is how far the column is below it.
 *
 * @param turn the sum that turns levels back, null for bright columns
 */
export function peakTable(foci: Foci, width: number, turn: number | null): Peaks {
  const { columns, units } = measures(foci, turn);
  return createTable({
    x: columnOf(foci, (k) => foci.position[k] % width),
    y: columnOf(foci, (k) => Math.floor(foci.position[k] / width)),
    ...columns,
  }, { ...PEAK_COLUMNS, ...units });
}

/** As {@linkcode peakTable} for a stack, with the slice (from 0) as `z`. */
export function stackPeakTable(
  foci: Foci,
  { width, height }: Volume,
  turn: number | null,
): Table<"x" | "y" | "z" | "height"> {
  const { columns, units } = measures(foci, turn);
  const row = (k: number) => Math.floor(foci.position[k] / width);
  return createTable({
    x: columnOf(foci, (k) => foci.position[k] % width),
    y: columnOf(foci, (k) => row(k) % height),
    z: columnOf(foci, (k) => Math.floor(row(k) / height)),
    ...columns,
  }, { ...PEAK_COLUMNS, ...units });
}

/** One row a saddle, from the highest pass on; rows of peaks from 1, levels of the image as given. */
export function saddleTable(
  { first, second, level }: Saddles,
  turn: number | null,
): Table<"first" | "second" | "level"> {
  return createTable({
    first: new Float64Array(first),
    second: new Float64Array(second),
    level: turn === null ? new Float64Array(level) : Float64Array.from(level, (v) => turn - v),
  }, { level: "counts" });
}

function columnOf({ count }: Foci, of: (k: number) => number): Float64Array {
  const numbers = new Float64Array(count);
  for (let k = 0; k < count; k++) numbers[k] = of(k);
  return numbers;
}

/** All columns but the place. */
function measures(foci: Foci, turn: number | null) {
  const { height, top, size, total, saddle, background } = foci;
  const numbers = (of: (k: number) => number) => columnOf(foci, of);
  const level = (value: number) => turn === null ? value : turn - value;
  const sum = (value: number, pixels: number) => turn === null ? value : turn * pixels - value;
  // a peak without a saddle stands on the background
  const base = (k: number) => Math.max(saddle[k], background);
  const columns = {
    height: numbers((k) => level(height[k])),
    size: size,
    total: numbers((k) => sum(total[k], size[k])),
    saddle: numbers((k) => level(base(k))),
    saddleId: Float64Array.from(foci.saddleId),
    heightAboveSaddle: numbers((k) => top[k] - base(k)),
    heightAboveBackground: numbers((k) => top[k] - background),
    sizeAboveSaddle: foci.sizeAbove,
    totalAboveSaddle: numbers((k) => sum(foci.totalAbove[k], foci.sizeAbove[k])),
    totalAboveBackground: numbers((k) => total[k] - background * size[k]),
    totalAboveMinimum: numbers((k) => total[k] - foci.minimum * size[k]),
    average: numbers((k) => level(total[k] / size[k])),
  };
  const units = {
    size: "px",
    total: "counts",
    saddle: "counts",
    heightAboveSaddle: "counts",
    heightAboveBackground: "counts",
    sizeAboveSaddle: "px",
    totalAboveSaddle: "counts",
    totalAboveBackground: "counts",
    totalAboveMinimum: "counts",
    average: "counts",
  };
  return { columns, units };
}
