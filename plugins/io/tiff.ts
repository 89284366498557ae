/**
 * TIFF: 8, 16 and 32-bit integers, 32 and 64-bit floating point, stacks, pixel sizes.
 *
 * Reads both byte orders, strips and tiles, LZW, deflate and PackBits, BigTIFF; writes little-endian,
 * uncompressed, in the source sample type, as ImageJ and tifffile read stacks with a pixel size.
 *
 * @module
 */
import {
  createImage,
  type FormatContext,
  type Image,
  type ImageFormat,
  type SampleType,
  type Writable,
} from "@core";
import { COLOR_WARNING, toGray } from "./_gray.ts";
import { briefly, corruptFile, unsupportedFile } from "./_read_errors.ts";
import { tiffPixelSize } from "./_tiff_calibration.ts";
import type { TiffPage } from "./_tiff_read.ts";
import { writeTiff } from "./_tiff_write.ts";

/** The format. */
export const tiff: Writable<ImageFormat> = {
  id: "io.tiff",
  kind: "image",
  title: "TIFF",
  extensions: ["tif", "tiff"],
  recognizes: (head) =>
    (head[0] === 0x49 && head[1] === 0x49 && (head[2] === 42 || head[2] === 43) && head[3] === 0) ||
    (head[0] === 0x4d && head[1] === 0x4d && head[2] === 0 && (head[3] === 42 || head[3] === 43)),
  async read(bytes, context) {
    const { readTiffPages } = await import("./_tiff_read.ts");
    let pages: TiffPage[];
    try {
      pages = await readTiffPages(bytes);
    } catch (error) {
      throw corruptFile(context, "TIFF", briefly(error), error);
    }
    if (pages.length === 0) throw corruptFile(context, "TIFF", "no image in it");
    const digits = String(pages.length - 1).length;
    return pages.map((page, i) => {
      const name = pages.length === 1
        ? context.name
        : `${context.name}_${String(i).padStart(digits, "0")}`;
      return imageOf(page, name, pages[0], context);
    });
  },
  write: writeTiff,
};

function imageOf(page: TiffPage, name: string, first: TiffPage, context: FormatContext): Image {
  const { width, height, channels } = page;
  if (page.photometric === 3) {
    const hint = "save it as gray or RGB";
    throw unsupportedFile(context, "gray or RGB pixels", "a palette", hint);
  }
  const gray = page.photometric === 2 ? toGray(page.samples, width * height, channels) : undefined;
  if (gray === undefined && channels > 1) {
    context.warn("FIRST_CHANNEL", `of ${channels} channels only the first is read`);
  }
  if (gray?.colored) context.warn("COLOR_TO_GRAY", COLOR_WARNING);
  const { data } = gray ?? toGray(page.samples, width * height, Math.min(channels, 1) * channels);
  if (page.photometric === 0 && page.format !== 3) {
    const white = 2 ** page.bits - 1;
    for (let i = 0; i < data.length; i++) data[i] = white - data[i];
  }
  const sourceType = sampleTypeOf(page, gray?.colored ?? false);
  if (sourceType === undefined) {
    const got = `${page.bits}-bit samples of format ${page.format}`;
    const expected = "8, 16 or 32-bit integers or 32 or 64-bit floating point";
    throw unsupportedFile(context, expected, got, "save it as one of these");
  }
  const pixelSize = tiffPixelSize(page) ?? tiffPixelSize(first);
  return createImage({ name, width, height, data, sourceType, pixelSize });
}

function sampleTypeOf({ bits, format }: TiffPage, mixed: boolean): SampleType | undefined {
  if (mixed || (format === 3 && bits === 16)) return "float32";
  const kind = format === 3 ? "float" : format === 2 ? "int" : "uint";
  const name = `${kind}${bits < 8 ? 8 : bits}`;
  const known: readonly string[] = [
    "uint8",
    "uint16",
    "uint32",
    "int8",
    "int16",
    "int32",
    "float32",
    "float64",
  ];
  return known.includes(name) ? name as SampleType : undefined;
}
