/**
 * What a transform does to the shape of columns, and to positions in nm.
 *
 * @module
 */
import { type Transform, transformCovariances } from "@core";

/**
 * Carries ellipses (sigmaX along angle, sigmaY across) through the linear part of one row, in place.
 * The long axis comes first, at an angle from -pi/2 (not itself) to pi/2.
 */
export function transformEllipsesInPlace(
  transform: Transform,
  row: number,
  sigmaX: Float64Array,
  sigmaY: Float64Array,
  angle: Float64Array,
): void {
  const spread = new Float64Array(3 * sigmaX.length);
  for (let i = 0; i < sigmaX.length; i++) {
    const c = Math.cos(angle[i]), s = Math.sin(angle[i]);
    const u = sigmaX[i] * sigmaX[i], v = sigmaY[i] * sigmaY[i];
    spread[3 * i] = c * c * u + s * s * v;
    spread[3 * i + 1] = c * s * (u - v);
    spread[3 * i + 2] = s * s * u + c * c * v;
  }
  transformCovariances(transform, row, spread, spread);
  for (let i = 0; i < sigmaX.length; i++) {
    const xx = spread[3 * i], xy = spread[3 * i + 1], yy = spread[3 * i + 2];
    const mean = (xx + yy) / 2, half = Math.hypot((xx - yy) / 2, xy);
    sigmaX[i] = Math.sqrt(mean + half);
    sigmaY[i] = Math.sqrt(Math.max(0, mean - half));
    angle[i] = half < 1e-12 * mean ? 0 : 0.5 * Math.atan2(2 * xy, xx - yy);
    if (angle[i] <= -Math.PI / 2) angle[i] += Math.PI;
  }
}

/** The length of a pixel that positions in px and in nm tell, or `undefined` where all are 0. */
export function pixelLength(px: Float64Array, nm: Float64Array): number | undefined {
  let farthest = -1, most = 0;
  for (let i = 0; i < px.length; i++) {
    if (Math.abs(px[i]) > most && Number.isFinite(px[i]) && Number.isFinite(nm[i])) {
      most = Math.abs(px[i]);
      farthest = i;
    }
  }
  return farthest < 0 ? undefined : nm[farthest] / px[farthest];
}
