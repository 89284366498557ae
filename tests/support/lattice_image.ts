/**
 * Small pictures of lattices with exact truth, for tests that want no more than that.
 *
 * @module
 */
import { createImage, type Image } from "../../core/data/image.ts";
import { createRandom, poissonRandom } from "../../core/kernels/random.ts";

/** What to draw; lengths in px, heights in counts. */
export interface LatticeImageOptions {
  readonly width: number;
  readonly height: number;
  /** Lattice vectors. */
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  /** Columns of one cell: position in px from the cell's corner, and height. */
  readonly basis?: readonly { readonly x: number; readonly y: number; readonly height: number }[];
  readonly sigma: number;
  readonly background?: number;
  /** Shift of the whole lattice. */
  readonly shift?: readonly [number, number];
  /** Poisson noise with this seed; no noise without. */
  readonly seed?: number;
  /** Chance that a column is missing, for pictures that are not periodic. */
  readonly vacancies?: number;
  /** Seed of the vacancies. */
  readonly specimen?: number;
}

/** The picture and the columns inside it. */
export interface LatticeImage {
  readonly image: Image;
  readonly x: number[];
  readonly y: number[];
  readonly height: number[];
}

/** Draws a lattice of point-sampled Gaussian columns. */
export function latticeImage(options: LatticeImageOptions): LatticeImage {
  const { width, height, a, b, sigma } = options;
  const basis = options.basis ?? [{ x: 0, y: 0, height: 100 }];
  const [shiftX, shiftY] = options.shift ?? [0, 0];
  const missing = createRandom(options.specimen ?? 1);
  const mean = new Float64Array(width * height).fill(options.background ?? 10);
  const truth: { x: number[]; y: number[]; height: number[] } = { x: [], y: [], height: [] };
  const margin = 4 * sigma + 50;
  const reach = Math.ceil(
    2 * (width + height + margin) / Math.min(Math.hypot(...a), Math.hypot(...b)),
  );
  for (let i = -reach; i <= reach; i++) {
    for (let j = -reach; j <= reach; j++) {
      for (const site of basis) {
        const x = i * a[0] + j * b[0] + site.x;
        const y = i * a[1] + j * b[1] + site.y;
        const near = x > -margin && y > -margin && x < width + margin && y < height + margin;
        if (!near || missing() < (options.vacancies ?? 0)) continue;
        addColumn(mean, width, height, x + shiftX, y + shiftY, site.height, sigma);
        const inside = x + shiftX >= 0 && y + shiftY >= 0 && x + shiftX <= width - 1 &&
          y + shiftY <= height - 1;
        if (!inside) continue;
        truth.x.push(x + shiftX);
        truth.y.push(y + shiftY);
        truth.height.push(site.height);
      }
    }
  }
  const random = options.seed === undefined ? undefined : createRandom(options.seed);
  const data = Float32Array.from(mean, (m) => random ? poissonRandom(m, random) : m);
  return { image: createImage({ width, height, data }), ...truth };
}

function addColumn(
  mean: Float64Array,
  width: number,
  height: number,
  x: number,
  y: number,
  top: number,
  sigma: number,
): void {
  const reach = Math.ceil(6 * sigma);
  const x0 = Math.max(0, Math.round(x) - reach), x1 = Math.min(width - 1, Math.round(x) + reach);
  const y0 = Math.max(0, Math.round(y) - reach), y1 = Math.min(height - 1, Math.round(y) + reach);
  for (let v = y0; v <= y1; v++) {
    for (let u = x0; u <= x1; u++) {
      const d2 = (u - x) ** 2 + (v - y) ** 2;
      mean[v * width + u] += top * Math.exp(-d2 / (2 * sigma * sigma));
    }
  }
}
