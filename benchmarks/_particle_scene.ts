/**
 * Counted images of particles with exact truth: thick in the middle, a rim of single atoms, adatoms beside it.
 *
 * @module
 */
import { createImage, type Image, type Table } from "../core/mod.ts";
import { createRandom, gaussianBlur, normalRandom, poissonRandom } from "../core/kernels/mod.ts";

/** What to draw; lengths in px. */
export interface ParticleOptions {
  readonly size: number;
  readonly spacing: number;
  /** Nearest neighbors: four, as in [001]; two rows of them, as in [110]; six, as in [111]. */
  readonly cut: "001" | "110" | "111";
  /** Atoms in the thickest column. */
  readonly thickness: number;
  /** Counts at the top of a single atom. */
  readonly counts: number;
  /** Counts of the support over those of a single atom; 0 for vacuum. */
  readonly support: number;
  readonly seed: number;
}

/** Width of a column over the spacing, and radius of the particle over the size. */
const SIGMA = 0.25, RADIUS = 0.3;

/** Heights fall behind the number of atoms by this share for each. */
const SATURATION = 0.015;

/** Places are off by so many spacings, in the rim (beyond this share of the radius) by more. */
const OFF = 0.02, OFF_AT_RIM = 0.05, RIM = 0.85;

/** Of the places at the border of the particle so many are empty. */
const EMPTY = 0.35;

/** Relative deviation of the support's brightness, in grains as wide as a column. */
const SPECKLE = 0.06;

/** Adatoms, and how far they keep from all else, spacings. */
const ADATOMS = 6, APART = 1;

/** A particle, and where its columns are. */
export function particleScene(options: ParticleOptions): { image: Image; truth: Table<"x" | "y"> } {
  const { size, spacing, counts, support, seed } = options;
  const random = createRandom(seed), sigma = SIGMA * spacing;
  const columns = columnsOf(options, random);
  const expected = new Float32Array(size * size);
  if (support > 0) {
    const grains = expected.map(() => normalRandom(random));
    gaussianBlur(grains, size, size, sigma, grains);
    const deviation = Math.sqrt(grains.reduce((sum, v) => sum + v * v, 0) / grains.length);
    for (let i = 0; i < expected.length; i++) {
      expected[i] = support * counts * Math.max(0, 1 + SPECKLE * grains[i] / deviation);
    }
  }
  for (const { x, y, atoms } of columns) {
    const top = counts * atoms * (1 - SATURATION * atoms), reach = Math.ceil(5 * sigma);
    for (let v = Math.max(0, Math.floor(y - reach)); v < Math.min(size, y + reach); v++) {
      for (let u = Math.max(0, Math.floor(x - reach)); u < Math.min(size, x + reach); u++) {
        const square = (u - x) ** 2 + (v - y) ** 2;
        expected[v * size + u] += top * Math.exp(-square / (2 * sigma * sigma));
      }
    }
  }
  const data = expected.map((value) => poissonRandom(value, random));
  const truth = {
    length: columns.length,
    columns: {
      x: Float64Array.from(columns, ({ x }) => x),
      y: Float64Array.from(columns, ({ y }) => y),
    },
    units: { x: "px", y: "px" },
  };
  return { image: createImage({ width: size, height: size, data }), truth };
}

interface Column {
  readonly x: number;
  readonly y: number;
  readonly atoms: number;
}

function columnsOf(
  { size, spacing, cut, thickness }: ParticleOptions,
  random: () => number,
): Column[] {
  const [shift, rise] =
    { "001": [0, 1], "110": [0.5, Math.SQRT1_2], "111": [0.5, Math.sqrt(0.75)] }[cut];
  const radius = RADIUS * size, turn = Math.PI * random(), columns: Column[] = [];
  const steps = Math.ceil(2.5 * radius / spacing);
  for (let row = -steps; row <= steps; row++) {
    for (let column = -steps; column <= steps; column++) {
      const u = spacing * (column + shift * row), v = spacing * rise * row;
      const share = Math.hypot(u, v) / radius;
      if (share > 1.03) continue;
      const rough = (share > 0.6 ? 0.6 : 0.2) * normalRandom(random);
      const atoms = Math.round(thickness * Math.sqrt(Math.max(0, 1 - share * share)) + rough);
      const isEmpty = share > 0.93 && random() < EMPTY;
      const off = (share > RIM ? OFF_AT_RIM : OFF) * spacing;
      const x = size / 2 + u * Math.cos(turn) - v * Math.sin(turn) + off * normalRandom(random);
      const y = size / 2 + u * Math.sin(turn) + v * Math.cos(turn) + off * normalRandom(random);
      if (atoms >= 1 && !isEmpty) columns.push({ x, y, atoms });
    }
  }
  for (let tries = 0, found = 0; found < ADATOMS && tries < 1000; tries++) {
    const angle = 2 * Math.PI * random(), away = radius * (1 + 0.5 * random());
    const x = size / 2 + away * Math.cos(angle), y = size / 2 + away * Math.sin(angle);
    if (columns.some((c) => Math.hypot(c.x - x, c.y - y) < APART * spacing)) continue;
    columns.push({ x, y, atoms: 1 });
    found++;
  }
  return columns;
}
