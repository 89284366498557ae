import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSandbox } from "../../../core/runner/process/sandbox.ts";
import { digestBytes } from "../../../core/store/digest.ts";
import {
  buildPlugin,
  bundleCode,
  manifestBytes,
  type PluginBundle,
} from "../../../procedures/plugins/build.ts";
import { runDeno } from "../../../procedures/plugins/deno.ts";
import { scalePlugin } from "../../support/plugin_bundle.ts";
import { withPluginFolder } from "../../support/plugin_folder.ts";
import { withFolder } from "../../support/toy_host.ts";

async function build(folder: string): Promise<PluginBundle> {
  const sandbox = createSandbox({ limits: { seconds: 20 } });
  try {
    return await buildPlugin(folder, sandbox);
  } finally {
    sandbox.close();
    await sandbox.ended();
  }
}

function withSource(text: string, action: (folder: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    writeFileSync(join(folder, "plugin.ts"), text);
    await action(folder);
  });
}

Deno.test("a new plugin builds into one file without imports, and a manifest of its code", () =>
  withPluginFolder({}, async (folder) => {
    const { manifest, code } = await build(folder);
    const text = new TextDecoder().decode(code);
    assertTrue(!/\bimport\s*[({"'*]|\bfrom\s*["']/.test(text), "nothing left to import");
    assertTrue(!text.includes(folder) && !text.includes(Deno.cwd()), "no path of the machine");
    assertEquals(manifest.bundle, {
      file: "plugin.js",
      sha256: digestBytes(code),
      bytes: code.length,
    });
    assertEquals([manifest.id, manifest.version, manifest.license], [
      "lab.sharpen",
      "0.1.0",
      "MIT",
    ]);
    assertEquals(Object.keys(manifest.stages[0].params), ["sigma", "amount"]);
    const written = new TextDecoder().decode(manifestBytes(manifest));
    assertEquals([JSON.parse(written), written.at(-1)], [manifest, "\n"]);
    const elsewhere = join(folder, "..", "another", "depth", "of folders");
    cpSync(folder, elsewhere, { recursive: true });
    assertEquals(digestBytes(await bundleCode(elsewhere)), manifest.bundle.sha256);
  }));

Deno.test("a folder without plugin.ts is none of a plugin", () =>
  withFolder(async (folder) => {
    const said = (path: string, got: string) =>
      `Cannot build the plugin in "${path}": expected a folder with "plugin.ts", got ${got}; make one ` +
      "with: adatom plugin new OWNER.NAME";
    await assertFails(() => build(folder), "PLUGIN_SOURCE", said(folder, "none in it"));
    const none = join(folder, "none");
    await assertFails(() => build(none), "PLUGIN_SOURCE", said(none, "no such folder"));
  }));

/** Sources that cannot be bundled, and what is said of them. */
const BROKEN: readonly (readonly [what: string, text: string, said: RegExp])[] = [
  ["a syntax error", "export default {", /Unexpected|expected|end of file/i],
  ["an import of no file", 'import "./none.ts";', /none\.ts/],
  ["an import of no name", 'import "@nothing/there";', /@nothing\/there/],
  ["an export that is not there", 'import { nope } from "@core"; nope();', /nope/],
];

for (const [what, text, said] of BROKEN) {
  Deno.test(`sources with ${what} give PLUGIN_BUILD`, () =>
    withSource(text, async (folder) => {
      const { message } = await assertFails(() => build(folder), "PLUGIN_BUILD");
      const head =
        `Cannot build the plugin in "${folder}": expected sources that can be bundled, got `;
      const tail =
        '; run "adatom plugin check" on it; the first build fetches esbuild from the npm ' +
        "registry";
      assertTrue(message.startsWith(head) && message.endsWith(tail), message);
      assertIncludes(message.slice(head.length, -tail.length), said);
    }));
}

Deno.test("code that describes no plugin gives PLUGIN_MANIFEST, and code that throws says so", async () => {
  const text = scalePlugin().replace('license: "MIT",', 'license: "",');
  await withSource(text, async (folder) => {
    await assertFails(
      () => build(folder),
      "PLUGIN_MANIFEST",
      `Cannot read the manifest "${folder}": expected a license, such as "MIT", got none; ask the ` +
        "author of the plugin for a new bundle",
    );
  });
  await withSource('throw new Error("not today"); export default {};', async (folder) => {
    const { message } = await assertFails(() => build(folder), "STAGE_FAILED");
    assertIncludes(message, 'the error "not today"');
  });
});

Deno.test("building gives the code no rights", () =>
  withSource(`${scalePlugin()}\nDeno.readTextFileSync("/etc/hostname");`, async (folder) => {
    const { message } = await assertFails(() => build(folder), "PLUGIN_PERMISSION");
    assertIncludes(message, 'Requires read access to "/etc/hostname"');
  }));

Deno.test("imports of the plugin's own deno.json are bundled, @core is always ours", () =>
  withFolder(async (folder) => {
    mkdirSync(join(folder, "parts"));
    const imports = { "@core": "./none.ts", "@words": "./words.ts", "@parts/": "./parts/" };
    writeFileSync(join(folder, "deno.json"), JSON.stringify({ imports }));
    writeFileSync(join(folder, "words.ts"), 'export const license = "ISC";');
    writeFileSync(join(folder, "parts", "summary.ts"), 'export const summary = "From a part";');
    const text = scalePlugin().replace('license: "MIT",', "license,")
      .replace('summary: "A plugin of the tests"', "summary");
    writeFileSync(
      join(folder, "plugin.ts"),
      `import { API_VERSION } from "@core"; import { license } from "@words";
       import { summary } from "@parts/summary.ts"; if (API_VERSION === "") throw 1; ${text}`,
    );
    const { manifest } = await build(folder);
    assertEquals([manifest.license, manifest.summary], ["ISC", "From a part"]);
  }));

/** A small package without dependencies. */
const PACKAGE = "npm:kdbush@4.0.2";

async function registryAnswers(): Promise<boolean> {
  const { ok } = await runDeno(["cache", "--no-lock", "--no-config", PACKAGE], Deno.cwd());
  return ok;
}

Deno.test("an npm package is bundled in", async () => {
  if (!await registryAnswers()) {
    console.log(`skipped: the npm registry does not give ${PACKAGE}`);
    return;
  }
  const text = `import KDBush from "${PACKAGE}";
    const size = new KDBush(3).nodeSize; ${scalePlugin().replace("maximum: 100", "maximum: size")}`;
  await withSource(text, async (folder) => {
    const { manifest, code } = await build(folder);
    assertTrue(!new TextDecoder().decode(code).includes("npm:"), "nothing left to fetch");
    assertEquals((manifest.stages[0].params.factor as { maximum?: number }).maximum, 64);
  });
});
