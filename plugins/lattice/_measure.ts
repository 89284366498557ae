/**
 * The repeat vectors of an image from its power spectrum.
 *
 * @module
 */
import type { Image } from "@core";
import { createSpectrumPlan, findBraggPeaks, repeatVectors, spectraOfPair } from "@core/kernels";

/** The lattice of an image, lengths in px. */
export type Lattice = {
  /** Length of the shortest repeat vector, or `null` where nothing repeats. */
  readonly spacing: number | null;
  readonly a: readonly number[] | null;
  readonly b: readonly number[] | null;
  /** Power of the strongest Bragg peak over the median power at its frequency. */
  readonly strength: number;
  /** Number of Bragg peaks, one of each opposite pair. */
  readonly peaks: number;
};

const PEAK_THRESHOLD = 30;
const LEAST_PERIODS = 4;
/** Two repeat vectors span a cell when the sine of their angle is at least this. */
const LEAST_SINE = 0.3;

/** Measures the lattice. */
export function measureLattice({ data, width, height }: Image): Lattice {
  const plan = createSpectrumPlan(width, height, 0.25);
  const n = plan.width * plan.height;
  const re = new Float64Array(n), im = new Float64Array(n);
  spectraOfPair(plan, data, undefined, re, im, re, im);
  for (let i = 0; i < n; i++) re[i] = re[i] ** 2 + im[i] ** 2;
  const lowest = LEAST_PERIODS / Math.min(width, height);
  const bragg = findBraggPeaks(re, plan.width, plan.height, PEAK_THRESHOLD, lowest);
  const repeats = repeatVectors(re, plan.width, plan.height, bragg, lowest);
  const strength = bragg.length > 0 ? Math.max(...bragg.strength) : 0;
  const [a] = repeats;
  if (a === undefined) return { spacing: null, a: null, b: null, strength, peaks: bragg.length };
  const length = Math.hypot(a.x, a.y);
  const b = repeats.find((r) =>
    Math.abs(a.x * r.y - a.y * r.x) >= LEAST_SINE * length * Math.hypot(r.x, r.y)
  );
  return {
    spacing: length,
    a: [a.x, a.y],
    b: b === undefined ? null : [b.x, b.y],
    strength,
    peaks: bragg.length,
  };
}
