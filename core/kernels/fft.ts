/**
 * Fast Fourier transforms of any length, in one and two dimensions, on split real and imaginary parts.
 *
 * Forward: `X[k] = sum over j of x[j] exp(-2 pi i j k / n)`, unscaled; the inverse is scaled by 1/n,
 * so that inverse after forward gives the input back. Frequencies lie in the usual order: index k
 * stands for k / n cycles/px up to n/2, above it for (k - n) / n.
 *
 * Lengths of the factors 2, 3, 4 and 5 go through self-sorting (Stockham) passes of radix 4, 2, 3
 * and 5; any other length through a chirp convolution (Bluestein) of a power of two. Both cost
 * O(n log n); the second about five times as much, so pad to {@linkcode fastLength} where padding
 * is allowed. In two dimensions columns of pixels go through the same passes in blocks, since a
 * Stockham pass works on any number of interleaved transforms at once.
 *
 * @see Cochran et al., What is the fast Fourier transform?, Proc. IEEE 55 (1967) 1664, for the
 * self-sorting order. https://doi.org/10.1109/PROC.1967.5957
 * @see Bluestein, A linear filtering approach to the computation of discrete Fourier transform, IEEE
 * Trans. Audio Electroacoust. 18 (1970) 451. https://doi.org/10.1109/TAU.1970.1162132
 *
 * @module
 */

/** One pass: its radix, the length before it, the interleave before it, and its twiddle factors. */
export interface FftPass {
  /** 2, 3, 4 or 5. */
  readonly radix: number;
  /** Length that is left before the pass. */
  readonly length: number;
  /** Number of interleaved series before the pass. */
  readonly stride: number;
  /** exp(-2 pi i p r / length) at 2 (p (radix - 1) + r - 1): real, imaginary. */
  readonly twiddles: Float64Array;
}

/** The chirp of a length that has other factors than 2, 3 and 5. */
export interface FftChirp {
  /** Plan of the convolution. */
  readonly plan: FftPlan;
  /** exp(-pi i j^2 / n), real part. */
  readonly re: Float64Array;
  /** Its imaginary part. */
  readonly im: Float64Array;
  /** Transform of the conjugate chirp, scaled by 1 / plan.length, real part. */
  readonly filterRe: Float64Array;
  /** Its imaginary part. */
  readonly filterIm: Float64Array;
}

/** Tables for transforms of one length. They are never changed, so a plan may be shared. */
export interface FftPlan {
  /** Numbers of one transform. */
  readonly length: number;
  /** Passes in their order; none for a length that goes through a chirp. */
  readonly passes: readonly FftPass[];
  /** Tables for a length of other factors than 2, 3 and 5. */
  readonly chirp: FftChirp | null;
}

/** Tables for transforms of `width x height` images. */
export interface Fft2Plan {
  /** Pixels of a row. */
  readonly width: number;
  /** Number of rows. */
  readonly height: number;
  /** Plan of each row. */
  readonly rows: FftPlan;
  /** Plan along y. */
  readonly columns: FftPlan;
}

/** Pixel columns that go through the passes side by side: two cache lines of each part. */
const BLOCK = 16;

/**
 * Makes the tables for transforms of `length` >= 1 numbers.
 *
 * @example The transform of a cosine
 * ```ts
 * import { createFftPlan, fftInPlace } from "@core/kernels";
 * import { assertClose } from "@assert";
 *
 * const re = Float64Array.from({ length: 12 }, (_, j) => Math.cos(2 * Math.PI * 3 * j / 12));
 * const im = new Float64Array(12);
 * fftInPlace(createFftPlan(12), re, im);
 * assertClose(re[3], 6, 1e-12);
 * assertClose(re[9], 6, 1e-12);
 * ```
 */
export function createFftPlan(length: number): FftPlan {
  const radices: number[] = [];
  let rest = length;
  for (const radix of [4, 2, 3, 5]) {
    for (; rest % radix === 0; rest /= radix) radices.push(radix);
  }
  if (rest > 1) return { length, passes: [], chirp: createChirp(length) };
  const passes: FftPass[] = [];
  let remaining = length, stride = 1;
  for (const radix of radices) {
    passes.push({ radix, length: remaining, stride, twiddles: createTwiddles(remaining, radix) });
    remaining /= radix;
    stride *= radix;
  }
  return { length, passes, chirp: null };
}

/** Makes the tables for transforms of `width x height` images. */
export function createFft2Plan(width: number, height: number): Fft2Plan {
  const rows = createFftPlan(width);
  return { width, height, rows, columns: width === height ? rows : createFftPlan(height) };
}

/** The least length >= `length` whose only prime factors are 2, 3 and 5. */
export function fastLength(length: number): number {
  for (let n = Math.max(1, Math.ceil(length));; n++) {
    let rest = n;
    for (const prime of [2, 3, 5]) while (rest % prime === 0) rest /= prime;
    if (rest === 1) return n;
  }
}

/** Transforms `plan.length` numbers in place. */
export function fftInPlace(plan: FftPlan, re: Float64Array, im: Float64Array): void {
  fftSeriesInPlace(plan, 1, re, im, createFftScratch(plan, 1));
}

/** Transforms `plan.length` numbers back in place, scaled by 1 / n. */
export function inverseFftInPlace(plan: FftPlan, re: Float64Array, im: Float64Array): void {
  fftInPlace(plan, im, re);
  scaleInPlace(re, im, plan.length, 1 / plan.length);
}

/**
 * Transforms an image of `plan.width x plan.height` complex pixels in place.
 *
 * @example Two real images in one transform
 * ```ts
 * import { createFft2Plan, fft2InPlace, unpackTwoRealInPlace } from "@core/kernels";
 * import { assertClose } from "@assert";
 *
 * const re = Float64Array.of(1, 2, 3, 4), im = Float64Array.of(5, 0, 0, 0);
 * const otherRe = new Float64Array(4), otherIm = new Float64Array(4);
 * fft2InPlace(createFft2Plan(2, 2), re, im);
 * unpackTwoRealInPlace(2, 2, re, im, otherRe, otherIm);
 * assertClose(re[0], 10, 1e-12);
 * assertClose(otherRe[3], 5, 1e-12);
 * ```
 */
export function fft2InPlace(plan: Fft2Plan, re: Float64Array, im: Float64Array): void {
  transformRows(plan.rows, plan.height, re, im);
  transformColumns(plan, re, im);
}

/** Transforms an image of `plan.width x plan.height` back in place, scaled by 1 / pixels. */
export function inverseFft2InPlace(plan: Fft2Plan, re: Float64Array, im: Float64Array): void {
  fft2InPlace(plan, im, re);
  const pixels = plan.width * plan.height;
  scaleInPlace(re, im, pixels, 1 / pixels);
}

/**
 * Takes the transform of `first + i second`, two real images, apart into the spectra of the two: the
 * first in (re, im), the second in (otherRe, otherIm).
 *
 * `A[k] = (Z[k] + conj Z[-k]) / 2`, `B[k] = (Z[k] - conj Z[-k]) / 2i`.
 */
export function unpackTwoRealInPlace(
  width: number,
  height: number,
  re: Float64Array,
  im: Float64Array,
  otherRe: Float64Array,
  otherIm: Float64Array,
): void {
  for (let y = 0; y < height; y++) {
    const mirrorRow = (y === 0 ? 0 : height - y) * width;
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const j = mirrorRow + (x === 0 ? 0 : width - x);
      if (j < i) continue;
      const a = re[i], b = im[i], c = re[j], d = im[j];
      re[i] = re[j] = (a + c) / 2;
      im[i] = (b - d) / 2;
      im[j] = (d - b) / 2;
      otherRe[i] = otherRe[j] = (b + d) / 2;
      otherIm[i] = (c - a) / 2;
      otherIm[j] = (a - c) / 2;
    }
  }
}

function createTwiddles(length: number, radix: number): Float64Array {
  const groups = length / radix;
  const twiddles = new Float64Array(2 * groups * (radix - 1));
  for (let p = 0, t = 0; p < groups; p++) {
    for (let r = 1; r < radix; r++, t += 2) {
      const angle = -2 * Math.PI * ((p * r) % length) / length;
      twiddles[t] = Math.cos(angle);
      twiddles[t + 1] = Math.sin(angle);
    }
  }
  return twiddles;
}

function createChirp(length: number): FftChirp {
  let padded = 1;
  while (padded < 2 * length - 1) padded *= 2;
  const plan = createFftPlan(padded);
  const re = new Float64Array(length), im = new Float64Array(length);
  const filterRe = new Float64Array(padded), filterIm = new Float64Array(padded);
  for (let j = 0; j < length; j++) {
    // j^2 modulo 2n keeps the angle exact for long transforms.
    const angle = -Math.PI * ((j * j) % (2 * length)) / length;
    re[j] = Math.cos(angle);
    im[j] = Math.sin(angle);
    const mirror = j === 0 ? 0 : padded - j;
    filterRe[j] = filterRe[mirror] = re[j] / padded;
    filterIm[j] = filterIm[mirror] = -im[j] / padded;
  }
  fftInPlace(plan, filterRe, filterIm);
  return { plan, re, im, filterRe, filterIm };
}

/** Working memory for `count` transforms side by side: two buffers for the passes, one for the chirp. */
export interface FftScratch {
  /** First buffer, real part. */
  readonly aRe: Float64Array;
  /** Its imaginary part. */
  readonly aIm: Float64Array;
  /** Second buffer, real part. */
  readonly bRe: Float64Array;
  /** Its imaginary part. */
  readonly bIm: Float64Array;
  /** Working memory of the convolution, for a length that goes through a chirp. */
  readonly chirp: FftScratch | null;
}

/** Makes the working memory of {@linkcode fftSeriesInPlace} for `count` series. */
export function createFftScratch(plan: FftPlan, count: number): FftScratch {
  const length = (plan.chirp === null ? plan.length : plan.chirp.plan.length) * count;
  return {
    aRe: new Float64Array(length),
    aIm: new Float64Array(length),
    bRe: new Float64Array(length),
    bIm: new Float64Array(length),
    chirp: plan.chirp === null ? null : createFftScratch(plan.chirp.plan, count),
  };
}

function transformRows(plan: FftPlan, height: number, re: Float64Array, im: Float64Array): void {
  const width = plan.length;
  const scratch = createFftScratch(plan, 1);
  const rowRe = new Float64Array(width), rowIm = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      rowRe[x] = re[row + x];
      rowIm[x] = im[row + x];
    }
    fftSeriesInPlace(plan, 1, rowRe, rowIm, scratch);
    for (let x = 0; x < width; x++) {
      re[row + x] = rowRe[x];
      im[row + x] = rowIm[x];
    }
  }
}

function transformColumns(plan: Fft2Plan, re: Float64Array, im: Float64Array): void {
  const { width, height, columns } = plan;
  const count = Math.min(BLOCK, width);
  const scratch = createFftScratch(columns, count);
  const blockRe = new Float64Array(height * count), blockIm = new Float64Array(height * count);
  for (let x = 0; x < width; x += count) {
    // A narrower last block would need its own buffers: the missing columns are carried as zeros.
    const used = Math.min(count, width - x);
    for (let y = 0; y < height; y++) {
      const source = y * width + x, target = y * count;
      for (let c = 0; c < used; c++) {
        blockRe[target + c] = re[source + c];
        blockIm[target + c] = im[source + c];
      }
      for (let c = used; c < count; c++) blockRe[target + c] = blockIm[target + c] = 0;
    }
    fftSeriesInPlace(columns, count, blockRe, blockIm, scratch);
    for (let y = 0; y < height; y++) {
      const source = y * count, target = y * width + x;
      for (let c = 0; c < used; c++) {
        re[target + c] = blockRe[source + c];
        im[target + c] = blockIm[source + c];
      }
    }
  }
}

/**
 * Transforms `count` interleaved series in place, unscaled: number j of series c lies at
 * `j * count + c`. With (im, re) for (re, im) it transforms back, to `plan.length` times the series.
 *
 * @param scratch of {@linkcode createFftScratch} for the same plan and count
 */
export function fftSeriesInPlace(
  plan: FftPlan,
  count: number,
  re: Float64Array,
  im: Float64Array,
  scratch: FftScratch,
): void {
  if (plan.chirp !== null) {
    convolveWithChirp(plan.chirp, plan.length, count, re, im, scratch);
    return;
  }
  const { passes } = plan;
  const { aRe, aIm, bRe, bIm } = scratch;
  let fromRe = re, fromIm = im;
  for (let i = 0; i < passes.length; i++) {
    // The passes take turns between two buffers; the last ends where the series came from, which
    // the first has read to its end by then (a lone pass ends in a buffer and is copied).
    const last = i === passes.length - 1 && i > 0;
    const toRe = last ? re : i % 2 === 0 ? aRe : bRe;
    const toIm = last ? im : i % 2 === 0 ? aIm : bIm;
    runPass(passes[i], count, fromRe, fromIm, toRe, toIm);
    fromRe = toRe;
    fromIm = toIm;
  }
  if (passes.length === 1) {
    for (let i = 0; i < plan.length * count; i++) {
      re[i] = aRe[i];
      im[i] = aIm[i];
    }
  }
}

function convolveWithChirp(
  chirp: FftChirp,
  length: number,
  count: number,
  re: Float64Array,
  im: Float64Array,
  scratch: FftScratch,
): void {
  const { plan, filterRe, filterIm } = chirp;
  const { aRe, aIm } = scratch;
  aRe.fill(0);
  aIm.fill(0);
  for (let j = 0; j < length; j++) {
    const cosine = chirp.re[j], sine = chirp.im[j];
    for (let i = j * count; i < (j + 1) * count; i++) {
      aRe[i] = re[i] * cosine - im[i] * sine;
      aIm[i] = re[i] * sine + im[i] * cosine;
    }
  }
  fftSeriesInPlace(plan, count, aRe, aIm, scratch.chirp!);
  for (let k = 0; k < plan.length; k++) {
    const fRe = filterRe[k], fIm = filterIm[k];
    for (let i = k * count; i < (k + 1) * count; i++) {
      const real = aRe[i];
      aRe[i] = real * fRe - aIm[i] * fIm;
      aIm[i] = real * fIm + aIm[i] * fRe;
    }
  }
  // Back again: parts swapped, the scale lies in the filter.
  fftSeriesInPlace(plan, count, aIm, aRe, scratch.chirp!);
  for (let j = 0; j < length; j++) {
    const cosine = chirp.re[j], sine = chirp.im[j];
    for (let i = j * count; i < (j + 1) * count; i++) {
      re[i] = aRe[i] * cosine - aIm[i] * sine;
      im[i] = aRe[i] * sine + aIm[i] * cosine;
    }
  }
}

function runPass(
  pass: FftPass,
  count: number,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  const stride = pass.stride * count;
  const groups = pass.length / pass.radix;
  switch (pass.radix) {
    case 4:
      if (stride === 1) firstPass4(groups, pass.twiddles, xr, xi, yr, yi);
      else pass4(groups, stride, pass.twiddles, xr, xi, yr, yi);
      break;
    case 2:
      pass2(groups, stride, pass.twiddles, xr, xi, yr, yi);
      break;
    case 3:
      pass3(groups, stride, pass.twiddles, xr, xi, yr, yi);
      break;
    default:
      pass5(groups, stride, pass.twiddles, xr, xi, yr, yi);
  }
}

/** Radix 4 without an inner loop, for the first pass of a single series. */
function firstPass4(
  groups: number,
  tw: Float64Array,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  for (let p = 0, t = 0, o = 0; p < groups; p++, t += 6, o += 4) {
    const b = p + groups, c = b + groups, d = c + groups;
    const sumR = xr[p] + xr[c], sumI = xi[p] + xi[c];
    const difR = xr[p] - xr[c], difI = xi[p] - xi[c];
    const oddR = xr[b] + xr[d], oddI = xi[b] + xi[d];
    const turnR = xi[b] - xi[d], turnI = xr[d] - xr[b];
    yr[o] = sumR + oddR;
    yi[o] = sumI + oddI;
    const r1 = difR + turnR, i1 = difI + turnI;
    const r2 = sumR - oddR, i2 = sumI - oddI;
    const r3 = difR - turnR, i3 = difI - turnI;
    yr[o + 1] = r1 * tw[t] - i1 * tw[t + 1];
    yi[o + 1] = r1 * tw[t + 1] + i1 * tw[t];
    yr[o + 2] = r2 * tw[t + 2] - i2 * tw[t + 3];
    yi[o + 2] = r2 * tw[t + 3] + i2 * tw[t + 2];
    yr[o + 3] = r3 * tw[t + 4] - i3 * tw[t + 5];
    yi[o + 3] = r3 * tw[t + 5] + i3 * tw[t + 4];
  }
}

function pass4(
  groups: number,
  stride: number,
  tw: Float64Array,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  const step = groups * stride;
  plainPass4(step, stride, xr, xi, yr, yi);
  for (let p = 1, t = 6; p < groups; p++, t += 6) {
    const c1 = tw[t], s1 = tw[t + 1], c2 = tw[t + 2];
    const s2 = tw[t + 3], c3 = tw[t + 4], s3 = tw[t + 5];
    const end = (p + 1) * stride;
    for (let a = p * stride, o = 4 * a; a < end; a++, o++) {
      const b = a + step, c = b + step, d = c + step;
      const sumR = xr[a] + xr[c], sumI = xi[a] + xi[c];
      const difR = xr[a] - xr[c], difI = xi[a] - xi[c];
      const oddR = xr[b] + xr[d], oddI = xi[b] + xi[d];
      const turnR = xi[b] - xi[d], turnI = xr[d] - xr[b];
      const o1 = o + stride, o2 = o1 + stride, o3 = o2 + stride;
      yr[o] = sumR + oddR;
      yi[o] = sumI + oddI;
      const r1 = difR + turnR, i1 = difI + turnI;
      yr[o1] = r1 * c1 - i1 * s1;
      yi[o1] = r1 * s1 + i1 * c1;
      const r2 = sumR - oddR, i2 = sumI - oddI;
      yr[o2] = r2 * c2 - i2 * s2;
      yi[o2] = r2 * s2 + i2 * c2;
      const r3 = difR - turnR, i3 = difI - turnI;
      yr[o3] = r3 * c3 - i3 * s3;
      yi[o3] = r3 * s3 + i3 * c3;
    }
  }
}

/** The first group of radix 4, all of the last pass: its twiddle factors are 1. */
function plainPass4(
  step: number,
  stride: number,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  for (let a = 0; a < stride; a++) {
    const b = a + step, c = b + step, d = c + step;
    const sumR = xr[a] + xr[c], sumI = xi[a] + xi[c];
    const difR = xr[a] - xr[c], difI = xi[a] - xi[c];
    const oddR = xr[b] + xr[d], oddI = xi[b] + xi[d];
    const turnR = xi[b] - xi[d], turnI = xr[d] - xr[b];
    const o1 = a + stride, o2 = o1 + stride, o3 = o2 + stride;
    yr[a] = sumR + oddR;
    yi[a] = sumI + oddI;
    yr[o1] = difR + turnR;
    yi[o1] = difI + turnI;
    yr[o2] = sumR - oddR;
    yi[o2] = sumI - oddI;
    yr[o3] = difR - turnR;
    yi[o3] = difI - turnI;
  }
}

function pass2(
  groups: number,
  stride: number,
  tw: Float64Array,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  const step = groups * stride;
  // the first group, all of the last pass, is not turned
  for (let a = 0; a < stride; a++) {
    const b = a + step, o = a + stride;
    yr[a] = xr[a] + xr[b];
    yi[a] = xi[a] + xi[b];
    yr[o] = xr[a] - xr[b];
    yi[o] = xi[a] - xi[b];
  }
  for (let p = 1; p < groups; p++) {
    const c1 = tw[2 * p], s1 = tw[2 * p + 1];
    const end = (p + 1) * stride;
    for (let a = p * stride, o = 2 * a; a < end; a++, o++) {
      const b = a + step;
      const r = xr[a] - xr[b], i = xi[a] - xi[b];
      yr[o] = xr[a] + xr[b];
      yi[o] = xi[a] + xi[b];
      yr[o + stride] = r * c1 - i * s1;
      yi[o + stride] = r * s1 + i * c1;
    }
  }
}

function pass3(
  groups: number,
  stride: number,
  tw: Float64Array,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  const step = groups * stride;
  const sine = Math.sqrt(3) / 2;
  for (let p = 0, t = 0; p < groups; p++, t += 4) {
    const c1 = tw[t], s1 = tw[t + 1], c2 = tw[t + 2], s2 = tw[t + 3];
    const end = (p + 1) * stride;
    for (let a = p * stride, o = 3 * a; a < end; a++, o++) {
      const b = a + step, c = b + step;
      const sumR = xr[b] + xr[c], sumI = xi[b] + xi[c];
      const midR = xr[a] - 0.5 * sumR, midI = xi[a] - 0.5 * sumI;
      const turnR = sine * (xi[b] - xi[c]), turnI = sine * (xr[c] - xr[b]);
      yr[o] = xr[a] + sumR;
      yi[o] = xi[a] + sumI;
      const o1 = o + stride, o2 = o1 + stride;
      const r1 = midR + turnR, i1 = midI + turnI;
      yr[o1] = r1 * c1 - i1 * s1;
      yi[o1] = r1 * s1 + i1 * c1;
      const r2 = midR - turnR, i2 = midI - turnI;
      yr[o2] = r2 * c2 - i2 * s2;
      yi[o2] = r2 * s2 + i2 * c2;
    }
  }
}

function pass5(
  groups: number,
  stride: number,
  tw: Float64Array,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  const step = groups * stride;
  const k1 = Math.cos(2 * Math.PI / 5), k2 = Math.cos(4 * Math.PI / 5);
  const h1 = Math.sin(2 * Math.PI / 5), h2 = Math.sin(4 * Math.PI / 5);
  for (let p = 0, t = 0; p < groups; p++, t += 8) {
    const end = (p + 1) * stride;
    for (let a = p * stride, o = 5 * a; a < end; a++, o++) {
      const b = a + step, c = b + step, d = c + step, e = d + step;
      const nearR = xr[b] + xr[e], nearI = xi[b] + xi[e];
      const farR = xr[c] + xr[d], farI = xi[c] + xi[d];
      const nearDr = xr[b] - xr[e], nearDi = xi[b] - xi[e];
      const farDr = xr[c] - xr[d], farDi = xi[c] - xi[d];
      yr[o] = xr[a] + nearR + farR;
      yi[o] = xi[a] + nearI + farI;
      const m1r = xr[a] + k1 * nearR + k2 * farR, m1i = xi[a] + k1 * nearI + k2 * farI;
      const m2r = xr[a] + k2 * nearR + k1 * farR, m2i = xi[a] + k2 * nearI + k1 * farI;
      const t1r = h1 * nearDi + h2 * farDi, t1i = -h1 * nearDr - h2 * farDr;
      const t2r = h2 * nearDi - h1 * farDi, t2i = h1 * farDr - h2 * nearDr;
      const o1 = o + stride, o2 = o1 + stride, o3 = o2 + stride, o4 = o3 + stride;
      const r1 = m1r + t1r, i1 = m1i + t1i, r4 = m1r - t1r, i4 = m1i - t1i;
      const r2 = m2r + t2r, i2 = m2i + t2i, r3 = m2r - t2r, i3 = m2i - t2i;
      yr[o1] = r1 * tw[t] - i1 * tw[t + 1];
      yi[o1] = r1 * tw[t + 1] + i1 * tw[t];
      yr[o2] = r2 * tw[t + 2] - i2 * tw[t + 3];
      yi[o2] = r2 * tw[t + 3] + i2 * tw[t + 2];
      yr[o3] = r3 * tw[t + 4] - i3 * tw[t + 5];
      yi[o3] = r3 * tw[t + 5] + i3 * tw[t + 4];
      yr[o4] = r4 * tw[t + 6] - i4 * tw[t + 7];
      yi[o4] = r4 * tw[t + 7] + i4 * tw[t + 6];
    }
  }
}

function scaleInPlace(re: Float64Array, im: Float64Array, length: number, factor: number): void {
  for (let i = 0; i < length; i++) {
    re[i] *= factor;
    im[i] *= factor;
  }
}
