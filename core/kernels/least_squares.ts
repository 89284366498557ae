/**
 * Small dense symmetric systems: the normal equations of least squares.
 *
 * A matrix of size n is row-major with the row length `stride` (n or more), so that one scratch
 * array serves systems of any size; only its lower triangle is read. The matrix is scaled to a unit
 * diagonal before it is factored, so parameters of very different units do no harm.
 *
 * Cost: n^3 / 6 for the factor, n^2 for each solution.
 *
 * @see Golub and Van Loan, Matrix Computations, 4th ed., section 4.2 (Cholesky factorization).
 *
 * @module
 */

/** Pivots of the scaled matrix below this mean that parameters cannot be told apart. */
const SMALLEST_PIVOT = 1e-12;

/**
 * Replaces the lower triangle of a positive definite matrix by its scaled Cholesky factor.
 *
 * @param matrix n rows of length `stride`; its lower triangle is replaced
 * @param scale receives the n numbers 1 / sqrt(diagonal)
 * @returns whether the matrix is positive definite; if not, its content is of no use
 */
export function factorInPlace(
  matrix: Float64Array,
  n: number,
  stride: number,
  scale: Float64Array,
): boolean {
  for (let i = 0; i < n; i++) {
    const d = matrix[i * stride + i];
    if (!(d > 0 && d < Infinity)) return false;
    scale[i] = 1 / Math.sqrt(d);
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * stride + j] * scale[i] * scale[j];
      for (let k = 0; k < j; k++) sum -= matrix[i * stride + k] * matrix[j * stride + k];
      if (j < i) {
        matrix[i * stride + j] = sum / matrix[j * stride + j];
      } else {
        if (!(sum > SMALLEST_PIVOT)) return false;
        matrix[i * stride + i] = Math.sqrt(sum);
      }
    }
  }
  return true;
}

/**
 * Replaces a right-hand side by the solution, with the factor of {@linkcode factorInPlace}.
 *
 * @param vector the n numbers from `offset` on are replaced
 */
export function solveInPlace(
  factor: Float64Array,
  n: number,
  stride: number,
  scale: Float64Array,
  vector: Float64Array,
  offset: number,
): void {
  for (let i = 0; i < n; i++) {
    let sum = vector[offset + i] * scale[i];
    for (let k = 0; k < i; k++) sum -= factor[i * stride + k] * vector[offset + k];
    vector[offset + i] = sum / factor[i * stride + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = vector[offset + i];
    for (let k = i + 1; k < n; k++) sum -= factor[k * stride + i] * vector[offset + k];
    vector[offset + i] = sum / factor[i * stride + i];
  }
  for (let i = 0; i < n; i++) vector[offset + i] *= scale[i];
}

/**
 * Writes the inverse of a factored matrix, both triangles.
 *
 * @param out receives n rows of length `stride`; not the factor itself
 *
 * @example
 * ```ts
 * import { factorInPlace, inverseOfFactor } from "@core/kernels";
 * import { assertClose } from "@assert";
 *
 * const matrix = Float64Array.of(4, 2, 2, 3), scale = new Float64Array(2);
 * const inverse = new Float64Array(4);
 * if (factorInPlace(matrix, 2, 2, scale)) inverseOfFactor(matrix, 2, 2, scale, inverse);
 * assertClose(inverse[0], 3 / 8, 1e-12);
 * ```
 */
export function inverseOfFactor(
  factor: Float64Array,
  n: number,
  stride: number,
  scale: Float64Array,
  out: Float64Array,
): void {
  for (let j = 0; j < n; j++) {
    // A symmetric matrix may be solved row by row: row j is column j.
    for (let i = 0; i < n; i++) out[j * stride + i] = i === j ? 1 : 0;
    solveInPlace(factor, n, stride, scale, out, j * stride);
  }
}

/**
 * Solves a general system by elimination with row pivoting.
 *
 * @param matrix n rows of length n; destroyed
 * @param right n rows of length `columns`, one column a right-hand side; replaced by the solutions
 * @returns whether the matrix is regular; if not, the content of both is of no use
 *
 * @example
 * ```ts
 * import { eliminateInPlace } from "@core/kernels";
 * import { assertClose } from "@assert";
 *
 * const right = Float64Array.of(3, 5);
 * eliminateInPlace(Float64Array.of(0, 1, 2, 1), 2, right, 1);
 * assertClose(right[0], 1, 1e-12);
 * ```
 */
export function eliminateInPlace(
  matrix: Float64Array,
  n: number,
  right: Float64Array,
  columns: number,
): boolean {
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let r = k + 1; r < n; r++) {
      if (Math.abs(matrix[r * n + k]) > Math.abs(matrix[pivot * n + k])) pivot = r;
    }
    const largest = matrix[pivot * n + k];
    if (!(Math.abs(largest) > 0 && Math.abs(largest) < Infinity)) return false;
    if (pivot !== k) {
      swapRows(matrix, n, k, pivot);
      swapRows(right, columns, k, pivot);
    }
    for (let r = k + 1; r < n; r++) {
      const factor = matrix[r * n + k] / largest;
      if (factor === 0) continue;
      for (let c = k; c < n; c++) matrix[r * n + c] -= factor * matrix[k * n + c];
      for (let c = 0; c < columns; c++) right[r * columns + c] -= factor * right[k * columns + c];
    }
  }
  for (let r = n - 1; r >= 0; r--) {
    for (let c = 0; c < columns; c++) {
      let sum = right[r * columns + c];
      for (let k = r + 1; k < n; k++) sum -= matrix[r * n + k] * right[k * columns + c];
      right[r * columns + c] = sum / matrix[r * n + r];
    }
  }
  return true;
}

function swapRows(a: Float64Array, length: number, i: number, j: number): void {
  for (let c = 0; c < length; c++) {
    const kept = a[i * length + c];
    a[i * length + c] = a[j * length + c];
    a[j * length + c] = kept;
  }
}

/**
 * The straight line `out[0] + out[1] * x` nearest to n weighted points.
 *
 * @param out receives intercept, slope, and the standard deviation of the slope for weights that are
 *   1 / variance
 * @returns whether the points determine a line
 */
export function fitLine(
  x: Float64Array,
  y: Float64Array,
  weight: Float64Array,
  out: Float64Array,
): boolean {
  let w = 0, wx = 0, wy = 0;
  for (let i = 0; i < x.length; i++) {
    w += weight[i];
    wx += weight[i] * x[i];
    wy += weight[i] * y[i];
  }
  const meanX = wx / w, meanY = wy / w;
  let xx = 0, xy = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = x[i] - meanX;
    xx += weight[i] * dx * dx;
    xy += weight[i] * dx * (y[i] - meanY);
  }
  if (!(xx > 0)) return false;
  out[1] = xy / xx;
  out[0] = meanY - out[1] * meanX;
  out[2] = 1 / Math.sqrt(xx);
  return true;
}
