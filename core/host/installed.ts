/**
 * Installed plugins: the lock that pins each of them, and their stages as the host lists them, without
 * running any of their code.
 *
 * ```
 * <home>/plugins/lock.json                      what is installed: version, digests, permissions, source
 * <home>/plugins/<id>/<version>-<digest>/       manifest.json and plugin.js
 * ```
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AdatomError } from "../errors.ts";
import { type PluginManifest, readManifest } from "../plugin/manifest.ts";
import { loadStage } from "../runner/load_stage.ts";
import { type Schema, schemaProblem } from "../stage/schema.ts";
import { type AnyStage, API_VERSION, type Permissions, type PluginOrigin } from "../stage/stage.ts";
import { inRange, parseVersion } from "../stage/version.ts";
import { digestBytes } from "../store/digest.ts";
import type { BrokenPlugin } from "./registry.ts";

/** The format named in the lock. */
export const LOCK_FORMAT = "adatom-plugins/1";

/** What the lock pins of one plugin. */
export interface LockEntry {
  readonly version: string;
  /** SHA-256 of the code. */
  readonly sha256: string;
  /** SHA-256 of the manifest. */
  readonly manifest: string;
  /** Where it came from: a path, `npm:name@version`, or an address. */
  readonly source: string;
  /** What the user confirmed. */
  readonly permissions: Permissions;
  readonly trusted: boolean;
}

/** The lock file. */
export interface PluginLock {
  readonly format: typeof LOCK_FORMAT;
  readonly plugins: Readonly<Record<string, LockEntry>>;
}

/** An installed plugin that can be used. */
export interface InstalledPlugin {
  readonly id: string;
  readonly entry: LockEntry;
  readonly manifest: PluginManifest;
  readonly origin: PluginOrigin;
}

/** Everything that is installed. */
export interface InstalledPlugins {
  readonly plugins: readonly InstalledPlugin[];
  readonly broken: readonly BrokenPlugin[];
}

const LOCK: Schema = {
  type: "object",
  required: ["format", "plugins"],
  additionalProperties: false,
  properties: {
    format: { enum: [LOCK_FORMAT] },
    plugins: {
      type: "object",
      additionalProperties: {
        type: "object",
        required: ["version", "sha256", "manifest", "source", "permissions", "trusted"],
        properties: {
          version: { type: "string" },
          sha256: { type: "string" },
          manifest: { type: "string" },
          source: { type: "string" },
          permissions: { type: "object" },
          trusted: { type: "boolean" },
        },
      },
    },
  },
};

/** Path of the lock in a folder of plugins. */
export function lockPath(folder: string): string {
  return join(folder, "lock.json");
}

/** Where the lock has the files of a plugin. */
export function pluginFolder(folder: string, id: string, { version, sha256 }: LockEntry): string {
  return join(folder, id, `${version}-${sha256.slice(0, 12)}`);
}

/**
 * The lock of a folder of plugins; an empty one where there is none.
 *
 * @throws AdatomError PLUGIN_BROKEN when it is damaged
 */
export function readLock(folder: string): PluginLock {
  const path = lockPath(folder);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as { code?: string }).code ?? "")) {
      return { format: LOCK_FORMAT, plugins: {} };
    }
    throw damagedLock(path, (error as Error).message);
  }
  try {
    const value = JSON.parse(text);
    const problem = schemaProblem(LOCK, value);
    const entries: LockEntry[] = problem === undefined ? Object.values(value.plugins) : [];
    const odd = entries.find(({ version }) => parseVersion(version) === undefined);
    if (odd !== undefined) throw new Error(`"${odd.version}" where a version is expected`);
    if (problem === undefined) return value as PluginLock;
    throw new Error(`${problem.got} where ${problem.expected} is expected`);
  } catch (error) {
    throw damagedLock(path, (error as Error).message);
  }
}

function damagedLock(path: string, got: string): AdatomError {
  return new AdatomError("PLUGIN_BROKEN", {
    cannot: `read the list of installed plugins "${path}"`,
    expected: "the file as Adatom wrote it",
    got,
    hint: "delete it and add your plugins again",
  });
}

/** Reads what is installed; whatever is wrong with a plugin is in the list, and nothing is thrown. */
export function readInstalled(folder: string): InstalledPlugins {
  const plugins: InstalledPlugin[] = [];
  const broken: BrokenPlugin[] = [];
  let lock: PluginLock;
  try {
    lock = readLock(folder);
  } catch (error) {
    return { plugins, broken: [{ id: "lock.json", problem: error as AdatomError }] };
  }
  for (const [id, entry] of Object.entries(lock.plugins)) {
    try {
      plugins.push(openInstalled(folder, id, entry));
    } catch (error) {
      broken.push({ id, problem: error as AdatomError });
    }
  }
  return { plugins, broken };
}

/**
 * Opens one installed plugin; its code is not read.
 *
 * @throws AdatomError PLUGIN_BROKEN, PLUGIN_DIGEST, PLUGIN_MANIFEST, PLUGIN_API
 */
export function openInstalled(folder: string, id: string, entry: LockEntry): InstalledPlugin {
  const home = pluginFolder(folder, id, entry);
  const path = join(home, "manifest.json");
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new AdatomError("PLUGIN_BROKEN", {
      cannot: `open plugin ${id}`,
      expected: `its manifest "${path}"`,
      got: (error as { code?: string }).code ?? String(error),
      hint: `remove it and add it again: adatom plugin remove ${id}`,
    });
  }
  if (digestBytes(bytes) !== entry.manifest) {
    throw new AdatomError("PLUGIN_DIGEST", {
      cannot: `open plugin ${id}`,
      expected: "the manifest that was installed",
      got: "a changed one",
      hint: `remove it and add it again: adatom plugin remove ${id}`,
    });
  }
  const manifest = readManifest(JSON.parse(new TextDecoder().decode(bytes)), path);
  checkApi(manifest);
  return {
    id,
    entry,
    manifest,
    origin: {
      id,
      version: entry.version,
      sha256: entry.sha256,
      file: join(home, "plugin.js"),
      trusted: entry.trusted,
      permissions: entry.permissions,
    },
  };
}

/**
 * Checks that this program offers what a plugin was written for.
 *
 * @throws AdatomError PLUGIN_API
 */
export function checkApi({ id, version, api, stages }: PluginManifest): void {
  const range = [api, ...stages.map((stage) => stage.api)].find((one) =>
    !inRange(API_VERSION, one)
  );
  if (range === undefined) return;
  const newer = Number(range.replace("^", "").split(".")[0]) >= Number(API_VERSION.split(".")[0]);
  throw new AdatomError("PLUGIN_API", {
    cannot: `use plugin ${id} ${version}`,
    expected: `a plugin for api ${API_VERSION}`,
    got: `one for api ${range}`,
    hint: newer ? "update Adatom" : "ask its author for a version for this Adatom",
  });
}

/** The stages of an installed plugin as the host lists and checks them. */
export function installedStages({ manifest, origin }: InstalledPlugin): AnyStage[] {
  return manifest.stages.map((description): AnyStage => {
    const { migrates, ...declared } = description;
    const module = pathToFileURL(origin.file).href;
    return {
      ...declared,
      plugin: origin,
      // only a trusted plugin is ever loaded into this process; the sandbox does without this method
      ...(origin.trusted ? { module } : {}),
      ...(migrates ? { migrate: sandboxOnly } : {}),
      async run(inputs: never, params: never, context) {
        if (!origin.trusted) sandboxOnly();
        return await (await loadStage(module, description.id)).run(inputs, params, context);
      },
    };
  });
}

function sandboxOnly(): never {
  throw new TypeError("the code of an installed plugin runs in the sandbox only");
}
