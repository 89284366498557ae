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
import type { Smoothed } from "./_smoothed.ts";

/** The shift of each row of an exposure against the reference, px. */
export interface RowDrift {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Degrees of the polynomials; -1 for none. */
  readonly degreeX: number;
  readonly degreeY: number;
}

/** Strips are this many spacings high, and there are at most so many of them. */
const STRIP_SPACINGS = 1.5;
const MOST_STRIPS = 32;
const LEAST_STRIPS = 4;
/** How far a strip may lie from what its neighbor predicts, in spacings and px. */
const SEARCH_SPACINGS = 0.3;
const LEAST_SEARCH = 1.5;
const HIGHEST_DEGREE = 9;

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

/**
 * The shift at which a strip of rows correlates best, near a prediction; to a fraction of a pixel.
 *
 * Smoothed exposures have smooth correlations, so the way up from the prediction leads to the maximum.
 */
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
  const known = new Map<number, number>();
  const at = (x: number, y: number) => {
    const key = x * 65536 + y;
    let value = known.get(key);
    if (value === undefined) {
      value = sign * correlationAt(reference, moved, y0, y1, x, y);
      known.set(key, value);
    }
    return value;
  };
  let x = Math.round(nearX), y = Math.round(nearY);
  for (let climbing = true; climbing;) {
    climbing = false;
    let best = at(x, y), nextX = x, nextY = y;
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        if (Math.hypot(x + dx - nearX, y + dy - nearY) > radius + 0.5) continue;
        const value = at(x + dx, y + dy);
        if (value > best) {
          best = value;
          nextX = x + dx;
          nextY = y + dy;
          climbing = true;
        }
      }
    }
    x = nextX;
    y = nextY;
  }
  return {
    x: x + vertex(at(x - 1, y), at(x, y), at(x + 1, y)),
    y: y + vertex(at(x, y - 1), at(x, y), at(x, y + 1)),
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
