import { assertClose, assertEquals, assertFails, assertTrue } from "@assert";
import { createImage, type SampleType } from "../../../core/mod.ts";
import { tiff } from "../../../plugins/io/tiff.ts";
import { extremeImage, EXTREMES, formatContext } from "../../support/format.ts";

/** Pixel sizes are written as fractions over a million. */
const RESOLUTION = 1e-6;

Deno.test("tiff writes and reads every sample type exactly", async () => {
  for (const sourceType of Object.keys(EXTREMES) as SampleType[]) {
    const image = extremeImage(sourceType);
    const bytes = await tiff.write([image]);
    assertTrue(tiff.recognizes(bytes));
    const [back, ...rest] = await tiff.read(bytes, formatContext());
    assertEquals(rest.length, 0);
    assertEquals(back, image, sourceType);
  }
});

Deno.test("tiff keeps stacks with their order and pixel size, in the same bytes each time", async () => {
  const pixelSize = { x: 0.0234, y: 0.0234, unit: "nm" };
  const images = [1, 2, 3].map((v) =>
    createImage({
      width: 2,
      height: 1,
      sourceType: "uint16",
      data: Float32Array.of(v, 10 * v),
      pixelSize,
    })
  );
  const bytes = await tiff.write(images);
  assertEquals(await tiff.write(images), bytes);
  const back = await tiff.read(bytes, formatContext());
  assertEquals(back.map((image) => [...image.data]), [[1, 10], [2, 20], [3, 30]]);
  assertEquals(back.map((image) => image.name), ["a_0", "a_1", "a_2"]);
  assertClose(back[2].pixelSize!.x, 0.0234, RESOLUTION);
  assertEquals(back[2].pixelSize!.unit, "nm");
});

Deno.test("tiff rounds and keeps integers in range", async () => {
  const data = Float32Array.of(-3, 1.4, 1.6, 300);
  const image = createImage({ width: 4, height: 1, sourceType: "uint8", data });
  const [back] = await tiff.read(await tiff.write([image]), formatContext());
  assertEquals([...back.data], [0, 1, 2, 255]);
});

/** A TIFF file of one strip from its tags; big-endian on demand. */
function makeTiff(
  tags: readonly (readonly [tag: number, type: number, values: readonly number[]])[],
  samples: Uint8Array,
  bigEndian = false,
): Uint8Array {
  const size = { 1: 1, 3: 2, 4: 4 } as Record<number, number>;
  const directory = 8, after = directory + 2 + 12 * tags.length + 4;
  const long = tags.filter(([, type, values]) => size[type] * values.length > 4);
  const bytes = new Uint8Array(after + 8 * long.length + samples.length);
  const view = new DataView(bytes.buffer);
  bytes.set(bigEndian ? [0x4d, 0x4d] : [0x49, 0x49]);
  view.setUint16(2, 42, !bigEndian);
  view.setUint32(4, directory, !bigEndian);
  view.setUint16(directory, tags.length, !bigEndian);
  let outside = after;
  const strip = after + 8 * long.length;
  for (const [i, [tag, type, values]] of tags.entries()) {
    const at = directory + 2 + 12 * i;
    view.setUint16(at, tag, !bigEndian);
    view.setUint16(at + 2, type, !bigEndian);
    view.setUint32(at + 4, values.length, !bigEndian);
    let to = at + 8;
    if (size[type] * values.length > 4) {
      view.setUint32(at + 8, outside, !bigEndian);
      to = outside;
      outside += 8;
    }
    for (const value of tag === 273 ? [strip] : values) {
      if (type === 3) view.setUint16(to, value, !bigEndian);
      else if (type === 4) view.setUint32(to, value, !bigEndian);
      else view.setUint8(to, value);
      to += size[type];
    }
  }
  bytes.set(samples, strip);
  return bytes;
}

function grayTags(width: number, height: number, bits: number, length: number, more = {}) {
  const tags: Record<number, readonly [number, readonly number[]]> = {
    256: [4, [width]],
    257: [4, [height]],
    258: [3, [bits]],
    259: [3, [1]],
    262: [3, [1]],
    273: [4, [0]],
    277: [3, [1]],
    278: [4, [height]],
    279: [4, [length]],
    ...more,
  };
  return Object.entries(tags).map(([tag, [type, values]]) => [Number(tag), type, values] as const);
}

Deno.test("tiff reads big-endian files and white-is-zero", async () => {
  const samples = Uint8Array.of(1, 2, 3, 4);
  const big = makeTiff(grayTags(2, 1, 16, 4), samples, true);
  const [image] = await tiff.read(big, formatContext());
  assertEquals([...image.data], [0x0102, 0x0304]);
  const inverted = makeTiff(grayTags(2, 2, 8, 4, { 262: [3, [0]] }), samples);
  const [white] = await tiff.read(inverted, formatContext());
  assertEquals([...white.data], [254, 253, 252, 251]);
});

Deno.test("tiff turns color to gray with a warning, and gray in RGB without", async () => {
  const rgb = { 258: [3, [8, 8, 8]], 262: [3, [2]], 277: [3, [3]] };
  const colored = makeTiff(grayTags(2, 1, 8, 6, rgb), Uint8Array.of(255, 0, 0, 7, 7, 7));
  const context = formatContext();
  const [image] = await tiff.read(colored, context);
  assertClose(image.data[0], 0.299 * 255, 1e-4); // float32
  assertEquals([image.data[1], context.warnings], [7, ["COLOR_TO_GRAY"]]);
  const quiet = formatContext();
  const gray = makeTiff(grayTags(2, 1, 8, 6, rgb), Uint8Array.of(9, 9, 9, 7, 7, 7));
  assertEquals((await tiff.read(gray, quiet))[0].sourceType, "uint8");
  assertEquals(quiet.warnings, []);
});

Deno.test("tiff takes no pixel size from a printer's resolution", async () => {
  const tags = grayTags(2, 1, 8, 2, { 282: [5, [72, 1]], 296: [3, [2]] });
  // rationals are eight bytes outside: write them as two longs by hand
  const bytes = makeTiff(
    tags.map(([t, type, v]) => [t, type === 5 ? 4 : type, v] as const),
    Uint8Array.of(1, 2),
  );
  const at = 10 + 12 * tags.findIndex(([t]) => t === 282);
  new DataView(bytes.buffer).setUint16(at + 2, 5, true);
  new DataView(bytes.buffer).setUint32(at + 4, 1, true);
  const [image] = await tiff.read(bytes, formatContext());
  assertEquals(image.pixelSize, null);
});

Deno.test("tiff says what is wrong with a file", async () => {
  const whole = await tiff.write([extremeImage("uint16")]);
  for (const length of [4, 20, whole.length - 5]) {
    const error = await assertFails(
      () => tiff.read(whole.slice(0, length), formatContext("cut.tif")),
      "FILE_CORRUPT",
    );
    assertTrue(
      /^Cannot read "cut\.tif": expected a whole TIFF file, got .*; copy it again from its source$/
        .test(error.message),
      error.message,
    );
  }
  const huge = makeTiff(grayTags(60000, 60000, 8, 4), Uint8Array.of(1, 2, 3, 4));
  await assertFails(
    () => tiff.read(huge, formatContext("huge.tif")),
    "FILE_CORRUPT",
    'Cannot read "huge.tif": expected a whole TIFF file, got damaged data (page 0 of 60000 x 60000 pixels); copy it again from its source',
  );
  const palette = makeTiff(grayTags(2, 1, 8, 2, { 262: [3, [3]] }), Uint8Array.of(1, 2));
  await assertFails(
    () => tiff.read(palette, formatContext("p.tif")),
    "FORMAT_UNSUPPORTED",
    'Cannot read "p.tif": expected gray or RGB pixels, got a palette; save it as gray or RGB',
  );
});

const data = Deno.env.get("ADATOM_DATA");

Deno.test({
  name: "tiff reads files written by ImageJ, DigitalMicrograph and others with their pixel size",
  ignore: data === undefined,
  async fn() {
    const cases: [string, number, string, { x: number; unit: string } | null][] = [
      ["formats/tiff/test_loading_image_saved_with_DM.tif", 1, "int32", { x: 0.16867, unit: "µm" }],
      ["formats/tiff/test_loading_image_saved_with_DM_stack.tif", 2, "float32", {
        x: 0.16867,
        unit: "µm",
      }],
      ["formats/tiff/test_loading_image_saved_with_imageJ.tif", 1, "float32", {
        x: 0.16867,
        unit: "micron",
      }],
      ["formats/tiff/test_loading_image_saved_with_imageJ_no_scale.tif", 1, "float32", null],
      ["formats/tiff/test_loading_image_saved_with_imageJ_stack_no_scale.tif", 2, "float32", null],
      ["abf-srtio3/stack.tif", 5, "uint16", { x: 0.0092024, unit: "nm" }],
      ["wse2-seebic/haadf.tif", 5, "float32", { x: 0.03125, unit: "nm" }],
    ];
    for (const [path, count, sourceType, size] of cases) {
      const images = await tiff.read(await Deno.readFile(`${data}/${path}`), formatContext(path));
      assertEquals([images.length, images[0].sourceType], [count, sourceType], path);
      if (size === null) assertEquals(images[0].pixelSize, null, path);
      else {
        assertClose(images[0].pixelSize!.x, size.x, 1e-5, path);
        assertEquals(images[0].pixelSize!.unit, size.unit, path);
      }
    }
  },
});
