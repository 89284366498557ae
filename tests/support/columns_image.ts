/**
 * Pictures of columns of any shape, and peaks near them.
 *
 * @module
 */
import { createImage, createTable, type Image, type Peaks } from "../../core/mod.ts";
import { createRandom } from "../../core/kernels/mod.ts";

/** A column as it truly is. */
export interface TrueColumn {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly sigmaX: number;
  readonly sigmaY: number;
  readonly angle: number;
}

/** A round column. */
export const roundColumn = (x: number, y: number, sigma: number, height = 100): TrueColumn => ({
  x,
  y,
  height,
  sigmaX: sigma,
  sigmaY: sigma,
  angle: 0,
});

/** Expected counts of columns on a background. */
export function drawColumns(
  width: number,
  height: number,
  columns: readonly TrueColumn[],
  background: (x: number, y: number) => number = () => 10,
): Float64Array {
  const mean = new Float64Array(width * height);
  for (let k = 0; k < mean.length; k++) mean[k] = background(k % width, Math.floor(k / width));
  for (const { x, y, height: top, sigmaX, sigmaY, angle } of columns) {
    const reach = Math.ceil(8 * Math.max(sigmaX, sigmaY));
    const c = Math.cos(angle), s = Math.sin(angle);
    for (let v = Math.max(0, Math.floor(y) - reach); v <= Math.min(height - 1, y + reach); v++) {
      for (let u = Math.max(0, Math.floor(x) - reach); u <= Math.min(width - 1, x + reach); u++) {
        const along = (c * (u - x) + s * (v - y)) / sigmaX;
        const across = (c * (v - y) - s * (u - x)) / sigmaY;
        mean[v * width + u] += top * Math.exp(-0.5 * (along * along + across * across));
      }
    }
  }
  return mean;
}

/** Pixels of expected counts, with noise. */
export function imageOf(
  width: number,
  mean: Float64Array,
  noise: (m: number) => number = (m) => m,
): Image {
  return createImage({ width, height: mean.length / width, data: Float32Array.from(mean, noise) });
}

/** Peaks at those columns that are in the image, off by up to so many px; and these columns. */
export function peaksNear(
  columns: readonly TrueColumn[],
  image: Image,
  off = 0,
  seed = 3,
): { readonly peaks: Peaks; readonly truth: readonly TrueColumn[] } {
  const random = createRandom(seed);
  const truth = columns.filter(({ x, y }) =>
    x >= 0 && y >= 0 && x <= image.width - 1 && y <= image.height - 1
  );
  const x = new Float64Array(truth.length), y = new Float64Array(truth.length);
  for (const [i, column] of truth.entries()) {
    const angle = 2 * Math.PI * random(), distance = off * Math.sqrt(random());
    x[i] = Math.min(image.width - 1, Math.max(0, column.x + distance * Math.cos(angle)));
    y[i] = Math.min(image.height - 1, Math.max(0, column.y + distance * Math.sin(angle)));
  }
  return { peaks: createTable({ x, y, height: new Float64Array(x.length).fill(1) }), truth };
}
