/**
 * Images of lattices with and without noise, for tests.
 *
 * @module
 */
import { createImage, type Image } from "@core";
import { createRandom, poissonRandom } from "@core/kernels";

/** What to draw; lengths in px, intensities in counts. */
export interface Lattice {
  readonly width: number;
  readonly height: number;
  /** Distances of columns along x and y. */
  readonly a: number;
  readonly b: number;
  readonly sigma: number;
  readonly background: number;
  readonly top: number;
  /** Every so many columns, one is missing. */
  readonly vacancyEvery?: number;
}

/** Gaussian columns that go on over the border. */
export function drawLattice(lattice: Lattice): Image {
  const { width, height, a, b, sigma, background, top, vacancyEvery = Infinity } = lattice;
  const data = new Float32Array(width * height).fill(background);
  let count = 0;
  for (let cy = b / 3 - 2 * b; cy < height + 2 * b; cy += b) {
    for (let cx = a / 4 - 2 * a; cx < width + 2 * a; cx += a) {
      if (++count % vacancyEvery === 0) continue;
      for (let y = 0; y < height; y++) {
        const row = top * Math.exp(-((y - cy) ** 2) / (2 * sigma ** 2));
        if (row < 1e-9 * top) continue;
        for (let x = 0; x < width; x++) {
          data[y * width + x] += row * Math.exp(-((x - cx) ** 2) / (2 * sigma ** 2));
        }
      }
    }
  }
  return createImage({ width, height, data });
}

/** The same image as counted electrons. */
export function count(image: Image, seed: number): Image {
  const random = createRandom(seed);
  return { ...image, data: image.data.map((mean) => poissonRandom(mean, random)) };
}

/** Root of the mean squared difference. */
export function rmsDifference(a: Image, b: Image): number {
  const sum = a.data.reduce((total, v, i) => total + (v - b.data[i]) ** 2, 0);
  return Math.sqrt(sum / a.data.length);
}

/** Largest difference. */
export function largestDifference(a: Image, b: Image): number {
  return a.data.reduce((most, v, i) => Math.max(most, Math.abs(v - b.data[i])), 0);
}
