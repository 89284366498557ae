/**
 * Columns: refined atomic columns with shape, uncertainty and status.
 *
 * @module
 */
import type { Table } from "./table.ts";

/** What is known of a column: `ok`, or what is doubtful about it. */
export type ColumnStatus =
  | "ok"
  | "edge" // within half a spacing of the border
  | "weak" // its height is not clear of the noise
  | "moved" // the fit left the place it started from
  | "diverged" // the fit did not end
  | "overlap"; // not to be told apart from a neighbor

/** Every status, in the order reports list them. */
export const COLUMN_STATUSES: readonly ColumnStatus[] = [
  "ok",
  "edge",
  "weak",
  "moved",
  "diverged",
  "overlap",
];

/** The number columns every table of columns has, with their units. `sigmaX` lies along `angle`. */
export const COLUMN_COLUMNS = {
  x: "px",
  y: "px",
  sigmaX: "px",
  sigmaY: "px",
  angle: "rad",
  height: "counts",
  background: "counts",
  volume: "counts px^2",
  errorX: "px",
  errorY: "px",
} as const;

/** Refined columns, one a row; other columns may follow. */
export type Columns = Table<keyof typeof COLUMN_COLUMNS, "status">;
