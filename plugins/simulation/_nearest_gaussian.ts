/**
 * The Gaussian nearest to the picture of a column.
 *
 * @see Bernstein and Jarvis, Shapes and shears, stars and smears, Astron. J. 123 (2002) 583, for moments
 * weighted by the Gaussian they define. https://doi.org/10.1086/338085
 *
 * @module
 */
import type { ColumnProfile } from "./_probe.ts";

/** The widths and the direction of a Gaussian, px, rad. */
export interface Gaussian {
  readonly sigmaX: number;
  readonly sigmaY: number;
  readonly angle: number;
}

/** Most steps to the nearest Gaussian, and the change of the variance at which they end. */
const STEPS = 40, SETTLED = 1e-7;

/**
 * The Gaussian of any height that is nearest to a profile by least squares: the one whose covariance
 * is twice that of the profile times itself.
 */
export function nearestGaussian({ values, size, perPixel }: ColumnProfile): Gaussian {
  const half = size >> 1;
  let xx = startVariance(values, size), yy = xx, xy = 0;
  for (let k = 0; k < STEPS; k++) {
    const determinant = xx * yy - xy * xy;
    const ixx = yy / determinant, ixy = -xy / determinant, iyy = xx / determinant;
    const widest = Math.sqrt(Math.max(xx, yy));
    const reach = Math.min(half - 1, Math.ceil(4 * widest));
    const stride = Math.max(1, Math.floor(widest / 4));
    let sum = 0, sxx = 0, sxy = 0, syy = 0;
    for (let y = -reach; y <= reach; y += stride) {
      for (let x = -reach; x <= reach; x += stride) {
        const distance = ixx * x * x + 2 * ixy * x * y + iyy * y * y;
        if (distance > 16) continue;
        const w = values[(y + half) * size + x + half] * Math.exp(-distance / 2);
        sum += w;
        sxx += w * x * x;
        sxy += w * x * y;
        syy += w * y * y;
      }
    }
    const change = Math.abs(2 * sxx / sum - xx) + Math.abs(2 * syy / sum - yy);
    xx = 2 * sxx / sum;
    xy = 2 * sxy / sum;
    yy = 2 * syy / sum;
    if (change < SETTLED * (xx + yy)) break;
    if (!(Math.max(xx, yy) < half * half / 4)) break;
  }
  const middle = (xx + yy) / 2, apart = Math.hypot((xx - yy) / 2, xy);
  const along = Math.atan2(2 * xy, xx - yy) / 2;
  return {
    sigmaX: Math.sqrt(middle + apart) / perPixel,
    sigmaY: Math.sqrt(middle - apart) / perPixel,
    angle: along < 0 ? along + Math.PI : along,
  };
}

/** The variance whose Gaussian is as wide as the samples above half the top. */
function startVariance(values: Float32Array, size: number): number {
  let above = 0;
  for (let i = 0; i < size * size; i++) if (values[i] > 0.5) above++;
  return Math.max(1, above) / (2 * Math.PI * Math.LN2);
}
