/**
 * The bytes of ImageJ's regions of interest, as far as points go: big-endian, a header of 64 bytes,
 * whole coordinates relative to the bounds, float32 ones, a second header, the name.
 *
 * @module
 */
import { corrupt, startsWith, unsupported, viewOf } from "./_file_errors.ts";

/** Points of a region, in our pixels, and the place in the stack each was set on, from 1 (0: none). */
export interface RoiPoints {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly slice: Int32Array;
}

const TYPES = [
  "polygon",
  "rectangle",
  "oval",
  "line",
  "freehand line",
  "polyline",
  "region without shape",
  "freehand region",
  "traced region",
  "angle",
  "point",
];
const POINT = 10;
const COMPOSITE_BYTES = 36;
const OPTIONS = 50;
const SUB_PIXEL = 128;
const HEADER = 64;
const HEADER_2 = 64;
const NAME_OFFSET = 16;
const NAME_LENGTH = 20;
const COUNTERS = 60;
const VERSION = 227;

/** Whether bytes start as a region of ImageJ does. */
export function isRoi(head: Uint8Array): boolean {
  return startsWith(head, [0x49, 0x6f, 0x75, 0x74]); // Iout
}

/**
 * The points of a region.
 *
 * ImageJ puts the corner of the top-left pixel at (0, 0): sub-pixel points move by half a pixel.
 * Where all coordinates of a region are whole, they are numbers of pixels and stay.
 *
 * @throws AdatomError FILE_CORRUPT; FORMAT_UNSUPPORTED for regions that are not points
 */
export function readRoiPoints(bytes: Uint8Array, path: string): RoiPoints {
  if (!isRoi(bytes)) throw corrupt(path, "an ImageJ region", "other first bytes");
  const need = (end: number, what: string) => {
    if (end <= bytes.length) return;
    throw corrupt(path, `${what} up to byte ${end}`, `a file that ends at byte ${bytes.length}`);
  };
  need(HEADER, "the header");
  const view = viewOf(bytes);
  const type = bytes[6];
  if (type !== POINT) {
    const isComposite = type === 1 && view.getInt32(COMPOSITE_BYTES) > 0;
    const name = isComposite ? "composite region" : TYPES[type] ?? `region of type ${type}`;
    const article = /^[aeiou]/.test(name) ? "an" : "a";
    const hint = "mark the columns with ImageJ's multi-point tool";
    throw unsupported(path, "points", `${article} ${name}`, hint);
  }
  // More than 65535 points are counted in the integer at byte 18.
  const count = view.getUint16(16) || Math.max(0, view.getInt32(18));
  const top = view.getInt16(8), left = view.getInt16(10);
  const isSubPixel = (view.getInt16(OPTIONS) & SUB_PIXEL) !== 0 && view.getInt16(4) >= 222;
  need(HEADER + (isSubPixel ? 12 : 4) * count, `${count} points`);
  const x = new Float64Array(count), y = new Float64Array(count);
  let isWhole = true;
  for (let i = 0; i < count; i++) {
    x[i] = isSubPixel
      ? view.getFloat32(HEADER + 4 * count + 4 * i)
      : left + view.getInt16(HEADER + 2 * i);
    y[i] = isSubPixel
      ? view.getFloat32(HEADER + 8 * count + 4 * i)
      : top + view.getInt16(HEADER + 2 * count + 2 * i);
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) {
      throw corrupt(path, `coordinates of point ${i + 1}`, `(${x[i]}, ${y[i]})`);
    }
    isWhole &&= Number.isInteger(x[i]) && Number.isInteger(y[i]);
  }
  if (!isWhole) {
    for (let i = 0; i < count; i++) {
      x[i] -= 0.5;
      y[i] -= 0.5;
    }
  }
  return { x, y, slice: slicesOf(view, count) };
}

/** The place in the stack of each point, where the region has counters. */
function slicesOf(view: DataView, count: number): Int32Array {
  const slices = new Int32Array(count);
  const second = view.getInt32(COUNTERS);
  if (second < HEADER || second + HEADER_2 > view.byteLength) return slices;
  const counters = view.getInt32(second + 48);
  if (counters < HEADER || counters + 4 * count > view.byteLength) return slices;
  for (let i = 0; i < count; i++) slices[i] = view.getInt32(counters + 4 * i) >>> 8;
  return slices;
}

/** The region of some points, in our pixels: sub-pixel unless all are whole. */
export function writeRoiPoints(
  x: Float64Array,
  y: Float64Array,
  name: string,
): Uint8Array<ArrayBuffer> {
  const count = x.length;
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  let isWhole = true, isCorners = count > 0;
  for (let i = 0; i < count; i++) {
    isWhole &&= Number.isInteger(x[i]) && Number.isInteger(y[i]);
    isCorners &&= Number.isInteger(x[i] + 0.5) && Number.isInteger(y[i] + 0.5);
    bounds.left = Math.min(bounds.left, x[i]);
    bounds.right = Math.max(bounds.right, x[i]);
    bounds.top = Math.min(bounds.top, y[i]);
    bounds.bottom = Math.max(bounds.bottom, y[i]);
  }
  const half = isWhole ? 0 : 0.5;
  const left = count > 0 ? Math.floor(bounds.left + half) : 0;
  const top = count > 0 ? Math.floor(bounds.top + half) : 0;
  const second = HEADER + (isWhole ? 4 : 12) * count;
  const bytes = new Uint8Array(second + HEADER_2 + 2 * name.length);
  const view = viewOf(bytes);
  bytes.set([0x49, 0x6f, 0x75, 0x74]);
  view.setInt16(4, VERSION);
  bytes[6] = POINT;
  view.setInt16(8, top);
  view.setInt16(10, left);
  view.setInt16(12, count > 0 ? Math.floor(bounds.bottom + half) + 1 : 0);
  view.setInt16(14, count > 0 ? Math.floor(bounds.right + half) + 1 : 0);
  if (count <= 0xffff) view.setUint16(16, count);
  else view.setInt32(18, count);
  view.setInt16(OPTIONS, isWhole ? 0 : SUB_PIXEL);
  view.setInt32(COUNTERS, second);
  for (let i = 0; i < count; i++) {
    view.setInt16(HEADER + 2 * i, Math.floor(x[i] + half) - left);
    view.setInt16(HEADER + 2 * count + 2 * i, Math.floor(y[i] + half) - top);
    if (isWhole) continue;
    view.setFloat32(HEADER + 4 * count + 4 * i, x[i] + half);
    view.setFloat32(HEADER + 8 * count + 4 * i, y[i] + half);
  }
  // Whole numbers alone would be read as pixels, so one goes to the next float32.
  if (isCorners) view.setInt32(HEADER + 4 * count, view.getInt32(HEADER + 4 * count) + 1);
  view.setInt32(second + NAME_OFFSET, second + HEADER_2);
  view.setInt32(second + NAME_LENGTH, name.length);
  for (let i = 0; i < name.length; i++) {
    view.setUint16(second + HEADER_2 + 2 * i, name.charCodeAt(i));
  }
  return bytes;
}
