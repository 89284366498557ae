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
 * 2. Below 2.5 ({@linkcode CROSSING} has the measurements) that is the result: fewer columns are doubtful
 *    or lost. From there on `refinement.gaussian`, as precise, which finds each column's own shape and
 *    states its errors better.
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

/**
 * Signal-to-noise ratio from which `refinement.gaussian` is chosen, as `refinement.matched-peak` measures
 * it: from there on both are equal within what the scenes tell (about 1.5 %).
 *
 * Rms over the Cramer-Rao bound of all inner columns whatever their status, share of `ok` in brackets;
 * width 2 px, starts uniform in a disc of 0.25 spacings, 3 000 columns a row, by
 * `benchmarks/refinement_methods_bench.ts`:
 *
 * | spacing  | counts on background | ratio | gaussian     | matched-peak | center-of-mass |
 * | -------- | -------------------- | ----- | ------------ | ------------ | -------------- |
 * | 4 widths | 1 on 0.1             | 1.4   | 1.04 (0.96)  | 1.07 (0.90)  | 1.73 (0.51)    |
 * |          | 1 on 0.5             | 1.2   | 1.08 (0.26)  | 1.20 (0.58)  | 1.62 (0.44)    |
 * |          | 1 on 1               | 1.0   | 1.37 (0.38)  | 1.21 (0.37)  | 1.47 (0.38)    |
 * |          | 2 on 0.2             | 1.9   | 1.02 (1.00)  | 1.00 (1.00)  | 1.64 (0.91)    |
 * |          | 2 on 1               | 1.6   | 1.18 (0.84)  | 1.09 (0.95)  | 1.65 (0.76)    |
 * |          | 2 on 2               | 1.3   | 1.03 (0.52)  | 1.13 (0.86)  | 1.61 (0.65)    |
 * |          | 3 on 1.5             | 1.9   | 1.08 (0.99)  | 1.05 (0.99)  | 1.60 (0.90)    |
 * |          | 3 on 3               | 1.6   | 1.19 (0.83)  | 1.09 (0.96)  | 1.64 (0.80)    |
 * |          | 5 on 2.5             | 2.4   | 1.04 (1.00)  | 1.02 (1.00)  | 1.43 (0.98)    |
 * |          | 10 on 5              | 3.2   | 1.02 (1.00)  | 1.02 (1.00)  | 1.33 (1.00)    |
 * |          | 100 on 50            | 10    | 1.01 (1.00)  | 1.01 (1.00)  | 1.41 (1.00)    |
 * | 5 widths | 1 on 0.1             | 1.5   | 1.04 (0.95)  | 0.97 (0.99)  | 1.30 (0.96)    |
 * |          | 1 on 0.5             | 1.1   | 1.23 (0.38)  | 1.08 (0.86)  | 1.48 (0.70)    |
 * |          | 1 on 1               | 1.0   | 1.06 (0.18)  | 1.15 (0.68)  | 1.48 (0.59)    |
 * |          | 2 on 0.2             | 2.0   | 1.04 (1.00)  | 0.98 (1.00)  | 1.23 (1.00)    |
 * |          | 2 on 1               | 1.5   | 1.09 (0.95)  | 1.00 (0.99)  | 1.24 (0.96)    |
 * |          | 2 on 2               | 1.3   | 1.22 (0.67)  | 1.05 (0.96)  | 1.39 (0.86)    |
 * |          | 3 on 3               | 1.6   | 1.09 (0.95)  | 0.99 (1.00)  | 1.23 (0.97)    |
 * |          | 5 on 2.5             | 2.4   | 1.02 (1.00)  | 0.96 (1.00)  | 1.11 (1.00)    |
 * |          | 10 on 5              | 3.2   | 1.04 (1.00)  | 1.02 (1.00)  | 1.09 (1.00)    |
 * |          | 100 on 50            | 10    | 1.02 (1.00)  | 1.01 (1.00)  | 1.10 (1.00)    |
 * | 4, scatter of 0.08 spacings | 2 on 1 | 1.6 | 1.04 (0.89) | 1.07 (0.96) | 1.85 (0.74)  |
 * |          | 5 on 2.5             | 2.3   | 1.07 (1.00)  | 1.06 (1.00)  | 1.97 (0.95)    |
 * |          | 100 on 50            | 10    | 1.02 (1.00)  | 1.02 (1.00)  | 3.15 (0.99)    |
 *
 * So below 2.5 the matched peak has the smaller rms in most rows, by up to 14 %. In four of them
 * (4 widths: 1 on 0.1, 1 on 0.5, 2 on 2; 5 widths: 1 on 1) the Gaussian's is smaller, but in three of
 * these it calls half of the columns or more doubtful. With every second column weaker the matched peak
 * loses: of 3 and 1.2 counts on 0.9, spacing 4.2 widths, ratio 1.6, its rms is 1.06 times that of the
 * Gaussian (1.12 where the weak ones are a fifth narrower) and its errors are 20 % too small; of 6 and
 * 2 on 1.8, ratio 2.5, it is 0.98 times. Ellipses among few counts were not measured.
 */
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
  version: "1.1.0",
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
