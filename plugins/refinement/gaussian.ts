/**
 * Refines peaks to columns: a Gaussian with background fitted to each, all of them jointly.
 *
 * Use it after any peak finder, at any spacing above about 2.5 widths. Peaks may be off by 0.3
 * spacings. Every peak gives a row, in the order of the peaks; what is doubtful is its status.
 *
 * Input   image       Image, any intensity unit
 * Input   peaks       Peaks, n rows, x/y in px (center of the top-left pixel is 0, 0)
 * Output  columns     Columns, n rows; `height` is positive for dark columns too, `sigmaX` is the larger
 *                     width and lies along `angle` (from x toward y). More columns: errors of all
 *                     numbers, `covXY`, `boundX` and `boundY` (the Cramer-Rao bound: errors for the
 *                     noise alone, without misfit), `fwhmX`, `fwhmY`, `ellipticity`, `chiSquare` (about
 *                     1 for a good fit), `spacing` (distance to the nearest column)
 * Output  covariance  Table, n rows: `xX`, `xY`, `xHeight` ... for each pair of numbers of a row
 *
 * Method
 * 1. Centering: each column alone, with a fixed round shape in a small window.
 * 2. Columns that overlap: one width for all of a sublattice and one background under all; everything at
 *    once by Gauss-Newton steps (heights, places, widths, background), damped where a step would make
 *    the picture less likely. Columns just beyond the border, where a lattice says they are, shine
 *    too, about as bright as those inside.
 * 3. Others, or where backgrounds differ: sweeps, one step a column with the model of all others taken
 *    away; own shapes; own backgrounds, drawn toward the plane of those around as firmly as these agree.
 * 4. Noise: variance against expected counts, from second differences of what is left over. Counts
 *    are weighted by 1 / model (Fisher scoring, which ends at the maximum likelihood). Where much more
 *    is left over than noise, as by jitter of the scan, all pixels are weighted alike.
 *    Model: a shared width when columns lie closer than 4 widths or their own widths would be uncertain
 *    by more than 12 %, an ellipse for each otherwise.
 * 5. Covariance from the normal matrix of each column and its neighbors, with the misfit where there is
 *    one. Shared widths are made good for the error of places, around which columns look narrower.
 *    Errors hold for noise that is independent from pixel to pixel.
 * 6. Where everything was fitted at once and places are uncertain by more than 6 % of the width, the
 *    fitted picture is drawn with new noise and fitted again, up to four times: errors grow, and the shared
 *    width changes, by what these show (`_calibration.ts`; `inflation` in the record).
 *
 * A peak that ends at another's column is told as that column with the status `overlap`.
 *
 * Accuracy   noise-free 1e-6 px; rms 0.99 to 1.10 times the Cramer-Rao bound at spacings of 3 widths and
 *            more and 3 counts and more; stated variances right to a tenth; widths unbiased to 1 %, of
 *            one picture of 5 000 columns mostly within 0.5 %, at both limits at once within 3 %, where
 *            the stated error of the shared width is a third of the true one, see
 *            benchmarks/refinement_limit_bench.ts
 * Cost       linear in the columns: 0.1 ms each, 0.5 ms where they overlap, 1 to 2 ms with step 6
 * Errors     TABLE_VALUE; no peaks are a warning
 *
 * @see De Backer et al., StatSTEM: an efficient approach for accurate and precise model-based
 * quantification of atomic resolution electron microscopy images, Ultramicroscopy 171 (2016) 104.
 * https://doi.org/10.1016/j.ultramic.2016.08.018
 *
 * @module
 */
import { defineStage, selectValues, type Stage } from "@core";
import { calibrate } from "./_calibration.ts";
import { columnTables, COVARIANCE_UNITS } from "./_column_table.ts";
import { sharedSigma } from "./_fit_state.ts";
import { createFit, type FitSettings, spatialOrder } from "./_create_fit.ts";
import { fitColumns } from "./_joint_fit.ts";
import {
  follow,
  INPUTS,
  peakSpacing,
  POLARITY,
  requirePeaksInside,
  warnOfNoPeaks,
} from "./_peak_rows.ts";
import { precisionOf } from "./_precision.ts";

const ID = "refinement.gaussian";

const outputs = {
  columns: { kind: "columns", description: "One row a peak, in the order of the peaks" },
  covariance: {
    kind: "table",
    columns: COVARIANCE_UNITS,
    description: "Covariance of each row's numbers: variances and, for each pair, covariance",
  },
} as const;

const params = {
  polarity: POLARITY,
  model: {
    type: "string",
    enum: ["auto", "elliptical", "circular", "shared", "shared-ellipse"],
    default: "auto",
    description: "Shape of a column: an ellipse or a circle of its own, one circle for all of a " +
      "sublattice, or one ellipse for all; auto = shared where columns overlap or counts are few, " +
      "elliptical otherwise",
  },
  pixels: {
    type: "string",
    enum: ["point", "integrated"],
    default: "point",
    level: "advanced",
    description:
      "What a pixel holds: the brightness at its center, as where a probe stops, or the " +
      "mean over its area, as of a camera or after binning (widths from 0.7 px)",
  },
  noise: {
    type: "string",
    enum: ["auto", "poisson", "gaussian"],
    default: "auto",
    level: "advanced",
    description: "Noise of the pixels: poisson = variance in proportion to the mean, gaussian = " +
      "alike everywhere; auto = as measured",
  },
  background: {
    type: "string",
    enum: ["auto", "common", "constant", "slope"],
    default: "auto",
    level: "advanced",
    description: "Background under the columns: one number for all, one for each, or a plane for " +
      "each; auto = common where it is seen beside the columns or theirs agree, constant otherwise",
  },
  spacing: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 1,
    maximum: 10_000,
    unit: "px",
    description: "Typical distance of neighbors; auto = median nearest-neighbor distance of peaks",
  },
  window: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 1.5,
    maximum: 1000,
    unit: "px",
    level: "advanced",
    description: "Radius of the window of a column; auto = 3 widths, at most 0.8 spacings",
  },
  sweeps: {
    type: "integer",
    default: 20,
    minimum: 1,
    maximum: 200,
    level: "advanced",
    description: "Most sweeps over all columns before the noise is measured again",
  },
} as const;

/** The stage `refinement.gaussian`. */
export const gaussian: Stage<typeof INPUTS, typeof outputs, typeof params> = defineStage({
  id: ID,
  version: "1.3.0",
  api: "^1.0",
  summary: "Refine peaks to columns: Gaussians with background, fitted jointly, with errors",
  inputs: INPUTS,
  outputs,
  params,
  module: import.meta.url,
  run({ image, peaks }, given, context) {
    requirePeaksInside(peaks, image, ID);
    warnOfNoPeaks(peaks, context);
    const spacing = given.spacing === "auto" ? peakSpacing(peaks) : given.spacing;
    const settings: FitSettings = {
      dark: given.polarity === "dark",
      model: given.model,
      noise: given.noise,
      background: given.background,
      window: given.window,
      spacing,
      spacingKnown: given.spacing !== "auto",
      sweeps: given.sweeps,
    };
    const order = spatialOrder(peaks.columns.x, peaks.columns.y, spacing);
    const x = selectValues(peaks.columns.x, order);
    const y = selectValues(peaks.columns.y, order);
    const start = createFit(image.data, image.width, image.height, x, y, settings);
    const { fit, chosen, isJoint } = follow(fitColumns(start, settings), context, 0, 0.6);
    const precision = follow(precisionOf(fit, sharedSigma(fit)), context, 0.6, 0.75);
    const again = calibrate(fit, precision, isJoint, settings.sweeps);
    const calibration = follow(again, context, 0.75, 1);
    context.chose({
      spacing: Number.isFinite(fit.spacing) ? fit.spacing : "none",
      model: chosen.model,
      background: chosen.background,
      noise: chosen.noise.kind,
      gain: chosen.noise.gain,
      noiseVariance: chosen.noise.variance,
      misfit: fit.misfit,
      inflation: calibration.inflation,
      sublattices: fit.shapes.length / 3,
      sigma: chosen.sigma,
      window: chosen.window,
    });
    const tables = columnTables(fit, precision, calibration, order, given.pixels === "integrated");
    context.progress(1);
    return tables;
  },
});
