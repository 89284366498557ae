/**
 * Tables of columns for tests.
 *
 * @module
 */
import { COLUMN_COLUMNS, type Columns, createTable } from "../../core/mod.ts";

/** Columns at these places, all of one shape. */
export function columnsAt(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  shape: { readonly sigma?: number; readonly height?: ArrayLike<number> | number } = {},
): Columns {
  const { sigma = 2, height = 100 } = shape;
  const n = x.length;
  const all = (value: number) => new Float64Array(n).fill(value);
  const tops = typeof height === "number" ? all(height) : Float64Array.from(height);
  return createTable({
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    sigmaX: all(sigma),
    sigmaY: all(sigma),
    angle: all(0),
    height: tops,
    background: all(10),
    volume: tops.map((h) => 2 * Math.PI * h * sigma * sigma),
    errorX: all(0.03),
    errorY: all(0.04),
    status: Array.from({ length: n }, () => "ok"),
  }, COLUMN_COLUMNS);
}
