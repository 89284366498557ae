/**
 * ImageJ's regions of interest: points, alone (`.roi`) or several in an archive (RoiSet `.zip`).
 *
 * ImageJ puts the corner of the top-left pixel at (0, 0), we put its center there: sub-pixel points
 * are moved by half a pixel on the way in and out. Points of whole numbers are pixels in both.
 *
 * @module
 */
import {
  createTable,
  type FormatContext,
  type Table,
  type TableColumn,
  type TableFormat,
  type Writable,
} from "@core";
import { requirePositions } from "./csv.ts";
import { requireBytes, startsWith, unsupported } from "./_file_errors.ts";
import { isRoi, readRoiPoints, type RoiPoints, writeRoiPoints } from "./_roi_bytes.ts";
import { unzip, zip } from "./_zip.ts";

/** The format. Written is a RoiSet of one multi-point region, which ImageJ counts and measures. */
export const imagejRoi: Writable<TableFormat> = {
  id: "io.imagej-roi",
  kind: "table",
  title: "ImageJ ROI",
  extensions: ["zip", "roi"],
  recognizes: (head) => isRoi(head) || isZip(head),
  read: readRois,
  write: (table) => writeRoiSet(requirePositions(table, "the table")),
};

/** A RoiSet of one region with all points, as ImageJ's multi-point tool makes it. */
export function writeRoiSet(table: Table<"x" | "y">, name = "points"): Uint8Array<ArrayBuffer> {
  return zip([[`${name}.roi`, writeRoi(table, name)]]);
}

/** The file of one multi-point region, for ImageJ's File > Open. */
export function writeRoi(table: Table<"x" | "y">, name = "points"): Uint8Array<ArrayBuffer> {
  return writeRoiPoints(table.columns.x, table.columns.y, name);
}

function isZip(head: Uint8Array): boolean {
  return startsWith(head, [0x50, 0x4b, 3, 4]) || startsWith(head, [0x50, 0x4b, 5, 6]);
}

// deno-lint-ignore require-await -- so that errors come as rejections
async function readRois(bytes: Uint8Array, { path }: FormatContext): Promise<Table> {
  requireBytes(bytes, path, "an ImageJ ROI file");
  if (!isZip(bytes)) return tableOf([readRoiPoints(bytes, path)]);
  const regions = unzip(bytes, path).filter(([name]) => name.toLowerCase().endsWith(".roi"));
  if (regions.length === 0) {
    throw unsupported(
      path,
      "an archive of ImageJ regions",
      "none in it",
      "save points with ImageJ's ROI Manager",
    );
  }
  return tableOf(regions.map(([name, data]) => readRoiPoints(data, `${path}/${name}`)));
}

/** Points of all regions; `exposure`, from 0, where they were set on several places of a stack. */
function tableOf(parts: readonly RoiPoints[]): Table<"x" | "y"> {
  const count = parts.reduce((sum, part) => sum + part.x.length, 0);
  const x = new Float64Array(count), y = new Float64Array(count);
  const exposure = new Float64Array(count);
  let at = 0, last = 0;
  for (const part of parts) {
    x.set(part.x, at);
    y.set(part.y, at);
    for (let i = 0; i < part.slice.length; i++) {
      exposure[at + i] = Math.max(0, part.slice[i] - 1);
      last = Math.max(last, part.slice[i]);
    }
    at += part.x.length;
  }
  const places: Record<string, TableColumn> = last > 1 ? { exposure } : {};
  return createTable({ x, y, ...places }, { x: "px", y: "px" });
}
