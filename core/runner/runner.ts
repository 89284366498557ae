/**
 * Runners: where a stage executes. All give the same bytes for the same call.
 *
 * @module
 */
import type { StageCall, StageOutcome } from "./execute.ts";

/** What a caller hands to a runner beside the call. */
export interface RunOptions {
  readonly signal: AbortSignal;
  readonly progress: (fraction: number, note: string | undefined) => void;
}

/** A place where stages execute. */
export interface Runner {
  readonly name: "inline" | "pool";
  /** How many calls it works on at a time. */
  readonly width: number;
  run(call: StageCall, options: RunOptions): Promise<StageOutcome>;
  /** Ends its workers. Calls still at work are abandoned. */
  close(): void;
}
