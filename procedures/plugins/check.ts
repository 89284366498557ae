/**
 * `adatom plugin check`: what can be said of a plugin without running its stages.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { adoptError } from "../../core/errors.ts";
import type { Sandbox } from "../../core/runner/process/sandbox.ts";
import { buildPlugin, type PluginBundle, requirePlugin } from "./build.ts";
import { runDeno, troubleOf, withTemporary, writeImportMap } from "./deno.ts";

/** How one check went. */
export interface CheckRow {
  /** Stable name, for programs: `types`, `lab.invert same-bytes`. */
  readonly id: string;
  readonly state: "ok" | "failed" | "skipped";
  /** What was seen, or what is wrong. */
  readonly detail: string;
  readonly ms: number;
}

/** Told of each check as it ends. */
export type OnRow = (row: CheckRow) => void;

/** Runs one check and makes a row of it; a thrown error is a failed check. */
export async function checkRow(
  id: string,
  check: () => Promise<string> | string,
): Promise<CheckRow> {
  const started = performance.now();
  const ms = () => Math.round(performance.now() - started);
  try {
    return { id, state: "ok", detail: await check(), ms: ms() };
  } catch (error) {
    const said = adoptError(error)?.message ?? (error as Error)?.message ?? String(error);
    // whoever reads this is the author
    const detail = said.replace(/; report it to (its author|the author of [^;]*)$/, "");
    return { id, state: "failed", detail, ms: ms() };
  }
}

/** Makes rows one after the other, each told of as it ends; only those of a name, if one is given. */
export interface RowMaker {
  readonly rows: readonly CheckRow[];
  row(id: string, check: () => Promise<string> | string): Promise<void>;
}

/** Makes a row maker. A check that fails as an earlier one of the same `group` did is skipped. */
export function createRows(onRow: OnRow, only?: string): RowMaker & {
  row(id: string, check: () => Promise<string> | string, group?: string): Promise<void>;
} {
  const rows: CheckRow[] = [];
  const failures = new Map<string, string>();
  return {
    rows,
    async row(id, check, group = id) {
      if (only !== undefined && !id.includes(only)) return;
      let made = await checkRow(id, check);
      if (made.state === "failed") {
        const key = `${group}\n${made.detail.slice(Math.max(0, made.detail.indexOf("Cannot ")))}`;
        const before = failures.get(key);
        if (before !== undefined) {
          made = { ...made, state: "skipped", detail: `fails as ${before} does` };
        } else failures.set(key, id);
      }
      rows.push(made);
      onRow(made);
    },
  };
}

/** What checking a plugin gave: the rows, and the bundle where it could be built. */
export interface CheckResult {
  readonly rows: readonly CheckRow[];
  readonly bundle: PluginBundle | undefined;
}

/** Checks the sources, the manifest made from them, and the documentation of a plugin. */
export async function checkPlugin(
  folder: string,
  sandbox: Sandbox,
  onRow: OnRow = () => {},
  only?: string,
): Promise<CheckResult> {
  requirePlugin(folder);
  const { rows, row } = createRows(onRow, only);
  let bundle: PluginBundle | undefined;
  if (only !== undefined && !"manifest".includes(only)) bundle = await buildPlugin(folder, sandbox);
  await row("manifest", async () => {
    bundle = await buildPlugin(folder, sandbox);
    const { id, version, stages, formats, bundle: { bytes } } = bundle.manifest;
    const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;
    const parts = `${count(stages.length, "stage")}, ${count(formats.length, "format")}`;
    return `${id} ${version}, ${parts}, ${Math.ceil(bytes / 1024)} KiB`;
  });
  await row("types", () => checkTypes(folder));
  await row("docs", () => checkDocs(folder, bundle));
  return { rows, bundle };
}

/** The TypeScript files of a plugin, without what is not its own. */
export function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).filter((name) =>
    name.endsWith(".ts") && !/(^|[\\/])(node_modules|dist|produced)[\\/]/.test(name)
  ).sort();
}

async function checkTypes(folder: string): Promise<string> {
  return await withTemporary(async (temporary) => {
    const map = writeImportMap(folder, temporary);
    const files = sourcesOf(folder);
    const result = await runDeno(
      ["check", "--quiet", "--no-lock", `--import-map=${map}`, ...files],
      folder,
    );
    if (!result.ok) throw new Error(troubleOf(result, 6));
    return `${files.length} files`;
  });
}

/** Every export of its modules is described, and README and license are there. */
async function checkDocs(folder: string, bundle: PluginBundle | undefined): Promise<string> {
  for (const name of ["README.md", "LICENSE"]) {
    if (!existsSync(join(folder, name))) throw new Error(`expected a file "${name}", got none`);
  }
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const parts = [...bundle?.manifest.stages ?? [], ...bundle?.manifest.formats ?? []];
  const unnamed = parts.find(({ id }) => !readme.includes(id));
  if (unnamed !== undefined) {
    throw new Error(`expected a word about ${unnamed.id} in README.md, got none`);
  }
  const files = sourcesOf(folder).filter((name) => !/(_test|_bench)\.ts$|(^|[\\/])_/.test(name));
  const missing = await undescribed(files, folder);
  if (missing.length > 0) {
    throw new Error(`expected a comment on every export, got none on ${missing.join(", ")}`);
  }
  return "every export is described";
}

interface Declaration {
  readonly kind?: string;
  /** `private` where an export only uses it. */
  readonly declarationKind?: string;
  readonly jsDoc?: { readonly doc?: string };
  readonly location?: { readonly filename: string; readonly line: number };
}

interface DocModule {
  readonly symbols?: readonly {
    readonly name: string;
    readonly declarations?: readonly Declaration[];
  }[];
}

/** The exports of some modules without a comment, as `file:line name`. */
export async function undescribed(files: readonly string[], folder: string): Promise<string[]> {
  return await withTemporary(async (temporary) => {
    const map = writeImportMap(folder, temporary);
    const words = ["doc", "--json", "--no-lock", `--import-map=${map}`, ...files];
    const result = await runDeno(words, folder);
    if (!result.ok) throw new Error(troubleOf(result));
    const modules: DocModule[] = Object.values(JSON.parse(result.out).nodes);
    return modules.flatMap(({ symbols = [] }) =>
      symbols.filter(({ name, declarations = [] }) =>
        name !== "default" && declarations.length > 0 &&
        declarations.every(({ kind, declarationKind, jsDoc }) =>
          kind !== "reference" && declarationKind !== "private" && !jsDoc?.doc
        )
      ).map(({ name, declarations }) => {
        const { filename, line } = declarations![0].location ?? { filename: "?", line: 0 };
        return `${filename.split("/").slice(-2).join("/")}:${line + 1} ${name}`;
      })
    );
  });
}
