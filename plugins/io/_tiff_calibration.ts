/**
 * The pixel size in a TIFF file, from whichever of its writers left one.
 *
 * @module
 */
import { nanometersPer, type PixelSize } from "@core";
import type { TiffPage } from "./_tiff_read.ts";

/**
 * The pixel size of a page, or `null`: from DigitalMicrograph's tags 65003, 65009 and 65010, else from
 * OME-XML, else from ImageJ's description with the resolution, else from a resolution in inches or
 * centimeters that is no printer's default (a whole number of at most 1200 dots an inch).
 */
export function tiffPixelSize(page: TiffPage): PixelSize | null {
  const description = textOf(page.tag("ImageDescription"));
  return digitalMicrographSize(page) ?? omeSize(description) ?? imagejSize(page, description) ??
    resolutionSize(page, description);
}

/** The text of a description tag. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value.replace(/\0+$/, "") : "";
}

function digitalMicrographSize(page: TiffPage): PixelSize | null {
  const x = numberOf(page.tag(65009));
  if (x === undefined) return null;
  const y = numberOf(page.tag(65010)) ?? x;
  // micro in Latin-1, read as UTF-8, comes as the replacement character
  const unit = textOf(page.tag(65003)).replace(/^[\uFFFD\u00B5\u03BC]/, "µ").trim();
  // in stacks the second scale has been seen to be that of the third axis
  const isotropic = y > x / 2 && y < 2 * x ? y : x;
  return x > 0 && unit !== "" ? { x, y: isotropic, unit } : null;
}

function omeSize(description: string): PixelSize | null {
  if (!description.includes("<OME")) return null;
  const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(description)?.[1];
  const x = Number(attribute("PhysicalSizeX"));
  if (!(x > 0)) return null;
  const y = Number(attribute("PhysicalSizeY"));
  const unit = attribute("PhysicalSizeXUnit") ?? "µm";
  return { x, y: y > 0 ? y : x, unit: unit.replace("&#181;", "µ").replace("&#xB5;", "µ") };
}

function imagejSize(page: TiffPage, description: string): PixelSize | null {
  const unit = /^unit=(.*)$/m.exec(description)?.[1].trim().replace("\\u00B5", "µ");
  const perX = resolutionOf(page.tag("XResolution"));
  if (unit === undefined || perX === undefined) return null;
  const perY = resolutionOf(page.tag("YResolution")) ?? perX;
  if (nanometersPer(unit) === undefined && /^(pixels?|px)?$/i.test(unit)) return null;
  return { x: 1 / perX, y: 1 / perY, unit };
}

function resolutionSize(page: TiffPage, description: string): PixelSize | null {
  const unit = Number(page.tag("ResolutionUnit") ?? 2);
  const perX = resolutionOf(page.tag("XResolution"));
  if (description.startsWith("ImageJ=") || perX === undefined || (unit !== 2 && unit !== 3)) {
    return null;
  }
  const perInch = unit === 2 ? perX : perX * 2.54;
  const isPrinter = perInch <= 1200 && Math.abs(perInch - Math.round(perInch)) < 1e-6;
  if (isPrinter) return null;
  const perY = resolutionOf(page.tag("YResolution")) ?? perX;
  return { x: 1 / perX, y: 1 / perY, unit: unit === 2 ? "inch" : "cm" };
}

function resolutionOf(value: unknown): number | undefined {
  const [above, below] = value as ArrayLike<number> & Iterable<number> ?? [];
  const resolution = above / below;
  return Number.isFinite(resolution) && resolution > 0 ? resolution : undefined;
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === "number" ? value : (value as ArrayLike<number> | undefined)?.[0];
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
