import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lockPath, pluginFolder, readLock } from "../../../core/host/installed.ts";
import { manifestBytes } from "../../../procedures/plugins/build.ts";
import {
  install,
  type InstallPlan,
  listPlugins,
  permissionWords,
  planInstall,
  removePlugin,
  verifyPlugin,
} from "../../../procedures/plugins/install.ts";
import {
  bundleOf,
  installText,
  scalePlugin,
  type TestBundle,
} from "../../support/plugin_bundle.ts";
import { withFolder } from "../../support/toy_host.ts";

interface Work {
  readonly home: string;
  /** The folder of installed plugins. */
  readonly plugins: string;
  plan(text: string, change?: (bundle: TestBundle) => TestBundle): Promise<InstallPlan>;
  add(text: string): Promise<InstallPlan>;
  /** Every file and folder of installed plugins. */
  files(): string[];
}

function withPlugins(action: (work: Work) => Promise<void>): Promise<void> {
  return withFolder(async (home) => {
    const plugins = join(home, "plugins"), source = join(home, "source");
    mkdirSync(source);
    const plan: Work["plan"] = async (text, change = (bundle) => bundle) => {
      const { manifest, code } = change(await bundleOf(text));
      writeFileSync(join(source, "manifest.json"), manifestBytes(manifest));
      writeFileSync(join(source, "plugin.js"), code);
      return await planInstall(source, plugins);
    };
    await action({
      home,
      plugins,
      plan,
      async add(text) {
        const planned = await plan(text);
        install(planned, false, plugins);
        return planned;
      },
      files: () =>
        existsSync(plugins) ? readdirSync(plugins, { recursive: true }).map(String).sort() : [],
    });
  });
}

/** The plugin with more fields beside its stages. */
function plus(fields: string, options: Parameters<typeof scalePlugin>[0] = {}): string {
  return scalePlugin(options).replace('license: "MIT",', `license: "MIT", ${fields},`);
}

/** The first letters of the digest of a plugin's code. */
async function shortDigest(text: string): Promise<string> {
  return (await bundleOf(text)).manifest.bundle.sha256.slice(0, 12);
}

Deno.test("planInstall writes nothing; install makes a folder of two files and an entry", () =>
  withPlugins(async ({ home, plugins, plan, files }) => {
    const planned = await plan(scalePlugin());
    assertEquals([planned.state, planned.previous, files()], ["new", undefined, []]);
    const entry = install(planned, false, plugins);
    const version = `1.0.0-${entry.sha256.slice(0, 12)}`;
    assertEquals(files(), [
      "lab.scale",
      `lab.scale/${version}`,
      `lab.scale/${version}/manifest.json`,
      `lab.scale/${version}/plugin.js`,
      "lock.json",
    ]);
    assertEquals(readLock(plugins).plugins, { "lab.scale": entry });
    assertEquals([entry.source, entry.trusted], [join(home, "source"), false]);
    const [row, ...others] = listPlugins(plugins);
    assertEquals([row.id, row.state, row.runs, row.stages], [
      "lab.scale",
      "ok",
      "sandbox",
      ["lab.scale"],
    ]);
    assertEquals(others, []);
    assertEquals(await verifyPlugin("lab.scale", plugins), entry);
  }));

Deno.test("the same plugin again changes nothing; an update takes the old files away", () =>
  withPlugins(async ({ plugins, add, files }) => {
    await add(scalePlugin({ id: "other.scale" }));
    await add(scalePlugin());
    const before = files();
    const lock = readFileSync(lockPath(plugins), "utf8");
    assertEquals((await add(scalePlugin())).state, "same");
    assertEquals([files(), readFileSync(lockPath(plugins), "utf8")], [before, lock]);
    const { state, previous } = await add(scalePlugin({ version: "1.10.0" }));
    assertEquals([state, previous?.version], ["update", "1.0.0"]);
    const mine = files().filter((name) => name.startsWith("lab.scale/"));
    assertEquals(mine.length, 3, mine.join(" "));
    assertTrue(mine.every((name) => name.startsWith("lab.scale/1.10.0-")));
    assertEquals(Object.keys(readLock(plugins).plugins), ["lab.scale", "other.scale"]);
    install(await planInstall(join(plugins, "..", "source"), plugins), true, plugins);
    assertEquals(readLock(plugins).plugins["lab.scale"].trusted, true);
    assertEquals(listPlugins(plugins).map(({ runs }) => runs), ["pool (trusted)", "sandbox"]);
  }));

Deno.test("what speaks against an update is said with what to do", () =>
  withPlugins(async ({ plugins, plan, add, files }) => {
    const reads = 'permissions: { read: ["/data"] }';
    const now = plus(reads, { version: "1.9.0" });
    await add(now);
    const lock = readFileSync(lockPath(plugins), "utf8"), before = files();
    await assertFails(
      () => plan(scalePlugin({ version: "1.8.9" })),
      "PLUGIN_DOWNGRADE",
      "Cannot add plugin lab.scale 1.8.9: expected a version newer than the installed 1.9.0, got " +
        "1.8.9; to go back, remove the newer one first: adatom plugin remove lab.scale",
    );
    const other = scalePlugin({ version: "1.9.0" });
    await assertFails(
      () => plan(other),
      "PLUGIN_DIGEST",
      `Cannot add plugin lab.scale 1.9.0: expected the code installed as 1.9.0 (${await shortDigest(
        now,
      )}...), got other code under the same version (${await shortDigest(
        other,
      )}...); its author should raise the version; to take it all the same: adatom plugin remove lab.scale`,
    );
    const more = 'permissions: { read: ["/data", "/home"], net: ["example.org"] }';
    await assertFails(
      () => plan(plus(more, { version: "1.10.0" })),
      "PLUGIN_ASKS_MORE",
      "Cannot add plugin lab.scale 1.10.0: expected no permissions beyond those confirmed for " +
        "1.9.0, got read /home, net example.org; to confirm them, remove it first and add it again: " +
        "adatom plugin remove lab.scale",
    );
    assertEquals([readFileSync(lockPath(plugins), "utf8"), files()], [lock, before]);
    assertEquals((await plan(plus(reads, { version: "1.10.0" }))).state, "update", "no more");
    const fewer = await plan(scalePlugin({ version: "1.10.0" }));
    assertEquals(permissionWords(fewer.found.manifest.permissions), []);
  }));

Deno.test("whoever works on a plugin adds it again from its folder, under the same version", () =>
  withPlugins(async ({ home, plugins, add }) => {
    const folder = join(home, "sources");
    mkdirSync(folder);
    const addSources = async (text: string) => {
      writeFileSync(join(folder, "plugin.ts"), text);
      const planned = await planInstall(folder, plugins);
      return [planned.state, install(planned, false, plugins).source];
    };
    assertEquals(await addSources(scalePlugin()), ["new", folder]);
    const changed = scalePlugin({ more: "random: true," });
    assertEquals(await addSources(changed), ["update", folder]);
    const older = scalePlugin({ version: "0.9.0" });
    await assertFails(() => addSources(older), "PLUGIN_DOWNGRADE");
    await assertFails(() => add(scalePlugin()), "PLUGIN_DIGEST");
  }));

Deno.test("names and files of others are taken", () =>
  withPlugins(async ({ plan, add }) => {
    const { message } = await assertFails(
      () => plan(scalePlugin({ id: "peaks.scale" })),
      "PLUGIN_NAME_TAKEN",
    );
    assertIncludes(message, 'got "peaks", which Adatom\'s own stages have; ask its author');
    await add(scalePlugin());
    const clash = scalePlugin().replace(/default \{\s+id: "lab.scale"/, 'default { id: "lab.two"');
    await assertFails(
      () => plan(clash),
      "PLUGIN_NAME_TAKEN",
      'Cannot use plugin lab.two: expected names of its own, got "lab.scale", which plugin lab.scale ' +
        "has; remove lab.scale first, or do without this one",
    );
    const tiff = `formats: [{
      id: "lab.tif", kind: "image", title: "Ours", extensions: ["tif"],
      signatures: [{ bytes: "II*\\0" }],
    }]`;
    const hijack = await assertFails(
      () => plan(plus(tiff, { version: "1.1.0" })),
      "PLUGIN_NAME_TAKEN",
    );
    assertIncludes(hijack.message, "got lab.tif, which claims files of TIFF; ask its author");
  }));

Deno.test("a plugin for a newer api is refused before its code is asked anything", () =>
  withPlugins(async ({ plan }) => {
    const text = scalePlugin().replace(/api: "\^1.0", summary: "A/, 'api: "^2.0", summary: "A');
    await assertFails(
      () => plan(text),
      "PLUGIN_API",
      "Cannot use plugin lab.scale 1.0.0: expected a plugin for api 1.2.0, got one for api ^2.0; " +
        "update Adatom",
    );
  }));

/** How a manifest differs from its code, and what is said of it. */
const LIES: readonly (readonly [change: (text: string) => string, says: string])[] = [
  [
    (text) => text.replace('"MIT",', '"MIT", permissions: { net: ["example.org"] },'),
    '["example.org"] at "/permissions/net" where the manifest says nothing',
  ],
  [
    (text) => text.replace("maximum: 100", "maximum: 1000"),
    '1000 at "/stages/0/params/factor/maximum" where the manifest says 100',
  ],
  [
    (text) => text.replace("stages: [stage]", "stages: [stage, { ...stage, id: 'lab.more' }]"),
    '{"id":"lab.more","version":"1.0.0","api":"^1.0","summary":"M at "/stages/1" where the ' +
    "manifest says nothing",
  ],
];

Deno.test("a manifest that lies about its code is found before anything is installed", () =>
  withPlugins(async ({ plan, files }) => {
    for (const [change, says] of LIES) {
      const code = await bundleOf(change(scalePlugin()));
      const { bundle } = code.manifest;
      await assertFails(
        () =>
          plan(scalePlugin(), ({ manifest }) => ({ ...code, manifest: { ...manifest, bundle } })),
        "PLUGIN_MANIFEST",
        `Cannot use plugin lab.scale 1.0.0: expected a manifest that was made from its code, got ` +
          `code that says ${says}; ask its author to bundle it with: adatom plugin bundle`,
      );
    }
    assertEquals(files(), []);
  }));

Deno.test("removePlugin takes the files and the entry; unknown ones are named with the known", () =>
  withPlugins(async ({ plugins, files }) => {
    const unknown = (got: string) =>
      `Cannot find plugin "lab.none": expected an installed plugin, got "lab.none"; ${got}`;
    await assertFails(
      () => removePlugin("lab.none", plugins),
      "PLUGIN_UNKNOWN",
      unknown("none is installed; add one with: adatom plugin add"),
    );
    const home = join(plugins, "..");
    await installText(home, scalePlugin());
    await installText(home, scalePlugin({ id: "other.scale" }));
    for (const act of [removePlugin, verifyPlugin]) {
      await assertFails(
        () => act("lab.none", plugins),
        "PLUGIN_UNKNOWN",
        unknown("installed are lab.scale, other.scale"),
      );
    }
    await assertFails(() => removePlugin("toString", plugins), "PLUGIN_UNKNOWN");
    assertEquals(removePlugin("lab.scale", plugins).version, "1.0.0");
    assertEquals(files().filter((name) => name.startsWith("lab")), []);
    assertEquals(Object.keys(readLock(plugins).plugins), ["other.scale"]);
  }));

Deno.test("verifyPlugin finds one changed byte of the code, and code that is gone", () =>
  withPlugins(async ({ plugins }) => {
    await installText(join(plugins, ".."), scalePlugin());
    const entry = readLock(plugins).plugins["lab.scale"];
    const code = join(pluginFolder(plugins, "lab.scale", entry), "plugin.js");
    const bytes = readFileSync(code);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(code, bytes);
    const { message } = await assertFails(
      () => verifyPlugin("lab.scale", plugins),
      "PLUGIN_DIGEST",
    );
    const [head, tail] = [entry.sha256.slice(0, 12), "adatom plugin remove lab.scale"];
    assertIncludes(
      message,
      new RegExp(
        "^Cannot load plugin lab.scale 1.0.0: expected the code that was installed \\(sha256 " +
          `${head}\\.\\.\\.\\), got other code \\([0-9a-f]{12}\\.\\.\\.\\); remove it and add it again: ${tail}$`,
      ),
    );
    rmSync(code);
    await assertFails(() => verifyPlugin("lab.scale", plugins), "PLUGIN_DIGEST");
  }));

Deno.test("an install that fails leaves nothing half-written and the lock as it was", () =>
  withPlugins(async ({ plugins, plan, add, files }) => {
    const planned = await plan(scalePlugin());
    writeFileSync(plugins, "a file in the way");
    const target = join(
      plugins,
      "lab.scale",
      `1.0.0-${planned.found.manifest.bundle.sha256.slice(0, 12)}`,
    );
    await assertFails(
      () => install(planned, false, plugins),
      "OUTPUT_NOT_WRITABLE",
      `Cannot write "${target}": expected a place that can be written, got ENOTDIR; choose another ` +
        "folder or change its permissions",
    );
    assertEquals(readFileSync(plugins, "utf8"), "a file in the way");
    rmSync(plugins);
    await add(scalePlugin({ id: "other.scale" }));
    const before = files(), lock = readFileSync(lockPath(plugins), "utf8");
    writeFileSync(join(plugins, "lab.scale"), "a file in the way");
    await assertFails(() => install(planned, false, plugins), "OUTPUT_NOT_WRITABLE");
    rmSync(join(plugins, "lab.scale"));
    mkdirSync(`${lockPath(plugins)}.adatom-tmp`);
    await assertFails(() => install(planned, false, plugins), "OUTPUT_NOT_WRITABLE");
    rmSync(`${lockPath(plugins)}.adatom-tmp`, { recursive: true, force: true });
    assertEquals([files(), readFileSync(lockPath(plugins), "utf8")], [before, lock]);
  }));

Deno.test("of two plugins that claim one id, the list has the second for broken, as a host does", () =>
  withPlugins(async ({ plugins }) => {
    const home = join(plugins, "..");
    await installText(home, scalePlugin());
    await installText(
      home,
      scalePlugin().replace(/default \{\s+id: "lab.scale"/, 'default { id: "lab.two"'),
    );
    const rows = listPlugins(plugins);
    assertEquals(rows.map(({ id, state }) => [id, state]), [["lab.scale", "ok"], [
      "lab.two",
      "broken",
    ]]);
    assertIncludes(rows[1].problem!, 'got "lab.scale", which plugin lab.scale has');
  }));
