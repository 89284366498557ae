import { assertClose, assertEquals, assertFails } from "@assert";
import { encodeJpeg, Image } from "image-js";
import { jpeg } from "../../../plugins/io/jpeg.ts";
import { formatContext } from "../../support/format.ts";

function grayJpeg(): Uint8Array {
  const data = Uint8Array.from({ length: 256 }, (_, i) => 16 * (i % 16));
  return encodeJpeg(new Image(16, 16, { data, colorModel: "GREY" }), { quality: 100 });
}

Deno.test("jpeg reads a gray picture without a warning of color", async () => {
  const bytes = grayJpeg();
  assertEquals(jpeg.recognizes(bytes), true);
  const context = formatContext();
  const [image] = await jpeg.read(bytes, context);
  assertEquals([image.width, image.height, image.sourceType], [16, 16, "uint8"]);
  assertClose(image.data[8], 128, 4); // the best quality of a lossy format
  assertEquals(context.warnings, []);
});

Deno.test("jpeg says when a file is cut", async () => {
  await assertFails(() => jpeg.read(grayJpeg().slice(0, 100), formatContext()), "FILE_CORRUPT");
});
