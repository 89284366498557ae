/**
 * Fast Fourier transforms of any length, in one and two dimensions, on split real and imaginary
 * arrays.
 *
 * Forward: X[k] = sum_n x[n] exp(-2 pi i k n / N), no factor; inverse: with the factor 1 / N, so that
 * the inverse of the forward is the input. Powers of two run by radix 4 (and one radix 2 step),
 * O(N log N); other lengths by Bluestein's chirp as a convolution of a power of two.
 *
 * @module
 */

/** Tables for transforms of one length. Holds no state of a call, so it can be shared. */
export interface FftPlan {
  readonly length: number;
  /** Bit-reversed index of each element; empty for a Bluestein plan. */
  readonly reversed: Uint32Array;
  /** cos and sin of 2 pi k / N for k < N. */
  readonly cos: Float64Array;
  readonly sin: Float64Array;
  readonly bluestein: BluesteinTables | undefined;
}

interface BluesteinTables {
  readonly inner: FftPlan;
  /** exp(-i pi n^2 / N) */
  readonly chirpRe: Float64Array;
  readonly chirpIm: Float64Array;
  /** Transform of the conjugate chirp, wrapped to the inner length. */
  readonly kernelRe: Float64Array;
  readonly kernelIm: Float64Array;
}

/** Tables for transforms of images of one size. */
export interface Fft2Plan {
  readonly width: number;
  readonly height: number;
  readonly rows: FftPlan;
  readonly columns: FftPlan;
}

/** Columns of an image are transformed in blocks of this many, so that memory is read in lines. */
const COLUMN_BLOCK = 16;

/** Makes the tables for a length of at least 1. */
export function createFftPlan(length: number): FftPlan {
  const isPowerOfTwo = (length & (length - 1)) === 0;
  const cos = new Float64Array(length), sin = new Float64Array(length);
  for (let k = 0; k < length; k++) {
    cos[k] = Math.cos(2 * Math.PI * k / length);
    sin[k] = Math.sin(2 * Math.PI * k / length);
  }
  if (isPowerOfTwo) {
    const reversed = new Uint32Array(length);
    const bits = Math.log2(length);
    for (let i = 0; i < length; i++) {
      let r = 0;
      for (let b = 0; b < bits; b++) if (i & (1 << b)) r |= 1 << (bits - 1 - b);
      reversed[i] = r;
    }
    return { length, reversed, cos, sin, bluestein: undefined };
  }
  return {
    length,
    reversed: new Uint32Array(0),
    cos,
    sin,
    bluestein: createBluestein(length),
  };
}

/** Makes the tables for images of a size. */
export function createFft2Plan(width: number, height: number): Fft2Plan {
  const rows = createFftPlan(width);
  return { width, height, rows, columns: width === height ? rows : createFftPlan(height) };
}

/** The smallest power of two that is at least n. */
export function nextPowerOfTwo(n: number): number {
  let power = 1;
  while (power < n) power *= 2;
  return power;
}

/** Transforms `length` complex numbers from `offset` on, in place. */
export function fftInPlace(
  plan: FftPlan,
  re: Float64Array,
  im: Float64Array,
  offset: number,
): void {
  if (plan.bluestein !== undefined) bluesteinInPlace(plan.bluestein, plan.length, re, im, offset);
  else powerOfTwoInPlace(plan, re, im, offset);
}

/** The inverse of {@linkcode fftInPlace}, with the factor 1 / N. */
export function inverseFftInPlace(
  plan: FftPlan,
  re: Float64Array,
  im: Float64Array,
  offset: number,
): void {
  fftInPlace(plan, im, re, offset); // swapping the parts conjugates the transform
  const factor = 1 / plan.length;
  for (let i = offset; i < offset + plan.length; i++) {
    re[i] *= factor;
    im[i] *= factor;
  }
}

/**
 * Transforms an image in place: `height` rows of `width` complex numbers.
 *
 * @example A flat image has all its power at frequency zero
 * ```ts
 * import { createFft2Plan, fft2InPlace } from "@core/kernels";
 * import { assertEquals } from "@assert";
 *
 * const re = new Float64Array(8).fill(1), im = new Float64Array(8);
 * fft2InPlace(createFft2Plan(4, 2), re, im);
 * assertEquals([...re], [8, 0, 0, 0, 0, 0, 0, 0]);
 * ```
 */
export function fft2InPlace(plan: Fft2Plan, re: Float64Array, im: Float64Array): void {
  const { width, height, rows, columns } = plan;
  for (let y = 0; y < height; y++) fftInPlace(rows, re, im, y * width);
  const blockRe = new Float64Array(COLUMN_BLOCK * height);
  const blockIm = new Float64Array(COLUMN_BLOCK * height);
  for (let x0 = 0; x0 < width; x0 += COLUMN_BLOCK) {
    const count = Math.min(COLUMN_BLOCK, width - x0);
    for (let y = 0; y < height; y++) {
      for (let i = 0, from = y * width + x0, to = y; i < count; i++, from++, to += height) {
        blockRe[to] = re[from];
        blockIm[to] = im[from];
      }
    }
    for (let i = 0; i < count; i++) fftInPlace(columns, blockRe, blockIm, i * height);
    for (let y = 0; y < height; y++) {
      for (let i = 0, to = y * width + x0, from = y; i < count; i++, to++, from += height) {
        re[to] = blockRe[from];
        im[to] = blockIm[from];
      }
    }
  }
}

/** The inverse of {@linkcode fft2InPlace}, with the factor 1 / (width height). */
export function inverseFft2InPlace(plan: Fft2Plan, re: Float64Array, im: Float64Array): void {
  fft2InPlace(plan, im, re);
  const factor = 1 / (plan.width * plan.height);
  for (let i = 0; i < re.length; i++) {
    re[i] *= factor;
    im[i] *= factor;
  }
}

/**
 * Separates the transforms of two real images that were packed as the real and the imaginary part of
 * one: (re, im) becomes the transform of the first, (otherRe, otherIm) that of the second.
 */
export function unpackTwoReal(
  width: number,
  height: number,
  re: Float64Array,
  im: Float64Array,
  otherRe: Float64Array,
  otherIm: Float64Array,
): void {
  for (let y = 0; y < height; y++) {
    const mirrorRow = (height - y) % height;
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const j = mirrorRow * width + (width - x) % width;
      if (j < i) continue;
      const a = re[i], b = im[i], c = re[j], d = im[j];
      re[i] = (a + c) / 2;
      im[i] = (b - d) / 2;
      re[j] = (a + c) / 2;
      im[j] = (d - b) / 2;
      otherRe[i] = (b + d) / 2;
      otherIm[i] = (c - a) / 2;
      otherRe[j] = (b + d) / 2;
      otherIm[j] = (a - c) / 2;
    }
  }
}

function powerOfTwoInPlace(
  plan: FftPlan,
  re: Float64Array,
  im: Float64Array,
  offset: number,
): void {
  const { length: n, reversed, cos, sin } = plan;
  for (let i = 0; i < n; i++) {
    const j = reversed[i];
    if (j <= i) continue;
    const r = re[offset + i], m = im[offset + i];
    re[offset + i] = re[offset + j];
    im[offset + i] = im[offset + j];
    re[offset + j] = r;
    im[offset + j] = m;
  }
  let size = 1;
  if (Math.log2(n) % 2 === 1) {
    for (let i = offset; i < offset + n; i += 2) {
      const r = re[i + 1], m = im[i + 1];
      re[i + 1] = re[i] - r;
      im[i + 1] = im[i] - m;
      re[i] += r;
      im[i] += m;
    }
    size = 2;
  }
  // radix 4: four transforms of `size` become one of 4 size; bit reversal puts them in the order
  // 0, 2, 1, 3 of their residues
  for (; size < n; size *= 4) {
    const step = n / (4 * size);
    for (let start = offset; start < offset + n; start += 4 * size) {
      for (let k = 0; k < size; k++) {
        const w1r = cos[k * step], w1i = -sin[k * step];
        const w2r = cos[2 * k * step], w2i = -sin[2 * k * step];
        const w3r = cos[3 * k * step], w3i = -sin[3 * k * step];
        const a = start + k, b = a + size, c = b + size, d = c + size;
        const br = re[b] * w2r - im[b] * w2i, bi = re[b] * w2i + im[b] * w2r;
        const cr = re[c] * w1r - im[c] * w1i, ci = re[c] * w1i + im[c] * w1r;
        const dr = re[d] * w3r - im[d] * w3i, di = re[d] * w3i + im[d] * w3r;
        const s0r = re[a] + br, s0i = im[a] + bi, s1r = re[a] - br, s1i = im[a] - bi;
        const s2r = cr + dr, s2i = ci + di, s3r = cr - dr, s3i = ci - di;
        re[a] = s0r + s2r;
        im[a] = s0i + s2i;
        re[b] = s1r + s3i;
        im[b] = s1i - s3r;
        re[c] = s0r - s2r;
        im[c] = s0i - s2i;
        re[d] = s1r - s3i;
        im[d] = s1i + s3r;
      }
    }
  }
}

function createBluestein(length: number): BluesteinTables {
  const inner = createFftPlan(nextPowerOfTwo(2 * length - 1));
  const chirpRe = new Float64Array(length), chirpIm = new Float64Array(length);
  const kernelRe = new Float64Array(inner.length), kernelIm = new Float64Array(inner.length);
  for (let n = 0; n < length; n++) {
    const angle = Math.PI * ((n * n) % (2 * length)) / length;
    chirpRe[n] = Math.cos(angle);
    chirpIm[n] = -Math.sin(angle);
    kernelRe[n] = chirpRe[n];
    kernelIm[n] = -chirpIm[n];
    if (n > 0) {
      kernelRe[inner.length - n] = chirpRe[n];
      kernelIm[inner.length - n] = -chirpIm[n];
    }
  }
  fftInPlace(inner, kernelRe, kernelIm, 0);
  return { inner, chirpRe, chirpIm, kernelRe, kernelIm };
}

function bluesteinInPlace(
  tables: BluesteinTables,
  length: number,
  re: Float64Array,
  im: Float64Array,
  offset: number,
): void {
  const { inner, chirpRe, chirpIm, kernelRe, kernelIm } = tables;
  const workRe = new Float64Array(inner.length), workIm = new Float64Array(inner.length);
  for (let n = 0; n < length; n++) {
    const r = re[offset + n], m = im[offset + n];
    workRe[n] = r * chirpRe[n] - m * chirpIm[n];
    workIm[n] = r * chirpIm[n] + m * chirpRe[n];
  }
  fftInPlace(inner, workRe, workIm, 0);
  for (let k = 0; k < inner.length; k++) {
    const r = workRe[k], m = workIm[k];
    workRe[k] = r * kernelRe[k] - m * kernelIm[k];
    workIm[k] = r * kernelIm[k] + m * kernelRe[k];
  }
  inverseFftInPlace(inner, workRe, workIm, 0);
  for (let k = 0; k < length; k++) {
    re[offset + k] = workRe[k] * chirpRe[k] - workIm[k] * chirpIm[k];
    im[offset + k] = workRe[k] * chirpIm[k] + workIm[k] * chirpRe[k];
  }
}
