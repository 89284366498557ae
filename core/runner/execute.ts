/**
 * Runs one stage in the current thread and checks what it gives.
 *
 * @module
 */
import { AdatomError } from "../errors.ts";
import { valueProblems } from "../stage/check_value.ts";
import type { AnyStage } from "../stage/stage.ts";
import { type CallHooks, runStage, type StageCall, type StageOutcome } from "./run_stage.ts";

/**
 * Runs a stage and checks its outputs against its declaration.
 *
 * @throws AdatomError CANCELLED, the stage's own error, STAGE_FAILED around any other, or
 * OUTPUT_MISSING, OUTPUT_TYPE, OUTPUT_NON_FINITE
 */
export async function executeStage(call: StageCall, hooks: CallHooks): Promise<StageOutcome> {
  const outcome = await runStage(call, hooks);
  checkOutputs(call.stage, outcome.outputs);
  return outcome;
}

/**
 * Checks outputs against the declaration of their stage.
 *
 * @throws AdatomError OUTPUT_MISSING, OUTPUT_TYPE, OUTPUT_NON_FINITE
 */
export function checkOutputs(stage: AnyStage, outputs: Readonly<Record<string, unknown>>): void {
  for (const [name, port] of Object.entries(stage.outputs)) {
    const value = outputs?.[name];
    if (value === undefined) {
      throw new AdatomError("OUTPUT_MISSING", {
        cannot: `take output "${name}" of ${stage.id}`,
        expected: "a value",
        got: "nothing",
        hint: "the stage breaks its declaration; report it to its author",
      }, { stage: stage.id, port: name });
    }
    const place = { stage: stage.id, port: name, side: "output" as const };
    const [problem] = valueProblems(port as never, value, place);
    if (problem !== undefined) throw problem;
  }
}
