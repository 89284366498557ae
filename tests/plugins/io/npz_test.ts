import { assertEquals, assertFails } from "@assert";
import { npy } from "../../../plugins/io/npy.ts";
import { npz } from "../../../plugins/io/npz.ts";
import { zip } from "../../../plugins/io/_zip.ts";
import { extremeImage, formatContext } from "../../support/format.ts";

Deno.test("npz reads all arrays in the order of their names", async () => {
  const one = await npy.write([extremeImage("uint8")]);
  const two = await npy.write([extremeImage("uint16"), extremeImage("uint16")]);
  const images = await npz.read(
    zip([["b.npy", two], ["a.npy", one], ["note.txt", one.slice(0, 3)]]),
    formatContext(),
  );
  assertEquals(images.map((i) => [i.name, i.sourceType]), [
    ["a_a", "uint8"],
    ["a_b_0", "uint16"],
    ["a_b_1", "uint16"],
  ]);
});

Deno.test("npz says when there is nothing in it, or when it is no archive", async () => {
  await assertFails(
    () => npz.read(zip([["a.txt", Uint8Array.of(1)]]), formatContext("a.npz")),
    "FILE_CORRUPT",
    'Cannot read "a.npz": expected a whole NPZ file, got no arrays in it; copy it again from its source',
  );
  await assertFails(
    () => npz.read(Uint8Array.of(80, 75, 3, 4, 9), formatContext()),
    "FILE_CORRUPT",
  );
});
