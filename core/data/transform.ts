/**
 * Transforms: where each point of the reference lies in each exposure, as an affine map.
 *
 * A point p of the reference lies in an exposure at q, with
 *
 *     q.x = x + xx p.x + xy p.y
 *     q.y = y + yx p.x + yy p.y
 *
 * so the drift of a specimen that only moves is a transform with xx = yy = 1 and xy = yx = 0. One row
 * holds one exposure. A column `error`, where there is one, is the standard uncertainty of x and of y.
 *
 * @module
 */
import type { Drift } from "./drift.ts";
import { createTable, numberColumn, type Table, withColumns } from "./table.ts";

/** The columns every table of transforms has, with their units. */
export const TRANSFORM_COLUMNS = {
  exposure: "",
  xx: "",
  xy: "",
  yx: "",
  yy: "",
  x: "px",
  y: "px",
} as const;

/** Transforms from the reference into exposures, one a row. */
export type Transform = Table<keyof typeof TRANSFORM_COLUMNS>;

/** The linear part in the order xx, xy, yx, yy, and the vector. */
type Affine = readonly [xx: number, xy: number, yx: number, yy: number, x: number, y: number];

/**
 * The transforms that a table of drift stands for.
 *
 * Where the table has columns `shearX` and `scaleY`, the drift per row while an exposure is scanned (px
 * a row along x and y), a column at p lies at `p + drift + (shearX, scaleY) (p.y - middle row)`.
 *
 * @param height rows of an exposure; of no influence without drift during the scan
 *
 * @example
 * ```ts
 * import { createTable, transformOfDrift, transformPoints } from "@core";
 * import { assertEquals } from "@assert";
 *
 * const zero = Float64Array.of(0), one = Float64Array.of(1);
 * const drift = createTable({
 *   exposure: zero, x: Float64Array.of(2), y: Float64Array.of(-1), error: zero, sign: one, ambiguous: zero,
 * });
 * const x = Float64Array.of(10), y = Float64Array.of(20);
 * transformPoints(transformOfDrift(drift, 64), 0, x, y, x, y);
 * assertEquals([x[0], y[0]], [12, 19]);
 * ```
 */
export function transformOfDrift(drift: Drift, height: number): Transform {
  const { exposure, x, y, error } = drift.columns;
  const middle = (height - 1) / 2;
  const none = new Float64Array(drift.length);
  const shear = numberColumn(drift, "shearX") ?? none;
  const scale = numberColumn(drift, "scaleY") ?? none;
  const columns = {
    exposure: exposure.slice(),
    xx: none.map(() => 1),
    xy: shear.slice(),
    yx: none.slice(),
    yy: scale.map((s) => 1 + s),
    x: x.map((v, e) => v - shear[e] * middle),
    y: y.map((v, e) => v - scale[e] * middle),
    error: error.slice(),
  };
  return createTable(columns, { x: "px", y: "px", error: "px" });
}

/**
 * The transforms back, from each exposure into the reference.
 *
 * @throws RangeError when one of them has no way back; see {@linkcode isInvertible}
 */
export function inverseTransform(transform: Transform): Transform {
  const back = mapRows(transform, (row) => {
    if (!isInvertible(transform, row)) throw new RangeError(`row ${row} maps the plane to a line`);
    const [a, b, c, d, x, y] = affineOf(transform, row);
    const det = a * d - b * c;
    const xx = d / det, xy = -b / det, yx = -c / det, yy = a / det;
    return [xx, xy, yx, yy, -(xx * x + xy * y), -(yx * x + yy * y)];
  });
  const error = numberColumn(transform, "error");
  if (error === undefined) return back;
  return withError(back, (row) => {
    const [xx, xy, yx, yy] = affineOf(back, row);
    return error[row] * meanStretch(xx, xy, yx, yy);
  });
}

/** Whether all numbers of a row are finite and its linear part does not map the plane to a line. */
export function isInvertible(transform: Transform, row: number): boolean {
  const affine = affineOf(transform, row);
  const [xx, xy, yx, yy] = affine;
  const size = Math.hypot(xx, xy, yx, yy);
  return affine.every(Number.isFinite) && Math.abs(xx * yy - xy * yx) > 1e-12 * size * size;
}

/** Whether a row only moves points, all by one vector. */
export function isTranslation(transform: Transform, row: number): boolean {
  const [xx, xy, yx, yy] = affineOf(transform, row);
  return xx === 1 && xy === 0 && yx === 0 && yy === 1;
}

/**
 * The transforms that do `first` and then `second`, row by row: of two tables of the same exposures.
 *
 * @throws RangeError when the tables differ in length
 */
export function composeTransforms(first: Transform, second: Transform): Transform {
  if (first.length !== second.length) {
    throw new RangeError(`transforms of ${first.length} and of ${second.length} exposures`);
  }
  const before = numberColumn(first, "error"), after = numberColumn(second, "error");
  const moved = mapRows(first, (row) => {
    const [a, b, c, d, x, y] = affineOf(first, row);
    const [xx, xy, yx, yy, dx, dy] = affineOf(second, row);
    return [
      xx * a + xy * c,
      xx * b + xy * d,
      yx * a + yy * c,
      yx * b + yy * d,
      dx + xx * x + xy * y,
      dy + yx * x + yy * y,
    ];
  });
  if (before === undefined && after === undefined) return moved;
  return withError(moved, (row) => {
    const [xx, xy, yx, yy] = affineOf(second, row);
    return Math.hypot((before?.[row] ?? 0) * meanStretch(xx, xy, yx, yy), after?.[row] ?? 0);
  });
}

/** Maps points by one row; `outX` and `outY` may be `x` and `y` themselves. */
export function transformPoints(
  transform: Transform,
  row: number,
  x: Float64Array,
  y: Float64Array,
  outX: Float64Array,
  outY: Float64Array,
): void {
  const [xx, xy, yx, yy, dx, dy] = affineOf(transform, row);
  for (let i = 0; i < x.length; i++) {
    const px = x[i], py = y[i];
    outX[i] = dx + xx * px + xy * py;
    outY[i] = dy + yx * px + yy * py;
  }
}

/**
 * Carries the standard uncertainties of x and y, taken to be independent, through the linear part of
 * one row, and adds those of the transform itself; `outX` and `outY` may be `errorX` and `errorY`.
 */
export function transformErrors(
  transform: Transform,
  row: number,
  errorX: Float64Array,
  errorY: Float64Array,
  outX: Float64Array,
  outY: Float64Array,
): void {
  const [xx, xy, yx, yy] = affineOf(transform, row);
  const given = numberColumn(transform, "error")?.[row] ?? 0;
  const own = Number.isFinite(given) ? given : 0;
  for (let i = 0; i < errorX.length; i++) {
    const ex = errorX[i], ey = errorY[i];
    outX[i] = Math.sqrt(xx * xx * ex * ex + xy * xy * ey * ey + own * own);
    outY[i] = Math.sqrt(yx * yx * ex * ex + yy * yy * ey * ey + own * own);
  }
}

/**
 * Carries covariances of positions (xx, xy, yy of each, three numbers in a row) through the linear
 * part of one row; `out` may be `covariance` itself.
 */
export function transformCovariances(
  transform: Transform,
  row: number,
  covariance: Float64Array,
  out: Float64Array,
): void {
  const [a, b, c, d] = affineOf(transform, row);
  for (let i = 0; i + 2 < covariance.length; i += 3) {
    const sxx = covariance[i], sxy = covariance[i + 1], syy = covariance[i + 2];
    out[i] = a * a * sxx + 2 * a * b * sxy + b * b * syy;
    out[i + 1] = a * c * sxx + (a * d + b * c) * sxy + b * d * syy;
    out[i + 2] = c * c * sxx + 2 * c * d * sxy + d * d * syy;
  }
}

function affineOf({ columns }: Transform, row: number): Affine {
  const { xx, xy, yx, yy, x, y } = columns;
  return [xx[row], xy[row], yx[row], yy[row], x[row], y[row]];
}

/** A table of the same exposures with other numbers, without errors. */
function mapRows(transform: Transform, affine: (row: number) => Affine): Transform {
  const rows = Array.from({ length: transform.length }, (_, row) => affine(row));
  const part = (at: number) => Float64Array.from(rows, (row) => row[at]);
  return createTable({
    exposure: transform.columns.exposure.slice(),
    xx: part(0),
    xy: part(1),
    yx: part(2),
    yy: part(3),
    x: part(4),
    y: part(5),
  }, { x: "px", y: "px" });
}

function withError(transform: Transform, errorOf: (row: number) => number): Transform {
  const error = Float64Array.from({ length: transform.length }, (_, row) => errorOf(row));
  return withColumns(transform, { error }, { error: "px" });
}

/** By how much a linear map stretches vectors of all directions, root mean square. */
function meanStretch(xx: number, xy: number, yx: number, yy: number): number {
  return Math.hypot(xx, xy, yx, yy) / Math.SQRT2;
}
