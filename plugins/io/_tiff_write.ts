/**
 * Writes TIFF files that ImageJ and tifffile read as stacks with a pixel size: little-endian, one
 * uncompressed strip a page, the same bytes for the same images.
 *
 * @module
 */
import type { Image, SampleType } from "@core";
import { toSamples } from "./_samples.ts";

const SAMPLE: Readonly<Record<SampleType, { bits: number; format: number }>> = {
  uint8: { bits: 8, format: 1 },
  uint16: { bits: 16, format: 1 },
  uint32: { bits: 32, format: 1 },
  int8: { bits: 8, format: 2 },
  int16: { bits: 16, format: 2 },
  int32: { bits: 32, format: 2 },
  float32: { bits: 32, format: 3 },
  float64: { bits: 64, format: 3 },
};

const SHORT = 3, LONG = 4, RATIONAL = 5, ASCII = 2;

/** Pixels per unit are written as a fraction over this. */
const RESOLUTION_BASE = 1_000_000;

type Entry = readonly [tag: number, type: number, values: readonly number[] | string];

/** The bytes of a TIFF file with one page an image; images of one size and type make an ImageJ stack. */
export function writeTiff(images: readonly Image[]): Uint8Array {
  const strips = images.map((image) => toSamples(image));
  const description = imagejDescription(images);
  const directories = images.map((image, page) =>
    directoryOf(image, page === 0 ? description : "")
  );
  let offset = 8;
  const places = directories.map((entries, page) => {
    const place = offset;
    offset += directorySize(entries);
    const strip = offset;
    offset += strips[page].length + strips[page].length % 2;
    return { place, strip };
  });
  const bytes = new Uint8Array(offset);
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, 42, 0]);
  view.setUint32(4, places[0].place, true);
  for (const [page, entries] of directories.entries()) {
    const { place, strip } = places[page];
    const next = page + 1 < places.length ? places[page + 1].place : 0;
    const filled = entries.map(([tag, type, values]): Entry =>
      tag === 273 ? [tag, type, [strip]] : tag === 279 ? [tag, type, [strips[page].length]] : [
        tag,
        type,
        values,
      ]
    );
    writeDirectory(view, place, filled, next);
    bytes.set(strips[page], strip);
  }
  return bytes;
}

function imagejDescription(images: readonly Image[]): string {
  const { pixelSize } = images[0];
  const unit = pixelSize === null ? [] : [`unit=${pixelSize.unit.replace(/[µμ]/, "\\u00B5")}`];
  const stack = images.length > 1
    ? [`images=${images.length}`, `frames=${images.length}`, "hyperstack=true", "mode=grayscale"]
    : [];
  return ["ImageJ=1.53t", ...stack, ...unit, "loop=false", ""].join("\n");
}

function directoryOf(image: Image, description: string): Entry[] {
  const { bits, format } = SAMPLE[image.sourceType];
  const size = image.pixelSize;
  const perUnit = (length: number) => {
    // as exact as 32 bits allow on both sides
    const base = Math.min(RESOLUTION_BASE, Math.floor(0xffffffff * Math.min(1, length)));
    return [Math.max(1, Math.round(base / length)), base];
  };
  return [
    [256, LONG, [image.width]],
    [257, LONG, [image.height]],
    [258, SHORT, [bits]],
    [259, SHORT, [1]],
    [262, SHORT, [1]],
    ...(description === "" ? [] : [[270, ASCII, description] as const]),
    [273, LONG, [0]],
    [277, SHORT, [1]],
    [278, LONG, [image.height]],
    [279, LONG, [0]],
    ...(size === null
      ? []
      : [[282, RATIONAL, perUnit(size.x)] as const, [283, RATIONAL, perUnit(size.y)] as const]),
    [296, SHORT, [1]],
    [339, SHORT, [format]],
  ];
}

function valueSize([, type, values]: Entry): number {
  if (typeof values === "string") return new TextEncoder().encode(values).length + 1;
  return type === SHORT ? 2 * values.length : 4 * values.length;
}

function directorySize(entries: readonly Entry[]): number {
  const outside = entries.map(valueSize).filter((size) => size > 4)
    .reduce((sum, size) => sum + size + size % 2, 0);
  return 2 + 12 * entries.length + 4 + outside;
}

function writeDirectory(
  view: DataView,
  place: number,
  entries: readonly Entry[],
  next: number,
): void {
  view.setUint16(place, entries.length, true);
  let outside = place + 2 + 12 * entries.length + 4;
  for (const [i, entry] of entries.entries()) {
    const [tag, type, values] = entry;
    const at = place + 2 + 12 * i;
    const size = valueSize(entry);
    const count = typeof values === "string" ? size : type === RATIONAL ? 1 : values.length;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, count, true);
    let to = at + 8;
    if (size > 4) {
      view.setUint32(at + 8, outside, true);
      to = outside;
      outside += size + size % 2;
    }
    if (typeof values === "string") {
      new Uint8Array(view.buffer).set(new TextEncoder().encode(values), to);
    } else {
      for (const value of values) {
        if (type === SHORT) view.setUint16(to, value, true);
        else view.setUint32(to, value, true);
        to += type === SHORT ? 2 : 4;
      }
    }
  }
  view.setUint32(place + 2 + 12 * entries.length, next, true);
}
