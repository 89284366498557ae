/**
 * The spacing of the columns of a map: measured between them where they are many, else as predicted.
 *
 * @module
 */
import { medianInPlace } from "@core/kernels";
import { lookAround, ORDERED, type Places } from "./_lattice_around.ts";

/** Fewer columns do not tell the spacing better than the network does. */
const TELLING = 20;

/** Measured over predicted must lie here: else the columns are no lattice, or half of them are missing. */
const BELIEVED = { least: 0.55, most: 1.8 } as const;

/**
 * The median nearest-neighbor distance, px: near `predicted`, which it is where columns do not tell. Gaps,
 * and a few columns of a faint sublattice among those of a bright one, do not move a median; errors of
 * places do not make it small ({@linkcode lookAround}).
 */
export function measuredSpacing({ x, y }: Places, predicted: number): number {
  if (x.length < TELLING) return predicted;
  const { distance, order } = lookAround(x, y);
  if (medianInPlace(order) < ORDERED) return predicted; // single atoms, say
  const measured = medianInPlace(distance), ratio = measured / predicted;
  return ratio > BELIEVED.least && ratio < BELIEVED.most ? measured : predicted;
}
