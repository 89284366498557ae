/**
 * Correlations of pairs of exposures in the band they share: at any point, with derivatives, and on grids.
 *
 * C(d) = sum over the band of w conj(F_i) F_j exp(2 pi i f.d), of both of each opposite pair of
 * frequencies; it is highest where exposure j shows the specimen moved by d against exposure i, and
 * 1 for equal exposures without noise.
 *
 * @module
 */
import { createFft2Plan, fastLength, fft2InPlace, type Fft2Plan } from "./fft.ts";
import type { SharedBand } from "./shared_band.ts";

/** The product of two spectra, and room for evaluating it. */
export interface Correlator {
  /** The band it was made for. */
  readonly band: SharedBand;
  /** w conj(F_i) F_j of the pair that was set last, real part. */
  readonly re: Float64Array;
  /** Its imaginary part. */
  readonly im: Float64Array;
  /** Room for exp(2 pi i u x), u from 0: real part. */
  readonly cosU: Float64Array;
  /** Its imaginary part. */
  readonly sinU: Float64Array;
  /** Room for exp(2 pi i v y), v from -reachV: real part. */
  readonly cosV: Float64Array;
  /** Its imaginary part. */
  readonly sinV: Float64Array;
  /** Largest u of the band. */
  readonly reachU: number;
  /** Largest absolute v of the band. */
  readonly reachV: number;
  /** A distance at which C still is most of its maximum, px: a fine enough pitch for a search. */
  readonly pitch: number;
  /** Tables of the grids searched so far, by radius. */
  readonly grids: Map<number, SearchGrid>;
}

/** A square grid around a center: points on a side, their distance, and phases along x and y. */
export interface SearchGrid {
  /** Points to each side of the center. */
  readonly half: number;
  /** Distance between points, px. */
  readonly step: number;
  /** cos and sin of 2 pi u i step / width, in turn, i from 0 to half within u. */
  readonly x: Float64Array;
  /** The same along y. */
  readonly y: Float64Array;
}

/** A value of C with its gradient and curvature. */
export interface Expansion {
  /** C. */
  value: number;
  /** Its derivative along x, 1/px. */
  gradX: number;
  /** Its derivative along y, 1/px. */
  gradY: number;
  /** Its second derivative along x, 1/px^2. */
  curveXX: number;
  /** Its mixed second derivative, 1/px^2. */
  curveXY: number;
  /** Its second derivative along y, 1/px^2. */
  curveYY: number;
}

/** A point and the value of C there. */
export interface Point {
  /** Shift along x, px. */
  readonly x: number;
  /** Shift along y, px. */
  readonly y: number;
  /** C there. */
  readonly value: number;
}

/** An extremum of a correlation; its value is negative for inverted contrast. */
export interface Extremum extends Point {
  /** Standard uncertainty of one axis, px, from the noise of both exposures; infinite if none is there. */
  readonly error: number;
  /**
   * The curvature of C over that of the two exposures' own, in the direction in which it is least: 1 for
   * equal exposures, near 0 where nothing that both show holds one direction; 0 if no extremum is there.
   */
  readonly agreement: number;
}

/** Search points are this share of the correlation's own width apart: at worst 9 % is missed. */
const PITCH_SHARE = 0.6;

/** Makes room for the correlations of a band. */
export function createCorrelator(band: SharedBand): Correlator {
  let reachU = 0, reachV = 0, power = 0, moment = 0;
  for (let k = 0; k < band.length; k++) {
    reachU = Math.max(reachU, band.u[k]);
    reachV = Math.max(reachV, Math.abs(band.v[k]));
    for (let e = 0; e < band.re.length; e++) {
      const p = band.weight[k] * (band.re[e][k] ** 2 + band.im[e][k] ** 2);
      power += p;
      moment += p * (band.fx[k] ** 2 + band.fy[k] ** 2);
    }
  }
  // C falls as a Gaussian of sigma 1 / (2 pi f), f the root mean square of one component
  const f = moment > 0 ? Math.sqrt(moment / power / 2) : 0.25;
  return {
    band,
    re: new Float64Array(band.length),
    im: new Float64Array(band.length),
    cosU: new Float64Array(reachU + 1),
    sinU: new Float64Array(reachU + 1),
    cosV: new Float64Array(2 * reachV + 1),
    sinV: new Float64Array(2 * reachV + 1),
    reachU,
    reachV,
    pitch: PITCH_SHARE / (2 * Math.PI * f),
    grids: new Map(),
  };
}

/** Sets the pair (i, j). */
export function setPair({ band, re, im }: Correlator, i: number, j: number): void {
  const aRe = band.re[i], aIm = band.im[i], bRe = band.re[j], bIm = band.im[j];
  for (let k = 0; k < band.length; k++) {
    const w = band.weight[k];
    re[k] = w * (aRe[k] * bRe[k] + aIm[k] * bIm[k]);
    im[k] = w * (aRe[k] * bIm[k] - aIm[k] * bRe[k]);
  }
}

/** Sets the mean of the correlations of all exposures with themselves, which shows the lattice. */
export function setOwn({ band, re, im }: Correlator): void {
  const n = band.re.length;
  im.fill(0);
  for (let k = 0; k < band.length; k++) {
    let sum = 0;
    for (let e = 0; e < n; e++) sum += band.re[e][k] ** 2 + band.im[e][k] ** 2 - band.noise[e];
    re[k] = band.weight[k] * sum / n;
  }
}

/** C(d) of the pair that was set. */
export function correlationAt(c: Correlator, x: number, y: number): number {
  return correlationsAt(c, x, y)[0];
}

/** C(d) and C(-d) of the pair that was set, at the cost of one. */
export function correlationsAt(c: Correlator, x: number, y: number): [number, number] {
  fillPhases(c, x, y);
  const { band: { length, u, v }, re, im, cosU, sinU, cosV, sinV, reachV } = c;
  let even = 0, odd = 0;
  for (let k = 0; k < length;) {
    const row = v[k];
    let reCos = 0, reSin = 0, imCos = 0, imSin = 0;
    for (; k < length && v[k] === row; k++) {
      const cos = cosU[u[k]], sin = sinU[u[k]];
      reCos += re[k] * cos;
      reSin += re[k] * sin;
      imCos += im[k] * cos;
      imSin += im[k] * sin;
    }
    const cos = cosV[row + reachV], sin = sinV[row + reachV];
    even += reCos * cos - reSin * sin;
    odd += imSin * cos + imCos * sin;
  }
  return [2 * (even - odd), 2 * (even + odd)];
}

/** Moves exposure e of the correlator's band back by d, and turns it over for a sign of -1. */
export function moveBackInPlace(
  c: Correlator,
  e: number,
  x: number,
  y: number,
  sign: number,
): void {
  fillPhases(c, x, y);
  const { band, cosU, sinU, cosV, sinV, reachV } = c;
  const re = band.re[e], im = band.im[e];
  for (let k = 0; k < band.length; k++) {
    const u = band.u[k], v = band.v[k] + reachV;
    const cos = sign * (cosU[u] * cosV[v] - sinU[u] * sinV[v]);
    const sin = sign * (sinU[u] * cosV[v] + cosU[u] * sinV[v]);
    const real = re[k];
    re[k] = real * cos - im[k] * sin;
    im[k] = real * sin + im[k] * cos;
  }
}

/** C, its gradient and its curvature at d. */
export function expandAt(c: Correlator, x: number, y: number, out: Expansion): void {
  fillPhases(c, x, y);
  const { band, re, im, cosU, sinU, cosV, sinV, reachV } = c;
  let value = 0, gx = 0, gy = 0, xx = 0, xy = 0, yy = 0;
  for (let k = 0; k < band.length; k++) {
    const u = band.u[k], v = band.v[k] + reachV;
    const cos = cosU[u] * cosV[v] - sinU[u] * sinV[v];
    const sin = sinU[u] * cosV[v] + cosU[u] * sinV[v];
    const even = re[k] * cos - im[k] * sin, odd = -(re[k] * sin + im[k] * cos);
    const fx = band.fx[k], fy = band.fy[k];
    value += even;
    gx += fx * odd;
    gy += fy * odd;
    xx -= fx * fx * even;
    xy -= fx * fy * even;
    yy -= fy * fy * even;
  }
  const first = 4 * Math.PI, second = 8 * Math.PI * Math.PI;
  out.value = 2 * value;
  out.gradX = first * gx;
  out.gradY = first * gy;
  out.curveXX = second * xx;
  out.curveXY = second * xy;
  out.curveYY = second * yy;
}

/**
 * The highest of the points of a square grid in a disc around a center; with `either` the highest
 * absolute value.
 *
 * The transform is done as two small matrix products (Guizar-Sicairos et al., Optics Letters 33 (2008)
 * 156), so that its cost is the band's length times the points along one side. Turned to the center,
 * points on opposite sides of it share their products.
 */
export function searchNear(
  c: Correlator,
  centerX: number,
  centerY: number,
  radius: number,
  either: boolean,
): Point {
  const grid = gridOf(c, radius);
  const { half, step } = grid, side = 2 * half + 1;
  const values = gridAround(c, centerX, centerY, grid);
  let best = half * side + half;
  for (let j = -half, at = 0; j <= half; j++) {
    for (let i = -half; i <= half; i++, at++) {
      if (i * i + j * j > half * half) continue;
      const isHigher = either
        ? Math.abs(values[at]) > Math.abs(values[best])
        : values[at] > values[best];
      if (isHigher) best = at;
    }
  }
  return {
    x: centerX + (best % side - half) * step,
    y: centerY + (Math.floor(best / side) - half) * step,
    value: 2 * values[best],
  };
}

/** The grid for a radius, made once. */
function gridOf({ band, grids, pitch, reachU, reachV }: Correlator, radius: number): SearchGrid {
  const known = grids.get(radius);
  if (known !== undefined) return known;
  const half = Math.ceil(radius / pitch), step = half > 0 ? radius / half : 0;
  const grid = {
    half,
    step,
    x: turnTable(2 * Math.PI * step / band.width, half, reachU),
    y: turnTable(2 * Math.PI * step / band.height, half, reachV),
  };
  grids.set(radius, grid);
  return grid;
}

/** C / 2 at the points of a grid around a center. */
function gridAround(
  c: Correlator,
  centerX: number,
  centerY: number,
  { half, x: tableX, y: tableY }: SearchGrid,
): Float64Array {
  const { band, re, im, cosU, sinU, cosV, sinV, reachV } = c;
  fillPhases(c, centerX, centerY);
  const side = 2 * half + 1, count = half + 1;
  const values = new Float64Array(side * side);
  // of one row of frequencies: sums times cosines and sines
  const reCos = new Float64Array(count), reSin = new Float64Array(count);
  const imCos = new Float64Array(count), imSin = new Float64Array(count);
  const rowRe = new Float64Array(side), rowIm = new Float64Array(side);
  for (let k = 0; k < band.length;) {
    const v = band.v[k], cosRow = cosV[v + reachV], sinRow = sinV[v + reachV];
    reCos.fill(0);
    reSin.fill(0);
    imCos.fill(0);
    imSin.fill(0);
    for (; k < band.length && band.v[k] === v; k++) {
      const u = band.u[k];
      const cos = cosU[u] * cosRow - sinU[u] * sinRow, sin = sinU[u] * cosRow + cosU[u] * sinRow;
      const r = re[k] * cos - im[k] * sin, m = re[k] * sin + im[k] * cos;
      for (let i = 0, t = 2 * u * count; i < count; i++, t += 2) {
        reCos[i] += r * tableX[t];
        reSin[i] += r * tableX[t + 1];
        imCos[i] += m * tableX[t];
        imSin[i] += m * tableX[t + 1];
      }
    }
    for (let i = 0; i < count; i++) {
      rowRe[half + i] = reCos[i] - imSin[i];
      rowIm[half + i] = reSin[i] + imCos[i];
      rowRe[half - i] = reCos[i] + imSin[i];
      rowIm[half - i] = imCos[i] - reSin[i];
    }
    addRows(values, rowRe, rowIm, tableY, 2 * Math.abs(v) * count, v < 0 ? -1 : 1, half);
  }
  return values;
}

/** Adds what a row of frequencies gives to all rows of the grid, two opposite ones at a time. */
function addRows(
  values: Float64Array,
  rowRe: Float64Array,
  rowIm: Float64Array,
  table: Float64Array,
  from: number,
  sign: number,
  half: number,
): void {
  const side = 2 * half + 1;
  for (let i = 0; i < side; i++) values[half * side + i] += rowRe[i];
  for (let j = 1; j <= half; j++) {
    const cos = table[from + 2 * j], sin = sign * table[from + 2 * j + 1];
    for (let i = 0, up = (half + j) * side, down = (half - j) * side; i < side; i++) {
      const even = rowRe[i] * cos, odd = rowIm[i] * sin;
      values[up++] += even - odd;
      values[down++] += even + odd;
    }
  }
}

/** cos and sin of k i angle, in turn, for i from 0 to `count` within k from 0 to `reach`. */
function turnTable(angle: number, count: number, reach: number): Float64Array {
  const width = 2 * (count + 1);
  const table = new Float64Array(width * (reach + 1));
  for (let k = 0; k <= reach; k++) {
    // each from the one before, as often as the grid is wide
    const cos = Math.cos(k * angle), sin = Math.sin(k * angle);
    let re = 1, im = 0;
    for (let t = k * width; t < (k + 1) * width; t += 2) {
      table[t] = re;
      table[t + 1] = im;
      const turned = re * cos - im * sin;
      im = re * sin + im * cos;
      re = turned;
    }
  }
  return table;
}

/** A grid over the whole plane, for searches too wide for {@linkcode searchNear}. */
export interface CorrelationGrid {
  /** Transform of the grid's size. */
  readonly plan: Fft2Plan;
  /** Room for C. */
  readonly re: Float64Array;
  /** Room for what the transform needs beside it. */
  readonly im: Float64Array;
}

/** Makes a grid for a band, at least as fine as its pitch. */
export function createCorrelationGrid(
  { band, reachU, reachV, pitch }: Correlator,
): CorrelationGrid {
  const width = Math.min(band.width, fastLength(Math.max(2 * reachU + 1, band.width / pitch)));
  const height = Math.min(band.height, fastLength(Math.max(2 * reachV + 1, band.height / pitch)));
  return {
    plan: createFft2Plan(width, height),
    re: new Float64Array(width * height),
    im: new Float64Array(width * height),
  };
}

/** As {@linkcode searchNear}, for a disc of any size, by one transform. */
export function searchWide(
  { band, re, im }: Correlator,
  grid: CorrelationGrid,
  centerX: number,
  centerY: number,
  radius: number,
  either: boolean,
): Point {
  const { width, height } = grid.plan;
  grid.re.fill(0);
  grid.im.fill(0);
  for (let k = 0; k < band.length; k++) {
    const u = band.u[k], v = band.v[k];
    const at = modulo(v, height) * width + u % width;
    const opposite = modulo(-v, height) * width + modulo(-u, width);
    grid.re[at] += re[k];
    grid.im[at] += im[k];
    grid.re[opposite] += re[k];
    grid.im[opposite] -= im[k];
  }
  // the forward transform of swapped parts is the inverse one without its factor, swapped
  fft2InPlace(grid.plan, grid.im, grid.re);
  const pitchX = band.width / width, pitchY = band.height / height;
  const reachX = Math.min(width >> 1, Math.ceil(radius / pitchX));
  const reachY = Math.min(height >> 1, Math.ceil(radius / pitchY));
  const x0 = Math.round(centerX / pitchX), y0 = Math.round(centerY / pitchY);
  let best: Point = { x: centerX, y: centerY, value: either ? 0 : -Infinity };
  for (let iy = y0 - reachY; iy <= y0 + reachY; iy++) {
    for (let ix = x0 - reachX; ix <= x0 + reachX; ix++) {
      const x = ix * pitchX, y = iy * pitchY;
      if ((x - centerX) ** 2 + (y - centerY) ** 2 > radius * radius) continue;
      const value = grid.re[modulo(iy, height) * width + modulo(ix, width)];
      const isHigher = either ? Math.abs(value) > Math.abs(best.value) : value > best.value;
      if (isHigher) best = { x, y, value };
    }
  }
  return best;
}

/** Newton's method ends when a step is shorter than this, px. */
const STEP_END = 1e-5;
const MAX_STEPS = 12;

/**
 * The maximum of `sign * C` near a start, by Newton's method with exact derivatives.
 *
 * Where there is none within `reach` of the start, the start is returned with an infinite error.
 */
export function refineExtremum(
  c: Correlator,
  startX: number,
  startY: number,
  reach: number,
  sign: number,
): Point & { readonly expansion: Expansion | undefined } {
  const e = { value: 0, gradX: 0, gradY: 0, curveXX: 0, curveXY: 0, curveYY: 0 };
  let x = startX, y = startY, startValue = 0;
  for (let step = 0; step < MAX_STEPS; step++) {
    expandAt(c, x, y, e);
    if (step === 0) startValue = e.value;
    const determinant = e.curveXX * e.curveYY - e.curveXY * e.curveXY;
    const isConvex = determinant > 0 && sign * (e.curveXX + e.curveYY) < 0;
    // outside the convex part a short step uphill leads towards it
    const slope = Math.hypot(e.gradX, e.gradY);
    const uphill = slope > 0 ? 0.5 * c.pitch * sign / slope : 0;
    const dx = isConvex
      ? -(e.curveYY * e.gradX - e.curveXY * e.gradY) / determinant
      : uphill * e.gradX;
    const dy = isConvex
      ? -(e.curveXX * e.gradY - e.curveXY * e.gradX) / determinant
      : uphill * e.gradY;
    const length = Math.hypot(dx, dy), limit = length > c.pitch ? c.pitch / length : 1;
    x += limit * dx;
    y += limit * dy;
    if (!(Math.hypot(x - startX, y - startY) <= reach)) break;
    if (isConvex && length < STEP_END) return { x, y, value: e.value, expansion: e };
  }
  return { x: startX, y: startY, value: startValue, expansion: undefined };
}

/**
 * The extremum of the pair (i, j), which must be set, near a start; see {@linkcode refineExtremum}.
 *
 * Its uncertainty is the noise of the gradient over the curvature.
 */
export function placePair(
  c: Correlator,
  i: number,
  j: number,
  start: { readonly x: number; readonly y: number },
  reach: number,
  sign: number,
): Extremum {
  const { x, y, value, expansion } = refineExtremum(c, start.x, start.y, reach, sign);
  if (expansion === undefined) return { x, y, value, error: Infinity, agreement: 0 };
  const { band } = c;
  const aRe = band.re[i], aIm = band.im[i], bRe = band.re[j], bIm = band.im[j];
  const noiseI = band.noise[i], noiseJ = band.noise[j];
  let gradientNoise = 0, ownXX = 0, ownXY = 0, ownYY = 0;
  for (let k = 0; k < band.length; k++) {
    const powerI = aRe[k] ** 2 + aIm[k] ** 2, powerJ = bRe[k] ** 2 + bIm[k] ** 2;
    // powers hold signal and noise; their product less the signals' is what the noise adds
    const extra = Math.max(0, powerI * noiseJ + powerJ * noiseI - noiseI * noiseJ);
    gradientNoise += band.weight[k] ** 2 * (band.fx[k] ** 2 + band.fy[k] ** 2) / 2 * extra;
    const signal = band.weight[k] * (powerI - noiseI + powerJ - noiseJ) / 2;
    ownXX += signal * band.fx[k] * band.fx[k];
    ownXY += signal * band.fx[k] * band.fy[k];
    ownYY += signal * band.fy[k] * band.fy[k];
  }
  const { curveXX, curveXY, curveYY } = expansion;
  const determinant = curveXX * curveYY - curveXY * curveXY;
  const scale = -8 * Math.PI * Math.PI * sign;
  // both frequencies of a pair give the same gradient: factor 2 in its sum, 4 and half in its variance
  return {
    x,
    y,
    value,
    error: Math.sqrt(8 * Math.PI * Math.PI * gradientNoise / determinant),
    agreement: leastRatio(
      curveXX / scale,
      curveXY / scale,
      curveYY / scale,
      ownXX,
      ownXY,
      ownYY,
    ),
  };
}

/** The least of u A u / u B u over all u, for symmetric A and positive B of 2 x 2; 0 if B is not positive. */
function leastRatio(
  axx: number,
  axy: number,
  ayy: number,
  bxx: number,
  bxy: number,
  byy: number,
): number {
  const determinant = bxx * byy - bxy * bxy;
  if (!(determinant > 0 && bxx + byy > 0)) return 0;
  const half = (axx * byy + ayy * bxx - 2 * axy * bxy) / 2 / determinant;
  const product = (axx * ayy - axy * axy) / determinant;
  return half - Math.sqrt(Math.max(0, half * half - product));
}

function fillPhases(c: Correlator, x: number, y: number): void {
  const { band, cosU, sinU, cosV, sinV, reachU, reachV } = c;
  fillTurns(2 * Math.PI * x / band.width, 0, reachU, cosU, sinU);
  fillTurns(2 * Math.PI * y / band.height, reachV, reachV, cosV, sinV);
  for (let v = 1; v <= reachV; v++) {
    cosV[reachV - v] = cosV[reachV + v];
    sinV[reachV - v] = -sinV[reachV + v];
  }
}

/** Writes exp(i k angle) at `first + k` for k from 0 to `reach`, each from the one before. */
function fillTurns(
  angle: number,
  first: number,
  reach: number,
  cosines: Float64Array,
  sines: Float64Array,
): void {
  const cos = Math.cos(angle), sin = Math.sin(angle);
  let re = 1, im = 0;
  for (let k = first; k <= first + reach; k++) {
    cosines[k] = re;
    sines[k] = im;
    const turned = re * cos - im * sin;
    im = re * sin + im * cos;
    re = turned;
  }
}

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n;
}
