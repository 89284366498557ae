/**
 * Columns outside of the lattices of an image, as adatoms beside a particle.
 *
 * @module
 */
import { selectValues } from "@core";
import { createCellList, nearestInCells } from "@core/kernels";
import type { Decoded } from "./_decode.ts";
import { CLOSE } from "./_lattice_places.ts";
import { weighAtomsInPlace } from "./_single_atoms.ts";
import { rowsInLattice } from "./_vouching.ts";

/** Beside a lattice the network knows columns: what it doubts so much is none. */
const DOUBTED = 0.05;

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
  const rows = rowsInLattice(columns, spacing, width * height);
  const x = selectValues(columns.x, rows), y = selectValues(columns.y, rows);
  const cells = createCellList(x, y, spacing);
  const isFrom = (reach: number) => (px: number, py: number) =>
    nearestInCells(cells, px, py, reach * spacing, -1) < 0;
  const isAlone = isFrom(CLOSE);
  const isDoubted = confidenceInPlace.every((value, i) =>
    value < DOUBTED || !isAlone(i % width, Math.floor(i / width))
  );
  if (isDoubted) return; // nothing is there
  const places = { isBackground: isFrom(BEYOND), isAlone, doubted: DOUBTED };
  weighAtomsInPlace(confidenceInPlace, pixels, width, height, spacing, places);
}
