/**
 * Stacks of a lattice with known drift for the benchmarks of drift alignment, and Poisson counts of them.
 *
 * @module
 */
import { createRandom, normalRandom, poissonRandom } from "@core/kernels";
import { createImage, type Image } from "../mod.ts";

/** Lattice vectors, px. */
export interface Lattice {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
}

/** A square lattice turned by an angle. */
export function squareLattice(spacing: number, degrees = 0): Lattice {
  const [cos, sin] = [
    Math.cos(degrees * Math.PI / 180) * spacing,
    Math.sin(degrees * Math.PI / 180) * spacing,
  ];
  return { a: [cos, sin], b: [-sin, cos] };
}

/** Columns of a specimen, in px of the first exposure. */
export interface Specimen {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly height: Float64Array;
  readonly sigma: number;
  readonly background: number;
}

/** What sets a specimen apart from a perfect crystal. */
export interface SpecimenOptions {
  readonly size: number;
  readonly lattice: Lattice;
  /** Standard deviation of a column's place along each axis, px. */
  readonly scatter: number;
  /** Columns of 0.3 of the height, and as many of 1.6 of it, in the first exposure's field. */
  readonly odd: number;
}

const SIGMA = 2.6, BACKGROUND = 0.25;
/** Columns reach so far beyond the field that no drift shows their end, px. */
const MARGIN = 160;

/** Columns on a lattice, far beyond the field. */
export function createSpecimen(options: SpecimenOptions, random: () => number): Specimen {
  const { size, lattice: { a, b }, scatter, odd } = options;
  const x: number[] = [], y: number[] = [];
  const [ox, oy] = [size / 2 + a[0] * random(), size / 2 + b[1] * random()];
  const reach = Math.ceil(2 * (size / 2 + MARGIN) / Math.min(Math.hypot(...a), Math.hypot(...b)));
  for (let j = -reach; j <= reach; j++) {
    for (let i = -reach; i <= reach; i++) {
      const cx = ox + i * a[0] + j * b[0] + scatter * normalRandom(random);
      const cy = oy + i * a[1] + j * b[1] + scatter * normalRandom(random);
      const isNear = Math.min(cx, cy) > -MARGIN && Math.max(cx, cy) < size + MARGIN;
      if (isNear) x.push(cx), y.push(cy);
    }
  }
  const height = new Float64Array(x.length).fill(1);
  const inside = Array.from(x.keys()).filter((k) =>
    Math.min(x[k], y[k]) > 0 && Math.max(x[k], y[k]) < size
  );
  for (let k = 0; k < 2 * odd; k++) {
    const [chosen] = inside.splice(Math.floor(random() * inside.length), 1);
    height[chosen] = k < odd ? 0.3 : 1.6;
  }
  return {
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    height,
    sigma: SIGMA,
    background: BACKGROUND,
  };
}

/** The expected picture of a specimen that moved by (dx, dy); 1 is the top of a normal column. */
export function picture(
  { x, y, height, sigma, background }: Specimen,
  size: number,
  dx: number,
  dy: number,
): Float64Array {
  const out = new Float64Array(size * size).fill(background);
  const reach = 5 * sigma;
  const along = new Float64Array(size);
  for (let k = 0; k < x.length; k++) {
    const cx = x[k] + dx, cy = y[k] + dy;
    const x0 = Math.max(0, Math.ceil(cx - reach)), x1 = Math.min(size - 1, Math.floor(cx + reach));
    const y0 = Math.max(0, Math.ceil(cy - reach)), y1 = Math.min(size - 1, Math.floor(cy + reach));
    for (let i = x0; i <= x1; i++) along[i] = Math.exp(-(((i - cx) / sigma) ** 2) / 2);
    for (let j = y0; j <= y1; j++) {
      const f = height[k] * Math.exp(-(((j - cy) / sigma) ** 2) / 2);
      for (let i = x0; i <= x1; i++) out[j * size + i] += f * along[i];
    }
  }
  return out;
}

/** Poisson counts of a picture. */
export function counts(picture: Float64Array, dose: number, random: () => number): Float32Array {
  return Float32Array.from(picture, (p) => poissonRandom(dose * p, random));
}

/** Drift: each step is a constant of sd `steady` an axis plus a random part of sd `wander`. */
export function driftPath(
  frames: number,
  steady: number,
  wander: number,
  random: () => number,
): { readonly x: number[]; readonly y: number[] } {
  const axis = () => {
    const constant = steady * normalRandom(random);
    const path = [0];
    for (let e = 1; e < frames; e++) {
      path.push(path[e - 1] + constant + wander * normalRandom(random));
    }
    return path;
  };
  return { x: axis(), y: axis() };
}

/** A stack and the drift in it. */
export interface Stack {
  readonly images: readonly Image[];
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** What {@linkcode createStack} makes. */
export interface StackOptions extends SpecimenOptions {
  readonly frames: number;
  readonly dose: number;
  /** Invert every second exposure. */
  readonly inverted: boolean;
  /** Exposures from this one on show another specimen, or none without one. */
  readonly strangersFrom: number;
  readonly stranger: SpecimenOptions | undefined;
}

/** The scene of the bars. */
export const SCENE: StackOptions = {
  size: 256,
  lattice: squareLattice(16),
  scatter: 0.15,
  odd: 6,
  frames: 10,
  dose: 1,
  inverted: false,
  strangersFrom: Infinity,
  stranger: undefined,
};

/** Sd of the steady part of the drift, and of the random part of each step, px an axis. */
const STEADY = 1.5, WANDER = 0.8;

/** Exposures of one specimen, all from one seed. */
export function createStack(options: StackOptions, seed: number): Stack {
  const random = createRandom(seed);
  const { size, frames, dose, inverted, strangersFrom, stranger } = options;
  const specimen = createSpecimen(options, random);
  const other = stranger === undefined ? undefined : createSpecimen(stranger, random);
  const path = driftPath(frames, STEADY, WANDER, random);
  const images = path.x.map((dx, e) => {
    const shown = e < strangersFrom ? specimen : other;
    const expected = shown === undefined
      ? new Float64Array(size * size).fill(2 * BACKGROUND)
      : picture(shown, size, dx, path.y[e]);
    if (inverted && e % 2 === 1) invertInPlace(expected);
    const data = counts(expected, dose, random);
    return createImage({ width: size, height: size, data });
  });
  return { images, ...path };
}

function invertInPlace(picture: Float64Array): void {
  const most = picture.reduce((a, b) => Math.max(a, b), 0);
  for (let i = 0; i < picture.length; i++) picture[i] = most - picture[i];
}

/** What of measured drift is wrong, its mean removed: each exposure's, px. */
export function driftErrors(
  { x, y }: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> },
  truth: { readonly x: readonly number[]; readonly y: readonly number[] },
): { readonly x: number[]; readonly y: number[] } {
  const axis = (found: ArrayLike<number>, right: readonly number[]) => {
    const off = right.map((v, e) => found[e] - v);
    const mean = off.reduce((a, b) => a + b, 0) / off.length;
    return off.map((v) => v - mean);
  };
  return { x: axis(x, truth.x), y: axis(y, truth.y) };
}

/** Root mean square of one axis. */
export function axisRms({ x, y }: { readonly x: number[]; readonly y: number[] }): number {
  const sum = x.reduce((s, v, e) => s + v * v + y[e] * y[e], 0);
  return Math.sqrt(sum / (2 * x.length));
}
