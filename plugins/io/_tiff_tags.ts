/**
 * The directories of a TIFF or BigTIFF file: tags and their values, every offset checked.
 *
 * TIFF Revision 6.0 (Adobe, 1992); BigTIFF as of libtiff 4.
 *
 * @module
 */
import type { AdatomError } from "@core";
import { corrupt, viewOf } from "./_file_errors.ts";

/** Numbers of the tags that are read or written. */
export const TAG = {
  newSubfileType: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  description: 270,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  xResolution: 282,
  yResolution: 283,
  planarConfiguration: 284,
  resolutionUnit: 296,
  predictor: 317,
  colorMap: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  // private tags of Gatan DigitalMicrograph
  dmUnitX: 65003,
  dmUnitY: 65004,
  dmScaleX: 65009,
  dmScaleY: 65010,
} as const;

/** Where the value of a tag lies in the file. */
interface TagEntry {
  readonly type: number;
  readonly count: number;
  readonly offset: number;
}

/** The directory of one page; a tag may stand in it more than once. */
export interface TiffPage {
  /** Byte offset of the directory. */
  readonly offset: number;
  readonly entries: ReadonlyMap<number, readonly TagEntry[]>;
}

/** A TIFF file with its directories read. */
export interface TiffFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  readonly pages: readonly TiffPage[];
}

/** Bytes of one value by type number; 0 where the number is no type. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

/** Whether a file starts as TIFF or BigTIFF does. */
export function isTiff(head: Uint8Array): boolean {
  if (head.length < 4 || head[0] !== head[1]) return false;
  const version = head[0] === 0x49 ? head[2] | head[3] << 8 : head[2] << 8 | head[3];
  return (head[0] === 0x49 || head[0] === 0x4d) && (version === 42 || version === 43);
}

/**
 * Reads the directories of a file in their order.
 *
 * @throws AdatomError FILE_CORRUPT, with the byte offset
 */
export function readDirectories(bytes: Uint8Array, path: string): TiffFile {
  if (!isTiff(bytes)) throw corrupt(path, "a TIFF file", "other first bytes");
  const view = viewOf(bytes);
  const littleEndian = bytes[0] === 0x49;
  const big = view.getUint16(2, littleEndian) === 43;
  const word = big ? 8 : 4;
  const entryBytes = big ? 20 : 12;
  const number = (offset: number) =>
    big ? Number(view.getBigUint64(offset, littleEndian)) : view.getUint32(offset, littleEndian);
  const need = (offset: number, length: number, what: string) => {
    if (offset + length > bytes.length) {
      throw corrupt(path, `${what} at byte ${offset}`, `a file that ends at byte ${bytes.length}`);
    }
  };
  need(0, big ? 16 : 8, "the TIFF header");
  const pages: TiffPage[] = [];
  const seen = new Set<number>();
  // A whole file has room for so many entries; overlapping directories would claim more.
  let budget = bytes.length / entryBytes;
  for (let offset = number(big ? 8 : 4); offset !== 0;) {
    if (seen.has(offset)) throw corrupt(path, "pages in a row", `a circle at byte ${offset}`);
    seen.add(offset);
    const what = `the directory of page ${pages.length + 1}`;
    need(offset, big ? 8 : 2, what);
    const count = big ? number(offset) : view.getUint16(offset, littleEndian);
    const start = offset + (big ? 8 : 2);
    need(offset, start - offset + count * entryBytes + word, what);
    budget -= count;
    if (budget < 0) throw corrupt(path, "separate pages", `overlapping ones at byte ${offset}`);
    const entries = new Map<number, TagEntry[]>();
    for (let at = start; at < start + count * entryBytes; at += entryBytes) {
      const tag = view.getUint16(at, littleEndian);
      const type = view.getUint16(at + 2, littleEndian);
      const values = number(at + 4);
      const inline = (TYPE_BYTES[type] ?? 0) * values <= word;
      const entry = { type, count: values, offset: inline ? at + 4 + word : number(at + 4 + word) };
      const before = entries.get(tag);
      if (before === undefined) entries.set(tag, [entry]);
      else before.push(entry);
    }
    pages.push({ offset, entries });
    offset = number(start + count * entryBytes);
  }
  if (pages.length === 0) throw corrupt(path, "at least one page", "no page");
  return { path, bytes, littleEndian, pages };
}

/** The numbers of a tag (rationals as quotients), or `undefined` without it. */
export function tagNumbers(file: TiffFile, page: TiffPage, tag: number): number[] | undefined {
  const entry = page.entries.get(tag)?.[0];
  if (entry === undefined) return undefined;
  const size = entryBytes(file, tag, entry) / Math.max(1, entry.count);
  const view = viewOf(file.bytes);
  const values = new Array<number>(entry.count);
  for (let i = 0; i < entry.count; i++) {
    values[i] = tagNumber(view, entry.type, entry.offset + i * size, file.littleEndian);
  }
  return values;
}

/** The first number of a tag, or `otherwise` without it. */
export function tagNumberOr<T>(
  file: TiffFile,
  page: TiffPage,
  tag: number,
  otherwise: T,
): number | T {
  const entry = page.entries.get(tag)?.[0];
  if (entry === undefined || entry.count === 0) return otherwise;
  entryBytes(file, tag, entry);
  return tagNumber(viewOf(file.bytes), entry.type, entry.offset, file.littleEndian);
}

/** The texts of a tag: one for each time it stands in the directory. */
export function tagTexts(file: TiffFile, page: TiffPage, tag: number): string[] {
  return (page.entries.get(tag) ?? []).map((entry) => {
    const bytes = file.bytes.slice(entry.offset, entry.offset + entryBytes(file, tag, entry));
    return decodeText(bytes).replace(/\0+$/, "");
  });
}

/** The raw bytes of a tag, or `undefined` without it. */
export function tagBytes(file: TiffFile, page: TiffPage, tag: number): Uint8Array | undefined {
  const entry = page.entries.get(tag)?.[0];
  if (entry === undefined) return undefined;
  return file.bytes.slice(entry.offset, entry.offset + entryBytes(file, tag, entry));
}

/** Bytes of a tag's value, which must lie inside the file. */
function entryBytes(file: TiffFile, tag: number, entry: TagEntry): number {
  const length = (TYPE_BYTES[entry.type] ?? 0) * entry.count;
  if (length === 0 && entry.count > 0) throw wrongTag(file, tag, `type ${entry.type}`);
  if (entry.offset + length > file.bytes.length) {
    throw wrongTag(file, tag, `${entry.count} values at byte ${entry.offset}`);
  }
  return length;
}

function wrongTag(file: TiffFile, tag: number, got: string): AdatomError {
  return corrupt(
    file.path,
    `a value of tag ${tag} inside the file of ${file.bytes.length} bytes`,
    got,
  );
}

function tagNumber(view: DataView, type: number, at: number, littleEndian: boolean): number {
  switch (type) {
    case 3:
      return view.getUint16(at, littleEndian);
    case 4:
    case 13:
      return view.getUint32(at, littleEndian);
    case 5:
      return view.getUint32(at, littleEndian) / view.getUint32(at + 4, littleEndian);
    case 6:
      return view.getInt8(at);
    case 8:
      return view.getInt16(at, littleEndian);
    case 9:
      return view.getInt32(at, littleEndian);
    case 10:
      return view.getInt32(at, littleEndian) / view.getInt32(at + 4, littleEndian);
    case 11:
      return view.getFloat32(at, littleEndian);
    case 12:
      return view.getFloat64(at, littleEndian);
    case 16:
    case 18:
      return Number(view.getBigUint64(at, littleEndian));
    case 17:
      return Number(view.getBigInt64(at, littleEndian));
    default:
      return view.getUint8(at);
  }
}

/** UTF-8 where the bytes are, else Latin-1, as older programs write µ and Å. */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}
