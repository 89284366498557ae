/**
 * Runs one stage or pipeline on files and writes its outputs to a folder with a run record.
 *
 * @module
 */
import { dirname } from "node:path";
import { AdatomError, gatherProblems, unknownNameHint } from "../core/errors.ts";
import { type FileWarning, readBytes, type SourceFile } from "../core/host/files.ts";
import type { Host } from "../core/host/host.ts";
import { openOutputFolder, RUN_RECORD } from "../core/host/output_folder.ts";
import {
  drawPort,
  type ReadPort,
  readPort,
  sharedPixelSize,
  writePort,
} from "../core/host/port_files.ts";
import { makeRunRecord, requestDigest, type RunRequest } from "../core/host/run_record.ts";
import type { StepReport } from "../core/host/step.ts";
import { type AnyStage, type Figure, FIGURE_PORT, type PortDeclaration } from "../core/mod.ts";
import type { PipelineParamsGiven, Plan } from "../core/pipeline/check.ts";
import {
  parseReference,
  PIPELINE_FORMAT,
  PIPELINE_SCHEMA,
  type PipelineDocument,
  type PipelineInput,
} from "../core/pipeline/document.ts";
import type { StepExplanation } from "../core/pipeline/explain.ts";
import { rangeOf } from "../core/stage/version.ts";
import { digestBytes } from "../core/store/digest.ts";
import { DEFAULT_SEED } from "./create_host.ts";
import { readModel } from "./read_model.ts";
import { VERSION } from "./version.ts";

/** What to run on which files. */
export interface RunToFolderRequest {
  readonly pipeline: PipelineDocument;
  /** Files by input. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  readonly params?: PipelineParamsGiven;
  readonly out: string;
  readonly overwrite?: boolean;
  /** Write images in the sample type they carry, rather than as float32. */
  readonly keepSampleType?: boolean;
  /** Ids of the formats to write outputs in, by output. */
  readonly formats?: Readonly<Record<string, string>>;
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Further files made from the outputs, such as pictures of them. */
  readonly pictures?: (
    outputs: Readonly<Record<string, unknown>>,
  ) => readonly (readonly [name: string, bytes: Uint8Array])[];
}

/** What a run gave. */
export interface RunToFolderResult {
  /** Paths of the output files, relative to the folder. */
  readonly files: readonly string[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly steps: readonly StepReport[];
  readonly warnings: readonly FileWarning[];
}

/** The pipeline of one stage: all of its inputs, parameters and outputs under their own names. */
export function pipelineOfStage(stage: AnyStage, inputs: readonly string[]): PipelineDocument {
  const ports = stage.inputs as Readonly<Record<string, PortDeclaration>>;
  const step = stage.id.slice(stage.id.lastIndexOf(".") + 1);
  const used = Object.entries(ports).filter(([name, port]) =>
    !port.optional || inputs.includes(name)
  );
  return {
    $schema: PIPELINE_SCHEMA,
    format: PIPELINE_FORMAT,
    name: stage.id,
    description: stage.summary,
    inputs: Object.fromEntries(used.map(([name, port]) => {
      const { nonFinite: _, ...type } = port as PortDeclaration & { nonFinite?: string };
      return [name, type as PipelineInput];
    })),
    params: Object.fromEntries(
      Object.keys(stage.params).map((name) => [name, { of: `${step}.${name}` }]),
    ),
    steps: [{
      id: step,
      stage: `${stage.id}@${rangeOf(stage.version)}`,
      in: Object.fromEntries(used.map(([name]) => [name, `$inputs.${name}`])),
    }],
    outputs: Object.fromEntries(
      Object.keys(stage.outputs).map((name) => [name, `${step}.${name}`]),
    ),
  };
}

/**
 * Reads the inputs, runs the pipeline and writes the outputs.
 *
 * @throws AdatomError for every problem of the request at once, before anything runs
 */
export async function runToFolder(
  host: Host,
  request: RunToFolderRequest,
): Promise<RunToFolderResult> {
  const started = new Date().toISOString();
  const { params = {}, seed = DEFAULT_SEED } = request;
  const pipeline = await host.migrate(request.pipeline);
  const plan = host.check(pipeline, params);
  requireOutputs(pipeline, Object.keys(request.formats ?? {}));
  const { values, sources, warnings } = await readInputs(host, pipeline, request.files);
  const runRequest: RunRequest = {
    pipeline,
    params: { ...params },
    inputs: sources,
    seed,
    ...writingOptions(request),
  };
  const digest = requestDigest(runRequest);
  const folder = openOutputFolder(request.out, digest, request.overwrite ?? false);
  try {
    const { outputs, steps } = await host.runPipeline(pipeline, values, params, {
      seed,
      ...(request.signal ? { signal: request.signal } : {}),
    });
    const pixelSize = sharedPixelSize([...Object.values(values), ...Object.values(outputs)]);
    const { keepSampleType = false, formats = {} } = request;
    const digests: Record<string, string> = {};
    for (const [name, value] of Object.entries(outputs)) {
      const options = { pixelSize, keepSampleType, format: formats[name] };
      const written = await writePort(host.registry, name, value, options);
      const drawn = isFigure(plan, name) ? drawPort(name, value as Figure | Figure[]) : [];
      for (const [file, bytes] of [...written, ...drawn]) {
        folder.write(file, bytes);
        digests[file] = digestBytes(bytes);
      }
    }
    for (const [file, bytes] of request.pictures?.(outputs) ?? []) {
      folder.write(file, bytes);
      digests[file] = digestBytes(bytes);
    }
    const record = makeRunRecord(runRequest, {
      status: "done",
      started,
      ended: new Date().toISOString(),
      steps,
      warnings,
      outputs: digests,
      code: host.code,
    }, VERSION);
    folder.write(RUN_RECORD, new TextEncoder().encode(JSON.stringify(record, null, 2) + "\n"));
    folder.commit();
    return { files: Object.keys(digests), outputs, steps, warnings };
  } catch (error) {
    folder.discard();
    throw error;
  }
}

/** What of the request decides how outputs are written; part of the record, so that replays agree. */
function writingOptions({ keepSampleType, formats = {} }: RunToFolderRequest) {
  const options = {
    ...(keepSampleType ? { keepSampleType } : {}),
    ...(Object.keys(formats).length > 0 ? { formats } : {}),
  };
  return Object.keys(options).length > 0 ? { options } : {};
}

/** Whether an output of the pipeline is a figure, or a list of them. */
function isFigure({ document, steps }: Plan, output: string): boolean {
  const reference = parseReference(document.outputs[output]);
  if (reference?.from !== "step") return false;
  const stage = steps.find(({ step }) => step.id === reference.step)?.stage;
  return stage?.outputs[reference.port]?.type === FIGURE_PORT.type;
}

function requireOutputs(pipeline: PipelineDocument, names: readonly string[]): void {
  const known = Object.keys(pipeline.outputs);
  const problems = names.filter((name) => !known.includes(name)).map((name) =>
    new AdatomError("UNKNOWN_PORT", {
      cannot: `write output "${name}" of ${pipeline.name}`,
      expected: "one of its outputs",
      got: `"${name}"`,
      hint: unknownNameHint(name, known),
    }, { port: name })
  );
  if (problems.length > 0) throw gatherProblems(`run ${pipeline.name}`, problems);
}

/** What of a pipeline on some files is cached, and what would run. */
export async function explainFiles(
  host: Host,
  request: Pick<RunToFolderRequest, "pipeline" | "files" | "params" | "seed">,
): Promise<StepExplanation[]> {
  const { params = {}, seed = DEFAULT_SEED } = request;
  const pipeline = await host.migrate(request.pipeline);
  host.check(pipeline, params);
  const { values } = await readInputs(host, pipeline, request.files);
  return await host.explain(pipeline, values, params, { seed });
}

async function readInputs(
  host: Host,
  pipeline: PipelineDocument,
  files: Readonly<Record<string, readonly string[]>>,
) {
  const declared = pipeline.inputs ?? {};
  const problems: AdatomError[] = [];
  for (const name of Object.keys(files)) {
    if (Object.hasOwn(declared, name)) continue;
    problems.push(
      new AdatomError("UNKNOWN_PORT", {
        cannot: `give input "${name}" to ${pipeline.name}`,
        expected: "one of its inputs",
        got: `"${name}"`,
        hint: unknownNameHint(name, Object.keys(declared)),
      }, { port: name }),
    );
  }
  for (const [name, input] of Object.entries(declared)) {
    if (input.optional || files[name] !== undefined) continue;
    problems.push(
      new AdatomError("INPUT_MISSING", {
        cannot: `run ${pipeline.name}`,
        expected: `an input "${name}"`,
        got: "nothing",
        hint: `add --in ${name}=PATH`,
      }, { port: name }),
    );
  }
  const values: Record<string, unknown> = {};
  const sources: Record<string, readonly SourceFile[]> = {};
  const warnings: FileWarning[] = [];
  for (const [name, paths] of Object.entries(files)) {
    if (!Object.hasOwn(declared, name)) continue;
    try {
      const port = declared[name] as PortDeclaration;
      const read = port.kind === "model"
        ? readModelPort(name, paths)
        : await readPort(host.registry, name, port, paths);
      values[name] = read.value;
      sources[name] = read.sources;
      warnings.push(...read.warnings);
    } catch (error) {
      if (!(error instanceof AdatomError)) throw error;
      problems.push(error);
    }
  }
  if (problems.length > 0) throw gatherProblems(`run ${pipeline.name}`, problems);
  return { values, sources, warnings };
}

/** The model an input names; also by all files of its folder, as a folder is given, or by both its own. */
function readModelPort(name: string, paths: readonly string[]): ReadPort {
  const folders = new Set(paths.map((path) => dirname(path)));
  if (folders.size !== 1) {
    throw new AdatomError("PORT_TYPE", {
      cannot: `read input "${name}"`,
      expected: "one model",
      got: `${paths.length} files of ${folders.size} folders`,
      hint: "name its .onnx file, its rdf.yaml, or their folder",
    }, { port: name });
  }
  const { model, weights, description } = readModel(
    paths.length === 1 ? paths[0] : [...folders][0],
  );
  const files = description === undefined ? [weights] : [description, weights];
  const sources = files.map((path): SourceFile => {
    const bytes = readBytes(path);
    return { path, sha256: digestBytes(bytes), bytes: bytes.length, page: 0 };
  });
  return { value: model, sources, warnings: [] };
}
