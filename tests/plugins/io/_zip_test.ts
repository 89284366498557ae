import { assertEquals, assertFails } from "@assert";
import { unzip, zip } from "../../../plugins/io/_zip.ts";

const entries = [
  ["b.txt", Uint8Array.of(1, 2, 3)],
  ["folder/a.bin", new Uint8Array(5000)],
] as const;

Deno.test("zip gives back its entries in their order, deflated or stored", () => {
  for (const level of [0, 6] as const) {
    const bytes = zip(entries, level);
    assertEquals(unzip(bytes), entries.map(([name, data]) => [name, data]));
    assertEquals(zip(entries, level), bytes);
  }
});

Deno.test("zip dates every entry 1980-01-01 00:00", () => {
  // DOS time and date of the first local header: day 1, month 1 << 5, year 0 << 9.
  const view = new DataView(zip(entries).buffer);
  assertEquals([view.getUint16(10, true), view.getUint16(12, true)], [0, 33]);
});

Deno.test("unzip does not believe an archive that claims to expand too far", async () => {
  const bytes = zip([["a", new Uint8Array(3)]]);
  const view = new DataView(bytes.buffer);
  const directory = view.getUint32(bytes.length - 6, true);
  view.setUint32(directory + 24, 4e9, true);
  await assertFails(
    () => unzip(bytes, "a.zip"),
    "FILE_CORRUPT",
    `Cannot read "a.zip": expected a whole ZIP archive, got "4000000000 bytes in an archive of ${bytes.length}" from the decoder; the file is damaged: copy it again from its source`,
  );
});
