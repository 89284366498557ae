/**
 * The lattice of an image from its spectrum: repeat vectors to a fraction of a pixel, and the distance
 * of neighboring columns.
 *
 * @module
 */
import type { Image } from "@core";
import {
  addSpectraInPlace,
  createCorrelator,
  createSpectrumSet,
  refineExtremum,
  setOwn,
  sharedBand,
} from "@core/kernels";
import { columnDistance } from "./_column_distance.ts";

/** The lattice of an image, lengths in px. */
export type Lattice = {
  /** Median distance of neighboring columns, or `null` where nothing repeats. */
  readonly spacing: number | null;
  /** The shortest repeat vector and the shortest one at an angle to it. */
  readonly a: readonly number[] | null;
  readonly b: readonly number[] | null;
  /** Their reciprocal vectors, cycles/px: `a . aStar = 1`, `a . bStar = 0`. */
  readonly aStar: readonly number[] | null;
  readonly bStar: readonly number[] | null;
  /** Power of the strongest Bragg peak over the median power at its frequency. */
  readonly strength: number;
  /** Number of Bragg peaks, one of each opposite pair. */
  readonly peaks: number;
};

interface Vector {
  readonly x: number;
  readonly y: number;
}

/** Edges fade out over this share of the image. */
const WINDOW = 0.25;
/** A repeat vector takes the image over into one that correlates with it at least so well. */
const LEAST_CORRELATION = 0.2;
/** Two repeat vectors span a cell when the sine of their angle is at least this. */
const LEAST_SINE = 0.3;

/** Measures the lattice. */
export function measureLattice(image: Image, polarity: "bright" | "dark"): Lattice {
  const set = createSpectrumSet(image.width, image.height, WINDOW);
  addSpectraInPlace(set, image.data, undefined);
  const band = sharedBand(set);
  const { bragg } = band;
  const strength = bragg.strength.reduce((most, s) => Math.max(most, s), 0);
  const nothing = { spacing: null, a: null, b: null, aStar: null, bStar: null };
  // fringes that repeat along one direction only are no lattice
  const rough = band.length > 0 ? spanningPair(band.repeats) : undefined;
  if (rough === undefined) return { ...nothing, strength, peaks: bragg.length };
  const correlator = createCorrelator(band);
  setOwn(correlator);
  const [a, b] = rough.map(({ x, y }) => refineExtremum(correlator, x, y, 2 * correlator.pitch, 1));
  const isLattice = [a, b].every((r) => r.expansion !== undefined && r.value >= LEAST_CORRELATION);
  if (!isLattice) return { ...nothing, strength, peaks: bragg.length };
  const shortest = Math.hypot(a.x, a.y), area = a.x * b.y - a.y * b.x;
  return {
    spacing: columnDistance(set, bragg, shortest, polarity) ?? shortest,
    a: [a.x, a.y],
    b: [b.x, b.y],
    aStar: [b.y / area, -b.x / area],
    bStar: [-a.y / area, a.x / area],
    strength,
    peaks: bragg.length,
  };
}

/** The shortest vector and the next one that spans a cell with it. */
function spanningPair(repeats: readonly Vector[]): [Vector, Vector] | undefined {
  const [a] = repeats;
  const b = repeats.find((r) =>
    Math.abs(a.x * r.y - a.y * r.x) >= LEAST_SINE * Math.hypot(a.x, a.y) * Math.hypot(r.x, r.y)
  );
  return b === undefined ? undefined : [a, b];
}
