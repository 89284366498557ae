/**
 * Measures where the specimen moved to in each exposure, by cross-correlation.
 *
 * Use it for repeated exposures of one region, at any mix of dose and defocus. Whole frames are
 * compared, so one vector an exposure comes out; distortion within a frame is not measured.
 *
 * Input   exposures  at least two, of one size and pixel size
 * Output  drift      one row an exposure; a column at p in the reference is at p + drift in it
 *         transform  the same as a map of points, for `alignment.transform-points`
 *
 * Method
 * 1. Each exposure is windowed and transformed; frequencies where the exposures show the specimen
 *    rather than noise are kept and weighted, with a low pass below the column width.
 * 2. A chain of steps from exposure to exposure, each the highest correlation within `maxStep`.
 * 3. All pairs are searched within 0.45 of a lattice vector of what the chain predicts, placed by
 *    Newton's method, and the drift follows by robust least squares; once more from there.
 * 4. Each step is compared with the same step and a lattice vector, by what lies between the Bragg
 *    peaks: `ambiguous` where that fits as well within the noise, counted from the reference on.
 * 5. `error` comes from the noise of the exposure where the mean exposure is steep.
 *
 * More columns: `correlation`, the highest with another exposure, noise apart; `closure`, the rms
 * misfit of its pairs (px); `runnerUp`, the correlation a lattice vector away over that at the drift; with
 * `scan: shear` also `shearX` and `scaleY`, how far the specimen moves along x and y while a row is
 * scanned (px a row): what lies in row y is off by (shearX, scaleY) (y - yc), for the middle row yc.
 * `x` and `y` stay those of the whole exposure.
 *
 * Accuracy   within 1.3 of the bound that counts set, from 0.2 counts at the columns' tops on (ten
 *            exposures of a lattice); the squared error is 0.8 to 1.25 of what `error` says. That covers
 *            noise, not distortion within a frame, nor what enters and leaves the field
 * Cost       a transform for two exposures and one more, about 1 ms a pair, and 0.1 ms a step and 10 000
 *            frequencies for `ambiguous`
 * Errors     EXPOSURES_TOO_FEW, IMAGE_CONSTANT, EXPOSURES_UNCORRELATED, PARAM_RANGE
 *
 * @see Savitzky et al., Ultramicroscopy 191 (2018) 56. https://doi.org/10.1016/j.ultramic.2018.04.008
 * @see Guizar-Sicairos et al., Optics Letters 33 (2008) 156. https://doi.org/10.1364/OL.33.000156
 *
 * @module
 */
import {
  AdatomError,
  createTable,
  defineStage,
  type Drift,
  DRIFT_COLUMNS,
  type Exposures,
  FIGURE_PORT,
  type Stage,
  TRANSFORM_COLUMNS,
  transformOfDrift,
} from "@core";
import type { SharedBand } from "@core/kernels";
import { measureBand } from "./_band.ts";
import { driftPlot } from "./_drift_plot.ts";
import { alignTwoPass, LEAST_CORRELATION, type SchemeResult } from "./_two_pass.ts";
import { scanRates } from "./_scan.ts";
import { ownVariances } from "./_uncertainty.ts";

const inputs = {
  exposures: {
    kind: "exposures",
    axes: "tyx",
    description: "Exposures of one region, in the order taken",
  },
} as const;

const outputs = {
  drift: {
    kind: "drift",
    description: "Where the specimen moved to in each exposure, relative to the reference",
  },
  transform: {
    kind: "table",
    columns: TRANSFORM_COLUMNS,
    description: "The same as a map of points of the reference into each exposure; with scan: " +
      "shear of the undistorted specimen into each, the reference included",
  },
  plot: { ...FIGURE_PORT, description: "Path, course by exposure, and agreement" },
} as const;

const params = {
  reference: {
    type: "integer",
    default: 0,
    auto: true,
    minimum: 0,
    description: "Exposure whose drift is 0, counted from 0; auto is the one most like the others",
  },
  maxStep: {
    type: "number",
    default: "auto",
    auto: true,
    exclusiveMinimum: 0,
    unit: "px",
    description: "Longest drift from one exposure to the next; auto is half a lattice vector",
  },
  contrast: {
    type: "string",
    enum: ["same", "any"],
    default: "same",
    description: "Whether contrast may be inverted between exposures, as across defocus",
  },
  scan: {
    type: "string",
    enum: ["none", "shear"],
    default: "none",
    level: "advanced",
    description:
      "Columns for the drift within each exposure: shear takes it as steady and rows as " +
      "scanned without pauses",
  },
  upsample: {
    type: "integer",
    default: "auto",
    auto: true,
    minimum: 1,
    maximum: 1000,
    level: "advanced",
    description: "Maxima of pairs are taken on a grid of 1/upsample px; auto takes them exactly",
  },
  window: {
    type: "number",
    default: 0.25,
    minimum: 0,
    maximum: 1,
    level: "advanced",
    description: "Share of the width and height over which the edges fade out (Tukey window)",
  },
} as const;

/** `alignment.drift` */
export const drift: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: "alignment.drift",
  version: "1.2.0",
  api: "^1.0",
  summary: "Measures where the specimen moved to in each exposure",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ exposures }, { reference, maxStep, contrast, scan, upsample, window }, context) {
    checkExposures(exposures, reference);
    const { band, set } = measureBand(exposures.images, window, (f) => context.progress(0.4 * f));
    checkSignal(band);
    const cell = cellOf(exposures, band);
    const step = maxStep === "auto" ? cell / 2 : maxStep;
    context.chose({ maxStep: step, latticeVector: band.repeats.length > 0 ? cell : 0 });
    const found = alignTwoPass(band, set, {
      reference,
      maxStep: step,
      searchRadius: 0.45 * cell,
      either: contrast === "any",
      gridStep: upsample === "auto" ? 0 : 1 / upsample,
    }, (f) => context.progress(0.4 + 0.6 * f));
    checkCorrelation(found);
    context.chose({ reference: found.reference });
    const unsure = found.ambiguous.reduce((sum, a) => sum + a, 0);
    if (unsure > 0) {
      context.warn(
        "DRIFT_AMBIGUOUS",
        `the drift of ${unsure} exposures fits as well one lattice vector away; ` +
          "labels are right all the same, since the lattice repeats",
      );
    }
    context.progress(1);
    const own = ownVariances(band, set.plan, exposures.images, found);
    const { height } = exposures.images[0];
    const table = driftTable(found, own, scan === "shear" ? height : undefined);
    return { drift: table, transform: transformOfDrift(table, height), plot: driftPlot(table) };
  },
});

/** An exposure whose signal is a smaller share of its power in the band shows nothing. */
const LEAST_SIGNAL = 0.01;
/** Where nothing repeats, exposures in a row may move by this share of the image. */
const FREE_STEP = 0.25;

function driftTable(
  found: SchemeResult,
  own: Float64Array,
  scannedRows: number | undefined,
): Drift {
  const error = own.map((variance, e) =>
    e === found.reference ? 0 : found.scale * Math.sqrt(variance + own[found.reference])
  );
  const { x, y, sign, ambiguous, correlation, closure, runnerUp } = found;
  const exposure = Float64Array.from(x, (_, e) => e);
  const columns = { exposure, x, y, error, sign, ambiguous, correlation, closure, runnerUp };
  const units = { ...DRIFT_COLUMNS, closure: "px" };
  if (scannedRows === undefined) return createTable(columns, units);
  const rates = { shearX: scanRates(x, scannedRows), scaleY: scanRates(y, scannedRows) };
  return createTable({ ...columns, ...rates }, units);
}

/** The length of the shortest lattice vector, or a share of the image where nothing repeats. */
function cellOf({ images: [{ width, height }] }: Exposures, band: SharedBand): number {
  const [shortest] = band.repeats;
  return shortest === undefined
    ? 2 * FREE_STEP * Math.min(width, height)
    : Math.hypot(shortest.x, shortest.y);
}

function checkExposures({ images }: Exposures, reference: number | "auto"): void {
  if (images.length < 2) {
    throw new AdatomError("EXPOSURES_TOO_FEW", {
      cannot: "measure drift",
      expected: "at least 2 exposures",
      got: String(images.length),
      hint: "add the other exposures of the region",
    }, { port: "exposures" });
  }
  if (reference !== "auto" && reference >= images.length) {
    throw new AdatomError("PARAM_RANGE", {
      cannot: 'set parameter "reference" of alignment.drift',
      expected: `an exposure from 0 to ${images.length - 1}`,
      got: String(reference),
    }, { param: "reference" });
  }
  const flat = images.findIndex(({ data }) => data.every((value) => value === data[0]));
  if (flat >= 0) {
    throw new AdatomError("IMAGE_CONSTANT", {
      cannot: `measure the drift of exposure ${flat}`,
      expected: "an image with contrast",
      got: "the same value in every pixel",
      hint: "leave the exposure out",
    }, { port: "exposures" });
  }
}

function checkSignal(band: SharedBand): void {
  const silent = band.signal.findIndex((share) => share < LEAST_SIGNAL);
  if (silent >= 0) throw uncorrelated(silent, "no structure above its noise");
}

function checkCorrelation({ correlation, agreement, connected }: SchemeResult): void {
  const lonely = connected.indexOf(false);
  if (lonely < 0) return;
  const isAnywhere = correlation[lonely] < LEAST_CORRELATION;
  const found = Math.max(0, (isAnywhere ? correlation : agreement)[lonely]).toFixed(2);
  const where = isAnywhere ? "" : " along one direction";
  throw uncorrelated(lonely, `a correlation of ${found}${where}, below ${LEAST_CORRELATION},`);
}

function uncorrelated(exposure: number, got: string): AdatomError {
  return new AdatomError("EXPOSURES_UNCORRELATED", {
    cannot: `align exposure ${exposure} with the others`,
    expected: "exposures of one specimen region",
    got: `${got} in exposure ${exposure}`,
    hint: "leave it out, or check that it shows the same region and is no blank",
  }, { port: "exposures" });
}
