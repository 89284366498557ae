/**
 * The host: runs stages and pipelines, keeps results, and records what was done.
 *
 * @module
 */
import type { Exposures, Image } from "../data/image.ts";
import type { Table } from "../data/table.ts";
import { AdatomError, gatherProblems } from "../errors.ts";
import { type PipelineParamsGiven, type Plan, planPipeline } from "../pipeline/check.ts";
import type { PipelineDocument } from "../pipeline/document.ts";
import { type StepExplanation, whyNotCached } from "../pipeline/explain.ts";
import { migrateDocument, type MigrateParams, type Migration } from "../pipeline/migrate.ts";
import { createRecorder } from "../pipeline/record.ts";
import { createValues, inputsOf, runPlan } from "../pipeline/run.ts";
import type { Runner } from "../runner/runner.ts";
import { shareValue } from "../runner/share.ts";
import type { ParamDeclarations, ParamsGiven } from "../stage/params.ts";
import type { InputValues, OutputValues, PortDeclarations, PortValue } from "../stage/ports.ts";
import type { AnyStage, Stage } from "../stage/stage.ts";
import type { Digest } from "../store/digest.ts";
import type { Store } from "../store/store.ts";
import { type FileWarning, readExposures, readTable, type SourceFile } from "./files.ts";
import { completeRequest, type Machine } from "./machine.ts";
import type { Registry } from "./registry.ts";
import {
  gather,
  runStep,
  scatteredInputs,
  type StepReport,
  type StepRequest,
  stepRequests,
} from "./step.ts";

/** What happens while a host works. */
export type HostEvent =
  | { readonly type: "step-started"; readonly step: string; readonly stage: string }
  | {
    readonly type: "step-progress";
    readonly step: string;
    readonly fraction: number;
    readonly note: string | undefined;
  }
  | { readonly type: "step-done"; readonly step: string; readonly report: StepReport }
  | { readonly type: "file-warning"; readonly warning: FileWarning }
  | { readonly type: "migrated"; readonly migration: Migration }
  | { readonly type: "plugin-printed"; readonly plugin: string; readonly text: string }
  | { readonly type: "store-failed"; readonly message: string };

/** What a host is made of. */
export interface HostParts {
  readonly registry: Registry;
  readonly runner: Runner;
  readonly store: Store | undefined;
  /** The store is pruned to this size when the host is closed. */
  readonly storeLimit: number;
  readonly seed: number;
  /** Parameters of a stage from those of an older version; by the stage itself unless told. */
  readonly migrate?: MigrateParams;
  /** Models of ours and the provider of neural inference; without it, callers name both. */
  readonly machine?: Machine;
  /** Digest of the code of a stage, for cache keys. */
  readonly codeOf: (stage: AnyStage) => Digest;
  /** Digest of all built-in code, for telling whether finished outputs are those of this program. */
  readonly code: () => Digest;
  readonly onEvent: (event: HostEvent) => void;
}

/** Options of one call. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Replaces the host's seed. */
  readonly seed?: number;
}

/** Inputs of a scattered call: one exposure each, or all of them. */
export type ScatterInputs<I extends PortDeclarations> = {
  readonly [name in keyof InputValues<I>]:
    | InputValues<I>[name]
    | (I[name & keyof I] extends { readonly kind: "image" } ? Exposures
      : readonly InputValues<I>[name][]);
};

/** Outputs of a scattered call: images as exposures, everything else as a list. */
export type ScatterOutputs<O extends PortDeclarations> = {
  readonly [name in keyof O]: O[name] extends { readonly kind: "image" } ? Exposures
    : readonly PortValue<O[name]>[];
};

/** What a pipeline gave. */
export interface PipelineResult {
  readonly outputs: Record<string, unknown>;
  readonly steps: readonly StepReport[];
}

/** Runs stages and pipelines. */
export interface Host {
  readonly registry: Registry;
  /** Digest of all built-in code. */
  readonly code: Digest;
  /**
   * Runs one stage.
   *
   * @throws AdatomError for every problem of the request at once, for the stage's own failure, or
   * CANCELLED
   */
  run<I extends PortDeclarations, O extends PortDeclarations, P extends ParamDeclarations>(
    stage: Stage<I, O, P>,
    inputs: InputValues<I>,
    params?: ParamsGiven<P>,
    options?: CallOptions,
  ): Promise<OutputValues<O>>;
  /** Runs one stage once an exposure, on all workers, and gathers its outputs. */
  scatter<I extends PortDeclarations, O extends PortDeclarations, P extends ParamDeclarations>(
    stage: Stage<I, O, P>,
    inputs: ScatterInputs<I>,
    params?: ParamsGiven<P>,
    options?: CallOptions,
  ): Promise<ScatterOutputs<O>>;
  /**
   * The pipeline with the parameters of its steps migrated to the versions that are there, where it
   * names older major versions; the very same pipeline where it does not.
   */
  migrate(document: PipelineDocument): Promise<PipelineDocument>;
  /** Checks a pipeline; throws every problem at once. */
  check(document: PipelineDocument, params?: PipelineParamsGiven): Plan;
  /** Runs a pipeline. */
  runPipeline(
    document: PipelineDocument,
    inputs: Readonly<Record<string, unknown>>,
    params?: PipelineParamsGiven,
    options?: CallOptions,
  ): Promise<PipelineResult>;
  /** What of a pipeline is cached, what would run, and why. Runs nothing. */
  explain(
    document: PipelineDocument,
    inputs: Readonly<Record<string, unknown>>,
    params?: PipelineParamsGiven,
    options?: CallOptions,
  ): Promise<StepExplanation[]>;
  /** The exposures in a stack, or in several files of one image each. */
  readExposures(
    paths: string | readonly string[],
  ): Promise<Exposures & { readonly sources: readonly SourceFile[] }>;
  /** The image in a file of one image. */
  readImage(path: string): Promise<Image>;
  /** The table in a file. */
  readTable(path: string): Promise<Table>;
  /** Every stage call so far, as a pipeline that gives the same results. */
  record(name: string): PipelineDocument;
  /** The reports of all steps so far. */
  readonly reports: readonly StepReport[];
  /** Ends the workers and prunes the store. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Makes a host from its parts. */
export function assembleHost(parts: HostParts): Host {
  const { registry, runner, store, onEvent, codeOf } = parts;
  const recorder = createRecorder();
  const reports: StepReport[] = [];
  let storeComplained = false;

  const doStep = async (request: StepRequest, signal: AbortSignal) => {
    onEvent({ type: "step-started", step: request.id, stage: request.stage.id });
    const result = await runStep(await completeRequest(request, parts.machine), {
      runner,
      store,
      signal,
      codeOf,
      progress: (fraction, note) =>
        onEvent({ type: "step-progress", step: request.id, fraction, note }),
      storeFailed(error) {
        if (storeComplained) return;
        storeComplained = true;
        onEvent({ type: "store-failed", message: String((error as Error).message ?? error) });
      },
    });
    reports.push(result.report);
    onEvent({ type: "step-done", step: request.id, report: result.report });
    return result;
  };

  const call = async (
    stage: AnyStage,
    inputs: Readonly<Record<string, unknown>>,
    params: Readonly<Record<string, unknown>>,
    scatter: boolean,
    options: CallOptions,
  ) => {
    const seed = options.seed ?? parts.seed;
    const given = Object.fromEntries(Object.entries(inputs).filter(([, v]) => v !== undefined));
    const request: StepRequest = {
      id: stage.id,
      stage,
      inputs: shareValue(given),
      params,
      scatter,
      seed,
    };
    const { outputs, report } = await doStep(request, options.signal ?? neverAborted());
    recorder.add({
      stage,
      params,
      scattered: scatteredInputs(request),
      // what the machine added is added again when the record is run
      inputs: Object.fromEntries(
        Object.entries(report.inputs).filter(([name]) => Object.hasOwn(given, name)),
      ),
      outputs: report.outputs,
    });
    return outputs;
  };

  const close = () => {
    runner.close();
    try {
      if (reports.some((report) => report.cache.runs > 0)) store?.prune(parts.storeLimit);
    } catch (error) {
      onEvent({ type: "store-failed", message: String((error as Error).message ?? error) });
    }
  };

  const check = (document: PipelineDocument, params: PipelineParamsGiven = {}): Plan => {
    const { plan, problems } = planPipeline(document, registry, params);
    if (plan === undefined) throw gatherProblems(`run pipeline "${document.name}"`, problems);
    return plan;
  };

  const migrate = async (given: PipelineDocument): Promise<PipelineDocument> => {
    const { migrate = migrateHere } = parts;
    const { document, migrations } = await migrateDocument(given, registry.find, migrate);
    for (const migration of migrations) onEvent({ type: "migrated", migration });
    return document;
  };

  const host: Host = {
    registry,
    reports,
    get code() {
      return parts.code();
    },
    run: (stage, inputs, params = {}, options = {}) =>
      call(stage, inputs as never, params, false, options) as never,
    scatter: (stage, inputs, params = {}, options = {}) =>
      call(stage, inputs as never, params, true, options) as never,
    migrate,
    check,
    async runPipeline(given, inputs, params = {}, options = {}) {
      const document = await migrate(given);
      const plan = check(document, params);
      checkPipelineInputs(document, inputs);
      const found: StepReport[] = [];
      const signal = options.signal ?? neverAborted();
      const shared = shareValue({ ...inputs });
      const outputs = await runPlan(plan, shared, async ({ step, stage, params }, values) => {
        const { outputs, report } = await doStep({
          id: step.id,
          stage,
          inputs: values,
          params,
          scatter: step.scatter === "t",
          seed: options.seed ?? parts.seed,
        }, signal);
        found.push(report);
        return outputs;
      });
      const order = plan.steps.map(({ step }) => step.id);
      return { outputs, steps: found.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id)) };
    },
    async explain(document, inputs, params = {}, options = {}) {
      const plan = check(document, params);
      checkPipelineInputs(document, inputs);
      return await explainPlan(plan, shareValue({ ...inputs }), {
        store,
        codeOf,
        machine: parts.machine,
        seed: options.seed ?? parts.seed,
      });
    },
    async readExposures(paths) {
      const read = await readExposures(registry, typeof paths === "string" ? [paths] : paths);
      for (const warning of read.warnings) onEvent({ type: "file-warning", warning });
      return { ...shareValue(read.exposures), sources: read.sources };
    },
    async readImage(path) {
      const { images, warnings } = await readExposures(registry, [path]);
      for (const warning of warnings) onEvent({ type: "file-warning", warning });
      if (images.length !== 1) {
        throw new AdatomError("PORT_TYPE", {
          cannot: `read "${path}" as one image`,
          expected: "a file of one image",
          got: `a stack of ${images.length}`,
          hint: "read it as exposures, or save the page you mean",
        });
      }
      return shareValue(images[0]);
    },
    async readTable(path) {
      const { table, warnings } = await readTable(registry, path);
      for (const warning of warnings) onEvent({ type: "file-warning", warning });
      return table;
    },
    record: (name) => recorder.document(name).document,
    close,
    [Symbol.dispose]: close,
  };
  return host;
}

function migrateHere(stage: AnyStage, params: Readonly<Record<string, unknown>>, from: string) {
  return Promise.resolve(stage.migrate!(params, from));
}

async function explainPlan(
  plan: Plan,
  inputs: Readonly<Record<string, unknown>>,
  { store, codeOf, seed, machine }: {
    readonly machine: Machine | undefined;
    readonly store: Store | undefined;
    readonly codeOf: (stage: AnyStage) => Digest;
    readonly seed: number;
  },
): Promise<StepExplanation[]> {
  const values = createValues(inputs);
  const unknown = new Set<string>(); // steps whose outputs are not cached
  const explain = async (planned: Plan["steps"][number]): Promise<StepExplanation> => {
    const { step, stage, params } = planned;
    const names = { step: step.id, stage: stage.id };
    const missing = planned.needs.filter((id) => unknown.has(id));
    if (missing.length > 0) {
      unknown.add(step.id);
      return { ...names, state: "waits", reason: `for the result of ${missing.join(", ")}` };
    }
    const request = await completeRequest({
      id: step.id,
      stage,
      inputs: inputsOf(planned, values),
      params,
      scatter: step.scatter === "t",
      seed,
    }, machine);
    const calls = stepRequests(request, codeOf);
    const missed = calls.filter(({ key }) => store?.peek(stage.id, key) === undefined);
    if (missed.length > 0) {
      unknown.add(step.id);
      const reason = store === undefined
        ? "there is no store"
        : whyNotCached(missed[0].request, store.requests(stage.id));
      const count = calls.length > 1 ? `${missed.length} of ${calls.length} exposures: ` : "";
      return { ...names, state: "runs", reason: count + reason };
    }
    const found = calls.map(({ key }) => store!.get(stage.id, key)!.values);
    const outputs = request.scatter ? gather(stage, found) : found[0];
    values.setOutputs(step.id, outputs);
    return { ...names, state: "cached", reason: "same code, parameters and inputs" };
  };
  const explained: StepExplanation[] = [];
  for (const planned of plan.steps) explained.push(await explain(planned)); // each needs the last
  return explained;
}

function checkPipelineInputs(
  document: PipelineDocument,
  inputs: Readonly<Record<string, unknown>>,
): void {
  const declared = document.inputs ?? {};
  const problems: AdatomError[] = [];
  for (const [name, input] of Object.entries(declared)) {
    if (inputs[name] !== undefined || input.optional) continue;
    problems.push(
      new AdatomError("INPUT_MISSING", {
        cannot: `run pipeline "${document.name}"`,
        expected: `an input "${name}"`,
        got: "nothing",
        hint: `give it with --in ${name}=PATH or in the inputs of the call`,
      }, { port: name }),
    );
  }
  for (const name of Object.keys(inputs)) {
    if (Object.hasOwn(declared, name)) continue;
    problems.push(
      new AdatomError("UNKNOWN_PORT", {
        cannot: `give input "${name}" to pipeline "${document.name}"`,
        expected: `one of its inputs, ${
          Object.keys(declared).join(", ") || "of which there are none"
        }`,
        got: `"${name}"`,
      }, { port: name }),
    );
  }
  if (problems.length > 0) throw gatherProblems(`run pipeline "${document.name}"`, problems);
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
