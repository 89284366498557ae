/**
 * Positions from differences: the drift of each exposure from measured differences of pairs, by
 * weighted least squares that trusts pairs far from the rest less and less.
 *
 * @module
 */
import { medianInPlace, tukeyWeight } from "@core/kernels";

/** Measured differences: exposure `to` lies at (x, y) from exposure `from`. */
export interface Difference {
  readonly from: number;
  readonly to: number;
  readonly x: number;
  readonly y: number;
  /** Standard uncertainty of one axis; infinite for a pair that says nothing. */
  readonly error: number;
}

/** Positions of all exposures, relative to the reference. */
export interface Positions {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** How many times the residuals are what the errors of the pairs make expect; at least 1. */
  readonly scale: number;
  /** Root mean square of the residuals of each exposure's pairs, px. */
  readonly closure: Float64Array;
}

/** Rounds of reweighting; weights settle in fewer. */
const ROUNDS = 12;
/** No pair is trusted beyond this, px: models of noise leave small errors out. */
const ERROR_FLOOR = 0.005;

/**
 * Solves for the positions of n exposures with that of the reference at 0.
 *
 * @see Beaton and Tukey, Technometrics 16 (1974) 147. https://doi.org/10.1080/00401706.1974.10489171
 */
export function solvePositions(
  n: number,
  reference: number,
  pairs: readonly Difference[],
): Positions {
  const sigma = Float64Array.from(pairs, (p) => Math.max(p.error, ERROR_FLOOR));
  const weights = sigma.map((s) => Number.isFinite(s) ? 1 / (s * s) : 0);
  let x = new Float64Array(n), y = new Float64Array(n);
  let scale = 1;
  for (let round = 0; round < ROUNDS; round++) {
    const solved = solveOnce(n, reference, pairs, weights);
    x = solved.x;
    y = solved.y;
    const normalized = pairs.map((p, k) =>
      Math.hypot(x[p.to] - x[p.from] - p.x, y[p.to] - y[p.from] - p.y) / sigma[k]
    );
    // the median of a Rayleigh variable is 1.1774 of its sigma
    const middle = medianInPlace(Float64Array.from(normalized.filter(Number.isFinite))) || 0;
    scale = Math.max(1, middle / 1.1774);
    for (let k = 0; k < pairs.length; k++) {
      const trust = tukeyWeight(normalized[k] / scale);
      weights[k] = Number.isFinite(sigma[k]) ? Math.max(trust, 1e-9) / sigma[k] ** 2 : 0;
    }
  }
  const closure = new Float64Array(n), counts = new Float64Array(n);
  for (const p of pairs) {
    if (!Number.isFinite(p.error)) continue;
    const square = (x[p.to] - x[p.from] - p.x) ** 2 + (y[p.to] - y[p.from] - p.y) ** 2;
    for (const e of [p.from, p.to]) {
      closure[e] += square;
      counts[e]++;
    }
  }
  return {
    x,
    y,
    scale,
    closure: closure.map((sum, e) => Math.sqrt(sum / Math.max(1, counts[e]))),
  };
}

/** Weighted normal equations (a graph Laplacian with the reference held), solved by Gauss-Jordan. */
function solveOnce(
  n: number,
  reference: number,
  pairs: readonly Difference[],
  weights: Float64Array,
) {
  const normal = new Float64Array(n * n), bx = new Float64Array(n), by = new Float64Array(n);
  for (const [k, p] of pairs.entries()) {
    const w = weights[k];
    normal[p.from * n + p.from] += w;
    normal[p.to * n + p.to] += w;
    normal[p.from * n + p.to] -= w;
    normal[p.to * n + p.from] -= w;
    bx[p.to] += w * p.x;
    by[p.to] += w * p.y;
    bx[p.from] -= w * p.x;
    by[p.from] -= w * p.y;
  }
  for (let i = 0; i < n; i++) {
    normal[reference * n + i] = 0;
    normal[i * n + reference] = 0;
    if (normal[i * n + i] === 0) normal[i * n + i] = 1; // no pair speaks of it: it stays at 0
  }
  normal[reference * n + reference] = 1;
  bx[reference] = 0;
  by[reference] = 0;
  const covariance = invertInPlace(normal, n);
  const x = new Float64Array(n), y = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      x[i] += covariance[i * n + j] * bx[j];
      y[i] += covariance[i * n + j] * by[j];
    }
  }
  return { x, y };
}

/** Inverts a symmetric positive definite matrix in place, without pivoting. */
function invertInPlace(a: Float64Array, n: number): Float64Array<ArrayBuffer> {
  for (let k = 0; k < n; k++) {
    const pivot = 1 / a[k * n + k];
    a[k * n + k] = 1;
    for (let j = 0; j < n; j++) a[k * n + j] *= pivot;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = a[i * n + k];
      a[i * n + k] = 0;
      for (let j = 0; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
    }
  }
  return a as Float64Array<ArrayBuffer>;
}
