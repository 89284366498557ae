/**
 * Reads the folder of a finished run and checks that it still holds what its record says.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { isAbsolute, join, normalize } from "node:path";
import { AdatomError } from "../core/errors.ts";
import { readText } from "../core/host/files.ts";
import { RUN_RECORD } from "../core/host/output_folder.ts";
import { parseJson } from "../core/host/port_files.ts";
import { RUN_FORMAT, type RunRecord } from "../core/host/run_record.ts";
import { readDocument } from "../core/pipeline/document.ts";
import { type Digest, digestBytes } from "../core/store/digest.ts";

/** A finished run whose files are all there, as they were written. */
export interface FinishedRun {
  readonly record: RunRecord;
  /** Digest and size of the record's own file. */
  readonly recordFile: { readonly sha256: Digest; readonly bytes: number };
  /** Size of each output file. */
  readonly sizes: Readonly<Record<string, number>>;
}

/**
 * Reads the record of a finished run and compares every output file with its digest.
 *
 * @throws AdatomError FILE_MISSING without a record or an output; FILE_CORRUPT for a record that is
 * damaged, of another format or of a run that did not end well, and for a changed output
 */
export function readFinishedRun(folder: string): FinishedRun {
  const text = recordText(folder);
  const record = checkRecord(folder, parseJson(text, join(folder, RUN_RECORD)));
  const sizes: Record<string, number> = {};
  for (const [name, digest] of Object.entries(record.outputs)) {
    const bytes = outputBytes(folder, name);
    if (digestBytes(bytes) !== digest) {
      throw problem(
        folder,
        `output "${name}" as the run wrote it`,
        "other bytes",
        "restore the file, or run the same command again",
      );
    }
    sizes[name] = bytes.length;
  }
  const bytes = new TextEncoder().encode(text);
  return { record, recordFile: { sha256: digestBytes(bytes), bytes: bytes.length }, sizes };
}

function recordText(folder: string): string {
  try {
    return readText(join(folder, RUN_RECORD));
  } catch (error) {
    if (!(error instanceof AdatomError) || error.code !== "FILE_MISSING") throw error;
    throw new AdatomError("FILE_MISSING", {
      cannot: `read the run in "${folder}"`,
      expected: `a ${RUN_RECORD}`,
      got: "none",
      hint: "name the folder given to --out of `adatom run` or `adatom label`",
    }, { cause: error });
  }
}

/** The parts of a record that are read later, each with a test; anyone may have edited the file. */
const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  code: isText,
  request: isText,
  started: isTime,
  ended: isTime,
  host: isMap,
  params: isMap,
  seed: (value) => typeof value === "number",
  inputs: (value) =>
    isMap(value) &&
    Object.values(value).every((files) =>
      Array.isArray(files) && files.every((file) =>
        isMap(file) && isText(file.path) && isDigest(file.sha256) && typeof file.bytes === "number"
      )
    ),
  outputs: (value) =>
    isMap(value) &&
    Object.entries(value).every(([name, digest]) => isInside(name) && isDigest(digest)),
  steps: (value) =>
    Array.isArray(value) &&
    value.every((step) =>
      isMap(step) && [step.id, step.stage, step.version, step.runner].every(isText) &&
      [step.params, step.chosen, step.cache].every(isMap) && isDigests(step.inputs) &&
      isDigests(step.outputs) && typeof step.ms === "number" && isPlugin(step.plugin)
    ),
  warnings: Array.isArray,
  options: (value) => value === undefined || isMap(value),
};

function checkRecord(folder: string, value: unknown): RunRecord {
  const found = isMap(value) ? value.format : undefined;
  if (!isMap(value) || found !== RUN_FORMAT) {
    throw problem(
      folder,
      `a ${RUN_RECORD} of format "${RUN_FORMAT}"`,
      isText(found) ? `"${found}"` : "another kind of file",
      "run the same command again with this version of Adatom",
    );
  }
  if (value.status !== "done") {
    throw problem(
      folder,
      "a run that is done",
      isText(value.status) ? `one that is ${value.status}` : "one without a state",
      "run the same command again to finish it",
    );
  }
  const bad = Object.keys(FIELDS).find((field) => !FIELDS[field](value[field]));
  const pipeline = readDocument(value.pipeline, RUN_RECORD).document;
  if (bad !== undefined || pipeline === undefined) {
    throw problem(
      folder,
      `a whole ${RUN_RECORD}`,
      `one whose "${bad ?? "pipeline"}" is not as a run writes it`,
      "restore the file, or run the same command again",
    );
  }
  return value as unknown as RunRecord;
}

function outputBytes(folder: string, name: string): Uint8Array {
  try {
    return readFileSync(join(folder, name));
  } catch (error) {
    throw new AdatomError("FILE_MISSING", {
      cannot: `read the run in "${folder}"`,
      expected: `its output "${name}"`,
      got: "no such file",
      hint: "restore the file, or run the same command again",
    }, { cause: error });
  }
}

function problem(folder: string, expected: string, got: string, hint: string): AdatomError {
  return new AdatomError("FILE_CORRUPT", {
    cannot: `read the run in "${folder}"`,
    expected,
    got,
    hint,
  });
}

/** Whether a name of an output stays inside its folder. */
function isInside(name: string): boolean {
  const path = normalize(name);
  return name !== "" && !isAbsolute(path) && path.split(/[\\/]/)[0] !== "..";
}

function isDigest(value: unknown): boolean {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

function isDigests(value: unknown): boolean {
  return isMap(value) && Object.values(value).every(isDigest);
}

function isPlugin(value: unknown): boolean {
  if (value === undefined) return true;
  return isMap(value) && isText(value.id) && isText(value.version) && isDigest(value.sha256);
}

function isTime(value: unknown): boolean {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
