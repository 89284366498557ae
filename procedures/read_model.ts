/**
 * Reads models: an ONNX file, or a folder or `rdf.yaml` of the bioimage.io kind.
 *
 * @module
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AdatomError, type Model } from "../core/mod.ts";
import { readBytes, readText } from "../core/host/files.ts";
import { parseYaml, YamlSyntaxError } from "./yaml.ts";

/** A model, and where it was read from. */
export interface ReadModel {
  readonly model: Model;
  /** Path of the ONNX file. */
  readonly weights: string;
  /** Path of the description; undefined where there is none. */
  readonly description: string | undefined;
}

/** Names of a model's description, the usual one first. */
const DESCRIPTIONS = ["rdf.yaml", "bioimageio.yaml", "rdf.yml"];

/**
 * Reads a model from an `.onnx` file, an `rdf.yaml`, or a folder that holds one.
 *
 * A description beside an ONNX file counts when it names that file.
 *
 * @throws AdatomError FILE_MISSING, FILE_UNREADABLE, FILE_EMPTY, FILE_CORRUPT, FORMAT_UNSUPPORTED
 */
export function readModel(path: string): ReadModel {
  if (isFolder(path)) {
    const file = DESCRIPTIONS.map((name) => join(path, name)).find((file) => existsSync(file));
    if (file !== undefined) return readDescribed(file);
    const weights = readdirSync(path).filter((name) => name.endsWith(".onnx"));
    if (weights.length === 1) return readBare(join(path, weights[0]));
    throw new AdatomError("FILE_MISSING", {
      cannot: `read model "${path}"`,
      expected: "an rdf.yaml or one .onnx file in that folder",
      got: weights.length === 0 ? "neither" : `${weights.length} .onnx files`,
      hint: "name the file",
    });
  }
  if (/\.ya?ml$/i.test(path)) return readDescribed(path);
  for (const name of DESCRIPTIONS) {
    const file = join(dirname(path), name);
    if (existsSync(file) && weightsOf(file, parseDescription(file)) === path) {
      return readDescribed(file);
    }
  }
  return readBare(path);
}

/** Folder of the models that come along. */
export function modelsFolder(): string {
  return fileURLToPath(new URL("../models", import.meta.url));
}

const shipped = new Map<string, Model>();

/**
 * The model of ours of a name; read once.
 *
 * @throws AdatomError FILE_MISSING when this installation lacks it
 */
export function shippedModel(name: string): Model {
  const known = shipped.get(name);
  if (known !== undefined) return known;
  const folder = join(modelsFolder(), name);
  const description = join(folder, DESCRIPTIONS[0]);
  if (!existsSync(description)) {
    throw new AdatomError("FILE_MISSING", {
      cannot: `load the model "${name}"`,
      expected: `the file ${description}`,
      got: "nothing at that path",
      hint: "install Adatom again, or name a model with --in model=PATH",
    }, { port: "model" });
  }
  const { model } = readModel(folder);
  const kept = { ...model, name };
  shipped.set(name, kept);
  return kept;
}

function readBare(path: string): ReadModel {
  const name = basename(path).replace(/\.onnx$/i, "");
  const model: Model = { name, bytes: plainBytes(path), description: null };
  return { model, weights: path, description: undefined };
}

function readDescribed(file: string): ReadModel {
  const description = parseDescription(file);
  const weights = weightsOf(file, description);
  if (weights === undefined) {
    const kinds = Object.keys((description.weights ?? {}) as object).join(", ") || "none";
    throw new AdatomError("FORMAT_UNSUPPORTED", {
      cannot: `read model "${file}"`,
      expected: "weights in ONNX format beside it",
      got: kinds,
      hint: "download or export the weights as ONNX",
    });
  }
  const name = typeof description.name === "string" ? description.name : basename(dirname(file));
  return { model: { name, bytes: plainBytes(weights), description }, weights, description: file };
}

function parseDescription(file: string): Record<string, unknown> {
  const corrupt = (got: string, cause?: unknown) =>
    new AdatomError("FILE_CORRUPT", {
      cannot: `read "${file}"`,
      expected: "the description of a model in YAML",
      got,
      hint: "see the bioimage.io model specification, 0.4 or 0.5",
    }, { cause });
  let value: unknown;
  try {
    value = parseYaml(readText(file));
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    throw corrupt(`${error.message}${error.place ? ` in line ${error.place.line}` : ""}`, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw corrupt("something else");
  }
  // plain data only: dates and the like have no digest
  return JSON.parse(JSON.stringify(value));
}

/** Path of the ONNX file a description names; undefined where it names none, or one elsewhere. */
function weightsOf(file: string, description: Record<string, unknown>): string | undefined {
  const { onnx } = (description.weights ?? {}) as { onnx?: { source?: unknown } };
  const source = onnx?.source;
  if (typeof source !== "string" || /^[a-z]+:\/\//i.test(source)) return undefined;
  return join(dirname(file), source);
}

/** Bytes of their own: those of the file system are a class of Node's. */
function plainBytes(path: string): Uint8Array {
  return Uint8Array.from(readBytes(path));
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
