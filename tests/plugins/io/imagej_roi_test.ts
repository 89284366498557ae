import { assertClose, assertEquals, assertFails } from "@assert";
import { createTable, type Table } from "../../../core/mod.ts";
import { imagejRoi, writeRoi, writeRoiSet } from "../../../plugins/io/imagej_roi.ts";
import { zip } from "../../../plugins/io/_zip.ts";
import { formatContext } from "../../support/format.ts";

/** ImageJ keeps sub-pixel points as float32. */
const FLOAT32 = 1e-4;

const points = createTable({
  x: Float64Array.of(-0.25, 10.5, 511.75),
  y: Float64Array.of(3, 0.1, 400),
});

function assertPoints(table: Table, x: ArrayLike<number>, y: ArrayLike<number>): void {
  assertEquals(table.length, x.length);
  for (let i = 0; i < x.length; i++) {
    assertClose((table.columns.x as Float64Array)[i], x[i], FLOAT32);
    assertClose((table.columns.y as Float64Array)[i], y[i], FLOAT32);
  }
}

Deno.test("imagejRoi writes and reads sub-pixel points, alone and in a RoiSet", async () => {
  const { x, y } = points.columns;
  const alone = writeRoi(points), set = writeRoiSet(points);
  assertEquals([imagejRoi.recognizes(alone), imagejRoi.recognizes(set)], [true, true]);
  assertPoints(await imagejRoi.read(alone, formatContext()), x, y);
  assertPoints(await imagejRoi.read(set, formatContext()), x, y);
  assertEquals(writeRoiSet(points), set, "the same bytes");
  const none = createTable({ x: new Float64Array(), y: new Float64Array() });
  assertPoints(await imagejRoi.read(writeRoiSet(none), formatContext()), [], []);
});

Deno.test("imagejRoi puts the center of a pixel half a pixel from ImageJ's corner", () => {
  const view = new DataView(
    writeRoi(createTable({ x: Float64Array.of(7), y: Float64Array.of(9) })).buffer,
  );
  assertEquals([view.getFloat32(64 + 4), view.getFloat32(64 + 8)], [7.5, 9.5]);
});

Deno.test("imagejRoi takes whole-number points for pixels", async () => {
  const bytes = writeRoi(createTable({ x: Float64Array.of(7), y: Float64Array.of(9) }));
  new DataView(bytes.buffer).setInt16(50, 0); // without sub-pixel coordinates
  assertPoints(await imagejRoi.read(bytes, formatContext()), [7], [9]);
});

Deno.test("imagejRoi names a region that is no point, and where a file is cut", async () => {
  const bytes = writeRoi(points);
  const rectangle = bytes.slice();
  rectangle[6] = 1;
  await assertFails(
    () => imagejRoi.read(rectangle, formatContext("r.roi")),
    "FORMAT_UNSUPPORTED",
    'Cannot read "r.roi": expected points, got a rectangle in "a"; convert it to points in ImageJ',
  );
  await assertFails(
    () => imagejRoi.read(bytes.slice(0, 80), formatContext("r.roi")),
    "FILE_CORRUPT",
    'Cannot read "r.roi": expected a whole ImageJ ROI file, got an end at byte 80 in "a"; copy it again from its source',
  );
  await assertFails(
    () => imagejRoi.read(zip([["a.txt", Uint8Array.of(1)]]), formatContext("r.zip")),
    "FORMAT_UNSUPPORTED",
    'Cannot read "r.zip": expected an archive of ImageJ regions, got none in it; save points with ImageJ\'s ROI Manager',
  );
});

const data = Deno.env.get("ADATOM_DATA");

Deno.test({
  name: "imagejRoi reads ImageJ's own files",
  ignore: data === undefined,
  async fn() {
    const read = async (name: string) =>
      await imagejRoi.read(await Deno.readFile(`${data}/roi/${name}.roi`), formatContext());
    assertPoints(await read("float_point"), [123.4 - 0.5], [567.8 - 0.5]);
    for (const name of ["point", "multipoint"]) {
      const known = JSON.parse(await Deno.readTextFile(`${data}/roi/${name}.json`))[name];
      const half = (values: number[]) => values.map((v) => v - 0.5);
      assertPoints(await read(name), half(known.x), half(known.y));
    }
  },
});
