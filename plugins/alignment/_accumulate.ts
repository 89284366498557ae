/**
 * Sums of moved images in a frame, and the average that comes of them.
 *
 * Every exposure is added less its own level, as often as it saw the pixel; the average is the mean
 * level plus the sum over the coverage. So exposures of another brightness leave no steps where they
 * end, and an exposure of inverted contrast is turned over about its level.
 *
 * @module
 */
import { SPLINE_MARGIN, splineWeights } from "./_cubic_spline.ts";
import { type Frame, seenShare } from "./_frame.ts";

/** The sums so far, pixels of the frame in rows. */
export interface Sums {
  readonly frame: Frame;
  /** Sum of the exposures, each less its level. */
  readonly sum: Float64Array;
  /** How many of them saw the pixel. */
  readonly coverage: Float32Array;
}

/** A pixel no exposure saw this share of holds the mean level, and its coverage is set to 0. */
const LEAST_SEEN = 0.5 - 1e-6;

/** Sums over nothing yet. */
export function createSums(frame: Frame): Sums {
  const pixels = frame.width * frame.height;
  return { frame, sum: new Float64Array(pixels), coverage: new Float32Array(pixels) };
}

/** The mean over a window of an image. */
export function meanOver(data: Float32Array, stride: number, window: Frame): number {
  let sum = 0;
  for (let y = window.y; y < window.y + window.height; y++) {
    const row = y * stride;
    for (let x = window.x; x < window.x + window.width; x++) sum += data[row + x];
  }
  return sum / (window.width * window.height);
}

/**
 * Adds an image that has been moved by a fraction of a pixel (see `_fourier_shift.ts`).
 *
 * @param driftX,driftY where the origin of the reference lies in the exposure
 * @param fractionX,fractionY the part of the drift the image has been moved by; the rest is whole
 */
export function addMoved(
  moved: Float64Array,
  width: number,
  height: number,
  driftX: number,
  driftY: number,
  fractionX: number,
  fractionY: number,
  sign: number,
  { frame, sum, coverage }: Sums,
): void {
  const wholeX = Math.round(driftX - fractionX), wholeY = Math.round(driftY - fractionY);
  // pixels of the frame that lie on pixels -1 to width of the moved image
  const x0 = Math.max(0, -1 - wholeX - frame.x);
  const x1 = Math.min(frame.width, width + 1 - wholeX - frame.x);
  const y0 = Math.max(0, -1 - wholeY - frame.y);
  const y1 = Math.min(frame.height, height + 1 - wholeY - frame.y);
  for (let y = y0; y < y1; y++) {
    const row = y + frame.y + wholeY;
    const shareY = seenShare(row + fractionY, height);
    const from = (row + 1) * (width + 2) + frame.x + wholeX + 1, to = y * frame.width;
    for (let x = x0; x < x1; x++) {
      const share = shareY * seenShare(x + frame.x + wholeX + fractionX, width);
      sum[to + x] += sign * share * moved[from + x];
      coverage[to + x] += share;
    }
  }
}

/**
 * Adds an image through its cubic spline (see `_cubic_spline.ts`), rows `first` to `end` - 1 of the frame.
 *
 * @param affine xx, xy, yx, yy, x, y of the transform from the reference into the exposure
 * @param weights working memory for 8 numbers
 */
export function addSpline(
  coefficients: Float64Array,
  width: number,
  height: number,
  affine: Float64Array,
  sign: number,
  first: number,
  end: number,
  weights: readonly [Float64Array, Float64Array],
  { frame, sum, coverage }: Sums,
): void {
  const stride = width + 2 * SPLINE_MARGIN;
  const [wx, wy] = weights;
  const [xx, xy, yx, yy, dx, dy] = affine;
  for (let y = first; y < end; y++) {
    const py = y + frame.y;
    for (let x = 0, i = y * frame.width; x < frame.width; x++, i++) {
      const px = x + frame.x;
      const qx = dx + xx * px + xy * py, qy = dy + yx * px + yy * py;
      const share = seenShare(qx, width) * seenShare(qy, height);
      if (!(share > 0)) continue;
      const left = Math.floor(qx), top = Math.floor(qy);
      splineWeights(qx - left, wx);
      splineWeights(qy - top, wy);
      let value = 0;
      let o = (top - 1 + SPLINE_MARGIN) * stride + left - 1 + SPLINE_MARGIN;
      for (let row = 0; row < 4; row++, o += stride) {
        value += wy[row] * (wx[0] * coefficients[o] + wx[1] * coefficients[o + 1] +
          wx[2] * coefficients[o + 2] + wx[3] * coefficients[o + 3]);
      }
      sum[i] += sign * share * value;
      coverage[i] += share;
    }
  }
}

/** Writes the average and sets the coverage of pixels that no exposure saw enough of to 0. */
export function finishAverage(sums: Sums, level: number, out: Float32Array): void {
  const { sum, coverage } = sums;
  for (let i = 0; i < out.length; i++) {
    if (coverage[i] < LEAST_SEEN) coverage[i] = 0;
    out[i] = coverage[i] > 0 ? level + sum[i] / coverage[i] : level;
  }
}
