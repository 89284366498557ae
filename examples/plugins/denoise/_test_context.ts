/**
 * A context for running a stage directly in a test.
 *
 * @module
 */
import type { Context } from "@core";

/** Runs everything here, and notes nothing. */
export const context: Context = {
  signal: new AbortController().signal,
  progress: () => {},
  warn: () => {},
  chose: () => {},
  random: () => 0.5,
  map: (task, items) => Promise.all(items.map((item) => task.call(item))),
};
