/**
 * Compressed blocks of TIFF files, wrapping geotiff's decoders, and predictors.
 *
 * geotiff decodes deflate, PackBits and JPEG; it is loaded when first needed. Its predictors take the
 * byte order of the machine for that of the file, so they are undone here.
 *
 * @module
 */
import { DEFLATE_LIMIT } from "./_file_errors.ts";
import { checkJpeg } from "./_jpeg_markers.ts";
import { expandLzw } from "./_tiff_lzw.ts";

/** Compressions that are read, with the most bytes one stored byte can stand for. */
const RATIO: Readonly<Record<number, number>> = {
  1: 1,
  5: 4096, // LZW: a code of 12 bits stands for at most 3 839 bytes
  7: 2048, // JPEG: one bit a block of 64 px, up to four samples
  8: DEFLATE_LIMIT,
  32946: DEFLATE_LIMIT,
  32773: 64, // PackBits: two bytes for 128
};

const NAMES: Readonly<Record<number, string>> = {
  2: "CCITT",
  3: "CCITT fax 3",
  4: "CCITT fax 4",
  6: "old-style JPEG",
  33003: "JPEG 2000",
  33005: "JPEG 2000",
  34712: "JPEG 2000",
  34887: "LERC",
  34925: "LZMA",
  50000: "zstd",
  50001: "WebP",
  50002: "JPEG XL",
};

/** The most bytes one stored byte can stand for, or `undefined` for a compression not read. */
export function expansionLimit(compression: number): number | undefined {
  return RATIO[compression];
}

/** The name of a compression that is not read. */
export function compressionName(compression: number): string {
  return NAMES[compression] ?? `number ${compression}`;
}

/** A function that expands one block, of which `length` bytes are wanted. */
export type BlockDecoder = (block: Uint8Array, length: number) => Promise<Uint8Array>;

/** The decoder of a compression other than 1; it throws where data are damaged. */
export function blockDecoder(
  compression: number,
  jpegTables: Uint8Array | undefined,
): BlockDecoder {
  if (compression === 5) {
    return (block, length) => {
      const out = new Uint8Array(length);
      return Promise.resolve(out.subarray(0, expandLzw(block, out)));
    };
  }
  const parameters = {
    tileWidth: 0,
    tileHeight: 0,
    predictor: 1,
    bitsPerSample: 8,
    planarConfiguration: 1,
    ...(jpegTables === undefined ? {} : { JPEGTables: jpegTables }),
  };
  return async (block, length) => {
    if (compression === 7) {
      const { width, height } = checkJpeg(block, "");
      if (width * height > length) throw new RangeError(`${width} x ${height} px in one block`);
    }
    const { getDecoder } = await import("geotiff");
    const decoder = await getDecoder(compression, parameters);
    return new Uint8Array(await decoder.decode(block.slice().buffer));
  };
}

/**
 * Undoes horizontal differencing (predictor 2) of rows of `rowSamples` samples in place.
 *
 * `samples` are in the byte order of the machine; `step` samples make one pixel.
 */
export function undoDifferencesInPlace(
  samples: Uint8Array | Uint16Array | Uint32Array | BigUint64Array,
  rowSamples: number,
  step: number,
): void {
  const rows = Math.floor(samples.length / rowSamples);
  if (samples instanceof BigUint64Array) {
    for (let y = 0; y < rows; y++) {
      const end = (y + 1) * rowSamples;
      for (let i = y * rowSamples + step; i < end; i++) samples[i] += samples[i - step];
    }
    return;
  }
  for (let y = 0; y < rows; y++) {
    const end = (y + 1) * rowSamples;
    for (let i = y * rowSamples + step; i < end; i++) samples[i] += samples[i - step];
  }
}

/**
 * Undoes the floating point predictor (3) in place: rows of bytes, differenced, most significant
 * byte plane first. The result is in little-endian order.
 *
 * Adobe Photoshop TIFF Technical Note 3 (2005).
 */
export function undoFloatPredictorInPlace(
  bytes: Uint8Array,
  rowSamples: number,
  sampleBytes: number,
  step: number,
): void {
  const rowBytes = rowSamples * sampleBytes;
  const row = new Uint8Array(rowBytes);
  for (let start = 0; start + rowBytes <= bytes.length; start += rowBytes) {
    for (let i = start + step; i < start + rowBytes; i++) bytes[i] += bytes[i - step];
    row.set(bytes.subarray(start, start + rowBytes));
    for (let i = 0; i < rowSamples; i++) {
      for (let b = 0; b < sampleBytes; b++) {
        bytes[start + i * sampleBytes + b] = row[(sampleBytes - 1 - b) * rowSamples + i];
      }
    }
  }
}
