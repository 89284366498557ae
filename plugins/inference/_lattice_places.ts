/**
 * Whether a column stands where the lattice around has a place: a lattice vector away from others.
 *
 * @module
 */
import { selectValues } from "@core";
import {
  type CellList,
  createCellList,
  latticeVectors,
  nearestInCells,
  neighborsInCells,
} from "@core/kernels";
import { VOUCHED } from "./_vouching.ts";

/** Lattice vectors up to so many spacings: those of a cell of four columns, too. */
const LONGEST = 2.6;

/** Lattice vectors are those of the columns within so many spacings of the middle of a block of so many. */
const WINDOW = 10, BLOCK = 16;

/** The ratio whose multiples are spread evenly, whatever their number. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Vectors that lead from so many of them to another: more than from one of two sublattices to the other, or by chance
 * among columns that only keep apart.
 */
const LEAST_SHARE = 0.7;

/** Columns of a window that are asked for their vectors, at most and at least. */
const ASKED = 64, TELLING = 12;

/**
 * A column is there when it is nearer than so many spacings, since places are uncertain. When the nearest is up to
 * so many away, there is none where the lattice is: farther from all are vacancies and what lies beyond a rim,
 * which tell nothing.
 */
export const THERE = 0.35;
const BESIDE = 0.75;

/**
 * Of the places a lattice vector away at most so many hold a column, or as many as around (in a twisted bilayer
 * they are fewer); of those away from any other place so many.
 */
const HELD = 0.9, BY_CHANCE = 0.1;

/**
 * Columns of one lattice keep this many spacings apart: of two that are nearer one is out of place; what keeps
 * apart may be a column at a surface, or of another grain.
 */
export const CLOSE = 0.88;

/** Fewer places tell nothing. */
const LEAST_PLACES = 4;

/** A column of this confidence or more, log odds of 4, is one wherever it stands. */
const BEYOND_DOUBT = 1 / (1 + Math.exp(-4));

/** A lattice vector, px, and the share of columns that it leads to another. */
export interface SharedVector {
  readonly x: number;
  readonly y: number;
  readonly share: number;
}

/** Lattice vectors of the columns around a place; none where these are in no order; null where they are few. */
export type VectorsAt = (x: number, y: number) => readonly SharedVector[] | null;

/**
 * The lattice vectors around each place of an image: looked for block by block, in each when it is first asked for.
 *
 * @param confidence of each column; those beside others and surer tell the vectors
 * @param spacing px
 */
export function localVectors(
  x: Float64Array,
  y: Float64Array,
  confidence: Float64Array,
  spacing: number,
  width: number,
  height: number,
): VectorsAt {
  const sure = sureColumns(x, y, confidence, spacing), none = new Float64Array(sure.x.length);
  const blocks = new Map<number, SharedVector[] | null>();
  const side = BLOCK * spacing, across = Math.ceil(width / side);
  const vectorsOf = (column: number, row: number) => {
    const [u, v] = [(column + 0.5) * side, (row + 0.5) * side];
    const rows = windowRows(sure, u, v, spacing, width, height);
    if (rows.length < TELLING) return null;
    return latticeVectors(sure.cells, sure.x, sure.y, rows, none, spacing, LONGEST * spacing)
      .map(({ x, y, times }) => ({ x, y, share: times / rows.length }))
      .filter(({ share }) => share >= LEAST_SHARE);
  };
  return (u, v) => {
    const column = Math.floor(u / side), row = Math.floor(v / side), key = row * across + column;
    let found = blocks.get(key);
    if (found === undefined) blocks.set(key, found = vectorsOf(column, row));
    return found;
  };
}

interface SureColumns {
  readonly cells: CellList;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

function sureColumns(
  x: Float64Array,
  y: Float64Array,
  confidence: Float64Array,
  spacing: number,
): SureColumns {
  const rows: number[] = [];
  for (let i = 0; i < x.length; i++) if (confidence[i] >= VOUCHED.beside) rows.push(i);
  const sureX = selectValues(x, rows), sureY = selectValues(y, rows);
  return { cells: createCellList(sureX, sureY, spacing), x: sureX, y: sureY };
}

/**
 * The log odds of being in place for each column, at most 0: those of the columns found a lattice vector
 * away, over those where there is no place of the lattice. 0 where columns have no lattice vectors in common,
 * and of columns beyond doubt.
 *
 * @param cells of x and y
 * @param confidence of each column
 * @param spacing px
 */
export function placeOdds(
  cells: CellList,
  x: Float64Array,
  y: Float64Array,
  confidence: Float64Array,
  vectorsAt: VectorsAt,
  spacing: number,
  width: number,
  height: number,
): Float64Array {
  const sure = sureColumns(x, y, confidence, spacing);
  const odds = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    if (confidence[i] >= BEYOND_DOUBT) continue;
    if (nearestInCells(cells, x[i], y[i], CLOSE * spacing, i) < 0) continue;
    odds[i] = Math.min(
      0,
      oddsAt(sure, vectorsAt(x[i], y[i]) ?? [], x[i], y[i], spacing, width, height),
    );
  }
  // of two at a surface, both out of place, the surer one stays
  const near = new Int32Array(x.length);
  return odds.map((own, i) => {
    if (own === 0) return 0;
    const count = neighborsInCells(cells, x[i], y[i], CLOSE * spacing, i, near);
    for (let k = 0; k < count; k++) {
      if (odds[near[k]] === 0 || confidence[near[k]] >= confidence[i]) return own;
    }
    return 0;
  });
}

/** The log odds of a place of the lattice; 0 where that is not known. */
function oddsAt(
  sure: SureColumns,
  vectors: readonly SharedVector[],
  x: number,
  y: number,
  spacing: number,
  width: number,
  height: number,
): number {
  let places = 0, odds = 0;
  for (const vector of vectors) {
    const px = x + vector.x, py = y + vector.y;
    if (px < 0 || py < 0 || px > width - 1 || py > height - 1) continue;
    const near = nearestInCells(sure.cells, px, py, BESIDE * spacing, -1);
    if (near < 0) continue;
    const away = Math.hypot(sure.x[near] - px, sure.y[near] - py);
    places++;
    const held = Math.min(HELD, vector.share);
    odds += away < THERE * spacing
      ? Math.log(held / BY_CHANCE)
      : Math.log((1 - held) / (1 - BY_CHANCE));
  }
  return places < LEAST_PLACES ? 0 : odds;
}

/** Columns around a place, all of whose partners would be in the image; the window moves in from the border. */
function windowRows(
  { cells, x, y }: SureColumns,
  middleX: number,
  middleY: number,
  spacing: number,
  width: number,
  height: number,
): number[] {
  const reach = LONGEST * spacing, half = WINDOW * spacing;
  const within = (at: number, size: number) =>
    Math.max(reach + half, Math.min(size - 1 - reach - half, at));
  const cx = within(middleX, width), cy = within(middleY, height);
  const near = new Int32Array(x.length);
  const count = neighborsInCells(cells, cx, cy, Math.SQRT2 * half, -1, near);
  const rows = [...near.subarray(0, count).sort()].filter((i) => {
    const isInner = x[i] > reach && y[i] > reach && x[i] < width - 1 - reach &&
      y[i] < height - 1 - reach;
    return isInner && Math.abs(x[i] - cx) <= half && Math.abs(y[i] - cy) <= half;
  });
  // in no rhythm: every second one could be one sublattice of two
  return rows.filter((_, k) => (k * GOLDEN) % 1 < ASKED / rows.length);
}
