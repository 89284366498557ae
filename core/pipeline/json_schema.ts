/**
 * The JSON Schema of pipeline files, for editors.
 *
 * @module
 */
import { PIPELINE_FORMAT, PIPELINE_SCHEMA } from "./document.ts";

/** The JSON Schema (2020-12) of pipeline files that use these stages. */
export function pipelineSchema(stageIds: readonly string[]): Record<string, unknown> {
  const text = (description: string) => ({ type: "string", description });
  const reference = {
    type: "string",
    pattern: "^(\\$inputs|[a-z][A-Za-z0-9-]*)\\.[A-Za-z][A-Za-z0-9-]*$",
    description: "$inputs.name or step.port",
  };
  const id = "^[a-z][A-Za-z0-9-]*$";
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: PIPELINE_SCHEMA,
    title: "Adatom pipeline",
    type: "object",
    required: ["format", "name", "steps", "outputs"],
    additionalProperties: false,
    properties: {
      $schema: text("This schema"),
      format: { const: PIPELINE_FORMAT },
      name: text("Name of the pipeline"),
      description: text("What it does"),
      inputs: {
        type: "object",
        description: "What it takes, by name",
        additionalProperties: {
          type: "object",
          required: ["kind"],
          additionalProperties: false,
          properties: {
            kind: {
              enum: ["image", "exposures", "peaks", "columns", "drift", "table", "model", "json"],
            },
            axes: { enum: ["yx", "tyx", "t"] },
            columns: { type: "object", additionalProperties: { type: "string" } },
            words: { type: "array", items: { type: "string" } },
            sizes: { const: "any" },
            type: text("Of JSON: the kind an author declared"),
            schema: { type: "object", description: "What its values look like" },
            optional: { const: true },
            description: text("What it is"),
          },
        },
      },
      params: {
        type: "object",
        description: "Parameters of the pipeline; each is a parameter of one step or several",
        additionalProperties: {
          type: "object",
          required: ["of"],
          additionalProperties: false,
          properties: {
            of: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
            default: {},
            description: text("Replaces the description of the stage"),
          },
        },
      },
      steps: {
        type: "array",
        items: {
          type: "object",
          required: ["id", "stage"],
          additionalProperties: false,
          properties: {
            id: { type: "string", pattern: id },
            stage: { anyOf: [{ enum: stageIds }, { type: "string", pattern: "@" }] },
            in: { type: "object", additionalProperties: reference },
            params: { type: "object" },
            scatter: { const: "t", description: "Run once an exposure" },
          },
        },
      },
      outputs: { type: "object", additionalProperties: reference },
    },
  };
}
