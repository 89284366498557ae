/**
 * Refines peaks to columns by the method that is best for the counts of this image.
 *
 * Use it when you do not know the counts. Every peak gives a row, in the order of the peaks.
 *
 * Input   image    Image, any intensity unit
 * Input   peaks    Peaks, n rows, x/y in px (center of the top-left pixel is 0, 0)
 * Output  columns  Columns, n rows: the numbers every method gives, and `covXY`
 *
 * Method
 * 1. `refinement.matched-peak`, which also measures the signal-to-noise ratio: the median over columns of
 *    height over the noise of a pixel at half of it.
 * 2. Below {@linkcode CROSSING} that is the result. From there on `refinement.gaussian`, which finds each
 *    column's own shape and states its errors better.
 *
 * `refinement.center-of-mass` is never chosen: it is worse than one of the two everywhere.
 *
 * Accuracy   that of the method chosen
 * Cost       that of both where `refinement.gaussian` is chosen
 * Errors     TABLE_VALUE; no peaks are a warning
 *
 * @see Cheezum et al., Quantitative comparison of algorithms for tracking single fluorescent particles,
 * Biophysical Journal 81 (2001) 2378. https://doi.org/10.1016/S0006-3495(01)75884-5
 *
 * @module
 */
import { type Columns, type Context, createTable, defineStage, type Stage } from "@core";
import { centerOfMass } from "./center_of_mass.ts";
import { gaussian } from "./gaussian.ts";
import { matchedPeak } from "./matched_peak.ts";
import {
  INPUTS,
  OUTPUTS,
  POLARITY,
  requirePeaksInside,
  SPACING,
  warnOfNoPeaks,
} from "./_peak_rows.ts";

const ID = "refinement.auto";

export const CROSSING = 2.5;

const params = {
  polarity: POLARITY,
  spacing: SPACING,
  method: {
    type: "string",
    enum: ["auto", "gaussian", "matched-peak", "center-of-mass"],
    default: "auto",
    description: "Method; auto = by the signal-to-noise ratio of this image and its peaks",
  },
} as const;

/** The stage `refinement.auto`. */
export const auto: Stage<typeof INPUTS, typeof OUTPUTS, typeof params> = defineStage({
  id: ID,
  version: "1.0.0",
  api: "^1.0",
  summary: "Refine peaks to columns by the method that suits the counts of the image",
  inputs: INPUTS,
  outputs: OUTPUTS,
  params,
  module: import.meta.url,
  async run({ image, peaks }, { polarity, spacing, method }, context) {
    requirePeaksInside(peaks, image, ID);
    warnOfNoPeaks(peaks, context);
    const given = { polarity, spacing };
    const inputs = { image, peaks };
    const isOpen = method === "auto" && peaks.length > 0;
    if (method === "center-of-mass") {
      const whole = partOf(context, 0);
      const { columns } = await centerOfMass.run(inputs, {
        ...defaultsOf(centerOfMass.params),
        ...given,
      }, whole);
      return finish(columns, method, context);
    }
    let signalToNoise = Infinity;
    if (isOpen || method === "matched-peak") {
      const first = partOf(context, 0, isOpen ? 0.4 : 1, (values) => {
        signalToNoise = Number(values.signalToNoise);
      });
      const { columns } = await matchedPeak.run(inputs, {
        ...defaultsOf(matchedPeak.params),
        ...given,
      }, first);
      context.chose({ signalToNoise });
      if (!isOpen || signalToNoise < CROSSING) return finish(columns, "matched-peak", context);
    }
    const rest = partOf(context, isOpen ? 0.4 : 0);
    const { columns } = await gaussian.run(inputs, {
      ...defaultsOf(gaussian.params),
      ...given,
    }, rest);
    return finish(columns, "gaussian", context);
  },
});

/** Declared defaults of a stage. */
function defaultsOf<P extends Readonly<Record<string, { readonly default: unknown }>>>(
  declared: P,
): { -readonly [K in keyof P]: P[K]["default"] } {
  const values = Object.entries(declared).map(([name, { default: value }]) => [name, value]);
  return Object.fromEntries(values) as { -readonly [K in keyof P]: P[K]["default"] };
}

/** A context whose progress is a part of the whole; warnings are told once, by this stage. */
function partOf(
  context: Context,
  from: number,
  to = 1,
  chose: Context["chose"] = (values) => context.chose(values),
): Context {
  let most = from;
  return {
    signal: context.signal,
    random: () => context.random(),
    progress: (fraction) => {
      most = Math.max(most, from + (to - from) * fraction * LAST);
      context.progress(most);
    },
    warn: (code, message) => code === "PEAKS_EMPTY" ? undefined : context.warn(code, message),
    chose,
    map: (task, items) => context.map(task, items),
  };
}

/** The end is reported once. */
const LAST = 0.999;

/** The columns that every method gives. */
function finish(columns: Columns, method: string, context: Context) {
  context.chose({ method });
  const { x, y, sigmaX, sigmaY, angle, height, background, volume } = columns.columns;
  const { errorX, errorY, covXY, status } = columns.columns;
  const numbers = { x, y, sigmaX, sigmaY, angle, height, background, volume, errorX, errorY };
  const units = Object.fromEntries(
    [...Object.keys(numbers), "covXY"].map((name) => [name, columns.units[name]]),
  );
  const table = createTable({ ...numbers, covXY: covXY as Float64Array, status }, units);
  context.progress(1);
  return { columns: table as Columns };
}
