/**
 * Which of the columns of a scene its picture shows as maxima of their own.
 *
 * @module
 */
import { createTable, selectValues, type Table } from "../core/mod.ts";
import { doubtWithin, mergeWithin, ROLE } from "../plugins/simulation/_patch_columns.ts";

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
  const { x, y } = columns.columns;
  const ones = Array.from(x, () => 1), role = Array.from(x, (): number => ROLE.column);
  const merged = { x: [...x], y: [...y], height: ones, role };
  mergeWithin(merged, ONE * sigma);
  doubtWithin(merged, TWO * sigma);
  const all = positions(merged.x, merged.y);
  return {
    resolved: rowsOf(all, (i) => role[i] === ROLE.column),
    doubtful: rowsOf(all, (i) => role[i] === ROLE.either),
  };
}

/** The rows of both tables. */
export function joinTables({ columns: a }: Positions, { columns: b }: Positions): Positions {
  return positions([...a.x, ...b.x], [...a.y, ...b.y]);
}

/** The rows of a table that are to be kept. */
export function rowsOf(table: Positions, keeps: (row: number) => boolean): Positions {
  const { x, y } = table.columns, rows = [...x.keys()].filter(keeps);
  return positions(selectValues(x, rows), selectValues(y, rows));
}

function positions(x: Iterable<number>, y: Iterable<number>): Positions {
  const columns = { x: Float64Array.from(x), y: Float64Array.from(y) };
  return createTable(columns, { x: "px", y: "px" });
}
