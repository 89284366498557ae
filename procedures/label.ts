/**
 * The labeling procedure: repeated exposures in, an annotated test set out.
 *
 * The work is the pipeline in `labeling.pipeline.json`; this module reads the exposures, runs it for
 * each set, and writes the labeled set (`plugins/io/labeled_set.ts`) with a run record.
 *
 * @module
 */
import { readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { AdatomError, cancelledError } from "../core/errors.ts";
import {
  byNumber,
  type FileWarning,
  imageNames,
  isFolder,
  readImages,
  type SourceFile,
} from "../core/host/files.ts";
import type { Host } from "../core/host/host.ts";
import { openOutputFolder, type OutputFolder, RUN_RECORD } from "../core/host/output_folder.ts";
import {
  makeRunRecord,
  requestDigest,
  type RunRequest,
  verifiedRecord,
} from "../core/host/run_record.ts";
import type { StepReport } from "../core/host/step.ts";
import type { Columns, Drift, Exposures, Json, Table } from "../core/mod.ts";
import type { PipelineParamsGiven } from "../core/pipeline/check.ts";
import type { PipelineDocument } from "../core/pipeline/document.ts";
import { digestBytes } from "../core/store/digest.ts";
import {
  encodeLabeledSet,
  type SetOptions,
  type SetParameter,
  type SetParts,
} from "../plugins/io/labeled_set.ts";
import { readDocument } from "../core/pipeline/document.ts";
import { DEFAULT_SEED } from "./create_host.ts";
import content from "./labeling.pipeline.json" with { type: "json" };
import { VERSION } from "./version.ts";

/** Width of the confidence maps in mean nearest-neighbor distances, as the thesis's program has it. */
const TARGET_SIGMA = 0.25;

/** The labeling procedure as a pipeline. */
export const labelingPipeline: PipelineDocument = readDocument(content, "labeling").document!;

/** Finders of the labeling procedure, by name. */
export const LABEL_FINDERS = ["findfoci", "atomid"] as const;

/** One of them. */
export type LabelFinder = (typeof LABEL_FINDERS)[number];

/**
 * The labeling procedure with another finder in the step `peaks`.
 *
 * `findfoci` knows no structure and finds every species; `atomid` sees columns at a fraction of the dose,
 * and only the bright ones.
 */
export function labelingWith(finder: LabelFinder): PipelineDocument {
  if (finder === "findfoci") return labelingPipeline;
  const { params = {}, steps } = labelingPipeline;
  return {
    ...labelingPipeline,
    params: { ...params, spacing: { of: "columns.spacing" } }, // the network measures it
    steps: steps.map((step) =>
      step.id === "peaks"
        ? { ...step, stage: "inference.atomid@^1.0" }
        : step.id === "columns"
        ? { ...step, in: { ...step.in, peaks: "peaks.columns" } }
        : step
    ),
  };
}

/** The finder of a labeling procedure that was recorded. */
export function finderOf(pipeline: PipelineDocument): LabelFinder {
  const stage = pipeline.steps.find(({ id }) => id === "peaks")?.stage ?? "";
  return stage.startsWith("inference.") ? "atomid" : "findfoci";
}

/** One exposure set: its name and its files, a stack or an image an exposure. */
export interface ExposureSet {
  readonly name: string;
  readonly paths: readonly string[];
}

/** What {@linkcode labelExposures} is asked for. */
export interface LabelRequest {
  readonly sets: readonly ExposureSet[];
  /** Output folder. */
  readonly out: string;
  /** What finds the columns; FindFoci unless told. */
  readonly finder?: LabelFinder;
  /** Parameters of the labeling pipeline, by name or as `step.param`. */
  readonly params?: PipelineParamsGiven;
  /** Replace files in a folder that holds something else. */
  readonly overwrite?: boolean;
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** What the set says about itself: title, license, citation, split. */
  readonly about?: Partial<
    Pick<SetOptions, "title" | "license" | "citation" | "split" | "targetSigma">
  >;
  /** Told of the steps of each set. */
  readonly onSet?: (name: string, index: number, count: number) => void;
  /** Told of each file written, with a fraction done. */
  readonly onFile?: (name: string, fraction: number) => void;
}

/** What was labeled. */
export interface LabelSummary {
  readonly out: string;
  readonly report: string;
  readonly sets: readonly {
    readonly name: string;
    readonly exposures: number;
    readonly kept: number;
    readonly reference: number;
    readonly columns: number;
    readonly doubtful: number;
    readonly ambiguous: number;
  }[];
  readonly warnings: readonly string[];
  /** Whether the set was there already, whole and made by this very program. */
  readonly finished: boolean;
}

/**
 * The exposure sets in a folder: each subfolder of images and each image file is a set.
 *
 * @throws AdatomError FILE_MISSING when there are none
 */
export function findSets(host: Host, folder: string): ExposureSet[] {
  const isImageName = imageNames(host.registry);
  const sets: ExposureSet[] = [];
  for (const name of isFolder(folder) ? readdirSync(folder).sort(byNumber) : []) {
    const path = join(folder, name);
    if (isFolder(path)) {
      const files = readdirSync(path).filter(isImageName).sort(byNumber);
      if (files.length > 0) sets.push({ name, paths: files.map((file) => join(path, file)) });
    } else if (isImageName(name)) {
      sets.push({ name: basename(name, extname(name)), paths: [path] });
    }
  }
  if (sets.length > 0) return sets;
  throw new AdatomError("FILE_MISSING", {
    cannot: `find exposure sets in "${folder}"`,
    expected: "subfolders with images, or stacks",
    got: isFolder(folder) ? "none" : "no such folder",
    hint: "put each set's exposures in a folder of its own",
  });
}

/**
 * Labels exposure sets and writes the labeled set to a folder.
 *
 * Nothing is in the folder before everything is. Finished steps are kept in the host's store, so
 * that a killed run continues where it was.
 *
 * @throws AdatomError for unreadable or unsuitable exposures, a folder in use, or CANCELLED
 */
export async function labelExposures(host: Host, request: LabelRequest): Promise<LabelSummary> {
  const started = new Date().toISOString();
  const report = join(request.out, "report.html");
  const { sets, params = {}, seed = DEFAULT_SEED, about = {}, finder = "findfoci" } = request;
  const pipeline = labelingWith(finder);
  const plan = host.check(pipeline, params);
  const origins = new Map(plan.steps.map(({ step, origins }) => [step.id, origins]));
  const sources = new Map<string, readonly SourceFile[]>();
  const reports: StepReport[] = [];
  const warnings: FileWarning[] = [];
  const summaries: LabelSummary["sets"][number][] = [];

  // reading all files first finds every bad one before the long work
  const exposures = new Map<string, Exposures>();
  for (const set of sets) {
    const read = await readImages(host.registry, set.paths);
    warnings.push(...read.warnings);
    sources.set(set.name, read.sources);
    if (sets.length === 1) exposures.set(set.name, { images: read.images });
    checkCount(set, read.images.length);
  }
  const runRequest: RunRequest = {
    pipeline,
    params: { ...params },
    inputs: Object.fromEntries(sources),
    seed,
    options: { ...about },
  };
  const folder = openOutputFolder(
    request.out,
    requestDigest(runRequest),
    request.overwrite ?? false,
  );

  if (folder.sameRequest) {
    const finished = verifiedRecord(request.out, host.code);
    if (finished !== undefined) {
      folder.discard();
      return { ...finished.summary as LabelSummary, out: request.out, report, finished: true };
    }
  }

  const parts = async function* (): AsyncIterable<SetParts> {
    for (const [index, set] of sets.entries()) {
      request.onSet?.(set.name, index, sets.length);
      const original = exposures.get(set.name) ??
        { images: (await readImages(host.registry, set.paths)).images };
      const { outputs, steps } = await host.runPipeline(
        pipeline,
        { exposures: original },
        params,
        { seed, ...(request.signal ? { signal: request.signal } : {}) },
      );
      reports.push(...steps);
      const made: SetParts = {
        name: set.name,
        original,
        sources: sources.get(set.name)!.map(({ path, sha256, page }) => ({
          path: basename(path),
          sha256,
          page,
        })),
        ...(outputs as unknown as PipelineOutputs),
        chosen: chosenExposure(outputs as unknown as PipelineOutputs),
        parameters: steps.flatMap((step) => parametersOf(step, origins.get(step.id) ?? {})),
        warnings: steps.flatMap((step) =>
          step.warnings.map(({ code, message, exposure }) => ({
            step: step.id,
            code,
            message: exposure === undefined ? message : `exposure ${exposure}: ${message}`,
          }))
        ),
      };
      summaries.push(summarize(made));
      yield made;
    }
  };

  try {
    const outputs = await writeSet(folder, parts(), request);
    const summary: LabelSummary = {
      out: request.out,
      report,
      sets: summaries,
      warnings: warningTexts(warnings, reports),
      finished: false,
    };
    const record = makeRunRecord(runRequest, {
      status: "done",
      started,
      ended: new Date().toISOString(),
      steps: reports,
      warnings,
      outputs,
      code: host.code,
      summary: { sets: summary.sets, warnings: summary.warnings },
    }, VERSION);
    folder.write(RUN_RECORD, new TextEncoder().encode(JSON.stringify(record, null, 2) + "\n"));
    folder.commit();
    return summary;
  } catch (error) {
    folder.discard();
    throw error;
  }
}

function warningTexts(files: readonly FileWarning[], steps: readonly StepReport[]): string[] {
  return [
    ...files.map((w) => `${w.path}: ${w.message}`),
    ...steps.flatMap((step) => step.warnings.map((w) => `${step.stage}: ${w.message}`)),
  ];
}

interface PipelineOutputs {
  readonly labels: readonly Columns[];
  readonly cropped: Exposures;
  readonly windows: SetParts["windows"];
  readonly drift: Drift;
  readonly ranking: SetParts["ranking"];
  readonly duplicates: SetParts["duplicates"];
  readonly dropped: Columns;
}

async function writeSet(
  folder: OutputFolder,
  parts: AsyncIterable<SetParts>,
  request: LabelRequest,
): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  const polarity = request.params?.polarity === "dark" ? "dark" : "bright";
  const options: SetOptions = {
    targetSigma: TARGET_SIGMA,
    ...request.about,
    version: VERSION,
    polarity,
    setCount: request.sets.length,
  };
  const report = (fraction: number) => void (written = fraction);
  let written = 0;
  for await (const [name, bytes] of encodeLabeledSet(parts, options, report, request.signal)) {
    if (request.signal?.aborted) throw cancelledError();
    folder.write(name, bytes);
    digests[name] = digestBytes(bytes);
    request.onFile?.(name, written);
  }
  return digests;
}

function parametersOf(
  step: StepReport,
  origins: Readonly<Record<string, "pipeline" | "given">>,
): SetParameter[] {
  const { id, stage, version, params, chosen } = step;
  const place = { step: id, stage, version };
  return [
    ...Object.entries(params).map(([name, value]) => ({
      ...place,
      name,
      value: value as Json,
      origin: origins[name] ?? "default" as const,
    })),
    ...Object.entries(chosen).map(([name, value]) => ({
      ...place,
      name,
      value: value as Json,
      origin: "auto" as const,
    })),
  ];
}

function summarize(parts: SetParts): LabelSummary["sets"][number] {
  const { duplicates, labels, drift } = parts;
  const doubtful = labels.reduce(
    (sum, table) => sum + table.columns.status.filter((s) => s !== "ok" && s !== "edge").length,
    0,
  );
  return {
    name: parts.name,
    exposures: parts.original.images.length,
    kept: count(duplicates, "keep"),
    reference: parts.chosen,
    columns: labels[0]?.length ?? 0,
    doubtful,
    ambiguous: count(drift, "ambiguous"),
  };
}

function chosenExposure({ ranking }: PipelineOutputs): number {
  const chosen = ranking.columns.chosen as Float64Array;
  return ranking.columns.exposure[chosen.indexOf(1)];
}

function count(table: Table, column: string): number {
  return (table.columns[column] as Float64Array).reduce((sum, v) => sum + (v !== 0 ? 1 : 0), 0);
}

function checkCount(set: ExposureSet, count: number): void {
  if (count >= 2) return;
  throw new AdatomError("EXPOSURES_TOO_FEW", {
    cannot: `label set "${set.name}"`,
    expected: "at least 2 exposures of one region",
    got: String(count),
    hint: "name the other exposures too, or find and refine columns in a single image with " +
      "`adatom run peaks.findfoci` and `adatom run refinement.gaussian`",
  });
}
