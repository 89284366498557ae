/**
 * What tells one place of a crystal from another: the spectra of the exposures between the lattice's Bragg
 * peaks, which hold its odd columns and their shifts, and nothing of the perfect lattice.
 *
 * @module
 */
import { halfIndex, type HalfSpectrum, type SharedBand, type SpectrumSet } from "@core/kernels";

/** A lattice vector. */
export interface Vector {
  readonly x: number;
  readonly y: number;
}

/** Bragg peaks under a Hann window end within this many points. */
const PEAK_REACH = 4;
/** Rings of frequency in which the power between the peaks is averaged. */
const RINGS = 24;
/** Noise counts as at least this share of the strongest ring, so that faint rings do not rule. */
const LEAST_NOISE = 0.1;
/** Share of white noise left by a Hann window along both axes. */
const HANN_POWER = (3 / 8) ** 2;

/**
 * A band off the nodes of the reciprocal lattice of `a` and `b`, up to the end of the one given.
 *
 * Each exposure's spectrum is divided by its noise, in units in which signals are alike, and weighted by
 * S / (S + N)^2 for signal S and noise N: the best test of whether two exposures agree.
 */
export function diffuseBand(set: SpectrumSet, band: SharedBand, a: Vector, b: Vector): SharedBand {
  const { width, height } = set.plan;
  const area = a.x * b.y - a.y * b.x;
  let cut = 0;
  for (let k = 0; k < band.length; k++) cut = Math.max(cut, Math.hypot(band.fx[k], band.fy[k]));
  const floor = 0.5 * Math.min(Math.hypot(a.x, a.y), Math.hypot(b.x, b.y)) / Math.abs(area);
  const us: number[] = [], vs: number[] = [];
  for (let j = -Math.floor(cut * height); j <= cut * height; j++) {
    for (let i = 0; i <= Math.min(cut * width, (width >> 1) - 1); i++) {
      const fx = i / width, fy = j / height, f = Math.sqrt(fx * fx + fy * fy);
      if (f > cut || f < floor || (i === 0 && j < 0)) continue;
      const h = Math.round(fx * a.x + fy * a.y), k = Math.round(fx * b.x + fy * b.y);
      const nodeX = (h * b.y - k * a.y) / area, nodeY = (k * a.x - h * b.x) / area;
      if (((fx - nodeX) * width) ** 2 + ((fy - nodeY) * height) ** 2 <= PEAK_REACH ** 2) continue;
      us.push(i);
      vs.push(j);
    }
  }
  const u = Int32Array.from(us), v = Int32Array.from(vs);
  const fx = new Float64Array(u).map((i) => i / width);
  const fy = new Float64Array(v).map((j) => j / height);
  const re: Float64Array[] = [], im: Float64Array[] = [];
  const places = placesAround(set, u, v);
  for (let e = 0; e < set.count; e++) {
    const amplitude = Math.sqrt(set.noise[e] / band.noise[e]);
    const scale = set.noise[e] > 0 ? 1 / (amplitude * band.noise[e]) : 0;
    const part = hannSpectrum(set.spectra[e], u, places, scale);
    re.push(part.re);
    im.push(part.im);
  }
  return {
    ...band,
    length: u.length,
    u,
    v,
    fx,
    fy,
    re,
    im,
    weight: bestWeights(band, fx, fy, cut, re, im),
  };
}

/** Where the nine frequencies around each one lie in a half spectrum: rows of left, middle and right. */
function placesAround(
  { layout, plan: { height } }: SpectrumSet,
  u: Int32Array,
  v: Int32Array,
): Int32Array {
  const places = new Int32Array(9 * u.length);
  for (let k = 0, p = 0; k < u.length; k++) {
    for (let dv = -1; dv <= 1; dv++, p += 3) {
      const row = modulo(v[k] + dv, height);
      // the half with u < 0 holds conjugates of opposite frequencies
      places[p] = u[k] === 0
        ? halfIndex(layout, 1, modulo(-v[k] - dv, height))
        : halfIndex(layout, u[k] - 1, row);
      places[p + 1] = halfIndex(layout, u[k], row);
      places[p + 2] = halfIndex(layout, u[k] + 1, row);
    }
  }
  return places;
}

/** A Hann window is a weighted mean of neighbors in the spectrum. */
function hannSpectrum(
  { re, im }: HalfSpectrum,
  u: Int32Array,
  places: Int32Array,
  scale: number,
): { readonly re: Float64Array; readonly im: Float64Array } {
  const outRe = new Float64Array(u.length), outIm = new Float64Array(u.length);
  const middle = 0.5 * scale, side = -0.25 * scale;
  for (let k = 0, p = 0; k < u.length; k++, p += 9) {
    const turned = u[k] === 0 ? -1 : 1;
    let sumRe = 0, sumIm = 0;
    for (let row = 0; row < 9; row += 3) {
      const left = places[p + row], at = places[p + row + 1], right = places[p + row + 2];
      const share = row === 3 ? middle : side;
      sumRe += share * (0.5 * re[at] - 0.25 * (re[left] + re[right]));
      sumIm += share * (0.5 * im[at] - 0.25 * (turned * im[left] + im[right]));
    }
    outRe[k] = sumRe;
    outIm[k] = sumIm;
  }
  return { re: outRe, im: outIm };
}

/** S / (S + N)^2 for the mean power S of the signal in rings of frequency. */
function bestWeights(
  band: SharedBand,
  fx: Float64Array,
  fy: Float64Array,
  cut: number,
  re: readonly Float64Array[],
  im: readonly Float64Array[],
): Float64Array {
  const ring = new Int32Array(fx.length);
  for (let k = 0; k < fx.length; k++) {
    const f = Math.sqrt(fx[k] * fx[k] + fy[k] * fy[k]);
    ring[k] = Math.min(RINGS - 1, Math.floor(RINGS * f / cut));
  }
  const power = new Float64Array(RINGS), count = new Float64Array(RINGS);
  let noise = 0;
  for (let e = 0; e < re.length; e++) {
    if (!(band.noise[e] > 0)) continue;
    noise += HANN_POWER / band.noise[e] / re.length;
    for (let k = 0; k < fx.length; k++) {
      power[ring[k]] += (re[e][k] ** 2 + im[e][k] ** 2) / re.length;
      if (e === 0) count[ring[k]]++;
    }
  }
  const signal = power.map((sum, r) => count[r] > 0 ? Math.max(0, sum / count[r] - noise) : 0);
  const least = signal.reduce((most, value) => Math.max(most, LEAST_NOISE * value), noise);
  const weights = signal.map((value) => value > 0 ? value * least / (value + least) ** 2 : 0);
  return new Float64Array(ring).map((r) => weights[r]);
}

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n;
}
