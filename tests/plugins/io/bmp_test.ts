import { assertEquals, assertFails, assertTrue } from "@assert";
import { bmp } from "../../../plugins/io/bmp.ts";
import { formatContext, goldenFile, goldenLuma, goldenPixels } from "../../support/reader.ts";

async function read(bytes: Uint8Array) {
  const context = formatContext("a.bmp");
  const [image] = await bmp.read(bytes, context);
  return { image, codes: context.codes };
}

Deno.test("bmp reads 1, 8, 24 and 32 bits, real color with a warning", async () => {
  for (
    const [file, change, type, codes] of [
      ["gray.bmp", (v: number) => v, "uint8", []],
      ["two_colors.bmp", (v: number) => v > 60 ? 255 : 0, "uint8", []],
      ["rgb.bmp", goldenLuma, "float32", ["COLOR_TO_GRAY"]],
      ["rgba.bmp", goldenLuma, "float32", ["COLOR_TO_GRAY"]],
    ] as const
  ) {
    const bytes = goldenFile(file);
    assertTrue(bmp.recognizes(bytes.subarray(0, 512)));
    const got = await read(bytes);
    assertEquals([got.image.width, got.image.height, got.image.sourceType], [13, 9, type], file);
    assertEquals([...got.image.data], goldenPixels(0, change), file);
    assertEquals(got.codes, [...codes], file);
  }
});

Deno.test("bmp reads rows from the top where the height is negative", async () => {
  const bytes = goldenFile("gray.bmp");
  new DataView(bytes.buffer).setInt32(22, -9, true);
  const { image } = await read(bytes);
  const rows = goldenPixels();
  for (let y = 0; y < 9; y++) {
    const row = [...image.data.subarray(y * 13, y * 13 + 13)];
    assertEquals(row, rows.slice((8 - y) * 13, (8 - y) * 13 + 13));
  }
});

Deno.test("bmp names what is wrong with a file, and where", async () => {
  const damaged = "; the file is damaged: copy it again from its source";
  const edited = (at: number, value: number) => {
    const bytes = goldenFile("gray.bmp");
    new DataView(bytes.buffer).setInt32(at, value, true);
    return bytes;
  };
  const whole = goldenFile("gray.bmp");
  const fails = (bytes: Uint8Array, code: "FILE_CORRUPT" | "FORMAT_UNSUPPORTED", message: string) =>
    assertFails(() => read(bytes), code, `Cannot read "a.bmp": ${message}`);
  await fails(
    whole.slice(0, 20),
    "FILE_CORRUPT",
    `expected a BMP header, got a file that ends at byte 20${damaged}`,
  );
  await fails(
    whole.slice(0, 1200),
    "FILE_CORRUPT",
    `expected 13 x 9 px up to byte 1222, got a file that ends at byte 1200${damaged}`,
  );
  await fails(
    edited(18, 2 ** 30),
    "FILE_CORRUPT",
    `expected 1073741824 x 9 px up to byte 9663677494, got a file that ends at byte 1222${damaged}`,
  );
  await fails(edited(18, 0), "FILE_CORRUPT", `expected a BMP picture, got 0 x 9 px${damaged}`);
  await fails(edited(0, 0), "FILE_CORRUPT", `expected a BMP file, got other first bytes${damaged}`);
  await fails(
    edited(30, 1),
    "FORMAT_UNSUPPORTED",
    "expected an uncompressed BMP of 1, 4, 8, 24 or 32 bits, got 8 bits, compression 1; save it as PNG",
  );
  await fails(
    edited(26, 16 << 16 | 1),
    "FORMAT_UNSUPPORTED",
    "expected an uncompressed BMP of 1, 4, 8, 24 or 32 bits, got 16 bits; save it as PNG",
  );
  await fails(
    edited(14, 12),
    "FORMAT_UNSUPPORTED",
    "expected a Windows BMP, got an OS/2 header; save it as PNG or TIFF",
  );
  await assertFails(
    () => read(new Uint8Array()),
    "FILE_EMPTY",
    'Cannot read "a.bmp": expected a BMP file, got an empty file; copy it again from its source',
  );
});
