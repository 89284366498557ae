/**
 * Folders of plugins as `adatom plugin new` makes them, and changed copies of them.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { scaffoldPlugin } from "../../procedures/plugins/scaffold.ts";
import { assertTrue } from "./assert.ts";
import { withFolder } from "./toy_host.ts";

const CORE = new URL("../../core/mod.ts", import.meta.url).href;

/** What is changed in a file: a part of its text, or all of it; `null` leaves the file out. */
export type FileChange = readonly [from: string | RegExp, to: string] | string | null;

/** Runs something with a new plugin `lab.sharpen`, changed in some files. */
export function withPluginFolder<T>(
  changes: Readonly<Record<string, FileChange>>,
  action: (folder: string) => Promise<T>,
): Promise<T> {
  return withFolder(async (home) => {
    const folder = join(home, "sharpen");
    const files = new Map(
      await scaffoldPlugin({ id: "lab.sharpen", coreAddress: CORE, year: 2026 }),
    );
    for (const [name, change] of Object.entries(changes)) {
      if (change === null) files.delete(name);
      else files.set(name, new TextEncoder().encode(textOf(files.get(name), change, name)));
    }
    for (const [name, bytes] of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), bytes);
    }
    return await action(folder);
  });
}

function textOf(bytes: Uint8Array | undefined, change: FileChange & object | string, name: string) {
  if (typeof change === "string") return change;
  const before = new TextDecoder().decode(bytes);
  const after = before.replace(change[0], change[1]);
  assertTrue(after !== before, `nothing to change in ${name}`);
  return after;
}
