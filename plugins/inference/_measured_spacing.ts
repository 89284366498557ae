/**
 * The spacing of the columns of a map: measured between them where they are many, else as predicted.
 *
 * @module
 */
import type { Columns } from "@core";
import {
  createKdTree,
  type KdTree,
  medianInPlace,
  medianNearestDistance,
  nearestNeighbors,
} from "@core/kernels";

/** Fewer columns do not tell the spacing better than the network does. */
const TELLING = 20;

/** Measured over predicted must lie here: else the columns are no lattice, or half of them are missing. */
const BELIEVED = { least: 0.6, most: 1.6 } as const;

/** Columns asked for their nearest neighbor, at most. */
const ASKED = 400;

/** Columns around one, itself included, whose differences tell its own. */
const AROUND = 40;

/** Nearest neighbors of each that give differences. */
const NEIGHBORS = 6;

/** Differences nearer than this share of the spacing are one and the same vector of the lattice. */
const SAME = 0.2;

/** Rounds in which a difference moves to the mean of those like it. */
const ROUNDS = 3;

/**
 * The median nearest-neighbor distance, px: near `predicted`, which it is where columns do not tell. Gaps,
 * and a few columns of a faint sublattice among those of a bright one, do not move a median.
 *
 * The nearest of several neighbors is one whose place errs toward the column: by more than the places'
 * error, 9 % at a spacing of 9 px and three counts. So distances are taken between the mean places of
 * the lattice around: each difference between a column and its neighbors moves to the mean of all
 * differences like it that the columns around have, and the shortest mean counts.
 */
export function measuredSpacing({ columns: { x, y } }: Columns, predicted: number): number {
  if (x.length < TELLING) return predicted;
  const measured = meanDistance(x, y), ratio = measured / predicted;
  return ratio > BELIEVED.least && ratio < BELIEVED.most ? measured : predicted;
}

function meanDistance(x: Float64Array, y: Float64Array): number {
  const tree = createKdTree(x, y), spacing = medianNearestDistance(x, y);
  const step = Math.max(1, Math.ceil(x.length / ASKED));
  const around = new Int32Array(Math.min(AROUND, x.length));
  const distance = new Float64Array(around.length);
  const found: number[] = [];
  for (let i = 0; i < x.length; i += step) {
    const count = nearestNeighbors(tree, x[i], y[i], -1, around, distance);
    const own = differences(tree, x, y, Int32Array.of(i));
    const all = differences(tree, x, y, around.subarray(0, count));
    let shortest = Infinity;
    for (let k = 0; k < own.length; k += 2) {
      shortest = Math.min(shortest, meanLength(own[k], own[k + 1], all, SAME * spacing));
    }
    found.push(shortest);
  }
  return medianInPlace(Float64Array.from(found));
}

/** x and y in turn: from each of the rows to its nearest neighbors. */
function differences(tree: KdTree, x: Float64Array, y: Float64Array, rows: Int32Array): number[] {
  const near = new Int32Array(NEIGHBORS), distance = new Float64Array(NEIGHBORS);
  const out: number[] = [];
  for (const i of rows) {
    const count = nearestNeighbors(tree, x[i], y[i], i, near, distance);
    for (let k = 0; k < count; k++) out.push(x[near[k]] - x[i], y[near[k]] - y[i]);
  }
  return out;
}

/** The length of a difference that moved to the mean of those within `radius` of it. */
function meanLength(dx: number, dy: number, all: readonly number[], radius: number): number {
  for (let round = 0; round < ROUNDS; round++) {
    let sumX = 0, sumY = 0, count = 0;
    for (let k = 0; k < all.length; k += 2) {
      if ((all[k] - dx) ** 2 + (all[k + 1] - dy) ** 2 > radius * radius) continue;
      sumX += all[k];
      sumY += all[k + 1];
      count++;
    }
    dx = sumX / count;
    dy = sumY / count;
  }
  return Math.hypot(dx, dy);
}
