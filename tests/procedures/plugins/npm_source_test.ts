/**
 * `npm:` sources of plugins, from a registry on this machine.
 */
import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { join } from "node:path";
import { createSandbox } from "../../../core/runner/process/sandbox.ts";
import { manifestBytes } from "../../../procedures/plugins/build.ts";
import { findPlugin } from "../../../procedures/plugins/source.ts";
import { type TestPackage, withRegistry } from "../../support/npm_registry.ts";
import { bundleOf, scalePlugin } from "../../support/plugin_bundle.ts";
import { withFolder } from "../../support/toy_host.ts";

const { manifest, code } = await bundleOf(scalePlugin());
const GOOD = { "manifest.json": manifestBytes(manifest), "plugin.js": code };

const PACKAGES: readonly TestPackage[] = [
  { name: "adatom-plugin-scale", version: "1.0.0", files: GOOD },
  { name: "adatom-plugin-scale", version: "1.2.0", files: GOOD },
  { name: "@lab/scale", version: "0.1.0", files: GOOD },
  { name: "empty", version: "1.0.0", files: { "index.js": "" } },
  { name: "changed", version: "1.0.0", files: { ...GOOD, "plugin.js": "export default 1;" } },
  {
    name: "scripts",
    version: "1.0.0",
    files: {
      ...GOOD,
      "package.json": JSON.stringify({
        name: "scripts",
        version: "1.0.0",
        scripts: { postinstall: "touch $RAN" },
      }),
    },
  },
];

/** What `findPlugin` does in a process of its own, with this registry and an empty cache. */
async function findNpm(text: string, registry: string, cache: string) {
  const source = new URL("../../../procedures/plugins/source.ts", import.meta.url);
  const script = `const { findPlugin } = await import(${JSON.stringify(source.href)});
    await findPlugin(${JSON.stringify(text)}, undefined).then(
      ({ manifest, code, source }) => console.log(JSON.stringify([manifest.id, code.length, source])),
      (error) => console.log(JSON.stringify([error.code, error.message])),
    );`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", "--no-config", script],
    env: {
      NPM_CONFIG_REGISTRY: registry,
      DENO_DIR: join(cache, "deno"),
      RAN: join(cache, "ran"),
      NO_COLOR: "1",
    },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertTrue(stdout.length > 0, decode(stderr));
  return JSON.parse(decode(stdout)) as [string, string | number, string?];
}

Deno.test("findPlugin takes a bundle out of an npm package, and runs none of its scripts", () =>
  withFolder((cache) =>
    withRegistry(PACKAGES, async (registry) => {
      const sources = {
        "npm:adatom-plugin-scale": "npm:adatom-plugin-scale@1.2.0",
        "npm:adatom-plugin-scale@1.0.0": "npm:adatom-plugin-scale@1.0.0",
        "npm:adatom-plugin-scale@~1.0": "npm:adatom-plugin-scale@1.0.0",
        "npm:@lab/scale@^0.1": "npm:@lab/scale@0.1.0",
        "npm:scripts": "npm:scripts@1.0.0",
      };
      for (const [text, exact] of Object.entries(sources)) {
        assertEquals(await findNpm(text, registry, cache), ["lab.scale", code.length, exact]);
      }
      assertEquals([...Deno.readDirSync(cache)].map(({ name }) => name), ["deno"]);
    })
  ));

Deno.test("findPlugin says what is wrong with an npm package", () =>
  withFolder(async (cache) => {
    const head = (text: string) =>
      `Cannot fetch plugin "${text}": expected the package from the npm registry, got `;
    const tail = "; check the name and the connection, or add the bundle from a file";
    let dead = "";
    await withRegistry(PACKAGES, async (registry) => {
      dead = registry;
      assertEquals(await findNpm("npm:empty", registry, cache), [
        "PLUGIN_SOURCE",
        'Cannot add plugin "npm:empty": expected a folder with plugin.ts, or a bundle with ' +
        `manifest.json, got a package without one; name a folder, a manifest.json, npm:NAME, or an ` +
        "https: address of a manifest.json",
      ]);
      const [changed, message] = await findNpm("npm:changed", registry, cache);
      assertEquals(changed, "PLUGIN_DIGEST", String(message));
      for (const text of ["npm:none-of-that-name", "npm:adatom-plugin-scale@^3"]) {
        const [unknown, message] = await findNpm(text, registry, cache);
        assertEquals(unknown, "PLUGIN_SOURCE", String(message));
        assertIncludes(String(message), head(text));
        assertIncludes(
          String(message),
          /(none-of-that-name|adatom-plugin-scale@\^3).*; check the name/,
        );
      }
    });
    const [offline, said] = await findNpm("npm:other", dead, cache);
    assertEquals(offline, "PLUGIN_SOURCE");
    assertTrue(
      String(said).startsWith(head("npm:other")) && String(said).endsWith(tail),
      String(said),
    );
    assertIncludes(String(said).slice(head("npm:other").length), /npm|registry|onnect/);
  }));

Deno.test("findPlugin refuses npm: texts that name no package", async () => {
  for (const text of ["npm:", "npm:@lab", "npm:a b", "npm:a@1@2", "npm:../x", "npm:a@>=1 || 2"]) {
    await assertFails(
      () => findPlugin(text, createSandbox()),
      "PLUGIN_SOURCE",
      `Cannot fetch plugin "${text}": expected npm:NAME or npm:NAME@VERSION, got "${text}"; write for ` +
        "example npm:adatom-plugin-denoise@1.0.0",
    );
  }
});
