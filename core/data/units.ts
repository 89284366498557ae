/**
 * Pixel sizes and length units.
 *
 * @module
 */

/** The size of one pixel along x and y, with its unit as the file gave it (`nm`, `µm`, `Å` ...). */
export interface PixelSize {
  readonly x: number;
  readonly y: number;
  readonly unit: string;
}

const NM_PER_UNIT: Readonly<Record<string, number>> = {
  fm: 1e-6,
  pm: 1e-3,
  "å": 0.1,
  a: 0.1,
  ang: 0.1,
  angstrom: 0.1,
  angstroms: 0.1,
  nm: 1,
  nanometer: 1,
  nanometers: 1,
  um: 1e3,
  "µm": 1e3,
  "μm": 1e3,
  micron: 1e3,
  microns: 1e3,
  micrometer: 1e3,
  mm: 1e6,
  cm: 1e7,
  m: 1e9,
  meter: 1e9,
  inch: 2.54e7,
};

/** Nanometers in one unit of length, or `undefined` for a unit that is no length. */
export function nanometersPer(unit: string): number | undefined {
  return NM_PER_UNIT[unit.trim().toLowerCase()];
}

/** The pixel size in nm, or `undefined` without one or in a unit that is no length. */
export function pixelSizeNm(pixelSize: PixelSize | null): { x: number; y: number } | undefined {
  if (pixelSize === null) return undefined;
  const factor = nanometersPer(pixelSize.unit);
  return factor === undefined ? undefined : { x: pixelSize.x * factor, y: pixelSize.y * factor };
}

/** Whether two pixel sizes agree within a part in a thousand, or are both missing. */
export function samePixelSize(a: PixelSize | null, b: PixelSize | null): boolean {
  if (a === null || b === null) return a === b;
  const [p, q] = [pixelSizeNm(a) ?? a, pixelSizeNm(b) ?? b];
  const close = (u: number, v: number) => Math.abs(u - v) <= 1e-3 * Math.max(u, v);
  const comparable = (pixelSizeNm(a) === undefined) === (pixelSizeNm(b) === undefined);
  return comparable && close(p.x, q.x) && close(p.y, q.y);
}
