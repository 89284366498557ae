/**
 * The joint fit of all columns: centering, sweeps, noise, model, in this order.
 *
 * @module
 */
import { COLUMN_STRIDE, ColumnField, medianNearestDistance, SumsField } from "@core/kernels";
import {
  createScratch,
  drawModel,
  findNeighbors,
  type FitState,
  Freedom,
  freeRows,
  markActive,
  placeColumn,
  stepColumn,
  stepSharedShape,
  sumsOf,
} from "./_fit_state.ts";
import { firstNoise, looksCounted, measureNoise, type Noise, smallestVariance } from "./_noise.ts";
import { startWidth } from "./_start_width.ts";

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

/** Starts whose columns end nearer than this many spacings are one column. */
const MERGE_DISTANCE = 0.3;

/** Neighbors whose background is compared, in spacings, and how many columns that takes. */
const BACKGROUND_REACH = 2.3;
const FEWEST_BACKGROUNDS = 20;

/** Starts farther apart than this many spacings are of two columns, as long as nothing else shows. */
const APART = 0.4;

/** The shared shape has settled when it changes by less than this many of its errors. */
const SHAPE_SETTLED = 0.3;

/** Columns whose misfit is looked at. */
const CHI_SAMPLE = 400;

/** Columns between two reports. */
const BLOCK = 200;

/** Rounds of measuring the noise and sweeping; a round ends when no column moves. */
const ROUNDS = 8;

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
 * 4. Rounds of sweeps until no column moves by a hundredth of its error and the noise stays.
 */
export function* fitColumns(fit: FitState, settings: FitSettings): Generator<number, FitChoices> {
  const smallest = smallestVariance(fit.data);
  const counted = settings.noise !== "gaussian" && fit.sign > 0 && looksCounted(fit.data);
  let sweep = 0;
  // Sweeps left are not known: each takes an eighth of what is left of the bar.
  const fraction = (done: number) => 1 - Math.pow(7 / 8, sweep + done);
  for (let pass = 0; pass < CENTERING_PASSES; pass++) {
    for (const done of blocks(fit, 1, (i) => centerColumn(fit, i))) yield fraction(done / 4);
  }
  sweep = 1;
  mergeColumns(fit);
  setWindow(fit, settings);
  markWhole(fit);
  findNeighbors(fit, fit.radius + 3 * sharedSigma(fit));
  drawModel(fit);
  const circular = settings.model === "circular";
  for (let k = 0; k < COARSE_SWEEPS; k++) {
    for (const done of blocks(fit, k % 2 === 0 ? 1 : -1, (i) => sweepColumn(fit, i))) {
      yield fraction(done);
    }
    sweep++;
    setWindow(fit, settings);
    if (stepSharedShape(fit, circular) < 1 && k >= 2) break;
  }
  mergeColumns(fit);
  if (!settings.spacingKnown) measureSpacing(fit);
  fit.startSpread = Infinity;
  let noise = applyNoise(fit, measureNoise(fit, settings.noise, counted, smallest), smallest);
  const model = settings.model === "auto" ? chooseModel(fit) : settings.model;
  for (let round = 0; round < ROUNDS; round++) {
    setWindow(fit, settings);
    markWhole(fit);
    smoothBackground(fit);
    findNeighbors(fit, fit.radius + 3 * sharedSigma(fit));
    drawModel(fit);
    fit.freedom = model === "shared"
      ? Freedom.FixedShape
      : model === "circular"
      ? Freedom.Circular
      : Freedom.Elliptical;
    fit.active.fill(1);
    fit.shapeOpen = model === "shared";
    for (let k = 0; k < settings.sweeps; k++) {
      for (const done of blocks(fit, k % 2 === 0 ? 1 : -1, (i) => visitColumn(fit, i))) {
        yield fraction(done);
      }
      sweep++;
      meanBackground(fit);
      if (fit.shapeOpen) {
        // All columns say what the shape is, so all are visited while it changes.
        fit.shapeOpen = stepSharedShape(fit, false) > SHAPE_SETTLED;
        fit.active.fill(1);
        continue;
      }
      if (!fit.active.includes(1)) break;
    }
    const merged = mergeColumns(fit);
    const before = fit.variance + fit.gain;
    noise = applyNoise(fit, measureNoise(fit, settings.noise, counted, smallest), smallest);
    const after = fit.variance + fit.gain;
    if (merged === 0 && after > 0.8 * before && after < 1.25 * before) break;
  }
  return { model, noise, sigma: sharedSigma(fit), window: fit.radius, sweeps: sweep };
}

/** Calls a step for every column, in order or backward; yields the fraction done. */
function* blocks(fit: FitState, direction: 1 | -1, step: (i: number) => void): Generator<number> {
  for (let from = 0; from < fit.count; from += BLOCK) {
    const to = Math.min(fit.count, from + BLOCK);
    for (let k = from; k < to; k++) step(direction > 0 ? k : fit.count - 1 - k);
    yield to / fit.count;
  }
}

function centerColumn(fit: FitState, i: number): void {
  if (fit.merged[i] >= 0) return;
  fit.columns[i * COLUMN_STRIDE + ColumnField.Height] = 0;
  stepColumn(fit, i, false);
}

function sweepColumn(fit: FitState, i: number): void {
  if (fit.merged[i] < 0) stepColumn(fit, i, true);
}

function visitColumn(fit: FitState, i: number): void {
  if (fit.merged[i] >= 0) fit.active[i] = 0;
  if (fit.active[i] === 0) return;
  stepColumn(fit, i, true);
  markActive(fit, i);
}

/** Geometric mean of the widths of the shared shape, px. */
export function sharedSigma({ shape }: FitState): number {
  return Math.pow(shape[0] * shape[2] - shape[1] * shape[1], -0.25);
}

/**
 * Marks columns whose window is cut off by the border, into which columns outside may shine: they do
 * not tell others of shape and background, as long as there are others.
 */
function markWhole(fit: FitState): void {
  const { count, columns, width, height, radius, whole } = fit;
  let found = 0;
  for (let i = 0; i < count; i++) {
    const x = columns[i * COLUMN_STRIDE], y = columns[i * COLUMN_STRIDE + 1];
    const margin = Math.min(radius, fit.spacing / 2) + radius / 2;
    const inside = x >= margin && y >= margin && x <= width - 1 - margin &&
      y <= height - 1 - margin;
    whole[i] = inside ? 1 : 0;
    found += whole[i];
  }
  if (found < Math.min(10, count / 4)) whole.fill(1);
}

/** Starts that are off make neighbors look nearer than they are. */
function measureSpacing(fit: FitState): void {
  const alone = (_: number, i: number) => fit.merged[i] < 0;
  const place = (field: number) =>
    Float64Array.from(fit.merged, (_, i) => fit.columns[i * COLUMN_STRIDE + field]).filter(alone);
  const spacing = medianNearestDistance(place(ColumnField.X), place(ColumnField.Y));
  if (spacing >= 1) fit.spacing = spacing;
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

/**
 * Looks for columns that ended in one place. If they started well apart, the one that came farther
 * is sent back to its start, once; otherwise it leaves the model and the other stands for it.
 * Returns how many were sent back or left.
 */
function mergeColumns(fit: FitState): number {
  const { count, columns, merged, startX, startY } = fit;
  const lone = !Number.isFinite(fit.spacing);
  findNeighbors(fit, lone ? 0.5 * sharedSigma(fit) : MERGE_DISTANCE * fit.spacing);
  const moved = (i: number) =>
    Math.hypot(columns[i * COLUMN_STRIDE] - startX[i], columns[i * COLUMN_STRIDE + 1] - startY[i]);
  let changed = 0;
  for (let i = 0; i < count; i++) {
    for (let k = fit.neighborStart[i]; k < fit.neighborStart[i + 1]; k++) {
      const j = fit.neighbor[k];
      if (merged[i] >= 0 || merged[j] >= 0) continue;
      const [stays, goes] = moved(i) <= moved(j) ? [i, j] : [j, i];
      const apart = Math.hypot(startX[i] - startX[j], startY[i] - startY[j]);
      changed++;
      const at = goes * COLUMN_STRIDE;
      if (apart > APART * fit.spacing && fit.sentBack[goes] === 0) {
        fit.sentBack[goes] = 1;
        columns[at] = startX[goes];
        columns[at + 1] = startY[goes];
        columns.set(fit.shape, at + ColumnField.Pxx);
      } else {
        merged[goes] = stays;
      }
      columns[at + ColumnField.Height] = 0;
    }
  }
  return changed;
}

/** What the neighbors say of each column's background: the mean of their own. */
function meanBackground(fit: FitState): void {
  const { columns, ownBackground, ownVariance, wideStart, wide } = fit;
  for (let i = 0; i < fit.count; i++) {
    let sum = 0, used = 0;
    for (let k = wideStart[i]; k < wideStart[i + 1]; k++) {
      if (!(ownVariance[wide[k]] < Infinity) || fit.whole[wide[k]] === 0) continue;
      sum += ownBackground[wide[k]];
      used++;
    }
    fit.backgroundMean[i] = used > 0 ? sum / used : columns[i * COLUMN_STRIDE + 6];
  }
}

/**
 * Learns how much the background of a column differs from its neighbors' beyond noise. Where it
 * differs no more than noise does, it is in effect one background.
 */
function smoothBackground(fit: FitState): void {
  const { ownBackground, ownVariance } = fit;
  findNeighbors(fit, BACKGROUND_REACH * fit.spacing);
  fit.wideStart = fit.neighborStart;
  fit.wide = fit.neighbor;
  meanBackground(fit);
  const excess: number[] = [];
  for (let i = 0; i < fit.count; i++) {
    const used = fit.wideStart[i + 1] - fit.wideStart[i];
    const tells = ownVariance[i] < Infinity && fit.merged[i] < 0 && fit.whole[i] === 1;
    if (!tells || used === 0) continue;
    const difference = ownBackground[i] - fit.backgroundMean[i];
    // The median square of a normal number is 0.455 of its variance.
    excess.push(difference * difference / 0.455 - ownVariance[i] * (1 + 1 / used));
  }

  fit.backgroundSpread = excess.length < FEWEST_BACKGROUNDS
    ? Infinity
    : Math.max(median(Float64Array.from(excess)), 0.01 * median(ownVariance));
}

/** The middle value; 0 of nothing. */
export function median(values: Float64Array): number {
  return values.length > 0 ? values.slice().sort()[values.length >> 1] : 0;
}
