/**
 * Sums of the non-local means: pixels weighted by the likeness of the patches around them.
 *
 * @module
 */

/** What makes two patches alike. */
export interface Likeness {
  /** Standard deviation of the noise of a pixel; above 0. */
  readonly noise: number;
  /** How unlike they may be, in such standard deviations; above 0. */
  readonly strength: number;
}

/** exp(-30) is 1e-13: pairs less alike than this add nothing to a sum in float32. */
const LEAST_EXPONENT = 30;

/** Steps of the table for one unit: between them a line is within 2e-6 of the exponential. */
const STEPS = 256;

/** exp(-i / 256) for all weights that count: a look-up is quicker than the function itself. */
export function createWeightTable(): Float64Array {
  return Float64Array.from({ length: LEAST_EXPONENT * STEPS + 2 }, (_, i) => Math.exp(-i / STEPS));
}

/**
 * Copies an image into the middle of a larger one, mirrored at its edge pixels.
 *
 * @param margin width of the frame, px; may be wider than the image
 * @param out receives (width + 2 margin) x (height + 2 margin) pixels
 */
export function mirrorInto(
  data: Float32Array,
  width: number,
  height: number,
  margin: number,
  out: Float64Array,
): void {
  let to = 0;
  for (let y = -margin; y < height + margin; y++) {
    const row = mirrored(y, height) * width;
    for (let x = -margin; x < width + margin; x++) out[to++] = data[row + mirrored(x, width)];
  }
}

/** The index inside 0..n-1 that a mirror at the first and last index shows at `i`. */
function mirrored(i: number, n: number): number {
  if (n === 1) return 0;
  const period = 2 * n - 2;
  const within = ((i % period) + period) % period;
  return within < n ? within : period - within;
}

/**
 * Adds to each pixel p the pixel q = p + (dx, dy), and to q the pixel p, both weighted by
 * w = exp(-max(0, d - 2 noise^2) / (strength noise)^2), where d is the mean squared difference of the
 * patches of 2 patch + 1 px around them. Pairs that are not both in the image are left out.
 *
 * d comes from running sums, first down, then along a row: O(pixels), whatever the patch.
 *
 * @param framed the image in a mirrored frame of `patch` px ({@linkcode mirrorInto})
 * @param width pixels of a row, without the frame
 * @param dy at least 0
 * @param table of {@linkcode createWeightTable}
 * @param sums working memory, width + 2 patch numbers
 * @param weights sum of the weights of each pixel
 * @param values weighted sum of each pixel
 */
export function addOffset(
  framed: Float64Array,
  width: number,
  height: number,
  patch: number,
  dx: number,
  dy: number,
  { noise, strength }: Likeness,
  table: Float64Array,
  sums: Float64Array,
  weights: Float64Array,
  values: Float64Array,
): void {
  const stride = width + 2 * patch, side = 2 * patch + 1;
  const step = dy * stride + dx;
  const x0 = Math.max(0, -dx), x1 = Math.min(width, width - dx);
  const y1 = height - dy;
  if (x0 >= x1 || y1 <= 0) return;
  const perPixel = STEPS / (side * strength * noise) ** 2, zero = 2 * STEPS / strength ** 2;
  const last = LEAST_EXPONENT * STEPS;
  const end = x1 + 2 * patch;
  sums.fill(0, x0, end);
  for (let v = 0; v < side - 1; v++) addSquares(framed, v * stride, step, x0, end, 1, sums);
  for (let y = 0; y < y1; y++) {
    addSquares(framed, (y + side - 1) * stride, step, x0, end, 1, sums);
    let total = 0;
    for (let x = x0; x < x0 + side - 1; x++) total += sums[x];
    let p = y * width + x0, at = (y + patch) * stride + x0 + patch;
    for (let x = x0; x < x1; x++, p++, at++) {
      total += sums[x + side - 1];
      const place = Math.max(0, total * perPixel - zero);
      if (place < last) {
        const whole = place | 0, low = table[whole];
        const weight = low + (place - whole) * (table[whole + 1] - low);
        const q = p + dy * width + dx;
        weights[p] += weight;
        values[p] += weight * framed[at + step];
        weights[q] += weight;
        values[q] += weight * framed[at];
      }
      total -= sums[x];
    }
    addSquares(framed, y * stride, step, x0, end, -1, sums);
  }
}

/** Adds `sign` times the squared differences of a row and the row `step` further on. */
function addSquares(
  framed: Float64Array,
  row: number,
  step: number,
  x0: number,
  end: number,
  sign: number,
  sums: Float64Array,
): void {
  for (let x = x0, i = row + x0; x < end; x++, i++) {
    const difference = framed[i] - framed[i + step];
    sums[x] += sign * difference * difference;
  }
}

/** The weighted means. */
export function divideInto(values: Float64Array, weights: Float64Array, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = values[i] / weights[i];
}
