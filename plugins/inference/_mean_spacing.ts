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
    for (let from = 0, cell = row; from < width; from += pool, cell++) {
      const to = y * width + Math.min(width, from + pool);
      let weight = 0;
      for (let i = y * width + from; i < to; i++) weight += confidence[i];
      sum += weight * logSpacing[cell];
      weights += weight;
    }
  }
  return weights / (width * height) > NOTHING ? Math.exp(sum / weights) : NaN;
}

/** Mean confidence of an image in which the network sees nothing at all. */
const NOTHING = 1e-4;
