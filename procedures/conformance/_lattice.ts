/**
 * The picture in the example inputs: a lattice of Gaussian columns with vacancies and Poisson noise.
 *
 * @module
 */
import { createImage, type Image } from "../../core/data/image.ts";
import { createRandom, poissonRandom } from "../../core/kernels/random.ts";

/** Lattice vectors and the first column, in px: no axis parallel to a row, no center on a pixel. */
const A = { x: 9, y: 1 };
const B = { x: -2, y: 10 };
const ORIGIN = { x: 5, y: 5 };

/** Standard deviation of a column, in px. */
export const COLUMN_SIGMA = 2;

/** Counts at the top of a column, and between columns. */
export const COLUMN_HEIGHT = 100;
const BACKGROUND = 10;

/** Chance that a column is missing, so that the picture is not periodic. */
const VACANCIES = 0.1;

/** Columns farther than this from the picture, in px, add nothing to it. */
const REACH = 6 * COLUMN_SIGMA;

/** Where column (i, j) of the lattice lies. */
export function latticePoint(i: number, j: number): { x: number; y: number } {
  return { x: ORIGIN.x + i * A.x + j * B.x, y: ORIGIN.y + i * A.y + j * B.y };
}

/** One exposure of the lattice; the seed is that of its noise, the vacancies are always the same. */
export function latticePicture(
  width: number,
  height: number,
  drift: { readonly x: number; readonly y: number },
  seed: number,
): Image {
  const mean = new Float64Array(width * height).fill(BACKGROUND);
  const missing = createRandom(1);
  const cells = Math.ceil((width + height + 4 * REACH) / Math.min(A.x, B.y));
  for (let i = -cells; i <= cells; i++) {
    for (let j = -cells; j <= cells; j++) {
      const { x, y } = latticePoint(i, j);
      const near = x > -2 * REACH && y > -2 * REACH && x < width + 2 * REACH &&
        y < height + 2 * REACH;
      if (near && missing() >= VACANCIES) addColumn(mean, width, height, x + drift.x, y + drift.y);
    }
  }
  const random = createRandom(seed);
  return createImage({
    width,
    height,
    data: Float32Array.from(mean, (m) => poissonRandom(m, random)),
  });
}

function addColumn(mean: Float64Array, width: number, height: number, x: number, y: number): void {
  const x0 = Math.max(0, Math.round(x) - REACH), x1 = Math.min(width - 1, Math.round(x) + REACH);
  const y0 = Math.max(0, Math.round(y) - REACH), y1 = Math.min(height - 1, Math.round(y) + REACH);
  for (let v = y0; v <= y1; v++) {
    for (let u = x0; u <= x1; u++) {
      const square = (u - x) ** 2 + (v - y) ** 2;
      mean[v * width + u] += COLUMN_HEIGHT * Math.exp(-square / (2 * COLUMN_SIGMA ** 2));
    }
  }
}
