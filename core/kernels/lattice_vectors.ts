/**
 * Lattice vectors of columns, from their places alone.
 *
 * @module
 */
import { type CellList, neighborsInCells } from "./cell_list.ts";

/** Differences within this many spacings are one, as they come; lattice vectors are so far apart at least. */
const SAME = 0.25;
const DIFFERENT = 0.5;

/** Differences within this many spacings of a lattice vector are that one: places are uncertain. */
const NEAR = 0.4;

/** What is seen from fewer columns than this share is no start for a lattice vector. */
const LEAST_START = 0.08;

/** A lattice vector leads from at least this share of the columns to another one. */
const LEAST_SHARE = 0.6;

/** Neighbors of a column that are looked at. */
const MOST_NEIGHBORS = 64;

/** A vector that leads from most columns to another one. */
export interface LatticeVector {
  /** px */
  readonly x: number;
  readonly y: number;
  /** Columns it was seen from, of those asked. */
  readonly times: number;
  /** Mean squared difference of the values of the two columns it joins. */
  readonly square: number;
}

/**
 * The vectors that lead from most of some columns to another column, in no order: those of the lattice, each with
 * its opposite, whatever a few columns are.
 *
 * Differences are gathered as they come, those within a quarter of the spacing to one mean; the most
 * frequent means are gathered around again, more widely, since places are uncertain.
 * Cost: rows * neighbors * vectors.
 *
 * @param cells of x and y
 * @param rows columns asked, all of whose partners would be in the image
 * @param value what else is known of each column, as its height; zeros where nothing is
 * @param spacing nearest-neighbor distance, px
 * @param longest vector, px
 *
 * @example A square lattice
 * ```ts
 * import { createCellList, latticeVectors } from "@core/kernels";
 * import { assertEquals } from "@assert";
 *
 * const x = Float64Array.from({ length: 49 }, (_, i) => 10 * (i % 7));
 * const y = Float64Array.from({ length: 49 }, (_, i) => 10 * Math.floor(i / 7));
 * const middle = [...x.keys()].filter((i) => Math.hypot(x[i] - 30, y[i] - 30) < 25);
 * const cells = createCellList(x, y, 10), none = new Float64Array(49);
 * const vectors = latticeVectors(cells, x, y, middle, none, 10, 11);
 * assertEquals(vectors.map((v) => v.x + v.y).sort(), [-10, -10, 10, 10]);
 * ```
 */
export function latticeVectors(
  cells: CellList,
  x: Float64Array,
  y: Float64Array,
  rows: readonly number[],
  value: Float64Array,
  spacing: number,
  longest: number,
): LatticeVector[] {
  const dx: number[] = [], dy: number[] = [], squares: number[] = [];
  const near = new Int32Array(MOST_NEIGHBORS);
  for (const i of rows) {
    const n = Math.min(near.length, neighborsInCells(cells, x[i], y[i], longest, i, near));
    for (let k = 0; k < n; k++) {
      dx.push(x[near[k]] - x[i]);
      dy.push(y[near[k]] - y[i]);
      squares.push((value[near[k]] - value[i]) ** 2);
    }
  }
  // as they come one vector may be taken for two; the most frequent of them is near its middle
  const found = gathered([], dx, dy, squares, SAME * spacing, true);
  found.sort((a, b) => b.times - a.times);
  const starts: Gathered[] = [];
  for (const v of found) {
    if (v.times < LEAST_START * rows.length) break;
    const isNew = starts.every((w) => Math.hypot(w.x - v.x, w.y - v.y) > DIFFERENT * spacing);
    if (isNew) starts.push({ ...v, times: 0, square: 0 });
  }
  return gathered(starts, dx, dy, squares, NEAR * spacing, false)
    .filter((v) => v.times >= LEAST_SHARE * rows.length);
}

type Gathered = { -readonly [K in keyof LatticeVector]: number };

/** Adds each difference to the first vector within `radius`, whose mean follows; others are left out or new. */
function gathered(
  vectors: Gathered[],
  dx: readonly number[],
  dy: readonly number[],
  squares: readonly number[],
  radius: number,
  isOpen: boolean,
): Gathered[] {
  for (let k = 0; k < dx.length; k++) {
    let same: Gathered | undefined;
    for (const v of vectors) {
      const u = v.x - dx[k], w = v.y - dy[k];
      if (u * u + w * w < radius * radius) {
        same = v;
        break;
      }
    }
    if (same !== undefined) {
      const share = 1 / ++same.times;
      same.x += share * (dx[k] - same.x);
      same.y += share * (dy[k] - same.y);
      same.square += share * (squares[k] - same.square);
    } else if (isOpen) vectors.push({ x: dx[k], y: dy[k], times: 1, square: squares[k] });
  }
  return vectors;
}
