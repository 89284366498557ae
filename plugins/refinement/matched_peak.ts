/**
 * Refines peaks to columns by a matched filter: the best place of one template, alike for all columns.
 *
 * Use it where counts are few: a column has little more than its two coordinates to find. Prefer
 * `refinement.gaussian` where columns have widths of their own, or where errors of height and width,
 * covariances or goodness of fit are wanted. Every peak gives a row, in the order of the peaks.
 *
 * Input   image    Image, any intensity unit
 * Input   peaks    Peaks, n rows, x/y in px (center of the top-left pixel is 0, 0)
 * Output  columns  Columns, n rows; `height` is positive for dark columns too; `sigmaX` = `sigmaY` is the
 *                  width of all columns, and with few counts that of the mean column around the starts
 *
 * Method
 * 1. Width, height and background of the mean column around the starts.
 * 2. From each start to the nearest maximum of the filtered image, first with wider templates. The
 *    light of all other columns and the background (what is left over, blurred widely) are taken away,
 *    pixels weighted by 1 / variance. For a lone column in even noise this is the maximum of the image
 *    blurred with a Gaussian of its width, between pixels without interpolation.
 * 3. Heights drawn together as far as noise explains how they differ; background, mean height and, from
 *    a signal-to-noise ratio of 2.5 on, width by least squares for the places found; noise from second
 *    differences of what is left over; again until places settle.
 * 4. Errors from the noise and the curvature of the filtered image.
 *
 * Accuracy   rms 0.96 to 1.09 times the Cramer-Rao bound for 2 counts on 1 and more, table at `CROSSING` in
 *            `auto.ts`; below the bound where a wide mean column draws columns toward the middle
 *            between their neighbors; noise-free 1e-5 px from 4 widths of spacing on, 0.1 px at 3.
 *            Stated errors are up to 17 % too small below a signal-to-noise ratio of 2, 12 % below 3, 5 % above
 * Cost       linear in the columns, about 0.5 ms each
 * Errors     TABLE_VALUE; no peaks are a warning
 *
 * @see Lindeberg, Feature detection with automatic scale selection, International Journal of Computer
 * Vision 30 (1998) 79. https://doi.org/10.1023/A:1008045108935
 *
 * @module
 */
import { defineStage, type Stage } from "@core";
import { matchColumns } from "./_matched_peak.ts";
import {
  brightPixels,
  columnRows,
  follow,
  INPUTS,
  OUTPUTS,
  peakSpacing,
  POLARITY,
  requirePeaksInside,
  SPACING,
  warnOfNoPeaks,
} from "./_peak_rows.ts";

const ID = "refinement.matched-peak";

const params = {
  polarity: POLARITY,
  spacing: SPACING,
  sigma: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 0.5,
    maximum: 60,
    unit: "px",
    level: "advanced",
    description: "Width of all columns; auto = from the image",
  },
} as const;

/** The stage `refinement.matched-peak`. */
export const matchedPeak: Stage<typeof INPUTS, typeof OUTPUTS, typeof params> = defineStage({
  id: ID,
  version: "1.0.0",
  api: "^1.0",
  summary: "Refine peaks to columns by a matched filter, best where counts are few",
  inputs: INPUTS,
  outputs: OUTPUTS,
  params,
  module: import.meta.url,
  run({ image, peaks }, { polarity, spacing: given, sigma }, context) {
    requirePeaksInside(peaks, image, ID);
    warnOfNoPeaks(peaks, context);
    const spacing = given === "auto" ? peakSpacing(peaks) : given;
    const { x, y } = peaks.columns;
    const data = brightPixels(image, polarity);
    const found = follow(
      matchColumns(data, image.width, image.height, x, y, { spacing, sigma }),
      context,
    );
    context.chose({
      spacing: Number.isFinite(spacing) ? spacing : "none",
      sigma: found.sigma,
      signalToNoise: found.snr,
    });
    const width = new Float64Array(x.length).fill(found.sigma);
    const shape = { sigmaX: width, sigmaY: width.slice(), angle: new Float64Array(x.length) };
    const columns = columnRows({ ...found, ...shape }, image, spacing, polarity);
    context.progress(1);
    return { columns };
  },
});
