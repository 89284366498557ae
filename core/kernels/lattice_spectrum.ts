/**
 * Power spectra of images of lattices: soft windows, the noise level, Bragg peaks, and the shortest
 * vector by which the image repeats.
 *
 * Spectra are in the order of the transform: index = v * width + u, frequency u / width for u up to
 * half the width and (u - width) / width above, in cycles per px.
 *
 * @module
 */
import { createFftPlan, createFftScratch, fftInPlace, fftSeriesInPlace } from "./fft.ts";

/** Bragg peaks: n of them, strongest first; of each pair of opposite ones only one. */
export interface BraggPeaks {
  /** Number of peaks. */
  readonly length: number;
  /** Index into the spectrum. */
  readonly index: Int32Array;
  /** Frequency along x, cycles per px. */
  readonly fx: Float64Array;
  /** Frequency along y, cycles per px. */
  readonly fy: Float64Array;
  /** Power over the median power at the same frequency. */
  readonly strength: Float64Array;
}

/** The signed frequency of an index of a transform, cycles per px. */
export function frequencyAt(index: number, length: number): number {
  return (index <= length / 2 ? index : index - length) / length;
}

/**
 * A Tukey window: 1 in the middle, falling to 0 at both ends over `fraction / 2` of the length each.
 */
export function tukeyWindow(length: number, fraction: number): Float64Array {
  const window = new Float64Array(length).fill(1);
  const taper = Math.floor(fraction * length / 2);
  for (let i = 0; i < taper; i++) {
    const value = 0.5 - 0.5 * Math.cos(Math.PI * (i + 0.5) / taper);
    window[i] = value;
    window[length - 1 - i] = value;
  }
  return window;
}

/**
 * Fills `out` (outWidth x outHeight, at least as large as the image) with the image less its mean,
 * times a separable window, zero beyond the image. The mean is taken under the window, so that the
 * result sums to 0.
 */
export function windowInto(
  data: Float32Array,
  width: number,
  height: number,
  windowX: Float64Array,
  windowY: Float64Array,
  out: Float64Array,
  outWidth: number,
): void {
  const mean = meanUnder(data, windowX, windowY);
  out.fill(0);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      out[y * outWidth + x] = (data[y * width + x] - mean) * windowX[x] * windowY[y];
    }
  }
}

/** The mean of an image under a separable window. */
export function meanUnder(
  data: Float32Array,
  windowX: Float64Array,
  windowY: Float64Array,
): number {
  let sum = 0, weightX = 0, weightY = 0;
  for (const w of windowX) weightX += w;
  for (let y = 0, i = 0; y < windowY.length; y++) {
    let row = 0;
    for (let x = 0; x < windowX.length; x++, i++) row += windowX[x] * data[i];
    sum += windowY[y] * row;
    weightY += windowY[y];
  }
  return sum / (weightX * weightY);
}

/** So many powers give a median to a percent; more would only cost the time to sort them. */
const MEDIAN_SAMPLES = 65536;

/**
 * The level of white noise in a power spectrum: the mean that the powers beyond 0.4 cycles per px
 * would have if all of them were noise, from their median (which a few Bragg peaks do not move).
 */
export function noisePower(power: Float64Array, width: number, height: number): number {
  const half = (width >> 1) + 1;
  const far = farIndices(width, height);
  return meanOfMedian(
    Float64Array.from(far, (i) => power[Math.floor(i / half) * width + i % half]),
  );
}

/** Indices beyond 0.4 cycles per px in the half with u >= 0, rows of it one after the other. */
export function farIndices(width: number, height: number): Int32Array {
  const half = (width >> 1) + 1;
  const stride = Math.max(1, Math.floor(half * height / MEDIAN_SAMPLES));
  const far = new Int32Array(Math.ceil(half * height / stride));
  let count = 0;
  // a stride over the running index leaves no column or row out, whatever the size
  for (let i = 0; i < half * height; i += stride) {
    const u = i % half, v = (i - u) / half;
    const fx = u / width, fy = frequencyAt(v, height);
    if (fx * fx + fy * fy > 0.16) far[count++] = i;
  }
  return far.slice(0, count);
}

/** The mean of powers that are all noise, from their median; 0 of none. Moves the powers. */
function meanOfMedian(powers: Float64Array): number {
  const count = powers.length;
  if (count === 0) return 0;
  return selectInPlace(powers, count, count >> 1) / Math.LN2; // the median of an exponential is ln 2 of its mean
}

/** Bits of a float32 that are no part of its bin: 16 bins an octave. */
const BIN_SHIFT = 19;
/** Bins of all positive numbers. */
const BINS = 1 << (31 - BIN_SHIFT);

/**
 * As {@linkcode noisePower}, of positive powers in float32, whose bits are in the order of the numbers: only
 * those in the median's bin are sorted. Moves the powers.
 */
export function noiseOfPowers(powers: Float32Array): number {
  const count = powers.length, middle = count >> 1;
  if (count === 0) return 0;
  const bits = new Int32Array(powers.buffer, powers.byteOffset, count);
  const held = new Int32Array(BINS);
  for (let k = 0; k < count; k++) held[bits[k] >>> BIN_SHIFT]++;
  let bin = 0, below = 0;
  while (below + held[bin] <= middle) below += held[bin++];
  let here = 0;
  for (let k = 0; k < count; k++) {
    if (bits[k] >>> BIN_SHIFT === bin) powers[here++] = powers[k];
  }
  return powers.subarray(0, here).sort()[middle - below] / Math.LN2;
}

/** The value that would be number k of the first n in order; moves values (Hoare's selection). */
function selectInPlace(values: Float64Array, n: number, k: number): number {
  let low = 0, high = n - 1;
  while (low < high) {
    const pivot = values[k];
    let i = low, j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        const value = values[i];
        values[i++] = values[j];
        values[j--] = value;
      }
    }
    if (j < k) low = i;
    if (k < i) high = j;
  }
  return values[k];
}

/**
 * The Bragg peaks of a power spectrum: local maxima of 5 x 5 that stand `threshold` times above the
 * median power at their frequency, between `lowest` and 0.5 cycles per px.
 *
 * The power of pure noise exceeds t medians with the chance 2^-t for one spectrum, so a threshold of
 * 30 is met by noise once in a thousand spectra of a million points.
 */
export function findBraggPeaks(
  power: Float64Array,
  width: number,
  height: number,
  threshold: number,
  lowest: number,
): BraggPeaks {
  const medians = radialMedians(power, width, height);
  const bins = medians.length;
  const found: { index: number; fx: number; fy: number; strength: number }[] = [];
  for (let v = 0; v < height; v++) {
    const fy = frequencyAt(v, height);
    for (let u = 0; u <= width >> 1; u++) {
      const fx = frequencyAt(u, width);
      const f = Math.sqrt(fx * fx + fy * fy);
      if (f < lowest || f > 0.5) continue;
      if ((u === 0 || 2 * u === width) && v > height >> 1) continue; // its opposite is there already
      const index = v * width + u;
      const strength = power[index] / medians[Math.min(bins - 1, Math.floor(2 * f * bins))];
      if (!(strength > threshold) || !isLocalMaximum(power, width, height, u, v)) continue;
      found.push({ index, fx, fy, strength });
    }
  }
  found.sort((a, b) => power[b.index] - power[a.index] || a.index - b.index);
  return {
    length: found.length,
    index: Int32Array.from(found, (p) => p.index),
    fx: Float64Array.from(found, (p) => p.fx),
    fy: Float64Array.from(found, (p) => p.fy),
    strength: Float64Array.from(found, (p) => p.strength),
  };
}

/** A local maximum of an autocorrelation. */
export interface AutocorrelationMaximum {
  /** Shift along x, px; one of each opposite pair. */
  readonly x: number;
  /** Shift along y, px. */
  readonly y: number;
  /** Autocorrelation there, 1 at no shift. */
  readonly correlation: number;
}

/**
 * The local maxima of the autocorrelation of an image's Bragg peaks, nearest first, without the one at
 * no shift; and its lowest value. Empty when there are no Bragg peaks.
 *
 * @param lowest frequency below which there is no lattice, cycles per px
 */
export function autocorrelationMaxima(
  power: Float64Array,
  width: number,
  height: number,
  peaks: BraggPeaks,
  lowest: number,
): { readonly maxima: AutocorrelationMaximum[]; readonly floor: number } {
  if (peaks.length === 0) return { maxima: [], floor: 0 };
  const re = new Float64Array(power.length);
  const columns = new Set<number>();
  let total = 0;
  for (let p = 0; p < peaks.length; p++) {
    const u0 = peaks.index[p] % width, v0 = Math.floor(peaks.index[p] / width);
    for (let dv = -2; dv <= 2; dv++) {
      for (let du = -2; du <= 2; du++) {
        const u = (u0 + du + width) % width, v = (v0 + dv + height) % height;
        const at = v * width + u;
        const opposite = ((height - v) % height) * width + (width - u) % width;
        if (re[at] !== 0) continue;
        re[at] = power[at];
        re[opposite] = power[at];
        columns.add(u).add((width - u) % width);
        total += 2 * power[at];
      }
    }
  }
  const farthest = Math.min(Math.min(width, height) / 2, 1.5 / lowest);
  transformEvenInPlace(re, width, height, columns, farthest + 2);
  const maxima: AutocorrelationMaximum[] = [];
  let floor = Infinity;
  for (let v = 0; v < height; v++) {
    const y = v <= height / 2 ? v : v - height;
    if (y < 0 || y > farthest) continue; // the other half is the same
    for (let u = 0; u < width; u++) {
      const x = u <= width / 2 ? u : u - width;
      const r = Math.sqrt(x * x + y * y);
      floor = Math.min(floor, re[v * width + u] / total);
      if (r < 1.5 || r > farthest || (y === 0 && x < 0)) continue;
      if (isLocalMaximum(re, width, height, u, v)) {
        maxima.push({ x, y, correlation: re[v * width + u] / total });
      }
    }
  }
  maxima.sort((a, b) => Math.hypot(a.x, a.y) - Math.hypot(b.x, b.y) || a.y - b.y || a.x - b.x);
  return { maxima, floor };
}

/**
 * Transforms a real plane that is the same at opposite points, of which only the given columns are not
 * zero; rows up to `reach` on both sides of the first become right, the others do not.
 */
function transformEvenInPlace(
  plane: Float64Array,
  width: number,
  height: number,
  columns: ReadonlySet<number>,
  reach: number,
): void {
  const rows = Math.min(height >> 1, Math.ceil(reach)) + 1;
  const spectra = Array.from(columns, (u) => ({
    u,
    re: Float64Array.from({ length: height }, (_, v) => plane[v * width + u]),
    im: new Float64Array(height),
  }));
  const planY = createFftPlan(height), planX = createFftPlan(width);
  for (const { re, im } of spectra) fftInPlace(planY, re, im);
  const re = new Float64Array(width), im = new Float64Array(width);
  const scratch = createFftScratch(planX, 1);
  for (let y = 0; y < rows; y += 2) {
    re.fill(0);
    im.fill(0);
    // rows come out real, so two go through one transform
    for (const column of spectra) {
      const isPair = y + 1 < height;
      re[column.u] = column.re[y] - (isPair ? column.im[y + 1] : 0);
      im[column.u] = column.im[y] + (isPair ? column.re[y + 1] : 0);
    }
    fftSeriesInPlace(planX, 1, re, im, scratch);
    for (const [line, values] of [[y, re], [y + 1, im]] as const) {
      if (line >= rows) continue;
      const opposite = ((height - line) % height) * width;
      for (let x = 0; x < width; x++) {
        plane[line * width + x] = values[x];
        plane[opposite + (width - x) % width] = values[x];
      }
    }
  }
}

/**
 * The shortest vectors by which an image nearly repeats: the maxima of its autocorrelation at least
 * half as high as the highest one away from no shift, shortest first.
 *
 * The taper of the window makes far maxima lower, so that near ones are preferred.
 */
export function repeatVectors(
  power: Float64Array,
  width: number,
  height: number,
  peaks: BraggPeaks,
  lowest: number,
): AutocorrelationMaximum[] {
  const { maxima } = autocorrelationMaxima(power, width, height, peaks, lowest);
  const best = maxima.reduce((most, p) => Math.max(most, p.correlation), 0);
  return maxima.filter((p) => p.correlation > 0 && p.correlation >= best / 2);
}

/** The median power in rings of equal frequency, from 0 to 0.5 cycles per px. */
function radialMedians(power: Float64Array, width: number, height: number): Float64Array {
  const bins = Math.max(4, Math.min(width, height) >> 3);
  const half = (width >> 1) + 1;
  const ringOf = new Int32Array(half * height), counts = new Int32Array(bins);
  for (let v = 0, i = 0; v < height; v++) {
    const fy = frequencyAt(v, height);
    for (let u = 0; u < half; u++, i++) {
      const fx = frequencyAt(u, width);
      const f = Math.sqrt(fx * fx + fy * fy);
      ringOf[i] = f <= 0.5 ? Math.min(bins - 1, Math.floor(2 * f * bins)) : -1;
      if (ringOf[i] >= 0) counts[ringOf[i]]++;
    }
  }
  const rings = Array.from(counts, (count) => new Float64Array(count));
  counts.fill(0);
  for (let i = 0; i < ringOf.length; i++) {
    const ring = ringOf[i];
    if (ring < 0) continue;
    const u = i % half;
    rings[ring][counts[ring]++] = power[(i - u) / half * width + u];
  }
  return Float64Array.from(
    rings,
    (ring) => ring.length === 0 ? Infinity : selectInPlace(ring, ring.length, ring.length >> 1),
  );
}

/** Whether a point is the highest of its 5 x 5 neighborhood, wrapped around; the first of equals. */
function isLocalMaximum(
  values: Float64Array,
  width: number,
  height: number,
  u: number,
  v: number,
): boolean {
  const here = values[v * width + u];
  for (let dv = -2; dv <= 2; dv++) {
    for (let du = -2; du <= 2; du++) {
      if (du === 0 && dv === 0) continue;
      const other = values[((v + dv + height) % height) * width + (u + du + width) % width];
      if (other > here || (other === here && (dv < 0 || (dv === 0 && du < 0)))) return false;
    }
  }
  return true;
}
