/**
 * The formation model `gaussian`: every column is an elliptical Gaussian, sampled at pixel centers
 * as a point probe does.
 *
 * @module
 */
import type { Shape } from "./_scan.ts";

/** Gaussians are cut at this many standard deviations, 2e-8 of their height. */
export const REACH_SIGMAS = 6;

/**
 * Adds Gaussians of one shape to the pixels of an image.
 *
 * A row of a Gaussian is a geometric series of geometric series, so that it takes three exponentials
 * and two products a pixel: g(x + 1) = g(x) r(x) with r(x + 1) = r(x) exp(-shape.xx), outward from
 * the middle of the row, where rounding does not pile up.
 *
 * @param outInPlace width * height pixels
 * @param rowShift by how much each row is displaced along x, px
 * @param first first Gaussian to add
 * @param last the one after the last to add
 */
export function addGaussiansInPlace(
  outInPlace: Float64Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  tops: Float64Array,
  factor: number,
  shape: Shape,
  rowShift: Float64Array,
  first: number,
  last: number,
): void {
  const { xx, xy, yy } = shape;
  const lean = -xy / xx;
  const rowCurve = yy - xy * xy / xx;
  const reachY = REACH_SIGMAS / Math.sqrt(rowCurve);
  const curve = Math.exp(-xx);
  for (let i = first; i < last; i++) {
    const top = tops[i] * factor;
    const v0 = Math.max(0, Math.ceil(y[i] - reachY));
    const v1 = Math.min(height - 1, Math.floor(y[i] + reachY));
    for (let v = v0; v <= v1; v++) {
      const dy = v - y[i];
      const middle = x[i] + lean * dy + rowShift[v];
      const rest = REACH_SIGMAS * REACH_SIGMAS - rowCurve * dy * dy;
      const reachX = Math.sqrt(Math.max(0, rest) / xx);
      const u0 = Math.max(0, Math.ceil(middle - reachX));
      const u1 = Math.min(width - 1, Math.floor(middle + reachX));
      if (u0 > u1) continue;
      const start = Math.min(u1, Math.max(u0, Math.round(middle)));
      const d = start - middle;
      const row = v * width;
      const peak = top * Math.exp(-0.5 * (rowCurve * dy * dy + xx * d * d));
      let g = peak, ratio = Math.exp(-xx * (d + 0.5));
      for (let u = start; u <= u1; u++) {
        outInPlace[row + u] += g;
        g *= ratio;
        ratio *= curve;
      }
      ratio = Math.exp(xx * (d - 0.5));
      g = peak * ratio;
      for (let u = start - 1; u >= u0; u--) {
        outInPlace[row + u] += g;
        ratio *= curve;
        g *= ratio;
      }
    }
  }
}

/**
 * Adds Gaussians where the beam is at `beamX[u]` for pixel u of a row, which grows with u.
 *
 * @param outInPlace width * height pixels
 */
export function addWarpedGaussiansInPlace(
  outInPlace: Float64Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  tops: Float64Array,
  factor: number,
  { xx, xy, yy }: Shape,
  rowShift: Float64Array,
  beamX: Float64Array,
  first: number,
  last: number,
): void {
  const reachY = REACH_SIGMAS / Math.sqrt(yy - xy * xy / xx);
  const reachX = REACH_SIGMAS / Math.sqrt(xx - xy * xy / yy);
  for (let i = first; i < last; i++) {
    const top = tops[i] * factor;
    const v0 = Math.max(0, Math.ceil(y[i] - reachY));
    const v1 = Math.min(height - 1, Math.floor(y[i] + reachY));
    for (let v = v0; v <= v1; v++) {
      const dy = v - y[i], middle = x[i] + rowShift[v], row = v * width;
      for (let u = firstFrom(beamX, middle - reachX); u < width; u++) {
        const dx = beamX[u] - middle;
        if (dx > reachX) break;
        const distance = xx * dx * dx + 2 * xy * dx * dy + yy * dy * dy;
        if (distance <= REACH_SIGMAS * REACH_SIGMAS) {
          outInPlace[row + u] += top * Math.exp(-0.5 * distance);
        }
      }
    }
  }
}

/** The first place of a growing list that is not below a value; its length where all are. */
export function firstFrom(values: Float64Array, least: number): number {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
