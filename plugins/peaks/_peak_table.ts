/**
 * FindFoci's peaks as a table.
 *
 * @module
 */
import { createTable, PEAK_COLUMNS, type Peaks } from "@core";
import type { Foci } from "./_foci.ts";

/**
 * One row a peak, in the order found. Values are of the image as given, so for dark columns heights
 * and saddles are turned back, and the height above the saddle is how far the column is below it.
 *
 * @param turn the sum that turns levels back, null for bright columns
 */
export function peakTable(foci: Foci, width: number, turn: number | null): Peaks {
  const { count, position, height, top, size, total, saddle, background } = foci;
  const numbers = (of: (k: number) => number) =>
    Float64Array.from({ length: count }, (_, k) => of(k));
  const level = (value: number) => turn === null ? value : turn - value;
  const sum = (value: number, pixels: number) => turn === null ? value : turn * pixels - value;
  // a peak without a saddle stands on the background
  const base = (k: number) => Math.max(saddle[k], background);
  return createTable({
    x: numbers((k) => position[k] % width),
    y: numbers((k) => Math.floor(position[k] / width)),
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
  }, {
    ...PEAK_COLUMNS,
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
  });
}
