/**
 * The noise a fit goes on with: that of what it has left over so far.
 *
 * @module
 */
import { COLUMN_STRIDE, ColumnField, SumsField } from "@core/kernels";
import { type FitState, freeRows, median, sumsOf } from "./_fit_state.ts";
import { looksCounted, measureNoise, type Noise, smallestVariance } from "./_noise.ts";

/** Columns whose misfit is looked at. */
const CHI_SAMPLE = 400;

/** Where so much more is left over than the noise, its weights would be of no use. */
const MODEL_MISFIT = 3;

/** Makes a function that measures the noise and takes it over. */
export function createNoiseMeasure(
  { data, sign }: FitState,
  wanted: "auto" | "poisson" | "gaussian",
): (fit: FitState) => Noise {
  const smallest = smallestVariance(data);
  const counted = wanted !== "gaussian" && sign > 0 && looksCounted(data);
  return (fit) => {
    const noise = measureNoise(fit, wanted, counted, smallest);
    applyNoise(fit, noise, smallest);
    if (wanted !== "auto" || fit.misfit < MODEL_MISFIT) return noise;
    // What is left over is not noise but what the model lacks, as by jitter of the scan.
    const even = measureNoise(fit, "gaussian", counted, smallest);
    applyNoise(fit, even, smallest);
    return even;
  };
}

/**
 * Takes over a measured noise, and draws Gaussians as far out as they stand above it. Where columns
 * are no Gaussians and leave more over than noise does, that is what the fit must be content with, so
 * the noise is taken for as much larger: bounds hold, and errors tell.
 */
function applyNoise(fit: FitState, noise: Noise, smallest: number): void {
  const heights = new Float64Array(fit.given);
  for (let i = 0; i < fit.given; i++) heights[i] = fit.columns[i * COLUMN_STRIDE + 2];
  const top = Math.max(median(heights), 0);
  fit.variance = noise.variance;
  fit.gain = fit.sign * noise.gain;
  // Where nothing is expected no pixel may weigh more than one with a hundredth of a column's top.
  fit.floor = Math.max(smallest, noise.gain > 0 ? 0.01 * noise.gain * top : noise.variance);
  fit.misfit = Math.max(1, medianChiSquare(fit));
  fit.variance *= fit.misfit;
  fit.gain *= fit.misfit;
  fit.floor *= fit.misfit;
  const lowest = Math.sqrt(Math.max(fit.floor, fit.variance));
  const highest = heights.reduce((a, b) => Math.max(a, b), 0);
  const reach = Math.sqrt(2 * Math.log(Math.max(2, highest / (0.02 * lowest))));
  fit.reach = Math.min(6.5, Math.max(3.5, reach));
}

/** Median over columns of the mean square left over, in units of the expected noise. */
function medianChiSquare(fit: FitState): number {
  const { sums } = fit.scratch;
  const stride = Math.max(1, Math.floor(fit.given / CHI_SAMPLE));
  const found: number[] = [];
  const free = freeRows(fit.freedom, fit.backdrop).length;
  for (let i = 0; i < fit.given; i += stride) {
    if (fit.merged[i] >= 0) continue;
    sumsOf(fit, i, sums);
    const spare = sums[SumsField.Pixels] - free;
    if (spare > 0) found.push(sums[SumsField.ChiSquare] / spare);
  }
  return median(Float64Array.from(found));
}

/** Variance of a pixel on the slope of a typical column. */
export function typicalVariance(fit: FitState): number {
  const means = new Float64Array(fit.given);
  for (let i = 0; i < fit.given; i++) {
    const at = i * COLUMN_STRIDE;
    means[i] = fit.columns[at + ColumnField.Background] + fit.columns[at + ColumnField.Height] / 2;
  }
  return Math.max(fit.floor, fit.variance + fit.gain * median(means));
}
