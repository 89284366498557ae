import { assertEquals, assertFails, assertTrue } from "@assert";
import fc from "fast-check";
import { createImage, type SampleType } from "../../../core/mod.ts";
import { npy } from "../../../plugins/io/npy.ts";
import { formatContext, GOLDEN_SIZE, goldenFile, goldenPixels } from "../../support/reader.ts";

async function check(
  file: string,
  sourceType: SampleType,
  pages: number,
  change: (value: number) => number,
) {
  const images = await npy.read(goldenFile(`${file}.npy`), formatContext(`${file}.npy`));
  assertEquals(images.length, pages, file);
  images.forEach((image, i) => {
    assertEquals([image.width, image.height, image.sourceType], [...GOLDEN_SIZE, sourceType], file);
    assertEquals([...image.data], goldenPixels(i, change), file);
  });
  return images;
}

Deno.test("npy reads NumPy's numbers in both byte orders and both memory orders", async () => {
  await check("f8", "float64", 1, (v) => v + 0.5);
  await check("f2_v3", "float32", 1, (v) => v + 0.5);
  await check("i8", "float64", 1, (v) => v);
  await check("bool", "uint8", 1, (v) => v > 60 ? 1 : 0);
  const stack = await check("fortran_i2_be", "int16", 2, (v) => v - 100);
  assertEquals(stack.map((image) => image.name), ["fortran_i2_be_0", "fortran_i2_be_1"]);
});

Deno.test("npy gives back what it wrote", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<SampleType>(
        "uint8",
        "uint16",
        "uint32",
        "int8",
        "int16",
        "int32",
        "float32",
        "float64",
      ),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 3 }),
      async (sourceType, width, height, count) => {
        const images = Array.from({ length: count }, (_, e) =>
          createImage({
            name: count === 1 ? "a" : `a_${e}`,
            width,
            height,
            sourceType,
            data: Float32Array.from({ length: width * height }, (_, i) => (7 * i + e) % 128),
          }));
        const bytes = await npy.write(images);
        assertTrue(npy.recognizes(bytes.subarray(0, 512)));
        assertEquals(await npy.write(images), bytes);
        assertEquals(await npy.read(bytes, formatContext("a.npy")), images);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("npy names what it does not read", async () => {
  const fails = (file: string, message: string) =>
    assertFails(
      () => npy.read(goldenFile(file), formatContext("a.npy")),
      "FORMAT_UNSUPPORTED",
      `Cannot read "a.npy": ${message}`,
    );
  const numbers = "expected integers or floating point numbers of up to 64 bits";
  const convert = "convert it with array.astype('float32')";
  await fails("complex.npy", `${numbers}, got complex numbers (<c16); ${convert}`);
  await fails("records.npy", `${numbers}, got records (records); ${convert}`);
  await fails(
    "four_axes.npy",
    "expected an array of 2 or 3 axes, got the shape (2, 1, 2, 2); save one image (y, x) or one stack (exposure, y, x)",
  );
  await fails("no_pixels.npy", "expected some pixels, got the shape (0, 5); save another array");
});

Deno.test("npy names what is wrong with a file, and where", async () => {
  const damaged = "; the file is damaged: copy it again from its source";
  const good = goldenFile("f8.npy");
  const fails = (bytes: Uint8Array, message: string) =>
    assertFails(
      () => npy.read(bytes, formatContext("a.npy")),
      "FILE_CORRUPT",
      `Cannot read "a.npy": ${message}${damaged}`,
    );
  await fails(good.slice(0, 8), "expected a whole NPY header, got a file of 8 bytes");
  await fails(good.slice(0, 90), "expected a whole NPY header, got a file of 90 bytes");
  await fails(
    good.slice(0, 1000),
    "expected the shape (9, 13) to end at byte 1064, got a file that ends at byte 1000",
  );
  await fails(Uint8Array.of(1, 2, 3), "expected an NPY array, got other first bytes");
  const text = String.fromCharCode(...good);
  const edited = (from: string, to: string) =>
    Uint8Array.from(text.replace(from, to), (letter) => letter.charCodeAt(0));
  await fails(
    edited("(9, 13), }          ", "(9999999999, 13), } "),
    "expected the shape (9999999999, 13) to end at byte 1040000000024, got a file that ends at byte 1064",
  );
  await fails(
    edited("shape", "shale"),
    "expected an NPY header with descr, fortran_order and shape, got another header",
  );
  await assertFails(
    () => npy.read(edited("\x01\x00v", "\x07\x00v"), formatContext("a.npy")),
    "FORMAT_UNSUPPORTED",
    'Cannot read "a.npy": expected NPY version 1, 2 or 3, got version 7; save it with a current NumPy',
  );
  await assertFails(
    () => npy.read(new Uint8Array(), formatContext("a.npy")),
    "FILE_EMPTY",
    'Cannot read "a.npy": expected an NPY file, got an empty file; copy it again from its source',
  );
});

Deno.test("npy refuses to write what one array cannot hold", async () => {
  await assertFails(
    () => npy.write([]),
    "FORMAT_UNSUPPORTED",
    "Cannot write an NPY file: expected at least one image, got none; give one",
  );
  await assertFails(
    () => npy.write([createImage({ width: 2, height: 2 }), createImage({ width: 3, height: 2 })]),
    "FORMAT_UNSUPPORTED",
    "Cannot write an NPY file: expected images of one size (2 x 2 px), got one of 3 x 2 px; write them to separate files",
  );
});

const folder = Deno.env.get("ADATOM_DATA");

Deno.test({
  name: "npy reads the real particle",
  ignore: folder === undefined,
  async fn() {
    const bytes = Deno.readFileSync(`${folder}/ptir-nanoparticle/observed.npy`);
    const [image] = await npy.read(bytes, formatContext("observed.npy"));
    assertEquals([image.width, image.height, image.sourceType], [512, 512, "float32"]);
  },
});
