/**
 * `adatom plugin test`: the conformance kit. Everything runs in the sandbox, as it will for users.
 *
 * @module
 */
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { AdatomError } from "../../core/errors.ts";
import { assembleHost, type Host } from "../../core/host/host.ts";
import { type InstalledPlugin, installedStages } from "../../core/host/installed.ts";
import { installedFormats } from "../../core/host/installed_formats.ts";
import { createRegistry, type Format } from "../../core/host/registry.ts";
import type { AnyStage } from "../../core/mod.ts";
import { createInlineRunner } from "../../core/runner/inline.ts";
import { createProcessRunner, watchInSandbox } from "../../core/runner/process/process.ts";
import { createSandbox, type Sandbox } from "../../core/runner/process/sandbox.ts";
import { createRouter } from "../../core/runner/route.ts";
import { contractChecks, type WatchedRun } from "../conformance/suite.ts";
import { OURS } from "../create_host.ts";
import { bundleCode, manifestBytes, type PluginBundle, writeCode } from "./build.ts";
import { checkPlugin, type CheckRow, createRows, type OnRow } from "./check.ts";
import { runDeno, troubleOf, withTemporary, writeImportMap } from "./deno.ts";
import { type PluginExample, readExamples, runExample } from "./examples.ts";
import { permissionWords } from "./install.ts";

/** Random bytes that a reader must survive, and how many sets of them. */
const NOISE = { sets: 20, longest: 4000 } as const;

/**
 * Runs every check of a plugin: those of `plugin check`, its own tests and examples, the stage contract,
 * what it reaches for, and whether its bundle can be made again.
 */
export async function testPlugin(
  path: string,
  onRow: OnRow = () => {},
  { only, accept = false, print = () => {} }: TestOptions = {},
): Promise<CheckRow[]> {
  const folder = resolve(path);
  return await withTemporary(async (temporary) => {
    const audit = join(temporary, "audit.jsonl");
    const limits = { seconds: 120 };
    const sandbox = createSandbox({ audit, limits, print: (_plugin, text) => print(text) });
    try {
      const { rows, bundle } = await checkPlugin(folder, sandbox, onRow, only);
      if (bundle === undefined) return [...rows];
      const around = { sandbox, temporary, audit, onRow, only, accept };
      const more = await testBundle(folder, bundle, around);
      return [...rows, ...more];
    } finally {
      sandbox.close();
      await sandbox.ended();
    }
  });
}

/** How a plugin is tested. */
export interface TestOptions {
  /** Only checks whose name holds this. */
  readonly only?: string | undefined;
  /** Write what examples produce over what they expect. */
  readonly accept?: boolean;
  /** Told of what the plugin prints. */
  readonly print?: (text: string) => void;
}

/** The error for a plugin that failed its test, or `undefined`. */
export function testProblem(path: string, rows: readonly CheckRow[]): AdatomError | undefined {
  const failed = rows.filter(({ state }) => state === "failed");
  if (failed.length === 0) return undefined;
  return new AdatomError("PLUGIN_TEST", {
    cannot: `pass the plugin in "${path}"`,
    expected: "every check to be ok",
    got: `${failed.length} of ${rows.length} that failed (${
      failed.map((row) => row.id).join(", ")
    })`,
    hint: "mend what they say and run it again",
  });
}

interface Surroundings {
  readonly sandbox: Sandbox;
  readonly temporary: string;
  readonly audit: string;
  readonly onRow: OnRow;
  readonly only: string | undefined;
  readonly accept: boolean;
}

async function testBundle(
  folder: string,
  bundle: PluginBundle,
  { sandbox, temporary, audit, onRow, only, accept }: Surroundings,
): Promise<readonly CheckRow[]> {
  const { rows, row } = createRows(onRow, only);
  const plugin = asInstalled(bundle, temporary);
  const stages = installedStages(plugin);
  const formats = installedFormats(plugin, sandbox);
  const host = hostOf(stages, formats, sandbox);
  await row("unit-tests", () => runUnitTests(folder));
  await row("load-time", () => loadTime(plugin, sandbox));
  await row("reproducible", () => bundleAgain(folder, bundle));
  const examples: PluginExample[] = [];
  await row("examples", () => {
    examples.push(...readExamples(folder));
    for (const id of [...stages, ...formats].map((part) => part.id)) {
      const shown = examples.some(({ stage, format }) => stage === id || format === id);
      if (!shown) throw new Error(`expected an example of ${id} in examples/, got none`);
    }
    return `${examples.length} of ${stages.length + formats.length} stages and formats`;
  });
  if (only !== undefined && examples.length === 0) examples.push(...readExamples(folder));
  for (const example of examples) {
    const name = example.path.slice(example.path.lastIndexOf("/") + 1);
    await row(`example ${name}`, () => runExample(host, folder, example, accept));
  }
  const run: WatchedRun = (stage, inputs, params, options = {}) =>
    watchInSandbox(
      sandbox,
      { stage, inputs, params, seed: 1 },
      options.cancelAtFirstReport ?? false,
    );
  for (const stage of stages) {
    for (const check of contractChecks(stage, { run })) {
      await row(`${stage.id} ${check.id}`, async () => {
        await check.run();
        return check.name.slice(stage.id.length + 1);
      }, stage.id);
    }
  }
  for (const format of formats) await row(`${format.id} noise`, () => readNoise(format));
  await row("permissions", () => auditedAccess(audit, plugin, temporary));
  host.close();
  return rows;
}

/** The bundle as if it were installed, in a temporary place. */
function asInstalled({ manifest, code }: PluginBundle, temporary: string): InstalledPlugin {
  const { id, version, permissions } = manifest;
  const origin = { ...writeCode(code, temporary, id), id, version, permissions };
  const entry = {
    version,
    sha256: origin.sha256,
    manifest: "",
    source: temporary,
    permissions,
    trusted: false,
  };
  return { id, entry, manifest, origin };
}

function hostOf(stages: readonly AnyStage[], formats: readonly Format[], sandbox: Sandbox): Host {
  return assembleHost({
    registry: createRegistry(stages, [...OURS.formats, ...formats]),
    runner: createRouter(createInlineRunner(), createProcessRunner(sandbox), () => {}),
    store: undefined,
    storeLimit: 0,
    seed: 1,
    codeOf: () => "test",
    code: () => "test",
    onEvent: () => {},
  });
}

/** The author's own tests, which may read and nothing else. */
async function runUnitTests(folder: string): Promise<string> {
  return await withTemporary(async (temporary) => {
    const map = writeImportMap(folder, temporary);
    // types are a check of their own
    const flags = ["--quiet", "--no-lock", "--no-check", "--allow-read", `--import-map=${map}`];
    const words = ["test", ...flags, "."];
    const result = await runDeno(words, folder);
    if (/No test modules found/.test(result.err)) throw new Error("expected tests, got none");
    if (!result.ok) throw new Error(troubleOf(result, 6));
    return /\d+ passed/.exec(result.out)?.[0] ?? "passed";
  });
}

async function loadTime({ origin }: InstalledPlugin, sandbox: Sandbox): Promise<string> {
  const started = performance.now();
  await sandbox.describe(origin);
  return `${Math.round(performance.now() - started)} ms to start and load`;
}

/** Bundles a copy that lies elsewhere: the same sources must give the same bytes. */
async function bundleAgain(folder: string, { manifest }: PluginBundle): Promise<string> {
  return await withTemporary(async (temporary) => {
    const copy = join(temporary, "elsewhere", "copy");
    cpSync(folder, copy, {
      recursive: true,
      // whatever the folder itself is called
      filter: (name) => !/(^|[\\/])(node_modules|dist|\.git)$/.test(relative(folder, name)),
    });
    const again = await bundleCode(copy);
    const same = again.length === manifest.bundle.bytes &&
      writeCode(again, temporary, "again").sha256 === manifest.bundle.sha256;
    if (!same) throw new Error("expected the same bytes from a copy of the sources, got others");
    return `${manifest.bundle.sha256.slice(0, 12)}, ${
      manifestBytes(manifest).length
    } B of manifest`;
  });
}

/** Files of noise: a value or a typed error, and nothing else. */
async function readNoise(format: Format): Promise<string> {
  let seed = 1;
  const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  let refused = 0;
  for (let i = 0; i < NOISE.sets; i++) {
    const bytes = Uint8Array.from(
      { length: Math.floor(random() * NOISE.longest) },
      () => Math.floor(random() * 256),
    );
    const { at = 0, bytes: start } = format.signatures?.[0] ?? { bytes: "" };
    for (let j = 0; i % 2 === 1 && j < start.length; j++) bytes[at + j] = start.charCodeAt(j);
    try {
      await format.read(bytes, { name: "noise", path: "noise", warn: () => {} });
    } catch (error) {
      const mine = error instanceof AdatomError && error.class === "input";
      if (!mine) throw error;
      refused++;
    }
  }
  return `${refused} of ${NOISE.sets} files of noise refused, the others read`;
}

/** What the plugin reached for, from the notes Deno made; those of our own threads do not count. */
function auditedAccess(
  audit: string,
  { manifest }: InstalledPlugin,
  temporary: string,
): string {
  const core = new URL("../../core/", import.meta.url).pathname;
  const lines = existsSync(audit) ? readFileSync(audit, "utf8").trim().split("\n") : [];
  const reached = lines.filter((line) => line !== "").map((line) =>
    JSON.parse(line) as { permission: string; value?: string }
  ).filter(({ permission, value = "" }) =>
    !(["read", "write"].includes(permission) && (value.startsWith(core) || isExchange(value)))
  );
  const declared = permissionWords(manifest.permissions);
  const undeclared = reached.filter(({ permission }) =>
    manifest.permissions[permission as keyof typeof manifest.permissions] === undefined
  );
  if (undeclared.length > 0) {
    const { permission, value } = undeclared[0];
    throw new Error(
      `expected nothing to be reached for but inputs, got ${permission} of "${
        (value ?? "").replace(temporary, "...")
      }"${undeclared.length > 1 ? ` and ${undeclared.length - 1} more` : ""}`,
    );
  }
  return declared.length === 0
    ? "none declared, none attempted"
    : `declared: ${declared.join(", ")}`;
}

function isExchange(path: string): boolean {
  return /[\\/]adatom-plugins-[^\\/]+[\\/][^\\/]+[\\/]exchange[\\/](in|out)$/.test(path);
}
