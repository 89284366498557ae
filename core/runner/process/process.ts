/**
 * The process runner: stages of installed plugins run in a child process without permissions, with the
 * same protocol and the same bytes as in the pool.
 *
 * @module
 */
import { encodeParts } from "../../data/encode.ts";
import { AdatomError } from "../../errors.ts";
import { type Schema, schemaProblem } from "../../stage/schema.ts";
import { checkOutputs } from "../execute.ts";
import type { AnyStage } from "../../stage/stage.ts";
import type { StageCall, StageOutcome } from "../run_stage.ts";
import type { Runner, RunOptions } from "../runner.ts";
import { cleanText, type Sandbox } from "./sandbox.ts";

/** Makes the runner of a sandbox. */
export function createProcessRunner(sandbox: Sandbox): Runner {
  return {
    placeOf: () => "process",
    run: (call, options) => runInSandbox(sandbox, call, options),
    close: () => sandbox.close(),
  };
}

/** What a watched run gives beside the outcome; for the conformance kit. */
export interface WatchedStageOutcome extends StageOutcome {
  /** Every fraction reported, as the stage gave it. */
  readonly reports: readonly number[];
}

/** Runs a stage in a sandbox and gives its progress reports as well. */
export async function watchInSandbox(
  sandbox: Sandbox,
  call: StageCall,
  cancelAtFirstReport: boolean,
): Promise<WatchedStageOutcome> {
  const options: RunOptions = { signal: new AbortController().signal, progress: () => {} };
  const { outcome, reports } = await performRun(sandbox, call, options, { cancelAtFirstReport });
  return { ...outcome, reports };
}

async function runInSandbox(
  sandbox: Sandbox,
  call: StageCall,
  options: RunOptions,
): Promise<StageOutcome> {
  return (await performRun(sandbox, call, options, undefined)).outcome;
}

const OUTCOME: Schema = {
  type: "object",
  required: ["outputs", "warnings", "chosen"],
  properties: {
    outputs: { type: "object" },
    warnings: {
      type: "array",
      maxItems: 1000,
      items: {
        type: "object",
        required: ["code", "message"],
        additionalProperties: false,
        properties: { code: { type: "string" }, message: { type: "string" } },
      },
    },
    chosen: { type: "object" },
    reports: { type: "array", items: {} },
  },
};

/** Checks outputs; what a fault says of them is a plugin's text as well, such as names of columns. */
function checkHarmless(stage: AnyStage, outputs: Readonly<Record<string, unknown>>): void {
  try {
    checkOutputs(stage, outputs);
  } catch (error) {
    if (!(error instanceof AdatomError)) throw error;
    const { code, parts: { cannot, expected, got, hint } } = error;
    throw new AdatomError(code, {
      cannot: `${cannot} (plugin ${stage.plugin!.id} ${stage.plugin!.version})`,
      expected: cleanText(expected),
      got: cleanText(got),
      hint: hint && cleanText(hint),
    }, error);
  }
}

async function performRun(
  sandbox: Sandbox,
  { stage, inputs, params, seed }: StageCall,
  options: RunOptions,
  watch: { readonly cancelAtFirstReport: boolean } | undefined,
): Promise<{ outcome: StageOutcome; reports: readonly number[] }> {
  const plugin = stage.plugin!;
  const answer = await sandbox.perform(
    plugin,
    { do: "run", stage: stage.id, seed, ...(watch === undefined ? {} : { watch }) },
    encodeParts({ inputs, params }),
    options,
  );
  const broken = schemaProblem(OUTCOME, answer);
  if (broken !== undefined) {
    throw new AdatomError("PLUGIN_PROTOCOL", {
      cannot: `run ${stage.id} (plugin ${plugin.id} ${plugin.version})`,
      expected: cleanText(broken.expected),
      got: cleanText(broken.got),
      hint: `report it to the author of ${plugin.id}`,
    }, { stage: stage.id });
  }
  const { warnings, chosen, reports = [] } = answer as WatchedStageOutcome;
  // nothing inherited: a port may have the name of something every object has
  const outputs: Record<string, unknown> = Object.assign(
    Object.create(null),
    (answer as WatchedStageOutcome).outputs,
  );
  checkHarmless(stage, outputs);
  return {
    outcome: {
      outputs,
      warnings: warnings.map(({ code, message }) => ({
        code: cleanText(code),
        message: cleanText(message),
      })),
      chosen: Object.fromEntries(
        Object.entries(chosen).filter(([, value]) =>
          ["number", "string", "boolean"].includes(typeof value)
        ).slice(0, 1000).map((
          [name, value],
        ) => [cleanText(name), typeof value === "string" ? cleanText(value) : value]),
      ),
    },
    reports: reports.map(Number),
  };
}
