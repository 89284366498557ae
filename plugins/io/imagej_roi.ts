/**
 * ImageJ's regions of interest: points, alone (`.roi`) or several in an archive (RoiSet `.zip`).
 *
 * ImageJ puts the corner of the top-left pixel at (0, 0), we put its center there: sub-pixel points are
 * moved by half a pixel on the way in and out. Points of whole numbers are pixels in both.
 *
 * @module
 */
import {
  createTable,
  type FormatContext,
  type Table,
  type TableFormat,
  type Writable,
} from "@core";
import { briefly, corruptFile, unsupportedFile } from "./_read_errors.ts";
import { unzip, zip } from "./_zip.ts";

const TYPES = [
  "polygon",
  "rectangle",
  "oval",
  "line",
  "freeline",
  "polyline",
  "no region",
  "freehand",
  "traced",
  "angle",
  "point",
];
const POINT = 10;
const SUB_PIXEL = 128;
const HEADER = 64;
const HEADER2 = 64;
const VERSION = 227;

/** The format. */
export const imagejRoi: Writable<TableFormat> = {
  id: "io.imagej-roi",
  kind: "table",
  title: "ImageJ ROI",
  extensions: ["roi", "zip"],
  recognizes: (head) => isRoi(head) || (head[0] === 0x50 && head[1] === 0x4b && head[2] === 3),
  read: (bytes, context) => Promise.resolve().then(() => readPoints(bytes, context)),
  write: (table) => writeRoiSet(table as Table<"x" | "y">),
};

/** A RoiSet of one region with all points, as ImageJ's multi-point tool makes it. */
export function writeRoiSet(table: Table<"x" | "y">, name = "points"): Uint8Array {
  return zip([[`${name}.roi`, writeRoi(table)]]);
}

/** The bytes of one region with all points, sub-pixel. */
export function writeRoi({ length, columns: { x, y } }: Table<"x" | "y">): Uint8Array {
  if (length > 65535) throw new RangeError(`a region holds at most 65535 points, not ${length}`);
  const left = length > 0 ? Math.floor(Math.min(...x) + 0.5) : 0;
  const top = length > 0 ? Math.floor(Math.min(...y) + 0.5) : 0;
  const right = length > 0 ? Math.ceil(Math.max(...x) + 0.5) : 0;
  const bottom = length > 0 ? Math.ceil(Math.max(...y) + 0.5) : 0;
  const bytes = new Uint8Array(HEADER + 4 * length + 8 * length + HEADER2);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("Iout"));
  view.setInt16(4, VERSION);
  view.setUint8(6, POINT);
  view.setInt16(8, top);
  view.setInt16(10, left);
  view.setInt16(12, bottom);
  view.setInt16(14, right);
  view.setUint16(16, length);
  view.setInt16(50, SUB_PIXEL);
  view.setInt32(60, HEADER + 12 * length);
  for (let i = 0; i < length; i++) {
    const cx = x[i] + 0.5, cy = y[i] + 0.5;
    view.setInt16(HEADER + 2 * i, Math.floor(cx) - left);
    view.setInt16(HEADER + 2 * length + 2 * i, Math.floor(cy) - top);
    view.setFloat32(HEADER + 4 * length + 4 * i, cx);
    view.setFloat32(HEADER + 8 * length + 4 * i, cy);
  }
  return bytes;
}

function isRoi(head: Uint8Array): boolean {
  return [0x49, 0x6f, 0x75, 0x74].every((byte, i) => head[i] === byte);
}

function readPoints(bytes: Uint8Array, context: FormatContext): Table {
  if (isRoi(bytes)) return tableOf([readRoi(bytes, context.name, context)]);
  let entries: [string, Uint8Array][];
  try {
    entries = unzip(bytes);
  } catch (error) {
    throw corruptFile(context, "RoiSet", briefly(error), error);
  }
  const regions = entries.filter(([, data]) => isRoi(data));
  if (regions.length === 0) {
    const hint = "save points with ImageJ's ROI Manager";
    throw unsupportedFile(context, "an archive of ImageJ regions", "none in it", hint);
  }
  return tableOf(regions.map(([name, data]) => readRoi(data, name, context)));
}

function tableOf(parts: readonly { x: number[]; y: number[] }[]): Table {
  return createTable({
    x: Float64Array.from(parts.flatMap((part) => part.x)),
    y: Float64Array.from(parts.flatMap((part) => part.y)),
  }, { x: "px", y: "px" });
}

function readRoi(
  bytes: Uint8Array,
  name: string,
  context: FormatContext,
): { x: number[]; y: number[] } {
  const cut = () =>
    corruptFile(context, "ImageJ ROI", `an end at byte ${bytes.length} in "${name}"`);
  if (bytes.length < HEADER) throw cut();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint8(6);
  if (type !== POINT) {
    const got = `a ${TYPES[type] ?? `region of type ${type}`} in "${name}"`;
    throw unsupportedFile(context, "points", got, "convert it to points in ImageJ");
  }
  const count = view.getUint16(16);
  const top = view.getInt16(8), left = view.getInt16(10);
  const subPixel = (view.getInt16(50) & SUB_PIXEL) !== 0 && view.getInt16(4) >= 222;
  const end = HEADER + 4 * count + (subPixel ? 8 * count : 0);
  if (end > bytes.length) throw cut();
  const x: number[] = [], y: number[] = [];
  for (let i = 0; i < count; i++) {
    if (subPixel) {
      x.push(view.getFloat32(HEADER + 4 * count + 4 * i) - 0.5);
      y.push(view.getFloat32(HEADER + 8 * count + 4 * i) - 0.5);
    } else {
      x.push(left + view.getInt16(HEADER + 2 * i));
      y.push(top + view.getInt16(HEADER + 2 * count + 2 * i));
    }
  }
  if ([...x, ...y].some((v) => !Number.isFinite(v))) {
    throw corruptFile(context, "ImageJ ROI", `coordinates that are no numbers in "${name}"`);
  }
  return { x, y };
}
