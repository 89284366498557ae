/**
 * Checks of the tree that no linter sees: mirrored tests, one wrapper for each package, no cycles,
 * no private data. Run by `deno task ok`.
 *
 * @module
 */
import { sandboxCode } from "./sandbox_code.ts";
import { walkFiles } from "./walk.ts";

const ROOT = new URL("../", import.meta.url).pathname;

/** Files that need no test of their own, each with the reason. */
const UNTESTED: Readonly<Record<string, string>> = {
  "core/mod.ts": "a list of names, checked by the surface snapshot",
  "core/kernels/mod.ts": "a list of names, checked by the surface snapshot",
  "core/data/peaks.ts": "types only",
  "core/data/columns.ts": "types only",
  "core/data/drift.ts": "types only",
  "core/data/model.ts": "types only",
  "core/stage/format.ts": "types only",
  "core/stage/context.ts": "types, and poolTask, tested through the runners",
  "core/runner/runner.ts": "types only",
};

/** Every problem of the tree, as lines for a person. */
export async function treeProblems(): Promise<string[]> {
  const files = walkFiles(ROOT);
  return [
    ...missingTests(files),
    ...packagesImportedTwice(files),
    ...await importCycles(),
    ...await staleSandbox(),
  ];
}

/** Files of the sandbox that are not what their sources make. */
async function staleSandbox(): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, text] of await sandboxCode()) {
    const found = await Deno.readTextFile(ROOT + path).catch(() => "");
    if (found !== text) stale.push(`${path}: not made of its sources; run deno task sandbox`);
  }
  return stale;
}

/** Stages and kernels without a test file at the mirrored path. */
function missingTests(files: readonly string[]): string[] {
  const tested = new Set(files.filter((file) => file.startsWith("tests/")));
  return files
    .filter((file) => /^(core\/(kernels|data)|plugins\/[^/]+)\/[^_/][^/]*\.ts$/.test(file))
    .filter((file) =>
      !(file in UNTESTED) && !tested.has(`tests/${file.replace(".ts", "_test.ts")}`)
    )
    .map((file) => `${file}: there is no tests/${file.replace(".ts", "_test.ts")}`);
}

/** An npm package is imported in one file, which wraps it; fast-check only in tests. */
function packagesImportedTwice(files: readonly string[]): string[] {
  const config = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  const packages = Object.entries(config.imports as Record<string, string>)
    .filter(([, target]) => target.startsWith("npm:")).map(([name]) => name);
  return packages.flatMap((name) => {
    const pattern = new RegExp(`(from|import)\\s*\\(?\\s*"${name}"`);
    const users = files.filter((file) =>
      file.endsWith(".ts") && !file.startsWith("tests/") &&
      pattern.test(Deno.readTextFileSync(ROOT + file))
    );
    if (name === "fast-check") return users.map((file) => `${file}: fast-check is for tests`);
    if (users.length === 1) return [];
    return [`${name}: expected one file that imports it, got ${users.join(", ") || "none"}`];
  });
}

/** Cycles among the modules that `cli.ts` and `mod.ts` reach; types do not count. */
async function importCycles(): Promise<string[]> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "cli.ts"],
    cwd: ROOT,
    stderr: "null",
  });
  interface Module {
    specifier: string;
    dependencies?: { code?: { specifier?: string }; isDynamic?: boolean }[];
  }
  const info = JSON.parse(new TextDecoder().decode((await command.output()).stdout));
  const graph = new Map<string, string[]>();
  for (const { specifier, dependencies = [] } of info.modules as Module[]) {
    if (!specifier.startsWith("file:")) continue;
    const targets = dependencies.filter((d) => !d.isDynamic).flatMap((d) =>
      d.code?.specifier ?? []
    );
    graph.set(specifier, targets);
  }
  const state = new Map<string, "open" | "done">();
  const found: string[] = [];
  const visit = (node: string, path: readonly string[]) => {
    if (state.get(node) === "done") return;
    if (state.get(node) === "open") {
      const loop = [...path.slice(path.indexOf(node)), node];
      found.push(`import cycle: ${loop.map((s) => s.split("/").slice(-2).join("/")).join(" -> ")}`);
      return;
    }
    state.set(node, "open");
    for (const next of graph.get(node) ?? []) if (graph.has(next)) visit(next, [...path, node]);
    state.set(node, "done");
  };
  for (const node of graph.keys()) visit(node, []);
  return found;
}

if (import.meta.main) {
  const problems = await treeProblems();
  for (const problem of problems) console.error(problem);
  Deno.exit(problems.length === 0 ? 0 : 1);
}
