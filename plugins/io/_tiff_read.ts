/**
 * The pixels of TIFF pages: strips and tiles put together, samples as they are in the file.
 *
 * @module
 */
import type { AdatomError, SampleType } from "@core";
import { corrupt, unsupported } from "./_file_errors.ts";
import {
  asSamples,
  halfToFloat,
  type SampleArray,
  sampleBytes,
  swapToMachineInPlace,
} from "./_samples.ts";
import {
  blockDecoder,
  compressionName,
  expansionLimit,
  undoDifferencesInPlace,
  undoFloatPredictorInPlace,
} from "./_tiff_codecs.ts";
import {
  TAG,
  tagBytes,
  tagNumberOr,
  tagNumbers,
  type TiffFile,
  type TiffPage,
} from "./_tiff_tags.ts";

/** What a page holds, and where. */
export interface PageLayout {
  readonly width: number;
  readonly height: number;
  /** Samples of one pixel. */
  readonly channels: number;
  readonly sourceType: SampleType;
  /** Half precision, which is read as float32. */
  readonly half: boolean;
  /** 0 white is zero, 1 black is zero, 2 color, 3 palette. */
  readonly photometric: number;
  readonly compression: number;
  readonly predictor: number;
  /** Whether each channel has blocks of its own. */
  readonly planar: boolean;
  /** Strips are blocks as wide as the page. */
  readonly blockWidth: number;
  readonly blockHeight: number;
  /** Byte offset and length of each block. */
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
}

/** Names of color spaces that are not read. */
const COLOR_SPACES: Readonly<Record<number, string>> = {
  4: "a transparency mask",
  5: "CMYK colors",
  6: "YCbCr colors",
  8: "CIELab colors",
  32803: "a color filter array",
};

/**
 * Where the pixels of a page lie; nothing is allocated that the file could not fill.
 *
 * @throws AdatomError FILE_CORRUPT; FORMAT_UNSUPPORTED for variants not read
 */
export function pageLayout(file: TiffFile, index: number): PageLayout {
  const page = file.pages[index];
  const one = (tag: number, otherwise: number) => tagNumberOr(file, page, tag, otherwise);
  const width = one(TAG.width, 0), height = one(TAG.height, 0);
  const channels = one(TAG.samplesPerPixel, 1);
  const where = `page ${index + 1}`;
  if (![width, height, channels].every((n) => Number.isSafeInteger(n) && n > 0)) {
    throw corrupt(
      file.path,
      `a size of ${where}`,
      `${width} x ${height} px of ${channels} samples`,
    );
  }
  const photometric = one(TAG.photometric, 1);
  const colors = COLOR_SPACES[photometric];
  if (colors !== undefined) {
    throw unsupported(file.path, "gray, RGB or palette pixels", colors, "save it as gray or RGB");
  }
  const { sourceType, half } = sampleTypeOf(file, page);
  const compression = one(TAG.compression, 1);
  const limit = expansionLimit(compression);
  if (limit === undefined) {
    throw unsupported(
      file.path,
      "no compression, LZW, deflate, PackBits or JPEG",
      `compression ${compressionName(compression)}`,
      "save it without compression",
    );
  }
  const planar = one(TAG.planarConfiguration, 1) === 2 && channels > 1;
  const tiled = page.entries.has(TAG.tileOffsets);
  const blockWidth = tiled ? one(TAG.tileWidth, 0) : width;
  const blockHeight = tiled
    ? one(TAG.tileHeight, 0)
    : Math.min(height, one(TAG.rowsPerStrip, height));
  const layout = {
    width,
    height,
    channels,
    sourceType,
    half,
    photometric,
    compression,
    predictor: one(TAG.predictor, 1),
    planar,
    blockWidth,
    blockHeight,
  };
  const sample = half ? 2 : sampleBytes(sourceType);
  const blocks = blockWidth > 0 && blockHeight > 0
    ? Math.ceil(width / blockWidth) * Math.ceil(height / blockHeight) * (planar ? channels : 1)
    : 0;
  const offsets = tagNumbers(file, page, tiled ? TAG.tileOffsets : TAG.stripOffsets) ?? [];
  const lengths = tagNumbers(file, page, tiled ? TAG.tileByteCounts : TAG.stripByteCounts) ??
    (offsets.length === 1 && compression === 1 ? [width * height * channels * sample] : []);
  if (blocks === 0 || offsets.length < blocks || lengths.length < blocks) {
    throw corrupt(
      file.path,
      `${blocks || "some"} blocks of pixels in ${where}`,
      `${Math.min(offsets.length, lengths.length)}`,
    );
  }
  let stored = 0;
  for (let i = 0; i < blocks; i++) {
    stored += lengths[i];
    const end = offsets[i] + lengths[i];
    if (!(end <= file.bytes.length)) throw cutShort(file, index, offsets[i], lengths[i]);
  }
  const claimed = width * height * channels * sample;
  if (!(claimed <= limit * stored)) {
    throw corrupt(
      file.path,
      `pixels for the ${width} x ${height} px of ${where}`,
      `${stored} bytes at byte ${offsets[0]}`,
    );
  }
  return { ...layout, offsets: offsets.slice(0, blocks), lengths: lengths.slice(0, blocks) };
}

/** The samples of a page: channels one after the other for a planar page, else interleaved. */
export async function readSamples(
  file: TiffFile,
  index: number,
  layout: PageLayout,
): Promise<SampleArray> {
  const { width, height, channels, sourceType, half, planar } = layout;
  const sample = half ? 2 : sampleBytes(sourceType);
  const step = planar ? 1 : channels; // samples of a pixel that lie together
  const pixelBytes = step * sample;
  const out = new Uint8Array(width * height * channels * sample);
  const decode = layout.compression === 1
    ? undefined
    : blockDecoder(layout.compression, tagBytes(file, file.pages[index], TAG.jpegTables));
  const across = Math.ceil(width / layout.blockWidth);
  const down = Math.ceil(height / layout.blockHeight);
  const isTiled = layout.blockWidth !== width || file.pages[index].entries.has(TAG.tileOffsets);
  for (let i = 0; i < layout.offsets.length; i++) {
    const plane = Math.floor(i / (across * down));
    const top = Math.floor(i / across) % down * layout.blockHeight;
    const left = i % across * layout.blockWidth;
    const rows = Math.min(layout.blockHeight, height - top);
    const columns = Math.min(layout.blockWidth, width - left);
    const [start, length] = [layout.offsets[i], layout.lengths[i]];
    let block = file.bytes.subarray(start, start + length);
    const blockRowBytes = layout.blockWidth * pixelBytes;
    const needed = (isTiled ? layout.blockHeight : rows) * blockRowBytes;
    if (decode !== undefined) {
      try {
        block = await decode(block, needed);
      } catch (error) {
        throw corrupt(
          file.path,
          `pixels of page ${index + 1} at byte ${start}`,
          "compressed data that cannot be expanded",
          error,
        );
      }
    }
    if (block.length < needed) {
      throw corrupt(
        file.path,
        `${needed} bytes of pixels of page ${index + 1} at byte ${start}`,
        `${block.length}`,
      );
    }
    // Row by row into place; differences are undone in a copy of the block.
    if (layout.predictor !== 1) block = undoPredictor(file, layout, block, step, sample);
    for (let y = 0; y < rows; y++) {
      const from = y * blockRowBytes;
      const to = ((plane * height + top + y) * width + left) * pixelBytes;
      out.set(block.subarray(from, from + columns * pixelBytes), to);
    }
  }
  if (!isMachineOrder(layout)) swapToMachineInPlace(out, sample, file.littleEndian);
  return half ? halfToFloat(out) : asSamples(out, sourceType);
}

/** One channel of a page's samples; the samples themselves where there is only one. */
export function channelOf(
  samples: SampleArray,
  layout: PageLayout,
  channel: number,
): SampleArray {
  const { channels, planar } = layout;
  if (channels === 1) return samples;
  const count = samples.length / channels;
  if (planar) return samples.slice(channel * count, (channel + 1) * count);
  const out = samples.slice(0, count);
  for (let i = 0; i < count; i++) out[i] = samples[i * channels + channel];
  return out;
}

/** Whether undoing the predictor or the decoder has already left the machine's byte order. */
function isMachineOrder(layout: PageLayout): boolean {
  return layout.predictor !== 1 || layout.compression === 7;
}

/** The rows of a block with the predictor undone, in the byte order of the machine. */
function undoPredictor(
  file: TiffFile,
  layout: PageLayout,
  block: Uint8Array,
  step: number,
  sample: number,
): Uint8Array {
  const own = block.slice();
  const rowSamples = layout.blockWidth * step;
  if (layout.predictor === 3 && (layout.sourceType === "float32" || sample === 8)) {
    undoFloatPredictorInPlace(own, rowSamples, sample, step);
    swapToMachineInPlace(own, sample, true);
    return own;
  }
  if (layout.predictor !== 2) {
    throw unsupported(
      file.path,
      "predictor 1, 2 or 3 (floating point)",
      `predictor ${layout.predictor} on ${layout.sourceType} samples`,
      "save it without compression",
    );
  }
  swapToMachineInPlace(own, sample, file.littleEndian);
  const arrays = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array } as const;
  const make = arrays[sample as keyof typeof arrays];
  const count = Math.floor(own.length / sample);
  undoDifferencesInPlace(new make(own.buffer, 0, count), rowSamples, step);
  return own;
}

function sampleTypeOf(
  file: TiffFile,
  page: TiffPage,
): { readonly sourceType: SampleType; readonly half: boolean } {
  const allBits = tagNumbers(file, page, TAG.bitsPerSample) ?? [1];
  const bits = allBits[0];
  const format = tagNumberOr(file, page, TAG.sampleFormat, 1);
  const type = allBits.every((b) => b === bits) ? SAMPLE_TYPES[`${format} ${bits}`] : undefined;
  if (type !== undefined) return { sourceType: type, half: format === 3 && bits === 16 };
  const kinds: Readonly<Record<number, string>> = {
    1: "unsigned integer",
    2: "signed integer",
    3: "floating point",
    5: "complex integer",
    6: "complex",
  };
  throw unsupported(
    file.path,
    "samples of 8, 16 or 32-bit integers or 32 or 64-bit floating point",
    `${allBits.join(", ")}-bit ${kinds[format] ?? `format ${format}`} samples`,
    "save it as 16-bit or 32-bit in ImageJ",
  );
}

/** Sample types by SampleFormat (4: undefined, taken as unsigned) and bits. */
const SAMPLE_TYPES: Readonly<Record<string, SampleType>> = {
  "1 8": "uint8",
  "1 16": "uint16",
  "1 32": "uint32",
  "2 8": "int8",
  "2 16": "int16",
  "2 32": "int32",
  "3 16": "float32",
  "3 32": "float32",
  "3 64": "float64",
  "4 8": "uint8",
  "4 16": "uint16",
  "4 32": "uint32",
};

function cutShort(file: TiffFile, index: number, start: number, length: number): AdatomError {
  return corrupt(
    file.path,
    `pixels of page ${index + 1} up to byte ${start + length}`,
    `a file that ends at byte ${file.bytes.length}`,
  );
}
