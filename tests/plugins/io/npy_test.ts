import { assertEquals, assertFails, assertTrue } from "@assert";
import type { SampleType } from "../../../core/mod.ts";
import { npy } from "../../../plugins/io/npy.ts";
import { extremeImage, EXTREMES, formatContext } from "../../support/format.ts";

/** An NPY file from its header's fields. */
export function makeNpy(
  descr: string,
  fortran: boolean,
  shape: string,
  data: Uint8Array,
): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${
    fortran ? "True" : "False"
  }, 'shape': ${shape}, }\n`;
  const bytes = new Uint8Array(10 + text.length + data.length);
  bytes.set([
    0x93,
    ...new TextEncoder().encode("NUMPY"),
    1,
    0,
    text.length & 255,
    text.length >> 8,
  ]);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes.set(data, 10 + text.length);
  return bytes;
}

Deno.test("npy writes and reads every sample type, alone and in stacks", async () => {
  for (const sourceType of Object.keys(EXTREMES) as SampleType[]) {
    const image = extremeImage(sourceType);
    const bytes = await npy.write([image]);
    assertTrue(npy.recognizes(bytes));
    assertEquals(await npy.read(bytes, formatContext()), [image], sourceType);
    const stack = await npy.read(await npy.write([image, image]), formatContext());
    assertEquals(stack.map((i) => [i.name, ...i.data]), [["a_0", ...image.data], [
      "a_1",
      ...image.data,
    ]]);
  }
});

Deno.test("npy reads Fortran order and big-endian numbers", async () => {
  const columns = makeNpy("|u1", true, "(2, 3)", Uint8Array.of(1, 4, 2, 5, 3, 6));
  assertEquals([...(await npy.read(columns, formatContext()))[0].data], [1, 2, 3, 4, 5, 6]);
  const stack = makeNpy("|u1", true, "(2, 1, 2)", Uint8Array.of(1, 3, 2, 4));
  assertEquals((await npy.read(stack, formatContext())).map((i) => [...i.data]), [[1, 2], [3, 4]]);
  const big = makeNpy(">i2", false, "(1, 2)", Uint8Array.of(0xff, 0xfe, 1, 0));
  assertEquals([...(await npy.read(big, formatContext()))[0].data], [-2, 256]);
  const half = makeNpy("<f2", false, "(1, 1)", Uint8Array.of(0, 0x3e));
  assertEquals([...(await npy.read(half, formatContext()))[0].data], [1.5]);
});

Deno.test("npy names what it does not read and where a file is cut", async () => {
  const read = (bytes: Uint8Array) => () => npy.read(bytes, formatContext("a.npy"));
  const four = new Uint8Array(64);
  await assertFails(
    read(makeNpy("<c8", false, "(2, 2)", four)),
    "FORMAT_UNSUPPORTED",
    `Cannot read "a.npy": expected real numbers, got numbers of type <c8; convert it with array.astype('float32')`,
  );
  await assertFails(
    read(makeNpy("<f4", false, "(4,)", four)),
    "FORMAT_UNSUPPORTED",
    'Cannot read "a.npy": expected an array of 2 or 3 axes, got 1 axes; save one image (y, x) or one stack (exposure, y, x)',
  );
  const cut = makeNpy("<f4", false, "(9, 9)", four);
  await assertFails(
    read(cut),
    "FILE_CORRUPT",
    `Cannot read "a.npy": expected a whole NPY file, got an end at byte ${cut.length} instead of ${
      cut.length - 64 + 324
    }; copy it again from its source`,
  );
  await assertFails(read(makeNpy("<f4", false, "(900000000, 900000000)", four)), "FILE_CORRUPT");
  await assertFails(read(makeNpy("<f4", false, "(0, 3)", four)), "FILE_CORRUPT");
  await assertFails(read(Uint8Array.of(1, 2, 3)), "FILE_CORRUPT");
});
