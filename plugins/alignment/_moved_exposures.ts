/**
 * Adds exposures to the sums of an average, each moved to where the reference shows the specimen.
 *
 * Progress is reported several times an exposure, so that a cancel is answered within one.
 *
 * @module
 */
import { addMoved, addSpline, meanOver, type Sums } from "./_accumulate.ts";
import { SPLINE_MARGIN, splineColumnsInPlace, splineFactors, splineRows } from "./_cubic_spline.ts";
import {
  createLineShifter,
  LINES,
  setFraction,
  shiftColumnsInPlace,
  shiftRows,
} from "./_fourier_shift.ts";
import { commonFrame, displacementOf } from "./_frame.ts";
import type { Placed } from "./_placed.ts";

/** Pixels between two reports of progress: some 20 ms. */
const STRIP_PIXELS = 1 << 18;
/** A region all saw is used for levels if it is at least this share of an exposure. */
const LEAST_REGION = 1 / 16;

/** The mean of each exposure over the region all of them saw, or over all of it where that is small. */
export function levelsOf(
  { images, transform, width, height }: Placed,
  progress: (done: number) => void,
): Float64Array {
  const common = commonFrame(transform, width, height);
  const whole = { x: 0, y: 0, width, height };
  const enough = common.width > 0 && common.height > 0 &&
    common.width * common.height >= LEAST_REGION * width * height;
  return Float64Array.from(images, ({ data }, e) => {
    progress(e / images.length);
    if (!enough) return meanOver(data, width, whole);
    const moved = displacementOf(transform, e, width, height);
    const x0 = Math.max(0, common.x + Math.round(moved.x));
    const y0 = Math.max(0, common.y + Math.round(moved.y));
    const x1 = Math.min(width, common.x + common.width + Math.round(moved.x));
    const y1 = Math.min(height, common.y + common.height + Math.round(moved.y));
    const window = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
    return meanOver(data, width, window.width > 0 && window.height > 0 ? window : whole);
  });
}

/** Adds exposures that only moved, each by a phase ramp along x and along y. */
export function addByFourier(
  { images, transform, sign, width, height }: Placed,
  levels: Float64Array,
  sums: Sums,
  progress: (done: number) => void,
): void {
  const rows = createLineShifter(width);
  const columns = width === height ? rows : createLineShifter(height);
  const moved = new Float64Array((width + 2) * (height + 2));
  for (let e = 0; e < images.length; e++) {
    const x = transform.columns.x[e], y = transform.columns.y[e];
    const fractionX = x - Math.round(x), fractionY = y - Math.round(y);
    setFraction(rows, fractionX);
    strips(height, width, LINES, (first, end) => {
      progress((e + 0.45 * first / height) / images.length);
      shiftRows(rows, images[e].data, levels[e], fractionX, first, end, moved);
    });
    setFraction(columns, fractionY);
    strips(width + 2, height, LINES, (first, end) => {
      progress((e + 0.45 + 0.45 * first / width) / images.length);
      shiftColumnsInPlace(columns, width + 2, fractionY, first, end, moved);
    });
    addMoved(moved, width, height, x, y, fractionX, fractionY, sign[e], sums);
    progress((e + 1) / images.length);
  }
}

/** Adds exposures through their cubic splines, whatever their affine transforms. */
export function addBySpline(
  { images, transform, sign, width, height }: Placed,
  levels: Float64Array,
  sums: Sums,
  progress: (done: number) => void,
): void {
  const { columns } = transform;
  const factorsX = splineFactors(width), factorsY = splineFactors(height);
  const coefficients = new Float64Array(
    (width + 2 * SPLINE_MARGIN) * (height + 2 * SPLINE_MARGIN),
  );
  const weights = [new Float64Array(4), new Float64Array(4)] as const;
  for (let e = 0; e < images.length; e++) {
    const { data } = images[e];
    strips(height, width, 1, (first, end) => {
      progress((e + 0.3 * first / height) / images.length);
      splineRows(data, width, levels[e], factorsX, first, end, coefficients);
    });
    splineColumnsInPlace(width, height, factorsY, coefficients);
    const { xx, xy, yx, yy, x, y } = columns;
    const affine = Float64Array.of(xx[e], xy[e], yx[e], yy[e], x[e], y[e]);
    const { frame } = sums;
    strips(frame.height, frame.width, 1, (first, end) => {
      progress((e + 0.4 + 0.6 * first / frame.height) / images.length);
      addSpline(coefficients, width, height, affine, sign[e], first, end, weights, sums);
    });
    progress((e + 1) / images.length);
  }
}

/** Does `count` lines in strips of a multiple of `step`, of some {@linkcode STRIP_PIXELS} each. */
function strips(
  count: number,
  length: number,
  step: number,
  work: (first: number, end: number) => void,
): void {
  const lines = step * Math.max(1, Math.floor(STRIP_PIXELS / (length * step)));
  for (let first = 0; first < count; first += lines) work(first, Math.min(count, first + lines));
}
