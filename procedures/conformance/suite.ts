/**
 * The stage contract as a list of checks, for our own stages and for those of others.
 *
 * ```ts ignore
 * for (const { name, run } of contractChecks(myStage)) Deno.test(name, run);
 * ```
 *
 * @module
 */
import type { AnyStage } from "../../core/mod.ts";
import { checkPlainDeclaration, checkRefusesParams, checkSchemas } from "./_declaration_checks.ts";
import {
  CANCEL_LIMIT_MS,
  checkAnswersCancel,
  checkEdgeInputs,
  checkLimits,
  checkNonFinite,
  checkOutputs,
  checkProgress,
  checkSameBytes,
  checkSameBytesElsewhere,
  checkStops,
  type Trial,
} from "./_run_checks.ts";
import { exampleInputs } from "./example_inputs.ts";
import { runInThread, type WatchedRun } from "./watched_run.ts";

export { CANCEL_LIMIT_MS };
export {
  runInThread,
  type WatchedOutcome,
  type WatchedRun,
  type WatchOptions,
} from "./watched_run.ts";

/** One check of the contract. */
export interface ContractCheck {
  /** Stable name for reports that programs read, as `same-bytes`. */
  readonly id: string;
  /** The stage and what is checked, as a sentence. */
  readonly name: string;
  /** Runs the check; throws when the stage fails it. */
  run(): Promise<void>;
}

/** What the checks may be told about a stage. */
export interface ContractOptions {
  /** Inputs it does good work on; made from the ports unless given. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Optional inputs that are not given, because the stage takes them only instead of others. */
  readonly without?: readonly string[];
  /** Parameters that keep the checks quick; the others have their defaults. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** What runs it; unless given, the caller's thread, and once the pool. */
  readonly run?: WatchedRun;
}

/** The shape of the inputs a stage does good work on. */
const USUAL_SHAPE = { width: 64, height: 64, rows: 9 };

/** The checks every stage must pass. */
export function contractChecks(stage: AnyStage, options: ContractOptions = {}): ContractCheck[] {
  const trial: Trial = {
    stage,
    inputs: options.inputs ?? exampleInputs(stage, USUAL_SHAPE, options.without),
    without: options.without ?? [],
    params: options.params ?? {},
    run: options.run ?? runInThread,
    pool: options.run === undefined && stage.module !== undefined,
  };
  const declares = (id: string, what: string, check: (stage: AnyStage) => void): ContractCheck => ({
    id,
    name: `${stage.id} ${what}`,
    run: async () => await check(stage),
  });
  const does = (
    id: string,
    what: string,
    check: (trial: Trial) => Promise<void>,
  ): ContractCheck => ({ id, name: `${stage.id} ${what}`, run: () => check(trial) });
  return [
    declares(
      "plain-declaration",
      "has a declaration that is plain data with a description of everything",
      checkPlainDeclaration,
    ),
    declares("refuses-params", "refuses parameters outside their declaration", checkRefusesParams),
    declares("schemas", "has schemas of JSON that some value fits", checkSchemas),
    does("same-bytes", "gives the same bytes twice and leaves its inputs alone", checkSameBytes),
    does(
      "same-bytes-elsewhere",
      "gives the same bytes in the pool, kept or cloned",
      checkSameBytesElsewhere,
    ),
    does("outputs", "gives every output as declared, pixels finite", checkOutputs),
    does("progress", "reports progress that never falls and ends at 1", checkProgress),
    does("stops", "stops when it is cancelled", checkStops),
    does("answers-cancel", "answers a cancel within a second", checkAnswersCancel),
    does("edge-inputs", "survives small, empty and constant inputs", checkEdgeInputs),
    does("non-finite", "keeps its word about NaN and infinite pixels", checkNonFinite),
    does("limits", "survives parameters at their limits", checkLimits),
  ];
}
