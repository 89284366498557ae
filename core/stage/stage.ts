/**
 * The stage contract: a pure function with declared inputs, outputs and parameters.
 *
 * @module
 */
import { AdatomError } from "../errors.ts";
import type { Context } from "./context.ts";
import { type ParamDeclarations, type ParamValues, resolveParams } from "./params.ts";
import type { InputValues, OutputValues, PortDeclarations } from "./ports.ts";
import { schemaFault } from "./schema.ts";
import { inRange, parseVersion } from "./version.ts";

/** The version of this contract; a stage names the range it works with. */
export const API_VERSION = "1.2.0";

/** The installed plugin a stage belongs to. */
export interface PluginOrigin {
  readonly id: string;
  readonly version: string;
  /** SHA-256 of its code. */
  readonly sha256: string;
  /** Path of its code, a single file. */
  readonly file: string;
  /** Runs in the pool, with all rights of the program, because the user said so. */
  readonly trusted: boolean;
  /** What it may reach beside its inputs; nothing, for nearly all. */
  readonly permissions: Permissions;
}

/** What a plugin asks for, as lists of paths, hosts and names of variables. */
export interface Permissions {
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  readonly net?: readonly string[];
  readonly env?: readonly string[];
}

/** A stage: a declaration and a pure function. */
export interface Stage<
  I extends PortDeclarations = PortDeclarations,
  O extends PortDeclarations = PortDeclarations,
  P extends ParamDeclarations = ParamDeclarations,
> {
  /** `task.method` of ours, `owner.name` of others: lower case words with hyphens. */
  readonly id: string;
  /** Version of the stage; part of every cache key. */
  readonly version: string;
  /** Range of {@linkcode API_VERSION} it works with, as `^1.0`. */
  readonly api: string;
  /** One line for lists. */
  readonly summary: string;
  readonly inputs: I;
  readonly outputs: O;
  readonly params: P;
  /** Whether it draws from `context.random`; then the seed is part of the cache key. */
  readonly random?: boolean;
  /** `import.meta.url` of a module that exports it, so that workers can load it. */
  readonly module?: string;
  /** Set by the host on stages of installed plugins. */
  readonly plugin?: PluginOrigin;
  /**
   * Parameters of this version from those of an older major version, for pipelines that name it.
   * Without it, such pipelines are refused.
   */
  migrate?(params: Readonly<Record<string, unknown>>, from: string): Record<string, unknown>;
  /** The work. A method, so that a list of different stages has a type. */
  run(
    inputs: InputValues<I>,
    params: ParamValues<P>,
    context: Context,
  ): OutputValues<O> | Promise<OutputValues<O>>;
}

/** A stage of which only the declaration is known at compile time. */
// deno-lint-ignore no-explicit-any
export type AnyStage = Stage<any, any, any>;

/**
 * Declares a stage and checks the declaration.
 *
 * @throws AdatomError STAGE_DECLARATION when the declaration contradicts itself
 *
 * @example
 * ```ts
 * import { defineStage, type Stage } from "@core";
 * import { assertEquals } from "@assert";
 *
 * const inputs = { image: { kind: "image", axes: "yx", description: "Any image" } } as const;
 * const outputs = { size: { kind: "json", description: "Number of pixels" } } as const;
 * const params = {} as const;
 *
 * const countPixels: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
 *   id: "lab.count-pixels",
 *   version: "1.0.0",
 *   api: "^1.0",
 *   summary: "Counts the pixels of an image",
 *   inputs,
 *   outputs,
 *   params,
 *   run: ({ image }) => ({ size: image.data.length }),
 * });
 * assertEquals(countPixels.id, "lab.count-pixels");
 * ```
 */
export function defineStage<
  const I extends PortDeclarations,
  const O extends PortDeclarations,
  const P extends ParamDeclarations,
>(stage: Stage<I, O, P>): Stage<I, O, P> {
  const wrong = (expected: string, got: string) =>
    new AdatomError("STAGE_DECLARATION", {
      cannot: `declare stage "${stage.id}"`,
      expected,
      got,
    }, { stage: stage.id });
  if (!STAGE_ID.test(stage.id)) {
    throw wrong('an id like "peaks.findfoci"', `"${stage.id}"`);
  }
  if (parseVersion(stage.version) === undefined) {
    throw wrong('a version like "1.0.0"', `"${stage.version}"`);
  }
  if (!inRange(API_VERSION, stage.api)) {
    throw wrong(`an api range that holds ${API_VERSION}, as "^1.0"`, `"${stage.api}"`);
  }
  if (Object.keys(stage.outputs).length === 0) throw wrong("at least one output", "none");
  for (const [name, port] of Object.entries({ ...stage.inputs, ...stage.outputs })) {
    if (!/^[a-z][A-Za-z0-9]*$/.test(name)) throw wrong("camelCase names of ports", `"${name}"`);
    if (!port.description) throw wrong(`a description of port "${name}"`, "none");
    if (port.kind !== "json") continue;
    if (port.type !== undefined && !STAGE_ID.test(port.type)) {
      throw wrong(`a type like "lab.cells" of port "${name}"`, `"${port.type}"`);
    }
    const fault = port.schema === undefined ? undefined : schemaFault(port.schema);
    if (fault !== undefined) throw wrong(`a schema of port "${name}" that can be checked`, fault);
  }
  for (const [name, param] of Object.entries(stage.params)) {
    if (!/^[a-z][A-Za-z0-9]*$/.test(name)) throw wrong("camelCase parameter names", `"${name}"`);
    if (!param.description) throw wrong(`a description of parameter "${name}"`, "none");
  }
  const { problems } = resolveParams(stage.params, {}, stage.id);
  if (problems.length > 0) throw wrong("defaults inside their own ranges", problems[0].message);
  return stage;
}

/** Ids of stages, formats, kinds and plugins: words of lower case with dots between them. */
const STAGE_ID = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/;
