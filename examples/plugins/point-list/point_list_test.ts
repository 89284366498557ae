import assert from "node:assert/strict";
import { createTable, type ErrorCode, isAdatomError, type Table } from "@core";
import { createRandom } from "@core/kernels";
import { pointList } from "./point_list.ts";

const encoder = new TextEncoder();

/** Reads a list, and collects what it warns of. */
async function read(text: string | Uint8Array): Promise<{ table: Table; warnings: string[] }> {
  const warnings: string[] = [];
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  const table = await pointList.read(bytes, {
    name: "a",
    path: "a.pts",
    warn: (code, message) => void warnings.push(`${code}: ${message}`),
  });
  return { table, warnings };
}

/** A list in px with some lines after the header. */
const list = (points: number, ...lines: string[]) =>
  ["%POINTLIST 1", "unit: px", `points: ${points}`, ...lines].join("\n");

Deno.test("point list gives back what it has written, in every digit", async () => {
  const random = createRandom(3);
  const numbers = () =>
    Float64Array.from({ length: 200 }, () => (random() - 0.5) * 10 ** (9 * random()));
  const height = numbers();
  height[7] = NaN;
  const units = { x: "px", y: "px", height: "counts" };
  const table = createTable({ x: numbers(), y: numbers(), height }, units);
  assert.deepEqual((await read(await pointList.write!(table))).table, table);
});

Deno.test("point list gives back tables without heights and without rows", async () => {
  const bare = createTable({ x: Float64Array.of(1, 2), y: Float64Array.of(3, 4.5) }, {
    x: "px",
    y: "px",
  });
  assert.deepEqual((await read(await pointList.write!(bare))).table, bare);
  const empty = (await read(list(0))).table;
  assert.equal(empty.length, 0);
  assert.deepEqual((await read(await pointList.write!(empty))).table, empty);
});

Deno.test("point list writes the three columns it has, and no other", async () => {
  const one = Float64Array.of(1);
  const table = createTable({ name: ["a"], x: one, size: one, y: one, height: one });
  const text = new TextDecoder().decode(await pointList.write!(table));
  assert.equal(text, "%POINTLIST 1\nunit: px\npoints: 1\n1 1 1\n");
});

Deno.test("point list turns nm into px, and takes any line end, tabs and empty lines", async () => {
  const text =
    "\n%POINTLIST 1\r\nUnit: nm\r\npixel size : 0.5\r\npoints: 2\r\n\r\n1\t2 3\r\r\n-4 5e0  -";
  const { table } = await read(text);
  assert.deepEqual(table.columns, {
    x: Float64Array.of(2, -8),
    y: Float64Array.of(4, 10),
    height: Float64Array.of(3, NaN),
  });
});

Deno.test("point list warns of header lines that mean nothing here", async () => {
  const { warnings } = await read("%POINTLIST 1\nunit: px\nauthor: me\npoints: 0\n");
  assert.deepEqual(warnings, ['HEADER_SKIPPED: "a.pts": line 3, "author" means nothing here']);
});

Deno.test("point list is known by its first bytes", () => {
  assert.ok(pointList.recognizes(encoder.encode(list(0))));
  assert.ok(!pointList.recognizes(encoder.encode("%POINTLIS")));
});

const MALFORMED: readonly (readonly [text: string, code: ErrorCode, message: string])[] = [
  ["", "FILE_EMPTY", "expected a point list, got an empty file"],
  ["\n \n", "FILE_CORRUPT", 'expected "%POINTLIST 1" in line 1, got nothing'],
  ["\nx,y\n1,2", "FILE_CORRUPT", 'expected "%POINTLIST 1" in line 2, got "x,y"'],
  ["%POINTLIST one", "FILE_CORRUPT", 'expected "%POINTLIST 1" in line 1, got "%POINTLIST one"'],
  ["%POINTLIST 2\n", "FORMAT_UNSUPPORTED", "expected version 1 in line 1, got 2"],
  [
    "%POINTLIST 1\npoints: 0",
    "FILE_CORRUPT",
    'expected "unit: px" or "unit: nm" up to the end of the header in line 2, got nothing',
  ],
  [
    "%POINTLIST 1\nunit: px\n1 2 3",
    "FILE_CORRUPT",
    'expected "points: N" up to the end of the header in line 2, got nothing',
  ],
  [
    "%POINTLIST 1\nunit: mm\npoints: 0",
    "FILE_CORRUPT",
    'expected the unit px or nm in line 2, got "mm"',
  ],
  [
    "%POINTLIST 1\nunit: nm\npoints: 0",
    "FILE_CORRUPT",
    'expected "pixel size: N" (nm) up to the end of the header in line 3, got nothing',
  ],
  [
    "%POINTLIST 1\nunit: nm\npixel size: 0\npoints: 0",
    "FILE_CORRUPT",
    'expected a pixel size above 0 (nm) in line 3, got "0"',
  ],
  [
    "%POINTLIST 1\nunit: px\nUnit: nm\npoints: 0",
    "FILE_CORRUPT",
    'expected a key other than "unit", which line 2 gives in line 3, got "Unit: nm"',
  ],
  [
    "%POINTLIST 1\nunit: px\npoints: -1",
    "FILE_CORRUPT",
    'expected a number of points in line 3, got "-1"',
  ],
  [
    list(2, "1 2 3"),
    "FILE_CORRUPT",
    'expected 2 points up to the end in line 4, got "1 points"',
  ],
  [
    list(1, "1 2 3", "", "4 5 6"),
    "FILE_CORRUPT",
    'expected the end of the file after 1 points in line 6, got "4 5 6"',
  ],
  [list(1, "1 2"), "FILE_CORRUPT", 'expected x, y and height in line 4, got "1 2"'],
  [list(1, "1 2 3 4"), "FILE_CORRUPT", 'expected x, y and height in line 4, got "1 2 3 4"'],
  [list(1, "- 2 3"), "FILE_CORRUPT", 'expected finite numbers in line 4, got "-"'],
  [list(1, "1 0x2 3"), "FILE_CORRUPT", 'expected finite numbers in line 4, got "0x2"'],
  [list(1, "1 2 nan"), "FILE_CORRUPT", 'expected finite numbers in line 4, got "nan"'],
  [list(1, "1e999 2 3"), "FILE_CORRUPT", 'expected finite numbers in line 4, got "1e999"'],
];

for (const [text, code, message] of MALFORMED) {
  Deno.test(`point list refuses ${JSON.stringify(text)}`, async () => {
    await assert.rejects(() => read(text), (error) => {
      assert.ok(isAdatomError(error, code), String(error));
      assert.ok(error.message.startsWith(`Cannot read "a.pts": ${message};`), error.message);
      return true;
    });
  });
}

Deno.test("point list refuses bytes that are no text", async () => {
  const bytes = Uint8Array.of(...encoder.encode("%POINTLIST 1\n"), 0xff);
  await assert.rejects(() => read(bytes), (error) => isAdatomError(error, "FILE_CORRUPT"));
});

Deno.test("point list refuses to write tables without positions, or with infinite ones", () => {
  const one = Float64Array.of(1);
  const write = (columns: Record<string, Float64Array>) => () =>
    pointList.write!(createTable(columns));
  assert.throws(write({ x: one }), (error) => isAdatomError(error, "TABLE_NO_POSITIONS"));
  const infinite = Float64Array.of(Infinity);
  assert.throws(write({ x: one, y: infinite }), (error) => isAdatomError(error, "TABLE_VALUE"));
  assert.throws(
    write({ x: one, y: one, height: infinite }),
    (error) => isAdatomError(error, "TABLE_VALUE"),
  );
});

/** Enough to meet every branch of the parser many times; 0.3 s. */
const FUZZ_ROUNDS = 4000;

Deno.test("point list gives a table or a typed error for any bytes", async () => {
  const random = createRandom(11);
  const below = (n: number) => Math.floor(random() * n);
  const good = encoder.encode(
    "%POINTLIST 1\nunit: nm\npixel size: 0.5\npoints: 2\n1 2 3\n4.5 -6e1 -\n",
  );
  let tables = 0, errors = 0;
  for (let round = 0; round < FUZZ_ROUNDS; round++) {
    const bytes = round % 4 === 0
      ? Uint8Array.from({ length: below(80) }, () => below(256))
      : good.slice(0, below(3) === 0 ? below(good.length) : good.length);
    for (let edits = below(4); edits > 0 && bytes.length > 0; edits--) {
      bytes[below(bytes.length)] = below(2) === 0 ? below(256) : good[below(good.length)];
    }
    try {
      const { table } = await read(bytes);
      assert.ok(table.columns.x.every((value) => Number.isFinite(value)));
      tables++;
    } catch (error) {
      assert.ok(isAdatomError(error), String(error));
      errors++;
    }
  }
  assert.ok(tables > FUZZ_ROUNDS / 20 && errors > FUZZ_ROUNDS / 20, `${tables}, ${errors}`);
});
