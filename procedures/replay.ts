/**
 * Replays a recorded run: the same pipeline, parameters and seed, on the same files or on others. On
 * the same files every result must have the digest it had.
 *
 * @module
 */
import { AdatomError } from "../core/errors.ts";
import { readBytes, type SourceFile } from "../core/host/files.ts";
import type { Host } from "../core/host/host.ts";
import type { RunRecord } from "../core/host/run_record.ts";
import type { StepReport } from "../core/host/step.ts";
import { digestBytes } from "../core/store/digest.ts";
import { finderOf, labelExposures, labelingPipeline, type LabelRequest } from "./label.ts";
import { readFinishedRun } from "./read_run.ts";
import { runToFolder } from "./run_to_folder.ts";

/** What to replay. */
export interface ReplayRequest {
  /** Folder with the `run.json` of a finished run. */
  readonly run: string;
  /** Folder for the new outputs. */
  readonly out: string;
  /** Other files, by input; the recorded ones for inputs that are left out. */
  readonly files?: Readonly<Record<string, readonly string[]>>;
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
}

/** How one result compares with the recorded one. */
export interface ReplayedResult {
  readonly step: string;
  readonly output: string;
  readonly same: boolean;
}

/** What a replay gave. */
export interface ReplayOutcome {
  readonly out: string;
  /** Compared with the record; empty when other files were given. */
  readonly results: readonly ReplayedResult[];
  /** What is not as it was when the run was recorded: versions, code, machine. */
  readonly changes: readonly string[];
}

/**
 * Replays a run.
 *
 * @throws AdatomError as reading and running do; REPLAY_DIFFERS when an input file is no longer what it
 * was and no other is given
 */
export async function replayRun(host: Host, request: ReplayRequest): Promise<ReplayOutcome> {
  const { record } = readFinishedRun(request.run);
  const { files = {}, out, overwrite = false, signal } = request;
  const inputs: Record<string, readonly string[]> = { ...files };
  for (const [name, sources] of Object.entries(record.inputs)) {
    inputs[name] ??= unchangedFiles(request.run, name, sources);
  }
  requirePlugins(host, request.run, record);
  const common = { out, overwrite, ...(signal ? { signal } : {}) };
  const before = host.reports.length;
  if (isLabeledSet(record)) {
    await labelExposures(host, {
      ...common,
      sets: Object.entries(inputs).map(([name, paths]) => ({ name, paths })),
      finder: finderOf(record.pipeline),
      params: record.params,
      seed: record.seed,
      about: record.options as LabelRequest["about"] & object,
    });
  } else {
    await runToFolder(host, {
      ...common,
      pipeline: record.pipeline,
      files: inputs,
      params: record.params,
      seed: record.seed,
      keepSampleType: record.options?.keepSampleType === true,
      formats: (record.options?.formats ?? {}) as Record<string, string>,
    });
  }
  const steps = host.reports.slice(before);
  const results = Object.keys(files).length > 0 ? [] : compare(record.steps, steps);
  return { out, results, changes: changesSince(record, steps, host.code) };
}

/**
 * The error for a replay on the same files that gave something else, or `undefined`.
 */
export function replayProblem(run: string, outcome: ReplayOutcome): AdatomError | undefined {
  const different = outcome.results.filter(({ same }) => !same);
  if (different.length === 0) return undefined;
  const names = different.map(({ step, output }) => `${step}.${output}`).join(", ");
  return new AdatomError("REPLAY_DIFFERS", {
    cannot: `reproduce the run in "${run}"`,
    expected: "results with the recorded digests",
    got: `others for ${names}`,
    hint: outcome.changes.length === 0
      ? "nothing else has changed: report it to us, with both run.json"
      : `changed since: ${outcome.changes.join("; ")}`,
  });
}

/** The recorded files of an input, which must still be what they were. */
function unchangedFiles(
  run: string,
  name: string,
  sources: readonly SourceFile[],
): readonly string[] {
  const paths = [...new Set(sources.map(({ path }) => path))];
  for (const path of paths) {
    const recorded = sources.find((source) => source.path === path)!.sha256;
    const found = digestBytes(readBytes(path));
    if (found === recorded) continue;
    throw new AdatomError("REPLAY_DIFFERS", {
      cannot: `replay the run in "${run}"`,
      expected: `"${path}" as it was (sha256 ${recorded.slice(0, 12)}...)`,
      got: `another file (${found.slice(0, 12)}...)`,
      hint: `restore it, or give the file you mean with --in ${name}=PATH`,
    }, { port: name });
  }
  return paths;
}

/** Every stage of a plugin must be there, in whatever version. */
function requirePlugins(host: Host, run: string, record: RunRecord): void {
  for (const { stage, plugin } of record.steps) {
    if (plugin === undefined || host.registry.find(stage) !== undefined) continue;
    const missing = host.registry.missing(stage);
    if (missing.code === "PLUGIN_BROKEN") throw missing;
    throw new AdatomError("PLUGIN_UNKNOWN", {
      cannot: `replay the run in "${run}"`,
      expected: `plugin ${plugin.id} ${plugin.version} (sha256 ${plugin.sha256.slice(0, 12)}...)`,
      got: "none of that name installed",
      hint: "add it from where you had it with: adatom plugin add",
    }, { stage });
  }
}

function isLabeledSet(record: RunRecord): boolean {
  return record.pipeline.name === labelingPipeline.name &&
    !Object.keys(record.inputs).every((name) => Object.hasOwn(record.pipeline.inputs ?? {}, name));
}

/** Compares step by step; steps come in the order of the pipeline, and sets in theirs. */
function compare(
  recorded: readonly StepReport[],
  replayed: readonly StepReport[],
): ReplayedResult[] {
  const waiting = [...replayed];
  return recorded.flatMap((step) => {
    const at = waiting.findIndex((other) => other.id === step.id);
    const [again] = at < 0 ? [undefined] : waiting.splice(at, 1);
    return Object.entries(step.outputs).map(([output, digest]) => ({
      step: step.id,
      output,
      same: again?.outputs[output] === digest,
    }));
  });
}

function changesSince(
  record: RunRecord,
  steps: readonly StepReport[],
  code: string,
): string[] {
  const changes: string[] = [];
  if (record.code !== code) changes.push("the code of Adatom");
  for (const step of steps) {
    const before = record.steps.find((other) => other.id === step.id);
    if (before === undefined) continue;
    if (before.version !== step.version) {
      changes.push(`${step.stage} from version ${before.version} to ${step.version}`);
    }
    if (before.plugin?.sha256 !== step.plugin?.sha256) {
      const words = ({ plugin }: StepReport) =>
        plugin === undefined
          ? "no plugin"
          : `${plugin.id} ${plugin.version} (${plugin.sha256.slice(0, 12)}...)`;
      changes.push(`${step.stage} from ${words(before)} to ${words(step)}`);
    }
  }
  return [...new Set(changes)];
}
