/**
 * Columns outside of the lattices of an image, as adatoms beside a particle.
 *
 * @module
 */
import type { Context } from "@core";
import { PLACE } from "./_atom_bands.ts";
import type { Picture } from "./_atomid_network.ts";
import type { Decoded } from "./_decode.ts";
import { sharedFloats } from "./_kept_floats.ts";
import { CLOSE } from "./_lattice_places.ts";
import { weighAtomsInPlace } from "./_single_atoms.ts";
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
 * @param confidenceInPlace of each pixel of the picture
 * @param picture columns bright
 * @param columns of at least the confidence of one among others
 * @param spacing px
 * @param map spreads bands of the picture over the workers
 */
export async function weighLoneInPlace(
  confidenceInPlace: Float32Array,
  picture: Picture,
  columns: Decoded,
  spacing: number,
  map: Context["map"],
): Promise<void> {
  const { width, height } = picture;
  const memory = sharedFloats.take(Math.ceil(width * height / 4));
  const at = new Uint8Array(memory.buffer, 0, width * height).fill(PLACE.background);
  const rows = rowsInLattice(columns, spacing, width * height);
  fillDiscs(at, width, height, columns, rows, BEYOND * spacing, PLACE.alone);
  fillDiscs(at, width, height, columns, rows, CLOSE * spacing, PLACE.lattice);
  const isDoubted = confidenceInPlace.every((value, i) =>
    value < DOUBTED || at[i] === PLACE.lattice
  );
  const places = { at, doubted: DOUBTED, apart: CLOSE / Math.SQRT2 };
  // where all is doubted nothing is there
  if (!isDoubted) await weighAtomsInPlace(confidenceInPlace, picture, spacing, map, places);
  sharedFloats.give(memory);
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
