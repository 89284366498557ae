/**
 * The labeled set as a format: the values the labeling procedure gives, turned into files.
 *
 * Stages never touch files, so they end in plain values; here these become the bytes of the set, in
 * a fixed order and without a clock, so that the same values give the same bytes. The files come
 * one by one: a set of any size needs little more memory than one exposure and the report.
 *
 * ```
 * images/<set>_<exposure>.tif         cropped, in the original sample type, with the pixel size
 * labels/<set>_<exposure>.csv         columns in px of that image (and nm), errors, status
 * labels/<set>_<exposure>.zip         the same as ImageJ points
 * labels/atomid/<set>_<exposure>.csv  whole px, Peak#,X,Y,Phase
 * targets/<set>_<exposure>.tif        confidence map, float32
 * overlays/<set>_<exposure>.png       the image with its labels marked by status
 * catalog.csv, dataset.json, report.html
 * ```
 *
 * @module
 */
import {
  AdatomError,
  cancelledError,
  type Columns,
  createImage,
  type Image,
  withNanometers,
} from "@core";
import { confidenceMap } from "@core/kernels";
import { csv, writeAtomIdCsv } from "./csv.ts";
import { encodePng } from "./_image_js.ts";
import { imagejRoi } from "./imagej_roi.ts";
import { overlayPicture, overlayScale } from "./_overlay.ts";
import type { Markup } from "./_report_html.ts";
import { reportPage } from "./_report_page.ts";
import { setPictures } from "./_report_pictures.ts";
import { markerRadius, reportSet } from "./_report_set.ts";
import { datasetJson } from "./_set_json.ts";
import {
  checkParts,
  fileStem,
  labeledExposures,
  type SetOptions,
  type SetParts,
  type SplitSide,
} from "./_set_parts.ts";
import { assignSplit } from "./_set_split.ts";
import { type ExposureSummary, type SetSummary, summarizeSet } from "./_set_summary.ts";
import { tiff } from "./tiff.ts";

export { fileStem } from "./_set_parts.ts";
export type {
  LabeledExposure,
  SetOptions,
  SetParameter,
  SetParts,
  SetSource,
  SetWarning,
  SplitSide,
} from "./_set_parts.ts";

/** One file of the set: its path, relative and with `/`, and its bytes. */
export type SetFile = readonly [path: string, bytes: Uint8Array];

/**
 * The files of a labeled set, one by one: those of each exposure kept, then `catalog.csv`,
 * `dataset.json` and `report.html`.
 *
 * @param sets in the order of the report; not in an array, they are asked for one at a time, and
 * `options.setCount` says how many will come
 * @param progress is told the fraction done, never falling, 1 at the end
 * @throws AdatomError REQUEST_INVALID for parts that do not fit together, two sets of one file name,
 * or a split that leaves a set out; TABLE_VALUE for a label that is none; CANCELLED
 */
export async function* encodeLabeledSet(
  sets: Iterable<SetParts> | AsyncIterable<SetParts>,
  options: SetOptions,
  progress: (fraction: number, note?: string) => void = () => {},
  signal?: AbortSignal,
): AsyncGenerator<SetFile, void, undefined> {
  checkOptions(options);
  const setCount = Math.max(1, options.setCount ?? (Array.isArray(sets) ? sets.length : 1));
  const summaries: SetSummary[] = [];
  const sections: ((side: SplitSide) => Markup)[] = [];
  const stems = new Map<string, string>();
  for await (const parts of sets) {
    checkParts(parts);
    refuseSameStem(stems, parts.name);
    const index = summaries.length;
    // Six files an exposure, then its pictures of the report, which cost about one file.
    const steps = 7 * parts.original.images.length;
    let done = 0;
    const tick = (count = 1) => {
      if (signal?.aborted) throw cancelledError();
      done += count;
      progress(Math.min(0.99, 0.99 * (index + done / steps) / setCount), parts.name);
    };
    tick(0);
    const summary = summarizeSet(parts, options.targetSigma);
    for (const { exposure, kept, stem } of labeledExposures(parts)) {
      if (!kept) tick(6);
      else for await (const file of exposureFiles(parts, summary, exposure, stem, tick)) yield file;
    }
    const pictures = await setPictures(parts, summary, setCount, tick);
    sections.push(reportSet(parts, summary, pictures, index, options));
    summaries.push(summary);
  }
  const sides = assignSplit(summaries, options.split);
  yield ["catalog.csv", textBytes(catalog(summaries))];
  yield ["dataset.json", textBytes(datasetJson(summaries, sides, options))];
  yield ["report.html", textBytes(reportPage(summaries, sides, sections, options))];
  progress(1);
}

/** The six files of one exposure. */
async function* exposureFiles(
  parts: SetParts,
  summary: SetSummary,
  exposure: number,
  stem: string,
  tick: () => void,
): AsyncGenerator<SetFile, void, undefined> {
  const image = parts.cropped.images[exposure];
  const columns = parts.labels[exposure];
  const about = summary.exposures[exposure];
  const files = about.files as NonNullable<ExposureSummary["files"]>;
  const spacing = about.target.meanSpacing ?? 0;
  const scale = overlayScale(image.width, image.height, spacing);
  const makers: readonly (readonly [string, () => Uint8Array | Promise<Uint8Array>])[] = [
    [files.image, () => tiff.write([image])],
    [files.labels, () => csv.write(withNanometers(columns, image.pixelSize))],
    [files.rois, () => imagejRoi.write(columns)],
    [files.atomid, () => writeAtomIdCsv(columns)],
    [files.target, () => tiff.write([targetImage(columns, about.target.sigma, image, stem)])],
    [
      files.overlay,
      () => encodePng(overlayPicture(image, columns, scale, markerRadius(summary))),
    ],
  ];
  for (const [path, make] of makers) {
    yield [path, await make()];
    tick();
  }
}

function targetImage(columns: Columns, sigma: number, like: Image, name: string): Image {
  const { width, height, pixelSize } = like;
  const target = createImage({ name, width, height, pixelSize });
  confidenceMap(columns.columns.x, columns.columns.y, sigma, width, height, target.data);
  return target;
}

/** The images and their AtomID tables, as AtomID's own data loader wants them named. */
function catalog(sets: readonly SetSummary[]): string {
  const files = sets.flatMap((set) => set.exposures.flatMap((e) => e.files ?? []));
  const rows = files.map(({ image, atomid }, i) => `${i},${image},${atomid}`);
  return ["index,image,csv", ...rows, ""].join("\n");
}

function checkOptions(options: SetOptions): void {
  if (options.targetSigma > 0 && Number.isFinite(options.targetSigma)) return;
  throw new AdatomError("PARAM_RANGE", {
    cannot: "write the labeled set",
    expected: "targetSigma above 0 mean nearest-neighbor distances",
    got: `${options.targetSigma}`,
    hint: "the thesis takes 0.25",
  }, { param: "targetSigma" });
}

/** Two sets must not write to the same files, on file systems that ignore case either. */
function refuseSameStem(stems: Map<string, string>, name: string): void {
  const stem = fileStem(name);
  const other = stems.get(stem.toLowerCase());
  stems.set(stem.toLowerCase(), name);
  if (other === undefined) return;
  throw new AdatomError("REQUEST_INVALID", {
    cannot: `write set "${name}"`,
    expected: "sets whose names differ in their file names",
    got: `"${other}" and "${name}", both "${stem}"`,
    hint: "rename one of them",
  });
}

function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
