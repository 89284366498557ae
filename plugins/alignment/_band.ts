/**
 * The band shared by the exposures to align.
 *
 * @module
 */
import type { Image } from "@core";
import {
  addSpectraInPlace,
  createSpectrumSet,
  type SharedBand,
  sharedBand,
  type SpectrumSet,
} from "@core/kernels";

/** Transforms all exposures and chooses the band; `report` is called after each transform. */
export function measureBand(
  images: readonly Image[],
  windowFraction: number,
  report: (fraction: number) => void,
): { readonly band: SharedBand; readonly set: SpectrumSet } {
  const set = createSpectrumSet(images[0].width, images[0].height, windowFraction);
  for (let e = 0; e < images.length; e += 2) {
    addSpectraInPlace(set, images[e].data, images[e + 1]?.data);
    report(Math.min(1, (e + 2) / images.length));
  }
  return { band: sharedBand(set), set };
}
