/**
 * Installs, removes and verifies plugins: files first, then the lock, which is what counts.
 *
 * @module
 */
import { mkdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { randomUUID } from "node:crypto";
import { AdatomError } from "../../core/errors.ts";
import { claimProblem } from "../../core/host/claims.ts";
import { writeAll, writeBytes, writeError } from "../../core/host/files.ts";
import {
  checkApi,
  type InstalledPlugin,
  LOCK_FORMAT,
  type LockEntry,
  lockPath,
  openInstalled,
  pluginFolder,
  type PluginLock,
  readInstalled,
  readLock,
} from "../../core/host/installed.ts";
import type { PluginDescription } from "../../core/plugin/description.ts";
import { manifestDifference } from "../../core/plugin/manifest.ts";
import { PERMISSION_KINDS } from "../../core/plugin/plugin.ts";
import { createSandbox, readCode, type Sandbox } from "../../core/runner/process/sandbox.ts";
import type { Permissions } from "../../core/stage/stage.ts";
import { compareVersions } from "../../core/stage/version.ts";
import { digestBytes } from "../../core/store/digest.ts";
import { OURS } from "../create_host.ts";
import { pluginsFolder } from "../user_folders.ts";
import {
  CODE_FILE,
  describeCode,
  MANIFEST_FILE,
  manifestBytes,
  type PluginBundle,
} from "./build.ts";
import { findPlugin, type FoundPlugin } from "./source.ts";

/** What adding a plugin would do; nothing is done yet. */
export interface InstallPlan {
  readonly found: FoundPlugin;
  /** What is installed of it now. */
  readonly previous: LockEntry | undefined;
  readonly state: "new" | "update" | "same";
}

/** A row of the list of plugins. */
export interface PluginRow {
  readonly id: string;
  readonly state: "ok" | "broken";
  readonly version: string;
  readonly runs: "sandbox" | "pool (trusted)";
  readonly permissions: Permissions;
  readonly source: string;
  readonly sha256: string;
  readonly stages: readonly string[];
  readonly formats: readonly string[];
  readonly summary: string;
  /** What is wrong with a broken one. */
  readonly problem?: string;
}

/**
 * Finds a plugin and checks everything before any of its code runs, then that the code is what the
 * manifest says, inside the sandbox.
 *
 * @throws AdatomError for whatever speaks against adding it
 */
export async function planInstall(
  text: string,
  folder: string = pluginsFolder(),
): Promise<InstallPlan> {
  const sandbox = createSandbox({ limits: { seconds: 30 } });
  try {
    const found = await findPlugin(text, sandbox);
    const { manifest } = found;
    const lock = readLock(folder);
    const previous = lock.plugins[manifest.id];
    checkApi(manifest);
    const others = readInstalled(folder).plugins.filter(({ id }) => id !== manifest.id);
    const taken = claimProblem(manifest, { ...OURS, stages: [], others });
    if (taken !== undefined) throw taken;
    if (previous !== undefined) checkUpdate(found, previous);
    await checkCode(found, sandbox);
    const state = previous === undefined
      ? "new"
      : previous.sha256 === manifest.bundle.sha256
      ? "same"
      : "update";
    return { found, previous, state };
  } finally {
    sandbox.close();
    await sandbox.ended();
  }
}

/** Writes the files of a plugin and enters it in the lock. */
export function install(
  plan: InstallPlan,
  trusted: boolean,
  folder: string = pluginsFolder(),
): LockEntry {
  const { manifest, code, source } = plan.found;
  const manifestFile = manifestBytes(manifest);
  const entry: LockEntry = {
    version: manifest.version,
    sha256: manifest.bundle.sha256,
    manifest: digestBytes(manifestFile),
    source,
    permissions: manifest.permissions,
    trusted,
  };
  const target = pluginFolder(folder, manifest.id, entry);
  const temporary = `${target}.${randomUUID()}.partial`;
  try {
    mkdirSync(temporary, { recursive: true });
    writeAll(join(temporary, MANIFEST_FILE), manifestFile);
    writeAll(join(temporary, CODE_FILE), code);
    rmSync(target, { recursive: true, force: true });
    renameSync(temporary, target);
  } catch (error) {
    removeIfThere(temporary);
    throw writeError(target, error);
  }
  const { previous } = plan;
  try {
    writeLock(folder, (plugins) => ({ ...plugins, [manifest.id]: entry }));
  } catch (error) {
    if (previous?.sha256 !== entry.sha256) removeIfThere(target); // nothing would ever use it
    throw error;
  }
  if (previous !== undefined && previous.sha256 !== entry.sha256) {
    rmSync(pluginFolder(folder, manifest.id, previous), { recursive: true, force: true });
  }
  return entry;
}

/** Removes a folder, and the one it is in when nothing else is. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
    rmdirSync(dirname(path));
  } catch {
    // it could not be made, or others are in there
  }
}

/**
 * Removes a plugin from the lock, then its files.
 *
 * @throws AdatomError PLUGIN_UNKNOWN
 */
export function removePlugin(id: string, folder: string = pluginsFolder()): LockEntry {
  const entry = entryOf(id, folder);
  writeLock(folder, ({ [id]: _, ...others }) => others);
  rmSync(dirname(pluginFolder(folder, id, entry)), { recursive: true, force: true });
  return entry;
}

/**
 * Checks that a plugin is still what was installed, manifest and code, byte for byte, and that its code
 * still says what its manifest does.
 *
 * @throws AdatomError PLUGIN_UNKNOWN, PLUGIN_DIGEST, PLUGIN_MANIFEST, PLUGIN_API, PLUGIN_BROKEN
 */
export async function verifyPlugin(
  id: string,
  folder: string = pluginsFolder(),
): Promise<LockEntry> {
  const entry = entryOf(id, folder);
  const { manifest, origin } = openInstalled(folder, id, entry);
  const code = readCode(origin);
  const sandbox = createSandbox({ limits: { seconds: 30 } });
  try {
    await checkCode({ manifest, code }, sandbox);
  } finally {
    sandbox.close();
    await sandbox.ended();
  }
  return entry;
}

/** What is installed; a broken plugin is a row like the others. */
export function listPlugins(folder: string = pluginsFolder()): PluginRow[] {
  const { plugins, broken } = readInstalled(folder);
  const lock = broken.some(({ id }) => id === "lock.json") ? {} : readLock(folder).plugins;
  const rows: PluginRow[] = [];
  const usable: InstalledPlugin[] = []; // the first of two that claim the same, as in every host
  for (const plugin of plugins) {
    const { id, entry, manifest } = plugin;
    const taken = claimProblem(manifest, { ...OURS, stages: [], others: usable });
    if (taken === undefined) usable.push(plugin);
    rows.push({
      ...rowOf(id, entry),
      state: taken === undefined ? "ok" : "broken",
      stages: manifest.stages.map((stage) => stage.id),
      formats: manifest.formats.map((format) => format.id),
      summary: manifest.summary,
      ...(taken === undefined ? {} : { problem: taken.message }),
    });
  }
  for (const { id, problem } of broken) {
    rows.push({ ...rowOf(id, lock[id]), state: "broken", problem: problem.message });
  }
  return rows.sort((a, b) => a.id < b.id ? -1 : 1);
}

function rowOf(id: string, entry: LockEntry | undefined): PluginRow {
  return {
    id,
    state: "ok",
    version: entry?.version ?? "-",
    runs: entry?.trusted ? "pool (trusted)" : "sandbox",
    permissions: entry?.permissions ?? {},
    source: entry?.source ?? "-",
    sha256: entry?.sha256 ?? "-",
    stages: [],
    formats: [],
    summary: "",
  };
}

function entryOf(id: string, folder: string): LockEntry {
  const { plugins } = readLock(folder);
  if (Object.hasOwn(plugins, id)) return plugins[id];
  throw new AdatomError("PLUGIN_UNKNOWN", {
    cannot: `find plugin "${id}"`,
    expected: "an installed plugin",
    got: `"${id}"`,
    hint: Object.keys(plugins).length === 0
      ? "none is installed; add one with: adatom plugin add"
      : `installed are ${Object.keys(plugins).join(", ")}`,
  });
}

/** What speaks against putting one version of a plugin in the place of another. */
function checkUpdate({ manifest, source, built }: FoundPlugin, previous: LockEntry): void {
  const { id, version, bundle } = manifest;
  // whoever works on a plugin adds it again and again, from the same sources
  const isOwn = built && source === previous.source;
  const order = compareVersions(version, previous.version);
  const remove = `adatom plugin remove ${id}`;
  if (order < 0) {
    throw new AdatomError("PLUGIN_DOWNGRADE", {
      cannot: `add plugin ${id} ${version}`,
      expected: `a version newer than the installed ${previous.version}`,
      got: version,
      hint: `to go back, remove the newer one first: ${remove}`,
    });
  }
  if (order === 0 && bundle.sha256 !== previous.sha256 && !isOwn) {
    throw new AdatomError("PLUGIN_DIGEST", {
      cannot: `add plugin ${id} ${version}`,
      expected: `the code installed as ${version} (${previous.sha256.slice(0, 12)}...)`,
      got: `other code under the same version (${bundle.sha256.slice(0, 12)}...)`,
      hint: `its author should raise the version; to take it all the same: ${remove}`,
    });
  }
  const more = addedPermissions(previous.permissions, manifest.permissions);
  if (more.length > 0) {
    throw new AdatomError("PLUGIN_ASKS_MORE", {
      cannot: `add plugin ${id} ${version}`,
      expected: `no permissions beyond those confirmed for ${previous.version}`,
      got: more.join(", "),
      hint: `to confirm them, remove it first and add it again: ${remove}`,
    });
  }
}

/** The permissions one set has and another has not, as words. */
function addedPermissions(before: Permissions, after: Permissions): string[] {
  return PERMISSION_KINDS.flatMap((kind) =>
    (after[kind] ?? []).filter((item) => !before[kind]?.includes(item)).map((item) =>
      `${kind} ${item}`
    )
  );
}

/** Permissions as words for a person; empty for none. */
export function permissionWords(permissions: Permissions): string[] {
  return addedPermissions({}, permissions);
}

async function checkCode({ manifest, code }: PluginBundle, sandbox: Sandbox): Promise<void> {
  const { id, version } = manifest;
  const said = await describeCode(code, sandbox, id) as PluginDescription;
  const difference = manifestDifference(manifest, said);
  if (difference === undefined) return;
  throw new AdatomError("PLUGIN_MANIFEST", {
    cannot: `use plugin ${id} ${version}`,
    expected: "a manifest that was made from its code",
    got: `code that says ${difference}`,
    hint: "ask its author to bundle it with: adatom plugin bundle",
  });
}

/** Changes the lock as it is now, in one step. */
function writeLock(
  folder: string,
  change: (plugins: PluginLock["plugins"]) => PluginLock["plugins"],
): void {
  const plugins = change(readLock(folder).plugins);
  const sorted = Object.fromEntries(
    Object.entries(plugins).sort(([a], [b]) => a < b ? -1 : 1),
  );
  const lock: PluginLock = { format: LOCK_FORMAT, plugins: sorted };
  writeBytes(lockPath(folder), new TextEncoder().encode(JSON.stringify(lock, null, 2) + "\n"));
}
