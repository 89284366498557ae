/**
 * The chunks of a PNG file: checked before it is decoded, and rewritten for depths below 8 bits.
 *
 * Portable Network Graphics Specification, third edition, https://www.w3.org/TR/png-3/
 *
 * @module
 */
import { corrupt, DEFLATE_LIMIT, startsWith, unsupported, viewOf } from "./_file_errors.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** What the header of a PNG file says, and where its data lie. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 0 gray, 2 color, 3 palette, 4 gray and opacity, 6 color and opacity. */
  readonly colorType: number;
  readonly interlaced: boolean;
  /** Colors of a palette, three bytes each. */
  readonly palette: Uint8Array;
  /** Start of each IDAT chunk and the number of bytes in it. */
  readonly data: readonly { readonly start: number; readonly length: number }[];
}

/** Samples of a pixel by color type. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Whether a file starts as PNG files do. */
export function isPng(head: Uint8Array): boolean {
  return startsWith(head, SIGNATURE);
}

/**
 * Reads and checks all chunks up to the end mark.
 *
 * @throws AdatomError FILE_CORRUPT, with the byte offset
 */
export function readPngHeader(bytes: Uint8Array, path: string): PngHeader {
  if (!isPng(bytes)) throw corrupt(path, "a PNG file", "other first bytes");
  const view = viewOf(bytes);
  let header: Omit<PngHeader, "data" | "palette"> | undefined;
  let palette: Uint8Array = new Uint8Array();
  const data: { start: number; length: number }[] = [];
  for (let at = SIGNATURE.length;;) {
    const length = at + 12 <= bytes.length ? view.getUint32(at) : 0;
    if (at + 12 + length > bytes.length) {
      throw corrupt(path, `a PNG chunk at byte ${at}`, `a file that ends at byte ${bytes.length}`);
    }
    const start = at + 8;
    const type = String.fromCharCode(...bytes.subarray(at + 4, start));
    if (crc32(bytes, at + 4, start + length) !== view.getUint32(start + length)) {
      throw corrupt(path, `a sound chunk at byte ${at}`, "another checksum");
    }
    if ((type === "IHDR") !== (header === undefined) || (type === "IHDR" && length !== 13)) {
      throw corrupt(path, "one PNG header before all else", `a chunk at byte ${at}`);
    }
    if (type === "IHDR") {
      header = {
        width: view.getUint32(start),
        height: view.getUint32(start + 4),
        depth: bytes[start + 8],
        colorType: bytes[start + 9],
        interlaced: bytes[start + 12] === 1,
      };
    }
    if (type === "PLTE") palette = bytes.slice(start, start + length);
    if (type === "IDAT") data.push({ start, length });
    if (type === "IEND") break;
    at = start + length + 4;
  }
  const { width, height, depth, colorType } = header!;
  const channels = CHANNELS[colorType];
  const known = channels !== undefined && [1, 2, 4, 8, 16].includes(depth) &&
    (depth === 8 || (depth === 16 ? colorType !== 3 : channels === 1));
  const size = height * Math.ceil(width * depth * (channels ?? 1) / 8);
  const stored = data.reduce((sum, part) => sum + part.length, 0);
  if (!known || size === 0) {
    const got = `${width} x ${height} px of ${depth} bits, color type ${colorType}`;
    throw corrupt(path, "a PNG picture", got);
  }
  if (size > DEFLATE_LIMIT * stored) {
    throw corrupt(path, `pixels for ${width} x ${height} px`, `${stored} bytes`);
  }
  return { ...header!, palette, data };
}

/**
 * A PNG file of 8-bit gray whose pixels are the bytes of the rows of a picture of fewer bits, for
 * decoders that only know whole bytes.
 */
export function packedRowsPng(bytes: Uint8Array, header: PngHeader, path: string): Uint8Array {
  if (header.interlaced) {
    throw unsupported(
      path,
      "pixels row by row",
      `an interlaced PNG of ${header.depth} bits`,
      "save it without interlacing",
    );
  }
  const ihdr = new Uint8Array(13);
  const view = viewOf(ihdr);
  view.setUint32(0, Math.ceil(header.width * header.depth / 8));
  view.setUint32(4, header.height);
  ihdr[8] = 8;
  const idat = header.data.map(({ start, length }) =>
    chunk("IDAT", bytes.subarray(start, start + length))
  );
  const parts = [
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", ihdr),
    ...idat,
    chunk("IEND", new Uint8Array()),
  ];
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The samples of fewer than 8 bits in packed rows: gray spread to 0..255, palettes as numbers. */
export function unpackRows(packed: ArrayLike<number>, header: PngHeader): Uint8Array {
  const { width, height, depth, colorType } = header;
  const out = new Uint8Array(width * height);
  const mask = (1 << depth) - 1;
  const scale = colorType === 0 ? 255 / mask : 1;
  const rowBytes = Math.ceil(width * depth / 8);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = packed[y * rowBytes + (bit >> 3)];
      out[y * width + x] = (byte >> (8 - depth - (bit & 7)) & mask) * scale;
    }
  }
  return out;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 12);
  const view = viewOf(out);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc32(out, 4, 8 + data.length));
  return out;
}

/** CRC-32 (ISO 3309) of `bytes[start]` up to before `bytes[end]`. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  for (let i = start; i < end; i++) crc = CRC_TABLE[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return (crc ^ -1) >>> 0;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});
