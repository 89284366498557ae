import { assertEquals, assertFails } from "@assert";
import { npz } from "../../../plugins/io/npz.ts";
import { zip } from "../../../plugins/io/_zip.ts";
import { formatContext, goldenFile, goldenPixels } from "../../support/reader.ts";

Deno.test("npz reads all images in the order of their names and passes over numbers", async () => {
  const images = await npz.read(goldenFile("several.npz"), formatContext("several.npz"));
  assertEquals(images.map((image) => [image.name, image.sourceType]), [
    ["several_a_0", "uint16"],
    ["several_a_1", "uint16"],
    ["several_b", "uint8"],
  ]);
  assertEquals(images.map((image) => [...image.data]), [
    goldenPixels(0),
    goldenPixels(1),
    goldenPixels(0),
  ]);
});

Deno.test("npz names a single array after its file", async () => {
  const bytes = zip([["arr_0.npy", goldenFile("f8.npy")]]);
  const images = await npz.read(bytes, formatContext("one.npz"));
  assertEquals(images.map((image) => image.name), ["one"]);
});

Deno.test("npz names what is wrong, and in which array", async () => {
  const damaged = "; the file is damaged: copy it again from its source";
  const read = (bytes: Uint8Array) => npz.read(bytes, formatContext("a.npz"));
  await assertFails(
    () => read(zip([["b.npy", goldenFile("f8.npy").slice(0, 1000)]])),
    "FILE_CORRUPT",
    `Cannot read "a.npz/b.npy": expected the shape (9, 13) to end at byte 1064, got a file that ends at byte 1000${damaged}`,
  );
  await assertFails(
    () => read(zip([["b.npy", goldenFile("four_axes.npy")]])),
    "FORMAT_UNSUPPORTED",
    'Cannot read "a.npz/b.npy": expected an array of 2 or 3 axes, got the shape (2, 1, 2, 2); save one image (y, x) or one stack (exposure, y, x)',
  );
  await assertFails(
    () => read(zip([["b.txt", Uint8Array.of(65)]])),
    "FORMAT_UNSUPPORTED",
    'Cannot read "a.npz": expected arrays of 2 or 3 axes, got none in the archive; save it with numpy.savez',
  );
  await assertFails(
    () => read(goldenFile("several.npz").slice(0, 500)),
    "FILE_CORRUPT",
    `Cannot read "a.npz": expected a whole ZIP archive, got "invalid zip data" from the decoder${damaged}`,
  );
  await assertFails(
    () => read(new Uint8Array()),
    "FILE_EMPTY",
    'Cannot read "a.npz": expected an NPZ file, got an empty file; copy it again from its source',
  );
});
