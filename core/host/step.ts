/**
 * Runs one step: check, look up, run, check outputs, keep. A scattered step does so per exposure.
 *
 * @module
 */
import type { Exposures, Image } from "../data/image.ts";
import { AdatomError, cancelledError, gatherProblems } from "../errors.ts";
import type { Runner, RunnerPlace } from "../runner/runner.ts";
import { isExposures, valueProblems } from "../stage/check_value.ts";
import { type ParamDeclarations, resolveParams } from "../stage/params.ts";
import type { PortDeclaration } from "../stage/ports.ts";
import type { AnyStage, Permissions, PluginOrigin } from "../stage/stage.ts";
import { type Digest, digestJson, digestValue } from "../store/digest.ts";
import type { ActionRecord, ActionRequest, Store } from "../store/store.ts";

/** What a step is asked to do. */
export interface StepRequest {
  readonly id: string;
  readonly stage: AnyStage;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly scatter: boolean;
  readonly seed: number;
}

/** What a step needs around it. */
export interface StepSurroundings {
  readonly runner: Runner;
  readonly store: Store | undefined;
  readonly signal: AbortSignal;
  /** Digest of the code of a stage. */
  codeOf(stage: AnyStage): Digest;
  progress(fraction: number, note: string | undefined): void;
  /** Called once when the store cannot be written. */
  storeFailed(error: unknown): void;
}

/** The plugin a step used, exactly. */
export interface PluginUse {
  readonly id: string;
  readonly version: string;
  readonly sha256: Digest;
  /** What it was allowed to reach; left out when that was nothing. */
  readonly permissions?: Permissions;
  /** Set when it ran without a sandbox because the user trusts it. */
  readonly trusted?: true;
}

/** How one step went; part of the run record. */
export interface StepReport {
  readonly id: string;
  readonly stage: string;
  readonly version: string;
  readonly runner: RunnerPlace;
  /** The installed plugin the stage belongs to. */
  readonly plugin?: PluginUse;
  readonly params: Readonly<Record<string, unknown>>;
  readonly scatter?: number;
  readonly cache: { readonly hits: number; readonly runs: number; readonly kept: boolean };
  readonly keys: readonly Digest[];
  readonly inputs: Readonly<Record<string, Digest>>;
  readonly outputs: Readonly<Record<string, Digest>>;
  readonly ms: number;
  readonly warnings: readonly {
    readonly code: string;
    readonly message: string;
    readonly exposure?: number;
  }[];
  readonly chosen: Readonly<Record<string, unknown>>;
}

/** Values and report of a step. */
export interface StepResult {
  readonly outputs: Record<string, unknown>;
  readonly report: StepReport;
}

/** All problems of a step's parameters and inputs; none when it can run. */
export function stepProblems(request: StepRequest): AdatomError[] {
  const { stage, params, inputs, scatter } = request;
  const problems = [...resolveParams(stage.params, params, stage.id).problems];
  const ports = stage.inputs as Readonly<Record<string, PortDeclaration>>;
  for (const name of Object.keys(inputs)) {
    if (Object.hasOwn(ports, name)) continue;
    problems.push(
      new AdatomError("UNKNOWN_PORT", {
        cannot: `give input "${name}" to ${stage.id}`,
        expected: `one of its inputs, ${
          Object.keys(ports).join(", ") || "of which there are none"
        }`,
        got: `"${name}"`,
      }, { stage: stage.id, port: name }),
    );
  }
  for (const [name, port] of Object.entries(ports)) {
    const value = inputs[name];
    const place = { stage: stage.id, port: name };
    if (value === undefined) {
      if (port.optional) continue;
      problems.push(
        new AdatomError("INPUT_MISSING", {
          cannot: `run ${stage.id}`,
          expected: `an input "${name}"`,
          got: "nothing",
          hint: `give it with --in ${name}=PATH or in the inputs of the call`,
        }, place),
      );
      continue;
    }
    const items = scatter ? scatterItems(port, value) : undefined;
    if (items === undefined) {
      problems.push(...valueProblems(port, value, { ...place, side: "input" }));
    } else {
      const found = items.map((item) => valueProblems(port, item, { ...place, side: "input" }));
      problems.push(...(found.find((list) => list.length > 0) ?? []));
    }
  }
  return problems;
}

/**
 * Runs one step from cache or for real.
 *
 * @throws AdatomError for problems of the request, of the stage, or CANCELLED
 */
export async function runStep(
  request: StepRequest,
  around: StepSurroundings,
): Promise<StepResult> {
  const started = performance.now();
  const { stage } = request;
  const problems = stepProblems(request);
  if (problems.length > 0) throw gatherProblems(`run ${stage.id}`, problems);
  const { values: params } = resolveParams(stage.params, request.params, stage.id);
  const calls = splitCalls(request);
  const fractions = new Float64Array(calls.length);
  const done = await settleAll(
    calls.map(async (inputs, i) =>
      await runCall(stage, inputs, params, mixSeed(request.seed, i), {
        ...around,
        progress(fraction, note) {
          fractions[i] = fraction;
          around.progress(fractions.reduce((sum, f) => sum + f, 0) / calls.length, note);
        },
      })
    ),
  );
  const outputs = request.scatter ? gather(stage, done.map((d) => d.outputs)) : done[0].outputs;
  const hits = done.filter((d) => d.hit).length;
  return {
    outputs,
    report: {
      id: request.id,
      stage: stage.id,
      version: stage.version,
      runner: around.runner.placeOf(stage),
      ...(stage.plugin === undefined ? {} : { plugin: pluginOf(stage.plugin) }),
      params,
      ...(request.scatter ? { scatter: calls.length } : {}),
      cache: { hits, runs: done.length - hits, kept: around.store !== undefined },
      keys: done.map((d) => d.key),
      inputs: digests(request.inputs),
      outputs: digests(outputs),
      ms: Math.round(performance.now() - started),
      warnings: done.flatMap((d, exposure) =>
        d.record.warnings.map((w) => request.scatter ? { ...w, exposure } : w)
      ),
      chosen: request.scatter ? chosenPerExposure(done) : done[0].record.chosen,
    },
  };
}

/** The keys of a step's calls, for telling what is cached without running anything. */
export function stepRequests(
  request: StepRequest,
  codeOf: (stage: AnyStage) => Digest,
): { readonly key: Digest; readonly request: ActionRequest }[] {
  const { stage } = request;
  const { values } = resolveParams(stage.params, request.params, stage.id);
  return splitCalls(request).map((inputs, i) => {
    const made = actionRequest(stage, inputs, values, mixSeed(request.seed, i), codeOf(stage));
    return { key: digestJson(made), request: made };
  });
}

interface CallResult {
  readonly outputs: Record<string, unknown>;
  readonly record: ActionRecord;
  readonly key: Digest;
  readonly hit: boolean;
}

async function runCall(
  stage: AnyStage,
  inputs: Readonly<Record<string, unknown>>,
  params: Readonly<Record<string, unknown>>,
  seed: number,
  around: StepSurroundings,
): Promise<CallResult> {
  if (around.signal.aborted) throw cancelledError();
  const request = actionRequest(stage, inputs, params, seed, around.codeOf(stage));
  const key = digestJson(request);
  const cached = lookUp(stage.id, key, around);
  if (cached !== undefined) {
    around.progress(1, undefined);
    return { outputs: cached.values, record: cached.record, key, hit: true };
  }
  const { outputs, warnings, chosen } = await around.runner.run(
    { stage, inputs, params, seed },
    { signal: around.signal, progress: around.progress },
  );
  const kept = Object.fromEntries(Object.keys(stage.outputs).map((name) => [name, outputs[name]]));
  const record: ActionRecord = { request, outputs: digests(kept), warnings, chosen };
  try {
    around.store?.put(key, record, kept);
  } catch (error) {
    around.storeFailed(error); // the result is good all the same
  }
  around.progress(1, undefined);
  return { outputs: kept, record, key, hit: false };
}

/** What the store has; a store that cannot be read has nothing. */
function lookUp(stage: string, key: Digest, around: StepSurroundings) {
  try {
    return around.store?.get(stage, key);
  } catch (error) {
    around.storeFailed(error);
    return undefined;
  }
}

function actionRequest(
  stage: AnyStage,
  inputs: Readonly<Record<string, unknown>>,
  params: Readonly<Record<string, unknown>>,
  seed: number,
  code: Digest,
): ActionRequest {
  const declared = stage.params as ParamDeclarations;
  const affecting = Object.entries(params).filter(([name]) => declared[name].affects !== "log");
  return {
    stage: stage.id,
    version: stage.version,
    code,
    params: Object.fromEntries(affecting),
    inputs: digests(inputs),
    seed: stage.random ? seed : null,
  };
}

/** The inputs of each call: one, or one per exposure of a scattered step. */
function splitCalls(request: StepRequest): Readonly<Record<string, unknown>>[] {
  if (!request.scatter) return [request.inputs];
  const ports = request.stage.inputs as Readonly<Record<string, PortDeclaration>>;
  const split = new Map<string, readonly unknown[]>();
  for (const [name, value] of Object.entries(request.inputs)) {
    const items = scatterItems(ports[name], value);
    if (items !== undefined) split.set(name, items);
  }
  const counts = [...split.values()].map((items) => items.length);
  if (counts.length === 0 || counts.some((n) => n !== counts[0])) {
    throw new AdatomError("PORT_TYPE", {
      cannot: `scatter ${request.stage.id} over the exposures`,
      expected: "inputs with one item an exposure, equally many",
      got: [...split].map(([name, items]) => `${items.length} in "${name}"`).join(", ") || "none",
    }, { stage: request.stage.id });
  }
  return Array.from({ length: counts[0] }, (_, i) => ({
    ...request.inputs,
    ...Object.fromEntries([...split].map(([name, items]) => [name, items[i]])),
  }));
}

/** The items a scattered step takes one by one from a value, or `undefined` if it takes it whole. */
function scatterItems(port: PortDeclaration, value: unknown): readonly unknown[] | undefined {
  if (port.kind === "image") return isExposures(value) ? value.images : undefined;
  if (port.kind === "exposures" || port.axes === "t") return undefined;
  return Array.isArray(value) && port.kind !== "json" ? value : undefined;
}

/** The inputs of a scattered request that are taken one exposure at a time. */
export function scatteredInputs(request: StepRequest): string[] {
  if (!request.scatter) return [];
  const ports = request.stage.inputs as Readonly<Record<string, PortDeclaration>>;
  return Object.entries(request.inputs).filter(([name, value]) =>
    ports[name] !== undefined && scatterItems(ports[name], value) !== undefined
  ).map(([name]) => name);
}

/** The outputs of all exposures as one value a port: images as exposures, the rest as lists. */
export function gather(
  stage: AnyStage,
  outputs: readonly Record<string, unknown>[],
): Record<string, unknown> {
  const gathered: Record<string, unknown> = {};
  for (const [name, port] of Object.entries(stage.outputs as Record<string, PortDeclaration>)) {
    const items = outputs.map((output) => output[name]);
    gathered[name] = port.kind === "image"
      ? { images: items as Image[] } satisfies Exposures
      : items;
  }
  return gathered;
}

function pluginOf({ id, version, sha256, permissions, trusted }: PluginOrigin): PluginUse {
  return {
    id,
    version,
    sha256,
    ...(Object.keys(permissions).length > 0 ? { permissions } : {}),
    ...(trusted ? { trusted } : {}),
  };
}

function chosenPerExposure(done: readonly CallResult[]): Record<string, unknown> {
  const names = new Set(done.flatMap((d) => Object.keys(d.record.chosen)));
  return Object.fromEntries(
    [...names].map((name) => [name, done.map((d) => d.record.chosen[name] ?? null)]),
  );
}

function digests(values: Readonly<Record<string, unknown>>): Record<string, Digest> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined).map((
      [name, value],
    ) => [name, digestValue(value)]),
  );
}

/** The seed of one call among several: different for each, the run's own for the first. */
function mixSeed(seed: number, index: number): number {
  return (seed + Math.imul(index, 0x9e3779b1)) >>> 0;
}

/** Waits for all, then throws the first error that is not a mere consequence of cancelling. */
async function settleAll<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  const failed = settled.filter((s) => s.status === "rejected").map((s) => s.reason);
  if (failed.length > 0) {
    throw failed.find((e) => !(e instanceof AdatomError && e.code === "CANCELLED")) ?? failed[0];
  }
  return settled.map((s) => (s as PromiseFulfilledResult<T>).value);
}
