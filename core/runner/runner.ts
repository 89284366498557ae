/**
 * Runners: where a stage executes. All give the same bytes for the same call.
 *
 * @module
 */
import type { AnyStage } from "../stage/stage.ts";
import type { StageCall, StageOutcome } from "./run_stage.ts";

/** What a caller hands to a runner beside the call. */
export interface RunOptions {
  readonly signal: AbortSignal;
  readonly progress: (fraction: number, note: string | undefined) => void;
}

/** Where a stage executes. */
export type RunnerPlace = "inline" | "pool" | "process";

/** A way to execute stages. */
export interface Runner {
  /** Where it executes a stage; run records say so. */
  placeOf(stage: AnyStage): RunnerPlace;
  run(call: StageCall, options: RunOptions): Promise<StageOutcome>;
  /** Ends its workers and processes. Calls still at work are abandoned. */
  close(): void;
}
