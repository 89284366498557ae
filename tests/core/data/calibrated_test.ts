import { assertEquals } from "@assert";
import { createTable, withNanometers } from "../../../core/mod.ts";

const table = createTable({ x: Float64Array.of(2, 4), y: Float64Array.of(1, 3) }, {
  x: "px",
  y: "px",
});

Deno.test("withNanometers adds positions in nm where the pixel size is a length", () => {
  const { columns, units } = withNanometers(table, { x: 0.5, y: 250, unit: "pm" });
  assertEquals([...columns.xNm as Float64Array], [0.001, 0.002]);
  assertEquals([...columns.yNm as Float64Array], [0.25, 0.75]);
  assertEquals(units.xNm, "nm");
});

Deno.test("withNanometers leaves tables as they are without a length or positions", () => {
  assertEquals(withNanometers(table, null), table);
  assertEquals(withNanometers(table, { x: 1, y: 1, unit: "pixel" }), table);
  const other = createTable({ rank: Float64Array.of(1) });
  assertEquals(withNanometers(other, { x: 1, y: 1, unit: "nm" }), other);
});
