/**
 * The Wiener filter on a spectrum, with the noise taken from what lies between the Bragg peaks.
 *
 * Spectra lie as `@core/kernels` gives them: the mean of the image at place 0.
 *
 * @module
 */

/** Median of exponentially distributed numbers of mean 1: the powers of noise in a spectrum. */
const MEDIAN_OF_EXPONENTIAL = Math.LN2;

/** A ring holds at least this many frequencies, so that its median is good to a fifth. */
const LEAST_IN_RING = 48;

/** Rings about the origin of a spectrum. */
export interface Rings {
  readonly count: number;
  /** Ring of each place of the spectrum. */
  readonly ring: Int32Array;
  /** Frequency of each place, in units of the lowest one along the longer side. */
  readonly frequency: Float32Array;
  /** Mean frequency of each ring. */
  readonly middle: Float64Array;
}

/** Divides the `width x height` places of a spectrum into rings one unit of frequency wide. */
export function createRings(width: number, height: number): Rings {
  const longer = Math.max(width, height);
  const scaleX = longer / width, scaleY = longer / height;
  const places = width * height;
  const frequency = new Float32Array(places), ring = new Int32Array(places);
  const widest = Math.ceil(Math.hypot(longer, longer) / 2) + 1;
  const size = new Int32Array(widest + 1);
  for (let y = 0, i = 0; y < height; y++) {
    const v = Math.min(y, height - y) * scaleY;
    for (let x = 0; x < width; x++, i++) {
      frequency[i] = Math.hypot(Math.min(x, width - x) * scaleX, v);
      ring[i] = Math.round(frequency[i]);
      size[ring[i]]++;
    }
  }
  const merged = mergeSmall(size);
  const count = merged[widest] + 1;
  const middle = new Float64Array(count), members = new Int32Array(count);
  for (let i = 0; i < places; i++) {
    ring[i] = merged[ring[i]];
    middle[ring[i]] += frequency[i];
    members[ring[i]]++;
  }
  for (let r = 0; r < count; r++) middle[r] /= Math.max(1, members[r]);
  return { count, ring, frequency, middle };
}

/** The number of each ring once small ones are joined with those beyond them. */
function mergeSmall(size: Int32Array): Int32Array {
  const merged = new Int32Array(size.length);
  let rest = size.reduce((a, b) => a + b, 0);
  for (let r = 0, current = 0, held = 0; r < size.length; r++) {
    merged[r] = current;
    held += size[r];
    rest -= size[r];
    if (held < LEAST_IN_RING || rest < LEAST_IN_RING) continue;
    current++;
    held = 0;
  }
  return merged;
}

/** |F|^2 of each place. */
export function powersInto(re: Float64Array, im: Float64Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = re[i] * re[i] + im[i] * im[i];
}

/** The mean of each place and its eight neighbors; a spectrum goes on at its other end. */
export function smoothInto(
  power: Float64Array,
  width: number,
  height: number,
  out: Float64Array,
): void {
  for (let y = 0, i = 0; y < height; y++) {
    const above = (y === 0 ? height - 1 : y - 1) * width;
    const below = (y === height - 1 ? 0 : y + 1) * width;
    for (let x = 0; x < width; x++, i++) {
      const a = x === 0 ? width - 1 : x - 1, b = x === width - 1 ? 0 : x + 1, row = y * width;
      const top = power[above + a] + power[above + x] + power[above + b];
      const middle = power[row + a] + power[i] + power[row + b];
      out[i] = (top + middle + power[below + a] + power[below + x] + power[below + b]) / 9;
    }
  }
}

/**
 * The mean power of the noise in each ring, from the median of its powers: a Bragg peak more or less
 * does not change it. The mean of the image (place 0) takes no part. Cost O(n log n) in places.
 */
export function noiseProfile(power: Float64Array, rings: Rings, out: Float64Array): void {
  const start = new Int32Array(rings.count + 1);
  for (let i = 1; i < power.length; i++) start[rings.ring[i] + 1]++;
  for (let r = 0; r < rings.count; r++) start[r + 1] += start[r];
  const next = start.slice(), sorted = new Float64Array(power.length);
  for (let i = 1; i < power.length; i++) sorted[next[rings.ring[i]]++] = power[i];
  for (let r = 0; r < rings.count; r++) {
    const members = sorted.subarray(start[r], start[r + 1]).sort();
    out[r] = members.length === 0 ? 0 : members[members.length >> 1] / MEDIAN_OF_EXPONENTIAL;
  }
}

/** The power of white noise: the median of the profile in the outer half of the spectrum. */
export function whiteLevel(profile: Float64Array): number {
  const outer = profile.slice(profile.length >> 1).sort();
  return outer[outer.length >> 1];
}

/**
 * Multiplies places of a spectrum by max(0, 1 - strength noise / power), with the profile of the noise
 * interpolated between the rings. The mean of the image (place 0) stays.
 *
 * @param power |F|^2, smoothed or not
 * @param from first place
 * @param end place after the last
 */
export function filterRowInPlace(
  re: Float64Array,
  im: Float64Array,
  power: Float64Array,
  rings: Rings,
  profile: Float64Array,
  strength: number,
  from: number,
  end: number,
): void {
  const { ring, frequency, middle, count } = rings;
  for (let i = Math.max(1, from); i < end; i++) {
    const f = frequency[i];
    const high = Math.min(count - 1, f < middle[ring[i]] ? ring[i] : ring[i] + 1);
    const low = Math.max(0, high - 1);
    const span = middle[high] - middle[low];
    const share = span > 0 ? Math.min(1, Math.max(0, (f - middle[low]) / span)) : 0;
    const noise = profile[low] + share * (profile[high] - profile[low]);
    const gain = power[i] > 0 ? Math.max(0, 1 - strength * noise / power[i]) : 0;
    re[i] *= gain;
    im[i] *= gain;
  }
}
