/**
 * Zip archives through the package fflate, with fixed dates so that the same entries give the same
 * bytes.
 *
 * @module
 */
import { unzipSync, zipSync } from "fflate";

/** The date all entries carry: the earliest a zip archive can. */
const DATE = "1980-01-01T00:00:00";

/** A zip archive of some files in their order. */
export function zip(entries: readonly (readonly [name: string, bytes: Uint8Array])[]): Uint8Array {
  const files = Object.fromEntries(entries.map(([name, bytes]) => [name, new Uint8Array(bytes)]));
  return zipSync(files, { level: 6, mtime: DATE });
}

/** The files in a zip archive; throws what fflate throws for damaged ones. */
export function unzip(bytes: Uint8Array): [name: string, bytes: Uint8Array][] {
  return Object.entries(unzipSync(new Uint8Array(bytes)));
}
