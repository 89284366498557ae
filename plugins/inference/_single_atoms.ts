/**
 * Single atoms: where columns stand alone, those much fainter than the others are something else.
 *
 * @module
 */
import type { Columns } from "@core";
import { gaussianBlur, medianNearestDistance } from "@core/kernels";

/** Columns stand alone when their nearest neighbors lie this many spacings away. */
const ALONE = 1.6;

/** Fewer columns do not tell how high an atom is. */
const TELLING = 5;

/** Columns of at least this confidence tell it: the height that this share of them stays below. */
const SURE = 0.5, TOP_SHARE = 0.95;

/** An atom at least this high over the top keeps its confidence; below it falls with the square. */
const WHOLE = 0.6;

/** Blurs of the difference of Gaussians that measures a height, in spacings and in the first of them. */
const BLUR = 0.14, WIDER = 2.4;

/** Whether columns stand alone, as single atoms on a support do. */
export function standAlone({ columns: { x, y } }: Columns, spacing: number): boolean {
  if (x.length < TELLING || !(spacing > 0)) return false;
  return medianNearestDistance(x, y) > ALONE * spacing;
}

/**
 * Lowers the confidence of what is much fainter than most columns, in place.
 *
 * Atoms of one element are equally high over their support, whatever noise and thickness; the network,
 * which sees contrast in units of what is around, takes specks of a thin place for as good as atoms. The
 * height at each pixel is the difference of two blurs, r that over the height of the top atoms: confidence
 * is multiplied by min(1, r / 0.6)^2.
 *
 * @param confidenceInPlace width * height
 * @param pixels of the image, columns bright
 * @param columns decoded from the map
 */
export function weighAtomsInPlace(
  confidenceInPlace: Float32Array,
  pixels: Float32Array,
  width: number,
  height: number,
  { columns: { x, y, height: confidence } }: Columns,
  spacing: number,
): void {
  const narrow = new Float32Array(width * height), wide = new Float32Array(width * height);
  gaussianBlur(pixels, width, height, BLUR * spacing, narrow);
  gaussianBlur(pixels, width, height, BLUR * WIDER * spacing, wide);
  const heights: number[] = [];
  for (let i = 0; i < x.length; i++) {
    if (confidence[i] < SURE) continue;
    const at = Math.round(y[i]) * width + Math.round(x[i]);
    heights.push(narrow[at] - wide[at]);
  }
  if (heights.length < TELLING) return;
  heights.sort((a, b) => a - b);
  const top = heights[Math.floor(TOP_SHARE * (heights.length - 1))];
  if (!(top > 0)) return;
  for (let i = 0; i < confidenceInPlace.length; i++) {
    const share = Math.max(0, narrow[i] - wide[i]) / (WHOLE * top);
    if (share < 1) confidenceInPlace[i] *= share * share;
  }
}
