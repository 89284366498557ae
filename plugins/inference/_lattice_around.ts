/**
 * The lattice around columns: how far its nearest columns are apart, and whether there is one.
 *
 * @module
 */
import { selectValues } from "@core";
import { createKdTree, type KdTree, medianInPlace, nearestNeighbors } from "@core/kernels";

/** Columns asked, at most. */
const ASKED = 200;

/** Columns around one, itself included, whose differences tell its own. */
const AROUND = 40;

/** Nearest neighbors of each that give differences. */
const NEIGHBORS = 6;

/** Differences nearer than this share of the spacing are one and the same vector of the lattice. */
const SAME = 0.2;

/** Rounds in which a difference moves to the mean of those like it. */
const ROUNDS = 3;

/** Columns that are so much in order are a lattice: those that only keep apart have 0.1. */
export const ORDERED = 0.18;

/** Columns that fill so much of an image, a squared spacing each, are no accident, ordered or not. */
const COVERED = 0.35;

/** Whether columns fill an image: two twisted layers do, whose columns are in no order. */
export function isCovered(count: number, spacing: number, area: number): boolean {
  return count * spacing * spacing > COVERED * area;
}

/** Where columns are, px. */
export interface Places {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** What some of the columns say. */
export interface LatticeAround extends Places {
  /** Distance to the nearest neighbor, as the lattice around has it, px. */
  readonly distance: Float64Array;
  /**
   * The share of columns around that have a neighbor where this one has one, the mean over its neighbors:
   * near 1 in a lattice, 0.3 in one with four columns in a cell or with every second one missing, 0.1
   * where columns stand anywhere but apart.
   */
  readonly order: Float64Array;
}

/**
 * Looks around some of the columns.
 *
 * The nearest of several neighbors is one whose place errs toward the column: by more than the places'
 * error, 9 % at a spacing of 9 px and three counts. So distances are taken between the mean places of
 * the lattice around: each difference between a column and its neighbors moves to the mean of all
 * differences like it that the columns around have, and the shortest mean counts.
 */
export function lookAround(x: Float64Array, y: Float64Array): LatticeAround {
  const tree = createKdTree(x, y);
  const step = Math.max(1, Math.ceil(x.length / ASKED));
  const asked: number[] = [];
  for (let i = 0; i < x.length; i += step) asked.push(i);
  const neighbors = createNeighbors(tree, x, y);
  const own = asked.map((i) => {
    const differences = new Float64Array(2 * NEIGHBORS);
    return differences.subarray(0, neighbors.differencesInto(i, differences, 0));
  });
  const radius = SAME * medianInPlace(Float64Array.from(own, ([dx, dy]) => Math.hypot(dx, dy)));
  const around = new Int32Array(Math.min(AROUND, x.length));
  const away = new Float64Array(around.length);
  const all = new Float64Array(2 * NEIGHBORS * AROUND);
  const distance = new Float64Array(asked.length), order = new Float64Array(asked.length);
  for (const [a, i] of asked.entries()) {
    const count = nearestNeighbors(tree, x[i], y[i], -1, around, away);
    let end = 0;
    for (let k = 0; k < count; k++) end = neighbors.differencesInto(around[k], all, end);
    let shortest = Infinity, like = 0;
    for (let k = 0; k < own[a].length; k += 2) {
      const mean = meanOfLike(own[a][k], own[a][k + 1], all, end, radius);
      shortest = Math.min(shortest, mean.length);
      like += Math.min(1, (mean.count - 1) / (count - 1));
    }
    distance[a] = shortest;
    order[a] = own[a].length > 0 && count > 1 ? 2 * like / own[a].length : 0;
  }
  return { x: selectValues(x, asked), y: selectValues(y, asked), distance, order };
}

/** Differences between a column and its nearest neighbors, x and y in turn; looked for once. */
function createNeighbors(tree: KdTree, x: Float64Array, y: Float64Array) {
  const each = Math.max(0, Math.min(NEIGHBORS, x.length - 1));
  const near = new Int32Array(each), away = new Float64Array(each);
  const all = new Float64Array(2 * each * x.length), known = new Uint8Array(x.length);
  return {
    /** Writes those of column `i` from `at` on; returns where they end. */
    differencesInto(i: number, out: Float64Array, at: number): number {
      const from = 2 * each * i;
      if (known[i] === 0) {
        known[i] = 1;
        nearestNeighbors(tree, x[i], y[i], i, near, away);
        for (let k = 0; k < each; k++) {
          all[from + 2 * k] = x[near[k]] - x[i];
          all[from + 2 * k + 1] = y[near[k]] - y[i];
        }
      }
      for (let k = 0; k < 2 * each; k++) out[at + k] = all[from + k];
      return at + 2 * each;
    },
  };
}

/** Length of a difference that moved to the mean of those within `radius`, and how many these are. */
function meanOfLike(dx: number, dy: number, all: Float64Array, end: number, radius: number) {
  let count = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let sumX = 0, sumY = 0;
    count = 0;
    for (let k = 0; k < end; k += 2) {
      const u = all[k] - dx, v = all[k + 1] - dy;
      if (u * u + v * v > radius * radius) continue;
      sumX += all[k];
      sumY += all[k + 1];
      count++;
    }
    dx = sumX / count;
    dy = sumY / count;
  }
  return { length: Math.hypot(dx, dy), count };
}
