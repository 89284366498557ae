/**
 * Cubic B-splines through the pixels of an image.
 *
 * Beyond its ends each line goes on by odd reflection, so its spline is the natural one: it is straight
 * there, and the coefficients at both ends are the pixels themselves. Those between follow from
 * `c[i - 1] + 4 c[i] + c[i + 1] = 6 pixel[i]` by elimination, along x and then along y.
 *
 * Coefficients lie in an array with a margin of two pixels: that of pixel (x, y) at
 * `(y + 2) * (width + 4) + x + 2`.
 *
 * @see Unser, Aldroubi and Eden, Fast B-spline transforms for continuous image representation and
 * interpolation, IEEE Trans. Pattern Analysis and Machine Intelligence 13 (1991) 277.
 * https://doi.org/10.1109/34.75515
 *
 * @module
 */

/** Pixels around the coefficients on each side. */
export const SPLINE_MARGIN = 2;

/** Factors of the elimination along a line of `length` pixels. */
export function splineFactors(length: number): Float64Array {
  const factors = new Float64Array(length);
  // factors[i] c[i + 1] is what is left of row i; the end is known, so it takes nothing from row 1
  for (let i = 1; i < length; i++) factors[i] = 1 / (4 - factors[i - 1]);
  return factors;
}

/** Writes the coefficients of rows `first` to `end` - 1 along x, of the image less `level`. */
export function splineRows(
  data: Float32Array,
  width: number,
  level: number,
  factors: Float64Array,
  first: number,
  end: number,
  out: Float64Array,
): void {
  const stride = width + 2 * SPLINE_MARGIN;
  for (let y = first; y < end; y++) {
    const from = y * width, to = (y + SPLINE_MARGIN) * stride + SPLINE_MARGIN;
    out[to] = data[from] - level;
    out[to + width - 1] = data[from + width - 1] - level;
    for (let x = 1; x < width - 1; x++) {
      out[to + x] = (6 * (data[from + x] - level) - out[to + x - 1]) * factors[x];
    }
    // the first step took all of c[0], which is known, and left nothing to give back
    for (let x = width - 2; x > 0; x--) out[to + x] -= factors[x] * out[to + x + 1];
  }
}

/** Finishes the coefficients: along y, and the margin. */
export function splineColumnsInPlace(
  width: number,
  height: number,
  factors: Float64Array,
  out: Float64Array,
): void {
  const stride = width + 2 * SPLINE_MARGIN;
  const left = SPLINE_MARGIN, top = SPLINE_MARGIN * stride;
  for (let y = 1; y < height - 1; y++) {
    const row = top + y * stride + left, factor = factors[y];
    for (let i = row; i < row + width; i++) out[i] = (6 * out[i] - out[i - stride]) * factor;
  }
  for (let y = height - 2; y > 0; y--) {
    const row = top + y * stride + left, factor = factors[y];
    for (let i = row; i < row + width; i++) out[i] -= factor * out[i + stride];
  }
  for (let y = 0; y < height; y++) {
    const start = top + y * stride + left, end = start + width - 1;
    for (let m = 1; m <= SPLINE_MARGIN; m++) {
      const inner = Math.min(m, width - 1);
      out[start - m] = 2 * out[start] - out[start + inner];
      out[end + m] = 2 * out[end] - out[end - inner];
    }
  }
  const bottom = top + (height - 1) * stride;
  for (let m = 1; m <= SPLINE_MARGIN; m++) {
    const inner = Math.min(m, height - 1) * stride;
    for (let x = 0; x < stride; x++) {
      out[top - m * stride + x] = 2 * out[top + x] - out[top + inner + x];
      out[bottom + m * stride + x] = 2 * out[bottom + x] - out[bottom - inner + x];
    }
  }
}

/** Writes the weights of the four coefficients around a place, a fraction `t` behind the second. */
export function splineWeights(t: number, out: Float64Array): void {
  const u = 1 - t;
  out[0] = u * u * u / 6;
  out[1] = 2 / 3 - t * t * (2 - t) / 2;
  out[2] = 2 / 3 - u * u * (2 - u) / 2;
  out[3] = t * t * t / 6;
}
