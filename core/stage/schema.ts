/**
 * Schemas of JSON values: the part of JSON Schema that ports may be declared with.
 *
 * @module
 */

/** A type of JSON value. */
export type SchemaType =
  | "null"
  | "boolean"
  | "number"
  | "integer"
  | "string"
  | "array"
  | "object";

/** A schema. Words as in JSON Schema (2020-12); nothing beyond these is understood. */
export interface Schema {
  /** One type, or several of which any will do, as `["number", "null"]`. */
  readonly type?: SchemaType | readonly SchemaType[];
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly description?: string;
  readonly title?: string;
}

/** The type of the values a schema literal describes. */
export type FromSchema<S> = S extends { readonly enum: readonly (infer E)[] } ? E
  : S extends { readonly type: readonly (infer T)[] } ? FromTypes<S, T>
  : S extends { readonly type: "null" } ? null
  : S extends { readonly type: "boolean" } ? boolean
  : S extends { readonly type: "number" | "integer" } ? number
  : S extends { readonly type: "string" } ? string
  : S extends { readonly type: "array"; readonly items: infer I } ? readonly FromSchema<I>[]
  : S extends { readonly type: "object"; readonly properties: infer P } ?
      & { readonly [name in keyof P & RequiredNames<S>]: FromSchema<P[name]> }
      & { readonly [name in Exclude<keyof P, RequiredNames<S>>]?: FromSchema<P[name]> }
  : unknown;

/** The type of the values of a schema that allows several types. */
export type FromTypes<S, T> = T extends unknown ? FromSchema<Omit<S, "type"> & { readonly type: T }>
  : never;

/** The names a schema of an object requires. */
export type RequiredNames<S> = S extends { readonly required: readonly (infer R)[] } ? R : never;

/** The types in words. */
const NOUNS: Readonly<Record<SchemaType, string>> = {
  null: "null",
  boolean: "true or false",
  number: "a number",
  integer: "a whole number",
  string: "a text",
  array: "a list",
  object: "a map",
};

const isType = (value: unknown) => typeof value === "string" && Object.hasOwn(NOUNS, value);
const isText = (value: unknown) => typeof value === "string";
const isNumber = (value: unknown) => Number.isFinite(value);
const isCount = (value: unknown) => Number.isInteger(value) && value as number >= 0;
const isMap = (value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isList = (value: unknown, each: (item: unknown) => boolean) =>
  Array.isArray(value) && value.every(each);

/** The words we know, and what each may say. */
const WORDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  type: (value) => isType(value) || isList(value, isType) && (value as unknown[]).length > 0,
  enum: (value) => isList(value, (v) => v === null || !["object", "function"].includes(typeof v)),
  minimum: isNumber,
  maximum: isNumber,
  items: () => true, // a schema of its own
  minItems: isCount,
  maxItems: isCount,
  properties: isMap,
  required: (value) => isList(value, isText),
  additionalProperties: (value) => typeof value === "boolean" || typeof value === "object",
  description: isText,
  title: isText,
};

/** What is wrong with a schema itself, or `undefined`: words we do not know would go unchecked. */
export function schemaFault(schema: unknown, path = ""): string | undefined {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    return `no schema at "${path || "/"}"`;
  }
  const { items, properties, additionalProperties } = schema as Schema;
  for (const [word, value] of Object.entries(schema)) {
    if (!Object.hasOwn(WORDS, word)) return `the unknown word "${word}" at "${path || "/"}"`;
    if (!WORDS[word](value)) return `a "${word}" that means nothing at "${path || "/"}"`;
  }
  if (items !== undefined) {
    const fault = schemaFault(items, `${path}/items`);
    if (fault !== undefined) return fault;
  }
  if (typeof additionalProperties === "object") {
    const fault = schemaFault(additionalProperties, `${path}/additionalProperties`);
    if (fault !== undefined) return fault;
  }
  for (const [name, property] of Object.entries(properties ?? {})) {
    const fault = schemaFault(property, `${path}/properties/${name}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The first place where a value does not fit a schema, or `undefined` when it fits. */
export function schemaProblem(
  schema: Schema,
  value: unknown,
  path = "",
): { readonly expected: string; readonly got: string } | undefined {
  const at = path === "" ? "" : ` at "${path}"`;
  const wrong = (expected: string) => ({ expected: `${expected}${at}`, got: describeJson(value) });
  if (schema.enum !== undefined && !schema.enum.some((item) => item === value)) {
    return wrong(`one of ${schema.enum.map((item) => JSON.stringify(item)).join(", ")}`);
  }
  if (schema.type === undefined) return undefined;
  const types = typeof schema.type === "string" ? [schema.type] : schema.type;
  const type = types.find((type) => hasType(type, value));
  if (type === undefined) return wrong(types.map((type) => NOUNS[type]).join(" or "));
  switch (type) {
    case "number":
    case "integer": {
      const { minimum = -Infinity, maximum = Infinity } = schema;
      return value as number >= minimum && value as number <= maximum
        ? undefined
        : wrong(`${NOUNS[type]} from ${minimum} to ${maximum}`);
    }
    case "array": {
      const { minItems = 0, maxItems = Infinity, items } = schema;
      const list = value as readonly unknown[];
      if (list.length < minItems || list.length > maxItems) {
        return { expected: `${minItems} to ${maxItems} items${at}`, got: String(list.length) };
      }
      if (items === undefined) return undefined;
      for (let i = 0; i < list.length; i++) {
        const problem = schemaProblem(items, list[i], `${path}/${i}`);
        if (problem !== undefined) return problem;
      }
      return undefined;
    }
    case "object":
      return objectProblem(schema, value as object, path);
    default:
      return undefined;
  }
}

function hasType(type: SchemaType, value: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "number":
      return Number.isFinite(value);
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isMap(value) && !ArrayBuffer.isView(value);
    case "boolean":
      return typeof value === "boolean";
    case "string":
      return typeof value === "string";
  }
}

function objectProblem(
  schema: Schema,
  value: object,
  path: string,
) {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  for (const name of required) {
    if (!Object.hasOwn(value, name)) return { expected: `"${path}/${name}"`, got: "nothing" };
  }
  for (const [name, item] of Object.entries(value)) {
    const declared = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (declared === true) continue;
    if (declared === false) return { expected: "only declared names", got: `"${path}/${name}"` };
    const problem = schemaProblem(declared, item, `${path}/${name}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function describeJson(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "a map";
  const text = typeof value === "number" ? String(value) : String(JSON.stringify(value) ?? value);
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
