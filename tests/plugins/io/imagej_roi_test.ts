import { assertClose, assertEquals, assertFails, assertTrue } from "@assert";
import fc from "fast-check";
import { createTable } from "../../../core/mod.ts";
import { zip } from "../../../plugins/io/_zip.ts";
import { imagejRoi, writeRoi, writeRoiSet } from "../../../plugins/io/imagej_roi.ts";
import { formatContext } from "../../support/reader.ts";

const read = (bytes: Uint8Array, path = "a.roi") => imagejRoi.read(bytes, formatContext(path));
const points = (x: number[], y: number[]) =>
  createTable({ x: Float64Array.from(x), y: Float64Array.from(y) }, { x: "px", y: "px" });

/** Coordinates are float32 in the file: 2^-12 px at 4096 px is 24 bits. */
const FLOAT32_PX = 2 ** -12;

Deno.test("imagejRoi gives back sub-pixel points, as one region or a set", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.double({ min: -10, max: 4096, noNaN: true }),
          fc.double({ min: -10, max: 4096, noNaN: true }),
        ),
        { minLength: 1, maxLength: 30 },
      ),
      async (list) => {
        const table = points(list.map(([x]) => x), list.map(([, y]) => y));
        for (const bytes of [writeRoi(table), writeRoiSet(table), await imagejRoi.write(table)]) {
          assertTrue(imagejRoi.recognizes(bytes.subarray(0, 512)));
          const { columns, length } = await read(bytes);
          assertEquals(length, list.length);
          list.forEach(([x, y], i) => {
            assertClose(Number(columns.x[i]), x, FLOAT32_PX);
            assertClose(Number(columns.y[i]), y, FLOAT32_PX);
          });
        }
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("imagejRoi keeps whole pixels whole and half pixels half", async () => {
  const whole = points([10, 0, 511], [20, 3, 7]);
  assertEquals(await read(writeRoi(whole)), whole);
  const { columns } = await read(writeRoi(points([10.5], [20.5])));
  assertClose(Number(columns.x[0]), 10.5, FLOAT32_PX);
  assertEquals(columns.y[0], 20.5);
});

Deno.test("imagejRoi writes the corner of the first pixel as (0, 0)", () => {
  const bytes = writeRoi(points([1.25], [7.5]), "p");
  const view = new DataView(bytes.buffer);
  assertEquals(new TextDecoder().decode(bytes.subarray(0, 4)), "Iout");
  assertEquals([view.getInt16(4), bytes[6], view.getUint16(16), view.getInt16(50)], [
    227,
    10,
    1,
    128,
  ]);
  // top, left, bottom, right; then the point within them, then the point itself
  assertEquals([8, 10, 12, 14].map((at) => view.getInt16(at)), [8, 1, 9, 2]);
  assertEquals([64, 66].map((at) => view.getInt16(at)), [0, 0]);
  assertEquals([68, 72].map((at) => view.getFloat32(at)), [1.75, 8]);
  const second = view.getInt32(60);
  assertEquals(second, 76);
  assertEquals(view.getInt32(second + 20), 1);
  assertEquals(view.getUint16(view.getInt32(second + 16)), "p".charCodeAt(0));
});

Deno.test("imagejRoi writes the same bytes each time, and no points at all", async () => {
  const table = points([1.5, 2.25], [3, 4]);
  assertEquals(writeRoiSet(table), writeRoiSet(table));
  assertEquals(await read(writeRoiSet(points([], []))), points([], []));
});

Deno.test("imagejRoi holds more than 65535 points", async () => {
  const count = 70000;
  const x = Array.from({ length: count }, (_, i) => i % 300 + 0.25);
  const { length } = await read(writeRoi(points(x, x)));
  assertEquals(length, count);
});

Deno.test("imagejRoi joins the regions of a set and tells places in a stack", async () => {
  const inStack = writeRoi(points([1.25, 2.5], [3, 4]));
  // Counters as ImageJ's multi-point tool leaves them: the place in the stack above 8 bits.
  const counters = new Uint8Array(inStack.length + 8);
  counters.set(inStack);
  const view = new DataView(counters.buffer);
  view.setInt32(view.getInt32(60) + 48, inStack.length);
  view.setInt32(inStack.length, 1 << 8);
  view.setInt32(inStack.length + 4, 3 << 8);
  const table = await read(zip([["a.roi", counters], ["b.roi", writeRoi(points([7], [8]))]]));
  assertEquals(Object.fromEntries(Object.entries(table.columns).map(([n, c]) => [n, [...c]])), {
    x: [1.25, 2.5, 7],
    y: [3, 4, 8],
    exposure: [0, 2, 0],
  });
});

Deno.test("imagejRoi names what is wrong with a file, and where", async () => {
  const damaged = "; the file is damaged: copy it again from its source";
  const good = writeRoi(points([1.5, 2.25], [3, 4]));
  const edited = (at: number, value: number) => {
    const bytes = good.slice();
    bytes[at] = value;
    return bytes;
  };
  const fails = (bytes: Uint8Array, code: "FILE_CORRUPT" | "FORMAT_UNSUPPORTED", message: string) =>
    assertFails(() => read(bytes), code, `Cannot read "a.roi": ${message}`);
  await fails(
    good.slice(0, 30),
    "FILE_CORRUPT",
    `expected the header up to byte 64, got a file that ends at byte 30${damaged}`,
  );
  await fails(
    good.slice(0, 70),
    "FILE_CORRUPT",
    `expected 2 points up to byte 88, got a file that ends at byte 70${damaged}`,
  );
  await fails(
    edited(0, 0),
    "FILE_CORRUPT",
    `expected an ImageJ region, got other first bytes${damaged}`,
  );
  await fails(
    edited(6, 1),
    "FORMAT_UNSUPPORTED",
    "expected points, got a rectangle; mark the columns with ImageJ's multi-point tool",
  );
  await fails(
    edited(6, 77),
    "FORMAT_UNSUPPORTED",
    "expected points, got a region of type 77; mark the columns with ImageJ's multi-point tool",
  );
  const nan = good.slice();
  new DataView(nan.buffer).setFloat32(72, NaN);
  await fails(nan, "FILE_CORRUPT", `expected coordinates of point 1, got (NaN, 3.5)${damaged}`);
  await fails(
    zip([["readme.txt", Uint8Array.of(65)]]),
    "FORMAT_UNSUPPORTED",
    "expected an archive of ImageJ regions, got none in it; save points with ImageJ's ROI Manager",
  );
  await assertFails(
    () => read(zip([["b.roi", edited(6, 2)]]), "a.zip"),
    "FORMAT_UNSUPPORTED",
    'Cannot read "a.zip/b.roi": expected points, got an oval; mark the columns with ImageJ\'s multi-point tool',
  );
  await assertFails(
    () => read(zip([["b.roi", good]]).slice(0, 60), "a.zip"),
    "FILE_CORRUPT",
    `Cannot read "a.zip": expected a whole ZIP archive, got "invalid zip data" from the decoder${damaged}`,
  );
  await assertFails(
    () => read(new Uint8Array()),
    "FILE_EMPTY",
    'Cannot read "a.roi": expected an ImageJ ROI file, got an empty file; copy it again from its source',
  );
  await assertFails(
    () => imagejRoi.write(createTable({ score: Float64Array.of(1) })),
    "TABLE_NO_POSITIONS",
    'Cannot read positions from "the table": expected number columns "x" and "y" in px, got "score"; name the columns in the first line',
  );
});

const folder = Deno.env.get("ADATOM_DATA");

Deno.test({
  name: "imagejRoi reads ImageJ's own files",
  ignore: folder === undefined,
  async fn() {
    const file = (name: string) => Deno.readFileSync(`${folder}/roi/${name}`);
    const near = async (name: string, x: number[], y: number[]) => {
      const { columns } = await read(file(name), name);
      assertEquals(columns.x.length, x.length);
      x.forEach((value, i) => assertClose(Number(columns.x[i]), value, 1e-4, name));
      y.forEach((value, i) => assertClose(Number(columns.y[i]), value, 1e-4, name));
    };
    await near("float_point.roi", [123.4 - 0.5], [567.8 - 0.5]);
    await near("int_point.roi", [128], [256]);
    for (const name of ["point", "multipoint"]) {
      const { x, y } = JSON.parse(new TextDecoder().decode(file(`${name}.json`)))[name];
      const center = (corner: number) => corner - 0.5;
      await near(`${name}.roi`, x.map(center), y.map(center));
    }
    const others = {
      "composite-two-ovals": "a composite region",
      ellipse: "a freehand region",
      line1: "a line",
      oval: "an oval",
      polygon: "a polygon",
      polyline: "a polyline",
      freeline: "a freehand line",
      rectangle: "a rectangle",
    };
    for (const [name, what] of Object.entries(others)) {
      await assertFails(
        () => read(file(`${name}.roi`)),
        "FORMAT_UNSUPPORTED",
        `Cannot read "a.roi": expected points, got ${what}; mark the columns with ImageJ's multi-point tool`,
      );
    }
  },
});
