/**
 * Which maxima of a confidence map are columns: the columns of a lattice vouch for each other.
 *
 * @module
 */
import { selectValues } from "@core";
import {
  type CellList,
  createCellList,
  createKdTree,
  medianInPlace,
  nearestNeighbors,
  neighborsInCells,
} from "@core/kernels";
import { type Decoded, selectDecoded } from "./_decode.ts";
import { isCovered, lookAround, ORDERED } from "./_lattice_around.ts";

/**
 * Least confidence of a column in a lattice, with so many of its columns near it; with some; and of any
 * other, which noise and texture bring forth as well.
 */
export const VOUCHED = { among: 0.4, beside: 0.65, alone: 0.75 } as const;

/** How many columns near one are those of a lattice, and how many are some. */
const AMONG = 3, BESIDE = 2;

/** Columns within this many spacings are near: the second neighbors of a honeycomb. */
export const NEAR = 1.8;

/** Fewer columns are none. */
const LEAST_LATTICE = 12;

/** The order at a maximum is the mean of so many others nearest to it. */
const ASKED = 3;

/**
 * The maxima that are columns, in their order.
 *
 * All of at least {@linkcode VOUCHED}`.alone` are. Those of at least {@linkcode VOUCHED}`.beside` are the
 * first to vouch, for each other too; each maximum that is accepted vouches in turn, so that a lattice
 * grows from where it is sure to where it is faint, and stays out of what it does not reach. Where maxima stand in no order, and do not fill the image
 * either, nobody vouches.
 *
 * @param maxima of at least {@linkcode VOUCHED}`.among`, the most confident first
 * @param spacing px
 * @param area of the image, px^2
 */
export function vouchedFor(maxima: Decoded, spacing: number, area: number): Decoded {
  const { x, y, height } = maxima, n = x.length;
  const cells = createCellList(x, y, spacing), near = new Int32Array(n);
  const vouches = new Uint8Array(n), accepted = new Uint8Array(n), open: number[] = [];
  for (let i = 0; i < n; i++) {
    if (height[i] >= VOUCHED.beside) vouches[i] = 1;
    if (height[i] >= VOUCHED.alone) accepted[i] = 1;
    else open.push(i);
  }
  const isOrdered = isCovered(n, spacing, area) ? new Uint8Array(n).fill(1) : orderOf(maxima, open);
  while (open.length > 0) {
    const i = open.pop()!;
    if (accepted[i] === 1 || isOrdered[i] === 0) continue;
    let vouching = 0;
    const count = neighborsInCells(cells, x[i], y[i], NEAR * spacing, i, near);
    for (let k = 0; k < count; k++) {
      if (vouches[near[k]] === 1) vouching++;
    }
    if (vouching < BESIDE || height[i] < (vouching < AMONG ? VOUCHED.beside : VOUCHED.among)) {
      continue;
    }
    accepted[i] = 1;
    if (vouches[i] === 1) continue;
    vouches[i] = 1;
    for (let k = 0; k < count; k++) if (accepted[near[k]] === 0) open.push(near[k]);
  }
  dropDisorderedInPlace(accepted, maxima, cells, spacing, area);
  const kept: number[] = [];
  for (let i = 0; i < n; i++) if (accepted[i] === 1) kept.push(i);
  return selectDecoded(maxima, kept);
}

/**
 * Takes back what columns vouched for in each patch of them that is in no order itself, though it may be near a
 * lattice: a cloud of contamination beside it. What fills the image is no accident.
 */
function dropDisorderedInPlace(
  accepted: Uint8Array,
  maxima: Decoded,
  cells: CellList,
  spacing: number,
  area: number,
): void {
  const { x, y, height } = maxima;
  for (const patch of patchesOf(accepted, maxima, cells, spacing)) {
    const doubtful = patch.filter((i) => height[i] < VOUCHED.alone);
    if (doubtful.length === 0 || isCovered(patch.length, spacing, area)) continue;
    if (!isInOrder(x, y, patch)) {
      for (const i of doubtful) accepted[i] = 0;
    }
  }
}

/**
 * The columns that are in a lattice: in a patch of them that is in order, or that fills the image.
 *
 * @returns rows of them
 */
export function rowsInLattice(columns: Decoded, spacing: number, area: number): number[] {
  const { x, y } = columns, rows: number[] = [];
  const all = new Uint8Array(x.length).fill(1);
  for (const patch of patchesOf(all, columns, createCellList(x, y, spacing), spacing)) {
    if (isCovered(patch.length, spacing, area) || isInOrder(x, y, patch)) {
      for (const i of patch) rows.push(i);
    }
  }
  return rows;
}

/** The accepted columns in patches, in each of which one leads to the next near it. */
function patchesOf(
  accepted: Uint8Array,
  { x, y }: Decoded,
  cells: CellList,
  spacing: number,
): number[][] {
  const seen = new Uint8Array(x.length), near = new Int32Array(x.length);
  const patches: number[][] = [];
  for (let first = 0; first < x.length; first++) {
    if (accepted[first] === 0 || seen[first] === 1) continue;
    const patch = [first];
    seen[first] = 1;
    for (let k = 0; k < patch.length; k++) {
      const i = patch[k], count = neighborsInCells(cells, x[i], y[i], NEAR * spacing, i, near);
      for (let m = 0; m < count; m++) {
        if (accepted[near[m]] === 0 || seen[near[m]] === 1) continue;
        seen[near[m]] = 1;
        patch.push(near[m]);
      }
    }
    patches.push(patch);
  }
  return patches;
}

/** Whether columns are a lattice, of at least the fewest that make one. */
function isInOrder(x: Float64Array, y: Float64Array, rows: readonly number[]): boolean {
  if (rows.length < LEAST_LATTICE) return false;
  const { order } = lookAround(selectValues(x, rows), selectValues(y, rows));
  return medianInPlace(order) >= ORDERED;
}

/** 1 for each maximum of these rows that stands where maxima are in order. */
function orderOf({ x, y }: Decoded, rows: readonly number[]): Uint8Array {
  const ordered = new Uint8Array(x.length);
  if (rows.length === 0 || x.length < LEAST_LATTICE) return ordered;
  const around = lookAround(x, y);
  const tree = createKdTree(around.x, around.y);
  const near = new Int32Array(Math.min(ASKED + 1, around.x.length));
  const distance = new Float64Array(near.length);
  for (const i of rows) {
    const count = nearestNeighbors(tree, x[i], y[i], -1, near, distance);
    // the nearest may be itself
    const first = distance[0] > 0 ? 0 : 1, last = Math.min(count, first + ASKED);
    let sum = 0;
    for (let k = first; k < last; k++) sum += around.order[near[k]];
    if (sum >= ORDERED * (last - first)) ordered[i] = 1;
  }
  return ordered;
}
