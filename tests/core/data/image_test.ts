import { assertEquals, assertTrue } from "@assert";
import { countNonFinite, createImage } from "../../../core/mod.ts";

Deno.test("createImage fills in what is not given and refuses a wrong number of pixels", () => {
  const image = createImage({ width: 2, height: 3 });
  assertEquals([image.data.length, image.sourceType, image.pixelSize], [6, "float32", null]);
  let refused = false;
  try {
    createImage({ width: 2, height: 2, data: new Float32Array(3) });
  } catch (error) {
    refused = error instanceof RangeError;
  }
  assertTrue(refused);
});

Deno.test("countNonFinite counts NaN and infinite pixels", () => {
  const data = Float32Array.of(0, NaN, Infinity, -Infinity);
  assertEquals(countNonFinite(createImage({ width: 4, height: 1, data })), 3);
  for (let at = 0; at < 11; at++) {
    for (const bad of [NaN, Infinity, -Infinity]) {
      const row = new Float32Array(11).fill(3.4e38);
      assertEquals(countNonFinite(createImage({ width: 11, height: 1, data: row })), 0);
      row[at] = bad;
      assertEquals(countNonFinite(createImage({ width: 11, height: 1, data: row })), 1);
    }
  }
});
