/**
 * Peaks: local maxima of an image or map, candidates for columns.
 *
 * @module
 */
import type { Table } from "./table.ts";

/** The columns every table of peaks has, with their units. */
export const PEAK_COLUMNS = { x: "px", y: "px", height: "counts" } as const;

/** Peaks, one a row; other columns may follow `x, y, height`. */
export type Peaks = Table<"x" | "y" | "height">;
