/**
 * Trains FindFoci on labeled files and writes the parameters, all scores, and a picture of them.
 *
 * @module
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { AdatomError } from "../core/errors.ts";
import { filesInFolder, imageNames, isFolder } from "../core/host/files.ts";
import type { Host } from "../core/host/host.ts";
import type { Json, Table } from "../core/mod.ts";
import type { PipelineParamsGiven } from "../core/pipeline/check.ts";
import { peaks } from "../plugins/mod.ts";
import { trainPlot } from "./_train_plot.ts";
import { pipelineOfStage, runToFolder } from "./run_to_folder.ts";

/** An image and the table of its true columns. */
export interface LabeledFile {
  readonly image: string;
  readonly truth: string;
}

/** What {@linkcode trainFindFoci} is asked for. */
export interface TrainRequest {
  readonly files: readonly LabeledFile[];
  readonly out: string;
  /** Parameters of `peaks.findfoci-train`. */
  readonly params?: PipelineParamsGiven;
  readonly overwrite?: boolean;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** What training gave. */
export interface TrainResult {
  readonly files: readonly string[];
  readonly params: Readonly<Record<string, Json>>;
  readonly summary: Readonly<Record<string, Json>>;
  readonly scores: Table;
}

/**
 * Finds the labels of images: `a.csv` beside `a.tif`, or, in a labeled set, `labels/a.csv` for
 * `images/a.tif`.
 *
 * @param paths images, folders of images, or labeled sets
 * @throws AdatomError FILE_MISSING for an image without labels
 */
export function findLabeled(host: Host, paths: readonly string[]): LabeledFile[] {
  const isImage = imageNames(host.registry);
  return paths.flatMap((path) => {
    if (!isFolder(path)) return [labeledFile(path)];
    const set = join(path, "images");
    const folder = isFolder(set) && isFolder(join(path, "labels")) ? set : path;
    const images = filesInFolder(folder).filter(isImage);
    if (images.length > 0) return images.map(labeledFile);
    throw new AdatomError("FILE_MISSING", {
      cannot: `find labeled images in "${path}"`,
      expected: "images with tables of the same names, or a labeled set",
      got: `${readdirSync(path).length} other files`,
    });
  });
}

/** The table of an image: beside it, or in the labels of its set. */
function labeledFile(image: string): LabeledFile {
  const stem = basename(image, extname(image));
  const folder = image.slice(0, image.length - basename(image).length);
  const candidates = [`${folder}${stem}.csv`, join(folder, "..", "labels", `${stem}.csv`)];
  const truth = candidates.find((path) => existsSync(path));
  if (truth !== undefined) return { image, truth };
  throw new AdatomError("FILE_MISSING", {
    cannot: `find the labels of "${image}"`,
    expected: `a table "${stem}.csv" beside it`,
    got: "none",
    hint: "name the tables with --truth, in the order of the images",
  });
}

/**
 * Trains FindFoci and writes `params.json`, `scores.csv`, `summary.json`, `plot.svg` and `run.json`.
 *
 * @throws AdatomError as reading, the stage and writing do
 */
export async function trainFindFoci(host: Host, request: TrainRequest): Promise<TrainResult> {
  const { files, out, params = {}, overwrite = false, seed, signal } = request;
  const result = await runToFolder(host, {
    pipeline: pipelineOfStage(peaks.findfociTrain, []),
    files: {
      exposures: files.map(({ image }) => image),
      truth: files.map(({ truth }) => truth),
    },
    params,
    out,
    overwrite,
    ...(seed === undefined ? {} : { seed }),
    ...(signal === undefined ? {} : { signal }),
    pictures: ({ scores, summary }) => [[
      "plot.svg",
      new TextEncoder().encode(trainPlot(scores as Table, summary as Record<string, Json>)),
    ]],
  });
  return { files: result.files, ...result.outputs } as unknown as TrainResult;
}
