/**
 * Opens and writes the files that readers and writers see as bytes.
 *
 * @module
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import type { Exposures, Image } from "../data/image.ts";
import type { Table } from "../data/table.ts";
import { AdatomError } from "../errors.ts";
import {
  type FormatContext,
  HEAD_BYTES,
  type ImageFormat,
  type JsonFormat,
  type TableFormat,
} from "../stage/format.ts";
import type { Json } from "../stage/ports.ts";
import { shareValue } from "../runner/share.ts";
import { digestBytes } from "../store/digest.ts";
import type { Format, Registry } from "./registry.ts";

/** A warning about a file. */
export interface FileWarning {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** A file that was read, for records. */
export interface SourceFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Page of the file this image came from, counted from 0. */
  readonly page: number;
  /** The plugin whose format read it, as `id@version sha256`; left out for our own formats. */
  readonly reader?: string;
}

/** Images of a file or several, each with its source. */
export interface ReadImages {
  readonly images: readonly Image[];
  readonly sources: readonly SourceFile[];
  readonly warnings: readonly FileWarning[];
}

/**
 * All images of some files, in the given order; the pages of a stack one after the other.
 *
 * @throws AdatomError FILE_MISSING, FILE_UNREADABLE, FILE_EMPTY, FORMAT_UNKNOWN, or the reader's own
 */
export async function readImages(
  registry: Registry,
  paths: readonly string[],
): Promise<ReadImages> {
  const images: Image[] = [];
  const sources: SourceFile[] = [];
  const warnings: FileWarning[] = [];
  for (const path of paths) {
    const bytes = readBytes(path);
    const format = recognize(registry, path, bytes, "image") as ImageFormat;
    const pages = await format.read(bytes, formatContext(path, warnings));
    const sha256 = digestBytes(bytes);
    for (const [page, image] of pages.entries()) {
      images.push(shareValue(image));
      sources.push({ path, sha256, bytes: bytes.length, page, ...readerOf(format) });
    }
  }
  return { images, sources, warnings };
}

/** The exposures in some files: one stack, or a file an exposure. */
export async function readExposures(
  registry: Registry,
  paths: readonly string[],
): Promise<ReadImages & { readonly exposures: Exposures }> {
  const read = await readImages(registry, paths);
  return { ...read, exposures: { images: read.images } };
}

/** The table in a file. */
export async function readTable(
  registry: Registry,
  path: string,
): Promise<
  {
    readonly table: Table;
    readonly source: SourceFile;
    readonly warnings: readonly FileWarning[];
  }
> {
  const bytes = readBytes(path);
  const format = recognize(registry, path, bytes, "table") as TableFormat;
  const warnings: FileWarning[] = [];
  const table = await format.read(bytes, formatContext(path, warnings));
  const sha256 = digestBytes(bytes);
  return {
    table,
    source: { path, sha256, bytes: bytes.length, page: 0, ...readerOf(format) },
    warnings,
  };
}

/**
 * The value of a JSON port's `type` in a file of a format for it; undefined for any other file.
 *
 * @throws AdatomError FILE_MISSING, FILE_UNREADABLE, FILE_EMPTY, or the reader's own
 */
export async function readTyped(
  registry: Registry,
  path: string,
  type: string | undefined,
): Promise<
  | {
    readonly value: Json;
    readonly source: SourceFile;
    readonly warnings: readonly FileWarning[];
  }
  | undefined
> {
  const extension = extensionOf(path);
  const format = registry.formats.find((format): format is JsonFormat =>
    format.kind === "json" && format.type === type && format.extensions.includes(extension)
  );
  if (format === undefined) return undefined;
  const bytes = readBytes(path);
  const warnings: FileWarning[] = [];
  const value = await format.read(bytes, formatContext(path, warnings));
  const source = { path, sha256: digestBytes(bytes), bytes: bytes.length, page: 0 };
  return { value, source, warnings };
}

function readerOf({ plugin }: Format): { readonly reader?: string } {
  return plugin === undefined ? {} : { reader: `${plugin.id}@${plugin.version} ${plugin.sha256}` };
}

/** The bytes of a file. */
export function readBytes(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new AdatomError("FILE_MISSING", {
        cannot: `read "${path}"`,
        expected: "a file",
        got: "nothing at that path",
        hint: missingFileHint(path),
      }, { cause: error });
    }
    throw new AdatomError("FILE_UNREADABLE", {
      cannot: `read "${path}"`,
      expected: "a file that can be read",
      got: code === "EISDIR" ? "a folder" : code ?? String(error),
      hint: code === "EISDIR" ? "name the files in it" : "check its permissions",
    }, { cause: error });
  }
  if (bytes.length === 0) {
    throw new AdatomError("FILE_EMPTY", {
      cannot: `read "${path}"`,
      expected: "some bytes",
      got: "an empty file",
      hint: "copy it again from its source",
    });
  }
  return bytes;
}

/** The UTF-8 text of a file. */
export function readText(path: string): string {
  return new TextDecoder().decode(readBytes(path));
}

/**
 * Writes a file under a temporary name and renames it, so that it is whole or not there.
 *
 * @throws AdatomError OUTPUT_NOT_WRITABLE or DISK_FULL
 */
export function writeBytes(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.adatom-tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeAll(temporary, bytes);
    renameSync(temporary, path);
  } catch (error) {
    removeIfThere(temporary);
    throw writeError(path, error);
  }
}

/** Writes all bytes to a path that is not in use yet; system errors pass through. */
export function writeAll(path: string, bytes: Uint8Array): void {
  const file = openSync(path, "w");
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  } finally {
    closeSync(file);
  }
}

/** The typed error for a failed write. */
export function writeError(path: string, error: unknown): AdatomError {
  const code = (error as { code?: string }).code ?? String(error);
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new AdatomError("DISK_FULL", {
      cannot: `write "${path}"`,
      expected: "free space on the disk",
      got: "a full disk",
      hint: "free some space and run the same command again; finished steps are kept",
    }, { cause: error });
  }
  return new AdatomError("OUTPUT_NOT_WRITABLE", {
    cannot: `write "${path}"`,
    expected: "a place that can be written",
    got: code,
    hint: "choose another folder or change its permissions",
  }, { cause: error });
}

/** The format of a file: by what it starts with, else by its extension; ours before those of plugins. */
function recognize(
  registry: Registry,
  path: string,
  bytes: Uint8Array,
  kind: "image" | "table",
): Format {
  const formats = registry.formats.filter((format) => format.kind === kind);
  const head = bytes.subarray(0, HEAD_BYTES);
  const extension = extensionOf(path);
  const oursFirst = (a: Format, b: Format) => Number(!!a.plugin) - Number(!!b.plugin);
  const signed = formats.filter((format) => format.recognizes(head));
  const named = formats.filter((f) => f.extensions.includes(extension)).sort(oursFirst);
  const found = signed.sort(oursFirst)[0] ?? named[0];
  if (found === undefined) {
    throw new AdatomError("FORMAT_UNKNOWN", {
      cannot: `read "${path}"`,
      expected: `a file of ${kind === "image" ? "images" : "points"} (${
        formats.map((format) => format.title).join(", ")
      })`,
      got: "an unknown format",
      hint: "convert it to one of these",
    });
  }
  const rivals = signed.includes(found) ? signed : named.filter((f) => named[0].plugin && f.plugin);
  const plugins = new Set(rivals.flatMap((format) => format.plugin?.id ?? []));
  if (found.plugin !== undefined && plugins.size > 1) {
    throw new AdatomError("FORMAT_AMBIGUOUS", {
      cannot: `read "${path}"`,
      expected: "one plugin that reads such a file",
      got: [...plugins].join(" and "),
      hint: "remove all but one of them with: adatom plugin remove OWNER.NAME",
    });
  }
  return found;
}

function formatContext(path: string, warnings: FileWarning[]): FormatContext {
  return {
    path,
    name: basename(path, extname(path)),
    warn: (code, message) => void warnings.push({ path, code, message }),
  };
}

function missingFileHint(path: string): string {
  try {
    const names = readdirSync(dirname(path));
    const stem = basename(path, extname(path)).toLowerCase();
    const near = names.find((name) => name.toLowerCase().startsWith(stem));
    if (near !== undefined) return `did you mean "${join(dirname(path), near)}"?`;
    return "check the path";
  } catch {
    return `the folder "${dirname(path)}" is not there either`;
  }
}

/** The order of names in which `10` comes after `9`. */
export function byNumber(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** The files in a folder, those that start with a dot left out, `10` after `9`. */
export function filesInFolder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => entry.name).sort(byNumber).map((name) => join(folder, name));
}

/** A check of whether a path is named like an image that a registry has a format for. */
export function imageNames({ formats }: Registry): (path: string) => boolean {
  const images = formats.filter((format) => format.kind === "image");
  const extensions = new Set(images.flatMap((format) => format.extensions));
  return (path) => extensions.has(extensionOf(path));
}

function extensionOf(path: string): string {
  return extname(path).slice(1).toLowerCase();
}

/** Whether a path is an existing folder. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // nothing there, or below a file
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // it could not be made, so there is nothing to remove
  }
}
