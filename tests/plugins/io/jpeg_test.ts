import { assertClose, assertEquals, assertFails, assertTrue } from "@assert";
import { jpeg } from "../../../plugins/io/jpeg.ts";
import { formatContext, goldenFile, goldenLuma, goldenPixels } from "../../support/reader.ts";

/** Rounding of quality 100, which quantizes by 1, after two color transforms. */
const LOSS = 3;

Deno.test("jpeg reads baseline and progressive gray, and color with a warning", async () => {
  for (
    const [file, change, type, codes] of [
      ["gray.jpg", (v: number) => v, "uint8", []],
      ["progressive.jpg", (v: number) => v, "uint8", []],
      ["rgb.jpg", goldenLuma, "float32", ["COLOR_TO_GRAY"]],
    ] as const
  ) {
    const context = formatContext(file);
    const bytes = goldenFile(file);
    assertTrue(jpeg.recognizes(bytes.subarray(0, 512)));
    const [image] = await jpeg.read(bytes, context);
    assertEquals([image.width, image.height, image.sourceType, image.name], [
      13,
      9,
      type,
      context.name,
    ]);
    goldenPixels(0, change).forEach((value, i) => assertClose(image.data[i], value, LOSS));
    assertEquals(context.codes, [...codes]);
  }
});

Deno.test("jpeg names what is wrong with a file, and where", async () => {
  const damaged = "; the file is damaged: copy it again from its source";
  const good = goldenFile("gray.jpg");
  const frame = good.findIndex((byte, i) => byte === 0xff && good[i + 1] === 0xc0);
  const scan = good.findIndex((byte, i) => byte === 0xff && good[i + 1] === 0xda);
  const edited = (at: number, ...values: number[]) => {
    const bytes = good.slice();
    bytes.set(values, at);
    return bytes;
  };
  const fails = (bytes: Uint8Array, message: string) =>
    assertFails(
      () => jpeg.read(bytes, formatContext("a.jpg")),
      "FILE_CORRUPT",
      `Cannot read "a.jpg": ${message}${damaged}`,
    );
  // Cut in the compressed data, which the decoder would fill up without a word.
  const cut = good.length - 20;
  await fails(
    good.slice(0, cut),
    `expected a JPEG segment at byte ${cut}, got a file that ends at byte ${cut}`,
  );
  await fails(
    good.slice(0, frame + 6),
    `expected a JPEG segment at byte ${frame}, got a file that ends at byte ${frame + 6}`,
  );
  await fails(edited(scan, 0), `expected a JPEG marker at byte ${scan}, got something else`);
  await fails(edited(0, 0), "expected a JPEG file, got other first bytes");
  await fails(edited(2, 0xff, 0xd9), "expected a JPEG picture with a size, got none");
  await fails(
    edited(frame + 5, 0xff, 0xff, 0xff, 0xff),
    `expected pixels for 65535 x 65535 px, got ${good.length} bytes`,
  );
  await fails(edited(frame + 2, 0, 1), `expected a JPEG segment at byte ${frame}, got 1 bytes`);
  await assertFails(
    () => jpeg.read(edited(frame + 1, 0xc3), formatContext("a.jpg")),
    "FORMAT_UNSUPPORTED",
    'Cannot read "a.jpg": expected baseline or progressive JPEG of 8 bits, got coding process 3; save it as PNG or TIFF',
  );
  await assertFails(
    () => jpeg.read(edited(frame + 4, 12), formatContext("a.jpg")),
    "FORMAT_UNSUPPORTED",
    'Cannot read "a.jpg": expected baseline or progressive JPEG of 8 bits, got 12 bits; save it as PNG or TIFF',
  );
  await assertFails(
    () => jpeg.read(new Uint8Array(), formatContext("a.jpg")),
    "FILE_EMPTY",
    'Cannot read "a.jpg": expected a JPEG file, got an empty file; copy it again from its source',
  );
});
