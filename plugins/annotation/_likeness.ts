/**
 * How alike exposures look to a person.
 *
 * @module
 */
import type { Image } from "@core";
import {
  addSpectraInPlace,
  braggPower,
  type Correlator,
  createCorrelator,
  createSpectrumSet,
  factorInPlace,
  refineExtremum,
  searchNear,
  setPair,
  sharedBand,
  solveInPlace,
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
  /**
   * How much of the lattice's contrast the blur of the second exposure leaves, over what that of the first
   * leaves, in the direction in which they differ most; 1 without Bragg peaks.
   */
  readonly focusRatio: number;
}

/** Exposures made ready for comparison. */
export interface Looks {
  readonly correlator: Correlator;
  readonly dose: Float64Array;
  readonly contrast: Float64Array;
  /** Frequencies of the Bragg peaks, and the powers of each exposure's above the noise, in noises. */
  readonly fx: Float64Array;
  readonly fy: Float64Array;
  readonly power: readonly Float64Array[];
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
    fx: band.bragg.fx,
    fy: band.bragg.fy,
    power: images.map((_, e) => {
      const power = new Float64Array(band.bragg.length);
      braggPower(set, band.bragg, e, power);
      return power;
    }),
  };
}

/** Compares two exposures, at the best of all shifts by less than the cropping leaves. */
export function compareLooks(looks: Looks, i: number, j: number): Likeness {
  const { correlator, dose, contrast } = looks;
  setPair(correlator, i, j);
  const near = searchNear(correlator, 0, 0, RESIDUAL_SHIFT, false);
  const best = refineExtremum(correlator, near.x, near.y, RESIDUAL_SHIFT, 1);
  return {
    correlation: Math.min(1, Math.max(near.value, best.value)),
    doseRatio: ratio(dose[j], dose[i]),
    contrastRatio: ratio(contrast[j], contrast[i]),
    focusRatio: focusRatio(looks, i, j),
  };
}

/** A Bragg peak is seen at this many times the noise. */
const CLEAR = 20;
/** Amplitudes of peaks are trusted to this share: shapes of columns are not exactly Gaussian. */
const AMPLITUDE_ERROR = 0.03;
/** Blur that the peaks say nothing about is held at 0 by a prior this wide, px^2. */
const PRIOR = 3;

/**
 * Compares the blur of two exposures by how much faster one's Bragg peaks fade with frequency.
 *
 * Half the logarithm of a peak's ratio of powers is c - 2 pi^2 f' D f, with D the difference of the squared
 * widths (a symmetric matrix: focus and astigmatism), found by weighted least squares.
 */
function focusRatio({ fx, fy, power }: Looks, i: number, j: number): number {
  const normal = new Float64Array(16), right = new Float64Array(4), row = new Float64Array(4);
  let seen = 0, moment = 0, total = 0;
  for (let p = 0; p < fx.length; p++) {
    const a = power[i][p], b = power[j][p];
    if (!(a > CLEAR && b > CLEAR)) continue;
    seen++;
    total += Math.sqrt(a * b);
    moment += Math.sqrt(a * b) * (fx[p] ** 2 + fy[p] ** 2);
    const k = -2 * Math.PI * Math.PI;
    row.set([1, k * fx[p] ** 2, 2 * k * fx[p] * fy[p], k * fy[p] ** 2]);
    const variance = (2 * a + 25) / (4 * a * a) + (2 * b + 25) / (4 * b * b) + AMPLITUDE_ERROR ** 2;
    for (let r = 0; r < 4; r++) {
      for (let c = 0; c < 4; c++) normal[4 * r + c] += row[r] * row[c] / variance;
      right[r] += row[r] * Math.log(b / a) / 2 / variance;
    }
  }
  if (seen < 2) return 1;
  for (let r = 1; r < 4; r++) normal[5 * r] += 1 / (PRIOR * PRIOR);
  const scale = new Float64Array(4);
  if (!factorInPlace(normal, 4, 4, scale)) return 1;
  solveInPlace(normal, 4, 4, scale, right, 0);
  const [, xx, xy, yy] = right;
  const mean = (xx + yy) / 2, half = Math.hypot((xx - yy) / 2, xy);
  const largest = mean >= 0 ? mean + half : mean - half;
  return Math.exp(-2 * Math.PI * Math.PI * largest * moment / total);
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
