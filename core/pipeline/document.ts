/**
 * Pipeline documents: the JSON (or YAML of the same content) that names inputs, parameters, steps
 * and outputs. A recorded script is such a document.
 *
 * @module
 */
import { AdatomError, unknownNameHint } from "../errors.ts";
import type { PortDeclaration } from "../stage/ports.ts";
import type { Schema } from "../stage/schema.ts";

/** The format named in every pipeline document. */
export const PIPELINE_FORMAT = "adatom-pipeline/1";

/** Where the JSON Schema of pipeline documents lies, relative to the repository. */
export const PIPELINE_SCHEMA = "https://adatom.dev/schema/pipeline-1.json";

/** An input of a pipeline: a port declaration whose description may be left out. */
export type PipelineInput = { readonly kind: PortDeclaration["kind"] } & {
  readonly axes?: string;
  readonly columns?: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
  /** Of JSON: the kind an author declared, and what its values look like. */
  readonly type?: string;
  readonly schema?: Schema;
  readonly optional?: true;
  readonly description?: string;
};

/** A parameter of a pipeline: one parameter of one or several steps, declared by the stage. */
export interface PipelineParam {
  /** `step.param`, or several of them that always have the same value. */
  readonly of: string | readonly string[];
  /** Replaces the stage's default. */
  readonly default?: unknown;
  /** Replaces the stage's description. */
  readonly description?: string;
}

/** One step: a stage, where its inputs come from, and its parameters. */
export interface PipelineStep {
  readonly id: string;
  /** Stage id, with an optional version range: `alignment.drift@^1`. */
  readonly stage: string;
  /** By port: `$inputs.name` or `step.port`. */
  readonly in?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, unknown>>;
  /** `t`: run once an exposure and gather the outputs. */
  readonly scatter?: "t";
}

/** A pipeline. */
export interface PipelineDocument {
  readonly $schema?: string;
  readonly format: typeof PIPELINE_FORMAT;
  readonly name: string;
  readonly description?: string;
  readonly inputs?: Readonly<Record<string, PipelineInput>>;
  readonly params?: Readonly<Record<string, PipelineParam>>;
  readonly steps: readonly PipelineStep[];
  /** By name: `step.port`. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** A parsed reference. */
export type Reference =
  | { readonly from: "input"; readonly name: string }
  | { readonly from: "step"; readonly step: string; readonly port: string };

/** Parses `$inputs.name` or `step.port`; `undefined` for anything else. */
export function parseReference(text: string): Reference | undefined {
  const match = /^(\$inputs|[a-z][A-Za-z0-9-]*)\.([A-Za-z][A-Za-z0-9-]*)$/.exec(text);
  if (match === null) return undefined;
  return match[1] === "$inputs"
    ? { from: "input", name: match[2] }
    : { from: "step", step: match[1], port: match[2] };
}

/** The targets of a pipeline parameter as pairs of step and parameter name. */
export function paramTargets(param: PipelineParam): { step: string; param: string }[] {
  const list = typeof param.of === "string" ? [param.of] : param.of;
  return list.map((target) => {
    const dot = target.indexOf(".");
    return { step: target.slice(0, dot), param: target.slice(dot + 1) };
  });
}

const FIELDS: Readonly<Record<string, "text" | "map" | "list">> = {
  $schema: "text",
  format: "text",
  name: "text",
  description: "text",
  inputs: "map",
  params: "map",
  steps: "list",
  outputs: "map",
};
const REQUIRED = ["format", "name", "steps", "outputs"];
const STEP_FIELDS = ["id", "stage", "in", "params", "scatter"];

/**
 * The document in some parsed JSON or YAML, and everything wrong with its form.
 *
 * Names of stages, ports and parameters are checked later, by `checkPipeline`.
 */
export function readDocument(
  value: unknown,
  source: string,
): { readonly document: PipelineDocument | undefined; readonly problems: AdatomError[] } {
  const problems: AdatomError[] = [];
  const wrong = (where: string, expected: string, got: string, hint?: string) =>
    problems.push(
      new AdatomError("PIPELINE_FIELD", {
        cannot: `use ${where} of pipeline "${source}"`,
        expected,
        got,
        hint,
      }),
    );
  if (!isMap(value)) {
    wrong("the content", "a map of fields", describe(value));
    return { document: undefined, problems };
  }
  for (const [field, content] of Object.entries(value)) {
    const kind = FIELDS[field];
    if (kind === undefined) {
      const hint = unknownNameHint(field, Object.keys(FIELDS));
      wrong(`field "${field}"`, "a known field", `"${field}"`, hint);
    } else if (
      (kind === "text" && typeof content !== "string") || (kind === "map" && !isMap(content)) ||
      (kind === "list" && !Array.isArray(content))
    ) {
      wrong(`field "${field}"`, `a ${kind}`, describe(content));
    }
  }
  for (const field of REQUIRED) {
    if (!Object.hasOwn(value, field)) wrong(`field "${field}"`, "it to be there", "nothing");
  }
  if (typeof value.format === "string" && value.format !== PIPELINE_FORMAT) {
    wrong('field "format"', `"${PIPELINE_FORMAT}"`, `"${value.format}"`);
  }
  for (const [i, step] of (Array.isArray(value.steps) ? value.steps : []).entries()) {
    checkStepForm(step, i, wrong);
  }
  for (const [name, reference] of Object.entries(isMap(value.outputs) ? value.outputs : {})) {
    if (typeof reference !== "string") {
      wrong(`output "${name}"`, "a reference like step.port", describe(reference));
    }
  }
  for (const [name, input] of Object.entries(isMap(value.inputs) ? value.inputs : {})) {
    if (!isMap(input) || typeof input.kind !== "string") {
      wrong(`input "${name}"`, "a map with a kind", describe(input));
    }
  }
  for (const [name, param] of Object.entries(isMap(value.params) ? value.params : {})) {
    const of = isMap(param) ? param.of : undefined;
    const targets = typeof of === "string" ? [of] : Array.isArray(of) ? of : [];
    const good = targets.length > 0 &&
      targets.every((t) => typeof t === "string" && t.includes("."));
    if (!good) wrong(`parameter "${name}"`, "a map with `of: step.param`", describe(param));
  }
  const document = problems.length === 0 ? value as unknown as PipelineDocument : undefined;
  return { document, problems };
}

function checkStepForm(
  step: unknown,
  index: number,
  wrong: (where: string, expected: string, got: string, hint?: string) => void,
): void {
  if (!isMap(step)) return void wrong(`step ${index}`, "a map of fields", describe(step));
  const name = typeof step.id === "string" ? `step "${step.id}"` : `step ${index}`;
  if (typeof step.id !== "string" || !/^[a-z][A-Za-z0-9-]*$/.test(step.id)) {
    wrong(name, "an id of letters, digits and hyphens", describe(step.id));
  }
  if (typeof step.stage !== "string") wrong(name, "a stage", describe(step.stage));
  for (const field of Object.keys(step)) {
    if (!STEP_FIELDS.includes(field)) {
      const hint = unknownNameHint(field, STEP_FIELDS);
      wrong(`field "${field}" of ${name}`, "a known field", `"${field}"`, hint);
    }
  }
  if (step.in !== undefined) {
    const good = isMap(step.in) && Object.values(step.in).every((ref) => typeof ref === "string");
    if (!good) wrong(`field "in" of ${name}`, "a map of references", describe(step.in));
  }
  if (step.params !== undefined && !isMap(step.params)) {
    wrong(`field "params" of ${name}`, "a map of values", describe(step.params));
  }
  if (step.scatter !== undefined && step.scatter !== "t") {
    wrong(`field "scatter" of ${name}`, 'the axis "t"', describe(step.scatter));
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (isMap(value)) return "a map";
  return JSON.stringify(value);
}
