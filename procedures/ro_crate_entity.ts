/**
 * The entities of an RO-Crate's graph that several parts of it share.
 *
 * @module
 */
import { basename, extname } from "node:path";
import type { RunRecord } from "../core/host/run_record.ts";
import type { Digest } from "../core/store/digest.ts";

/** One entity of the graph; a property that is `undefined` is not written. */
export interface CrateEntity {
  readonly "@id": string;
  readonly "@type": string | readonly string[];
  readonly [property: string]: unknown;
}

/** A link to an entity. */
export interface CrateReference {
  readonly "@id": string;
}

/** Media types by extension; anything else is a sequence of bytes. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  tif: "image/tiff",
  tiff: "image/tiff",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  bmp: "image/bmp",
  svg: "image/svg+xml",
  csv: "text/csv",
  tsv: "text/tab-separated-values",
  txt: "text/plain",
  json: "application/json",
  html: "text/html",
  zip: "application/zip",
};

/** Licenses of data that have an address under their SPDX id. */
const SPDX_LICENSE =
  /^(CC0-1\.0|CC-BY(-NC)?(-ND|-SA)?-[1-4]\.0|ODbL-1\.0|ODC-By-1\.0|PDDL-1\.0|MIT|Apache-2\.0)$/;

/** A link to an entity or to the one of this id. */
export function reference(target: string | CrateReference): CrateReference {
  return { "@id": typeof target === "string" ? target : target["@id"] };
}

/** A property with several values, as compact JSON-LD has it: none, the one, or the list. */
export function oneOrMany<T>(values: readonly T[]): T | readonly T[] | undefined {
  return values.length > 1 ? values : values[0];
}

/** Entities or links without repetitions of an id. */
export function unique<T extends CrateReference>(entities: readonly T[]): T[] {
  return [...new Map(entities.map((entity) => [entity["@id"], entity])).values()];
}

/** The id of a file in the crate: its path as a relative address. */
export function fileId(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

/** The id of a value that passed between steps. */
export function dataId(digest: Digest): string {
  return `#data-${digest}`;
}

/**
 * The files that hold an output: `peaks.csv`, or `peaks/0.csv`, `peaks/1.csv` and so on; not the
 * drawing of a figure, whose value is the JSON beside it.
 */
export function outputFiles({ outputs }: Pick<RunRecord, "outputs">, output: string): string[] {
  return Object.keys(outputs).sort(byCodePoint).filter((file) =>
    file.startsWith(output) && /^(\/\d+)?\.(?!svg$)[a-z]+$/.test(file.slice(output.length))
  );
}

/** The entity of a file in the crate. */
export function fileEntity(name: string, sha256: Digest, bytes: number): CrateEntity {
  return {
    "@id": fileId(name),
    "@type": "File",
    name: basename(name),
    encodingFormat: mediaType(name),
    contentSize: String(bytes),
    sha256,
  };
}

/**
 * The entity of a file that is not in the crate: its id comes from its digest, so that the crate tells
 * exactly which bytes they were and nothing about the machine they lay on.
 */
export function outsideFileEntity(
  names: readonly string[],
  sha256: Digest,
  bytes: number,
): CrateEntity {
  return {
    ...fileEntity(names[0], sha256, bytes),
    "@id": `#sha256-${sha256}`,
    alternateName: oneOrMany(names.slice(1)),
  };
}

/** The entity of a license as it was stated, or one that says that none was. */
export function licenseEntity(stated: unknown): CrateEntity {
  const type = { "@type": "CreativeWork" };
  if (typeof stated !== "string" || stated.trim() === "") {
    return {
      "@id": "#license",
      ...type,
      name: "No license stated",
      description: "No license was stated for this run: ask its authors before using it",
    };
  }
  const name = stated.trim();
  if (/^https?:\/\/\S+$/.test(name)) return { "@id": name, ...type, name };
  if (SPDX_LICENSE.test(name)) {
    return { "@id": `https://spdx.org/licenses/${name}`, ...type, name, identifier: name };
  }
  return { "@id": "#license", ...type, name, description: "As stated by the authors of this run" };
}

/** A value that is no file, under a name. */
export function valueEntity(
  id: string,
  name: string,
  value: unknown,
  more: Readonly<Record<string, unknown>> = {},
): CrateEntity {
  return { "@id": id, "@type": "PropertyValue", name, value: scalar(value), ...more };
}

/** What kind of value a parameter has, in the words of schema.org. */
export function dataTypes(value: unknown): string | readonly string[] {
  if (value === "auto") return ["Number", "Text"]; // a number, or the word that lets the stage choose
  if (typeof value === "boolean") return "Boolean";
  if (typeof value === "number") return "Number";
  if (Array.isArray(value)) return "Number";
  return typeof value === "object" && value !== null ? "PropertyValue" : "Text";
}

/** A value JSON-LD keeps as it is; lists, whose order it would lose, as JSON text. */
export function scalar(value: unknown): string | number | boolean {
  if (typeof value === "string" || typeof value === "boolean") return value;
  return typeof value === "number" ? value : JSON.stringify(value) ?? "";
}

/** Start and end of a run, in the form with an offset that the profile's checks ask for. */
export function timeOf(run: { readonly started: string; readonly ended: string }) {
  return { startTime: withOffset(run.started), endTime: withOffset(run.ended) };
}

/** Compares words the same way on every machine. */
export function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function withOffset(time: string): string {
  return time.replace(/Z$/, "+00:00");
}

function mediaType(name: string): string {
  return MEDIA_TYPES[extname(name).slice(1).toLowerCase()] ?? "application/octet-stream";
}
