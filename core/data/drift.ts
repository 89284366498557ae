/**
 * Drift: where the specimen moved to in each exposure, relative to the reference exposure.
 *
 * A column at p in the reference is at p + drift in the exposure; aligning subtracts it.
 *
 * @module
 */
import type { Table } from "./table.ts";

/**
 * The columns every drift table has: `error` is the standard uncertainty of one axis, `sign` is -1
 * for an exposure of inverted contrast, `ambiguous` is 1 where another shift fits as well.
 */
export const DRIFT_COLUMNS = {
  exposure: "",
  x: "px",
  y: "px",
  error: "px",
  sign: "",
  ambiguous: "",
} as const;

/** Drift, one exposure a row, counted from 0. */
export type Drift = Table<keyof typeof DRIFT_COLUMNS>;
