/**
 * Runs one stage in the current thread, with a context made from a few callbacks.
 *
 * @module
 */
import { AdatomError, adoptError, cancelledError } from "../errors.ts";
import { createRandom } from "../kernels/random.ts";
import type { Context, PoolTask } from "../stage/context.ts";
import type { AnyStage } from "../stage/stage.ts";

/** One stage call: checked inputs, complete parameters, and the seed of its random numbers. */
export interface StageCall {
  readonly stage: AnyStage;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly seed: number;
}

/** What a stage gave and said. */
export interface StageOutcome {
  readonly outputs: Record<string, unknown>;
  readonly warnings: { code: string; message: string }[];
  readonly chosen: Record<string, number | string | boolean>;
}

/** What the surroundings provide to a call. */
export interface CallHooks {
  readonly signal: AbortSignal;
  /** Whether the run was cancelled; asked at every progress report. */
  cancelled(): boolean;
  progress(fraction: number, note: string | undefined): void;
  /** Told of every report as the stage gave it, before anything is done with it. */
  report?(fraction: number): void;
  map<A, R>(task: PoolTask<A, R>, items: readonly A[]): Promise<R[]>;
}

/** Progress is passed on at most this often. */
const PROGRESS_INTERVAL_MS = 80;

/**
 * Runs a stage; its outputs are not checked.
 *
 * @throws AdatomError CANCELLED, the stage's own error, or STAGE_FAILED around any other
 */
export async function runStage(call: StageCall, hooks: CallHooks): Promise<StageOutcome> {
  const { stage } = call;
  const warnings: StageOutcome["warnings"] = [];
  const chosen: StageOutcome["chosen"] = {};
  const random = createRandom(call.seed);
  let last = 0;
  let lastTime = -Infinity;
  const stopIfCancelled = () => {
    if (hooks.cancelled() || hooks.signal.aborted) throw cancelledError();
  };
  const context: Context = {
    signal: hooks.signal,
    progress(fraction, note) {
      hooks.report?.(fraction);
      stopIfCancelled();
      last = Math.min(1, Math.max(last, fraction));
      const now = performance.now();
      if (now - lastTime < PROGRESS_INTERVAL_MS && last < 1) return;
      lastTime = now;
      hooks.progress(last, note);
    },
    warn: (code, message) => void warnings.push({ code, message }),
    chose: (values) => void Object.assign(chosen, values),
    random() {
      if (!stage.random) throw new TypeError(`stage ${stage.id} is not declared random`);
      return random();
    },
    async map(task, items) {
      stopIfCancelled();
      const results = await hooks.map(task, items);
      stopIfCancelled();
      return results;
    },
  };
  stopIfCancelled();
  let outputs: Record<string, unknown>;
  try {
    outputs = await stage.run(call.inputs as never, call.params as never, context) as Record<
      string,
      unknown
    >;
  } catch (error) {
    throw stageError(error, stage.id, hooks);
  }
  stopIfCancelled();
  return { outputs, warnings, chosen };
}

function stageError(error: unknown, stage: string, hooks: CallHooks): AdatomError {
  const typed = adoptError(error);
  if (typed !== undefined) return typed.at({ stage });
  if (hooks.cancelled() || hooks.signal.aborted) return cancelledError();
  return new AdatomError("STAGE_FAILED", {
    cannot: `run ${stage}`,
    expected: "a result",
    got: `the error "${error instanceof Error ? error.message : String(error)}"`,
    hint: "report it to the author of the stage, with run.json",
  }, { stage, cause: error });
}
