/**
 * Runs Deno's own tools on the folder of a plugin, with `@core` meaning this very program's.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** What a tool said. */
export interface ToolResult {
  readonly ok: boolean;
  readonly out: string;
  readonly err: string;
}

/** Runs `deno` with some words in a folder. */
export async function runDeno(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ToolResult> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...words],
    cwd,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { ok: success, out: text(stdout), err: text(stderr) };
}

/** Runs something with a temporary folder that is deleted afterwards. */
export async function withTemporary<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "adatom-"));
  try {
    return await action(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Writes an import map for a plugin: its own imports, and `@core` and `@core/kernels` of this program,
 * wherever the plugin's `deno.json` looks for them. Gives its path.
 */
export function writeImportMap(plugin: string, into: string): string {
  const root = new URL("../../", import.meta.url);
  const own: Record<string, string> = {};
  for (const [name, target] of Object.entries(ownImports(plugin))) {
    own[name] = target.startsWith(".")
      ? pathToFileURL(resolve(plugin, target)).href + (target.endsWith("/") ? "/" : "")
      : target;
  }
  const imports = {
    ...own,
    "@core": new URL("core/mod.ts", root).href,
    "@core/kernels": new URL("core/kernels/mod.ts", root).href,
  };
  const path = join(into, "import_map.json");
  writeFileSync(path, JSON.stringify({ imports }, null, 2));
  return path;
}

function ownImports(plugin: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(join(plugin, "deno.json"), "utf8")).imports ?? {};
  } catch {
    return {}; // none, or one that Deno itself complains about
  }
}

/** The lines of a tool that say what is wrong, without its frame; where it is comes first. */
export function troubleOf({ out, err }: ToolResult, lines = 3): string {
  // deno-lint-ignore no-control-regex
  const plain = `${err}\n${out}`.replace(/\x1b\[[0-9;]*m/g, "");
  const place = /at file:\/\/\S*?([^\s/]+:\d+:\d+)/.exec(plain)?.[1];
  const told = plain.split("\n").map((line) => line.trim())
    .filter((line) =>
      line !== "" && !/^(Check|Download|Stack backtrace|Caused by:$|\d+: <|⚠)/.test(line)
    );
  const first = told.findIndex((line) => /error/i.test(line));
  const words = told.slice(Math.max(0, first)).slice(0, lines).join(" ").slice(0, 400);
  return `${place === undefined ? "" : `${place} `}${words}` || "no reason given";
}
