/**
 * Builds a plugin: one file of code from its sources, and a manifest from that code.
 *
 * The code is described inside the sandbox, so that not even building runs it with rights.
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AdatomError } from "../../core/errors.ts";
import { isFolder } from "../../core/host/files.ts";
import type { PluginDescription } from "../../core/plugin/description.ts";
import { MANIFEST_FORMAT, type PluginManifest, readManifest } from "../../core/plugin/manifest.ts";
import type { Sandbox } from "../../core/runner/process/sandbox.ts";
import type { PluginOrigin } from "../../core/stage/stage.ts";
import { digestBytes } from "../../core/store/digest.ts";
import { runDeno, troubleOf, withTemporary, writeImportMap } from "./deno.ts";

/** Name of the file of code in a bundle. */
export const CODE_FILE = "plugin.js";

/** Name of the manifest in a bundle. */
export const MANIFEST_FILE = "manifest.json";

/** A plugin in the form in which it is shipped. */
export interface PluginBundle {
  readonly manifest: PluginManifest;
  readonly code: Uint8Array;
}

/**
 * Builds the plugin in a folder.
 *
 * @throws AdatomError PLUGIN_SOURCE without `plugin.ts`, PLUGIN_BUILD when its sources do not build,
 * PLUGIN_MANIFEST when its declaration is no good, or as the sandbox does
 */
export async function buildPlugin(folder: string, sandbox: Sandbox): Promise<PluginBundle> {
  const code = await bundleCode(folder);
  const said = await describeCode(code, sandbox, folder);
  const bundle = { file: CODE_FILE, sha256: digestBytes(code), bytes: code.length };
  const manifest = { format: MANIFEST_FORMAT, ...said as PluginDescription, bundle };
  return { manifest: readManifest(manifest, folder), code };
}

/** The manifest of a bundle as its file. */
export function manifestBytes(manifest: PluginManifest): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(manifest, null, 2) + "\n");
}

/**
 * One file of code from the sources of a plugin; the same bytes wherever the folder lies.
 *
 * @throws AdatomError PLUGIN_SOURCE, PLUGIN_BUILD
 */
export async function bundleCode(folder: string): Promise<Uint8Array> {
  requirePlugin(folder);
  return await withTemporary(async (temporary) => {
    const map = writeImportMap(folder, temporary);
    const out = join(temporary, CODE_FILE);
    // minified, since comments with paths would make the bytes depend on where the sources lie
    const result = await runDeno(
      [
        "bundle",
        "--quiet",
        "--no-lock",
        "--minify",
        "--keep-names",
        "--platform=deno",
        `--import-map=${map}`,
        `--output=${out}`,
        "plugin.ts",
      ],
      folder,
    );
    if (result.ok && existsSync(out)) return new Uint8Array(readFileSync(out));
    throw new AdatomError("PLUGIN_BUILD", {
      cannot: `build the plugin in "${folder}"`,
      expected: "sources that can be bundled",
      got: troubleOf(result),
      hint:
        'run "adatom plugin check" on it; the first build fetches esbuild from the npm registry',
    });
  });
}

/**
 * Makes sure that a folder holds the sources of a plugin.
 *
 * @throws AdatomError PLUGIN_SOURCE
 */
export function requirePlugin(folder: string): void {
  if (existsSync(join(folder, "plugin.ts"))) return;
  throw new AdatomError("PLUGIN_SOURCE", {
    cannot: `build the plugin in "${folder}"`,
    expected: 'a folder with "plugin.ts"',
    got: isFolder(folder) ? "none in it" : "no such folder",
    hint: "make one with: adatom plugin new OWNER.NAME",
  });
}

/** What code says about itself, asked inside the sandbox. */
export async function describeCode(
  code: Uint8Array,
  sandbox: Sandbox,
  source: string,
): Promise<unknown> {
  return await withTemporary(async (temporary) => {
    const origin = writeCode(code, temporary, source);
    return await sandbox.describe(origin);
  });
}

/** Puts code where the sandbox can load it from; the plugin has no name yet but its source. */
export function writeCode(code: Uint8Array, folder: string, source: string): PluginOrigin {
  const file = join(folder, CODE_FILE);
  writeFileSync(file, code);
  return {
    id: `"${source}"`,
    version: "(new)",
    sha256: digestBytes(code),
    file,
    trusted: false,
    permissions: {},
  };
}
