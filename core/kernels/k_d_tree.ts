/**
 * A k-d tree over points in the plane: nearest neighbors and neighbors within a radius.
 *
 * The tree is the list of points itself, ordered so that the middle of every range halves it along
 * the wider side of its box: three arrays and one byte a point, no nodes. Distances are Euclidean.
 * Among points at one distance the one given first comes first. Points with a coordinate that is
 * not finite are left out and never found.
 *
 * Cost: building O(n log n), a query O(log n) for points spread evenly.
 *
 * @see Bentley, Multidimensional binary search trees used for associative searching, Communications
 * of the ACM 18 (1975) 509. https://doi.org/10.1145/361002.361007
 *
 * @module
 */

/** The tree of {@linkcode createKdTree}: tables only, so that it can be shared. */
export interface KdTree {
  /** Number of points in the tree; those that are not finite are left out. */
  readonly length: number;
  /** Coordinates, px, in the order of the tree. */
  readonly x: Float64Array;
  /** The same along y. */
  readonly y: Float64Array;
  /** Index of each point in the arrays that were given. */
  readonly index: Int32Array;
  /** Axis along which the middle of a range splits it: 0 is x, 1 is y. */
  readonly axis: Uint8Array;
}

/** Ranges up to this many points are searched one by one. */
const LEAF_SIZE = 8;

/**
 * Builds the tree of n points.
 *
 * @param x n coordinates, px; copied
 * @param y n coordinates, px; copied
 *
 * @example
 * ```ts
 * import { createKdTree, nearestNeighbor } from "@core/kernels";
 * import { assertEquals } from "@assert";
 *
 * const tree = createKdTree(Float64Array.of(0, 5, 9), Float64Array.of(0, 5, 9));
 * assertEquals(nearestNeighbor(tree, 4, 4, -1), 1);
 * assertEquals(nearestNeighbor(tree, 4, 4, 1), 0); // when point 1 itself is left out
 * ```
 */
export function createKdTree(x: Float64Array, y: Float64Array): KdTree {
  const index = new Int32Array(x.length);
  let length = 0;
  for (let i = 0; i < x.length; i++) {
    if (Number.isFinite(x[i]) && Number.isFinite(y[i])) index[length++] = i;
  }
  const tree = {
    length,
    x: new Float64Array(length),
    y: new Float64Array(length),
    index: index.slice(0, length),
    axis: new Uint8Array(length),
  };
  for (let i = 0; i < length; i++) {
    tree.x[i] = x[index[i]];
    tree.y[i] = y[index[i]];
  }
  splitInPlace(tree, 0, length - 1);
  return tree;
}

/**
 * The index of the point nearest to (px, py), or -1 when there is none.
 *
 * @param skip index of a point to leave out, such as the one asked for; -1 for none
 */
export function nearestNeighbor(tree: KdTree, px: number, py: number, skip: number): number {
  const best = nearestInRange(tree, px, py, skip, 0, tree.length - 1, -1);
  return best < 0 ? -1 : tree.index[best];
}

/**
 * The k points nearest to (px, py), by growing distance.
 *
 * @param skip index of a point to leave out; -1 for none
 * @param out receives up to k = `out.length` indices
 * @param outDistance receives their distances, px; at least as long as `out`
 * @returns how many there are, less than k when the tree holds fewer
 */
export function nearestNeighbors(
  tree: KdTree,
  px: number,
  py: number,
  skip: number,
  out: Int32Array,
  outDistance: Float64Array,
): number {
  if (out.length === 0) return 0;
  const count = gatherNearest(tree, px, py, skip, 0, tree.length - 1, out, outDistance, 0);
  for (let i = 0; i < count; i++) outDistance[i] = Math.sqrt(outDistance[i]);
  return count;
}

/**
 * All points within a radius (inclusive) of (px, py), in no order of distance.
 *
 * @param skip index of a point to leave out; -1 for none
 * @param out receives as many indices as it has room for
 * @returns how many points there are, which may be more than `out` has room for
 */
export function neighborsWithin(
  tree: KdTree,
  px: number,
  py: number,
  radius: number,
  skip: number,
  out: Int32Array,
): number {
  if (!(radius >= 0)) return 0;
  return gatherWithin(tree, px, py, radius, skip, 0, tree.length - 1, out, 0);
}

/**
 * The distance of each of n points to its nearest neighbor among the others, px; Infinity for a
 * lone point, NaN for a point that is not finite.
 *
 * @param out receives n distances
 */
export function nearestDistances(x: Float64Array, y: Float64Array, out: Float64Array): void {
  const tree = createKdTree(x, y);
  out.fill(NaN, 0, x.length);
  for (let i = 0; i < tree.length; i++) {
    const own = tree.index[i];
    const best = nearestInRange(tree, tree.x[i], tree.y[i], own, 0, tree.length - 1, -1);
    out[own] = best < 0 ? Infinity : Math.sqrt(squaredDistance(tree, best, tree.x[i], tree.y[i]));
  }
}

/**
 * The median distance of n points to their nearest neighbors, px: the spacing of a lattice. NaN for
 * fewer than two finite points; 0 when most of the points are duplicates.
 *
 * @example
 * ```ts
 * import { medianNearestDistance } from "@core/kernels";
 * import { assertEquals } from "@assert";
 *
 * assertEquals(medianNearestDistance(Float64Array.of(0, 3, 6), Float64Array.of(1, 1, 1)), 3);
 * ```
 */
export function medianNearestDistance(x: Float64Array, y: Float64Array): number {
  const distances = new Float64Array(x.length);
  nearestDistances(x, y, distances);
  const finite = distances.filter(Number.isFinite).sort();
  const middle = finite.length >> 1;
  if (finite.length === 0) return NaN;
  return finite.length % 2 === 1 ? finite[middle] : (finite[middle - 1] + finite[middle]) / 2;
}

/** Orders the points left..right (inclusive) so that the middle one splits the others. */
function splitInPlace(
  tree: KdTree,
  left: number,
  right: number,
): void {
  if (right - left < LEAF_SIZE) return;
  const { x, y } = tree;
  let x0 = Infinity, x1 = -Infinity, y0 = Infinity, y1 = -Infinity;
  for (let i = left; i <= right; i++) {
    if (x[i] < x0) x0 = x[i];
    if (x[i] > x1) x1 = x[i];
    if (y[i] < y0) y0 = y[i];
    if (y[i] > y1) y1 = y[i];
  }
  const middle = (left + right) >> 1;
  const axis = y1 - y0 > x1 - x0 ? 1 : 0;
  tree.axis[middle] = axis;
  selectInPlace(tree, axis === 0 ? x : y, left, right, middle);
  splitInPlace(tree, left, middle - 1);
  splitInPlace(tree, middle + 1, right);
}

/** Hoare's selection: afterwards no key before `k` is above, none after it below the key at `k`. */
function selectInPlace(
  tree: KdTree,
  keys: Float64Array,
  left: number,
  right: number,
  k: number,
): void {
  while (left < right) {
    const p = keys[left], q = keys[(left + right) >> 1], r = keys[right];
    const pivot = Math.max(Math.min(p, q), Math.min(Math.max(p, q), r));
    let i = left, j = right;
    while (i <= j) {
      while (keys[i] < pivot) i++;
      while (keys[j] > pivot) j--;
      if (i <= j) swapInPlace(tree, i++, j--);
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else return;
  }
}

function swapInPlace(tree: KdTree, i: number, j: number): void {
  const { x, y, index } = tree;
  const xi = x[i], yi = y[i], own = index[i];
  x[i] = x[j];
  y[i] = y[j];
  index[i] = index[j];
  x[j] = xi;
  y[j] = yi;
  index[j] = own;
}

function squaredDistance(tree: KdTree, i: number, px: number, py: number): number {
  const dx = tree.x[i] - px, dy = tree.y[i] - py;
  return dx * dx + dy * dy;
}

/** The better of a range's nearest point and the best so far, as places in the tree. */
function nearestInRange(
  tree: KdTree,
  px: number,
  py: number,
  skip: number,
  left: number,
  right: number,
  best: number,
): number {
  if (right - left < LEAF_SIZE) {
    let d = best < 0 ? Infinity : squaredDistance(tree, best, px, py);
    for (let i = left; i <= right; i++) {
      const di = squaredDistance(tree, i, px, py);
      if (di > d || tree.index[i] === skip) continue;
      if (di < d || best < 0 || tree.index[i] < tree.index[best]) {
        best = i;
        d = di;
      }
    }
    return best;
  }
  const middle = (left + right) >> 1;
  const difference = tree.axis[middle] === 0 ? px - tree.x[middle] : py - tree.y[middle];
  best = difference <= 0
    ? nearestInRange(tree, px, py, skip, left, middle - 1, best)
    : nearestInRange(tree, px, py, skip, middle + 1, right, best);
  if (best >= 0 && difference * difference > squaredDistance(tree, best, px, py)) return best;
  best = nearestInRange(tree, px, py, skip, middle, middle, best);
  return difference <= 0
    ? nearestInRange(tree, px, py, skip, middle + 1, right, best)
    : nearestInRange(tree, px, py, skip, left, middle - 1, best);
}

/** Merges a range's points into the sorted list of the nearest; returns the list's length. */
function gatherNearest(
  tree: KdTree,
  px: number,
  py: number,
  skip: number,
  left: number,
  right: number,
  out: Int32Array,
  outSquare: Float64Array,
  count: number,
): number {
  if (right - left < LEAF_SIZE) {
    for (let i = left; i <= right; i++) {
      const own = tree.index[i];
      const d = squaredDistance(tree, i, px, py);
      if (own === skip || (count === out.length && d > outSquare[count - 1])) continue;
      let place = count;
      while (
        place > 0 &&
        (outSquare[place - 1] > d || (outSquare[place - 1] === d && out[place - 1] > own))
      ) place--;
      if (place === out.length) continue;
      if (count < out.length) count++;
      for (let j = count - 1; j > place; j--) {
        out[j] = out[j - 1];
        outSquare[j] = outSquare[j - 1];
      }
      out[place] = own;
      outSquare[place] = d;
    }
    return count;
  }
  const middle = (left + right) >> 1;
  const difference = tree.axis[middle] === 0 ? px - tree.x[middle] : py - tree.y[middle];
  const lowFirst = difference <= 0;
  count = lowFirst
    ? gatherNearest(tree, px, py, skip, left, middle - 1, out, outSquare, count)
    : gatherNearest(tree, px, py, skip, middle + 1, right, out, outSquare, count);
  if (count === out.length && difference * difference > outSquare[count - 1]) return count;
  count = gatherNearest(tree, px, py, skip, middle, middle, out, outSquare, count);
  return lowFirst
    ? gatherNearest(tree, px, py, skip, middle + 1, right, out, outSquare, count)
    : gatherNearest(tree, px, py, skip, left, middle - 1, out, outSquare, count);
}

/** Adds a range's points within the radius to the list; returns the count of all found. */
function gatherWithin(
  tree: KdTree,
  px: number,
  py: number,
  radius: number,
  skip: number,
  left: number,
  right: number,
  out: Int32Array,
  count: number,
): number {
  if (right - left < LEAF_SIZE) {
    const limit = radius * radius;
    for (let i = left; i <= right; i++) {
      if (squaredDistance(tree, i, px, py) > limit || tree.index[i] === skip) continue;
      if (count < out.length) out[count] = tree.index[i];
      count++;
    }
    return count;
  }
  const middle = (left + right) >> 1;
  const difference = tree.axis[middle] === 0 ? px - tree.x[middle] : py - tree.y[middle];
  if (difference <= radius) {
    count = gatherWithin(tree, px, py, radius, skip, left, middle - 1, out, count);
  }
  if (Math.abs(difference) <= radius) {
    count = gatherWithin(tree, px, py, radius, skip, middle, middle, out, count);
  }
  if (difference >= -radius) {
    count = gatherWithin(tree, px, py, radius, skip, middle + 1, right, out, count);
  }
  return count;
}

/** The mean distance from each point to its nearest neighbor in px; `NaN` with fewer than two. */
export function meanNearestDistance(x: Float64Array, y: Float64Array): number {
  if (x.length < 2) return NaN;
  const distances = new Float64Array(x.length);
  nearestDistances(x, y, distances);
  return distances.reduce((sum, distance) => sum + distance, 0) / x.length;
}
