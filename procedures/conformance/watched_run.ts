/**
 * How the checks run a stage: by a function of the caller's, or in the caller's thread.
 *
 * @module
 */
import { cancelledError } from "../../core/errors.ts";
import { executeStage } from "../../core/runner/execute.ts";
import type { AnyStage } from "../../core/stage/stage.ts";

/** What one watched run of a stage gave. */
export interface WatchedOutcome {
  /** The outputs by name. */
  readonly outputs: Record<string, unknown>;
  /** Every fraction reported, as the stage gave it. */
  readonly reports: readonly number[];
}

/** How a run is watched. */
export interface WatchOptions {
  /** Cancels the run at the first report of progress; it then ends with the error CANCELLED. */
  readonly cancelAtFirstReport?: boolean;
  /** Called as soon as the first report is there. */
  readonly onFirstReport?: () => void;
}

/** Runs a stage once and watches it. The parameters it is given are complete. */
export type WatchedRun = (
  stage: AnyStage,
  inputs: Readonly<Record<string, unknown>>,
  params: Readonly<Record<string, unknown>>,
  options?: WatchOptions,
) => Promise<WatchedOutcome>;

/** Seed of random stages. */
const SEED = 1;

/**
 * Runs a stage in the caller's thread.
 *
 * When cancelled, every report throws, as it does in a cancelled run; a stage that never reports, or
 * that swallows the error, goes on to its end and gives a result.
 *
 * @throws AdatomError CANCELLED, the stage's own error, or one about outputs that are not as declared
 */
export async function runInThread(
  stage: AnyStage,
  inputs: Readonly<Record<string, unknown>>,
  params: Readonly<Record<string, unknown>>,
  options: WatchOptions = {},
): Promise<WatchedOutcome> {
  const reports: number[] = [];
  const spied: AnyStage = {
    ...stage,
    run: (given: never, values: never, context) =>
      stage.run(given, values, {
        ...context,
        progress(fraction, note) {
          reports.push(fraction);
          if (reports.length === 1) options.onFirstReport?.();
          if (options.cancelAtFirstReport) throw cancelledError();
          context.progress(fraction, note);
        },
      }),
  };
  const { outputs } = await executeStage({ stage: spied, inputs, params, seed: SEED }, {
    signal: new AbortController().signal,
    cancelled: () => false,
    progress: () => {},
    map: (task, items) => Promise.all(items.map((item) => task.call(item))),
  });
  return { outputs, reports };
}
