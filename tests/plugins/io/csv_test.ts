import { assertEquals, assertFails } from "@assert";
import { createTable, type Table } from "../../../core/mod.ts";
import { csv, requirePositions, writeAtomIdCsv } from "../../../plugins/io/csv.ts";
import { formatContext } from "../../support/format.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

async function read(content: string): Promise<Record<string, unknown[]>> {
  const table = await csv.read(bytes(content), formatContext("a.csv"));
  return Object.fromEntries(Object.entries(table.columns).map(([k, v]) => [k, [...v]]));
}

Deno.test("csv reads the dialects of the field", async () => {
  const dialects: [string, Record<string, unknown[]>][] = [
    ["x,y\n1,2\n3.5,4\n", { x: [1, 3.5], y: [2, 4] }],
    [" ,X,Y\n1,10,20\n2,30,40\n", { x: [10, 30], y: [20, 40] }],
    ["Peak#,X,Y,Phase\n1,5,6,0\n", { peak: [1], x: [5], y: [6], phase: [0] }],
    ["x_position;y_position;sigma_x;sigma_y;rotation\n1;2;3;4;0.5\n", {
      x: [1],
      y: [2],
      sigmaX: [3],
      sigmaY: [4],
      angle: [0.5],
    }],
    ["frame\tx\ty\telement\n0\t1\t2\tW\n0\t3\t4\tSe-Se\n", {
      exposure: [0, 0],
      x: [1, 3],
      y: [2, 4],
      species: ["W", "Se-Se"],
    }],
    ["\uFEFFX [px],Y [px]\r\n1,2\r\n", { x: [1], y: [2] }],
    ["# made by hand\n1 2\n3 4\n", { x: [1, 3], y: [2, 4] }],
    ["1,2,3\n4,5,6\n", { x: [1, 4], y: [2, 5], z: [3, 6] }],
    ['exposure,rank,reason\n0,1,"sharp, clear"\n', {
      exposure: [0],
      rank: [1],
      reason: ["sharp, clear"],
    }],
    ["x,y,saddle\n1,2,\n3,4,NaN\n", { x: [1, 3], y: [2, 4], saddle: [NaN, NaN] }],
  ];
  for (const [content, expected] of dialects) assertEquals(await read(content), expected, content);
});

Deno.test("csv writes what it reads, with the shortest numbers that come back whole", async () => {
  const table = createTable({
    x: Float64Array.of(0.1, 1e-7, 12345.678),
    saddle: Float64Array.of(NaN, 1, -0.5),
    note: ["plain", "a, b", 'say "x"'],
    y: Float64Array.of(1, 2, 3),
  });
  const written = text(await csv.write(table));
  assertEquals(written.split("\n")[1], "0.1,,plain,1");
  const back = await csv.read(bytes(written), formatContext());
  assertEquals(back.columns, table.columns);
});

Deno.test("csv names the row of a position that is no number", async () => {
  await assertFails(
    () => read("x,y\n1,2\n3,four\n"),
    "TABLE_VALUE",
    'Cannot read "a.csv": expected a number as y in row 3, got "four"; correct or delete the row',
  );
  await assertFails(
    () => read("x,y\n1\n"),
    "TABLE_VALUE",
    'Cannot read "a.csv": expected a number as y in row 2, got nothing; correct or delete the row',
  );
});

Deno.test("csv says when there are no positions, and when a file is no text", async () => {
  await assertFails(
    () => read("x,width\n1,2\n"),
    "TABLE_NO_POSITIONS",
    'Cannot read positions from "a.csv": expected columns of numbers named x and y, got "x", "width"; name them in the first line',
  );
  await assertFails(
    () => requirePositions(createTable({ a: Float64Array.of(1) }) as Table, "b.csv"),
    "TABLE_NO_POSITIONS",
  );
  await assertFails(
    () => csv.read(Uint8Array.of(0xff, 0xfe, 0xfd), formatContext("a.csv")),
    "FILE_CORRUPT",
    'Cannot read "a.csv": expected a whole CSV file, got bytes that are no text; copy it again from its source',
  );
  await assertFails(() => read("\n\n"), "FILE_CORRUPT");
});

Deno.test("writeAtomIdCsv gives whole pixels, counted from 1", () => {
  const table = createTable({ x: Float64Array.of(1.4, 7.6), y: Float64Array.of(2.5, 0.2) });
  assertEquals(text(writeAtomIdCsv(table)), "Peak#,X,Y,Phase\n1,1,3,0\n2,8,0,0\n");
});
