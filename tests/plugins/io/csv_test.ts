import { assertEquals, assertFails } from "@assert";
import fc from "fast-check";
import { createTable, type ErrorCode, type Table } from "../../../core/mod.ts";
import { csv, requirePositions, writeAtomIdCsv } from "../../../plugins/io/csv.ts";
import { formatContext } from "../../support/reader.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const read = (text: string | Uint8Array) =>
  csv.read(typeof text === "string" ? bytesOf(text) : text, formatContext("a.csv"));

/** The columns as plain lists. */
function plain(table: Table): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(table.columns).map(([name, column]) => [
      name,
      Array.from<unknown>(column),
    ]),
  );
}

Deno.test("csv reads the dialects of the field by their column names", async () => {
  const dialects: readonly (readonly [string, Record<string, unknown[]>])[] = [
    ["x,y\n1,2\n3,4\n", { x: [1, 3], y: [2, 4] }],
    [" ,X,Y\n1,1.5,2.5\n", { x: [1.5], y: [2.5] }],
    [" \tArea\tX\tY\n1\t0\t1.5\t2.5\n", { Area: [0], x: [1.5], y: [2.5] }],
    ["Peak#,X,Y,Phase\n1,10,20,0\n", { peak: [1], x: [10], y: [20], phase: [0] }],
    [
      "x_position,y_position,sigma_x,sigma_y,rotation\n1,2,3,4,5\n",
      { x: [1], y: [2], sigmaX: [3], sigmaY: [4], angle: [5] },
    ],
    ["frame,x,y,element\n0,43,5.5,W\n", { exposure: [0], x: [43], y: [5.5], species: ["W"] }],
    ["X [px];Y [px]\n1,5;2,5e1\n", { x: [1.5], y: [25] }],
    ["# by hand\n\nx y\n1 2\n  3   4  \n", { x: [1, 3], y: [2, 4] }],
    ["1.5\t2.5\t9\r\n3\t4\t9\r\n", { x: [1.5, 3], y: [2.5, 4], column3: [9, 9] }],
    ["\ufeffx,y,\n1,2,\n", { x: [1], y: [2] }],
    ['x,y,"a, b"\n1,2,"c ""d"""\n', { x: [1], y: [2], "a, b": ['c "d"'] }],
    ["SIGMA-X,ErrorX,Status\nNaN,,ok\n", { sigmaX: [NaN], errorX: [NaN], status: ["ok"] }],
    ["x,y\n", { x: [], y: [] }],
    ["x,y,Label\n1,2,\n3,4,5\n", { x: [1, 3], y: [2, 4], Label: [NaN, 5] }],
    ["x,y,z\n-inf,1,1\n".replace("-inf", "1e-3"), { x: [0.001], y: [1], z: [1] }],
  ];
  for (const [text, columns] of dialects) assertEquals(plain(await read(text)), columns, text);
});

Deno.test("csv gives our columns their units, and takes no length for px", async () => {
  const table = await read("x,y,sigma_x,angle,name\n1,2,3,4,a\n");
  assertEquals(table.units, { x: "px", y: "px", sigmaX: "px", angle: "rad" });
  assertEquals(plain(await read("x (nm),y (nm)\n1,2\n")), { xNm: [1], yNm: [2] });
  assertEquals(plain(await read("x (µm),y (µm)\n1,2\n")), { "x (µm)": [1], "y (µm)": [2] });
});

Deno.test("csv prefers our own name to another program's", async () => {
  assertEquals(plain(await read("value,height,x,y,X\n1,2,3,4,5\n")), {
    value: [1],
    height: [2],
    x: [3],
    y: [4],
  });
});

Deno.test("csv reads UTF-16 and Latin-1 text", async () => {
  const wide = new Uint8Array(Uint16Array.from("\ufeffx,y\n1,2\n", (c) => c.charCodeAt(0)).buffer);
  assertEquals(plain(await read(wide)), { x: [1], y: [2] });
  const latin = Uint8Array.from("x,y,\xb5\n1,2,3\n", (c) => c.charCodeAt(0));
  assertEquals(plain(await read(latin)), { x: [1], y: [2], "µ": [3] });
});

Deno.test("csv names the line of a cell that is no number", async () => {
  const cases: readonly (readonly [string, ErrorCode, string])[] = [
    [
      "x,y\n1,2\n3,four\n",
      "TABLE_VALUE",
      'expected a number as y in line 3, got "four"; correct or delete the line',
    ],
    [
      "x,y\n# a note\n\n1,\n",
      "TABLE_VALUE",
      "expected a number as y in line 4, got nothing; correct or delete the line",
    ],
    [
      "x,y\ninf,2\n",
      "TABLE_VALUE",
      'expected a number as x in line 2, got "inf"; correct or delete the line',
    ],
    [
      "x,y,sigmaX\n1,2,wide\n",
      "TABLE_VALUE",
      'expected a number as sigmaX in line 2, got "wide"; correct or delete the line',
    ],
    [
      "x,y\n1,2\n1,5,2,5\n",
      "TABLE_VALUE",
      "expected 2 cells in line 3, got 4; correct or delete the line",
    ],
    ["x,y\n1,2\n3", "TABLE_VALUE", "expected 2 cells in line 3, got 1; correct or delete the line"],
    [
      'x,y\n1,"2\n3,4\n',
      "FILE_CORRUPT",
      "expected quotes that are closed, got one left open up to line 3; the file is damaged: copy it again from its source",
    ],
    [
      "x\0y\n",
      "FILE_CORRUPT",
      "expected text, got a zero byte at byte 1; the file is damaged: copy it again from its source",
    ],
    [
      "# nothing\n\n",
      "FILE_EMPTY",
      "expected a line of column names, got no lines but empty ones and comments; copy it again from its source",
    ],
    ["", "FILE_EMPTY", "expected a CSV file, got an empty file; copy it again from its source"],
  ];
  for (const [text, code, message] of cases) {
    await assertFails(() => read(text), code, `Cannot read "a.csv": ${message}`);
  }
});

Deno.test("csv asks for positions where half of them, or numbers without names, are there", async () => {
  const message = (got: string) =>
    `Cannot read positions from "a.csv": expected number columns "x" and "y" in px, got ${got}; name the columns in the first line`;
  await assertFails(() => read("x,z\n1,2\n"), "TABLE_NO_POSITIONS", message('"x", "z"'));
  await assertFails(
    () => read("1,2,3,4\n"),
    "TABLE_NO_POSITIONS",
    message("4 numbers without names in line 1"),
  );
  const ranking = await read("exposure,score\n0,1\n");
  await assertFails(
    () => requirePositions(ranking, "a.csv"),
    "TABLE_NO_POSITIONS",
    message('"exposure", "score"'),
  );
  await assertFails(
    () => requirePositions(createTable({}), "a.csv"),
    "TABLE_NO_POSITIONS",
    message("no columns"),
  );
});

Deno.test("csv writes one header line, short numbers and quotes where needed", async () => {
  const table = createTable({
    x: Float64Array.of(0.1, -1e21, NaN, -0),
    y: Float64Array.of(1 / 3, 5e-324, Infinity, 7),
    name: ["a,b", 'say "c"', " d", "#e"],
  });
  assertEquals(
    textOf(await csv.write(table)),
    'x,y,name\n0.1,0.3333333333333333,"a,b"\n-1e+21,5e-324,"say ""c"""\n,Infinity," d"\n0,7,"#e"\n',
  );
});

Deno.test("csv gives back the numbers and words it wrote", async () => {
  const word = fc.string({ maxLength: 8 }).map((text) => `w${text.trim().replaceAll("\0", "")}w`);
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          x: fc.double({ noNaN: true, noDefaultInfinity: true }),
          y: fc.double({ noNaN: true, noDefaultInfinity: true }),
          height: fc.double(),
          status: word,
          note: word,
        }),
        { minLength: 1, maxLength: 6 },
      ),
      async (rows) => {
        const numbers = (name: "x" | "y" | "height") =>
          Float64Array.from(rows, (row) => row[name] === 0 ? 0 : row[name]);
        const table = createTable({
          x: numbers("x"),
          y: numbers("y"),
          height: numbers("height"),
          status: rows.map((row) => row.status),
          note: rows.map((row) => row.note),
        }, { x: "px", y: "px", height: "counts" });
        const bytes = await csv.write(table);
        assertEquals(await csv.write(table), bytes);
        assertEquals(await read(bytes), table);
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("csv keeps the rows of a single column that has gaps", async () => {
  const table = createTable({ score: Float64Array.of(1, NaN, 3) });
  assertEquals(await read(await csv.write(table)), table);
});

Deno.test("writeAtomIdCsv counts peaks from 1 and writes whole pixels", () => {
  const table = createTable({ x: Float64Array.of(1.4, -0.2), y: Float64Array.of(2.5, 7) });
  assertEquals(textOf(writeAtomIdCsv(table)), "Peak#,X,Y,Phase\n1,1,3,0\n2,0,7,0\n");
});
