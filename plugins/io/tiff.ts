/**
 * TIFF: 8, 16 and 32-bit integers, 32 and 64-bit floating point, stacks, pixel sizes.
 *
 * Reads both byte orders, BigTIFF, strips and tiles, LZW, deflate, PackBits and JPEG; writes
 * little-endian, uncompressed, in the source sample type, as ImageJ and tifffile read stacks with a
 * pixel size.
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
import { corrupt, requireBytes } from "./_file_errors.ts";
import { type ColorSamples, type GrayPixels, grayPixels, warnOfColor } from "./_gray.ts";
import { losesDigits, type SampleArray, sampleBytes, toPixels } from "./_samples.ts";
import { readCalibration, type TiffCalibration } from "./_tiff_calibration.ts";
import { channelOf, type PageLayout, pageLayout, readSamples } from "./_tiff_read.ts";
import {
  isTiff,
  readDirectories,
  TAG,
  tagNumberOr,
  tagNumbers,
  type TiffFile,
} from "./_tiff_tags.ts";
import { writeTiff } from "./_tiff_write.ts";

/** The format. */
export const tiff: Writable<ImageFormat> = {
  id: "io.tiff",
  kind: "image",
  title: "TIFF",
  extensions: ["tif", "tiff"],
  recognizes: isTiff,
  read: readTiff,
  write: writeTiff,
};

/** Pixels of one image, before it has a name. */
interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
  readonly sourceType: SampleType;
}

async function readTiff(bytes: Uint8Array, context: FormatContext): Promise<Image[]> {
  requireBytes(bytes, context.path, "a TIFF file");
  const file = readDirectories(bytes, context.path);
  const warnings = oncePerFile(context);
  // Thumbnails and the lower levels of pyramids are marked as reduced.
  const isReduced = (index: number) =>
    (tagNumberOr(file, file.pages[index], TAG.newSubfileType, 0) & 1) === 1;
  const indices = file.pages.map((_, i) => i);
  const kept = indices.filter((i) => !isReduced(i));
  const chosen = kept.length > 0 ? kept : indices;
  const calibration = readCalibration(file, file.pages[chosen[0]]);
  const planes: Plane[] = [];
  let stored = 0;
  for (const index of chosen) {
    const layout = pageLayout(file, index);
    for (const length of layout.lengths) stored += 1 + length;
    // Pages of a whole file do not share their pixels; a crooked one could claim them many times.
    if (stored > 2 * bytes.length) {
      throw corrupt(context.path, "pixels of each page apart", `shared ones on page ${index + 1}`);
    }
    const lone = chosen.length === 1 ? hiddenPages(file, layout, calibration) : [layout];
    for (const page of lone) planes.push(...await planesOf(file, index, page, warnings));
  }
  if (calibration.channels > 1 && planes.length % calibration.channels === 0) {
    warnOfChannels(calibration.channels, warnings);
  }
  return planes.map((plane, i) => {
    const signed = calibration.signed16 && plane.sourceType === "uint16";
    if (signed) { for (let k = 0; k < plane.data.length; k++) plane.data[k] -= 32768; }
    const sourceType = signed ? "int16" : plane.sourceType;
    const name = pageName(context.name, i, planes.length);
    return createImage({ ...plane, sourceType, name, pixelSize: calibration.pixelSize });
  });
}

/** The name of an image: that of its file, with its number where there are several. */
function pageName(name: string, index: number, count: number): string {
  if (count === 1) return name;
  return `${name}_${String(index).padStart(String(count - 1).length, "0")}`;
}

/** The pages of a large ImageJ stack, whose pixels lie one after the other behind one directory. */
function hiddenPages(
  file: TiffFile,
  layout: PageLayout,
  { pages }: TiffCalibration,
): PageLayout[] {
  const page = layout.width * layout.height * layout.channels * sampleBytes(layout.sourceType);
  const inOne = layout.offsets.length === 1 && layout.compression === 1 && !layout.half;
  const fits = inOne && layout.offsets[0] + pages * page <= file.bytes.length;
  if (!fits || pages < 2) return [layout];
  return Array.from({ length: pages }, (_, i) => ({
    ...layout,
    offsets: [layout.offsets[0] + i * page],
    lengths: [page],
  }));
}

/** The gray images in a page: one, or one for each channel that is neither color nor opacity. */
async function planesOf(
  file: TiffFile,
  index: number,
  layout: PageLayout,
  context: FormatContext,
): Promise<Plane[]> {
  const { width, height, channels, photometric, sourceType } = layout;
  const samples = await readSamples(file, index, layout);
  if (losesDigits(samples)) {
    context.warn(
      "VALUES_ROUNDED",
      `"${context.path}" has values above 16777216, which are rounded to 24 bits`,
    );
  }
  if (photometric === 3 && channels === 1 && samples instanceof Uint8Array) {
    const { data, color } = paletteGray(file, index, samples, context);
    return [{ width, height, sourceType: color ? "float32" : sourceType, data }];
  }
  if (photometric === 2 && channels >= 3) {
    const { data, color } = colorGray(samples, layout, context);
    return [{ width, height, sourceType: color ? "float32" : sourceType, data }];
  }
  if (photometric === 0) {
    context.warn(
      "WHITE_IS_ZERO",
      `"${context.path}" shows 0 as white: its values are kept as they are`,
    );
  }
  const opacity = (tagNumbers(file, file.pages[index], TAG.extraSamples) ?? [])
    .filter((kind) => kind === 1 || kind === 2).length;
  const gray = Math.max(1, channels - opacity);
  if (gray > 1) warnOfChannels(gray, context);
  return Array.from({ length: gray }, (_, channel) => {
    const data = toPixels(channelOf(samples, layout, channel));
    return { width, height, sourceType, data };
  });
}

function colorGray(samples: SampleArray, layout: PageLayout, context: FormatContext): GrayPixels {
  let { channels } = layout;
  let data = samples;
  if (layout.planar) {
    const count = samples.length / channels;
    data = samples.slice(0, 3 * count);
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < 3; c++) data[3 * i + c] = samples[c * count + i];
    }
    channels = 3;
  }
  return grayPixels({ channels, data: data as ColorSamples["data"] }, context);
}

/**
 * Palette pixels: their numbers where ImageJ wrote them (its palettes only color the display), else
 * the luma of their colors.
 */
function paletteGray(
  file: TiffFile,
  index: number,
  samples: Uint8Array,
  context: FormatContext,
): GrayPixels {
  const map = tagNumbers(file, file.pages[index], TAG.colorMap) ?? [];
  if (isImageJ(file) || map.length < 768) return { data: toPixels(samples), color: false };
  const colors = new Float32Array(768);
  for (let i = 0; i < 256; i++) {
    for (let c = 0; c < 3; c++) colors[3 * i + c] = map[c * 256 + i] >> 8;
  }
  const lumas = grayPixels({ channels: 3, data: colors }, { path: "", warn: () => {} }).data;
  const data = new Float32Array(samples.length);
  let color = false;
  for (let i = 0; i < samples.length; i++) {
    const at = samples[i];
    data[i] = lumas[at];
    color ||= colors[3 * at] !== colors[3 * at + 1] || colors[3 * at] !== colors[3 * at + 2];
  }
  if (color) warnOfColor(context);
  return { data, color };
}

function isImageJ(file: TiffFile): boolean {
  const entry = file.pages[0].entries.get(TAG.description)?.[0];
  if (entry === undefined) return false;
  const head = file.bytes.slice(entry.offset, entry.offset + 7);
  return new TextDecoder().decode(head) === "ImageJ=";
}

function warnOfChannels(channels: number, context: FormatContext): void {
  context.warn(
    "MULTI_CHANNEL",
    `"${context.path}" holds ${channels} channels: each is read as an image of its own, channels ` +
      "in turn; split them first if they are not exposures of one signal",
  );
}

/** The context, with every warning given once for all pages. */
function oncePerFile(context: FormatContext): FormatContext {
  const given = new Set<string>();
  return {
    name: context.name,
    path: context.path,
    warn: (code, message) => {
      if (given.has(code)) return;
      given.add(code);
      context.warn(code, message);
    },
  };
}
