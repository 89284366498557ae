/**
 * Writes TIFF files that ImageJ and tifffile read as stacks with a pixel size: little-endian, one
 * uncompressed strip a page, no date, the same bytes for the same images.
 *
 * @module
 */
import type { Image, PixelSize, SampleType } from "@core";
import { unwritable } from "./_file_errors.ts";
import { pixelsToBytes, sampleBytes } from "./_samples.ts";
import { TAG } from "./_tiff_tags.ts";

const ASCII = 2, SHORT = 3, LONG = 4, RATIONAL = 5;

/** A tag with its numbers (two for a rational) or text. */
type Entry = readonly [tag: number, type: number, values: readonly number[] | string];

/**
 * A TIFF file with one page an image, all of one size.
 *
 * The pixels of all pages lie together, as ImageJ expects of stacks.
 * Images of different sample types are written as float32. Pixel size and number of images are in
 * ImageJ's description and the resolution tags.
 *
 * @throws AdatomError FORMAT_UNSUPPORTED for no images, images of different sizes, 4 GB and more
 */
export function writeTiff(images: readonly Image[]): Uint8Array<ArrayBuffer> {
  const type = commonType(images);
  const [{ width, height }] = images;
  const pageBytes = width * height * sampleBytes(type);
  // Directories first, so that a file cut short always lacks pixels, which readers notice.
  const first = directoryLength(entriesOf(images, type, 0, 0));
  const next = images.length > 1 ? directoryLength(entriesOf(images, type, 1, 0)) : 0;
  const pixels = 8 + first + (images.length - 1) * next;
  const total = pixels + images.length * pageBytes;
  if (total > 0xffffffff) {
    const gb = (total / 1e9).toFixed(1);
    throw unwritable(
      "a TIFF file",
      "less than 4 GB",
      `${gb} GB`,
      "write fewer images to one file, or NPY",
    );
  }
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, 42, 0]);
  view.setUint32(4, 8, true);
  for (let i = 0, at = 8; i < images.length; i++) {
    const end = at + (i === 0 ? first : next);
    const strip = pixels + i * pageBytes;
    writeDirectory(view, at, entriesOf(images, type, i, strip), i + 1 < images.length ? end : 0);
    bytes.set(pixelsToBytes(images[i].data, type), strip);
    at = end;
  }
  return bytes;
}

/** The sample type of all images, float32 where they differ. */
function commonType(images: readonly Image[]): SampleType {
  if (images.length === 0) {
    throw unwritable("a TIFF file", "at least one image", "none", "give one");
  }
  const [first] = images;
  const odd = images.find((image) => image.width !== first.width || image.height !== first.height);
  if (odd !== undefined) {
    throw unwritable(
      "a TIFF file",
      `images of one size (${first.width} x ${first.height} px)`,
      `one of ${odd.width} x ${odd.height} px`,
      "write them to separate files",
    );
  }
  return images.every((image) => image.sourceType === first.sourceType)
    ? first.sourceType
    : "float32";
}

/** The directory of a page, tags ascending. */
function entriesOf(
  images: readonly Image[],
  type: SampleType,
  index: number,
  strip: number,
): Entry[] {
  const { width, height } = images[0];
  const bits = 8 * sampleBytes(type);
  const format = type.startsWith("float") ? 3 : type.startsWith("int") ? 2 : 1;
  const { pixelSize } = images[index];
  const entries: Entry[] = [
    [TAG.newSubfileType, LONG, [0]],
    [TAG.width, LONG, [width]],
    [TAG.height, LONG, [height]],
    [TAG.bitsPerSample, SHORT, [bits]],
    [TAG.compression, SHORT, [1]],
    [TAG.photometric, SHORT, [1]],
  ];
  if (index === 0) entries.push([TAG.description, ASCII, imagejDescription(images)]);
  entries.push(
    [TAG.stripOffsets, LONG, [strip]],
    [TAG.samplesPerPixel, SHORT, [1]],
    [TAG.rowsPerStrip, LONG, [height]],
    [TAG.stripByteCounts, LONG, [width * height * bits / 8]],
    [TAG.xResolution, RATIONAL, perUnit(pixelSize?.x)],
    [TAG.yResolution, RATIONAL, perUnit(pixelSize?.y)],
    [TAG.resolutionUnit, SHORT, [1]],
    [TAG.sampleFormat, SHORT, [format]],
  );
  return entries;
}

/** What ImageJ reads: the number of images, the unit of the resolution, the display range. */
function imagejDescription(images: readonly Image[]): string {
  const lines = ["ImageJ=1.54f"];
  if (images.length > 1) lines.push(`images=${images.length}`, `frames=${images.length}`);
  if (images[0].pixelSize !== null) lines.push(`unit=${asciiUnit(images[0].pixelSize)}`);
  if (images.length > 1) lines.push("loop=false");
  const [low, high] = displayRange(images);
  if (low < high) lines.push(`min=${low}`, `max=${high}`);
  return `${lines.join("\n")}\n`;
}

/** The unit in 7 bits, as ImageJ escapes it: `\u00B5m`. */
function asciiUnit({ unit }: PixelSize): string {
  return unit.replace(
    /[^\x20-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
  );
}

function displayRange(images: readonly Image[]): [number, number] {
  let low = Infinity, high = -Infinity;
  for (const { data } of images) {
    for (let i = 0; i < data.length; i++) {
      const value = data[i];
      if (value < low && value !== -Infinity) low = value;
      if (value > high && value !== Infinity) high = value;
    }
  }
  return [low, high];
}

/** Pixels in one unit of length as a fraction: 1/1 without a pixel size. */
function perUnit(length: number | undefined): readonly [number, number] {
  if (length === undefined || !(length > 0) || !Number.isFinite(length)) return [1, 1];
  const [above, below] = fraction(length);
  return [below, above];
}

/**
 * The best fraction of 32-bit whole numbers for a positive number, by continued fractions; exact to
 * the last digit of a double for pixel sizes between 1e-4 and 1e4.
 */
function fraction(value: number): [number, number] {
  const limit = 0xffffffff;
  let [p0, q0, p1, q1] = [0, 1, 1, 0];
  let rest = value;
  for (let i = 0; i < 40; i++) {
    const whole = Math.floor(rest);
    const p2 = whole * p1 + p0, q2 = whole * q1 + q0;
    if (p2 > limit || q2 > limit) break;
    [p0, q0, p1, q1] = [p1, q1, p2, q2];
    if (p1 / q1 === value || rest === whole) break;
    rest = 1 / (rest - whole);
  }
  if (p1 === 0) return [1, limit];
  return q1 === 0 ? [limit, 1] : [p1, q1];
}

function valueLength([, type, values]: Entry): number {
  if (typeof values === "string") return values.length + 1;
  return values.length * (type === SHORT ? 2 : 4);
}

/** Bytes of a directory with the values that do not fit into its entries, an even number. */
function directoryLength(entries: readonly Entry[]): number {
  let length = 2 + 12 * entries.length + 4;
  for (const entry of entries) {
    const bytes = valueLength(entry);
    if (bytes > 4) length += bytes + bytes % 2;
  }
  return length;
}

function writeDirectory(view: DataView, at: number, entries: readonly Entry[], next: number): void {
  view.setUint16(at, entries.length, true);
  let far = at + 2 + 12 * entries.length + 4;
  entries.forEach((entry, i) => {
    const [tag, type, values] = entry;
    const field = at + 2 + 12 * i;
    const bytes = valueLength(entry);
    view.setUint16(field, tag, true);
    view.setUint16(field + 2, type, true);
    const count = type === RATIONAL ? values.length / 2 : type === ASCII ? bytes : values.length;
    view.setUint32(field + 4, count, true);
    let to = field + 8;
    if (bytes > 4) {
      view.setUint32(field + 8, far, true);
      to = far;
      far += bytes + bytes % 2;
    }
    for (let k = 0; k < values.length; k++) {
      const value = values[k];
      if (typeof value === "string") view.setUint8(to + k, value.charCodeAt(0));
      else if (type === SHORT) view.setUint16(to + 2 * k, value, true);
      else view.setUint32(to + 4 * k, value, true);
    }
  });
  view.setUint32(at + 2 + 12 * entries.length, next, true);
}
