/**
 * Finds of any tool: a folder of tables named as the images are.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AdatomError } from "../../core/errors.ts";
import { filesInFolder, isFolder, readTable } from "../../core/host/files.ts";
import type { Host } from "../../core/host/host.ts";
import type { Finder } from "./finder.ts";
import type { PositionTable } from "./truth.ts";

/** Extensions of tables, in the order they are looked for. */
const EXTENSIONS = ["csv", "tsv", "txt", "zip", "roi"] as const;

/**
 * A finder that reads `<image>.csv` (or `.tsv`, `.txt`, ImageJ's `.zip` and `.roi`) of a folder.
 *
 * @throws AdatomError FILE_MISSING when there is no such folder
 */
export function createCsvFinder(host: Host, name: string, folder: string): Finder {
  if (!isFolder(folder)) {
    throw new AdatomError("FILE_MISSING", {
      cannot: `read the finds of "${name}"`,
      expected: "a folder of tables",
      got: `no folder "${folder}"`,
      hint: "give --csv NAME=DIR",
    });
  }
  return {
    name,
    title: name,
    note: "positions from files; nothing was run",
    begin: () => Promise.resolve(),
    async find(sample) {
      const paths = EXTENSIONS.map((extension) => join(folder, `${sample.name}.${extension}`));
      const path = paths.find((path) => existsSync(path));
      if (path === undefined) {
        throw new AdatomError("FILE_MISSING", {
          cannot: `read the finds of "${name}"`,
          expected: `a table "${sample.name}.csv"`,
          got: `${filesInFolder(folder).length} other files`,
          hint: "name each table as its image",
        });
      }
      const { table } = await readTable(host.registry, path);
      return { found: table as PositionTable, ms: null, memoryMiB: null };
    },
    end: () => {},
  };
}
