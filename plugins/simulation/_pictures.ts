/**
 * The pictures of the kinds of columns in one exposure of the formation model `probe`.
 *
 * HAADF is incoherent: the picture of an atom is the probe's intensity, spread by the source, by the
 * atom's thermal motion and by the size of its scattering. So a kind's spectrum is that of the probe
 * times a real factor for each of its elements. The probe's spectrum ends at twice the aperture, and
 * is taken on as few frequencies; a padded inverse transform, two kinds at once, samples it finely.
 *
 * @module
 */
import { createFft2Plan, fastLength, type Fft2Plan, inverseFft2InPlace } from "@core/kernels";
import { type Gaussian, nearestGaussian } from "./_nearest_gaussian.ts";
import {
  type ColumnProfile,
  electronWavelength,
  type Frame,
  type Optics,
  type ProbeSpectrum,
  probeSpectrum,
} from "./_probe.ts";
import { atomSigma, type Detection, scatteringOf } from "./_scattering.ts";
import type { Atoms } from "./_structures.ts";

/** What blurs the picture beside the lens, nm as standard deviations along each axis. */
export interface Blur {
  readonly source: number;
  readonly thermal: number;
  /** Where the bottom of 1 nm of a column lies beside its top, in the tilted specimen. */
  readonly leanX: number;
  readonly leanY: number;
}

/** The pictures of all kinds. */
export interface Pictures {
  readonly profiles: readonly ColumnProfile[];
  /** Scattering of each kind at its top, in units common to all. */
  readonly tops: Float64Array;
  /** The Gaussian that overlaps most with each picture, px, sigmaX along `angle` (rad). */
  readonly sigmaX: Float64Array;
  readonly sigmaY: Float64Array;
  readonly angle: Float64Array;
}

/** Samples of a profile in wavelength / angle: interpolation is then off by 0.2 % of the top. */
const SAMPLES = 20;

/** Wavelengths over the angle from a focused probe's center to where it is cut: 1e-4 of its top. */
const TAIL = 5;

/** Half the period that holds a probe and what blurs it, nm. */
function probeReach(optics: Optics, blur: Blur, depth: number): number {
  const angle = optics.convergence * 1e-3;
  const { defocus, twofold, threefold, spherical } = optics;
  // The slope of chi at the aperture's edge: how far rays land from the axis.
  const rays = angle * (Math.abs(defocus) + Math.abs(twofold)) +
    angle ** 2 * Math.abs(threefold) + angle ** 3 * Math.abs(spherical) * 1e3;
  return TAIL * electronWavelength(optics.voltage) / angle + rays +
    4 * Math.hypot(blur.source, blur.thermal) +
    0.5 * depth * Math.hypot(blur.leanX, blur.leanY);
}

/** Pictures of more samples a side take a second or more. */
export const MOST_SAMPLES = 1024;

/** Samples a side of a picture, their distance in nm, and how many make a px. */
export function pictureSize(
  optics: Optics,
  blur: Blur,
  pixel: number,
  depth: number,
): { size: number; step: number; perPixel: number } {
  const resolution = electronWavelength(optics.voltage) / (optics.convergence * 1e-3);
  const samples = pixel * SAMPLES / resolution;
  // Whole steps a px are quicker; images with px finer than a sample do without.
  const perPixel = samples > 1 ? Math.ceil(samples) : samples;
  const step = pixel / perPixel;
  return { size: evenFast(2 * probeReach(optics, blur, depth) / step), step, perPixel };
}

/**
 * Makes the pictures of some kinds of columns; a px is `pixel` nm, `depth` the longest column.
 *
 * @param report called between transforms, which may throw to stop
 */
export function takePictures(
  kinds: readonly { readonly atoms: readonly Atoms[]; readonly strength: number }[],
  optics: Optics,
  blur: Blur,
  detection: Detection,
  frame: Frame,
  pixel: number,
  depth: number,
  report: () => void = () => {},
): Pictures {
  const resolution = electronWavelength(optics.voltage) / (optics.convergence * 1e-3);
  const { size, step, perPixel } = pictureSize(optics, blur, pixel, depth);
  const spacing = 1 / (size * step);
  // A moving specimen may stretch the band by a little.
  const band = evenFast(4.4 / (resolution * spacing));
  const probe = probeSpectrum(optics, spacing, Math.min(size, band), frame);
  const plan = createFft2Plan(size, size);
  // Upright columns whose atoms move alike have one picture, each as bright as it scatters.
  const shapes = new Map(kinds.map(({ atoms }) => [shapeOf(atoms, blur), atoms]));
  const different = [...shapes.values()];
  const pictures: (Centered & Gaussian)[] = [];
  for (let i = 0; i < different.length; i += 2) {
    const [first, second] = [different[i], different[Math.min(i + 1, different.length - 1)]]
      .map((atoms) => factorOf(atoms, blur, detection, frame, probe, step));
    const two = sampleTwo(probe, first, second, plan);
    for (const values of two.slice(0, different.length - i)) {
      const picture = centered(values, size, perPixel);
      pictures.push({ ...picture, ...nearestGaussian(picture.profile) });
    }
    report();
  }
  const names = [...shapes.keys()];
  const own = kinds.map(({ atoms }) => pictures[names.indexOf(shapeOf(atoms, blur))]);
  const tops = Float64Array.from(kinds, ({ atoms, strength }, k) => {
    const amount = atoms.reduce((sum, one) => sum + amountOf(one, detection), 0);
    return strength * amount * own[k].largest / (step * step);
  });
  const brightest = Math.max(...tops);
  return {
    profiles: own.map(({ profile }, k) => trimmed(profile, CUT * brightest / tops[k])),
    tops,
    sigmaX: Float64Array.from(own, ({ sigmaX }) => sigmaX),
    sigmaY: Float64Array.from(own, ({ sigmaY }) => sigmaY),
    angle: Float64Array.from(own, ({ angle }) => angle),
  };
}

/** What the picture's shape depends on, as a name. */
function shapeOf(atoms: readonly Atoms[], { leanX, leanY }: Blur): string {
  const motions = new Set(atoms.map(({ motion }) => motion));
  const plain = leanX === 0 && leanY === 0 && motions.size === 1;
  return plain ? `${[...motions][0]}` : JSON.stringify(atoms);
}

function amountOf({ element, count, pitch }: Atoms, detection: Detection): number {
  return scatteringOf(element, count, pitch, detection);
}

/** Pictures end where they are this share of the brightest kind's top. */
const CUT = 1e-4;

function evenFast(length: number): number {
  let n = fastLength(length);
  while (n % 2 === 1) n = fastLength(n + 1);
  return n;
}

/**
 * What a kind's scattering does to each frequency of the probe, 1 for frequency 0; bilinear
 * interpolation made good.
 */
function factorOf(
  atoms: readonly Atoms[],
  blur: Blur,
  detection: Detection,
  { mxx, mxy, myx, myy }: Frame,
  { size, spacing }: ProbeSpectrum,
  step: number,
): Float64Array {
  const out = new Float64Array(size * size);
  const total = atoms.reduce((sum, one) => sum + amountOf(one, detection), 0);
  for (const one of atoms) {
    const { count, pitch, motion = blur.thermal } = one, share = amountOf(one, detection) / total;
    const variance = blur.source ** 2 + motion ** 2 + atomSigma(detection) ** 2;
    const rate = 2 * Math.PI ** 2 * variance;
    for (let y = 0; y < size; y++) {
      const qy = spacing * (y < size / 2 ? y : y - size);
      for (let x = 0; x < size; x++) {
        const qx = spacing * (x < size / 2 ? x : x - size);
        const kx = mxx * qx + myx * qy, ky = mxy * qx + myy * qy;
        const phase = Math.PI * pitch * (kx * blur.leanX + ky * blur.leanY);
        out[y * size + x] += share * Math.exp(-rate * (kx * kx + ky * ky)) *
          rowOfAtoms(count, phase);
      }
    }
  }
  for (let y = 0; y < size; y++) {
    const fy = tent(spacing * step * Math.min(y, size - y));
    for (let x = 0; x < size; x++) {
      out[y * size + x] /= fy * tent(spacing * step * Math.min(x, size - x));
    }
  }
  return out;
}

/** sin(n phase) / (n sin phase): n atoms in a row, seen from the side. */
function rowOfAtoms(count: number, phase: number): number {
  const below = Math.sin(phase);
  if (count <= 1 || Math.abs(below) < 1e-9) return 1;
  return Math.sin(count * phase) / (count * below);
}

/** What linear interpolation between samples does to a frequency, cycles a sample. */
function tent(frequency: number): number {
  if (frequency === 0) return 1;
  const x = Math.PI * frequency;
  return (Math.sin(x) / x) ** 2;
}

/** Samples two kinds by one transform: their spectra are those of real pictures. */
function sampleTwo(
  { re, im, size: band }: ProbeSpectrum,
  first: Float64Array,
  second: Float64Array,
  plan: Fft2Plan,
): [Float64Array, Float64Array] {
  const size = plan.width;
  const outRe = new Float64Array(size * size), outIm = new Float64Array(size * size);
  for (let y = 0; y < band; y++) {
    const row = (y < band / 2 ? y : y + size - band) * size;
    for (let x = 0; x < band; x++) {
      const from = y * band + x, to = row + (x < band / 2 ? x : x + size - band);
      outRe[to] = re[from] * first[from] - im[from] * second[from];
      outIm[to] = re[from] * second[from] + im[from] * first[from];
    }
  }
  inverseFft2InPlace(plan, outRe, outIm);
  return [outRe, outIm];
}

/** A profile, and its largest value before that was made 1. */
interface Centered {
  readonly profile: ColumnProfile;
  readonly largest: number;
}

/** Moves the center from the corner to the middle, and makes the largest value 1. */
function centered(
  values: Float64Array,
  size: number,
  perPixel: number,
): Centered {
  let largest = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > largest) largest = values[i];
  const out = new Float32Array(size * size), half = size >> 1;
  for (let y = 0; y < size; y++) {
    const to = ((y + half) % size) * size;
    for (let x = 0; x < size; x++) out[to + (x + half) % size] = values[y * size + x] / largest;
  }
  return { profile: { values: out, size, perPixel }, largest };
}

/** The middle of a profile, beyond which nothing is larger than `least`. */
function trimmed({ values, size, perPixel }: ColumnProfile, least: number): ColumnProfile {
  const half = size >> 1;
  let reach = 2;
  for (let y = 1; y < size; y++) {
    for (let x = 1; x < size; x++) {
      if (values[y * size + x] <= least) continue;
      reach = Math.max(reach, Math.abs(x - half), Math.abs(y - half));
    }
  }
  const inner = Math.min(half, reach + 2), side = 2 * inner;
  if (inner === half) return { values, size, perPixel };
  const out = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    const from = (y + half - inner) * size + half - inner;
    out.set(values.subarray(from, from + side), y * side);
  }
  return { values: out, size: side, perPixel };
}
