/**
 * The checks of what a stage does, through whatever runs it.
 *
 * @module
 */
import { decodeValue, encodeParts, joinParts } from "../../core/data/encode.ts";
import { createImage, type Exposures, type Image } from "../../core/data/image.ts";
import { gatherProblems } from "../../core/errors.ts";
import { assembleHost, type Host } from "../../core/host/host.ts";
import { createRegistry } from "../../core/host/registry.ts";
import { createInlineRunner } from "../../core/runner/inline.ts";
import { createPoolRunner } from "../../core/runner/pool.ts";
import type { Runner } from "../../core/runner/runner.ts";
import { valueProblems } from "../../core/stage/check_value.ts";
import { type ParamDeclaration, resolveParams } from "../../core/stage/params.ts";
import type { PortDeclaration } from "../../core/stage/ports.ts";
import type { AnyStage } from "../../core/stage/stage.ts";
import { digestValue } from "../../core/store/digest.ts";
import { plainFault } from "./_plain_data.ts";
import { expectError, expectResultOrTypedError, expectThat } from "./check.ts";
import { exampleInputs, type ExampleShape } from "./example_inputs.ts";
import type { WatchedOutcome, WatchedRun, WatchOptions } from "./watched_run.ts";

/** A stage under test: what it is given, and what runs it. */
export interface Trial {
  readonly stage: AnyStage;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Optional inputs that are never given. */
  readonly without: readonly string[];
  /** As given; {@linkcode runTrial} completes them. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly run: WatchedRun;
  /** Whether it is also run in the pool. */
  readonly pool: boolean;
}

/** A stage has this long to end once it could know that it was cancelled. */
export const CANCEL_LIMIT_MS = 1000;

/** Shapes no stage may fall over: a result or a typed error, never anything else. */
const EDGE_SHAPES: readonly ExampleShape[] = [
  { width: 1, height: 1, rows: 1 },
  { width: 1, height: 40, rows: 2 },
  { width: 37, height: 53, rows: 5 },
  { width: 48, height: 48, rows: 0 },
  { width: 48, height: 48, rows: 3, constant: true },
];

/** A whole number is not tried beyond this, or 8 times its usual value: it may be a size. */
const LARGE_INTEGER = 64;

/** The same bytes twice; inputs as they were. */
export async function checkSameBytes(trial: Trial): Promise<void> {
  const before = digestFresh(trial.inputs);
  const one = await runTrial(trial);
  const two = await runTrial(trial);
  const same = digestFresh(one.outputs) === digestFresh(two.outputs);
  expectThat(same, "the same bytes from the same inputs", "others in a second run");
  expectThat(digestFresh(trial.inputs) === before, "inputs left alone", "changed inputs");
}

/** The same bytes as a clone, out of the store, and from a worker of the pool. */
export async function checkSameBytesElsewhere(trial: Trial): Promise<void> {
  const { outputs } = await runTrial(trial);
  const digest = digestFresh(outputs);
  expectThat(digestFresh(structuredClone(outputs)) === digest, "the same bytes cloned", "others");
  const bytes = joinParts(encodeParts(outputs));
  expectThat(digestFresh(decodeValue(bytes)) === digest, "the same bytes kept", "others");
  if (!trial.pool) return;
  using host = hostOf(trial.stage, createPoolRunner(2));
  const pooled = await host.run(trial.stage, trial.inputs as never, trial.params);
  expectThat(digestFresh(pooled) === digest, "the same bytes in the pool", "others");
}

/** Every declared output is there and fits its port: finite pixels, declared columns, plain JSON. */
export async function checkOutputs(trial: Trial): Promise<void> {
  const { stage } = trial;
  const { outputs } = await runTrial(trial);
  for (const [name, port] of Object.entries(stage.outputs as Record<string, PortDeclaration>)) {
    const place = { stage: stage.id, port: name, side: "output" as const };
    const [problem] = valueProblems(port, outputs[name], place);
    if (problem !== undefined) throw problem;
    if (port.kind !== "json") continue;
    const fault = plainFault(outputs[name]);
    expectThat(fault === undefined, `plain JSON in output "${name}"`, fault ?? "");
  }
}

/** Progress is reported, never falls and ends at 1. */
export async function checkProgress(trial: Trial): Promise<void> {
  const { reports } = await runTrial(trial);
  expectThat(reports.length > 0, "reports of progress", "none");
  let last = 0;
  for (const fraction of reports) {
    expectThat(
      fraction >= last,
      "progress from 0 to 1 that never falls",
      `${fraction} after ${last}`,
    );
    last = fraction;
  }
  expectThat(last === 1, "progress that ends at 1", `${last}`);
}

/** A run that is cancelled at its first report ends as cancelled. */
export async function checkStops(trial: Trial): Promise<void> {
  const action = () => runTrial(trial, { cancelAtFirstReport: true });
  await expectError(action, "CANCELLED", "when cancelled at the first report of progress");
}

/** A run that is cancelled at its first report ends soon after it, however it ends. */
export async function checkAnswersCancel(trial: Trial): Promise<void> {
  let since = performance.now(); // a run without any report has the whole of it to answer for
  await runTrial(trial, {
    cancelAtFirstReport: true,
    onFirstReport: () => since = performance.now(),
  }).catch(() => {}); // how it ends is for checkStops
  const ms = Math.round(performance.now() - since);
  expectThat(ms < CANCEL_LIMIT_MS, `an end within ${CANCEL_LIMIT_MS} ms of a cancel`, `${ms} ms`);
}

/** Inputs of one pixel, one column of pixels, odd sizes, no rows, no structure. */
export async function checkEdgeInputs(trial: Trial): Promise<void> {
  for (const shape of EDGE_SHAPES) {
    const inputs = { ...exampleInputs(trial.stage, shape, trial.without), ...modelsOf(trial) };
    await expectResultOrTypedError(
      () => runTrial({ ...trial, inputs }),
      `on ${JSON.stringify(shape)}`,
    );
  }
}

/** NaN and infinite pixels are refused, or dealt with where a port says `exclude`. */
export async function checkNonFinite(trial: Trial): Promise<void> {
  const { stage, inputs, params } = trial;
  for (const [name, port] of Object.entries(stage.inputs as Record<string, PortDeclaration>)) {
    if (port.kind !== "image" && port.kind !== "exposures") continue;
    if (inputs[name] === undefined) continue;
    const spoiled = { ...inputs, [name]: spoil(inputs[name]) };
    using host = hostOf(stage, trialRunner(trial));
    const action = () => host.run(stage, spoiled as never, params);
    const what = `on NaN and infinite pixels in "${name}"`;
    if (port.nonFinite === "exclude") await expectResultOrTypedError(action, what);
    else await expectError(action, "IMAGE_NON_FINITE", what);
  }
}

/** Numbers at the limits of their declaration, one at a time. */
export async function checkLimits(trial: Trial): Promise<void> {
  const usual = fullParams(trial);
  const declarations = trial.stage.params as Record<string, ParamDeclaration>;
  for (const [name, declaration] of Object.entries(declarations)) {
    for (const value of limitsOf(declaration, usual[name])) {
      const params = { ...trial.params, [name]: value };
      await expectResultOrTypedError(() => runTrial({ ...trial, params }), `at ${name} = ${value}`);
    }
  }
}

/** The declared limits of a parameter; a large whole number is replaced by one that is quick. */
function limitsOf(declaration: ParamDeclaration, usual: unknown): number[] {
  if (declaration.type !== "number" && declaration.type !== "integer") return [];
  const { type, minimum, maximum } = declaration;
  const limits = minimum === undefined ? [] : [minimum];
  if (maximum === undefined) return limits;
  if (type === "number" || maximum <= LARGE_INTEGER) return [...limits, maximum];
  const quick = typeof usual === "number" ? Math.max(LARGE_INTEGER, 8 * usual) : LARGE_INTEGER;
  return [...limits, Math.max(minimum ?? -Infinity, Math.min(maximum, quick))];
}

/** The models a trial was given: no other would do for its stage. */
function modelsOf({ stage, inputs }: Trial): Record<string, unknown> {
  const ports = Object.entries(stage.inputs as Record<string, PortDeclaration>);
  return Object.fromEntries(
    ports.filter(([, { kind }]) => kind === "model").map(([name]) => [name, inputs[name]]),
  );
}

async function runTrial(trial: Trial, options: WatchOptions = {}): Promise<WatchedOutcome> {
  return await trial.run(trial.stage, trial.inputs, fullParams(trial), options);
}

function fullParams({ stage, params }: Trial): Readonly<Record<string, unknown>> {
  const { values, problems } = resolveParams(stage.params, params, stage.id);
  if (problems.length > 0) throw gatherProblems(`test ${stage.id}`, problems);
  return values;
}

/** A runner for the host that hands each call to the run of a trial. */
function trialRunner(trial: Trial): Runner {
  return {
    ...createInlineRunner(),
    async run({ stage, inputs, params }) {
      const { outputs } = await trial.run(stage, inputs, params);
      return { outputs, warnings: [], chosen: {} };
    },
  };
}

function hostOf(stage: AnyStage, runner: Runner): Host {
  return assembleHost({
    registry: createRegistry([stage], []),
    runner,
    store: undefined,
    storeLimit: 0,
    seed: 1,
    codeOf: () => "test",
    code: () => "test",
    onEvent: () => {},
  });
}

/** The digest of a value as it is now: a remembered one would hide a change. */
function digestFresh(value: unknown): string {
  return digestValue(structuredClone(value));
}

function spoil(value: unknown): Image | Exposures {
  if (value !== null && typeof value === "object" && "images" in value) {
    const { images } = value as Exposures;
    return { images: [spoil(images[0]) as Image, ...images.slice(1)] };
  }
  const image = value as Image;
  const data = Float32Array.from(image.data);
  data[Math.floor(data.length / 2)] = NaN;
  data[0] = Infinity;
  return createImage({ ...image, data });
}
