/**
 * Values of ports as files: what `adatom run` reads from `--in` and writes to `--out`.
 *
 * @module
 */
import type { Exposures, Image } from "../data/image.ts";
import { withNanometers } from "../data/calibrated.ts";
import type { Table } from "../data/table.ts";
import type { PixelSize } from "../data/units.ts";
import { AdatomError } from "../errors.ts";
import { isExposures, isImage, isTable } from "../stage/check_value.ts";
import type { ImageFormat, TableFormat } from "../stage/format.ts";
import type { PortDeclaration } from "../stage/ports.ts";
import { digestBytes } from "../store/digest.ts";
import {
  type FileWarning,
  readBytes,
  readExposures,
  readTable,
  readText,
  type SourceFile,
} from "./files.ts";
import type { Registry } from "./registry.ts";

/** A port's value read from files. */
export interface ReadPort {
  readonly value: unknown;
  readonly sources: readonly SourceFile[];
  readonly warnings: readonly FileWarning[];
}

type PortType = Pick<PortDeclaration, "kind" | "axes">;

/**
 * Reads the value of a port.
 *
 * @throws AdatomError for unreadable files, or PORT_TYPE when they do not hold such a value
 */
export async function readPort(
  registry: Registry,
  name: string,
  port: PortType,
  paths: readonly string[],
): Promise<ReadPort> {
  const wrong = (expected: string, got: string, hint?: string) =>
    new AdatomError("PORT_TYPE", { cannot: `read input "${name}"`, expected, got, hint }, {
      port: name,
    });
  if (port.kind === "image" || port.kind === "exposures") {
    const { images, exposures, sources, warnings } = await readExposures(registry, paths);
    if (port.kind === "exposures") return { value: exposures, sources, warnings };
    if (images.length !== 1) {
      const hint = "name one file of one image, or use a stage that takes exposures";
      throw wrong("one image", `${images.length} images`, hint);
    }
    return { value: images[0], sources, warnings };
  }
  if (port.axes !== "t" && paths.length !== 1) {
    throw wrong("one file", `${paths.length} files`);
  }
  const warnings: FileWarning[] = [];
  const values: unknown[] = [];
  const sources: SourceFile[] = [];
  for (const path of paths) {
    if (port.kind === "json") {
      const bytes = readBytes(path);
      sources.push({ path, sha256: digestBytes(bytes), bytes: bytes.length, page: 0 });
      values.push(parseJson(readText(path), path));
    } else {
      const read = await readTable(registry, path);
      sources.push(read.source);
      warnings.push(...read.warnings);
      values.push(read.table);
    }
  }
  return { value: port.axes === "t" ? values : values[0], sources, warnings };
}

/** Parses JSON, with a typed error that names the file. */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AdatomError("FILE_CORRUPT", {
      cannot: `read "${path}"`,
      expected: "JSON",
      got: (error as Error).message,
      hint: "correct it with an editor that checks JSON",
    }, { cause: error });
  }
}

/** How outputs are written. */
export interface WriteOptions {
  /** For `xNm, yNm` in tables. */
  readonly pixelSize: PixelSize | null;
  /** Write images in the sample type they carry, rather than as float32. */
  readonly keepSampleType: boolean;
}

/** The files for the value of an output: `<name>.csv`, `.tif` or `.json`; several for a list. */
export async function writePort(
  registry: Registry,
  name: string,
  value: unknown,
  { pixelSize, keepSampleType }: WriteOptions,
): Promise<(readonly [name: string, bytes: Uint8Array])[]> {
  const images = isImage(value) ? [value] : isExposures(value) ? value.images : undefined;
  if (images !== undefined) {
    const typed = keepSampleType ? images : images.map(asFloat);
    return [[`${name}.tif`, await imageBytes(registry, typed)]];
  }
  if (isTable(value)) return [[`${name}.csv`, await tableBytes(registry, value, pixelSize)]];
  if (Array.isArray(value) && value.length > 0 && value.every(isTable)) {
    const digits = String(value.length - 1).length;
    return await Promise.all(value.map(async (table, i) =>
      [
        `${name}/${String(i).padStart(digits, "0")}.csv`,
        await tableBytes(registry, table, pixelSize),
      ] as const
    ));
  }
  const text = JSON.stringify(value, null, 2) + "\n";
  return [[`${name}.json`, new TextEncoder().encode(text)]];
}

/** The pixel size that tables made from these inputs share, if there is one. */
export function sharedPixelSize(values: Iterable<unknown>): PixelSize | null {
  for (const value of values) {
    const image = isImage(value) ? value : isExposures(value) ? value.images[0] : undefined;
    if (image?.pixelSize) return image.pixelSize;
  }
  return null;
}

async function imageBytes(registry: Registry, images: Exposures["images"]): Promise<Uint8Array> {
  const format = registry.formats.find((f): f is ImageFormat =>
    f.kind === "image" && f.extensions.includes("tif") && f.write !== undefined
  );
  return await format!.write!(images);
}

async function tableBytes(
  registry: Registry,
  table: Table,
  pixelSize: PixelSize | null,
): Promise<Uint8Array> {
  const format = registry.formats.find((f): f is TableFormat =>
    f.kind === "table" && f.extensions.includes("csv") && f.write !== undefined
  );
  return await format!.write!(withNanometers(table, pixelSize));
}

/** The image marked as float32, which is what stages compute. */
function asFloat(image: Image): Image {
  return { ...image, sourceType: "float32" };
}
