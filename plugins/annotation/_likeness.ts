/**
 * How alike two exposures look to a person: their correlation at the scale that is visible.
 *
 * @module
 */
import type { Image } from "@core";
import { type Smoothed, smoothed } from "./_smoothed.ts";

/** A smoothed exposure and its dose. */
export interface Look extends Smoothed {
  /** Mean pixel of the image itself. */
  readonly dose: number;
}

/** Every other pixel along both axes is enough to compare what was blurred. */
const STRIDE = 2;
/** Whole-pixel windows leave up to one pixel between exposures. */
const SHIFT = 1;

/** The look of an image blurred by `sigma` px. */
export function lookOf(image: Image, sigma: number): Look {
  const sum = image.data.reduce((total, v) => total + v, 0);
  return { ...smoothed(image, sigma), dose: sum / image.data.length };
}

/** The highest normalized correlation of two looks over shifts of up to a pixel, between pixels too. */
export function likeness(a: Look, b: Look): number {
  const values = new Float64Array(9);
  for (let dy = -SHIFT; dy <= SHIFT; dy++) {
    for (let dx = -SHIFT; dx <= SHIFT; dx++) {
      values[(dy + 1) * 3 + dx + 1] = correlationAtShift(a, b, dx, dy);
    }
  }
  const at = values.indexOf(Math.max(...values));
  const peakAlong = (before: number, here: number, after: number) => {
    const bend = before - 2 * here + after;
    return bend < 0 ? (before - after) ** 2 / (-8 * bend) : 0;
  };
  const row = Math.floor(at / 3), column = at % 3;
  const gainX = column === 1 ? peakAlong(values[at - 1], values[at], values[at + 1]) : 0;
  const gainY = row === 1 ? peakAlong(values[at - 3], values[at], values[at + 3]) : 0;
  return Math.min(1, values[at] + gainX + gainY);
}

function correlationAtShift(a: Look, b: Look, dx: number, dy: number): number {
  const { width, height } = a;
  let product = 0, squaresA = 0, squaresB = 0;
  for (let y = SHIFT; y < height - SHIFT; y += STRIDE) {
    for (let x = SHIFT; x < width - SHIFT; x += STRIDE) {
      const u = a.data[y * width + x], v = b.data[(y + dy) * width + x + dx];
      product += u * v;
      squaresA += u * u;
      squaresB += v * v;
    }
  }
  const scale = Math.sqrt(squaresA * squaresB);
  return scale > 0 ? product / scale : 0;
}
