import { assertClose, assertEquals, assertFails, assertTrue } from "@assert";
import fc from "fast-check";
import { createImage, type Image, type PixelSize, type SampleType } from "../../../core/mod.ts";
import { tiff } from "../../../plugins/io/tiff.ts";
import {
  formatContext,
  GOLDEN_SIZE,
  goldenFile,
  goldenLuma,
  goldenPixels,
} from "../../support/reader.ts";

async function read(bytes: Uint8Array, path = "a.tif") {
  const context = formatContext(path);
  return { images: await tiff.read(bytes, context), codes: context.codes };
}

async function check(
  file: string,
  sourceType: SampleType,
  pages: number,
  change: (value: number) => number = (v) => v,
  codes: string[] = [],
) {
  const got = await read(goldenFile(`${file}.tif`), `${file}.tif`);
  assertEquals(got.images.map((image) => [image.width, image.height, image.sourceType]), [
    ...Array(pages).fill([...GOLDEN_SIZE, sourceType]),
  ], file);
  got.images.forEach((image, i) =>
    assertEquals([...image.data], goldenPixels(i, change), `${file}, page ${i}`)
  );
  assertEquals(got.codes, codes, file);
  return got.images;
}

Deno.test("tiff reads every sample type, byte order, compression and layout of other writers", async () => {
  await check("u8", "uint8", 2);
  await check("u16_be_deflate_predictor", "uint16", 2);
  await check("u32_be", "uint32", 2);
  await check("i8", "int8", 1, (v) => v - 100);
  await check("i16_big", "int16", 2, (v) => v - 100);
  await check("i32", "int32", 1, (v) => v - 100);
  await check("f16", "float32", 1, (v) => v + 0.5);
  await check("f32_be_tiles", "float32", 1, (v) => v + 0.5);
  await check("f32_be_predictor", "float32", 1, (v) => v + 0.5);
  await check("f64_be", "float64", 1, (v) => v + 0.5);
  await check("u8_lzw", "uint8", 1);
  await check("u8_packbits", "uint8", 1);
  await check("u16_lzw_predictor", "uint16", 1);
});

Deno.test("tiff reads JPEG compression within its loss", async () => {
  const [image] = (await read(goldenFile("u8_jpeg.tif"))).images;
  goldenPixels().forEach((value, i) => assertClose(image.data[i], value, 3));
});

Deno.test("tiff turns color to luma with a warning and leaves out opacity", async () => {
  await check("rgb_planar", "float32", 1, goldenLuma, ["COLOR_TO_GRAY"]);
  await check("palette", "float32", 1, goldenLuma, ["COLOR_TO_GRAY"]);
  await check("white_is_zero", "uint8", 1, (v) => v, ["WHITE_IS_ZERO"]);
});

Deno.test("tiff reads channels as images of their own, with a warning", async () => {
  const { images, codes } = await read(goldenFile("two_channels.tif"), "two.tif");
  assertEquals(images.map((image) => image.name), ["two_0", "two_1"]);
  assertEquals([...images[1].data], goldenPixels(0, (v) => v + 20));
  assertEquals(codes, ["MULTI_CHANNEL"]);
  const hyperstack = await read(goldenFile("imagej_channels.tif"));
  assertEquals(hyperstack.images.length, 4);
  assertEquals(hyperstack.codes, ["MULTI_CHANNEL"]);
});

Deno.test("tiff leaves out pages that are marked as reduced", async () => {
  assertEquals((await read(goldenFile("thumbnail.tif"))).images.length, 1);
});

Deno.test("tiff takes the pixel size from ImageJ, OME and scientific resolutions only", async () => {
  const sizes: Record<string, PixelSize | null> = {
    imagej: { x: 0.05, y: 0.1, unit: "nm" },
    imagej_micro: { x: 0.25, y: 0.25, unit: "µm" },
    imagej_pixels: null,
    ome: { x: 0.25, y: 0.5, unit: "Å" },
    per_cm: { x: 2e-9, y: 4e-9, unit: "cm" },
    dpi72: null,
    u8: null,
  };
  for (const [file, size] of Object.entries(sizes)) {
    const { images } = await read(goldenFile(`${file}.tif`));
    for (const image of images) assertEquals(image.pixelSize, size, file);
  }
});

Deno.test("tiff reads ImageJ's signed 16-bit pixels as signed", async () => {
  await check("imagej_signed", "int16", 1, (v) => v - 100);
});

/** A classic little-endian file of one page with these tags (LONG) and 4 bytes of pixels behind them. */
function handmade(tags: Readonly<Record<number, number>>, next = 0): Uint8Array {
  const entries = Object.entries(tags);
  const pixels = 8 + 2 + 12 * entries.length + 4;
  const bytes = new Uint8Array(pixels + 4);
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, 42, 0, 8]);
  view.setUint16(8, entries.length, true);
  entries.forEach(([tag, value], i) => {
    view.setUint16(10 + 12 * i, Number(tag), true);
    view.setUint16(12 + 12 * i, 4, true);
    view.setUint32(14 + 12 * i, 1, true);
    view.setUint32(18 + 12 * i, value < 0 ? pixels : value, true);
  });
  view.setUint32(pixels - 4, next, true);
  bytes.set([1, 2, 3, 4], pixels);
  return bytes;
}

const PAGE = { 256: 2, 257: 2, 258: 8, 259: 1, 262: 1, 273: -1, 277: 1, 278: 2, 279: 4 } as const;

Deno.test("tiff names what is wrong with a file, and where", async () => {
  const damaged = "; the file is damaged: copy it again from its source";
  const cases: readonly (readonly [Uint8Array, "FILE_CORRUPT" | "FORMAT_UNSUPPORTED", string])[] = [
    [
      goldenFile("u8.tif").slice(0, 5),
      "FILE_CORRUPT",
      `expected the TIFF header at byte 0, got a file that ends at byte 5${damaged}`,
    ],
    [
      Uint8Array.of(1, 2, 3, 4),
      "FILE_CORRUPT",
      `expected a TIFF file, got other first bytes${damaged}`,
    ],
    [
      Uint8Array.of(73, 73, 42, 0, 0, 0, 0, 0),
      "FILE_CORRUPT",
      `expected at least one page, got no page${damaged}`,
    ],
    [
      goldenFile("u8.tif").slice(0, 100),
      "FILE_CORRUPT",
      `expected the directory of page 1 at byte 8, got a file that ends at byte 100${damaged}`,
    ],
    [
      handmade(PAGE, 8),
      "FILE_CORRUPT",
      `expected pages in a row, got a circle at byte 8${damaged}`,
    ],
    [
      handmade(PAGE).slice(0, 124),
      "FILE_CORRUPT",
      `expected pixels of page 1 up to byte 126, got a file that ends at byte 124${damaged}`,
    ],
    [
      handmade({ ...PAGE, 256: 0 }),
      "FILE_CORRUPT",
      `expected a size of page 1, got 0 x 2 px of 1 samples${damaged}`,
    ],
    [
      handmade({ ...PAGE, 256: 60000, 257: 60000 }),
      "FILE_CORRUPT",
      `expected 30000 blocks of pixels in page 1, got 1${damaged}`,
    ],
    [
      handmade({ ...PAGE, 256: 60000, 257: 60000, 278: 60000 }),
      "FILE_CORRUPT",
      `expected pixels for the 60000 x 60000 px of page 1, got 4 bytes at byte 122${damaged}`,
    ],
    [
      handmade({ ...PAGE, 259: 8 }),
      "FILE_CORRUPT",
      `expected pixels of page 1 at byte 122, got compressed data that cannot be expanded${damaged}`,
    ],
    [
      handmade({ ...PAGE, 259: 5 }),
      "FILE_CORRUPT",
      `expected 4 bytes of pixels of page 1 at byte 122, got 3${damaged}`,
    ],
    [
      handmade({ ...PAGE, 259: 50000 }),
      "FORMAT_UNSUPPORTED",
      "expected no compression, LZW, deflate, PackBits or JPEG, got compression zstd; save it without compression",
    ],
    [
      handmade({ ...PAGE, 262: 5 }),
      "FORMAT_UNSUPPORTED",
      "expected gray, RGB or palette pixels, got CMYK colors; save it as gray or RGB",
    ],
    [
      handmade({ ...PAGE, 317: 34892 }),
      "FORMAT_UNSUPPORTED",
      "expected predictor 1, 2 or 3 (floating point), got predictor 34892 on uint8 samples; save it without compression",
    ],
    [
      handmade({ ...PAGE, 258: 12 }),
      "FORMAT_UNSUPPORTED",
      "expected samples of 8, 16 or 32-bit integers or 32 or 64-bit floating point, got 12-bit unsigned integer samples; save it as 16-bit or 32-bit in ImageJ",
    ],
    [
      goldenFile("complex.tif"),
      "FORMAT_UNSUPPORTED",
      "expected samples of 8, 16 or 32-bit integers or 32 or 64-bit floating point, got 64-bit complex samples; save it as 16-bit or 32-bit in ImageJ",
    ],
    [
      goldenFile("u64.tif"),
      "FORMAT_UNSUPPORTED",
      "expected samples of 8, 16 or 32-bit integers or 32 or 64-bit floating point, got 64-bit unsigned integer samples; save it as 16-bit or 32-bit in ImageJ",
    ],
  ];
  for (const [bytes, code, message] of cases) {
    await assertFails(() => read(bytes), code, `Cannot read "a.tif": ${message}`);
  }
  await assertFails(
    () => read(new Uint8Array()),
    "FILE_EMPTY",
    'Cannot read "a.tif": expected a TIFF file, got an empty file; copy it again from its source',
  );
});

Deno.test("tiff does not believe a JPEG block that claims more than its page", async () => {
  const bytes = goldenFile("u8_jpeg.tif");
  const frame = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0);
  bytes.set([0xff, 0xff, 0xff, 0xff], frame + 5);
  await assertFails(
    () => read(bytes),
    "FILE_CORRUPT",
    'Cannot read "a.tif": expected pixels of page 1 at byte 8, got compressed data that cannot be expanded; the file is damaged: copy it again from its source',
  );
});

Deno.test("tiff finds a truncated stack at any length", async () => {
  const whole = tiff.write([image("uint16", 5, 4, 1), image("uint16", 5, 4, 2)]) as Uint8Array;
  for (let length = 1; length < whole.length; length += 7) {
    await assertFails(() => read(whole.slice(0, length)), "FILE_CORRUPT");
  }
});

const TYPES: readonly SampleType[] = [
  "uint8",
  "uint16",
  "uint32",
  "int8",
  "int16",
  "int32",
  "float32",
  "float64",
];

function image(
  sourceType: SampleType,
  width: number,
  height: number,
  start = 0,
  pixelSize: PixelSize | null = null,
): Image {
  const signed = sourceType.startsWith("uint") ? 0 : -50;
  const data = Float32Array.from({ length: width * height }, (_, i) => (start + i) % 128 + signed);
  return createImage({ width, height, data, sourceType, pixelSize });
}

Deno.test("tiff gives back what it wrote: pixels, type, pixel size, number of images", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...TYPES),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 4 }),
      fc.option(fc.tuple(
        fc.double({ min: 1e-4, max: 1e4, noNaN: true }),
        fc.constantFrom("nm", "pm", "Å", "µm", "1/nm"),
      )),
      async (type, width, height, count, size) => {
        const pixelSize = size === null ? null : { x: size[0], y: size[0] / 2, unit: size[1] };
        const images = Array.from(
          { length: count },
          (_, i) => image(type, width, height, i, pixelSize),
        );
        const bytes = await tiff.write(images);
        assertEquals(await tiff.write(images), bytes);
        const { images: back, codes } = await read(bytes);
        assertEquals(
          back.map(({ name: _, pixelSize: __, ...rest }) => rest),
          images.map(
            ({ name: _, pixelSize: __, ...rest }) => rest,
          ),
        );
        assertEquals(codes, []);
        for (const { pixelSize: got } of back) {
          if (pixelSize === null) assertEquals(got, null);
          else {
            assertEquals(got?.unit, pixelSize.unit);
            // Two whole numbers of 32 bits: 1e-15 for most sizes, 1e-9 at the ends of the range.
            assertClose(got!.x / pixelSize.x, 1, 1e-9);
            assertClose(got!.y / pixelSize.y, 1, 1e-9);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("tiff rounds to the nearest and keeps to the range of an integer type", async () => {
  const data = Float32Array.of(-3, 0.49, 0.5, 254.6, 1e9, NaN);
  const written = await tiff.write([
    createImage({ width: 6, height: 1, data, sourceType: "uint8" }),
  ]);
  assertEquals([...(await read(written)).images[0].data], [0, 0, 1, 255, 255, 0]);
});

Deno.test("tiff writes images of different sample types as float32", async () => {
  const written = await tiff.write([image("uint8", 2, 2), image("int16", 2, 2)]);
  const { images } = await read(written);
  assertEquals(images.map((i) => i.sourceType), ["float32", "float32"]);
});

Deno.test("tiff refuses to write what one file cannot hold", async () => {
  await assertFails(
    () => tiff.write([]),
    "FORMAT_UNSUPPORTED",
    "Cannot write a TIFF file: expected at least one image, got none; give one",
  );
  await assertFails(
    () => tiff.write([image("uint8", 2, 2), image("uint8", 3, 2)]),
    "FORMAT_UNSUPPORTED",
    "Cannot write a TIFF file: expected images of one size (2 x 2 px), got one of 3 x 2 px; write them to separate files",
  );
  const wide = { ...image("float64", 1, 1), width: 30000, height: 30000 };
  await assertFails(
    () => tiff.write([wide]),
    "FORMAT_UNSUPPORTED",
    "Cannot write a TIFF file: expected less than 4 GB, got 7.2 GB; write fewer images to one file, or NPY",
  );
});

Deno.test("tiff reads a large ImageJ stack, whose pages lie behind one directory", async () => {
  const images = [image("uint16", 5, 4, 1), image("uint16", 5, 4, 2), image("uint16", 5, 4, 3)];
  const bytes = (await tiff.write(images)).slice();
  const view = new DataView(bytes.buffer);
  view.setUint32(10 + 12 * view.getUint16(8, true), 0, true); // no second directory
  assertEquals((await read(bytes)).images.map((i) => i.data), images.map((i) => i.data));
});

Deno.test("tiff warns of whole numbers that float32 cannot hold", async () => {
  const bytes = handmade({ ...PAGE, 256: 1, 257: 1, 258: 32, 278: 1 });
  bytes.set([1, 0, 0, 1], bytes.length - 4); // 2^24 + 1
  const context = formatContext("a.tif");
  await tiff.read(bytes, context);
  assertEquals(context.messages, [
    '"a.tif" has values above 16777216, which are rounded to 24 bits',
  ]);
});

Deno.test("tiff recognizes both byte orders, classic and big", () => {
  for (const head of [[73, 73, 42, 0], [77, 77, 0, 42], [73, 73, 43, 0], [77, 77, 0, 43]]) {
    assertTrue(tiff.recognizes(Uint8Array.from(head)));
  }
  assertTrue(!tiff.recognizes(Uint8Array.of(73, 73, 0, 42)));
  assertTrue(!tiff.recognizes(Uint8Array.of(73)));
});

const folder = Deno.env.get("ADATOM_DATA");

Deno.test({
  name: "tiff reads the real files with their pixel sizes",
  ignore: folder === undefined,
  async fn() {
    const um = { x: 0.168675, unit: /^(µm|micron)$/ };
    const nm = (x: number) => ({ x, unit: /^nm$/ });
    const saved = "formats/tiff/test_loading_image_saved_with_";
    const files: readonly (readonly [
      string,
      number,
      number,
      SampleType,
      { x: number; unit: RegExp } | null,
    ])[] = [
      ["abf-srtio3/stack.tif", 5, 512, "uint16", nm(0.0092024)],
      ["abf-srtio3/single.tif", 1, 512, "uint16", nm(0.0093263)],
      ["wse2-seebic/haadf.tif", 5, 128, "float32", nm(0.03125)],
      ["pt-single-atoms/021_HAADF_15nm_Sample_PtNC_21Oct20.tif", 1, 512, "uint32", nm(0.029296875)],
      [`${saved}DM.tif`, 1, 68, "int32", um],
      [`${saved}DM_stack.tif`, 2, 68, "float32", um],
      [`${saved}imageJ.tif`, 1, 68, "float32", um],
      [`${saved}imageJ_stack.tif`, 2, 68, "float32", um],
      [`${saved}imageJ_no_scale.tif`, 1, 68, "float32", null],
      [`${saved}imageJ_stack_no_scale.tif`, 2, 68, "float32", null],
      ["formats/ome/multi-channel.ome.tif", 3, 439, "int8", null],
    ];
    for (const [path, count, width, type, size] of files) {
      const { images } = await read(Deno.readFileSync(`${folder}/${path}`), path);
      assertEquals(
        [images.length, images[0].width, images[0].sourceType],
        [count, width, type],
        path,
      );
      if (size === null) assertEquals(images[0].pixelSize, null, path);
      else {
        assertClose(images[0].pixelSize!.x, size.x, 1e-6, path);
        assertClose(images[0].pixelSize!.y, size.x, 1e-6, path);
        assertTrue(size.unit.test(images[0].pixelSize!.unit), path);
      }
      if (path.includes("saved_with") && !path.includes("stack")) {
        const { data } = images[0];
        assertEquals([Math.min(...data), Math.max(...data)], [2866, 3774], path);
      }
    }
  },
});
