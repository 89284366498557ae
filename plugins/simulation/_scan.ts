/**
 * How a raster scan sees a specimen that moves while it is scanned.
 *
 * Pixel (x, y) is taken at the fraction f = (y width + x + 1/2) / (width height) of the scan, when
 * the specimen stands at drift + (f - 1/2) move. A column at p is therefore seen at the X with
 * X = p + drift + (f(X) - 1/2) move, which is linear in X: the image is an affine copy of the
 * specimen, and the shape of the columns changes with it.
 *
 * @module
 */
import type { Conditions } from "./_conditions.ts";

/** The map from specimen to image, X = M (p + shift), and the columns' inverse covariance there. */
export interface ScanView {
  readonly mxx: number;
  readonly mxy: number;
  readonly myx: number;
  readonly myy: number;
  readonly shiftX: number;
  readonly shiftY: number;
  readonly shape: Shape;
  /** The same shape as standard deviations, sigmaX along `angle` (rad, from 0 to pi). */
  readonly sigmaX: number;
  readonly sigmaY: number;
  readonly angle: number;
}

/** The inverse covariance of a Gaussian, 1/px^2. */
export interface Shape {
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
}

/** The view of one exposure. */
export function scanView(conditions: Conditions, width: number, height: number): ScanView {
  const { moveX, moveY, driftX, driftY, sigmaX, sigmaY, angle } = conditions;
  const fx = 1 / (width * height), fy = 1 / height;
  const start = fx / 2 - 0.5;
  // The inverse of I - move f^T, by Sherman and Morrison.
  const scale = 1 / (1 - moveX * fx - moveY * fy);
  const mxx = 1 + scale * moveX * fx, mxy = scale * moveX * fy;
  const myx = scale * moveY * fx, myy = 1 + scale * moveY * fy;
  const c = Math.cos(angle), s = Math.sin(angle);
  const vx = sigmaX * sigmaX, vy = sigmaY * sigmaY;
  const sxx = vx * c * c + vy * s * s, sxy = (vx - vy) * c * s, syy = vx * s * s + vy * c * c;
  // Covariance in the image: M S M^T.
  const txx = mxx * mxx * sxx + 2 * mxx * mxy * sxy + mxy * mxy * syy;
  const txy = mxx * myx * sxx + (mxx * myy + mxy * myx) * sxy + mxy * myy * syy;
  const tyy = myx * myx * sxx + 2 * myx * myy * sxy + myy * myy * syy;
  const determinant = txx * tyy - txy * txy;
  const middle = (txx + tyy) / 2, half = Math.hypot((txx - tyy) / 2, txy);
  const along = Math.atan2(2 * txy, txx - tyy) / 2;
  return {
    mxx,
    mxy,
    myx,
    myy,
    shiftX: driftX + start * moveX,
    shiftY: driftY + start * moveY,
    shape: { xx: tyy / determinant, xy: -txy / determinant, yy: txx / determinant },
    sigmaX: Math.sqrt(middle + half),
    sigmaY: Math.sqrt(middle - half),
    angle: along < 0 ? along + Math.PI : along,
  };
}

/** Where a view shows the points (x, y). */
export function viewPoints(
  view: ScanView,
  x: Float64Array,
  y: Float64Array,
  outX: Float64Array,
  outY: Float64Array,
): void {
  for (let i = 0; i < x.length; i++) {
    const px = x[i] + view.shiftX, py = y[i] + view.shiftY;
    outX[i] = view.mxx * px + view.mxy * py;
    outY[i] = view.myx * px + view.myy * py;
  }
}

/** When the beam passes a place of the image, as a fraction of the scan. */
export function scanFraction(x: number, y: number, width: number, height: number): number {
  return (y * width + x + 0.5) / (width * height);
}

/** Where the beam is, px, for each pixel of a row it has flown back to; undefined without flyback. */
export function beamPlaces(
  width: number,
  flyback: number,
  decay: number,
): Float64Array | undefined {
  if (flyback === 0) return undefined;
  return Float64Array.from({ length: width }, (_, u) => u + flyback * Math.exp(-u / decay));
}

/** At which x of the image the beam meets places at rest; -Infinity where it never does. */
export function imageX(x: Float64Array, flyback: number, decay: number): Float64Array {
  if (flyback === 0) return x;
  // Farther left the beam does not come back to.
  const least = decay * (1 + Math.log(flyback / decay));
  return x.map((place) => {
    if (place <= least) return -Infinity;
    // Newton's method; the way is convex, so that from the right no step goes too far.
    let u = place;
    for (let k = 0; k < 50; k++) {
      const rest = flyback * Math.exp(-u / decay);
      const step = (place - u - rest) / (1 - rest / decay);
      u += step;
      if (Math.abs(step) < 1e-12) break;
    }
    return u;
  });
}
