/**
 * Compares detectors on annotated images: scores, time and memory, by dose and by field of view.
 *
 * @module
 */
import { AdatomError, cancelledError } from "../../core/errors.ts";
import type { FileWarning, SourceFile } from "../../core/host/files.ts";
import type { Host } from "../../core/host/host.ts";
import { openOutputFolder, type OutputFolder } from "../../core/host/output_folder.ts";
import { digestJson } from "../../core/store/digest.ts";
import { csv } from "../../plugins/io/csv.ts";
import { tiff } from "../../plugins/io/tiff.ts";
import { createHost } from "../create_host.ts";
import { VERSION } from "../version.ts";
import { createConfidenceMaps } from "./confidence_maps.ts";
import { createCsvFinder } from "./csv_finder.ts";
import type { Detector } from "./detectors.ts";
import type { Finder } from "./finder.ts";
import { createPeers } from "./peers.ts";
import { type ReadRules, readSamples, type Sample } from "./samples.ts";
import { type Outcome, positionsOf, scoreFound, type ScoreRules } from "./score.ts";
import { simulateSamples, type SimulationPlan } from "./simulate.ts";
import { createStageFinder, type MeasureRules } from "./stage_finder.ts";
import {
  type BenchImage,
  type BenchRow,
  type Group,
  groupBy,
  summarize,
  type SummaryRow,
} from "./summary.ts";
import { writeReport } from "./write_report.ts";

/** What {@linkcode benchDetectors} is asked for. */
export interface BenchRequest {
  /** Labeled sets, folders of images with tables of the same names, or such images. */
  readonly paths: readonly string[];
  /** A set to simulate, beside the files. */
  readonly simulate?: SimulationPlan;
  readonly detectors: readonly Detector[];
  /** Folders of tables by the name of the tool that made them. */
  readonly tables?: Readonly<Record<string, string>>;
  /** The Python in which peers run; none do unless told. */
  readonly python?: string;
  readonly read: ReadRules;
  readonly score: ScoreRules;
  readonly measure: MeasureRules;
  readonly out: string;
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
  /** Told of what is being done, and how much of it is done. */
  readonly onStep?: (step: string, fraction: number, note: string) => void;
}

/** A detector as the report names it. */
export interface BenchDetector {
  readonly name: string;
  readonly title: string;
  readonly note: string;
}

/** What the comparison gave; undefined figures are null. */
export interface BenchResult {
  readonly images: readonly BenchImage[];
  readonly detectors: readonly BenchDetector[];
  readonly rows: readonly BenchRow[];
  readonly summary: readonly SummaryRow[];
  readonly byDose: readonly Group[];
  readonly byField: readonly Group[];
  readonly bySpacing: readonly Group[];
  /** Peers that could not be run, and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly rules: ScoreRules & ReadRules & { readonly runs: number };
}

/** The result with what the command needs to say. */
export interface BenchOutcome {
  readonly result: BenchResult;
  readonly warnings: readonly FileWarning[];
  /** 0 when every detector had a result for every image, else that of the gravest error. */
  readonly exitCode: number;
  /** Path of the page. */
  readonly page: string;
}

/** Which image and detector an outcome is of. */
export type OutcomeOf = (image: string, detector: string) => Outcome | undefined;

/**
 * Compares detectors and writes the report to a folder: `report.html`, `images.csv`, `summary.csv`,
 * `dose.csv`, `field.csv`, `spacing.csv`, `figures/*.svg`, `bench.json`, the finds as
 * `found/<detector>/<image>.csv`, what was simulated as `set/`, and `run.json`.
 *
 * A detector that fails on an image has an error in its row, and the comparison goes on.
 *
 * @throws AdatomError for images that cannot be read, a folder in use, or CANCELLED
 */
export async function benchDetectors(host: Host, request: BenchRequest): Promise<BenchOutcome> {
  const signal = request.signal ?? new AbortController().signal;
  const finders = createFinders(host, request);
  const { samples, simulated, sources, warnings } = await gatherSamples(host, request, signal);
  const digest = digestJson(requestRecord(request, sources));
  const folder = openOutputFolder(request.out, digest, request.overwrite ?? false);
  try {
    const found = await compare(host, finders, samples, request, signal, folder);
    const result = resultOf(samples, found, request);
    for (const { name, image, truth } of simulated) {
      folder.write(`set/images/${name}.tif`, await tiff.write([image]));
      folder.write(`set/labels/${name}.csv`, await csv.write(truth.all));
    }
    const outcomeOf: OutcomeOf = (image, detector) => found.outcomes.get(`${detector}\n${image}`);
    await writeReport(folder, result, samples, outcomeOf, signal);
    writeRecord(folder, digest, requestRecord(request, sources));
    folder.commit();
    const exitCode = Math.max(0, ...found.errors.map((error) => error.exitCode));
    return { result, warnings, exitCode, page: `${request.out}/report.html` };
  } catch (error) {
    folder.discard();
    throw error;
  }
}

function createFinders(
  host: Host,
  { detectors, tables = {}, python, measure }: BenchRequest,
): { readonly finder: Finder; readonly isPeer: boolean }[] {
  for (const { stage } of detectors) host.registry.get(stage); // an unknown one ends it here
  const { workers, seed } = measure;
  const freshHost = () => createHost({ cache: false, seed, ...(workers ? { workers } : {}) });
  const maps = createConfidenceMaps(host);
  const finders = [
    ...detectors.map((detector) => createStageFinder(freshHost, detector, maps, measure)),
    ...Object.entries(tables).map(([name, folder]) => createCsvFinder(host, name, folder)),
  ].map((finder) => ({ finder, isPeer: false }));
  const peers = python === undefined ? [] : createPeers(freshHost, python, measure);
  const all = [...finders, ...peers.map((finder) => ({ finder, isPeer: true }))];
  const names = all.map(({ finder }) => finder.name);
  const odd = names.find((name) => !/^[\w+-][\w.+-]*$/.test(name));
  if (odd !== undefined) {
    throw new AdatomError("PARAM_RANGE", {
      cannot: "bench detectors",
      expected: "names of letters, digits and . _ + -, as files are called by them",
      got: `"${odd}"`,
    });
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new AdatomError("PARAM_CONFLICT", {
      cannot: "bench detectors",
      expected: "each under a name of its own",
      got: `"${twice}" twice`,
      hint: "give the folder of --csv or the file of --params another name",
    });
  }
  if (all.length > 0) return all;
  throw new AdatomError("MISSING_ARGUMENT", {
    cannot: "bench detectors",
    expected: "at least one detector",
    got: "none",
    hint: "name some with --detectors, or finds with --csv NAME=DIR",
  });
}

async function gatherSamples(host: Host, request: BenchRequest, signal: AbortSignal) {
  const { paths, simulate, read, measure, onStep = () => {} } = request;
  if ((paths.length > 0) === (simulate !== undefined)) {
    throw new AdatomError("MISSING_ARGUMENT", {
      cannot: "bench detectors",
      expected: "either annotated images or --simulate",
      got: paths.length > 0 ? "both" : "neither",
    });
  }
  const files = paths.length > 0
    ? await readSamples(host, paths, read, signal)
    : { samples: [], sources: {}, warnings: [] };
  const simulated = simulate === undefined ? [] : await simulateSamples(host, simulate, read, {
    seed: measure.seed,
    signal,
    onImage: (name, fraction) => onStep("simulating", fraction, name),
  });
  return { ...files, samples: [...files.samples, ...simulated], simulated };
}

interface Found {
  readonly rows: BenchRow[];
  readonly detectors: BenchDetector[];
  readonly skipped: { readonly name: string; readonly reason: string }[];
  readonly errors: AdatomError[];
  readonly outcomes: Map<string, Outcome>;
}

async function compare(
  host: Host,
  finders: ReturnType<typeof createFinders>,
  samples: readonly Sample[],
  { score: rules, onStep = () => {} }: BenchRequest,
  signal: AbortSignal,
  folder: OutputFolder,
): Promise<Found> {
  const found: Found = { rows: [], detectors: [], skipped: [], errors: [], outcomes: new Map() };
  for (const { finder, isPeer } of finders) {
    const { name: detector, title, note } = finder;
    onStep(title, 0, "getting ready");
    try {
      const unready = await beginning(finder, samples, signal);
      if (unready !== undefined && isPeer) {
        found.skipped.push({ name: detector, reason: unready.message });
        continue;
      }
      found.detectors.push({ name: detector, title, note });
      for (const [i, sample] of samples.entries()) {
        if (signal.aborted) throw cancelledError();
        onStep(title, i / samples.length, sample.name);
        const row = { image: sample.name, detector };
        try {
          if (unready !== undefined) throw unready;
          const { found: positions, ms, memoryMiB } = await finder.find(sample, signal);
          const judged = positions && await scoreFound(host, positions, sample, rules, signal);
          found.rows.push({ ...row, score: judged?.score ?? null, ms, memoryMiB, error: null });
          if (positions === undefined || judged === undefined) continue;
          found.outcomes.set(`${detector}\n${sample.name}`, judged.outcome);
          const table = await csv.write(positionsOf(positions));
          folder.write(`found/${detector}/${sample.name}.csv`, table);
        } catch (error) {
          const problem = expectedError(error);
          found.errors.push(problem);
          const nothing = { score: null, ms: null, memoryMiB: null };
          found.rows.push({ ...row, ...nothing, error: problem.message });
        }
      }
    } finally {
      finder.end();
    }
  }
  return found;
}

/** Why a finder cannot begin, or nothing. */
async function beginning(finder: Finder, samples: readonly Sample[], signal: AbortSignal) {
  try {
    await finder.begin(samples, signal);
    return undefined;
  } catch (error) {
    return expectedError(error);
  }
}

/** An error that belongs in a row; bugs and cancelling go on up. */
function expectedError(error: unknown): AdatomError {
  if (error instanceof AdatomError && error.code !== "CANCELLED") return error;
  throw error;
}

function resultOf(
  samples: readonly Sample[],
  { rows, detectors, skipped }: Found,
  { read, score, measure: { runs } }: BenchRequest,
): BenchResult {
  const images = samples.map(({ name, image, truth, polarity, dose, fieldNm }): BenchImage => ({
    name,
    width: image.width,
    height: image.height,
    polarity,
    columns: truth.heavy.length,
    faint: truth.faint,
    dose,
    spacing: truth.spacing,
    fieldNm,
  }));
  const names = detectors.map(({ name }) => name);
  return {
    images,
    detectors,
    rows,
    summary: summarize(names, rows),
    byDose: groupBy("dose", images, names, rows),
    byField: groupBy("fieldNm", images, names, rows),
    bySpacing: groupBy("spacing", images, names, rows),
    skipped,
    rules: { ...read, ...score, runs },
  };
}

/** What the outputs depend on but the code and the clock. */
function requestRecord(
  { simulate, detectors, tables, python, read, score, measure }: BenchRequest,
  sources: Readonly<Record<string, readonly SourceFile[]>>,
): Readonly<Record<string, unknown>> {
  const inputs = Object.fromEntries(
    Object.entries(sources).map(([name, files]) => [name, files.map(({ sha256 }) => sha256)]),
  );
  const plain = { inputs, simulate, detectors, tables, peers: python !== undefined };
  const record = { ...plain, read, score, runs: measure.runs, seed: measure.seed };
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function writeRecord(
  folder: OutputFolder,
  request: string,
  asked: Readonly<Record<string, unknown>>,
): void {
  const record = { format: "adatom-bench/1", request, version: VERSION, asked };
  const text = JSON.stringify(record, null, 2) + "\n";
  folder.write("run.json", new TextEncoder().encode(text));
}
