/**
 * The spacing of columns that AtomID's network predicts for an image.
 *
 * @module
 */

/**
 * The mean spacing, px: the exponential of the mean of the predicted logarithms, each cell weighted by
 * the mean confidence in it, so that what holds no columns says nothing. NaN where there is no confidence.
 *
 * @param logSpacing cells of `pool` x `pool` px, `cellsX` of them in a row
 * @param confidence width * height
 */
export function meanSpacing(
  logSpacing: Float32Array,
  cellsX: number,
  pool: number,
  confidence: Float32Array,
  width: number,
  height: number,
): number {
  let sum = 0, weights = 0;
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / pool) * cellsX;
    for (let x = 0; x < width; x++) {
      const weight = confidence[y * width + x];
      sum += weight * logSpacing[row + Math.floor(x / pool)];
      weights += weight;
    }
  }
  return weights / (width * height) > NOTHING ? Math.exp(sum / weights) : NaN;
}

/** Mean confidence of an image in which the network sees nothing at all. */
const NOTHING = 1e-4;
