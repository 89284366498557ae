/**
 * Columns outside of the lattices of an image, as adatoms beside a particle.
 *
 * @module
 */
import type { Decoded } from "./_decode.ts";
import { CLOSE } from "./_lattice_places.ts";
import { PLACE, weighAtomsInPlace } from "./_single_atoms.ts";
import { rowsInLattice } from "./_vouching.ts";

/** Beside a lattice the network knows columns: what it doubts so much is none. */
const DOUBTED = 0.07;

/** The background is farther from the columns of lattices than so many spacings. */
const BEYOND = 1.5;

/**
 * Gives what is farther from the columns of lattices than these are from each other the confidence of single
 * atoms: so columns of a thin rim and adatoms are found, and nothing is in the noise of a support. What is
 * nearer, as sulfur is at a rim, keeps the network's.
 *
 * @param confidenceInPlace width * height
 * @param pixels of the image, columns bright
 * @param columns of at least the confidence of one among others
 * @param spacing px
 */
export function weighLoneInPlace(
  confidenceInPlace: Float32Array,
  pixels: Float32Array,
  width: number,
  height: number,
  columns: Decoded,
  spacing: number,
): void {
  const at = new Uint8Array(width * height).fill(PLACE.background);
  const rows = rowsInLattice(columns, spacing, width * height);
  fillDiscs(at, width, height, columns, rows, BEYOND * spacing, PLACE.alone);
  fillDiscs(at, width, height, columns, rows, CLOSE * spacing, PLACE.lattice);
  const isDoubted = confidenceInPlace.every((value, i) =>
    value < DOUBTED || at[i] === PLACE.lattice
  );
  if (isDoubted) return; // nothing is there
  const places = { at, doubted: DOUBTED, apart: CLOSE / Math.SQRT2 };
  weighAtomsInPlace(confidenceInPlace, pixels, width, height, spacing, places);
}

/** Writes a value to all pixels within a radius of these columns. */
function fillDiscs(
  map: Uint8Array,
  width: number,
  height: number,
  { x, y }: Decoded,
  rows: readonly number[],
  radius: number,
  value: number,
): void {
  for (const i of rows) {
    const last = Math.min(height - 1, Math.floor(y[i] + radius));
    for (let v = Math.max(0, Math.ceil(y[i] - radius)); v <= last; v++) {
      const half = Math.sqrt(radius * radius - (v - y[i]) ** 2);
      const from = Math.max(0, Math.ceil(x[i] - half));
      const to = Math.min(width - 1, Math.floor(x[i] + half));
      map.fill(value, v * width + from, v * width + to + 1);
    }
  }
}
