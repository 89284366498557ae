/**
 * Where plugins come from: a folder of sources, a bundle, an npm package, or an https address.
 *
 * @module
 */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { joinParts } from "../../core/data/encode.ts";
import { AdatomError, isAdatomError } from "../../core/errors.ts";
import { isFolder, readBytes } from "../../core/host/files.ts";
import { parseJson } from "../../core/host/port_files.ts";
import { readManifest } from "../../core/plugin/manifest.ts";
import type { Sandbox } from "../../core/runner/process/sandbox.ts";
import { digestBytes } from "../../core/store/digest.ts";
import { buildPlugin, MANIFEST_FILE, type PluginBundle } from "./build.ts";
import { runDeno, troubleOf, withTemporary } from "./deno.ts";

/** A bundle and where it came from. */
export interface FoundPlugin extends PluginBundle {
  /** As the lock names it: an absolute path, `npm:name@version`, or an address. */
  readonly source: string;
  /** Whether it was built from sources in a folder just now. */
  readonly built?: boolean;
}

/** A bundle above this many bytes is not fetched. */
const LARGEST_BYTES = 64 * 2 ** 20;

/**
 * Finds a plugin by what a user calls it. Folders of sources are built; all else is a bundle already,
 * whose code must have the digest its manifest states.
 *
 * @throws AdatomError PLUGIN_SOURCE, PLUGIN_BUILD, PLUGIN_MANIFEST, PLUGIN_DIGEST
 */
export async function findPlugin(text: string, sandbox: Sandbox): Promise<FoundPlugin> {
  if (text.startsWith("npm:")) return await fromNpm(text);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) return await fromAddress(text);
  const path = resolve(text);
  if (isFolder(path)) {
    if (existsSync(join(path, "plugin.ts"))) {
      return { ...await buildPlugin(path, sandbox), source: path, built: true };
    }
    return fromFiles(join(path, MANIFEST_FILE), text);
  }
  const manifest = path.endsWith(".js") ? join(dirname(path), MANIFEST_FILE) : path;
  return fromFiles(manifest, text);
}

function fromFiles(manifest: string, asked: string): FoundPlugin {
  if (!existsSync(manifest)) throw noManifest(asked, `none at "${manifest}"`);
  const value = parseManifest(new TextDecoder().decode(readBytes(manifest)), manifest);
  const bundle = openBundle(value, manifest, (file) => readBytes(join(dirname(manifest), file)));
  return { ...bundle, source: realpathSync(dirname(manifest)) };
}

async function fromAddress(text: string): Promise<FoundPlugin> {
  const address = URL.parse(text);
  if (address === null || !isSafe(address)) {
    throw new AdatomError("PLUGIN_SOURCE", {
      cannot: `fetch plugin "${text}"`,
      expected: "an https: address of a manifest.json",
      got: address === null ? "no address" : `a ${address.protocol} address`,
      hint: "use https, which nobody on the way can change",
    });
  }
  const bytes = await fetchBytes(address);
  const value = parseManifest(new TextDecoder().decode(bytes), text);
  const file = (value as { bundle?: { file?: unknown } } | null)?.bundle?.file;
  const code = isFileName(file) ? await fetchBytes(new URL(file, address)) : new Uint8Array();
  return { ...openBundle(value, text, () => code), source: address.href };
}

/** Whether nobody on the way can change what an address gives. */
function isSafe({ protocol, hostname }: URL): boolean {
  const local = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
  return protocol === "https:" || (protocol === "http:" && local);
}

async function fetchBytes(address: URL): Promise<Uint8Array> {
  const failed = (got: string) =>
    new AdatomError("PLUGIN_SOURCE", {
      cannot: `fetch "${address.href}"`,
      expected: "the file of a plugin",
      got,
      hint: "check the address and the connection, or add the bundle from a file",
    });
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(60_000) });
    const trouble = !response.ok
      ? `status ${response.status}`
      : isSafe(new URL(response.url))
      ? undefined
      : `a redirection to "${response.url}"`;
    if (trouble !== undefined) {
      await response.body?.cancel();
      throw failed(trouble);
    }
    const parts: Uint8Array[] = [];
    let count = 0;
    for await (const part of response.body ?? []) {
      count += part.length;
      if (count > LARGEST_BYTES) throw failed(`more than ${LARGEST_BYTES / 2 ** 20} MiB`);
      parts.push(part);
    }
    return joinParts(parts);
  } catch (error) {
    throw isAdatomError(error) ? error : failed((error as Error).message);
  }
}

/** Lets Deno fetch and check a package, whose scripts it does not run. */
async function fromNpm(text: string): Promise<FoundPlugin> {
  const match = /^npm:((?:@[\w.-]+\/)?[\w.-]+)(?:@([\w.^~*-]+))?$/.exec(text);
  if (match === null) {
    throw new AdatomError("PLUGIN_SOURCE", {
      cannot: `fetch plugin "${text}"`,
      expected: "npm:NAME or npm:NAME@VERSION",
      got: `"${text}"`,
      hint: "write for example npm:adatom-plugin-denoise@1.0.0",
    });
  }
  const [, name, version = "latest"] = match;
  return await withTemporary(async (folder) => {
    const wanted = { nodeModulesDir: "auto", imports: { plugin: `npm:${name}@${version}` } };
    Deno.writeTextFileSync(join(folder, "deno.json"), JSON.stringify(wanted));
    const result = await runDeno(["install", "--quiet", "--no-lock"], folder);
    const home = join(folder, "node_modules", name);
    if (!result.ok || !existsSync(home)) {
      throw new AdatomError("PLUGIN_SOURCE", {
        cannot: `fetch plugin "${text}"`,
        expected: "the package from the npm registry",
        got: troubleOf(result, 2),
        hint: "check the name and the connection, or add the bundle from a file",
      });
    }
    const manifest = join(home, MANIFEST_FILE);
    if (!existsSync(manifest)) throw noManifest(text, "a package without one");
    const value = parseManifest(readFileSync(manifest, "utf8"), text);
    const bundle = openBundle(value, text, (file) => readBytes(join(home, file)));
    const { version: exact } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
    return { ...bundle, source: `npm:${name}@${exact}` };
  });
}

function parseManifest(text: string, source: string): unknown {
  try {
    return parseJson(text, source);
  } catch (error) {
    if (!isAdatomError(error)) throw error;
    throw noManifest(source, `no JSON (${error.parts.got})`);
  }
}

function openBundle(
  value: unknown,
  source: string,
  readCode: (file: string) => Uint8Array,
): PluginBundle {
  const manifest = readManifest(value, source);
  const { file, sha256 } = manifest.bundle;
  if (!isFileName(file)) throw noManifest(source, `one whose code is in "${file}"`);
  const code = readCode(file);
  const found = digestBytes(code);
  if (found === sha256) return { manifest, code };
  throw new AdatomError("PLUGIN_DIGEST", {
    cannot: `take plugin ${manifest.id} ${manifest.version} from "${source}"`,
    expected: `code of the digest its manifest states (${sha256.slice(0, 12)}...)`,
    got: `other code (${found.slice(0, 12)}...)`,
    hint: "fetch it again, and tell its author if it stays so",
  });
}

/** A plain name of a file: nothing outside of the manifest's own folder. */
function isFileName(file: unknown): file is string {
  return typeof file === "string" && /^[\w-]+(\.[\w-]+)*$/.test(file);
}

function noManifest(source: string, got: string): AdatomError {
  return new AdatomError("PLUGIN_SOURCE", {
    cannot: `add plugin "${source}"`,
    expected: `a folder with plugin.ts, or a bundle with ${MANIFEST_FILE}`,
    got,
    hint: "name a folder, a manifest.json, npm:NAME, or an https: address of a manifest.json",
  });
}
