import { assertEquals, assertFails, assertTrue } from "@assert";
import fc from "fast-check";
import { createImage, type SampleType } from "../../../core/mod.ts";
import { png } from "../../../plugins/io/png.ts";
import {
  formatContext,
  GOLDEN_SIZE,
  goldenFile,
  goldenLuma,
  goldenPixels,
} from "../../support/reader.ts";

async function check(
  file: string,
  sourceType: SampleType,
  change: (value: number) => number = (v) => v,
  codes: string[] = [],
) {
  const context = formatContext(file);
  const [image, ...rest] = await png.read(goldenFile(file), context);
  assertEquals(rest, []);
  assertEquals([image.width, image.height, image.sourceType, image.name, image.pixelSize], [
    ...GOLDEN_SIZE,
    sourceType,
    context.name,
    null,
  ]);
  assertEquals([...image.data], goldenPixels(0, change), file);
  assertEquals(context.codes, codes, file);
}

Deno.test("png reads gray of 1, 8 and 16 bits, and color with a warning", async () => {
  await check("gray8.png", "uint8");
  await check("gray16.png", "uint16", (v) => 257 * v);
  await check("gray1.png", "uint8", (v) => v > 60 ? 255 : 0);
  await check("gray_as_rgba.png", "uint8");
  await check("rgb.png", "float32", goldenLuma, ["COLOR_TO_GRAY"]);
});

Deno.test("png reads a palette of 4 bits", async () => {
  const context = formatContext("palette4.png");
  const [image] = await png.read(goldenFile("palette4.png"), context);
  // 16 colors stand for all: each is near the one it replaces.
  const worst = goldenPixels(0, goldenLuma).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - image.data[i])),
    0,
  );
  assertTrue(worst < 10, `${worst}`);
  assertEquals(context.messages, [
    '"palette4.png" is a color picture: its luma (0.299 red + 0.587 green + 0.114 blue) is used',
  ]);
});

Deno.test("png gives back gray images of 8 and 16 bits, with the same bytes each time", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<SampleType>("uint8", "uint16"),
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.nat(255), { minLength: 1, maxLength: 9 }),
      async (sourceType, width, row) => {
        const factor = sourceType === "uint8" ? 1 : 257;
        const data = Float32Array.from(row.flatMap((v) => Array(width).fill(v * factor)));
        const image = createImage({ name: "a", width, height: row.length, data, sourceType });
        const bytes = await png.write([image]);
        assertEquals(await png.write([image]), bytes);
        assertTrue(png.recognizes(bytes.subarray(0, 512)));
        assertEquals(await png.read(bytes, formatContext("a.png")), [image]);
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("png refuses to write stacks and floating point", async () => {
  const image = createImage({ width: 1, height: 1 });
  await assertFails(
    () => png.write([image]),
    "FORMAT_UNSUPPORTED",
    "Cannot write a PNG file: expected 8 or 16-bit unsigned integers, got float32; write TIFF, which keeps stacks and floating point",
  );
  await assertFails(
    () => png.write([image, image]),
    "FORMAT_UNSUPPORTED",
    "Cannot write a PNG file: expected one image, got 2; write TIFF, which keeps stacks and floating point",
  );
});

Deno.test("png names what is wrong with a file, and where", async () => {
  const damaged = "; the file is damaged: copy it again from its source";
  const good = goldenFile("gray8.png");
  const fails = (change: (bytes: Uint8Array) => Uint8Array | void, message: string) => {
    const bytes = good.slice();
    const changed = change(bytes) ?? bytes;
    return assertFails(
      () => png.read(changed, formatContext("a.png")),
      "FILE_CORRUPT",
      `Cannot read "a.png": ${message}${damaged}`,
    );
  };
  await fails(
    (b) => b.slice(0, 40),
    "expected a PNG chunk at byte 33, got a file that ends at byte 40",
  );
  await fails((b) => void (b[20] ^= 1), "expected a sound chunk at byte 8, got another checksum");
  await fails((b) => void (b[1] = 0), "expected a PNG file, got other first bytes");
  await fails(
    (b) => headed(b, 16, [0, 0, 0, 0]),
    "expected a PNG picture, got 0 x 9 px of 8 bits, color type 0",
  );
  await fails(
    (b) => headed(b, 24, [8, 7]),
    "expected a PNG picture, got 13 x 9 px of 8 bits, color type 7",
  );
  await fails((b) => headed(b, 16, [0, 1, 0, 0]), "expected pixels for 65536 x 9 px, got 19 bytes");
  await assertFails(
    () => png.read(new Uint8Array(), formatContext("a.png")),
    "FILE_EMPTY",
    'Cannot read "a.png": expected a PNG file, got an empty file; copy it again from its source',
  );
});

/** The file with other bytes in its header and the right checksum. */
function headed(bytes: Uint8Array, at: number, values: number[]): Uint8Array {
  bytes.set(values, at);
  let crc = -1;
  for (let i = 12; i < 29; i++) {
    crc ^= bytes[i];
    for (let k = 0; k < 8; k++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }
  new DataView(bytes.buffer).setInt32(29, crc ^ -1);
  return bytes;
}
