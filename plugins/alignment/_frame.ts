/**
 * The frame an average is laid out in, and how much of each of its pixels an exposure saw.
 *
 * An exposure of `width x height` pixels sees the square of a pixel around each of its own. Of the
 * square around another place it sees the share that overlaps with its field, 1 from the first to
 * the last row or pixel column, falling to 0 one pixel beyond.
 *
 * @module
 */
import { inverseTransform, selectRows, type Transform, transformPoints } from "@core";

/** A frame in whole pixels of the reference: where its first pixel lies, and its size. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Rounding that a whole-pixel drift may carry. */
const ROUNDING = 1e-9;

/** The share of one axis of a pixel that a field of `length` pixels sees, for a pixel at `q`. */
export function seenShare(q: number, length: number): number {
  if (q >= 0 && q <= length - 1) return 1;
  return Math.max(0, q < 0 ? 1 + q : length - q);
}

/** The least frame that holds every pixel of whose width and height some exposure saw at least half. */
export function unionFrame(transform: Transform, width: number, height: number): Frame {
  const { x, y } = cornersOf(transform, -0.5, -0.5, width - 0.5, height - 0.5);
  return frameBetween(Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y));
}

/** A frame of pixels all exposures saw whole, the largest if they only moved; its size may be < 1. */
export function commonFrame(transform: Transform, width: number, height: number): Frame {
  const { x, y } = cornersOf(transform, 0, 0, width - 1, height - 1);
  let x0 = -Infinity, y0 = -Infinity, x1 = Infinity, y1 = Infinity;
  for (let i = 0; i < x.length; i += 4) {
    // corners in the order top left, top right, bottom left, bottom right
    x0 = Math.max(x0, x[i], x[i + 2]);
    x1 = Math.min(x1, x[i + 1], x[i + 3]);
    y0 = Math.max(y0, y[i], y[i + 1]);
    y1 = Math.min(y1, y[i + 2], y[i + 3]);
  }
  return frameBetween(x0, y0, x1, y1);
}

/** By how much an exposure shows the middle of the reference elsewhere. */
export function displacementOf(
  transform: Transform,
  row: number,
  width: number,
  height: number,
): { readonly x: number; readonly y: number } {
  const x = Float64Array.of((width - 1) / 2), y = Float64Array.of((height - 1) / 2);
  transformPoints(transform, row, x, y, x, y);
  return { x: x[0] - (width - 1) / 2, y: y[0] - (height - 1) / 2 };
}

/** Whether an exposure may show a pixel of a frame. */
export function overlaps(
  transform: Transform,
  row: number,
  width: number,
  height: number,
  frame: Frame,
): boolean {
  const { x, y } = cornersOf(selectRows(transform, [row]), -0.5, -0.5, width - 0.5, height - 0.5);
  return Math.max(...x) > frame.x && Math.min(...x) < frame.x + frame.width - 1 &&
    Math.max(...y) > frame.y && Math.min(...y) < frame.y + frame.height - 1;
}

/** The whole pixels between two corners. */
function frameBetween(x0: number, y0: number, x1: number, y1: number): Frame {
  const x = Math.ceil(x0 - ROUNDING), y = Math.ceil(y0 - ROUNDING);
  return {
    x,
    y,
    width: Math.floor(x1 + ROUNDING) - x + 1,
    height: Math.floor(y1 + ROUNDING) - y + 1,
  };
}

/** Where the corners of every exposure lie in the reference, four a row. */
function cornersOf(transform: Transform, x0: number, y0: number, x1: number, y1: number) {
  const back = inverseTransform(transform);
  const x: number[] = [], y: number[] = [];
  for (let row = 0; row < transform.length; row++) {
    const cx = Float64Array.of(x0, x1, x0, x1), cy = Float64Array.of(y0, y0, y1, y1);
    transformPoints(back, row, cx, cy, cx, cy);
    x.push(...cx);
    y.push(...cy);
  }
  return { x, y };
}
