/**
 * The joint fit of all columns: centering, sweeps, noise, model, in this order.
 *
 * @module
 */
import { COLUMN_STRIDE, ColumnField, SumsField } from "@core/kernels";
import { markActive, stepColumn } from "./_column_step.ts";
import {
  createScratch,
  drawModel,
  findNeighbors,
  type FitState,
  Freedom,
  freeRows,
  median,
  placeColumn,
  sharedSigma,
  sumsOf,
} from "./_fit_state.ts";
import { firstNoise, looksCounted, measureNoise, type Noise, smallestVariance } from "./_noise.ts";
import { stepSharedShape } from "./_shape.ts";
import { startWidth } from "./_start_width.ts";
import {
  markWhole,
  meanBackground,
  measureSpacing,
  mergeColumns,
  smoothBackground,
} from "./_surroundings.ts";

/** Models a fit can have. */
export type FitModel = "elliptical" | "circular" | "shared";

/** What the user asked for. */
export interface FitSettings {
  readonly dark: boolean;
  readonly model: FitModel | "auto";
  readonly noise: "auto" | "poisson" | "gaussian";
  readonly sloped: boolean;
  /** Radius of the window, px. */
  readonly window: number | "auto";
  /** Typical distance of neighbors, px; Infinity for a lone column. */
  readonly spacing: number;
  /** Whether that may be measured again once the columns are better known than their starts. */
  readonly spacingKnown: boolean;
  /** Most sweeps over all columns in one round. */
  readonly sweeps: number;
}

/** What the fit chose. */
export interface FitChoices {
  model: FitModel;
  noise: Noise;
  /** Width all columns share or scatter around, px. */
  sigma: number;
  window: number;
  sweeps: number;
}

/** How far a column may go from its start, in spacings; with one column, in widths. */
const LONGEST_MOVE = 0.5;
const LONGEST_MOVE_ALONE = 3;

/** Error of a start that the coarse sweeps expect, in spacings; with one column, in widths. */
const START_ERROR = 0.25;

/** Passes that bring the starts near before neighbors are accounted for. */
const CENTERING_PASSES = 4;

/** Sweeps with a shared shape before anything else is chosen. */
const COARSE_SWEEPS = 6;

/** Window in widths, and at most in spacings: beyond, neighbors' light outweighs the gain. */
const WINDOW_WIDTHS = 3;
const WINDOW_SPACINGS = 0.8;

/** Below this many widths between neighbors their shapes cannot be told apart: they share one. */
const SHARE_BELOW = 4;

/** Above this relative error of a column's own width all share one. */
const SHARE_ABOVE = 0.15;

/** The shared shape has settled when it changes by less than this many of its errors. */
const SHAPE_SETTLED = 0.3;

/** Columns whose misfit is looked at. */
const CHI_SAMPLE = 400;

/** Columns between two reports. */
const BLOCK = 200;

/** Rounds of measuring the noise and sweeping; a round ends when no column moves. */
const ROUNDS = 8;

/** What a step may change, by model. */
const FREEDOM: Readonly<Record<FitModel, number>> = {
  shared: Freedom.FixedShape,
  circular: Freedom.Circular,
  elliptical: Freedom.Elliptical,
};

/** Prepares the fit: nothing is fitted yet. */
export function createFit(
  pixels: Float32Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  settings: FitSettings,
): FitState {
  const count = x.length;
  const data = settings.dark ? pixels.map((value) => -value) : pixels;
  const { spacing } = settings;
  const sigma = startWidth(data, width, height, x, y, spacing);
  const noise = firstNoise(data, width, height);
  const fit: FitState = {
    data,
    width,
    height,
    sign: settings.dark ? -1 : 1,
    model: new Float64Array(width * height),
    count,
    columns: new Float64Array(count * COLUMN_STRIDE),
    startX: new Float64Array(count),
    startY: new Float64Array(count),
    windowX: new Float64Array(count),
    windowY: new Float64Array(count),
    merged: new Int32Array(count),
    outcome: new Uint8Array(count),
    step: new Float64Array(count),
    active: new Uint8Array(count).fill(1),
    spacing,
    longestMove: Number.isFinite(spacing) ? LONGEST_MOVE * spacing : LONGEST_MOVE_ALONE * sigma,
    sloped: settings.sloped,
    whole: new Uint8Array(count).fill(1),
    shape: Float64Array.of(1 / sigma ** 2, 0, 1 / sigma ** 2),
    shapeMatrix: new Float64Array(9),
    shapeVector: new Float64Array(3),
    shapeStep: new Float64Array(3),
    shapeOpen: true,
    scratch: createScratch(),
    backgroundMean: new Float64Array(count),
    ownBackground: new Float64Array(count),
    ownVariance: new Float64Array(count),
    backgroundSpread: Infinity,
    sentBack: new Uint8Array(count),
    startSpread: (START_ERROR * (Number.isFinite(spacing) ? spacing : 4 * sigma)) ** 2,
    freedom: Freedom.FixedShape,
    radius: Math.max(1.5, Math.min(2 * sigma, Math.max(1.2 * sigma, 0.5 * spacing))),
    reach: 4,
    variance: noise.variance,
    gain: 0,
    floor: noise.variance,
    misfit: 1,
    neighborStart: new Int32Array(count + 1),
    neighbor: new Int32Array(0),
    wideStart: new Int32Array(count + 1),
    wide: new Int32Array(0),
  };
  for (let i = 0; i < count; i++) placeColumn(fit, i, x[i], y[i]);
  return fit;
}

/**
 * Fits all columns; yields a fraction done after every block of columns, below 1.
 *
 * 1. Centering: each column alone, with a fixed shape in a small window.
 * 2. Coarse sweeps: all columns with one shape, each with the others' model taken away.
 * 3. Choice of model and noise from what these gave.
 * 4. Rounds of sweeps until no column moves by a small part of its error and the noise stays.
 */
export function* fitColumns(fit: FitState, settings: FitSettings): Generator<number, FitChoices> {
  const smallest = smallestVariance(fit.data);
  const counted = settings.noise !== "gaussian" && fit.sign > 0 && looksCounted(fit.data);
  const remeasure = () =>
    applyNoise(fit, measureNoise(fit, settings.noise, counted, smallest), smallest);
  let done = 0;
  for (let pass = 0; pass < CENTERING_PASSES; pass++) {
    yield* sweep(fit, done++, centerColumn);
  }
  mergeColumns(fit);
  prepareRound(fit, settings);
  for (let k = 0; k < COARSE_SWEEPS; k++) {
    yield* sweep(fit, done++, coarseStep);
    setWindow(fit, settings);
    if (stepSharedShape(fit, settings.model === "circular") < 1 && k >= 2) break;
  }
  mergeColumns(fit);
  if (!settings.spacingKnown) measureSpacing(fit);
  fit.startSpread = Infinity;
  let noise = remeasure();
  const model = settings.model === "auto" ? chooseModel(fit) : settings.model;
  fit.freedom = FREEDOM[model];
  for (let round = 0; round < ROUNDS; round++) {
    smoothBackground(fit);
    prepareRound(fit, settings);
    fit.active.fill(1);
    fit.shapeOpen = model === "shared";
    for (let k = 0; k < settings.sweeps && fit.active.includes(1); k++) {
      yield* sweep(fit, done++, fineStep);
      meanBackground(fit);
      if (!fit.shapeOpen) continue;
      // All columns say what the shape is, so all are visited while it changes.
      fit.shapeOpen = stepSharedShape(fit, false) > SHAPE_SETTLED;
      fit.active.fill(1);
    }
    const merged = mergeColumns(fit);
    const before = typicalVariance(fit);
    noise = remeasure();
    const change = typicalVariance(fit) / before;
    if (merged === 0 && change > 0.8 && change < 1.25) break;
  }
  return { model, noise, sigma: sharedSigma(fit), window: fit.radius, sweeps: done };
}

/** Window, neighbors and model image for the sweeps to come. */
function prepareRound(fit: FitState, settings: FitSettings): void {
  setWindow(fit, settings);
  markWhole(fit);
  findNeighbors(fit, fit.radius + 3 * sharedSigma(fit));
  drawModel(fit);
}

/** One step of every column, in order or, every second time, backward; yields a fraction done. */
function* sweep(
  fit: FitState,
  index: number,
  step: (fit: FitState, i: number) => void,
): Generator<number> {
  const { count } = fit;
  for (let from = 0; from < count; from += BLOCK) {
    const to = Math.min(count, from + BLOCK);
    for (let k = from; k < to; k++) step(fit, index % 2 === 0 ? k : count - 1 - k);
    // Sweeps left are not known: each takes an eighth of what is left of the bar.
    yield 1 - Math.pow(7 / 8, index + to / count);
  }
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
  if (fit.merged[i] >= 0) fit.active[i] = 0;
  if (fit.active[i] === 0) return;
  stepColumn(fit, i, true);
  markActive(fit, i);
}

function setWindow(fit: FitState, { window }: FitSettings): void {
  const auto = Math.min(WINDOW_WIDTHS * sharedSigma(fit), WINDOW_SPACINGS * fit.spacing);
  fit.radius = window === "auto" ? Math.max(1.8, auto) : window;
}

/**
 * Takes over a measured noise, and draws Gaussians as far out as they stand above it. Where columns
 * are no Gaussians and leave more over than noise does, that is what the fit must be content with, so
 * the noise is taken for as much larger: bounds hold, and errors tell.
 */
function applyNoise(fit: FitState, noise: Noise, smallest: number): Noise {
  const heights = new Float64Array(fit.count);
  for (let i = 0; i < fit.count; i++) heights[i] = fit.columns[i * COLUMN_STRIDE + 2];
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
  return noise;
}

/** Median over columns of the mean square left over, in units of the expected noise. */
function medianChiSquare(fit: FitState): number {
  const { sums } = fit.scratch;
  const stride = Math.max(1, Math.floor(fit.count / CHI_SAMPLE));
  const found: number[] = [];
  const free = freeRows(fit.freedom, fit.sloped).length;
  for (let i = 0; i < fit.count; i += stride) {
    if (fit.merged[i] >= 0) continue;
    sumsOf(fit, i, sums);
    const spare = sums[SumsField.Pixels] - free;
    if (spare > 0) found.push(sums[SumsField.ChiSquare] / spare);
  }
  return median(Float64Array.from(found));
}

/** Variance of a pixel on the slope of a typical column. */
function typicalVariance(fit: FitState): number {
  const means = new Float64Array(fit.count);
  for (let i = 0; i < fit.count; i++) {
    const at = i * COLUMN_STRIDE;
    means[i] = fit.columns[at + ColumnField.Background] + fit.columns[at + ColumnField.Height] / 2;
  }
  return Math.max(fit.floor, fit.variance + fit.gain * median(means));
}

/** Shapes of their own where neighbors and counts allow it. */
function chooseModel(fit: FitState): FitModel {
  const sigma = sharedSigma(fit);
  if (fit.spacing < SHARE_BELOW * sigma) return "shared";
  const errors = new Float64Array(fit.count);
  for (let i = 0; i < fit.count; i++) {
    const at = i * COLUMN_STRIDE;
    const top = fit.columns[at + ColumnField.Height];
    const mean = fit.variance + fit.gain * (fit.columns[at + ColumnField.Background] + top / 2);
    // Error of a width among even noise: 0.8 px of it for a signal-to-noise ratio of 1.
    errors[i] = top > 0 ? 0.8 * Math.sqrt(Math.max(fit.floor, mean)) / top / sigma : 1;
  }
  return median(errors) > SHARE_ABOVE ? "shared" : "elliptical";
}
