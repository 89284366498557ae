/**
 * A value that fits a schema, for stages that take JSON of a declared form.
 *
 * @module
 */
import type { Json } from "../../core/stage/ports.ts";
import { type Schema, schemaProblem } from "../../core/stage/schema.ts";

/** Name of the entry in an example of a map whose names are free. */
const FREE_NAME = "example";

/**
 * A small value that fits a schema, with every part filled that can be: one item in a list, all
 * properties of a map. It fits whenever any value does; ask `schemaProblem` where that is in doubt.
 *
 * @example
 * ```ts
 * import { exampleOf } from "./example_of.ts";
 * import { assertEquals } from "@assert";
 *
 * const size = { type: "integer", minimum: 3 } as const;
 * assertEquals(exampleOf({ type: "object", properties: { size }, required: ["size"] }), { size: 3 });
 * ```
 */
export function exampleOf(schema: Schema): Json {
  if (schema.enum !== undefined) {
    return schema.enum.find((item) => schemaProblem(schema, item) === undefined) ?? null;
  }
  if (typeof schema.type === "object") {
    const examples = schema.type.map((type) => exampleOf({ ...schema, type }));
    return examples.find((value) => schemaProblem(schema, value) === undefined) ?? null;
  }
  switch (schema.type) {
    case "null":
      return null;
    case "boolean":
      return true;
    case "string":
      return "example";
    case "number":
    case "integer": {
      const { minimum = -Infinity, maximum = Infinity } = schema;
      const [low, high] = schema.type === "integer"
        ? [Math.ceil(minimum), Math.floor(maximum)]
        : [minimum, maximum];
      return Math.max(low, Math.min(high, 1));
    }
    case "array": {
      const { items = {}, minItems = 0, maxItems = Infinity } = schema;
      const item = exampleOf(items);
      const wanted = schemaProblem(items, item) === undefined ? Math.min(1, maxItems) : 0;
      return new Array<Json>(Math.max(minItems, wanted)).fill(item);
    }
    case "object":
      return exampleMap(schema);
    default:
      return {};
  }
}

function exampleMap({ properties = {}, required = [], additionalProperties }: Schema): Json {
  const others = typeof additionalProperties === "object" ? additionalProperties : undefined;
  const names = new Set([...required, ...Object.keys(properties)]);
  if (others !== undefined) names.add(FREE_NAME);
  const entries: [string, Json][] = [];
  for (const name of names) {
    const declared = Object.hasOwn(properties, name) ? properties[name] : others ?? {};
    const value = exampleOf(declared);
    if (required.includes(name) || schemaProblem(declared, value) === undefined) {
      entries.push([name, value]);
    }
  }
  return Object.fromEntries(entries);
}
