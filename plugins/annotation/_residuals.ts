/**
 * How well labels sit in an image: a linear fit of each column and its derivatives around its label.
 *
 * In a disc around the label the image is taken for b + A g(r) + A d . grad g, a Gaussian g of known
 * shape moved by a small d: linear in b, A and A d, so one solution of 4 x 4 a label. With white noise
 * its covariance gives the uncertainty of d and of A.
 *
 * @module
 */
import type { Columns, Image } from "@core";

/** What the image says of each label. */
export interface Residuals {
  /** Where the column lies from its label, px; NaN where it cannot be told. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Standard uncertainty of the residual along one axis, px. */
  readonly error: Float64Array;
  /** Height of the column over its uncertainty. */
  readonly contrast: Float64Array;
  /** Width of the columns here over their width in the labels. */
  readonly widening: number;
}

/** Widths that are tried, relative to the labels': exposures are out of focus by different amounts. */
const WIDENINGS = [0.8, 0.9, 1, 1.12, 1.26, 1.41, 1.58, 1.78, 2, 2.24];
/** Labels that decide the width. */
const SAMPLE = 200;
/** The disc reaches to this many widths, and to at most half the way to the neighbor. */
const REACH_WIDTHS = 2;
const REACH_SPACING = 0.5;
/** What rounding leaves of sums of squares, with a margin. */
const ROUNDING = 1e-12;
/** Fewer pixels than this cannot tell four unknowns and the noise. */
const LEAST_PIXELS = 9;

/** Measures all labels; `report` is called now and then with the fraction done. */
export function measureResiduals(
  image: Image,
  columns: Columns,
  spacing: number,
  report: (fraction: number) => void,
): Residuals {
  const n = columns.length;
  const { x, y, sigmaX, sigmaY } = columns.columns;
  const width = Float64Array.from(sigmaX, (s, i) => Math.sqrt(Math.abs(s * sigmaY[i])) || 1);
  const fit = new Float64Array(5);
  const step = Math.max(1, Math.floor(n / SAMPLE));
  let widening = 1, least = Infinity;
  for (const w of WIDENINGS) {
    let misfit = 0;
    for (let i = 0; i < n; i += step) {
      const reach = reachOf(width[i], spacing);
      if (fitLabel(image, x[i], y[i], w * width[i], reach, fit)) misfit += fit[4];
    }
    if (misfit < least) {
      least = misfit;
      widening = w;
    }
  }
  report(0.3);
  const result: Residuals = {
    x: new Float64Array(n).fill(NaN),
    y: new Float64Array(n).fill(NaN),
    error: new Float64Array(n).fill(NaN),
    contrast: new Float64Array(n),
    widening,
  };
  for (let i = 0; i < n; i++) {
    if (i % 500 === 0) report(0.3 + 0.7 * i / n);
    const sigma = widening * width[i];
    if (!fitLabel(image, x[i], y[i], sigma, reachOf(width[i], spacing), fit)) continue;
    result.x[i] = fit[1];
    result.y[i] = fit[2];
    result.error[i] = fit[3];
    result.contrast[i] = fit[0];
  }
  return result;
}

function reachOf(width: number, spacing: number): number {
  const reach = REACH_WIDTHS * width;
  return Math.max(2, spacing > 0 ? Math.min(reach, REACH_SPACING * spacing) : reach);
}

/**
 * Fits one label; `out` receives contrast, dx, dy, the error of one axis, and the mean squared misfit
 * over the noise-free height, for comparing widths. False when there are too few pixels.
 */
function fitLabel(
  image: Image,
  x: number,
  y: number,
  sigma: number,
  reach: number,
  out: Float64Array,
): boolean {
  const { data, width, height } = image;
  const x0 = Math.max(0, Math.ceil(x - reach)), x1 = Math.min(width - 1, Math.floor(x + reach));
  const y0 = Math.max(0, Math.ceil(y - reach)), y1 = Math.min(height - 1, Math.floor(y + reach));
  const m = new Float64Array(16), b = new Float64Array(4), f = new Float64Array(4);
  const inverse = 1 / (sigma * sigma);
  let count = 0, squares = 0;
  for (let v = y0; v <= y1; v++) {
    for (let u = x0; u <= x1; u++) {
      const dx = u - x, dy = v - y, r2 = dx * dx + dy * dy;
      if (r2 > reach * reach) continue;
      const g = Math.exp(-r2 * inverse / 2);
      f[0] = 1;
      f[1] = g;
      f[2] = g * dx * inverse;
      f[3] = g * dy * inverse;
      const value = data[v * width + u];
      for (let i = 0; i < 4; i++) {
        b[i] += f[i] * value;
        for (let j = 0; j <= i; j++) m[4 * i + j] += f[i] * f[j];
      }
      squares += value * value;
      count++;
    }
  }
  if (count < LEAST_PIXELS || !invert4(m)) return false;
  const p = new Float64Array(4);
  let explained = 0;
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) p[i] += m[4 * i + j] * b[j];
    explained += p[i] * b[i];
  }
  const misfit = Math.max(0, squares - explained);
  // Of a level image only rounding is left over, which must not pass for certainty.
  const variance = Math.max(misfit, ROUNDING * squares) / (count - 4);
  const top = p[1];
  out[0] = top / Math.sqrt(Math.max(variance * m[5], 1e-300));
  out[1] = p[2] / top;
  out[2] = p[3] / top;
  out[3] = Math.sqrt(variance * (m[10] + m[15]) / 2) / Math.abs(top);
  out[4] = misfit;
  return true;
}

/** Inverts a symmetric positive definite 4 x 4 matrix given by its lower half; fills both halves. */
function invert4(m: Float64Array): boolean {
  for (let i = 0; i < 4; i++) for (let j = i + 1; j < 4; j++) m[4 * i + j] = m[4 * j + i];
  for (let k = 0; k < 4; k++) {
    const pivot = m[5 * k];
    if (!(pivot > 1e-12)) return false;
    m[5 * k] = 1;
    for (let j = 0; j < 4; j++) m[4 * k + j] /= pivot;
    for (let i = 0; i < 4; i++) {
      if (i === k) continue;
      const factor = m[4 * i + k];
      m[4 * i + k] = 0;
      for (let j = 0; j < 4; j++) m[4 * i + j] -= factor * m[4 * k + j];
    }
  }
  return true;
}
