/**
 * The joint fit of all columns: centering, sweeps, noise, model, in this order.
 *
 * @module
 */
import { COLUMN_STRIDE, ColumnField } from "@core/kernels";
import {
  meanBackground,
  ownBackgroundMedian,
  setBackground,
  smoothBackground,
} from "./_background.ts";
import { columnsBeyond } from "./_beyond.ts";
import type { FitBackground, FitModel, FitSettings } from "./_create_fit.ts";
import { markActive, stepColumn } from "./_column_step.ts";
import {
  addBeyond,
  Backdrop,
  copyFit,
  drawModel,
  findNeighbors,
  type FitState,
  Freedom,
  median,
  sharedSigma,
  standingPlaces,
} from "./_fit_state.ts";
import { measureShared, newtonSteps } from "./_newton.ts";
import type { Noise } from "./_noise.ts";
import { createNoiseMeasure, typicalVariance } from "./_noise_left.ts";
import { giveShapes, shapeNumbers, stepSharedShape } from "./_shared_shape.ts";
import { startProfile } from "./_start_profile.ts";
import { groupByHeight } from "./_sublattices.ts";
import { markWhole, measureSpacing, mergeColumns } from "./_surroundings.ts";

/** What the fit chose. */
export interface FitChoices {
  model: FitModel;
  background: FitBackground;
  noise: Noise;
  /** Width all columns share or scatter around, px. */
  sigma: number;
  window: number;
  sweeps: number;
}

/** The end of a fit. */
export interface FitResult {
  readonly fit: FitState;
  /** Whether it was of everything at once. */
  readonly isJoint: boolean;
  readonly chosen: FitChoices;
}

/** Passes that bring the starts near before neighbors are accounted for; one more before all is fitted at once. */
const CENTERING_PASSES = 2;

/** Sweeps with a shared shape before anything else is chosen. */
const COARSE_SWEEPS = 6;

/** Window in widths, and at most in spacings: beyond, neighbors' light outweighs the gain. */
const WINDOW_WIDTHS = 3;
const WINDOW_SPACINGS = 0.8;

/** Below this many widths, as the mean around the centered columns has them, all is fitted at once. */
const JOINT_BELOW = 4.3;

/** Below this many widths between neighbors their shapes cannot be told apart: they share one. */
const SHARE_BELOW = 4;

/** Above this relative error of a column's own width all share one. */
const SHARE_ABOVE = 0.12;

/** Steps of everything at once end below so many errors: while more is to come, and at last. */
const NEAR_STEP = 1;
export const LAST_STEP = 0.05;

/** So much more left over than the noise is worth trying backgrounds of the columns' own. */
const OWN_MISFIT = 1.04;

/** These are better if they leave at most this share of what is more than noise. */
const OWN_SHARE = 0.6;

/** The shared shape has settled when it changes by less than this many of its errors. */
const SHAPE_SETTLED = 0.3;

/** Columns between two reports. */
const BLOCK = 200;

/** One column in so many is few. */
const FEW = 50;

/** Rounds of measuring the noise and sweeping; a round ends when no column moves. */
const ROUNDS = 8;

/** What a step may change, by model. */
const FREEDOM: Readonly<Record<FitModel, number>> = {
  shared: Freedom.FixedShape,
  "shared-ellipse": Freedom.FixedShape,
  circular: Freedom.Circular,
  elliptical: Freedom.Elliptical,
};

/**
 * Fits all columns; yields a fraction done after every block of columns, below 1.
 *
 * 1. Where columns look as if they overlapped: one shape and one background for all, everything at once,
 *    by Newton steps from the mean brightness around the starts.
 * 2. Otherwise, or where backgrounds turn out to differ: centering of each column alone in a small
 *    window, then sweeps with one shape, each column with the others' model taken away.
 * 3. Choice of the model from what these gave. With few counts one shape is tried all the same.
 * 4. Newton steps or sweeps until no column moves by a small part of its error and the noise, measured
 *    of what is left over, stays.
 */
export function* fitColumns(fit: FitState, settings: FitSettings): Generator<number, FitResult> {
  const measure = createNoiseMeasure(fit, settings.noise);
  const work: Work = {
    fit,
    settings,
    measure: (one) => {
      work.noise = measure(one);
    },
    noise: { kind: "gaussian", variance: fit.variance, gain: 0 },
    done: 0,
    centered: () => {},
  };
  const mayBeJoint = settings.window === "auto" && settings.background !== "constant" &&
    settings.background !== "slope" && settings.model !== "elliptical" &&
    settings.model !== "circular";
  yield* centerColumns(work, mayBeJoint ? CENTERING_PASSES + 1 : CENTERING_PASSES);
  work.centered = remember(work);
  let isJoint = mayBeJoint && looksOverlapping(fit) && (yield* tryFromProfile(work));
  if (!isJoint) {
    work.centered();
    yield* coarseFit(work);
  }
  const model = settings.model === "auto" ? chooseModel(work.fit) : settings.model;
  const isShared = FREEDOM[model] === Freedom.FixedShape;
  if (!isShared) {
    leaveJoint(work);
    isJoint = false;
  } else if (mayBeJoint && !isJoint) {
    isJoint = yield* tryJoint(work);
  }
  work.fit.freedom = FREEDOM[model];
  work.fit.oneBackground = settings.background === "common";
  for (let round = 0; round < ROUNDS; round++) {
    if (isJoint) yield* newtonFit(work, LAST_STEP);
    else yield* sweepFit(work, isShared);
    const merged = mergeColumns(work.fit);
    const before = typicalVariance(work.fit);
    work.measure(work.fit);
    const change = typicalVariance(work.fit) / before;
    if (merged === 0 && change > 0.8 && change < 1.25) break;
  }
  if (isJoint) yield* sharedPart(work);
  const { backdrop, oneBackground, radius: window } = work.fit;
  const background = backdrop === Backdrop.Common || oneBackground
    ? "common"
    : backdrop === Backdrop.Plane
    ? "slope"
    : "constant";
  const sigma = sharedSigma(work.fit);
  return {
    fit: work.fit,
    isJoint,
    chosen: { model, background, noise: work.noise, sigma, window, sweeps: work.done },
  };
}

/** A fit on its way. */
interface Work {
  fit: FitState;
  readonly settings: FitSettings;
  /** Measures the noise of what is left over and takes it over. */
  readonly measure: (fit: FitState) => void;
  /** The noise measured last. */
  noise: Noise;
  /** Goes back to the centered columns. */
  centered: () => void;
  /** Sweeps done, for the progress. */
  done: number;
}

/** Whether a shape that all columns share is a circle. */
function isCircular({ model }: FitSettings): boolean {
  return model === "circular" || model === "shared";
}

/** Whether the mean brightness around the centered columns is that of columns that overlap. */
function looksOverlapping(fit: FitState): boolean {
  const { x, y } = standingPlaces(fit);
  const profile = startProfile(fit.data, fit.width, fit.height, x, y, fit.spacing);
  return profile.height > 0 && fit.spacing < JOINT_BELOW * profile.sigma;
}

/** Brings starts near and finds the common shape roughly. */
function* coarseFit(work: Work): Generator<number> {
  const { fit, settings } = work;
  prepareRound(fit, settings);
  // Where each column gets a shape of its own, a rough common one is start enough.
  const needsShape = settings.model !== "elliptical" && settings.model !== "circular";
  for (let k = 0; k < COARSE_SWEEPS; k++) {
    yield* sweep(work, coarseStep);
    setWindow(fit, settings);
    const change = stepSharedShape(fit, isCircular(settings));
    if (k >= 2 && (change < 1 || !needsShape)) break;
  }
  mergeColumns(fit);
  if (!settings.spacingKnown) measureSpacing(fit);
  fit.startSpread = Infinity;
  work.measure(fit);
}

/** Brings each start near by itself, with a fixed shape in a small window. */
function* centerColumns(work: Work, passes: number): Generator<number> {
  work.fit.model.fill(0);
  for (let pass = 0; pass < passes; pass++) yield* sweep(work, centerColumn);
  mergeColumns(work.fit);
}

/** Fits everything at once from the mean brightness around the starts; see {@linkcode tryJoint}. */
function* tryFromProfile(work: Work): Generator<number, boolean> {
  const restore = remember(work);
  const fit = work.fit = addBeyond(work.fit, columnsBeyond(work.fit));
  const { height, background } = fit.startProfile;
  if (!fit.beside) setBackground(fit, background);
  for (let i = 0; i < fit.count; i++) fit.columns[i * COLUMN_STRIDE + ColumnField.Height] = height;
  fit.backdrop = Backdrop.Common;
  drawModel(fit);
  work.measure(fit);
  fit.misfit = 1;
  yield* newtonFit(work, NEAR_STEP);
  mergeColumns(fit);
  fit.startSpread = Infinity;
  if (!work.settings.spacingKnown) measureSpacing(fit);
  work.measure(fit);
  if (yield* tryJoint(work)) return true;
  restore();
  return false;
}

/**
 * Fits with one background. Unless that was asked for or is seen beside the columns, goes back where
 * local ones differ; returns whether it stayed.
 */
function* tryJoint(work: Work): Generator<number, boolean> {
  const { settings } = work;
  const restore = remember(work);
  work.fit = addBeyond(work.fit, columnsBeyond(work.fit));
  const { fit } = work;
  if (fit.backdrop !== Backdrop.Common) setBackground(fit, ownBackgroundMedian(fit));
  fit.backdrop = Backdrop.Common;
  if (settings.model !== "shared-ellipse") {
    const sigma = sharedSigma(fit);
    fit.shapes = Float64Array.of(1 / sigma ** 2, 0, 1 / sigma ** 2);
    fit.group.fill(0);
    fit.shapeNumbers = shapeNumbers(1, true);
    giveShapes(fit);
  }
  yield* newtonFit(work, NEAR_STEP);
  if (settings.model !== "shared-ellipse" && groupByHeight(fit) > 1) {
    fit.shapes = Float64Array.of(...fit.shape, ...fit.shape);
    fit.shapeNumbers = shapeNumbers(2, true);
    giveShapes(fit);
    yield* newtonFit(work, NEAR_STEP);
  }
  work.measure(fit);
  const isSure = settings.background === "common" || fit.beside;
  if (isSure || fit.misfit < OWN_MISFIT) return true;
  if (!(yield* ownIsBetter(work))) return true;
  restore();
  return false;
}

/**
 * Whether backgrounds of the columns' own leave clearly less over. Where columns overlap, heights take up
 * most of a background that changes, so that only the comparison tells.
 */
function* ownIsBetter(work: Work): Generator<number, boolean> {
  const back = remember(work);
  const { misfit } = work.fit;
  work.centered();
  yield* coarseFit(work);
  yield* sweepFit(work, true);
  work.measure(work.fit);
  const isBetter = work.fit.misfit < 1 + OWN_SHARE * (misfit - 1);
  back();
  return isBetter;
}

/** From one background and shape to those of each column. */
function leaveJoint({ fit, settings }: Work): void {
  fit.sharedCovariance = new Float64Array(0);
  if (fit.beside || settings.background === "slope") return;
  fit.backdrop = Backdrop.Own;
  for (let i = 0; i < fit.given; i++) {
    fit.ownBackground[i] = fit.columns[i * COLUMN_STRIDE + ColumnField.Background];
  }
}

/** Keeps a copy of what a trial changes; call the result to go back, as often as needed. */
function remember(work: Work): () => void {
  const kept = copyFit(work.fit);
  return () => {
    work.fit = copyFit(kept);
  };
}

/** Newton steps of everything at once. */
function* newtonFit(work: Work, tolerance: number): Generator<number> {
  const { fit, settings } = work;
  markWhole(fit);
  const steps = newtonSteps(fit, !fit.beside, tolerance, settings.sweeps);
  for (;;) {
    const { done, value } = steps.next();
    if (done) {
      work.done += value;
      return;
    }
    yield fractionAt(work.done + value);
  }
}

/** Measures how surely the shared numbers are known. */
function* sharedPart({ fit, done }: Work): Generator<number> {
  for (const share of measureShared(fit, !fit.beside)) yield fractionAt(done + share);
}

/** Sweeps until no column moves by a small part of its error. */
function* sweepFit(work: Work, isShared: boolean): Generator<number> {
  const { fit, settings } = work;
  const isOwn = fit.backdrop !== Backdrop.Common;
  if (isOwn) smoothBackground(fit);
  prepareRound(fit, settings);
  findNeighbors(fit, fit.radius + 3 * sharedSigma(fit));
  fit.active.fill(1);
  fit.shapeOpen = isShared;
  for (let k = 0; k < settings.sweeps && fit.active.includes(1); k++) {
    yield* sweep(work, fineStep);
    // Few columns that still move do not change the mean of their neighbors.
    if (isOwn && countActive(fit) > fit.count / FEW) meanBackground(fit);
    if (!fit.shapeOpen) continue;
    // All columns say what the shape is, so all are visited while it changes.
    fit.shapeOpen = stepSharedShape(fit, isCircular(settings)) > SHAPE_SETTLED;
    fit.active.fill(1);
  }
}

function countActive({ active }: FitState): number {
  let count = 0;
  for (let i = 0; i < active.length; i++) count += active[i];
  return count;
}

/** Window and model image for the sweeps to come. */
function prepareRound(fit: FitState, settings: FitSettings): void {
  setWindow(fit, settings);
  markWhole(fit);
  drawModel(fit);
}

/** One step of every column, in order or, every second time, backward; yields a fraction done. */
function* sweep(work: Work, step: (fit: FitState, i: number) => void): Generator<number> {
  const { fit } = work;
  const { count } = fit;
  for (let from = 0; from < count; from += BLOCK) {
    const to = Math.min(count, from + BLOCK);
    for (let k = from; k < to; k++) step(fit, work.done % 2 === 0 ? k : count - 1 - k);
    yield fractionAt(work.done + to / count);
  }
  work.done++;
}

/** Sweeps left are not known: each takes an eighth of what is left of the bar. */
function fractionAt(sweeps: number): number {
  return 1 - Math.pow(7 / 8, sweeps);
}

function centerColumn(fit: FitState, i: number): void {
  if (fit.merged[i] >= 0) return;
  fit.columns[i * COLUMN_STRIDE + ColumnField.Height] = 0;
  stepColumn(fit, i, false);
}

function coarseStep(fit: FitState, i: number): void {
  if (fit.merged[i] < 0) stepColumn(fit, i, true);
}

function fineStep(fit: FitState, i: number): void {
  // Columns beyond the border stay where the fit of everything at once put them.
  if (fit.merged[i] >= 0 || i >= fit.given) fit.active[i] = 0;
  if (fit.active[i] === 0) return;
  stepColumn(fit, i, true);
  markActive(fit, i);
}

function setWindow(fit: FitState, { window }: FitSettings): void {
  const widest = fit.backdrop === Backdrop.Common ? Infinity : WINDOW_SPACINGS * fit.spacing;
  const auto = Math.min(WINDOW_WIDTHS * sharedSigma(fit), widest);
  fit.radius = window === "auto" ? Math.max(1.8, auto) : window;
}

/** Shapes of their own where neighbors and counts allow it. */
function chooseModel(fit: FitState): FitModel {
  const sigma = sharedSigma(fit);
  if (fit.spacing < SHARE_BELOW * sigma) return "shared";
  const errors = new Float64Array(fit.given);
  for (let i = 0; i < fit.given; i++) {
    const at = i * COLUMN_STRIDE;
    const top = fit.columns[at + ColumnField.Height];
    const mean = fit.variance + fit.gain * (fit.columns[at + ColumnField.Background] + top / 2);
    // Error of a width among even noise: 0.8 px of it for a signal-to-noise ratio of 1.
    errors[i] = top > 0 ? 0.8 * Math.sqrt(Math.max(fit.floor, mean)) / top / sigma : 1;
  }
  return median(errors) > SHARE_ABOVE ? "shared" : "elliptical";
}
