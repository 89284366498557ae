/**
 * Refines peaks to columns: the center of mass in a soft window, without background.
 *
 * Use it where columns are no Gaussians, or for comparison with other work. Prefer
 * `refinement.gaussian` else: neighbors that are not symmetric pull a center of mass. Every peak gives a
 * row, in the order of the peaks.
 *
 * Input   image    Image, any intensity unit
 * Input   peaks    Peaks, n rows, x/y in px (center of the top-left pixel is 0, 0)
 * Output  columns  Columns, n rows; `height` and `volume` are those of a Gaussian with the column's mass
 *                  and second moments; `sigmaX` is the larger width and lies along `angle`
 *
 * Method
 * 1. Background: mean of the darkest fifth of the pixels around, slightly blurred.
 * 2. Center of mass weighted by a Gaussian window around the last one, until it moves less than 1e-4 px.
 *    The step is lengthened by what the window holds back.
 * 3. Second moments, corrected for the window; mass; noise from second differences of what Gaussians of
 *    these leave over; errors from it and the change of the sums with the center.
 *
 * Accuracy   noise-free 1e-4 px for a lone column; in a lattice whose columns are off by 0.4 px rms: 0.4,
 *            0.1, 0.05, 0.01 px rms at 3, 4, 5, 7 widths of spacing. Rms 1.1 to 1.7 times the
 *            Cramer-Rao bound, table at `CROSSING` in `auto.ts`. Widths come out 1 to 20 % narrow,
 *            the more the closer neighbors are
 * Cost       linear in the columns, about 0.1 ms each
 * Errors     TABLE_VALUE; no peaks are a warning
 *
 * @see Cheezum et al., Quantitative comparison of algorithms for tracking single fluorescent particles,
 * Biophysical Journal 81 (2001) 2378. https://doi.org/10.1016/S0006-3495(01)75884-5
 *
 * @module
 */
import { defineStage, type Stage } from "@core";
import { centerColumns } from "./_center_of_mass.ts";
import {
  brightPixels,
  columnRows,
  follow,
  INPUTS,
  markTwins,
  OUTPUTS,
  peakSpacing,
  POLARITY,
  requirePeaksInside,
  SPACING,
  warnOfNoPeaks,
} from "./_peak_rows.ts";

const ID = "refinement.center-of-mass";

/** Radius of the window in spacings; of a lone column in px. */
const WINDOW_SPACINGS = 0.5;
const WINDOW_ALONE = 6;

/** The window's standard deviation over its radius. */
const SOFT = 0.5;

const params = {
  polarity: POLARITY,
  spacing: SPACING,
  window: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 1.5,
    maximum: 1000,
    unit: "px",
    level: "advanced",
    description: "Radius of the soft window of a column, two standard deviations of its weights; " +
      "auto = 0.5 spacings, 6 px for a lone column",
  },
  passes: {
    type: "integer",
    default: 50,
    minimum: 1,
    maximum: 1000,
    level: "advanced",
    description: "Most passes over a column",
  },
} as const;

/** The stage `refinement.center-of-mass`. */
export const centerOfMass: Stage<typeof INPUTS, typeof OUTPUTS, typeof params> = defineStage({
  id: ID,
  version: "1.0.0",
  api: "^1.0",
  summary: "Refine peaks to columns: centers of mass in soft windows, without background",
  inputs: INPUTS,
  outputs: OUTPUTS,
  params,
  module: import.meta.url,
  run({ image, peaks }, { polarity, spacing: given, window: radius, passes }, context) {
    requirePeaksInside(peaks, image, ID);
    warnOfNoPeaks(peaks, context);
    const spacing = given === "auto" ? peakSpacing(peaks) : given;
    const auto = Number.isFinite(spacing) ? Math.max(1.5, WINDOW_SPACINGS * spacing) : WINDOW_ALONE;
    const window = radius === "auto" ? auto : radius;
    const { x, y } = peaks.columns;
    const data = brightPixels(image, polarity);
    const found = follow(
      centerColumns(data, image.width, image.height, x, y, SOFT * window, passes),
      context,
    );
    markTwins(found, x, y, spacing);
    context.chose({ spacing: Number.isFinite(spacing) ? spacing : "none", window });
    const columns = columnRows(found, image, spacing, polarity);
    context.progress(1);
    return { columns };
  },
});
