/**
 * The segments of a JPEG picture, checked before it is decoded.
 *
 * ITU-T T.81, annex B.
 *
 * @module
 */
import { corrupt, startsWith, unsupported } from "./_file_errors.ts";

/** A block of 64 px takes one bit at least, and a sample may be stored for every fourth pixel only. */
const MOST_PIXELS_PER_BYTE = 2048;

/** Size of a picture. */
export interface JpegSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Walks the segments of a picture from its start to its end mark, since decoders fill what is missing
 * with gray and say nothing; gives the largest size in it.
 *
 * @throws AdatomError FILE_CORRUPT, with the byte offset; FORMAT_UNSUPPORTED for rare codings
 */
export function checkJpeg(bytes: Uint8Array, path: string): JpegSize {
  const cutShort = (at: number) =>
    corrupt(path, `a JPEG segment at byte ${at}`, `a file that ends at byte ${bytes.length}`);
  if (!startsWith(bytes, [0xff, 0xd8])) throw corrupt(path, "a JPEG file", "other first bytes");
  let size: JpegSize = { width: 0, height: 0 };
  for (let at = 2;;) {
    if (at + 2 > bytes.length) throw cutShort(at);
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff) throw corrupt(path, `a JPEG marker at byte ${at}`, "something else");
    if (marker === 0xff) { // fill byte
      at++;
      continue;
    }
    if (marker === 0xd9) break;
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) { // marks without a segment
      at += 2;
      continue;
    }
    const length = at + 4 <= bytes.length ? bytes[at + 2] << 8 | bytes[at + 3] : Infinity;
    if (at + 2 + length > bytes.length) throw cutShort(at);
    if (length < 2) throw corrupt(path, `a JPEG segment at byte ${at}`, `${length} bytes`);
    if (isFrame(marker)) {
      const { width, height } = frameSize(bytes, at, length, path);
      size = { width: Math.max(width, size.width), height: Math.max(height, size.height) };
    }
    at += 2 + length;
    if (marker === 0xda) at = endOfScan(bytes, at);
  }
  if (size.width === 0) throw corrupt(path, "a JPEG picture with a size", "none");
  return size;
}

/** Start of frame, but for the tables that share its numbers. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function frameSize(bytes: Uint8Array, at: number, length: number, path: string): JpegSize {
  const kind = bytes[at + 1] - 0xc0;
  const bits = bytes[at + 4];
  if (kind > 2 || bits !== 8) {
    const got = kind > 2 ? `coding process ${kind}` : `${bits} bits`;
    throw unsupported(
      path,
      "baseline or progressive JPEG of 8 bits",
      got,
      "save it as PNG or TIFF",
    );
  }
  const height = bytes[at + 5] << 8 | bytes[at + 6];
  const width = bytes[at + 7] << 8 | bytes[at + 8];
  const pixels = width * height;
  if (length < 8 || pixels === 0 || pixels > MOST_PIXELS_PER_BYTE * bytes.length) {
    const got = `${bytes.length} bytes`;
    throw corrupt(path, `pixels for ${width} x ${height} px`, got);
  }
  return { width, height };
}

/** The first marker after compressed data, in which 0xff is followed by 0 or a restart mark. */
function endOfScan(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at + 1 < bytes.length) {
    const next = bytes[at + 1];
    const isMarker = bytes[at] === 0xff && next !== 0 && next !== 0xff &&
      !(next >= 0xd0 && next <= 0xd7);
    if (isMarker) return at;
    at++;
  }
  return bytes.length;
}
