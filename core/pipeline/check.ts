/**
 * Checks a pipeline against the registered stages: every problem at once, before anything runs.
 *
 * @module
 */
import { AdatomError, type ErrorCode, unknownNameHint } from "../errors.ts";
import { describePort, requiredColumns } from "../stage/check_value.ts";
import { type ParamDeclaration, resolveParams } from "../stage/params.ts";
import type { PortDeclaration } from "../stage/ports.ts";
import type { AnyStage } from "../stage/stage.ts";
import { inRange } from "../stage/version.ts";
import {
  paramTargets,
  parseReference,
  type PipelineDocument,
  type PipelineStep,
} from "./document.ts";

/** One step, ready to run. */
export interface PlannedStep {
  readonly step: PipelineStep;
  readonly stage: AnyStage;
  /** The given parameters; the stage's defaults fill in the rest. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Where each given parameter came from. */
  readonly origins: Readonly<Record<string, "pipeline" | "given">>;
  /** Ids of the steps it waits for. */
  readonly needs: readonly string[];
}

/** A checked pipeline: its steps in an order in which they can run. */
export interface Plan {
  readonly document: PipelineDocument;
  readonly steps: readonly PlannedStep[];
}

/** A parameter of the whole pipeline with the declaration it takes from the stage. */
export interface PipelineParamInfo {
  readonly declaration: ParamDeclaration;
  readonly targets: readonly { readonly step: string; readonly param: string }[];
}

/** What a caller sets: parameters of the pipeline by name, or of a step as `step.param`. */
export type PipelineParamsGiven = Readonly<Record<string, unknown>>;

/** Where a plan finds its stages. */
export interface StageSource {
  /** The stage of an id, or `undefined`. */
  find(id: string): AnyStage | undefined;
  /** The error for an id of no stage. */
  missing(id: string, cannot: string): AdatomError;
}

/** Checks a document and makes a plan of it. */
export function planPipeline(
  document: PipelineDocument,
  source: StageSource,
  given: PipelineParamsGiven = {},
): { readonly plan: Plan | undefined; readonly problems: AdatomError[] } {
  const problems: AdatomError[] = [];
  const stages = new Map<string, AnyStage>();
  for (const [index, step] of document.steps.entries()) {
    if (document.steps.findIndex((other) => other.id === step.id) !== index) {
      problems.push(trouble("PIPELINE_FIELD", step.id, "use it", "one step of that id", "two"));
    }
    const stage = findStage(step, source, problems);
    if (stage !== undefined) stages.set(step.id, stage);
  }
  for (const step of document.steps) {
    const stage = stages.get(step.id);
    if (stage !== undefined) checkInputs(document, step, stage, stages, problems);
  }
  const params = assignParams(document, stages, given, problems);
  for (const [stepId, stage] of stages) {
    const resolved = resolveParams(stage.params, params.get(stepId)?.values ?? {}, stage.id);
    problems.push(...resolved.problems.map((problem) => problem.at({ step: stepId })));
  }
  for (const [name, reference] of Object.entries(document.outputs)) {
    typeOfReference(document, reference, stages, `output "${name}"`, undefined, problems);
  }
  const order = sortSteps(document, problems);
  if (problems.length > 0) return { plan: undefined, problems };
  const steps = order.map((step): PlannedStep => ({
    step,
    stage: stages.get(step.id)!,
    params: params.get(step.id)?.values ?? {},
    origins: params.get(step.id)?.origins ?? {},
    needs: stepsNeeded(step),
  }));
  return { plan: { document, steps }, problems };
}

/** The parameters of a pipeline with the declarations they take from its stages. */
export function pipelineParams(
  document: PipelineDocument,
  find: (id: string) => AnyStage | undefined,
): Record<string, PipelineParamInfo> {
  const infos: Record<string, PipelineParamInfo> = {};
  for (const [name, param] of Object.entries(document.params ?? {})) {
    const targets = paramTargets(param);
    const step = document.steps.find((s) => s.id === targets[0].step);
    const declaration: ParamDeclaration | undefined = step &&
      find(stageIdOf(step))?.params[targets[0].param];
    if (declaration === undefined) continue;
    infos[name] = {
      targets,
      declaration: {
        ...declaration,
        ...(param.default === undefined ? {} : { default: param.default }),
        ...(param.description === undefined ? {} : { description: param.description }),
      } as ParamDeclaration,
    };
  }
  return infos;
}

/** The stage id of a step, without its version range. */
export function stageIdOf(step: PipelineStep): string {
  return step.stage.split("@")[0];
}

/** The version range of a step, if it names one. */
export function rangeOfStep(step: PipelineStep): string | undefined {
  return step.stage.split("@")[1];
}

function findStage(
  step: PipelineStep,
  source: StageSource,
  problems: AdatomError[],
): AnyStage | undefined {
  const id = stageIdOf(step);
  const stage = source.find(id);
  if (stage === undefined) {
    problems.push(source.missing(id, `use step "${step.id}"`).at({ step: step.id }));
    return undefined;
  }
  const range = rangeOfStep(step);
  if (range !== undefined && !inRange(stage.version, range)) {
    const older =
      Number(range.replace(/^\^/, "").split(".")[0]) < Number(stage.version.split(".")[0]);
    problems.push(
      new AdatomError("PIPELINE_TYPE", {
        cannot: `use step "${step.id}"`,
        expected: `${id} in the range ${range}`,
        got: `version ${stage.version}`,
        hint: older
          ? "it cannot migrate older parameters: adapt the step and name the version that is there"
          : "update the stage, or name the version that is there",
      }, { step: step.id }),
    );
  }
  return stage;
}

function checkInputs(
  document: PipelineDocument,
  step: PipelineStep,
  stage: AnyStage,
  stages: ReadonlyMap<string, AnyStage>,
  problems: AdatomError[],
): void {
  const ports = stage.inputs as Readonly<Record<string, PortDeclaration>>;
  for (const name of Object.keys(step.in ?? {})) {
    if (Object.hasOwn(ports, name)) continue;
    problems.push(
      new AdatomError("UNKNOWN_PORT", {
        cannot: `connect input "${name}" of step "${step.id}"`,
        expected: `an input of ${stage.id}`,
        got: `"${name}"`,
        hint: unknownNameHint(name, Object.keys(ports)),
      }, { step: step.id, port: name }),
    );
  }
  let scattered = 0;
  for (const [name, port] of Object.entries(ports)) {
    const reference = step.in?.[name];
    const where = `input "${name}" of step "${step.id}"`;
    if (reference === undefined) {
      if (port.optional) continue;
      problems.push(
        new AdatomError("INPUT_MISSING", {
          cannot: `connect ${where}`,
          expected: "a reference",
          got: "nothing",
          hint: `add "${name}" to "in"`,
        }, { step: step.id, port: name }),
      );
      continue;
    }
    const type = typeOfReference(document, reference, stages, where, step.id, problems);
    if (type === undefined) continue;
    const single = step.scatter === "t" ? itemOf(type) : undefined;
    if (single !== undefined && fits(single, port)) {
      scattered++;
    } else if (!fits(type, port)) {
      const canScatter = step.scatter !== "t" && itemOf(type) !== undefined &&
        fits(itemOf(type)!, port);
      problems.push(
        new AdatomError("PIPELINE_TYPE", {
          cannot: `connect ${where}`,
          expected: describePort(port),
          got: `${describePort(type)} from ${reference}`,
          hint: canScatter ? 'add "scatter": "t" to the step' : undefined,
        }, { step: step.id, port: name }),
      );
    }
  }
  if (step.scatter === "t" && scattered === 0 && problems.length === 0) {
    const got = "none";
    problems.push(trouble("PIPELINE_TYPE", step.id, "scatter it", "an input with the axis t", got));
  }
}

/** The type of one item of a list type, or `undefined` when there is nothing to scatter over. */
function itemOf(port: PortDeclaration): PortDeclaration | undefined {
  if (port.kind === "exposures") return { ...port, kind: "image", axes: "yx" };
  if (port.kind === "image" || port.axes !== "t") return undefined;
  const { axes: _, ...single } = port;
  return single as PortDeclaration;
}

/** The list type of which this is an item. */
function listOf(port: PortDeclaration): PortDeclaration {
  if (port.kind === "image") return { ...port, kind: "exposures", axes: "tyx" };
  return { ...port, axes: "t" } as PortDeclaration;
}

/** Whether a value of one type can enter a port: equal kinds, columns as peaks, or a table that has the columns. */
function fits(from: PortDeclaration, to: PortDeclaration): boolean {
  if ((from.axes ?? "") !== (to.axes ?? "")) return false;
  if (from.kind === "json" && to.kind === "json") {
    return to.type === undefined || from.type === to.type;
  }
  if (from.kind === to.kind && from.kind !== "table") return true;
  if (from.kind === "columns" && to.kind === "peaks") return true;
  const tables = ["peaks", "columns", "drift", "table"];
  if (to.kind !== "table" || !tables.includes(from.kind)) return false;
  const have = requiredColumns(from);
  const want = requiredColumns(to);
  return want.numbers.every((name) => have.numbers.includes(name)) &&
    want.words.every((name) => have.words.includes(name));
}

function typeOfReference(
  document: PipelineDocument,
  text: string,
  stages: ReadonlyMap<string, AnyStage>,
  where: string,
  step: string | undefined,
  problems: AdatomError[],
): PortDeclaration | undefined {
  const bad = (code: ErrorCode, expected: string, got: string, hint?: string) => {
    const parts = { cannot: `connect ${where}`, expected, got, hint };
    problems.push(new AdatomError(code, parts, { step }));
    return undefined;
  };
  const reference = parseReference(text);
  if (reference === undefined) {
    return bad("PIPELINE_REFERENCE", "$inputs.name or step.port", `"${text}"`);
  }
  if (reference.from === "input") {
    const input = document.inputs?.[reference.name];
    const names = Object.keys(document.inputs ?? {});
    if (input === undefined) {
      return bad(
        "PIPELINE_REFERENCE",
        "an input of the pipeline",
        `"${reference.name}"`,
        unknownNameHint(reference.name, names),
      );
    }
    const axes = input.axes ??
      (input.kind === "exposures" ? "tyx" : input.kind === "image" ? "yx" : undefined);
    return { description: "", ...input, ...(axes ? { axes } : {}) } as PortDeclaration;
  }
  const source = document.steps.find((other) => other.id === reference.step);
  if (source === undefined) {
    const ids = document.steps.map((other) => other.id);
    const hint = unknownNameHint(reference.step, ids);
    return bad("PIPELINE_REFERENCE", "a step of the pipeline", `"${reference.step}"`, hint);
  }
  const stage = stages.get(source.id);
  if (stage === undefined) return undefined; // already reported as an unknown stage
  const port: PortDeclaration | undefined = stage.outputs[reference.port];
  if (port === undefined) {
    const names = Object.keys(stage.outputs);
    const hint = unknownNameHint(reference.port, names);
    return bad("UNKNOWN_PORT", `an output of ${stage.id}`, `"${reference.port}"`, hint);
  }
  return source.scatter === "t" ? listOf(port) : port;
}

interface StepParams {
  readonly values: Record<string, unknown>;
  readonly origins: Record<string, "pipeline" | "given">;
}

/** The parameters of each step: its own, then the pipeline's, then the caller's. */
function assignParams(
  document: PipelineDocument,
  stages: ReadonlyMap<string, AnyStage>,
  given: PipelineParamsGiven,
  problems: AdatomError[],
): Map<string, StepParams> {
  const all = new Map<string, StepParams>();
  const set = (step: string, param: string, value: unknown, origin: "pipeline" | "given") => {
    const entry = all.get(step);
    if (entry === undefined) return false;
    entry.values[param] = value;
    entry.origins[param] = origin;
    return true;
  };
  for (const step of document.steps) {
    all.set(step.id, { values: {}, origins: {} });
    for (const [name, value] of Object.entries(step.params ?? {})) {
      set(step.id, name, value, "pipeline");
    }
  }
  const declared = document.params ?? {};
  for (const [name, param] of Object.entries(declared)) {
    for (const target of paramTargets(param)) {
      const known = all.has(target.step) &&
        (stages.get(target.step) === undefined ||
          Object.hasOwn(stages.get(target.step)!.params, target.param));
      if (!known) {
        problems.push(
          new AdatomError("PIPELINE_REFERENCE", {
            cannot: `use parameter "${name}" of the pipeline`,
            expected: "a parameter of a step",
            got: `"${target.step}.${target.param}"`,
            hint: unknownNameHint(target.param, [
              ...Object.keys(stages.get(target.step)?.params ?? {}),
            ]),
          }, { param: name }),
        );
        continue;
      }
      const value = Object.hasOwn(given, name) ? given[name] : param.default;
      const origin = Object.hasOwn(given, name) ? "given" : "pipeline";
      if (value !== undefined) set(target.step, target.param, value, origin);
    }
  }
  for (const [name, value] of Object.entries(given)) {
    if (Object.hasOwn(declared, name)) continue;
    const dot = name.indexOf(".");
    if (dot > 0 && set(name.slice(0, dot), name.slice(dot + 1), value, "given")) continue;
    const known = [
      ...Object.keys(declared),
      ...[...stages].flatMap(([id, stage]) => Object.keys(stage.params).map((p) => `${id}.${p}`)),
    ];
    problems.push(
      new AdatomError("UNKNOWN_PARAM", {
        cannot: `set parameter "${name}" of pipeline "${document.name}"`,
        expected: "a declared parameter",
        got: `"${name}"`,
        hint: unknownNameHint(name, known),
      }, { param: name }),
    );
  }
  return all;
}

function stepsNeeded(step: PipelineStep): string[] {
  const needed = new Set<string>();
  for (const text of Object.values(step.in ?? {})) {
    const reference = parseReference(text);
    if (reference?.from === "step") needed.add(reference.step);
  }
  return [...needed];
}

/** The steps in an order in which each comes after all it needs; a cycle is a problem. */
function sortSteps(document: PipelineDocument, problems: AdatomError[]): PipelineStep[] {
  const sorted: PipelineStep[] = [];
  const state = new Map<string, "open" | "done">();
  const visit = (step: PipelineStep, path: readonly string[]) => {
    if (state.get(step.id) === "done") return;
    if (state.get(step.id) === "open") {
      const loop = [...path.slice(path.indexOf(step.id)), step.id].join(" -> ");
      const expected = "steps that do not wait for themselves";
      problems.push(trouble("PIPELINE_CYCLE", step.id, "order it", expected, loop));
      return;
    }
    state.set(step.id, "open");
    for (const id of stepsNeeded(step)) {
      const needed = document.steps.find((other) => other.id === id);
      if (needed !== undefined) visit(needed, [...path, step.id]);
    }
    state.set(step.id, "done");
    sorted.push(step);
  };
  for (const step of document.steps) visit(step, []);
  return sorted;
}

function trouble(
  code: ErrorCode,
  step: string,
  action: string,
  expected: string,
  got: string,
): AdatomError {
  const cannot = action === "use it"
    ? `use step "${step}"`
    : `${action.replace("it", `step "${step}"`)}`;
  return new AdatomError(code, { cannot, expected, got }, { step });
}
