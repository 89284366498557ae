/**
 * How alike exposures look to a person.
 *
 * @module
 */
import type { Image } from "@core";
import {
  addSpectraInPlace,
  type Correlator,
  createCorrelator,
  createSpectrumSet,
  refineExtremum,
  searchNear,
  setPair,
  sharedBand,
} from "@core/kernels";

/** A pair of exposures beside each other. */
export interface Likeness {
  /**
   * Normalized correlation at the scale that is visible, with the part of the noise taken away: 1 for
   * two exposures that differ by noise only.
   */
  readonly correlation: number;
  /** Mean pixel of the second over that of the first. */
  readonly doseRatio: number;
  /** Strength of what is visible in the second over that in the first. */
  readonly contrastRatio: number;
}

/** Exposures made ready for comparison. */
export interface Looks {
  readonly correlator: Correlator;
  readonly dose: Float64Array;
  readonly contrast: Float64Array;
}

/** Edges fade out over this share of the image, so that a person's borders count for little too. */
const WINDOW = 0.25;
/** Whole-pixel windows leave up to a pixel between exposures along each axis. */
const RESIDUAL_SHIFT = 1.5;

/** Makes exposures ready for comparison; `report` is called after each transform. */
export function lookAt(images: readonly Image[], report: (fraction: number) => void): Looks {
  const set = createSpectrumSet(images[0].width, images[0].height, WINDOW);
  for (let e = 0; e < images.length; e += 2) {
    addSpectraInPlace(set, images[e].data, images[e + 1]?.data);
    report(Math.min(1, (e + 2) / images.length));
  }
  const band = sharedBand(set);
  return {
    correlator: createCorrelator(band),
    dose: Float64Array.from(images, meanPixel),
    contrast: band.contrast,
  };
}

/** Compares two exposures, at the best of all shifts by less than the cropping leaves. */
export function compareLooks(
  { correlator, dose, contrast }: Looks,
  i: number,
  j: number,
): Likeness {
  setPair(correlator, i, j);
  const near = searchNear(correlator, 0, 0, RESIDUAL_SHIFT, false);
  const best = refineExtremum(correlator, near.x, near.y, RESIDUAL_SHIFT, 1);
  return {
    correlation: Math.min(1, Math.max(near.value, best.value)),
    doseRatio: ratio(dose[j], dose[i]),
    contrastRatio: ratio(contrast[j], contrast[i]),
  };
}

/** 1 for two zeros, and never infinite. */
function ratio(a: number, b: number): number {
  return a === b ? 1 : b === 0 ? 0 : a / b;
}

function meanPixel({ data }: Image): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i];
  return sum / data.length;
}
