/**
 * What a fit of few counts makes of pictures like its own: a parametric bootstrap.
 *
 * Errors from the normal equations, and the correction of a shared width by the errors of places, hold to
 * first order in the noise. Where columns overlap and counts are few that is not enough: width, heights
 * and background then change together, and places scatter more than to first order. So the fitted
 * picture is drawn with new noise and fitted again, from the same place: how places scatter there says
 * how errors must grow, and how far the width ends from the one drawn says by how much it comes out wrong.
 *
 * @see Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 6 and 10.
 * https://doi.org/10.1201/9780429246593
 *
 * @module
 */
import {
  COLUMN_STRIDE,
  ColumnField,
  createRandom,
  normalRandom,
  poissonRandom,
} from "@core/kernels";
import { covarianceOfShape, meanWidening, precisionOfLight } from "./_column_covariance.ts";
import { copyFit, type FitState, Freedom, median, sharedSigma } from "./_fit_state.ts";
import { LAST_STEP } from "./_joint_fit.ts";
import { newtonSteps } from "./_newton.ts";
import { COVARIANCE_SIZE, type Precision } from "./_precision.ts";
import { giveShapes } from "./_shared_shape.ts";
import { markWhole } from "./_surroundings.ts";

/** What makes errors and widths right. */
export interface Calibration {
  /** Variances over those of the normal equations. */
  readonly inflation: number;
  /** By group: what is added to the covariance of a column's light (xx, xy, yy), px^2. */
  readonly widening: readonly (readonly number[])[];
}

/** Below this median error of a place over the width, first order is right to a tenth of a variance. */
const FIRST_ORDER = 0.06;

/** Where so much more is left over than noise, drawn noise tells nothing. */
const NOISE_ONLY = 1.2;

/** Columns that new pictures show together, at least, but in no more pictures than these. */
const COLUMNS = 10_000;
const PICTURES = 4;

/** As many columns that scatter as expected are added to those seen: few do not tell much. */
const EXPECTED = 20;

/** A column that ends farther off than this share of the spacing has left its place. */
const LEFT = 1 / 3;

/** Below so many standard deviations of the noise a column is weak, and says nothing of others. */
const WEAK = 3;

const SEED = 1;
const N = COVARIANCE_SIZE;

/**
 * Calibrates a fit of everything at once; yields a fraction done, below 1. Any other fit, and one of many
 * counts, is right to first order.
 */
export function* calibrate(
  fit: FitState,
  precision: Precision,
  isJoint: boolean,
  mostSteps: number,
): Generator<number, Calibration> {
  const isShared = fit.freedom === Freedom.FixedShape;
  const first = { inflation: 1, widening: isShared ? meanWidening(fit, precision) : [] };
  if (!isJoint || fit.misfit > NOISE_ONLY || !(placeError(fit, precision) > FIRST_ORDER)) {
    return first;
  }
  const drawn = widened(fit, first.widening);
  const pictures = Math.min(PICTURES, Math.ceil(COLUMNS / fit.given));
  const random = createRandom(SEED);
  const missing = first.widening.map(() => [0, 0, 0]);
  let squares = EXPECTED, columns = EXPECTED;
  for (let picture = 0; picture < pictures; picture++) {
    const again: FitState = {
      ...copyFit(drawn),
      data: noisy(drawn, random),
      model: new Float64Array(drawn.model.length),
    };
    markWhole(again);
    for (const done of stepsOf(again, mostSteps)) yield (picture + done) / pictures;
    for (let i = 0; i < fit.given; i++) {
      const square = squareOf(drawn, again, precision, i);
      if (Number.isNaN(square)) continue;
      squares += square;
      columns++;
    }
    for (const [group, sum] of missing.entries()) {
      const light = covarianceOfShape(again.shapes, 3 * group);
      const wanted = covarianceOfShape(drawn.shapes, 3 * group);
      for (let k = 0; k < 3; k++) {
        sum[k] += (wanted[k] - light[k] - first.widening[group][k]) / pictures;
      }
    }
  }
  const widening = first.widening.map((one, group) => one.map((v, k) => v + missing[group][k]));
  return { inflation: squares / columns, widening };
}

/** Newton steps; yields a fraction done that never ends. */
function* stepsOf(fit: FitState, mostSteps: number): Generator<number> {
  for (const steps of newtonSteps(fit, !fit.beside, LAST_STEP, mostSteps)) {
    yield steps / (1 + steps);
  }
}

/** The median error of a place, in widths. */
function placeError(fit: FitState, { covariance }: Precision): number {
  const errors = Float64Array.from({ length: fit.given }, (_, i) => {
    const [xx, yy] = [covariance[i * N * N], covariance[i * N * N + N + 1]];
    return Math.min(Number.MAX_VALUE, Math.sqrt((xx + yy) / 2));
  });
  return median(errors) / sharedSigma(fit);
}

/** The same light in columns as wide as they are. */
function widened(fit: FitState, widening: Calibration["widening"]): FitState {
  const wide: FitState = { ...copyFit(fit), model: new Float64Array(fit.model.length) };
  const shares: number[] = [];
  for (let at = 0; at < fit.shapes.length; at += 3) {
    const [xx, xy, yy] = covarianceOfShape(fit.shapes, at).map((v, k) => v + widening[at / 3][k]);
    wide.shapes.set(precisionOfLight(xx, xy, yy), at);
    shares.push(Math.sqrt(determinant(wide.shapes, at) / determinant(fit.shapes, at)));
  }
  for (let i = 0; i < fit.count; i++) {
    wide.columns[i * COLUMN_STRIDE + ColumnField.Height] *= shares[fit.group[i]];
  }
  giveShapes(wide);
  return wide;
}

function determinant(shapes: Float64Array, at: number): number {
  return shapes[at] * shapes[at + 2] - shapes[at + 1] ** 2;
}

/** The picture of a fit with new noise. */
function noisy(fit: FitState, random: () => number): Float32Array {
  const background = fit.columns[ColumnField.Background];
  const { gain, variance, floor } = fit;
  return Float32Array.from(fit.model, (value) => {
    const level = background + value;
    if (gain === 0) return level + Math.sqrt(Math.max(floor, variance)) * normalRandom(random);
    // counts with an offset, or with noise of the detector beside theirs: as many as vary by so much
    const counts = Math.max(0, variance + gain * level) / (gain * gain);
    return level + gain * (poissonRandom(counts, random) - counts);
  });
}

/** The square of a column's distance from where it was drawn over its variance; NaN where it tells nothing. */
function squareOf(
  drawn: FitState,
  again: FitState,
  { covariance, noise }: Precision,
  i: number,
): number {
  const at = i * COLUMN_STRIDE;
  const height = again.columns[at + ColumnField.Height];
  if (drawn.merged[i] >= 0 || drawn.whole[i] === 0 || !(height > WEAK * noise[i])) return NaN;
  const dx = again.columns[at] - drawn.columns[at];
  const dy = again.columns[at + 1] - drawn.columns[at + 1];
  if (Math.hypot(dx, dy) > LEFT * drawn.spacing) return NaN;
  const square = dx * dx / covariance[i * N * N] + dy * dy / covariance[i * N * N + N + 1];
  return square / 2;
}
