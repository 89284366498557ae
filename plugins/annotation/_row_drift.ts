/**
 * Drift within an exposure: rows are scanned one after the other, so a specimen that moves at another
 * speed than in the reference exposure is sheared and stretched against it.
 *
 * Strips of rows of both exposures are correlated, from the middle outward so that no strip hops to
 * another column, and a polynomial of the row, of as high a degree as the data call for, gives the shift
 * of every row.
 *
 * @module
 */
import type { Image } from "@core";
import { gaussianBlur } from "@core/kernels";

/** The shift of each row of an exposure against the reference, px. */
export interface RowDrift {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Degrees of the polynomials; -1 for none. */
  readonly degreeX: number;
  readonly degreeY: number;
}

/** An exposure with fine noise and slow changes of brightness taken away. */
export interface Smoothed {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Strips are this many spacings high, and there are at most so many of them. */
const STRIP_SPACINGS = 1.5;
const MOST_STRIPS = 32;
const LEAST_STRIPS = 4;
/** How far a strip may lie from what its neighbor predicts, in spacings and px. */
const SEARCH_SPACINGS = 0.3;
const LEAST_SEARCH = 1.5;
const HIGHEST_DEGREE = 9;
/** Slow changes of brightness are what is left after a blur this many times wider. */
const SLOW = 6;

/** Takes noise finer than `sigma` px and slow changes of brightness away. */
export function smoothed({ data, width, height }: Image, sigma: number): Smoothed {
  const fine = new Float32Array(data.length), slow = new Float32Array(data.length);
  gaussianBlur(data, width, height, sigma, fine);
  gaussianBlur(data, width, height, SLOW * sigma, slow);
  for (let i = 0; i < fine.length; i++) fine[i] -= slow[i];
  return { width, height, data: fine };
}

/**
 * Measures the shift of each row of `moved` against `reference`, both cropped to one region.
 *
 * @param startX,startY the shift that is known already, px: the rest of the rigid drift
 * @param sign -1 where contrast is inverted
 */
export function measureRowDrift(
  reference: Smoothed,
  moved: Smoothed,
  startX: number,
  startY: number,
  spacing: number,
  sign: number,
): RowDrift {
  const { height } = reference;
  const strips = Math.min(MOST_STRIPS, Math.floor(height / (STRIP_SPACINGS * spacing)));
  const none = new Float64Array(height);
  if (!(strips >= LEAST_STRIPS)) return { x: none, y: none, degreeX: -1, degreeY: -1 };
  const radius = Math.max(LEAST_SEARCH, SEARCH_SPACINGS * spacing);
  const x = new Float64Array(strips), y = new Float64Array(strips), at = new Float64Array(strips);
  const middle = strips >> 1;
  for (const direction of [1, -1]) {
    const first = direction > 0 ? middle : middle - 1;
    let px = direction > 0 ? startX : x[middle], py = direction > 0 ? startY : y[middle];
    for (let s = first; s >= 0 && s < strips; s += direction) {
      const y0 = Math.floor(s * height / strips), y1 = Math.floor((s + 1) * height / strips);
      const found = stripShift(reference, moved, y0, y1, px, py, radius, sign);
      x[s] = px = found.x;
      y[s] = py = found.y;
      at[s] = (y0 + y1 - 1) / 2;
    }
  }
  const fitX = fitRows(at, x.map((v) => v - startX), height);
  const fitY = fitRows(at, y.map((v) => v - startY), height);
  return { x: fitX.rows, y: fitY.rows, degreeX: fitX.degree, degreeY: fitY.degree };
}

/** The shift at which a strip of rows correlates best, near a prediction; to a fraction of a pixel. */
function stripShift(
  reference: Smoothed,
  moved: Smoothed,
  y0: number,
  y1: number,
  nearX: number,
  nearY: number,
  radius: number,
  sign: number,
): { x: number; y: number } {
  const reach = Math.ceil(radius);
  const size = 2 * reach + 3;
  const ox = Math.round(nearX) - reach - 1, oy = Math.round(nearY) - reach - 1;
  const map = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      map[j * size + i] = sign * correlationAt(reference, moved, y0, y1, ox + i, oy + j);
    }
  }
  let best = -Infinity, bi = 1, bj = 1;
  for (let j = 1; j < size - 1; j++) {
    for (let i = 1; i < size - 1; i++) {
      const isNear = Math.hypot(ox + i - nearX, oy + j - nearY) <= radius + 0.5;
      if (isNear && map[j * size + i] > best) {
        best = map[j * size + i];
        bi = i;
        bj = j;
      }
    }
  }
  const c = bj * size + bi;
  return {
    x: ox + bi + vertex(map[c - 1], map[c], map[c + 1]),
    y: oy + bj + vertex(map[c - size], map[c], map[c + size]),
  };
}

/** Normalized correlation of a strip at a whole-pixel shift; rows and columns outside are left out. */
function correlationAt(
  reference: Smoothed,
  moved: Smoothed,
  y0: number,
  y1: number,
  dx: number,
  dy: number,
): number {
  const { width, height } = reference;
  const x0 = Math.max(0, -dx), x1 = Math.min(width, width - dx);
  let product = 0, squares = 0;
  for (let y = Math.max(y0, -dy); y < Math.min(y1, height - dy); y++) {
    const from = y * width, to = (y + dy) * width + dx;
    for (let x = x0; x < x1; x++) {
      const v = moved.data[to + x];
      product += reference.data[from + x] * v;
      squares += v * v;
    }
  }
  return squares > 0 ? product / Math.sqrt(squares) : 0;
}

/** Where the parabola through three values is highest, from the middle one, at most half a step. */
function vertex(before: number, here: number, after: number): number {
  const bend = before - 2 * here + after;
  if (!(bend < 0)) return 0;
  return Math.min(0.5, Math.max(-0.5, (before - after) / (2 * bend)));
}

/**
 * The polynomial of the row through the strips' shifts, of the degree with the least Bayesian
 * information criterion; none at all where noise explains them as well.
 */
function fitRows(
  at: Float64Array,
  shift: Float64Array,
  height: number,
): { rows: Float64Array; degree: number } {
  const n = at.length;
  const position = (row: number) => 2 * row / (height - 1) - 1;
  let best = { degree: -1, coefficients: new Float64Array(0), score: Infinity };
  for (let degree = -1; degree <= Math.min(HIGHEST_DEGREE, n - 3); degree++) {
    const coefficients = fitPolynomial(at.map(position), shift, degree);
    let squares = 0;
    for (let s = 0; s < n; s++) {
      squares += (shift[s] - evaluate(coefficients, position(at[s]))) ** 2;
    }
    const score = n * Math.log(squares / n + 1e-8) + 2 * (degree + 1) * Math.log(n);
    if (score < best.score) best = { degree, coefficients, score };
  }
  const rows = Float64Array.from(
    { length: height },
    (_, row) => evaluate(best.coefficients, position(row)),
  );
  return { rows, degree: best.degree };
}

/** Least squares in Legendre polynomials by Gauss-Jordan elimination. */
function fitPolynomial(t: Float64Array, values: Float64Array, degree: number) {
  const m = degree + 1;
  const a = Array.from({ length: m }, () => new Float64Array(m + 1));
  for (let s = 0; s < t.length; s++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < m; j++) a[i][j] += legendre(i, t[s]) * legendre(j, t[s]);
      a[i][m] += legendre(i, t[s]) * values[s];
    }
  }
  for (let k = 0; k < m; k++) {
    const pivot = a[k][k];
    for (let j = k; j <= m; j++) a[k][j] /= pivot;
    for (let i = 0; i < m; i++) {
      if (i === k) continue;
      const factor = a[i][k];
      for (let j = k; j <= m; j++) a[i][j] -= factor * a[k][j];
    }
  }
  return Float64Array.from(a, (row) => row[m]);
}

function evaluate(coefficients: Float64Array, t: number): number {
  let sum = 0;
  for (let i = 0; i < coefficients.length; i++) sum += coefficients[i] * legendre(i, t);
  return sum;
}

/** Legendre polynomials by their recursion. */
function legendre(order: number, t: number): number {
  let before = 1, here = t;
  if (order === 0) return before;
  for (let k = 1; k < order; k++) {
    [before, here] = [here, ((2 * k + 1) * t * here - k * before) / (k + 1)];
  }
  return here;
}
