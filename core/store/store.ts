/**
 * The store: values by digest and actions by key, in a folder that may be deleted at any time.
 *
 * ```
 * objects/ab/abcdef...            the bytes of a value, named by their SHA-256
 * actions/<stage>/<key>.json      what a stage gave for one key
 * ```
 * Everything is written under a temporary name and renamed, so that a killed run leaves whole files.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type Digest, digestBytes, digestValue, rememberDigest } from "./digest.ts";
import { decodeValue, encodeParts } from "../data/encode.ts";

/** Everything a result depends on; its digest is the key. */
export interface ActionRequest {
  readonly stage: string;
  readonly version: string;
  /** Digest of the code that runs. */
  readonly code: Digest;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, Digest>>;
  /** Only for stages that draw random numbers. */
  readonly seed: number | null;
}

/** What a stage gave for one request. */
export interface ActionRecord {
  readonly request: ActionRequest;
  readonly outputs: Readonly<Record<string, Digest>>;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  readonly chosen: Readonly<Record<string, number | string | boolean>>;
}

/** A cache of results. */
export interface Store {
  readonly folder: string;
  /** The record and the values for a key, or `undefined`. Damaged entries count as missing. */
  get(
    stage: string,
    key: Digest,
  ): { record: ActionRecord; values: Record<string, unknown> } | undefined;
  /** Only the record; the values are not read. */
  peek(stage: string, key: Digest): ActionRecord | undefined;
  /** Keeps a result. */
  put(key: Digest, record: ActionRecord, values: Readonly<Record<string, unknown>>): void;
  /** All requests kept for a stage, for telling why one is missing. */
  requests(stage: string): ActionRequest[];
  /** Deletes the least recently used entries until the store is below its limit. */
  prune(limitBytes: number): { readonly removed: number; readonly bytes: number };
}

/** Opens the store in a folder, which is made when missing. */
export function openStore(folder: string): Store {
  const objectPath = (digest: Digest) => join(folder, "objects", digest.slice(0, 2), digest);
  const actionPath = (stage: string, key: Digest) => join(folder, "actions", stage, `${key}.json`);

  const peek = (stage: string, key: Digest): ActionRecord | undefined => {
    const text = readIfThere(actionPath(stage, key));
    if (text === undefined) return undefined;
    try {
      const record = JSON.parse(new TextDecoder().decode(text)) as ActionRecord;
      return Object.values(record.outputs).every((d) => sizeOf(objectPath(d)) !== undefined)
        ? record
        : undefined;
    } catch {
      return undefined; // a damaged record is as good as none: the stage runs again
    }
  };

  return {
    folder,
    peek,
    get(stage, key) {
      const record = peek(stage, key);
      if (record === undefined) return undefined;
      const values: Record<string, unknown> = {};
      for (const [port, digest] of Object.entries(record.outputs)) {
        const path = objectPath(digest);
        const bytes = readIfThere(path);
        if (bytes === undefined) return undefined;
        if (digestBytes(bytes) !== digest) {
          rmSync(path, { force: true });
          return undefined;
        }
        values[port] = decodeValue(bytes);
        rememberDigest(values[port], digest);
        touch(path);
      }
      touch(actionPath(stage, key));
      return { record, values };
    },
    put(key, record, values) {
      for (const [port, value] of Object.entries(values)) {
        const digest = record.outputs[port] ?? digestValue(value);
        const path = objectPath(digest);
        if (sizeOf(path) === undefined) writeWhole(path, encodeParts(value));
      }
      const text = new TextEncoder().encode(JSON.stringify(record));
      writeWhole(actionPath(record.request.stage, key), [text]);
    },
    requests(stage) {
      const dir = join(folder, "actions", stage);
      const found: { request: ActionRequest; time: number }[] = [];
      for (const name of listNames(dir)) {
        const text = readIfThere(join(dir, name));
        if (text === undefined) continue;
        try {
          const record = JSON.parse(new TextDecoder().decode(text)) as ActionRecord;
          found.push({ request: record.request, time: statSync(join(dir, name)).mtimeMs });
        } catch {
          continue; // damaged, or removed by another process in between
        }
      }
      return found.sort((a, b) => b.time - a.time).map((entry) => entry.request);
    },
    prune(limitBytes) {
      const files = listFiles(folder).sort((a, b) => a.time - b.time);
      let bytes = files.reduce((sum, file) => sum + file.size, 0);
      let removed = 0;
      for (const file of files) {
        if (bytes <= limitBytes) break;
        rmSync(file.path, { force: true });
        bytes -= file.size;
        removed++;
      }
      return { removed, bytes };
    },
  };
}

/** Writes a file in one step: all of it is there, or nothing. */
function writeWhole(path: string, parts: readonly Uint8Array[]): void {
  mkdirSync(join(path, ".."), { recursive: true });
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = openSync(temporary, "w");
  try {
    for (const part of parts) {
      for (let done = 0; done < part.length;) done += writeSync(file, part, done);
    }
  } catch (error) {
    closeSync(file);
    rmSync(temporary, { force: true });
    throw error;
  }
  closeSync(file);
  renameSync(temporary, path);
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

/** Marks a file as used now, so that pruning takes others first. */
function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // a store on a read-only disk still serves its entries
  }
}

function listNames(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => name.endsWith(".json")).sort();
  } catch {
    return [];
  }
}

function listFiles(dir: string): { path: string; size: number; time: number }[] {
  const names = statSync(dir, { throwIfNoEntry: false })
    ? readdirSync(dir, { recursive: true, withFileTypes: true })
    : [];
  return names.filter((entry) => entry.isFile()).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const info = statSync(path, { throwIfNoEntry: false });
    return info ? [{ path, size: info.size, time: info.mtimeMs }] : [];
  });
}
