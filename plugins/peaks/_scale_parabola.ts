/**
 * The top of a maximum in scale space between pixels and scales: of the quadratic through its neighbors.
 *
 * @see Brown and Lowe, Invariant features from interest point groups, British Machine Vision Conference
 * (2002) 253-262. https://doi.org/10.5244/C.16.23
 *
 * @module
 */

/** A maximum and what is around it. */
export interface Neighborhood {
  readonly width: number;
  readonly height: number;
  /** Responses at the next smaller scale, at the maximum's own, and at the next larger. */
  readonly below: Float32Array | null;
  readonly here: Float32Array;
  readonly above: Float32Array | null;
  /** Steps of log sigma to the next smaller scale and to the next larger; both positive. */
  readonly stepBelow: number;
  readonly stepAbove: number;
}

/**
 * Writes the offsets of the top from pixel (x, y): along x and y in px, and in log sigma.
 *
 * Derivatives are central differences (of unequal steps in log sigma). An axis without neighbors on both
 * sides, as at the image's border and at the first and last scale, or without a maximum along it has no
 * offset. Where the joint step leaves the pixel, or the quadratic has no maximum, each axis has its own
 * parabola.
 */
export function topOffset(around: Neighborhood, x: number, y: number, out: Float64Array): void {
  const { width, height, below, here, above, stepBelow: a, stepAbove: b } = around;
  const i = y * width + x, top = here[i];
  let gx = 0, gy = 0, gt = 0, hxx = -1, hyy = -1, htt = -1;
  let hasX = x > 0 && x < width - 1, hasY = y > 0 && y < height - 1;
  let hasScale = below !== null && above !== null;
  if (hasX) {
    hxx = here[i + 1] + here[i - 1] - 2 * top;
    if (hxx < 0) gx = (here[i + 1] - here[i - 1]) / 2;
    else [hasX, hxx] = [false, -1];
  }
  if (hasY) {
    hyy = here[i + width] + here[i - width] - 2 * top;
    if (hyy < 0) gy = (here[i + width] - here[i - width]) / 2;
    else [hasY, hyy] = [false, -1];
  }
  const low = -b / (a * (a + b)), high = a / (b * (a + b)), middle = -low - high;
  if (hasScale) {
    const up = above![i] - top, down = below![i] - top;
    htt = 2 * (up / b + down / a) / (a + b);
    if (htt < 0) gt = high * up + low * down;
    else [hasScale, htt] = [false, -1];
  }
  const slope = (step: number) =>
    (low * (below![i + step] - below![i - step]) + middle * (here[i + step] - here[i - step]) +
      high * (above![i + step] - above![i - step])) / 2;
  const hxt = hasX && hasScale ? slope(1) : 0, hyt = hasY && hasScale ? slope(width) : 0;
  const hxy = hasX && hasY
    ? (here[i + width + 1] - here[i + width - 1] - here[i - width + 1] + here[i - width - 1]) / 4
    : 0;
  const isSolved = solveMaximum(gx, gy, gt, hxx, hyy, htt, hxy, hxt, hyt, out);
  if (
    isSolved && Math.abs(out[0]) <= 0.5 && Math.abs(out[1]) <= 0.5 && out[2] >= -a && out[2] <= b
  ) {
    return;
  }
  out[0] = -gx / hxx;
  out[1] = -gy / hyy;
  out[2] = -gt / htt;
}

/** Solves H d = -g of a symmetric 3 x 3 matrix; false where H is not negative definite. */
function solveMaximum(
  gx: number,
  gy: number,
  gt: number,
  hxx: number,
  hyy: number,
  htt: number,
  hxy: number,
  hxt: number,
  hyt: number,
  out: Float64Array,
): boolean {
  // elimination of -H d = g, which is positive definite when all pivots are positive
  const pivotX = -hxx, fy = hxy / hxx, ft = hxt / hxx;
  const pivotY = -(hyy - fy * hxy), yt = -(hyt - fy * hxt);
  if (!(pivotX > 0 && pivotY > 0)) return false;
  const ry = gy - fy * gx, f = yt / pivotY;
  const pivotT = -(htt - ft * hxt) - f * yt;
  if (!(pivotT > 0)) return false;
  const t = (gt - ft * gx - f * ry) / pivotT;
  const y = (ry - yt * t) / pivotY;
  out[0] = (gx + hxy * y + hxt * t) / pivotX;
  out[1] = y;
  out[2] = t;
  return true;
}
