/**
 * The examples a plugin ships, which `adatom plugin test` runs: files in, parameters, files expected.
 *
 * @module
 */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { AdatomError } from "../../core/errors.ts";
import { readText, writeBytes } from "../../core/host/files.ts";
import type { Host } from "../../core/host/host.ts";
import { parseJson, readPort, writePort } from "../../core/host/port_files.ts";
import type { PortDeclaration } from "../../core/mod.ts";
import { isImage, isTable } from "../../core/stage/check_value.ts";
import { type Schema, schemaProblem } from "../../core/stage/schema.ts";

/** An example of a stage or of a format. */
export interface PluginExample {
  readonly path: string;
  readonly stage?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly format?: string;
  readonly file?: string;
  readonly expected: Readonly<Record<string, string>>;
  /** Largest absolute difference of a number. */
  readonly tolerance: number;
}

const texts: Schema = { type: "object", additionalProperties: { type: "string" } };

const EXAMPLE: Schema = {
  type: "object",
  required: ["expected"],
  additionalProperties: false,
  properties: {
    stage: { type: "string" },
    inputs: texts,
    params: { type: "object" },
    format: { type: "string" },
    file: { type: "string" },
    expected: {},
    tolerance: { type: "number", minimum: 0 },
  },
};

/** The folder of examples in a plugin. */
export const EXAMPLES_FOLDER = "examples";

/** The folder in which produced data is kept when it is not what was expected. */
export const PRODUCED_FOLDER = "produced";

/**
 * The examples in the folder of a plugin.
 *
 * @throws AdatomError FILE_CORRUPT for one that is not of the right form
 */
export function readExamples(plugin: string): PluginExample[] {
  const folder = join(plugin, EXAMPLES_FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith(".json")).sort().map((name) => {
    const path = join(folder, name);
    const value = parseJson(readText(path), path);
    const problem = schemaProblem(EXAMPLE, value);
    const wrong = (expected: string, got: string) =>
      new AdatomError("FILE_CORRUPT", {
        cannot: `read the example "${path}"`,
        expected,
        got,
        hint: "see docs/writing-a-plugin.md",
      });
    if (problem !== undefined) throw wrong(problem.expected, problem.got);
    const { expected, tolerance = 0, ...rest } = value as Record<string, unknown>;
    const example = {
      ...rest,
      path,
      tolerance,
      expected: typeof expected === "string" ? { value: expected } : expected,
    } as PluginExample;
    if ((example.stage === undefined) === (example.format === undefined)) {
      throw wrong('either "stage" or "format"', example.stage === undefined ? "neither" : "both");
    }
    if (example.format !== undefined && example.file === undefined) {
      throw wrong('a "file" for the format', "none");
    }
    return example;
  });
}

/**
 * Runs an example and compares; gives what was seen.
 *
 * @throws Error with the first difference; what was produced is kept in `produced/`
 */
export async function runExample(
  host: Host,
  plugin: string,
  example: PluginExample,
  accept = false,
): Promise<string> {
  const base = dirname(example.path);
  const at = (name: string) => join(base, name);
  const outputs = example.stage === undefined
    ? await readWithFormat(host, example, at)
    : await runStage(host, example, at);
  let largest = 0;
  const accepted: string[] = [];
  for (const [name, file] of Object.entries(example.expected)) {
    const { port, value } = outputs[name] ?? {};
    if (port === undefined) throw new Error(`expected an output "${name}", got none of that name`);
    if (accept) {
      writeBytes(at(file), (await filesOf(host, name, value))[0][1]);
      accepted.push(file);
      continue;
    }
    if (!existsSync(at(file))) {
      const kept = await keep(host, plugin, example, name, value);
      throw new Error(`expected the file "${file}", got none; what was produced is in ${kept}`);
    }
    const wanted = (await readPort(host.registry, name, port, [at(file)])).value;
    const difference = largestDifference(value, wanted, name);
    if (typeof difference === "number" && difference <= example.tolerance) {
      largest = Math.max(largest, difference);
      continue;
    }
    const kept = await keep(host, plugin, example, name, value);
    const what = typeof difference === "number"
      ? `numbers within ${example.tolerance} of ${file}, got a difference of ${difference}`
      : `${file}, got ${difference}`;
    throw new Error(`expected ${what}; what was produced is in ${kept}`);
  }
  return accept ? `wrote ${accepted.join(", ")}` : `largest difference ${largest}`;
}

type Outputs = Record<string, { readonly port: PortDeclaration; readonly value: unknown }>;

async function runStage(
  host: Host,
  { stage: id, inputs = {}, params = {} }: PluginExample,
  at: (name: string) => string,
): Promise<Outputs> {
  const stage = host.registry.get(id!);
  const ports = stage.inputs as Readonly<Record<string, PortDeclaration>>;
  const values: Record<string, unknown> = {};
  for (const [name, file] of Object.entries(inputs)) {
    if (!Object.hasOwn(ports, name)) throw new Error(`expected an input of ${id}, got "${name}"`);
    values[name] = (await readPort(host.registry, name, ports[name], [at(file)])).value;
  }
  const given: Record<string, unknown> = await host.run(stage, values as never, params);
  const outputs = stage.outputs as Readonly<Record<string, PortDeclaration>>;
  return Object.fromEntries(
    Object.entries(outputs).map(([name, port]) => [name, { port, value: given[name] }]),
  );
}

async function readWithFormat(
  host: Host,
  { format: id, file }: PluginExample,
  at: (name: string) => string,
): Promise<Outputs> {
  const format = host.registry.formats.find((one) => one.id === id);
  if (format === undefined) throw new Error(`expected a format of the plugin, got "${id}"`);
  const port: PortDeclaration = format.kind === "image"
    ? { kind: "exposures", axes: "tyx", description: "The images of the file" }
    : { kind: "table", columns: {}, description: "The table of the file" };
  const { value, sources } = await readPort(host.registry, "value", port, [at(file!)]);
  if (sources[0]?.reader === undefined) {
    throw new Error(`expected ${id} to recognize ${file}, got another format that did`);
  }
  return { value: { port, value } };
}

async function keep(
  host: Host,
  plugin: string,
  { path }: PluginExample,
  name: string,
  value: unknown,
): Promise<string> {
  const folder = path.slice(path.lastIndexOf("/") + 1).replace(/\.json$/, "");
  const files = await filesOf(host, name, value);
  for (const [file, bytes] of files) {
    writeBytes(join(plugin, PRODUCED_FOLDER, folder, file), bytes);
  }
  return `${PRODUCED_FOLDER}/${folder}/${files[0][0]}`;
}

async function filesOf(host: Host, name: string, value: unknown) {
  return await writePort(host.registry, name, value, { pixelSize: null, keepSampleType: true });
}

/**
 * The largest difference of two values' numbers, or the first difference that is none of numbers, in
 * words. What files do not keep does not count: names of images, which follow from names of files, their
 * sample types, and the units of tables.
 */
export function largestDifference(a: unknown, b: unknown, path: string): number | string {
  if (typeof a === "number" && typeof b === "number") return Object.is(a, b) ? 0 : Math.abs(a - b);
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) {
    const [p, q] = [a, b] as unknown as [ArrayLike<number>, ArrayLike<number>];
    if (p.length !== q.length) return `${p.length} numbers instead of ${q.length} in "${path}"`;
    let largest = 0;
    for (let i = 0; i < p.length; i++) {
      const difference = Object.is(p[i], q[i]) ? 0 : Math.abs(p[i] - q[i]);
      largest = Math.max(largest, difference); // NaN stays NaN, which no tolerance lets pass
    }
    return largest;
  }
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) {
    return a === b ? 0 : `${short(a)} instead of ${short(b)} in "${path}"`;
  }
  const [p, q] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const apart = isImage(b)
    ? ["name", "sourceType", ...(b.pixelSize === null ? ["pixelSize"] : [])]
    : isTable(b)
    ? ["units"]
    : [];
  let largest = 0;
  for (const name of new Set([...Object.keys(p), ...Object.keys(q)])) {
    if (apart.includes(name)) continue;
    const difference = largestDifference(p[name], q[name], `${path}.${name}`);
    if (typeof difference === "string" || Number.isNaN(difference)) return difference;
    largest = Math.max(largest, difference);
  }
  return largest;
}

function short(value: unknown): string {
  if (ArrayBuffer.isView(value)) return `${(value as Float64Array).length} numbers`;
  return (JSON.stringify(value) ?? "nothing").slice(0, 60);
}
