/**
 * Manifests: what a plugin contributes, as plain data made from its code, so that a host lists, checks
 * and documents plugins without running them.
 *
 * @module
 */
import { AdatomError, adoptError } from "../errors.ts";
import { defineFormat, type FormatInit } from "../stage/format.ts";
import { type Schema, schemaProblem } from "../stage/schema.ts";
import { defineStage } from "../stage/stage.ts";
import type { PluginDescription } from "./description.ts";
import { definePlugin } from "./plugin.ts";

/** The format named in every manifest. */
export const MANIFEST_FORMAT = "adatom-plugin/1";

/** The manifest of a plugin: its description, and the digest of its code. */
export interface PluginManifest extends PluginDescription {
  readonly format: typeof MANIFEST_FORMAT;
  readonly bundle: { readonly file: string; readonly sha256: string; readonly bytes: number };
}

/**
 * Checks the form of a manifest, whose author may mean harm, and everything its declarations promise.
 *
 * @throws AdatomError PLUGIN_MANIFEST, which names the first fault
 */
export function readManifest(value: unknown, source: string): PluginManifest {
  const wrong = (expected: string, got: string) =>
    new AdatomError("PLUGIN_MANIFEST", {
      cannot: `read the manifest "${source}"`,
      expected,
      got,
      hint: "ask the author of the plugin for a new bundle",
    });
  const problem = schemaProblem(MANIFEST_SCHEMA, value);
  if (problem !== undefined) throw wrong(problem.expected, problem.got);
  const manifest = value as PluginManifest;
  const unclean = uncleanText(manifest, "");
  if (unclean !== undefined) {
    throw wrong("texts without control characters", `some at "${unclean}"`);
  }
  const list = manifest.stages.flatMap(({ params }) => Object.entries(params))
    .find(([, param]) => param.type === "array" && param.items === undefined);
  if (list !== undefined) throw wrong(`"items" of the list parameter "${list[0]}"`, "nothing");
  try {
    const stages = manifest.stages.map((stage) =>
      defineStage({
        ...stage,
        // the range is checked by the host, with an error that says what to do
        api: "^1.0",
        run: () => ({}),
      })
    );
    definePlugin({
      ...manifest,
      api: "^1.0",
      stages,
      formats: manifest.formats.map((format) =>
        defineFormat({ ...format, read: () => Promise.resolve([]) } as FormatInit as never)
      ),
    });
  } catch (error) {
    const { expected, got } = adoptError(error)?.parts ?? { expected: "", got: String(error) };
    throw wrong(expected, got);
  }
  return manifest;
}

/**
 * The first difference between a manifest and what the code says, in words, or `undefined`.
 */
export function manifestDifference(
  manifest: PluginManifest,
  code: PluginDescription,
): string | undefined {
  const { format: _f, bundle: _b, ...declared } = manifest;
  return firstDifference(declared, code, "");
}

/** Characters that steer a terminal or the direction of text, so that what is shown could lie. */
// deno-lint-ignore no-control-regex
const UNCLEAN = /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\u200e\u200f\u061c]/;

/** Where a manifest holds a text with such characters; signatures are bytes and no texts. */
function uncleanText(value: unknown, path: string): string | undefined {
  if (typeof value === "string") return UNCLEAN.test(value) ? path : undefined;
  if (typeof value !== "object" || value === null || path.endsWith("/signatures")) return undefined;
  for (const [name, item] of Object.entries(value)) {
    const found = UNCLEAN.test(name) ? path : uncleanText(item, `${path}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function firstDifference(a: unknown, b: unknown, path: string): string | undefined {
  if (a === b) return undefined;
  const isMap = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null;
  if (!isMap(a) || !isMap(b) || Array.isArray(a) !== Array.isArray(b)) {
    const show = (value: unknown) => JSON.stringify(value)?.slice(0, 60) ?? "nothing";
    return `${show(b)} at "${path}" where the manifest says ${show(a)}`;
  }
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = firstDifference(a[name], b[name], `${path}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

const text: Schema = { type: "string" };
const texts: Schema = { type: "array", items: text };
const flag: Schema = { type: "boolean" };
const number: Schema = { type: "number" };
/** The schemas of ports are checked by `schemaFault`. */
const anything: Schema = {};

const PORT: Schema = {
  type: "object",
  required: ["kind", "description"],
  additionalProperties: false,
  properties: {
    kind: { enum: ["image", "exposures", "peaks", "columns", "drift", "table", "model", "json"] },
    description: text,
    optional: { enum: [true] },
    axes: { enum: ["yx", "tyx", "t"] },
    nonFinite: { enum: ["refuse", "exclude"] },
    sizes: { enum: ["any"] },
    columns: { type: "object", additionalProperties: text },
    words: texts,
    shipped: text,
    type: text,
    schema: anything,
  },
};

const PARAM: Schema = {
  type: "object",
  required: ["type", "description", "default"],
  additionalProperties: false,
  properties: {
    type: { enum: ["number", "integer", "boolean", "string", "array"] },
    description: text,
    title: text,
    level: { enum: ["basic", "advanced"] },
    affects: { enum: ["result", "log"] },
    unit: text,
    default: anything,
    auto: { enum: [true] },
    minimum: number,
    maximum: number,
    exclusiveMinimum: number,
    enum: texts,
    machine: { enum: ["provider"] },
    items: {
      type: "object",
      required: ["type"],
      additionalProperties: false,
      properties: { type: { enum: ["number"] }, minimum: number, maximum: number },
    },
    minItems: { type: "integer", minimum: 0 },
    maxItems: { type: "integer", minimum: 0 },
  },
};

/** The schema of manifests. */
export const MANIFEST_SCHEMA: Schema = {
  type: "object",
  required: [
    "format",
    "id",
    "version",
    "api",
    "summary",
    "license",
    "permissions",
    "stages",
    "formats",
    "bundle",
  ],
  additionalProperties: false,
  properties: {
    format: { enum: [MANIFEST_FORMAT] },
    id: text,
    version: text,
    api: text,
    summary: text,
    license: text,
    homepage: text,
    permissions: {
      type: "object",
      additionalProperties: false,
      properties: { read: texts, write: texts, net: texts, env: texts },
    },
    stages: {
      type: "array",
      items: {
        type: "object",
        required: [
          "id",
          "version",
          "api",
          "summary",
          "random",
          "migrates",
          "inputs",
          "outputs",
          "params",
        ],
        additionalProperties: false,
        properties: {
          id: text,
          version: text,
          api: text,
          summary: text,
          random: flag,
          migrates: flag,
          inputs: { type: "object", additionalProperties: PORT },
          outputs: { type: "object", additionalProperties: PORT },
          params: { type: "object", additionalProperties: PARAM },
        },
      },
    },
    formats: {
      type: "array",
      items: {
        type: "object",
        required: ["id", "kind", "title", "extensions", "signatures", "writes"],
        additionalProperties: false,
        properties: {
          id: text,
          kind: { enum: ["image", "table"] },
          title: text,
          extensions: texts,
          signatures: {
            type: "array",
            items: {
              type: "object",
              required: ["bytes"],
              additionalProperties: false,
              properties: { at: { type: "integer", minimum: 0 }, bytes: text },
            },
          },
          writes: flag,
        },
      },
    },
    bundle: {
      type: "object",
      required: ["file", "sha256", "bytes"],
      additionalProperties: false,
      properties: { file: text, sha256: text, bytes: { type: "integer", minimum: 1 } },
    },
  },
};
