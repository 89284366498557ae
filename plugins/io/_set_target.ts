/**
 * Confidence maps to train on, by Eq. 1 to 4 of the AtomID thesis.
 *
 * @module
 */
import { nearestDistances } from "@core/kernels";

/** Contributions below `exp(-REACH ** 2 / 2)`, 1.5e-8, are beyond what float32 keeps beside 1. */
const REACH = 6;

/** The mean distance from each point to its nearest neighbor in px; `NaN` with fewer than two. */
export function meanNearestDistance(x: Float64Array, y: Float64Array): number {
  if (x.length < 2) return NaN;
  const distances = new Float64Array(x.length);
  nearestDistances(x, y, distances);
  return distances.reduce((sum, distance) => sum + distance, 0) / x.length;
}

/**
 * Writes the confidence map of some columns: the sum over columns of
 * `exp(-((u - x)^2 + (v - y)^2) / (2 sigma^2))`, so a peak of 1 where a column lies on the center
 * of a pixel and no neighbor reaches it. Columns stand at their sub-pixel positions, not at the
 * nearest pixel, and where two overlap their Gaussians add up.
 *
 * @param sigma standard deviation in px, above 0
 * @param out `width * height` zeros, row by row
 */
export function confidenceMap(
  x: Float64Array,
  y: Float64Array,
  sigma: number,
  width: number,
  height: number,
  out: Float32Array,
): void {
  const reach = REACH * sigma;
  const scale = -0.5 / (sigma * sigma);
  const across = new Float64Array(width);
  for (let i = 0; i < x.length; i++) {
    const x0 = Math.max(0, Math.ceil(x[i] - reach)), x1 = Math.min(width - 1, x[i] + reach);
    const y0 = Math.max(0, Math.ceil(y[i] - reach)), y1 = Math.min(height - 1, y[i] + reach);
    for (let u = x0; u <= x1; u++) across[u] = Math.exp((u - x[i]) ** 2 * scale);
    for (let v = y0; v <= y1; v++) {
      const down = Math.exp((v - y[i]) ** 2 * scale);
      for (let u = x0, k = v * width + x0; u <= x1; u++, k++) out[k] += down * across[u];
    }
  }
}
