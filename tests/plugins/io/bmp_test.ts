import { assertEquals, assertFails } from "@assert";
import { bmp } from "../../../plugins/io/bmp.ts";
import { formatContext } from "../../support/format.ts";

/** An 8-bit gray BMP of 2 x 2 px: rows run upward and are padded to four bytes. */
function grayBmp(): Uint8Array {
  const header = 14 + 40 + 4 * 256;
  const bytes = new Uint8Array(header + 8);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, header, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, 2, true);
  view.setInt32(22, 2, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 8, true);
  view.setUint32(34, 8, true);
  view.setUint32(46, 256, true);
  for (let i = 0; i < 256; i++) bytes.set([i, i, i, 0], 54 + 4 * i);
  bytes.set([30, 40, 0, 0, 10, 20, 0, 0], header);
  return bytes;
}

Deno.test("bmp reads gray pictures the right way up", async () => {
  const bytes = grayBmp();
  assertEquals(bmp.recognizes(bytes), true);
  const [image] = await bmp.read(bytes, formatContext());
  assertEquals([image.width, image.height, ...image.data], [2, 2, 10, 20, 30, 40]);
});

Deno.test("bmp says when a file is cut", async () => {
  await assertFails(
    () => bmp.read(grayBmp().slice(0, 30), formatContext("cut.bmp")),
    "FILE_CORRUPT",
  );
});
