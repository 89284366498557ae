/**
 * Separable convolution with symmetric kernels, edges reflected (d c b a | a b c d | d c b a) and kernels
 * cut off at four standard deviations, as SciPy's `ndimage` does it: so that scale spaces equal those made
 * with it.
 *
 * Sums are in double precision. Cost O(n sigma).
 *
 * @module
 */

/** Kernels end at this many standard deviations. */
const TRUNCATE = 4;

/** Weights 0 to R = floor(4 sigma + 0.5) of a Gaussian, middle first, summing to 1 with their mirror image. */
export function truncatedGaussian(sigma: number): Float64Array {
  const reach = Math.floor(TRUNCATE * sigma + 0.5);
  const weights = new Float64Array(reach + 1);
  let sum = 0;
  for (let i = reach; i >= 0; i--) {
    weights[i] = Math.exp(-0.5 / (sigma * sigma) * i * i);
    sum += i === 0 ? weights[i] : 2 * weights[i];
  }
  return weights.map((w) => w / sum);
}

/** The second derivative of {@linkcode truncatedGaussian}: (i^2 - sigma^2) / sigma^4 times its weights. */
export function truncatedCurvature(sigma: number): Float64Array {
  const s2 = sigma * sigma;
  return truncatedGaussian(sigma).map((w, i) => (i * i / s2 - 1) / s2 * w);
}

/** Places from -reach to length + reach - 1 as places in a line of `length`, reflected as often as needed. */
export function reflectedPlaces(length: number, reach: number): Int32Array {
  const period = 2 * length;
  return Int32Array.from({ length: length + 2 * reach }, (_, k) => {
    const at = ((k - reach) % period + period) % period;
    return at < length ? at : period - 1 - at;
  });
}

/** Convolves the rows `from` to `to` (excluded) of an image. */
export function convolveRows(
  data: Float32Array,
  width: number,
  from: number,
  to: number,
  kernel: Float64Array,
  out: Float32Array,
): void {
  const reach = kernel.length - 1, middle = kernel[0];
  const places = reflectedPlaces(width, reach);
  const line = new Float64Array(places.length + 3);
  for (let y = from; y < to; y++) {
    const row = y * width;
    for (let i = 0; i < places.length; i++) line[i] = data[row + places[i]];
    for (let x = 0; x < width; x += 4) {
      const at = x + reach;
      let a = line[at] * middle, b = line[at + 1] * middle;
      let c = line[at + 2] * middle, d = line[at + 3] * middle;
      for (let r = 1, low = at - 1, high = at + 1; r <= reach; r++, low--, high++) {
        const weight = kernel[r];
        a += (line[low] + line[high]) * weight;
        b += (line[low + 1] + line[high + 1]) * weight;
        c += (line[low + 2] + line[high + 2]) * weight;
        d += (line[low + 3] + line[high + 3]) * weight;
      }
      putFour(out, row + x, width - x, a, b, c, d);
    }
  }
}

/** As {@linkcode convolveRows} with two kernels of one length, which share the sums of pixels. */
export function convolveRowsTwice(
  data: Float32Array,
  width: number,
  from: number,
  to: number,
  first: Float64Array,
  second: Float64Array,
  outFirst: Float32Array,
  outSecond: Float32Array,
): void {
  const reach = first.length - 1;
  const places = reflectedPlaces(width, reach);
  const line = new Float64Array(places.length + 3);
  for (let y = from; y < to; y++) {
    const row = y * width;
    for (let i = 0; i < places.length; i++) line[i] = data[row + places[i]];
    for (let x = 0; x < width; x += 4) {
      const at = x + reach;
      let f = first[0], s = second[0];
      let a = line[at] * f, b = line[at + 1] * f, c = line[at + 2] * f, d = line[at + 3] * f;
      let p = line[at] * s, q = line[at + 1] * s, u = line[at + 2] * s, v = line[at + 3] * s;
      for (let r = 1, low = at - 1, high = at + 1; r <= reach; r++, low--, high++) {
        f = first[r];
        s = second[r];
        let sum = line[low] + line[high];
        a += sum * f;
        p += sum * s;
        sum = line[low + 1] + line[high + 1];
        b += sum * f;
        q += sum * s;
        sum = line[low + 2] + line[high + 2];
        c += sum * f;
        u += sum * s;
        sum = line[low + 3] + line[high + 3];
        d += sum * f;
        v += sum * s;
      }
      putFour(outFirst, row + x, width - x, a, b, c, d);
      putFour(outSecond, row + x, width - x, p, q, u, v);
    }
  }
}

/** Writes four values, or as many as there is room for. */
function putFour(
  out: Float32Array,
  at: number,
  room: number,
  a: number,
  b: number,
  c: number,
  d: number,
): void {
  out[at] = a;
  if (room > 1) out[at + 1] = b;
  if (room > 2) out[at + 2] = c;
  if (room > 3) out[at + 3] = d;
}

/** This many image columns are convolved at a time: copied together they fit the cache. */
export const STRIP = 32;

/** Convolves the strip of {@linkcode STRIP} image columns from `x0` on. */
export function convolveStrip(
  data: Float32Array,
  width: number,
  height: number,
  x0: number,
  kernel: Float64Array,
  out: Float32Array,
): void {
  const reach = kernel.length - 1, middle = kernel[0];
  const count = Math.min(STRIP, width - x0);
  const lines = gatherStrip(data, width, height, x0, reach);
  for (let y = 0; y < height; y++) {
    const to = y * width + x0;
    for (let i = 0; i < count; i += 4) {
      const at = (y + reach) * STRIP + i;
      let a = lines[at] * middle, b = lines[at + 1] * middle;
      let c = lines[at + 2] * middle, d = lines[at + 3] * middle;
      for (let r = 1, low = at - STRIP, high = at + STRIP; r <= reach; r++) {
        const weight = kernel[r];
        a += (lines[low] + lines[high]) * weight;
        b += (lines[low + 1] + lines[high + 1]) * weight;
        c += (lines[low + 2] + lines[high + 2]) * weight;
        d += (lines[low + 3] + lines[high + 3]) * weight;
        low -= STRIP;
        high += STRIP;
      }
      putFour(out, to + i, count - i, a, b, c, d);
    }
  }
}

/** `scale` times the sum of two convolutions of a strip: of one image with one kernel, of another with another. */
export function convolveStripSum(
  first: Float32Array,
  second: Float32Array,
  width: number,
  height: number,
  x0: number,
  kernel: Float64Array,
  otherKernel: Float64Array,
  scale: number,
  out: Float32Array,
): void {
  const reach = kernel.length - 1;
  const count = Math.min(STRIP, width - x0);
  const p = gatherStrip(first, width, height, x0, reach);
  const q = gatherStrip(second, width, height, x0, reach);
  for (let y = 0; y < height; y++) {
    const to = y * width + x0;
    for (let i = 0; i < count; i += 4) {
      const at = (y + reach) * STRIP + i;
      let f = kernel[0], s = otherKernel[0];
      let a = p[at] * f + q[at] * s, b = p[at + 1] * f + q[at + 1] * s;
      let c = p[at + 2] * f + q[at + 2] * s, d = p[at + 3] * f + q[at + 3] * s;
      for (let r = 1, low = at - STRIP, high = at + STRIP; r <= reach; r++) {
        f = kernel[r];
        s = otherKernel[r];
        a += (p[low] + p[high]) * f + (q[low] + q[high]) * s;
        b += (p[low + 1] + p[high + 1]) * f + (q[low + 1] + q[high + 1]) * s;
        c += (p[low + 2] + p[high + 2]) * f + (q[low + 2] + q[high + 2]) * s;
        d += (p[low + 3] + p[high + 3]) * f + (q[low + 3] + q[high + 3]) * s;
        low -= STRIP;
        high += STRIP;
      }
      putFour(out, to + i, count - i, scale * a, scale * b, scale * c, scale * d);
    }
  }
}

/** A strip with its reflected ends, row by row. */
function gatherStrip(
  data: Float32Array,
  width: number,
  height: number,
  x0: number,
  reach: number,
): Float64Array {
  const count = Math.min(STRIP, width - x0);
  const places = reflectedPlaces(height, reach);
  const lines = new Float64Array(STRIP * places.length);
  for (let k = 0; k < places.length; k++) {
    const from = places[k] * width + x0, to = k * STRIP;
    for (let i = 0; i < count; i++) lines[to + i] = data[from + i];
  }
  return lines;
}
