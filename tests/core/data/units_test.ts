import { assertClose, assertEquals } from "@assert";
import { nanometersPer, pixelSizeNm, samePixelSize } from "../../../core/mod.ts";

/** Conversions are products of exact decimal factors. */
const ROUNDING = 1e-12;

Deno.test("nanometersPer knows the units of microscopes", () => {
  assertClose(nanometersPer("pm")!, 1e-3, ROUNDING);
  assertClose(nanometersPer("Å")!, 0.1, ROUNDING);
  for (const micrometer of ["um", "µm", "μm", " micron "]) {
    assertClose(nanometersPer(micrometer)!, 1000, ROUNDING);
  }
  assertEquals(nanometersPer("1/nm"), undefined);
});

Deno.test("pixel sizes are compared as lengths", () => {
  const nm = { x: 0.02, y: 0.02, unit: "nm" };
  assertEquals(samePixelSize(nm, { x: 20, y: 20, unit: "pm" }), true);
  assertEquals(samePixelSize(nm, { x: 0.02, y: 0.021, unit: "nm" }), false);
  assertEquals(samePixelSize(nm, null), false);
  assertEquals(samePixelSize(null, null), true);
  assertEquals(samePixelSize(nm, { x: 0.02, y: 0.02, unit: "1/nm" }), false);
  assertEquals(pixelSizeNm({ x: 1, y: 1, unit: "pixel" }), undefined);
});
