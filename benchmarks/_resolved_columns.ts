/**
 * Which of the columns of a scene its picture shows as maxima of their own.
 *
 * @module
 */
import type { Table } from "../core/mod.ts";
import { createKdTree, nearestNeighbor } from "../core/kernels/mod.ts";

type Positions = Table<"x" | "y">;

/**
 * Columns nearer than so many standard deviations are one to everybody; from the second on they are two: half as much
 * again as the Sparrow limit, 2, from which on there are two maxima. Between these the finder and noise decide.
 */
const ONE = 1.3, TWO = 3;

/**
 * Columns as a picture shows them, which in a twisted bilayer come as near to each other as they like: the resolved
 * ones, those that nobody could tell apart as one between them; and those of which it is doubtful.
 */
export function resolvedColumns(
  columns: Positions,
  sigma: number,
): { resolved: Positions; doubtful: Positions } {
  const x = [...columns.columns.x], y = [...columns.columns.y], weight = x.map(() => 1);
  const pairNearer = (limit: number) => {
    const tree = createKdTree(Float64Array.from(x), Float64Array.from(y));
    const pairs: [number, number][] = [];
    for (let i = 0; i < x.length; i++) {
      const near = nearestNeighbor(tree, x[i], y[i], i);
      if (near >= 0 && Math.hypot(x[near] - x[i], y[near] - y[i]) < limit) pairs.push([i, near]);
    }
    return pairs;
  };
  for (let pairs; (pairs = pairNearer(ONE * sigma)).length > 0;) {
    const gone = new Set<number>();
    for (const [a, b] of pairs) {
      if (gone.has(a) || gone.has(b)) continue;
      const all = weight[a] + weight[b];
      x[a] = (x[a] * weight[a] + x[b] * weight[b]) / all;
      y[a] = (y[a] * weight[a] + y[b] * weight[b]) / all;
      weight[a] = all;
      gone.add(b);
    }
    for (const values of [x, y, weight]) {
      values.splice(0, values.length, ...values.filter((_, i) => !gone.has(i)));
    }
  }
  const isDoubtful = new Set(pairNearer(TWO * sigma).flat());
  const all = {
    length: x.length,
    columns: { x: Float64Array.from(x), y: Float64Array.from(y) },
    units: { x: "px", y: "px" },
  };
  return {
    resolved: rowsOf(all, (i) => !isDoubtful.has(i)),
    doubtful: rowsOf(all, (i) => isDoubtful.has(i)),
  };
}

/** The rows of both tables. */
export function joinTables(a: Positions, b: Positions): Positions {
  return {
    length: a.length + b.length,
    columns: {
      x: Float64Array.of(...a.columns.x, ...b.columns.x),
      y: Float64Array.of(...a.columns.y, ...b.columns.y),
    },
    units: a.units,
  };
}

/** The rows of a table that are to be kept. */
export function rowsOf(table: Positions, keeps: (row: number) => boolean): Positions {
  const { x, y } = table.columns;
  const rows = [...x.keys()].filter(keeps);
  return {
    length: rows.length,
    columns: { x: Float64Array.from(rows, (i) => x[i]), y: Float64Array.from(rows, (i) => y[i]) },
    units: { x: "px", y: "px" },
  };
}
