/**
 * The lens of each exposure of the formation model `probe`.
 *
 * @module
 */
import { equalSteps, shuffle } from "./_conditions.ts";
import type { Optics } from "./_probe.ts";

/** What {@linkcode planLenses} needs; nm but for `voltage` (kV), `convergence` (mrad). */
export interface LensRanges {
  readonly exposures: number;
  readonly voltage: number;
  readonly convergence: number;
  readonly defocus: number;
  /** How much farther from focus the last exposure is. */
  readonly defocusRange: number;
  /** Largest astigmatisms; drawn for each exposure. */
  readonly twofold: number;
  readonly threefold: number;
  /** µm. */
  readonly spherical: number;
}

/** Draws the lenses: defocus in equal steps in a random order, a single exposure at `defocus`. */
export function planLenses(ranges: LensRanges, random: () => number): Optics[] {
  const { exposures, voltage, convergence, spherical } = ranges;
  const last = ranges.defocus + ranges.defocusRange;
  const defocus = shuffle(equalSteps(last, ranges.defocus, exposures), random);
  return defocus.map((defocus) => ({
    ...{ voltage, convergence, defocus, spherical },
    twofold: ranges.twofold * random(),
    twofoldAngle: Math.PI * random(),
    threefold: ranges.threefold * random(),
    threefoldAngle: 2 * Math.PI / 3 * random(),
  }));
}
