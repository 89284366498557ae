/**
 * What the user asks of a fit, and its state before anything is fitted.
 *
 * @module
 */
import { COLUMN_STRIDE } from "@core/kernels";
import { backgroundBeside, setBackground } from "./_background.ts";
import {
  Backdrop,
  createScratch,
  type FitState,
  Freedom,
  longestMoveOf,
  placeColumn,
} from "./_fit_state.ts";
import { firstNoise } from "./_noise.ts";
import { shapeNumbers } from "./_shared_shape.ts";
import { startProfile } from "./_start_profile.ts";

/** Models a fit can have. */
export type FitModel = "elliptical" | "circular" | "shared" | "shared-ellipse";

/** What may lie under the columns. */
export type FitBackground = "common" | "constant" | "slope";

/** What the user asked for. */
export interface FitSettings {
  readonly dark: boolean;
  readonly model: FitModel | "auto";
  readonly noise: "auto" | "poisson" | "gaussian";
  readonly background: FitBackground | "auto";
  /** Radius of the window, px. */
  readonly window: number | "auto";
  /** Typical distance of neighbors, px; Infinity for a lone column. */
  readonly spacing: number;
  /** Whether that may be measured again once the columns are better known than their starts. */
  readonly spacingKnown: boolean;
  /** Most sweeps over all columns in one round. */
  readonly sweeps: number;
}

/** Error of a start that the coarse sweeps expect, in spacings; with one column, in widths. */
const START_ERROR = 0.25;

/** What lies under the columns, by name. */
const BACKDROP: Readonly<Record<FitBackground, number>> = {
  common: Backdrop.Common,
  constant: Backdrop.Own,
  slope: Backdrop.Plane,
};

/**
 * Rows of peaks from top to bottom in bands of a spacing, each from left to right: neighbors in the list
 * are neighbors in the image, so that their pixels are still at hand. It takes a fifth off the time
 * and more.
 */
export function spatialOrder(x: Float64Array, y: Float64Array, spacing: number): Int32Array {
  const band = Number.isFinite(spacing) ? y.map((v) => Math.floor(v / spacing)) : y;
  return Int32Array.from(x.keys()).sort((a, b) => band[a] - band[b] || x[a] - x[b] || a - b);
}

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
  const profile = startProfile(data, width, height, x, y, spacing);
  const { sigma } = profile;
  const noise = firstNoise(data, width, height);
  const fit: FitState = {
    data,
    width,
    height,
    sign: settings.dark ? -1 : 1,
    model: new Float64Array(width * height),
    count,
    given: count,
    columns: new Float64Array(count * COLUMN_STRIDE),
    startX: new Float64Array(count),
    startY: new Float64Array(count),
    startHeight: new Float64Array(count),
    meanHeight: 0,
    startProfile: profile,
    windowX: new Float64Array(count),
    windowY: new Float64Array(count),
    merged: new Int32Array(count),
    outcome: new Uint8Array(count),
    step: new Float64Array(count),
    active: new Uint8Array(count).fill(1),
    spacing,
    longestMove: longestMoveOf(spacing, sigma),
    backdrop: BACKDROP[settings.background === "auto" ? "constant" : settings.background],
    whole: new Uint8Array(count).fill(1),
    shape: Float64Array.of(1 / sigma ** 2, 0, 1 / sigma ** 2),
    shapeMatrix: new Float64Array(9),
    shapeVector: new Float64Array(3),
    shapeStep: new Float64Array(3),
    shapeOpen: true,
    shapes: Float64Array.of(1 / sigma ** 2, 0, 1 / sigma ** 2),
    group: new Uint8Array(count),
    shapeNumbers: shapeNumbers(1, settings.model !== "shared-ellipse"),
    sharedCovariance: new Float64Array(0),
    damping: 0,
    scratch: createScratch(),
    backgroundMean: new Float64Array(count),
    ownBackground: new Float64Array(count),
    ownVariance: new Float64Array(count),
    backgroundSpread: Infinity,
    beside: false,
    oneBackground: false,
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
  if (settings.background === "auto" || settings.background === "common") {
    const level = backgroundBeside(data, width, height, x, y, spacing);
    if (level !== undefined) {
      fit.backdrop = Backdrop.Common;
      fit.beside = true;
      setBackground(fit, level);
    }
  }
  return fit;
}
