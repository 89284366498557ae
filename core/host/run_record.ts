/**
 * Run records: what was run, on what, with what, and what came out. Written as `run.json`.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorRecord } from "../errors.ts";
import type { PipelineDocument } from "../pipeline/document.ts";
import { type Digest, digestBytes, digestJson } from "../store/digest.ts";
import { RUN_RECORD } from "./output_folder.ts";
import type { FileWarning, SourceFile } from "./files.ts";
import type { StepReport } from "./step.ts";

/** The format named in every run record. */
export const RUN_FORMAT = "adatom-run/1";

/** What a run was asked to do; its digest tells whether two runs are the same. */
export interface RunRequest {
  readonly pipeline: PipelineDocument;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, readonly SourceFile[]>>;
  readonly seed: number;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** The content of `run.json`. */
export interface RunRecord {
  readonly format: typeof RUN_FORMAT;
  readonly status: "done" | "failed" | "cancelled";
  /** Digest of everything the outputs depend on but the code. */
  readonly request: Digest;
  /** Digest of the program's own code. */
  readonly code: Digest;
  readonly host: Readonly<Record<string, string | number>>;
  readonly pipeline: PipelineDocument;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, readonly SourceFile[]>>;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly started: string;
  readonly ended: string;
  readonly steps: readonly StepReport[];
  readonly warnings: readonly FileWarning[];
  /** SHA-256 by file name. */
  readonly outputs: Readonly<Record<string, Digest>>;
  /** What the command printed. */
  readonly summary?: unknown;
  readonly error?: ErrorRecord;
}

/** The digest of a request: the same for the same files under other paths. */
export function requestDigest(request: RunRequest): Digest {
  const inputs = Object.fromEntries(
    Object.entries(request.inputs).map(([name, files]) => [
      name,
      files.map(({ sha256, page, reader }) => ({ sha256, page, reader })),
    ]),
  );
  return digestJson({ ...request, inputs });
}

/** Makes a run record; times come from the caller. */
export function makeRunRecord(
  request: RunRequest,
  parts: Omit<
    RunRecord,
    "format" | "request" | "host" | "pipeline" | "params" | "inputs" | "seed" | "options"
  >,
  version: string,
): RunRecord {
  return {
    format: RUN_FORMAT,
    request: requestDigest(request),
    host: describeMachine(version),
    ...request,
    ...parts,
  };
}

/**
 * The record in a folder whose files are all there as they were written by this very program, or
 * `undefined`: then there is nothing left to do for the same request.
 */
export function verifiedRecord(folder: string, code: Digest): RunRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(join(folder, RUN_RECORD), "utf8")) as RunRecord;
    const isWhole = record.status === "done" && record.code === code &&
      Object.entries(record.outputs).every(([name, digest]) =>
        digestBytes(readFileSync(join(folder, name))) === digest
      );
    return isWhole ? record : undefined;
  } catch {
    return undefined; // something is missing: it is made again
  }
}

function describeMachine(version: string): Record<string, string | number> {
  return {
    adatom: version,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    os: Deno.build.os,
    arch: Deno.build.arch,
    cores: navigator.hardwareConcurrency,
  };
}
