/**
 * Correlations of pairs of exposures in their band: maps on a grid, and exact values between.
 *
 * C(d) = sum over the band of w conj(F_i) F_j exp(2 pi i f.d); it is highest where exposure j shows
 * the specimen moved by d against exposure i, and 1 for equal exposures without noise.
 *
 * @module
 */
import { createFft2Plan, type Fft2Plan, fft2InPlace, fastLength } from "@core/kernels";
import type { Band } from "./_band.ts";

/** A grid of correlations, a coarse picture of C(d). */
export interface Grid {
  readonly plan: Fft2Plan;
  /** Distance of grid points, px. */
  readonly pitchX: number;
  readonly pitchY: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** A maximum of a correlation. */
export interface Maximum {
  readonly x: number;
  readonly y: number;
  /** C(d), negative for inverted contrast. */
  readonly value: number;
  /** Standard uncertainty of one axis, px, from the noise of both exposures. */
  readonly error: number;
}

/** Makes the grid for a band: fine enough for two points in the shortest period. */
export function createGrid(band: Band): Grid {
  let reachX = 1, reachY = 1;
  for (let k = 0; k < band.length; k++) {
    reachX = Math.max(reachX, Math.abs(band.u[k]));
    reachY = Math.max(reachY, Math.abs(band.v[k]));
  }
  const width = Math.min(band.width, fastLength(4 * reachX));
  const height = Math.min(band.height, fastLength(4 * reachY));
  return {
    plan: createFft2Plan(width, height),
    pitchX: band.width / width,
    pitchY: band.height / height,
    re: new Float64Array(width * height),
    im: new Float64Array(width * height),
  };
}

/** Fills the grid with two correlations at once: pair (i, j) in `re`, pair (k, l) in `im`. */
export function correlatePairs(
  band: Band,
  grid: Grid,
  [i, j]: readonly [number, number],
  second: readonly [number, number] | undefined,
): void {
  const { width, height } = grid.plan;
  grid.re.fill(0);
  grid.im.fill(0);
  addProduct(band, i, j, grid.re, grid.im, width, height, false);
  if (second !== undefined) {
    addProduct(band, second[0], second[1], grid.re, grid.im, width, height, true);
  }
  // the forward transform of swapped parts is the inverse one without its factor, swapped
  fft2InPlace(grid.plan, grid.im, grid.re);
}

/** Adds w conj(F_i) F_j at +f and its conjugate at -f; times i for the second pair of a grid. */
function addProduct(
  band: Band,
  i: number,
  j: number,
  re: Float64Array,
  im: Float64Array,
  width: number,
  height: number,
  rotated: boolean,
): void {
  const aRe = band.re[i], aIm = band.im[i], bRe = band.re[j], bIm = band.im[j];
  for (let k = 0; k < band.length; k++) {
    const w = band.weight[k];
    const real = w * (aRe[k] * bRe[k] + aIm[k] * bIm[k]);
    const imaginary = w * (aRe[k] * bIm[k] - aIm[k] * bRe[k]);
    const u = band.u[k], v = band.v[k];
    const at = ((v + height) % height) * width + (u + width) % width;
    const opposite = ((height - v) % height) * width + (width - u) % width;
    if (rotated) {
      re[at] -= imaginary;
      im[at] += real;
      re[opposite] += imaginary;
      im[opposite] += real;
    } else {
      re[at] += real;
      im[at] += imaginary;
      re[opposite] += real;
      im[opposite] -= imaginary;
    }
  }
}

/**
 * The highest grid point within a radius of a center, px; with `either` the highest absolute value.
 * `undefined` when no grid point lies in the disc.
 */
export function highestWithin(
  grid: Grid,
  values: Float64Array,
  centerX: number,
  centerY: number,
  radius: number,
  either: boolean,
): { x: number; y: number; value: number } | undefined {
  const { width, height } = grid.plan;
  const reachX = Math.min(width >> 1, Math.ceil(radius / grid.pitchX));
  const reachY = Math.min(height >> 1, Math.ceil(radius / grid.pitchY));
  const x0 = Math.round(centerX / grid.pitchX), y0 = Math.round(centerY / grid.pitchY);
  let best: { x: number; y: number; value: number } | undefined;
  for (let iy = y0 - reachY; iy <= y0 + reachY; iy++) {
    for (let ix = x0 - reachX; ix <= x0 + reachX; ix++) {
      const x = ix * grid.pitchX, y = iy * grid.pitchY;
      if ((x - centerX) ** 2 + (y - centerY) ** 2 > radius * radius) continue;
      const value = values[modulo(iy, height) * width + modulo(ix, width)];
      const better = best === undefined ||
        (either ? Math.abs(value) > Math.abs(best.value) : value > best.value);
      if (better) best = { x, y, value };
    }
  }
  return best;
}

/** C(d) at any d. */
export function correlationAt(band: Band, i: number, j: number, x: number, y: number): number {
  const aRe = band.re[i], aIm = band.im[i], bRe = band.re[j], bIm = band.im[j];
  let sum = 0;
  for (let k = 0; k < band.length; k++) {
    const angle = 2 * Math.PI * (band.fx[k] * x + band.fy[k] * y);
    const real = aRe[k] * bRe[k] + aIm[k] * bIm[k];
    const imaginary = aRe[k] * bIm[k] - aIm[k] * bRe[k];
    sum += band.weight[k] * (real * Math.cos(angle) - imaginary * Math.sin(angle));
  }
  return 2 * sum;
}

/** Newton's method ends when a step is shorter than this, px. */
const STEP_END = 1e-4;
const MAX_STEPS = 8;

/**
 * The extremum of C near a start, by Newton's method with exact derivatives.
 *
 * A step longer than `reach` from the start ends the search at the start: then there is no extremum
 * to be trusted, and the error is infinite.
 */
export function refineMaximum(
  band: Band,
  i: number,
  j: number,
  startX: number,
  startY: number,
  reach: number,
): Maximum {
  const aRe = band.re[i], aIm = band.im[i], bRe = band.re[j], bIm = band.im[j];
  const [noiseI, noiseJ] = [band.noise[i], band.noise[j]];
  let x = startX, y = startY, value = 0, error = Infinity;
  for (let step = 0; step < MAX_STEPS; step++) {
    let c = 0, cx = 0, cy = 0, cxx = 0, cxy = 0, cyy = 0, gradientNoise = 0;
    for (let k = 0; k < band.length; k++) {
      const px = 2 * Math.PI * band.fx[k], py = 2 * Math.PI * band.fy[k], w = band.weight[k];
      const real = aRe[k] * bRe[k] + aIm[k] * bIm[k];
      const imaginary = aRe[k] * bIm[k] - aIm[k] * bRe[k];
      const angle = px * x + py * y;
      const cos = Math.cos(angle), sin = Math.sin(angle);
      const even = w * (real * cos - imaginary * sin);
      const odd = -w * (real * sin + imaginary * cos);
      c += even;
      cx += px * odd;
      cy += py * odd;
      cxx -= px * px * even;
      cxy -= px * py * even;
      cyy -= py * py * even;
      const powerI = aRe[k] ** 2 + aIm[k] ** 2, powerJ = bRe[k] ** 2 + bIm[k] ** 2;
      // powers hold signal and noise; their product less the signals' is what the noise adds
      const extra = powerI * noiseJ + powerJ * noiseI - noiseI * noiseJ;
      gradientNoise += w * w * (px * px + py * py) / 2 * Math.max(0, extra);
    }
    value = 2 * c;
    const determinant = cxx * cyy - cxy * cxy;
    if (!(determinant > 0)) break;
    // variance of the gradient 2 sum over the curvature (2 sum)^2, both with the factor 2 of the pair
    error = Math.sqrt(2 * gradientNoise / Math.abs(4 * determinant));
    const dx = -(cyy * cx - cxy * cy) / determinant, dy = -(cxx * cy - cxy * cx) / determinant;
    if (Math.hypot(x + dx - startX, y + dy - startY) > reach) {
      return { x: startX, y: startY, value, error: Infinity };
    }
    x += dx;
    y += dy;
    if (Math.hypot(dx, dy) < STEP_END) break;
  }
  return { x, y, value, error };
}

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n;
}
