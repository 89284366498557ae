/**
 * Measures the errors of found columns against true positions, or against those of a second
 * exposure: bias, rms, and whether the stated uncertainties are right.
 *
 * Use it to learn how far positions can be trusted. Against simulated truth it sees everything. With
 * two exposures of one region, refined independently, it sees what differs between them: noise, but
 * no bias that both share; the bias by phase only as far as their offset changes the phase. Prefer
 * `evaluation.match` to judge which columns are found at all.
 *
 * Input   found    Table, n rows, x/y in px (center of the top-left pixel is 0, 0); used if there:
 *                  errorX, errorY (stated standard deviations), covXY (covariance, px^2), boundX,
 *                  boundY (Cramer-Rao), height, status
 * Input   truth    Table, m rows, x/y in px; or
 * Input   second   Table as `found`, of another exposure; may be moved by a constant
 * Output  metrics  JSON, see its schema; undefined figures are null
 * Output  pairs    Table of the pairs that count, by found row; stated errors are NaN if unknown
 * Output  plot     Figure: errors, bias by sub-pixel phase, errors over stated ones, errors by height
 *
 * Method
 * 1. Pairs: as many as possible within the match radius, of the least total distance
 *    ({@linkcode strictMatching}). The offset of a second exposure is the median difference of mutual
 *    nearest neighbors, then twice that of the pairs; it is removed.
 * 2. A pair counts when its true (or second) position is not in the margin and its status is right.
 *    The others take part in the pairing, so that none of their partners pairs with a neighbor.
 * 3. Bias by phase: mean error by bin of the true (else found) position's fraction, with the noise of
 *    all bins; chi-square of the means being one. By noise alone the largest of ten means is nearly two
 *    standard errors from that of all: look at the p-value first. Pixel locking: chi-square of the found
 *    fractions being even. Of a lattice whose spacing is a whole number of px not even the true ones are.
 * 4. Coverage: mean of squared error over stated variance, an axis and jointly (half the squared
 *    Mahalanobis distance); shares of pairs within 1, 2, 3 standard deviations. Of two exposures the
 *    variances add up.
 * 5. Trend: linear regression of the errors on position, as scale, rotation, stretch and shear.
 *
 * Standard errors and p-values take errors of different columns as independent, and p-values need 30
 * degrees of freedom (or 5 positions a bin). Errors count as they are: a wrong pair within the radius
 * counts too.
 *
 * Accuracy   exact but for rounding; standard errors are tested against simulated errors
 * Cost       O(n log n) while the match radius reaches a few points only
 * Errors     INPUT_MISSING, PARAM_CONFLICT, MATCH_RADIUS_NEEDED, TABLE_VALUE, PARAM_RANGE; empty tables
 *            are none, and no pairs a warning
 *
 * @see Mortensen et al., Optimized localization analysis for single-molecule tracking and
 * super-resolution microscopy, Nature Methods 7 (2010) 377. https://doi.org/10.1038/nmeth.1447
 * @see Smith et al., Fast, single-molecule localization that achieves theoretically minimum
 * uncertainty, Nature Methods 7 (2010) 373. https://doi.org/10.1038/nmeth.1449
 *
 * @example Three columns, all found 0.1 px too far right
 * ```ts
 * import { createTable } from "@core";
 * import { assertClose } from "@assert";
 * import { createHost, evaluation } from "../../mod.ts";
 *
 * const y = Float64Array.of(5, 5, 9);
 * const truth = createTable({ x: Float64Array.of(5, 9, 5), y });
 * const found = createTable({ x: Float64Array.of(5.1, 9.1, 5.1), y });
 * using host = createHost({ cache: false, runner: "inline" });
 * const { metrics } = await host.run(evaluation.localization, { found, truth });
 * assertClose(metrics.biasX!, 0.1, 1e-12);
 * ```
 *
 * @module
 */
import {
  AdatomError,
  type Context,
  createTable,
  defineStage,
  FIGURE_PORT,
  type Stage,
  type Table,
} from "@core";
import {
  coverageOf,
  errorFigures,
  errorTrend,
  type LocalizationMetrics,
  overBound,
  phaseBias,
  pixelLocking,
  precisionOfOne,
} from "./_localization.ts";
import { localizationPlot } from "./_localization_plot.ts";
import { METRICS_SCHEMA } from "./_localization_schema.ts";
import { type PairedErrors, pairedErrors, pairExposures, type Pairing } from "./_paired_errors.ts";
import {
  chooseRadius,
  marginBox,
  PAIRING_PARAMS,
  type PairingPlace,
  pairStrictly,
  requireFinite,
} from "./_pairing.ts";

const ID = "evaluation.localization";

const inputs = {
  found: {
    kind: "table",
    columns: { x: "px", y: "px" },
    description: "Columns to judge; errorX, errorY, covXY, boundX, boundY, height, status are used",
  },
  truth: {
    kind: "table",
    columns: { x: "px", y: "px" },
    optional: true,
    description: "True positions, in px of the same image; this or second",
  },
  second: {
    kind: "table",
    columns: { x: "px", y: "px" },
    optional: true,
    description: "Columns found in another exposure of the region; this or truth",
  },
} as const;

const outputs = {
  metrics: {
    kind: "json",
    type: "evaluation.localization",
    schema: METRICS_SCHEMA,
    description: "Bias, rms, coverage of stated errors, bias by phase, trend; undefined is null",
  },
  pairs: {
    kind: "table",
    columns: {
      found: "",
      partner: "",
      x: "px",
      y: "px",
      dx: "px",
      dy: "px",
      statedX: "px",
      statedY: "px",
    },
    description: "Pairs that count: rows of both tables, true (else found) position, error",
  },
  plot: { ...FIGURE_PORT, description: "Errors, bias by phase, errors over stated, by height" },
} as const;

const params = {
  ...PAIRING_PARAMS,
  matchRadius: {
    ...PAIRING_PARAMS.matchRadius,
    description:
      "Largest distance of a pair; auto = 0.35 x the median nearest-neighbor distance of truth or second",
  },
  status: {
    type: "string",
    enum: ["ok", "all"],
    default: "ok",
    description: "Which found columns count: those of status ok (or of none), or all",
  },
  phaseBins: {
    type: "integer",
    default: 10,
    minimum: 2,
    maximum: 100,
    level: "advanced",
    description: "Bins of sub-pixel phase",
  },
} as const;

/** The stage `evaluation.localization`. */
export const localization: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: ID,
  version: "1.0.0",
  api: "^1.1",
  summary: "Measure errors of columns against truth or a second exposure: bias, rms, coverage",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ found, truth, second }, given, context) {
    const { reference, place } = chooseReference(truth, second);
    requireFinite(found.columns, "found", ID);
    requireFinite(reference.columns, place.port, ID);
    const counting = { box: marginBox(given, ID), anyStatus: given.status === "all" };
    const matchRadius = chooseRadius(reference.columns, given.matchRadius, place);
    context.chose({ matchRadius });
    context.progress(0.1);
    const pairing: Pairing = place.port === "second"
      ? pairExposures(found.columns, reference.columns, matchRadius, place)
      : {
        partner: pairStrictly(found.columns, reference.columns, matchRadius, place),
        offset: null,
      };
    context.progress(0.6);
    const paired = pairedErrors(found, reference, pairing, counting);
    warnOf(paired, pairing, matchRadius, context);
    const metrics = metricsOf(paired, pairing, matchRadius, given.phaseBins);
    context.progress(0.8);
    const plot = localizationPlot(paired.errors, metrics);
    context.progress(1);
    return { metrics, pairs: pairTable(paired), plot };
  },
});

function chooseReference(
  truth: Table<"x" | "y"> | undefined,
  second: Table<"x" | "y"> | undefined,
): { readonly reference: Table<"x" | "y">; readonly place: PairingPlace } {
  if (truth !== undefined && second === undefined) {
    return { reference: truth, place: { stage: ID, port: "truth" } };
  }
  if (truth === undefined && second !== undefined) {
    return { reference: second, place: { stage: ID, port: "second" } };
  }
  throw new AdatomError(truth === undefined ? "INPUT_MISSING" : "PARAM_CONFLICT", {
    cannot: "measure errors of localization",
    expected: 'either "truth" or "second"',
    got: truth === undefined ? "neither" : "both",
    hint: truth === undefined
      ? "give true positions, or the columns of another exposure"
      : "leave one of them out",
  }, { stage: ID, port: "truth" });
}

function warnOf(
  { foundRows }: PairedErrors,
  { offset }: Pairing,
  matchRadius: number,
  context: Context,
): void {
  if (foundRows.length === 0) context.warn("NO_PAIRS", "no pairs count: all figures are undefined");
  if (offset === null) return;
  const distance = Math.hypot(offset.x, offset.y);
  if (distance <= matchRadius) return;
  context.warn(
    "OFFSET_LARGE",
    `the exposures lie ${distance.toFixed(2)} px apart, more than the match radius: align them ` +
      "first, or columns may be paired with their neighbors",
  );
}

function metricsOf(
  { errors, unpaired, leftOut }: PairedErrors,
  { offset }: Pairing,
  matchRadius: number,
  bins: number,
): LocalizationMetrics {
  const { dx, dy, x, y, foundX, foundY } = errors;
  const isSecond = offset !== null;
  return {
    against: isSecond ? "second" : "truth",
    matchRadius,
    pairs: dx.length,
    unpaired,
    leftOut,
    offset,
    ...errorFigures(errors),
    precision: isSecond ? precisionOfOne(errors) : null,
    bound: overBound(errors),
    coverage: coverageOf(errors),
    phase: { x: phaseBias(dx, x, bins), y: phaseBias(dy, y, bins) },
    locking: {
      x: pixelLocking(foundX, isSecond ? undefined : x, bins),
      y: pixelLocking(foundY, isSecond ? undefined : y, bins),
    },
    trend: errorTrend(errors),
  };
}

function pairTable({ errors, foundRows, partnerRows }: PairedErrors) {
  const { x, y, dx, dy, statedX, statedY } = errors;
  return createTable(
    { found: foundRows, partner: partnerRows, x, y, dx, dy, statedX, statedY },
    { x: "px", y: "px", dx: "px", dy: "px", statedX: "px", statedY: "px" },
  );
}
