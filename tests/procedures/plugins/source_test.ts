import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSandbox } from "../../../core/runner/process/sandbox.ts";
import { digestBytes } from "../../../core/store/digest.ts";
import { manifestBytes } from "../../../procedures/plugins/build.ts";
import { findPlugin, type FoundPlugin } from "../../../procedures/plugins/source.ts";
import { bundleOf, scalePlugin } from "../../support/plugin_bundle.ts";
import { withFolder } from "../../support/toy_host.ts";

const { manifest, code } = await bundleOf(scalePlugin());
const { sha256 } = manifest.bundle;
const GOOD: Readonly<Record<string, Uint8Array>> = {
  "manifest.json": manifestBytes(manifest),
  "plugin.js": code,
};

/** Looks for a plugin that needs no building; a sandbox is never started. */
async function find(text: string): Promise<FoundPlugin> {
  return await findPlugin(text, createSandbox());
}

function digestOf(text: string): string {
  return digestBytes(new TextEncoder().encode(text)).slice(0, 12);
}

function withManifest(change: Readonly<Record<string, unknown>>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ ...manifest, ...change }));
}

function write(folder: string, files: Readonly<Record<string, Uint8Array | string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

/** Runs something with a server of some files on this machine. */
async function withServer(
  files: Readonly<Record<string, Uint8Array | Response>>,
  action: (address: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    const file = files[new URL(url).pathname.slice(1)];
    if (file instanceof Response) return file.clone();
    return file
      ? new Response(file as Uint8Array<ArrayBuffer>)
      : new Response(null, { status: 404 });
  });
  try {
    await action(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

const FETCHED = "check the address and the connection, or add the bundle from a file";
const NAME = "name a folder, a manifest.json, npm:NAME, or an https: address of a manifest.json";

Deno.test("findPlugin takes a bundle by its folder, its manifest and its code", () =>
  withFolder(async (folder) => {
    const dist = join(folder, "dist");
    write(dist, GOOD);
    for (const text of [dist, join(dist, "manifest.json"), join(dist, "plugin.js")]) {
      const found = await find(text);
      assertEquals(found.manifest, manifest);
      assertEquals([...found.code], [...code]);
      assertEquals(found.source, realpathSync(dist));
    }
  }));

Deno.test("findPlugin builds a folder of sources", () =>
  withFolder(async (folder) => {
    write(folder, { "plugin.ts": scalePlugin() });
    const sandbox = createSandbox();
    const found = await findPlugin(folder, sandbox);
    sandbox.close();
    await sandbox.ended();
    assertEquals([found.manifest.id, found.source], ["lab.scale", folder]);
    const { bundle: _, ...declared } = found.manifest;
    const { bundle: __, ...same } = manifest;
    assertEquals(declared, same, "the manifest is made from the code");
  }));

Deno.test("findPlugin says what it found instead of a bundle", () =>
  withFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const cannot = (text: string) =>
      `Cannot add plugin "${text}": expected a folder with plugin.ts, or a bundle with manifest.json, got`;
    await assertFails(
      () => find(folder),
      "PLUGIN_SOURCE",
      `${cannot(folder)} none at "${at("manifest.json")}"; ${NAME}`,
    );
    await assertFails(
      () => find(at("nothing")),
      "PLUGIN_SOURCE",
      `${cannot(at("nothing"))} none at "${at("nothing")}"; ${NAME}`,
    );
    write(folder, { ...GOOD, "manifest.json": "{" });
    const { message } = await assertFails(() => find(folder), "PLUGIN_SOURCE");
    assertIncludes(message, `${cannot(at("manifest.json"))} no JSON (`);
    assertTrue(message.endsWith(`); ${NAME}`), message);
    write(folder, { "manifest.json": withManifest({ license: 1 }) });
    await assertFails(
      () => find(folder),
      "PLUGIN_MANIFEST",
      `Cannot read the manifest "${
        at("manifest.json")
      }": expected a text at "/license", got 1; ask ` +
        "the author of the plugin for a new bundle",
    );
    const other = "export default 1;";
    write(folder, { ...GOOD, "plugin.js": other });
    await assertFails(
      () => find(at("plugin.js")),
      "PLUGIN_DIGEST",
      `Cannot take plugin lab.scale 1.0.0 from "${
        at("manifest.json")
      }": expected code of the digest ` +
        `its manifest states (${sha256.slice(0, 12)}...), got other code (${
          digestOf(other)
        }...); fetch it ` +
        "again, and tell its author if it stays so",
    );
    rmSync(at("plugin.js"));
    await assertFails(() => find(folder), "FILE_MISSING");
  }));

/** Names of files of code that lie elsewhere, or nowhere. */
const PATHS = [
  "../plugin.js",
  "/etc/passwd",
  "a/plugin.js",
  "..",
  "",
  "https://example.org/plugin.js",
];

Deno.test("code is taken from beside the manifest only, from disk and from an address", () =>
  withFolder(async (folder) => {
    const inner = join(folder, "inner");
    write(folder, GOOD);
    for (const file of PATHS) {
      const files = { "manifest.json": withManifest({ bundle: { ...manifest.bundle, file } }) };
      write(inner, files);
      await withServer({ ...GOOD, ...files }, async (address) => {
        for (const text of [join(inner, "manifest.json"), `${address}/manifest.json`]) {
          await assertFails(
            () => find(text),
            "PLUGIN_SOURCE",
            `Cannot add plugin "${text}": expected a folder with plugin.ts, or a bundle with ` +
              `manifest.json, got one whose code is in "${file}"; ${NAME}`,
          );
        }
      });
    }
  }));

Deno.test("findPlugin fetches a bundle from an address of this machine", () =>
  withServer(GOOD, async (address) => {
    const found = await find(`${address}/manifest.json`);
    assertEquals([found.manifest, found.source], [manifest, `${address}/manifest.json`]);
    assertEquals([...found.code], [...code]);
  }));

Deno.test("findPlugin says what an address gave instead of a bundle", async () => {
  const asked = (address: string, file = "manifest.json") =>
    `Cannot fetch "${address}/${file}": expected the file of a plugin, got`;
  const { "plugin.js": _, ...noCode } = GOOD;
  let dead = "";
  await withServer(noCode, async (address) => {
    dead = address;
    await assertFails(
      () => find(`${address}/none.json`),
      "PLUGIN_SOURCE",
      `${asked(address, "none.json")} status 404; ${FETCHED}`,
    );
    await assertFails(
      () => find(`${address}/manifest.json`),
      "PLUGIN_SOURCE",
      `${asked(address, "plugin.js")} status 404; ${FETCHED}`,
    );
  });
  const { message } = await assertFails(() => find(`${dead}/manifest.json`), "PLUGIN_SOURCE");
  assertTrue(message.startsWith(asked(dead)) && message.endsWith(`; ${FETCHED}`), message);
  const html = new TextEncoder().encode("<html>");
  await withServer({ "manifest.json": html }, async (address) => {
    const text = `${address}/manifest.json`;
    const { message } = await assertFails(() => find(text), "PLUGIN_SOURCE");
    assertIncludes(message, `Cannot add plugin "${text}": expected a folder with plugin.ts, or a`);
    assertIncludes(message, /, got no JSON \(.*\); name a folder,/);
  });
  await withServer({ ...GOOD, "plugin.js": html }, async (address) => {
    const text = `${address}/manifest.json`;
    const { message } = await assertFails(() => find(text), "PLUGIN_DIGEST");
    assertIncludes(message, `Cannot take plugin lab.scale 1.0.0 from "${text}": expected code of`);
  });
});

Deno.test("an answer that breaks off is no bug of ours", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(1000));
    const text = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{";
    await connection.write(new TextEncoder().encode(text));
  })();
  const text = `http://127.0.0.1:${listener.addr.port}/manifest.json`;
  const { message } = await assertFails(() => find(text), "PLUGIN_SOURCE");
  assertTrue(message.startsWith(`Cannot fetch "${text}": expected the file of a plugin, got `));
  await serve;
  listener.close();
});

Deno.test("addresses that others can change on the way are refused, also behind a redirection", async () => {
  const refused = (text: string, got: string) =>
    assertFails(
      () => find(text),
      "PLUGIN_SOURCE",
      `Cannot fetch plugin "${text}": expected an https: address of a manifest.json, got ${got}; ` +
        "use https, which nobody on the way can change",
    );
  await refused("http://example.org/manifest.json", "a http: address");
  await refused("http://127.0.0.1.example.org/manifest.json", "a http: address");
  await refused("ftp://127.0.0.1/manifest.json", "a ftp: address");
  await refused("file:///srv/manifest.json", "a file: address");
  await refused("https://", "no address");
  const elsewhere = Deno.serve(
    { hostname: "127.0.0.2", port: 0, onListen() {} },
    () => new Response(new Uint8Array(GOOD["manifest.json"])),
  );
  const other = `http://127.0.0.2:${elsewhere.addr.port}/`;
  await withServer({ "manifest.json": Response.redirect(other) }, async (address) => {
    const text = `${address}/manifest.json`;
    await assertFails(
      () => find(text),
      "PLUGIN_SOURCE",
      `Cannot fetch "${text}": expected the file of a plugin, got a redirection to "${other}"; ${FETCHED}`,
    );
  });
  await elsewhere.shutdown();
});
