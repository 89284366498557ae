/**
 * Assembles the host that scripts and the command line use: built-in stages and formats, the pool,
 * and the store in the user's cache folder.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assembleHost, type Host, type HostEvent } from "../core/host/host.ts";
import { claimProblem } from "../core/host/claims.ts";
import {
  type InstalledPlugin,
  type InstalledPlugins,
  installedStages,
  readInstalled,
} from "../core/host/installed.ts";
import { installedFormats } from "../core/host/installed_formats.ts";
import { migrateParams } from "../core/host/migrate_params.ts";
import { createRegistry } from "../core/host/registry.ts";
import { AdatomError, type AnyStage } from "../core/mod.ts";
import { createInlineRunner } from "../core/runner/inline.ts";
import { createPoolRunner } from "../core/runner/pool.ts";
import { createProcessRunner } from "../core/runner/process/process.ts";
import { createSandbox, readCode, type SandboxLimits } from "../core/runner/process/sandbox.ts";
import { createRouter } from "../core/runner/route.ts";
import type { Runner } from "../core/runner/runner.ts";
import type { Digest } from "../core/store/digest.ts";
import { openStore } from "../core/store/store.ts";
import { builtinFormats, builtinStages } from "../plugins/mod.ts";
import { chooseProvider } from "./providers.ts";
import { shippedModel } from "./read_model.ts";
import { cacheFolder, pluginsFolder } from "./user_folders.ts";
import { VERSION } from "./version.ts";

/** How a host is set up; everything has a default. */
export interface HostOptions {
  /** `pool` (the default): workers on all cores. `inline`: the calling thread. */
  readonly runner?: "pool" | "inline";
  /** Number of workers, at least 1; one a core unless told. */
  readonly workers?: number;
  /** Folder of the store; the user's cache folder unless told; `false` keeps nothing. */
  readonly cache?: string | false;
  /** Seed of all random numbers; 1 unless told. */
  readonly seed?: number;
  /** Stages beside the built-in and installed ones. */
  readonly stages?: readonly AnyStage[];
  /** Folder of installed plugins; the user's own unless told; `false` uses none. */
  readonly plugins?: string | false;
  /** Ids of installed plugins that run in the pool instead of the sandbox, with all rights. */
  readonly trust?: readonly string[];
  /** Limits of each task of a sandboxed plugin. */
  readonly limits?: Partial<SandboxLimits>;
  /** Told of everything that happens. */
  readonly onEvent?: (event: HostEvent) => void;
}

/** The store keeps at most this many bytes of results. */
const STORE_LIMIT = 4 * 2 ** 30;

/** The seed of a run that names none. */
export const DEFAULT_SEED = 1;

/**
 * Makes a host with the built-in stages and those of installed plugins, which run in a sandbox.
 *
 * @throws AdatomError PARAM_TYPE for a number of workers that is none
 *
 * @example Find the columns of a simulated lattice
 * ```ts
 * import { createHost, peaks, simulation } from "../mod.ts";
 * import { assertTrue } from "@assert";
 *
 * using host = createHost({ runner: "inline", cache: false });
 * const scene = await host.run(simulation.scene, {}, { width: 128, height: 128, exposures: 1 });
 * const found = await host.run(peaks.findfoci, { image: scene.exposures.images[0] });
 * assertTrue(found.peaks.length > 10);
 * ```
 */
export function createHost(options: HostOptions = {}): Host {
  const { cache = cacheFolder(), seed = DEFAULT_SEED, stages = [], onEvent = () => {} } = options;
  const sandbox = createSandbox({
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    print: (plugin, text) => onEvent({ type: "plugin-printed", plugin, text }),
  });
  const { plugins, broken } = usablePlugins(options);
  return assembleHost({
    registry: createRegistry(
      [...builtinStages, ...stages, ...plugins.flatMap(installedStages)],
      [...builtinFormats, ...plugins.flatMap((plugin) => installedFormats(plugin, sandbox))],
      broken,
    ),
    runner: createRouter(makeRunner(options), createProcessRunner(sandbox), readCode),
    store: cache === false ? undefined : openStore(cache),
    storeLimit: STORE_LIMIT,
    seed,
    migrate: (stage, params, from) => migrateParams(sandbox, stage, params, from),
    machine: { shippedModel, provider: chooseProvider },
    ...createCodeDigests(),
    onEvent,
  });
}

/** What no plugin may claim. */
export const OURS = { builtin: builtinStages, formats: builtinFormats } as const;

/** The installed plugins, without those that claim what is taken. */
function usablePlugins(
  { plugins = pluginsFolder(), trust = [], stages = [] }: HostOptions,
): InstalledPlugins {
  if (plugins === false) return { plugins: [], broken: [] };
  const installed = readInstalled(plugins);
  const broken = [...installed.broken];
  const usable: InstalledPlugin[] = [];
  for (const plugin of installed.plugins) {
    const taken = claimProblem(plugin.manifest, {
      ...OURS,
      stages,
      others: usable,
    });
    if (taken !== undefined) broken.push({ id: plugin.id, problem: taken });
    else {
      const trusted = plugin.origin.trusted || trust.includes(plugin.id);
      usable.push({ ...plugin, origin: { ...plugin.origin, trusted } });
    }
  }
  return { plugins: usable, broken };
}

function makeRunner({ runner = "pool", workers }: HostOptions): Runner {
  if (runner === "inline") return createInlineRunner();
  const width = workers ?? navigator.hardwareConcurrency;
  if (Number.isSafeInteger(width) && width >= 1) return createPoolRunner(width);
  throw new AdatomError("PARAM_TYPE", {
    cannot: "make a host",
    expected: "a whole number of workers, at least 1",
    got: String(width),
    hint: 'use runner: "inline" to run stages in the calling thread',
  }, { param: "workers" });
}

/**
 * Digests of the code behind each stage, so that a changed program never serves old results: all of
 * our numerics together, and the stage's own module.
 */
function createCodeDigests(): { code: () => Digest; codeOf: (stage: AnyStage) => Digest } {
  let ours: string | undefined;
  const known = new Map<string, Digest>();
  const code = () =>
    ours ??= digestFolders(["core/data", "core/kernels", "core/stage", "plugins", "procedures"]);
  return {
    code,
    codeOf({ id, module, plugin }) {
      if (plugin !== undefined) return plugin.sha256; // a plugin brings all of its code along
      const where = module ?? id;
      let digest = known.get(where);
      if (digest === undefined) {
        digest = createHash("sha256").update(code()).update(sourceOf(module)).digest("hex");
        known.set(where, digest);
      }
      return digest;
    },
  };
}

/** One digest of all source files in some folders; of the version where they are not files. */
function digestFolders(folders: readonly string[]): string {
  const hash = createHash("sha256").update(VERSION);
  const root = new URL("../", import.meta.url);
  if (root.protocol !== "file:") return hash.digest("hex");
  for (const folder of folders) {
    const path = fileURLToPath(new URL(folder, root));
    const names = readdirSync(path, { recursive: true }).map(String).sort();
    for (const name of names.filter((n) => n.endsWith(".ts"))) {
      hash.update(name).update(readFileSync(join(path, name)));
    }
  }
  return hash.digest("hex");
}

function sourceOf(module: string | undefined): string | Uint8Array {
  return module?.startsWith("file:") ? readFileSync(fileURLToPath(module)) : module ?? "";
}
