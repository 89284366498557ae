/**
 * Values of ports as files: what `adatom run` reads from `--in` and writes to `--out`.
 *
 * @module
 */
import type { Image } from "../data/image.ts";
import { withNanometers } from "../data/calibrated.ts";
import type { Figure } from "../data/figure.ts";
import type { Table } from "../data/table.ts";
import type { PixelSize } from "../data/units.ts";
import { AdatomError } from "../errors.ts";
import { isExposures, isImage, isModel, isTable } from "../stage/check_value.ts";
import type { ImageFormat, TableFormat, Writable } from "../stage/format.ts";
import type { PortDeclaration } from "../stage/ports.ts";
import { digestBytes } from "../store/digest.ts";
import { figureSvg } from "./figure_svg.ts";
import {
  type FileWarning,
  readBytes,
  readExposures,
  readTable,
  readText,
  readTyped,
  type SourceFile,
} from "./files.ts";
import type { Format, Registry } from "./registry.ts";

/** A port's value read from files. */
export interface ReadPort {
  readonly value: unknown;
  readonly sources: readonly SourceFile[];
  readonly warnings: readonly FileWarning[];
}

type PortType = Pick<PortDeclaration, "kind" | "axes"> & { readonly type?: string };

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
      const hint = "name one file of one image, use a stage that takes exposures, or write a " +
        'pipeline whose step has "scatter: t"';
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
    const typed = port.kind === "json" ? await readTyped(registry, path, port.type) : undefined;
    if (typed !== undefined) {
      sources.push(typed.source);
      warnings.push(...typed.warnings);
      values.push(typed.value);
    } else if (port.kind === "json") {
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
  /** Id of the format to write in; TIFF for images and CSV for tables unless told. */
  readonly format?: string | undefined;
}

/** The files for the value of an output: `<name>.csv`, `.tif` or `.json`; several for a list. */
export async function writePort(
  registry: Registry,
  name: string,
  value: unknown,
  { pixelSize, keepSampleType, format }: WriteOptions,
): Promise<(readonly [name: string, bytes: Uint8Array])[]> {
  if (isModel(value)) return [[`${name}.onnx`, value.bytes]];
  const images = isImage(value) ? [value] : isExposures(value) ? value.images : undefined;
  if (images !== undefined) {
    const typed = keepSampleType ? images : images.map(asFloat);
    const writer = writerOf(registry, "image", format ?? "tif") as Writable<ImageFormat>;
    return [[`${name}.${writer.extensions[0]}`, await writer.write(typed)]];
  }
  const isTables = Array.isArray(value) && value.length > 0 && value.every(isTable);
  if (isTable(value) || isTables) {
    const writer = writerOf(registry, "table", format ?? "csv") as Writable<TableFormat>;
    const [extension] = writer.extensions;
    const bytesOf = async (table: Table) => await writer.write(withNanometers(table, pixelSize));
    if (isTable(value)) return [[`${name}.${extension}`, await bytesOf(value)]];
    const tables = value as Table[];
    return await Promise.all(
      tables.map(async (table, i) =>
        [`${name}/${numbered(i, tables.length)}.${extension}`, await bytesOf(table)] as const
      ),
    );
  }
  if (format !== undefined) {
    throw new AdatomError("FORMAT_UNSUPPORTED", {
      cannot: `write output "${name}" as ${format}`,
      expected: "an image or a table",
      got: "JSON",
      hint: "leave its --as out",
    });
  }
  const text = JSON.stringify(value, null, 2) + "\n";
  return [[`${name}.json`, new TextEncoder().encode(text)]];
}

/** The files that show an output of figures: `<name>.svg`; several for a list. */
export function drawPort(
  name: string,
  value: Figure | readonly Figure[],
): (readonly [name: string, bytes: Uint8Array])[] {
  const draw = (figure: Figure) => new TextEncoder().encode(figureSvg(figure));
  if ("panels" in value) return [[`${name}.svg`, draw(value)]];
  return value.map((figure, i) => [`${name}/${numbered(i, value.length)}.svg`, draw(figure)]);
}

/** A number with leading zeros, so that names of all in the list sort by it. */
function numbered(i: number, length: number): string {
  return String(i).padStart(String(length - 1).length, "0");
}

/** The pixel size that tables made from these inputs share, if there is one. */
export function sharedPixelSize(values: Iterable<unknown>): PixelSize | null {
  for (const value of values) {
    const image = isImage(value) ? value : isExposures(value) ? value.images[0] : undefined;
    if (image?.pixelSize) return image.pixelSize;
  }
  return null;
}

/** The format that writes a kind of value: by its id, as the user says it, or by its extension. */
function writerOf(registry: Registry, kind: "image" | "table", name: string): Format {
  const writers = registry.formats.filter((f) => f.kind === kind && f.write !== undefined);
  const found = writers.find((f) => f.id === name) ??
    writers.find((f) => f.extensions.includes(name));
  if (found !== undefined) return found;
  throw new AdatomError("FORMAT_UNSUPPORTED", {
    cannot: `write ${kind === "image" ? "an image" : "a table"} as "${name}"`,
    expected: `a format that can be written (${writers.map((f) => f.id).join(", ")})`,
    got: `"${name}"`,
  });
}

/** The image marked as float32, which is what stages compute. */
function asFloat(image: Image): Image {
  return { ...image, sourceType: "float32" };
}
