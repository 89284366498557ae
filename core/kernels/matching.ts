/**
 * Pairing of two sets of points in the plane, found and truth.
 *
 * `strictMatching` makes as many pairs as possible within a radius and, of all ways to do so, takes
 * the one of the least total distance; `mutualNearest` pairs points that are each other's nearest.
 * Points that are not finite are never paired. Ties are settled by the order of the points, so the
 * same input always gives the same pairs.
 *
 * The strict matching is exact and sparse: candidate pairs from a k-d tree, split into connected
 * components; a component with one point on a side is settled at once, a larger one by successive
 * shortest paths. Cost O(n log n) while the radius reaches a few points, the usual case, and at
 * worst O(m k log k) for a component of k points and m candidate pairs; memory 24 bytes a candidate.
 *
 * @see Jonker, Volgenant, A shortest augmenting path algorithm for dense and sparse linear assignment
 * problems, Computing 38 (1987) 325. https://doi.org/10.1007/BF02278710
 *
 * @module
 */
import { createKdTree, nearestNeighbor, neighborsWithin } from "./k_d_tree.ts";

/** More candidate pairs than this are refused by {@linkcode strictMatching}. */
export const MAX_CANDIDATE_PAIRS = 5_000_000;

/**
 * Pairs as many points as possible within a radius (inclusive), at the least total distance.
 *
 * @param foundX n coordinates, px
 * @param foundY n coordinates, px
 * @param truthX m coordinates, px
 * @param truthY m coordinates, px
 * @param radius largest distance of a pair, px; finite
 * @param partner receives, for each of the n found points, the index of its true point or -1
 * @returns the number of pairs, or -1 when more than {@linkcode MAX_CANDIDATE_PAIRS} pairs lie
 * within the radius; `partner` is then all -1
 *
 * @example The pair in the middle would be the closest, but only two pairs are the most
 * ```ts
 * import { strictMatching } from "@core/kernels";
 * import { assertEquals } from "@assert";
 *
 * const y = Float64Array.of(0, 0);
 * const partner = new Int32Array(2);
 * const pairs = strictMatching(Float64Array.of(0, 4), y, Float64Array.of(3, 7), y, 3.5, partner);
 * assertEquals(pairs, 2);
 * assertEquals([...partner], [0, 1]);
 * ```
 */
export function strictMatching(
  foundX: Float64Array,
  foundY: Float64Array,
  truthX: Float64Array,
  truthY: Float64Array,
  radius: number,
  partner: Int32Array,
): number {
  const found = foundX.length, truth = truthX.length;
  partner.fill(-1, 0, found);
  const forward = candidatePairs(foundX, foundY, truthX, truthY, radius);
  if (forward === undefined) return -1;
  const backward = reverseOf(forward, truth);
  const truthPartner = new Int32Array(truth).fill(-1);
  const search = createSearch(found, truth);
  const foundSeen = new Uint8Array(found), truthSeen = new Uint8Array(truth);
  const foundMembers = new Int32Array(found), truthMembers = new Int32Array(truth);
  let pairs = 0;
  for (let seed = 0; seed < found; seed++) {
    if (foundSeen[seed] === 1 || forward.start[seed] === forward.start[seed + 1]) continue;
    // Flood the component; both member lists are queues as well.
    let f = 0, t = 0, foundCount = 1, truthCount = 0;
    foundMembers[0] = seed;
    foundSeen[seed] = 1;
    while (f < foundCount || t < truthCount) {
      if (f < foundCount) {
        truthCount = flood(forward, foundMembers[f++], truthSeen, truthMembers, truthCount);
      } else {
        foundCount = flood(backward, truthMembers[t++], foundSeen, foundMembers, foundCount);
      }
    }
    // The side with fewer points is the one to place: fewer searches, and few of them in vain.
    pairs += foundCount <= truthCount
      ? matchComponent(forward, foundMembers, foundCount, partner, truthPartner, radius, search)
      : matchComponent(backward, truthMembers, truthCount, truthPartner, partner, radius, search);
  }
  return pairs;
}

/**
 * Pairs the points that are each other's nearest neighbor, at any distance.
 *
 * @param partner receives, for each of the n found points, the index of its true point or -1
 * @returns the number of pairs
 */
export function mutualNearest(
  foundX: Float64Array,
  foundY: Float64Array,
  truthX: Float64Array,
  truthY: Float64Array,
  partner: Int32Array,
): number {
  const foundTree = createKdTree(foundX, foundY);
  const truthTree = createKdTree(truthX, truthY);
  let pairs = 0;
  for (let i = 0; i < foundX.length; i++) {
    partner[i] = -1;
    if (!Number.isFinite(foundX[i]) || !Number.isFinite(foundY[i])) continue;
    const nearest = nearestNeighbor(truthTree, foundX[i], foundY[i], -1);
    if (nearest < 0 || nearestNeighbor(foundTree, truthX[nearest], truthY[nearest], -1) !== i) {
      continue;
    }
    partner[i] = nearest;
    pairs++;
  }
  return pairs;
}

/** Candidate pairs of one side: point i has `neighbor[start[i]] .. neighbor[start[i + 1] - 1]`. */
interface Candidates {
  readonly start: Int32Array;
  readonly neighbor: Int32Array;
  readonly distance: Float64Array;
}

function candidatePairs(
  foundX: Float64Array,
  foundY: Float64Array,
  truthX: Float64Array,
  truthY: Float64Array,
  radius: number,
): Candidates | undefined {
  const tree = createKdTree(truthX, truthY);
  const found = foundX.length;
  const start = new Int32Array(found + 1);
  const none = new Int32Array(0);
  let total = 0;
  for (let i = 0; i < found; i++) {
    const finite = Number.isFinite(foundX[i]) && Number.isFinite(foundY[i]);
    total += finite ? neighborsWithin(tree, foundX[i], foundY[i], radius, -1, none) : 0;
    if (total > MAX_CANDIDATE_PAIRS) return undefined;
    start[i + 1] = total;
  }
  const neighbor = new Int32Array(total);
  const distance = new Float64Array(total);
  for (let i = 0; i < found; i++) {
    if (start[i] === start[i + 1]) continue;
    const own = neighbor.subarray(start[i], start[i + 1]);
    neighborsWithin(tree, foundX[i], foundY[i], radius, -1, own);
    own.sort();
    for (let k = start[i]; k < start[i + 1]; k++) {
      const dx = foundX[i] - truthX[neighbor[k]], dy = foundY[i] - truthY[neighbor[k]];
      distance[k] = Math.sqrt(dx * dx + dy * dy);
    }
  }
  return { start, neighbor, distance };
}

/** The same pairs listed by the points of the other side. */
function reverseOf({ start, neighbor, distance }: Candidates, others: number): Candidates {
  const place = new Int32Array(others + 1);
  for (let k = 0; k < neighbor.length; k++) place[neighbor[k] + 1]++;
  for (let j = 0; j < others; j++) place[j + 1] += place[j];
  const reverse = {
    start: place.slice(),
    neighbor: new Int32Array(neighbor.length),
    distance: new Float64Array(neighbor.length),
  };
  for (let i = 0; i + 1 < start.length; i++) {
    for (let k = start[i]; k < start[i + 1]; k++) {
      const slot = place[neighbor[k]]++;
      reverse.neighbor[slot] = i;
      reverse.distance[slot] = distance[k];
    }
  }
  return reverse;
}

/** Adds the neighbors of one point that were not seen yet to a member list; returns its length. */
function flood(
  { start, neighbor }: Candidates,
  point: number,
  seen: Uint8Array,
  members: Int32Array,
  count: number,
): number {
  for (let k = start[point]; k < start[point + 1]; k++) {
    if (seen[neighbor[k]] === 1) continue;
    seen[neighbor[k]] = 1;
    members[count++] = neighbor[k];
  }
  return count;
}

/** Memory of the shortest path searches; between searches `distance` is Infinity everywhere. */
interface Search {
  /** Dual values of both sides; those of free points are 0. */
  readonly rowPrice: Float64Array;
  readonly columnPrice: Float64Array;
  /** Shortest distance to each column so far, and the row before it. */
  readonly distance: Float64Array;
  readonly before: Int32Array;
  /** Columns with a distance, in the order they were reached. */
  readonly reached: Int32Array;
  /** Heap of columns by distance, then by index, and where each column stands in it. */
  readonly heap: Int32Array;
  readonly place: Int32Array;
}

function createSearch(found: number, truth: number): Search {
  const n = Math.max(found, truth);
  return {
    rowPrice: new Float64Array(n),
    columnPrice: new Float64Array(n),
    distance: new Float64Array(n).fill(Infinity),
    before: new Int32Array(n),
    reached: new Int32Array(n),
    heap: new Int32Array(n),
    place: new Int32Array(n),
  };
}

/** Matches the rows of one component to its columns; returns the number of pairs. */
function matchComponent(
  candidates: Candidates,
  rows: Int32Array,
  count: number,
  rowPartner: Int32Array,
  columnPartner: Int32Array,
  radius: number,
  search: Search,
): number {
  if (count === 1) {
    const { start, neighbor, distance } = candidates;
    let best = start[rows[0]];
    for (let k = best + 1; k < start[rows[0] + 1]; k++) if (distance[k] < distance[best]) best = k;
    rowPartner[rows[0]] = neighbor[best];
    columnPartner[neighbor[best]] = rows[0];
    return 1;
  }
  clearPrices(candidates, rows, count, search);
  // Leaving a row out costs more than all distances together, so one more pair always pays.
  const leftOut = (count + 1) * radius + 1;
  let pairs = 0;
  for (let i = 0; i < count; i++) {
    pairs += placeRow(candidates, rows[i], rowPartner, columnPartner, leftOut, search);
  }
  return pairs;
}

function clearPrices(
  { start, neighbor }: Candidates,
  rows: Int32Array,
  count: number,
  { rowPrice, columnPrice }: Search,
): void {
  for (let i = 0; i < count; i++) {
    rowPrice[rows[i]] = 0;
    for (let k = start[rows[i]]; k < start[rows[i] + 1]; k++) columnPrice[neighbor[k]] = 0;
  }
}

/**
 * Adds one row to the optimal matching of the rows before it, along the shortest augmenting path by
 * reduced distances. The path ends at a free column or leaves out a row (at worst this one); returns
 * how many pairs that gains, 1 or 0.
 */
function placeRow(
  candidates: Candidates,
  first: number,
  rowPartner: Int32Array,
  columnPartner: Int32Array,
  leftOut: number,
  search: Search,
): number {
  const { start, neighbor, distance: length } = candidates;
  const { rowPrice, columnPrice, distance, before, reached, heap, place } = search;
  let reachedCount = 0, heapSize = 0;
  let row = first, rowDistance = 0;
  let outRow = first, outDistance = leftOut - rowPrice[first];
  let end = -1;
  for (;;) {
    for (let k = start[row]; k < start[row + 1]; k++) {
      const column = neighbor[k];
      const through = rowDistance + length[k] - rowPrice[row] - columnPrice[column];
      if (through >= distance[column] || through >= outDistance) continue;
      if (distance[column] === Infinity) {
        reached[reachedCount++] = column;
        place[column] = heapSize;
        heap[heapSize++] = column;
      }
      // A settled column (place -1) is never improved but for rounding.
      if (place[column] < 0) continue;
      distance[column] = through;
      before[column] = row;
      siftUp(heap, place, distance, place[column]);
    }
    if (heapSize === 0) break;
    const column = heap[0];
    if (distance[column] >= outDistance) break;
    heapSize = removeTop(heap, place, distance, heapSize);
    if (columnPartner[column] < 0) {
      end = column;
      break;
    }
    row = columnPartner[column];
    rowDistance = distance[column];
    if (rowDistance + leftOut - rowPrice[row] < outDistance) {
      outRow = row;
      outDistance = rowDistance + leftOut - rowPrice[row];
    }
  }
  // Prices move so that every pair keeps the reduced distance 0 and none falls below it.
  const total = end >= 0 ? distance[end] : outDistance;
  rowPrice[first] += total;
  for (let i = 0; i < reachedCount; i++) {
    const column = reached[i];
    if (place[column] < 0 && column !== end) {
      rowPrice[columnPartner[column]] += total - distance[column];
      columnPrice[column] -= total - distance[column];
    }
    distance[column] = Infinity;
  }
  let column = end;
  if (end < 0) {
    column = rowPartner[outRow];
    rowPartner[outRow] = -1;
    if (outRow === first) return 0;
  }
  for (;;) {
    row = before[column];
    const next = rowPartner[row];
    rowPartner[row] = column;
    columnPartner[column] = row;
    if (row === first) break;
    column = next;
  }
  return end >= 0 ? 1 : 0;
}

function comesFirst(distance: Float64Array, a: number, b: number): boolean {
  return distance[a] < distance[b] || (distance[a] === distance[b] && a < b);
}

function siftUp(heap: Int32Array, place: Int32Array, distance: Float64Array, at: number): void {
  const column = heap[at];
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!comesFirst(distance, column, heap[parent])) break;
    heap[at] = heap[parent];
    place[heap[at]] = at;
    at = parent;
  }
  heap[at] = column;
  place[column] = at;
}

/** Takes the first column off the heap and marks it settled; returns the heap's new size. */
function removeTop(
  heap: Int32Array,
  place: Int32Array,
  distance: Float64Array,
  size: number,
): number {
  place[heap[0]] = -1;
  size--;
  if (size === 0) return 0;
  const column = heap[size];
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= size) break;
    if (child + 1 < size && comesFirst(distance, heap[child + 1], heap[child])) child++;
    if (!comesFirst(distance, heap[child], column)) break;
    heap[at] = heap[child];
    place[heap[at]] = at;
    at = child;
  }
  heap[at] = column;
  place[column] = at;
  return size;
}
