/**
 * Peaks on the outermost pixels: columns at the border, or slopes of columns outside.
 *
 * @module
 */
import type { Volume } from "./_volume.ts";

/** Which peaks on the outermost pixels are listed: those that look like tops, all, or none. */
export type BorderRule = "tops" | "all" | "none";

/** First and last pixels of the region searched. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * A top bends down at once, the slope of a column outside hardly bends: the fall over two steps inward
 * may be this many times the bend. In simulated lattices four of five columns within half a pixel of the
 * border pass, and one of ten slopes.
 */
const FALL_OVER_BEND = 10;

/**
 * Whether a peak is to be listed, judged by the profile from the border inward. Along an axis of less
 * than three pixels all are outermost, which tells nothing.
 *
 * @param step px between the points of the profile: the blur, rounded
 */
export function isListed(
  values: Float32Array,
  { width, height }: Volume,
  box: Box,
  rule: BorderRule,
  step: number,
  position: number,
): boolean {
  if (rule === "all") return true;
  const rows = Math.floor(position / width);
  const x = position - rows * width, y = rows % height;
  const passes = (v: number, low: number, high: number, stride: number) => {
    if (high - low < 2 || (v !== low && v !== high)) return true;
    if (rule === "none" || high - low < 2 * step) return false;
    const inward = (v === low ? step : -step) * stride;
    const [a, b, c] = [0, 1, 2].map((k) => values[position + k * inward]);
    return a - c <= FALL_OVER_BEND * (2 * b - a - c);
  };
  return passes(x, box.left, box.right, 1) && passes(y, box.top, box.bottom, width);
}
