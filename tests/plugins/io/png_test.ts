import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { createImage } from "../../../core/mod.ts";
import { encodePng } from "../../../plugins/io/_image_js.ts";
import { png } from "../../../plugins/io/png.ts";
import { extremeImage, formatContext } from "../../support/format.ts";

Deno.test("png writes and reads 8 and 16 bits exactly, the same bytes each time", async () => {
  for (const sourceType of ["uint8", "uint16"] as const) {
    const image = extremeImage(sourceType);
    const bytes = await png.write([image]);
    assertEquals(await png.write([image]), bytes);
    assertTrue(png.recognizes(bytes));
    assertEquals(await png.read(bytes, formatContext()), [image]);
  }
});

Deno.test("png turns color to gray with a warning", async () => {
  const data = Uint8Array.of(255, 0, 0, 5, 5, 5);
  const bytes = await encodePng({ width: 2, height: 1, channels: 3, bitDepth: 8, data });
  const context = formatContext();
  const [image] = await png.read(bytes, context);
  assertEquals([Math.round(image.data[0]), image.data[1]], [76, 5]);
  assertEquals([context.warnings, image.sourceType], [["COLOR_TO_GRAY"], "float32"]);
});

Deno.test("png refuses what it cannot hold, and says what is wrong with a file", async () => {
  await assertFails(
    () => png.write([extremeImage("float32")]),
    "FORMAT_UNSUPPORTED",
    "Cannot write a PNG picture: expected one image of 8 or 16-bit unsigned integers, got 1 of float32; write TIFF, which keeps stacks and floating point",
  );
  const data = Float32Array.from({ length: 400 }, (_, i) => i % 256);
  const bytes = await png.write([
    createImage({ width: 20, height: 20, sourceType: "uint8", data }),
  ]);
  const error = await assertFails(
    () => png.read(bytes.slice(0, 60), formatContext("cut.png")),
    "FILE_CORRUPT",
  );
  assertIncludes(error.message, /^Cannot read "cut\.png": expected a whole PNG file, got damaged/);
});
