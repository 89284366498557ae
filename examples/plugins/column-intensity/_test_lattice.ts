/**
 * A square lattice of Gaussian columns with exact truth, for tests.
 *
 * @module
 */
import { createImage, type Image } from "@core";

/** What to draw; lengths in px, heights in counts. */
export interface Lattice {
  readonly width: number;
  readonly height: number;
  readonly spacing: number;
  readonly sigmaX: number;
  readonly sigmaY: number;
  readonly background: number;
  /** Height of the columns in one place along x and y. */
  heightAt(i: number, j: number): number;
}

/** The image, and the columns in it from top to bottom. */
export function drawLattice(
  lattice: Lattice,
): { image: Image; x: Float64Array; y: Float64Array; top: Float64Array } {
  const { width, height, spacing, sigmaX, sigmaY, background } = lattice;
  const xs: number[] = [], ys: number[] = [], tops: number[] = [];
  for (let j = 0; (j + 0.5) * spacing < height; j++) {
    for (let i = 0; (i + 0.5) * spacing < width; i++) {
      // off the pixels' centers, so that no pixel is as near to two columns
      xs.push((i + 0.5) * spacing - 0.37);
      ys.push((j + 0.5) * spacing - 0.71);
      tops.push(lattice.heightAt(i, j));
    }
  }
  const data = new Float32Array(width * height);
  for (let p = 0; p < data.length; p++) {
    const u = p % width, v = Math.floor(p / width);
    let sum = background;
    for (let c = 0; c < xs.length; c++) {
      const dx = (u - xs[c]) / sigmaX, dy = (v - ys[c]) / sigmaY;
      sum += tops[c] * Math.exp(-(dx * dx + dy * dy) / 2);
    }
    data[p] = sum;
  }
  return {
    image: createImage({ width, height, data }),
    x: Float64Array.from(xs),
    y: Float64Array.from(ys),
    top: Float64Array.from(tops),
  };
}
