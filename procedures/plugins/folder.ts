/**
 * What authors do with the folder of a plugin: make it, check it, bundle it.
 *
 * @module
 */
import { existsSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { AdatomError } from "../../core/errors.ts";
import { writeBytes } from "../../core/host/files.ts";
import type { PluginManifest } from "../../core/plugin/manifest.ts";
import { createSandbox, type Sandbox } from "../../core/runner/process/sandbox.ts";
import { buildPlugin, CODE_FILE, MANIFEST_FILE, manifestBytes } from "./build.ts";
import { checkPlugin, type CheckRow, type OnRow } from "./check.ts";
import { scaffoldPlugin } from "./scaffold.ts";

/** What {@linkcode newPlugin} is asked for. */
export interface NewPluginRequest {
  /** `owner.name` */
  readonly id: string;
  readonly folder: string;
  /** Name in the license; the owner unless given. */
  readonly author?: string;
  /** Replace files in a folder that holds something. */
  readonly overwrite?: boolean;
}

/**
 * Makes the folder of a new plugin and gives the names of its files.
 *
 * @throws AdatomError PLUGIN_DECLARATION for a bad id, OUTPUT_EXISTS for a folder in use
 */
export async function newPlugin(request: NewPluginRequest): Promise<string[]> {
  const { id, folder, author, overwrite = false } = request;
  const target = resolve(folder);
  const files = await scaffoldPlugin({
    id,
    coreAddress: coreAddressFrom(target),
    year: new Date().getFullYear(),
    ...(author === undefined ? {} : { author }),
  });
  if (!overwrite && existsSync(target) && readdirSync(target).length > 0) {
    throw new AdatomError("OUTPUT_EXISTS", {
      cannot: `make a plugin in "${folder}"`,
      expected: "a new or empty folder",
      got: "one that holds something",
      hint: "choose another folder, or add --overwrite to replace files of the same names",
    });
  }
  for (const [name, bytes] of files) writeBytes(join(target, name), bytes);
  return [...files.keys()];
}

/** Checks the plugin in a folder without running its stages. */
export async function checkPluginFolder(
  folder: string,
  onRow?: OnRow,
): Promise<readonly CheckRow[]> {
  return await withSandbox(async (sandbox) =>
    (await checkPlugin(resolve(folder), sandbox, onRow)).rows
  );
}

/**
 * Builds the plugin in a folder and writes its bundle.
 *
 * @throws AdatomError as building does, or OUTPUT_NOT_WRITABLE
 */
export async function bundlePlugin(
  folder: string,
  out: string,
): Promise<{ readonly files: readonly string[]; readonly manifest: PluginManifest }> {
  return await withSandbox(async (sandbox) => {
    const { manifest, code } = await buildPlugin(resolve(folder), sandbox);
    // the manifest last: where it is, the bundle is whole
    writeBytes(join(out, CODE_FILE), code);
    writeBytes(join(out, MANIFEST_FILE), manifestBytes(manifest));
    return { files: [CODE_FILE, MANIFEST_FILE], manifest };
  });
}

async function withSandbox<T>(work: (sandbox: Sandbox) => Promise<T>): Promise<T> {
  const sandbox = createSandbox({ limits: { seconds: 60 } });
  try {
    return await work(sandbox);
  } finally {
    sandbox.close();
    await sandbox.ended();
  }
}

/** How a plugin in a folder names our core: relative inside of this checkout, else as an address. */
function coreAddressFrom(folder: string): string {
  const core = new URL("../../core/mod.ts", import.meta.url);
  const path = relative(folder, fileURLToPath(core)).replaceAll("\\", "/");
  const root = fileURLToPath(new URL("../../", import.meta.url));
  return folder.startsWith(root) ? path : core.href;
}
