/**
 * Output folders: everything is written beside the folder first and moved in when it is complete.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { AdatomError } from "../errors.ts";
import { isFolder, writeAll, writeError } from "./files.ts";

/** The file in an output folder that says what is in it. */
export const RUN_RECORD = "run.json";

const MARK = ".adatom-partial";

/** Folders being written, for a process that must end at once. */
const unfinished = new Set<string>();

/** Deletes what was written for outputs that are not complete; for use before a forced exit. */
export function discardUnfinished(): void {
  for (const partial of unfinished) rmSync(partial, { recursive: true, force: true });
  unfinished.clear();
}

/** An output folder being written. */
export interface OutputFolder {
  readonly path: string;
  /** Whether the folder already holds the outputs of the same request. */
  readonly sameRequest: boolean;
  write(name: string, bytes: Uint8Array): void;
  /** Moves everything into place. */
  commit(): void;
  /** Deletes what was written. */
  discard(): void;
}

/**
 * Opens an output folder for writing.
 *
 * A folder that holds the `run.json` of the same request is written over with the same bytes; any
 * other that is not empty is refused unless `overwrite`, which replaces files of the same name and
 * leaves others alone.
 *
 * @throws AdatomError OUTPUT_EXISTS, OUTPUT_NOT_WRITABLE, DISK_FULL
 */
export function openOutputFolder(
  path: string,
  request: string,
  overwrite: boolean,
): OutputFolder {
  const target = resolve(path);
  const sameRequest = recordedRequest(target) === request;
  if (existsSync(target) && !isFolder(target)) {
    throw existsError(path, "a file of that name");
  }
  if (!sameRequest && !overwrite && isFolder(target)) {
    const names = readdirSync(target);
    if (names.length > 0) {
      const shown = names.slice(0, 3).map((name) => `"${name}"`).join(", ");
      const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
      throw existsError(path, `a folder that holds ${shown}${more}`);
    }
  }
  const partial = join(dirname(target), `${basename(target)}.partial`);
  if (existsSync(partial) && !existsSync(join(partial, MARK))) {
    throw existsError(partial, "something that is not ours under our temporary name");
  }
  const guarded = <T>(where: string, action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw writeError(where, error);
    }
  };
  guarded(path, () => {
    rmSync(partial, { recursive: true, force: true }); // left by a run that was killed
    mkdirSync(partial, { recursive: true });
    unfinished.add(partial);
    writeAll(join(partial, MARK), new Uint8Array());
  });
  const names: string[] = [];
  return {
    path,
    sameRequest,
    write(name, bytes) {
      guarded(join(path, name), () => {
        mkdirSync(dirname(join(partial, name)), { recursive: true });
        writeAll(join(partial, name), bytes);
      });
      names.push(name);
    },
    commit() {
      guarded(path, () => {
        if (!existsSync(target) || readdirSync(target).length === 0) {
          rmSync(join(partial, MARK));
          rmSync(target, { recursive: true, force: true });
          renameSync(partial, target);
          return;
        }
        // the record goes last: a folder with a record is complete
        for (
          const name of names.sort((a, b) => Number(a === RUN_RECORD) - Number(b === RUN_RECORD))
        ) {
          mkdirSync(dirname(join(target, name)), { recursive: true });
          renameSync(join(partial, name), join(target, name));
        }
        rmSync(partial, { recursive: true });
      });
      unfinished.delete(partial);
    },
    discard() {
      rmSync(partial, { recursive: true, force: true });
      unfinished.delete(partial);
    },
  };
}

function existsError(path: string, got: string): AdatomError {
  return new AdatomError("OUTPUT_EXISTS", {
    cannot: `write to "${path}"`,
    expected: "a new or empty folder, or one that holds the outputs of the same request",
    got,
    hint: "choose another folder, or add --overwrite to replace files of the same names",
  });
}

function recordedRequest(folder: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, RUN_RECORD), "utf8")).request;
  } catch {
    return undefined; // no record, or not one of ours: then it is no output of this request
  }
}
