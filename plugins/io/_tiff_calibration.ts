/**
 * What writers of TIFF files say of the pixels: their size, and how pages form a stack.
 *
 * @module
 */
import type { PixelSize } from "@core";
import { TAG, tagNumberOr, tagTexts, type TiffFile, type TiffPage } from "./_tiff_tags.ts";

/** What the descriptions of a file's first page say. */
export interface TiffCalibration {
  readonly pixelSize: PixelSize | null;
  /** Number of channels of a hyperstack, which alternate with the pages. */
  readonly channels: number;
  /** Pages of an ImageJ stack, which may lie behind one directory. */
  readonly pages: number;
  /** ImageJ keeps signed 16-bit pixels as unsigned ones, 32768 higher. */
  readonly signed16: boolean;
}

/**
 * Resolutions in inches or centimeters that give larger pixels than this are meant for print or
 * screen (72, 96, 300 dpi ...): a micrograph of 10 µm a pixel shows no specimen of ours.
 */
const LARGEST_PIXEL_UM = 10;

/**
 * Reads the calibration of a page.
 *
 * Pixel sizes come, in this order, from DigitalMicrograph's tags 65003, 65009 and 65010, from
 * OME-XML, from ImageJ's description with the resolution tags, and from resolutions in inches or
 * centimeters of at most 10 µm a pixel.
 */
export function readCalibration(file: TiffFile, page: TiffPage): TiffCalibration {
  const descriptions = tagTexts(file, page, TAG.description);
  const imagej = descriptions.find((text) => text.startsWith("ImageJ="));
  const ome = descriptions.find((text) => /<OME[\s>:]|<ome:OME/.test(text));
  const perPixel = resolution(file, page);
  const pixelSize = digitalMicrographSize(file, page) ??
    (ome === undefined ? null : omeSize(ome)) ??
    (imagej === undefined ? printSize(file, page, perPixel) : imagejSize(imagej, perPixel));
  const field = (name: string) => imagejField(imagej ?? "", name);
  const omeChannels = Number(/<(?:\w+:)?Pixels\b[^>]*\bSizeC="(\d+)"/.exec(ome ?? "")?.[1] ?? 1);
  return {
    pixelSize,
    channels: Math.max(1, Number(field("channels") ?? 1) || 1, omeChannels || 1),
    pages: Number(field("images") ?? 1) || 1,
    signed16: field("cf") === "0" && Number(field("c0")) === -32768 && Number(field("c1")) === 1,
  };
}

/** A length unit as we write it, or `undefined` where it is no unit. */
function cleanUnit(text: string): string | undefined {
  const unit = text
    .replace(/\\u([0-9a-fA-F]{4})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
    .replace(/&#x([0-9a-fA-F]{1,5});/g, (_, hex) => String.fromCodePoint(parseInt(hex, 16)))
    .replace(/&#(\d{1,6});/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace("\u03bc", "µ")
    .replace("\u212b", "Å")
    .trim();
  return /^(|pixels?|px|reference frame|inch\(es\)|<unknown>)$/i.test(unit) ? undefined : unit;
}

function sizeOf(x: number, y: number, unitText: string): PixelSize | null {
  const unit = cleanUnit(unitText);
  if (unit === undefined || !(x > 0) || !Number.isFinite(x)) return null;
  return { x, y: y > 0 && Number.isFinite(y) ? y : x, unit };
}

function digitalMicrographSize(file: TiffFile, page: TiffPage): PixelSize | null {
  const x = tagNumberOr(file, page, TAG.dmScaleX, NaN);
  const y = tagNumberOr(file, page, TAG.dmScaleY, NaN);
  const unit = tagTexts(file, page, TAG.dmUnitX)[0] ?? "";
  // In stacks the second scale has been seen to belong to another axis.
  return sizeOf(x, y > x / 2 && y < 2 * x ? y : x, unit);
}

function omeSize(xml: string): PixelSize | null {
  const pixels = /<(?:\w+:)?Pixels\b[^>]*>/.exec(xml)?.[0] ?? "";
  const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(pixels)?.[1];
  const x = Number(attribute("PhysicalSizeX"));
  const y = Number(attribute("PhysicalSizeY"));
  return sizeOf(x, y, attribute("PhysicalSizeXUnit") ?? "µm");
}

function imagejSize(description: string, perUnit: Resolution): PixelSize | null {
  return sizeOf(1 / perUnit.x, 1 / perUnit.y, imagejField(description, "unit") ?? "");
}

function printSize(file: TiffFile, page: TiffPage, perUnit: Resolution): PixelSize | null {
  const unit = tagNumberOr(file, page, TAG.resolutionUnit, 2);
  if (unit !== 2 && unit !== 3) return null;
  const [x, y] = [1 / perUnit.x, 1 / perUnit.y];
  const micrometers = x * (unit === 2 ? 25400 : 10000);
  return micrometers > LARGEST_PIXEL_UM ? null : sizeOf(x, y, unit === 2 ? "inch" : "cm");
}

/** Pixels in one unit of length. */
interface Resolution {
  readonly x: number;
  readonly y: number;
}

function resolution(file: TiffFile, page: TiffPage): Resolution {
  const x = tagNumberOr(file, page, TAG.xResolution, NaN);
  return { x, y: tagNumberOr(file, page, TAG.yResolution, x) };
}

/** The value of a line `name=value` of ImageJ's description. */
function imagejField(description: string, name: string): string | undefined {
  for (const line of description.split(/\r?\n/)) {
    if (line.startsWith(`${name}=`)) return line.slice(name.length + 1).trim();
  }
  return undefined;
}
