/**
 * What detectors are compared on: annotated images from files.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { cancelledError } from "../../core/errors.ts";
import { type FileWarning, readImages, readTable, type SourceFile } from "../../core/host/files.ts";
import type { Host } from "../../core/host/host.ts";
import { AdatomError, countNonFinite, type Image, pixelSizeNm } from "../../core/mod.ts";
import { columnHeight } from "./column_height.ts";
import { findLabeled } from "../train_findfoci.ts";
import { type PositionTable, readTruth, type Truth, type TruthRules } from "./truth.ts";

/** Whether columns are brighter or darker than what is around them. */
export type Polarity = "bright" | "dark";

/** An image with its true columns. */
export interface Sample {
  /** Name of the image; no two samples share one. */
  readonly name: string;
  readonly image: Image;
  readonly truth: Truth;
  readonly polarity: Polarity;
  /** Height of the heavy columns over what is around them, in the image's units; null if unknown. */
  readonly dose: number | null;
  /** Width of what the image shows, nm; null without a pixel size. */
  readonly fieldNm: number | null;
}

/** Samples, and the files they came from. */
export interface Samples {
  readonly samples: readonly Sample[];
  readonly sources: Readonly<Record<string, readonly SourceFile[]>>;
  readonly warnings: readonly FileWarning[];
}

/** How the files are to be read. */
export interface ReadRules extends TruthRules {
  /** What labeled sets say of themselves, or else bright, unless told. */
  readonly polarity?: Polarity;
}

/**
 * Reads annotated images: labeled sets, folders of images with tables of the same names beside them,
 * or single such images.
 *
 * All are kept in memory, 4 bytes a pixel, so that reading does not disturb what is measured.
 *
 * @throws AdatomError as reading does, and IMAGE_NON_FINITE
 */
export async function readSamples(
  host: Host,
  paths: readonly string[],
  rules: ReadRules,
  signal: AbortSignal,
): Promise<Samples> {
  const samples: Sample[] = [], warnings: FileWarning[] = [];
  const sources: { images: SourceFile[]; truth: SourceFile[] } = { images: [], truth: [] };
  const files = findLabeled(host, paths);
  const names = uniqueNames(files.map(({ image }) => image));
  for (const [i, file] of files.entries()) {
    if (signal.aborted) throw cancelledError();
    const read = await readImages(host.registry, [file.image]);
    requireOneImage(file.image, read.images);
    const { table, source, warnings: said } = await readTable(host.registry, file.truth);
    warnings.push(...read.warnings, ...said);
    sources.images.push(...read.sources);
    sources.truth.push(source);
    const polarity = rules.polarity ?? polarityOf(file.image) ?? "bright";
    samples.push(makeSample(names[i], read.images[0], table as PositionTable, polarity, rules));
  }
  return { samples, sources, warnings };
}

/**
 * A sample of an image and the table of its columns.
 *
 * @param dose where it is known; else it is measured
 */
export function makeSample(
  name: string,
  image: Image,
  table: PositionTable,
  polarity: Polarity,
  rules: TruthRules,
  dose?: number,
): Sample {
  const size = pixelSizeNm(image.pixelSize);
  const truth = readTruth(table, rules);
  const { x, y } = truth.heavy.columns;
  return {
    name,
    image,
    truth,
    polarity,
    dose: dose ?? columnHeight(image, x, y, truth.spacing, polarity),
    fieldNm: size === undefined ? null : image.width * size.x,
  };
}

function requireOneImage(path: string, images: readonly Image[]): void {
  const cannot = `bench detectors on "${path}"`;
  if (images.length !== 1) {
    throw new AdatomError("PORT_TYPE", {
      cannot,
      expected: "a file of one image, as its table is of one",
      got: `a stack of ${images.length}`,
      hint: "save each page under a name of its own, or label the stack with adatom label",
    });
  }
  const bad = countNonFinite(images[0]);
  if (bad === 0) return;
  throw new AdatomError("IMAGE_NON_FINITE", {
    cannot,
    expected: "finite pixels",
    got: `${bad} that are NaN or infinite`,
    hint: "replace them, or leave the image out",
  });
}

/** What the labeled set that an image lies in says of its columns. */
function polarityOf(image: string): Polarity | undefined {
  const record = join(dirname(image), "..", "dataset.json");
  if (!existsSync(record)) return undefined;
  try {
    const { format, polarity } = JSON.parse(readFileSync(record, "utf8"));
    return format === "adatom-labeled-set" && polarity === "dark" ? "dark" : undefined;
  } catch {
    return undefined; // a file of that name that is not ours says nothing of the images
  }
}

/** Names of files without folder and extension; with the folder where that is not enough. */
function uniqueNames(paths: readonly string[]): string[] {
  const stem = (path: string) => basename(path, extname(path));
  const count = new Map<string, number>();
  for (const path of paths) count.set(stem(path), (count.get(stem(path)) ?? 0) + 1);
  const taken = new Set<string>();
  return paths.map((path) => {
    let name = stem(path);
    if (count.get(name)! > 1) {
      const folder = basename(dirname(path)) === "images" ? dirname(dirname(path)) : dirname(path);
      name = `${basename(folder)}-${name}`;
    }
    for (let n = 2, first = name; taken.has(name); n++) name = `${first}-${n}`;
    taken.add(name);
    return name;
  });
}
