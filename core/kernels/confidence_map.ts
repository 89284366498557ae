/**
 * Confidence maps of columns: what a network that finds them is to answer.
 *
 * @see Eq. 1 to 4 of the AtomID thesis.
 *
 * @module
 */

/** Contributions below `exp(-REACH ** 2 / 2)`, 1.5e-8, are beyond what float32 keeps beside 1. */
const REACH = 6;

/**
 * Writes the confidence map of some columns: the sum over columns of
 * `exp(-((u - x)^2 + (v - y)^2) / (2 sigma^2))`, so a peak of 1 where a column lies on the center
 * of a pixel and no neighbor reaches it. Columns stand at their sub-pixel positions, not at the
 * nearest pixel, and where two overlap their Gaussians add up.
 *
 * @param sigma standard deviation in px, above 0
 * @param out `width * height` zeros, row by row
 *
 * @example One column on the center of a pixel
 * ```ts
 * import { confidenceMap } from "@core/kernels";
 * import { assertEquals } from "@assert";
 *
 * const map = new Float32Array(9 * 9);
 * confidenceMap(Float64Array.of(4), Float64Array.of(3), 2, 9, 9, map);
 * assertEquals(map[3 * 9 + 4], 1);
 * ```
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
