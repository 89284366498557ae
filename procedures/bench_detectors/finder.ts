/**
 * What finds columns in a sample: a stage, a folder of tables, or a peer.
 *
 * @module
 */
import type { Sample } from "./samples.ts";
import type { PositionTable } from "./truth.ts";

/** What a finder gave for one sample. */
export interface Finding {
  /** Left out by peers of which only the time is known. */
  readonly found?: PositionTable;
  /** Best of the warm runs, ms of wall time; null when nothing was run. */
  readonly ms: number | null;
  /** Growth of the resident set, MiB; null when it is not known. */
  readonly memoryMiB: number | null;
}

/** One of those compared. Its figures are gathered before the next begins. */
export interface Finder {
  readonly name: string;
  readonly title: string;
  /** What a reader must know to read its figures. */
  readonly note: string;
  /** Makes ready: starts workers, loads code and models. */
  begin(samples: readonly Sample[], signal: AbortSignal): Promise<void>;
  find(sample: Sample, signal: AbortSignal): Promise<Finding>;
  /** Frees what {@linkcode begin} took. */
  end(): void;
}
