/**
 * Positions in nanometers beside those in px.
 *
 * @module
 */
import { type Table, withColumns } from "./table.ts";
import { type PixelSize, pixelSizeNm } from "./units.ts";

/** The table with `xNm, yNm` beside `x, y`, where the pixel size is known as a length. */
export function withNanometers(table: Table, pixelSize: PixelSize | null): Table {
  const size = pixelSizeNm(pixelSize);
  const { x, y } = table.columns;
  if (size === undefined || !(x instanceof Float64Array) || !(y instanceof Float64Array)) {
    return table;
  }
  const columns = { xNm: x.map((v) => v * size.x), yNm: y.map((v) => v * size.y) };
  return withColumns(table, columns, { xNm: "nm", yNm: "nm" });
}
