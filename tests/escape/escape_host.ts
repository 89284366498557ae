/**
 * Runs hostile plugins beside good ones, and looks at everything they must not have touched.
 *
 * @module
 */
import { assertEquals, assertTrue } from "@assert";
import { join } from "node:path";
import { createImage, type Image } from "../../core/data/image.ts";
import { AdatomError, type ErrorCode } from "../../core/errors.ts";
import type { Host } from "../../core/host/host.ts";
import { createInlineRunner } from "../../core/runner/inline.ts";
import { createProcessRunner } from "../../core/runner/process/process.ts";
import { createSandbox } from "../../core/runner/process/sandbox.ts";
import { createRouter } from "../../core/runner/route.ts";
import type { Runner } from "../../core/runner/runner.ts";
import type { AnyStage } from "../../core/stage/stage.ts";
import { digestValue } from "../../core/store/digest.ts";
import { ramp } from "../support/toy_host.ts";
import { add } from "../support/toy_stages.ts";
import { HOSTILE_LIMITS, type HostilePlugin } from "./hostile.ts";
import { GOOD_CODE, inTime, pluginStage, sandboxHost } from "./plugin_host.ts";

/** Things of the host a plugin would like to reach. */
export interface Bait {
  readonly folder: string;
  readonly port: number;
  readonly channel: string;
  /** What the server of the test was asked, and what was heard on the channel. */
  readonly heard: string[];
  /** The code with the words of the bait filled in. */
  fill(text: string): string;
  /** Takes all of it away. */
  end(): Promise<void>;
}

/** What is known after a hostile plugin has run. */
export interface Seen {
  readonly error: AdatomError | undefined;
  readonly image: Image | undefined;
  readonly printed: readonly string[];
  readonly host: Host;
}

const SECRET = "the-secret-of-the-host";

/** Lays out bait: a folder with a secret, a server, and a channel, alive as long as the tests. */
export function createBait(): Bait {
  const folder = Deno.makeTempDirSync({ prefix: "adatom-bait-" });
  Deno.writeTextFileSync(join(folder, "secret.txt"), SECRET);
  Deno.writeTextFileSync(join(folder, "secret.json"), JSON.stringify(SECRET));
  Deno.writeTextFileSync(join(folder, "secret.ts"), `export default "${SECRET}";`);
  const heard: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    heard.push(request.url);
    return new Response(SECRET);
  });
  const channel = `adatom-${crypto.randomUUID()}`;
  const ear = new BroadcastChannel(channel);
  ear.onmessage = ({ data }) => void heard.push(String(data));
  const words = { FOLDER: folder, PORT: server.addr.port, HOST: Deno.pid, CHANNEL: channel };
  return {
    folder,
    port: server.addr.port,
    channel,
    heard,
    fill: (text) =>
      Object.entries(words).reduce(
        (t, [word, value]) => t.replaceAll(`$${word}`, `${value}`),
        text,
      ),
    async end() {
      ear.close();
      await server.shutdown();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

/** A plugin that means well, warm during all tests of a file, and built-in stages beside it. */
export interface Neighbor {
  readonly stage: AnyStage;
  readonly runner: Runner;
  /** Ends its process. */
  end(): Promise<void>;
}

/** Starts a neighbor. */
export function createNeighbor(folder: string): Neighbor {
  const stage = pluginStage(folder, GOOD_CODE, { id: "lab.add", plugin: "lab.good" });
  const sandbox = createSandbox({ limits: HOSTILE_LIMITS.wide });
  const router = createRouter(createInlineRunner(), createProcessRunner(sandbox), () => {});
  return {
    stage,
    runner: router,
    async end() {
      router.close();
      await sandbox.ended();
    },
  };
}

const realmBefore = realm();

/** What a plugin might pollute in the realm of the host. */
function realm(): string {
  return [Object, Array, Promise, Function, Error, Map, Float32Array, JSON, console].map((one) =>
    Reflect.ownKeys(one).concat(Reflect.ownKeys(Object(Reflect.get(one, "prototype")))).map(String)
      .join()
  ).join("\n");
}

/** Control characters but line ends, and marks that turn the direction of writing. */
// deno-lint-ignore no-control-regex
const STEERS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** The pixels every host must give for the stage `add`. */
const expected = digestValue({ ...ramp(), data: ramp().data.map((v) => v + 1) });

/** Makes a test of each hostile plugin, all beside one good neighbor. */
export function testHostile(plugins: readonly HostilePlugin[]): void {
  const bait = createBait();
  const neighbor = createNeighbor(bait.folder);
  // server, channel and neighbor live as long as the tests; what a plugin leaves is checked below
  const options = { sanitizeOps: false, sanitizeResources: false };
  for (const plugin of plugins) {
    Deno.test(`a plugin that ${plugin.name}`, options, () => runHostile(plugin, bait, neighbor));
  }
  Deno.test(`after ${plugins.length} hostile plugins nothing is left`, options, async () => {
    await inTime(neighbor.end(), "the end of the neighbor", 10);
    await bait.end();
  });
}

/** Runs a hostile plugin and checks what must hold after each of them. */
async function runHostile(
  plugin: HostilePlugin,
  bait: Bait,
  neighbor: Neighbor,
): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "adatom-escape-" });
  const printed: string[] = [];
  const declared = { outputs: { image: plugin.output ?? add.outputs.image } };
  const evil = pluginStage(folder, bait.fill(plugin.code), { stage: declared });
  const limits = HOSTILE_LIMITS[plugin.limits ?? "wide"];
  const { host, sandbox } = sandboxHost([evil], limits, { printed, local: neighbor.runner });
  const listing = [...Deno.readDirSync(bait.folder)].map((entry) => entry.name).sort();
  try {
    let image: Image | undefined;
    let error: AdatomError | undefined;
    for (let call = 1; call <= (plugin.calls ?? 1) && error === undefined; call++) {
      if (call > 1) assertTrue(image !== undefined);
      image = undefined;
      try {
        image = (await inTime(host.run(evil, { image: ramp() }), plugin.name)).image as Image;
      } catch (thrown) {
        assertTrue(thrown instanceof AdatomError, `no error of ours: ${thrown}`);
        error = thrown;
      }
      if (call < (plugin.calls ?? 1)) assertEquals(error?.message, undefined);
    }
    checkOutcome(plugin, bait, error, image);
    await plugin.proof?.({ error, image, printed, host });
    for (const text of [...printed, image?.name ?? ""]) {
      assertTrue(!text.includes(SECRET), `it knows the secret: ${text}`);
    }
    printed.forEach((text) => assertTrue(!STEERS.test(text), "what it printed steers a terminal"));
    // the very same host goes on as if nothing had been
    assertEquals(digestValue((await host.run(add, { image: ramp() })).image), expected);
    assertEquals(digestValue((await host.run(neighbor.stage, { image: ramp() })).image), expected);
    assertEquals(realm(), realmBefore, "the realm of the host was changed");
    assertEquals(({} as Record<string, unknown>).polluted, undefined);
    assertEquals(bait.heard, [], "the host heard of it");
    assertEquals([...Deno.readDirSync(bait.folder)].map((entry) => entry.name).sort(), listing);
    assertEquals(Deno.readTextFileSync(join(bait.folder, "secret.txt")), SECRET);
  } finally {
    host.close();
    await inTime(sandbox.ended(), "the end of all its processes", 10);
    Deno.removeSync(folder, { recursive: true });
  }
}

function checkOutcome(
  plugin: HostilePlugin,
  bait: Bait,
  error: AdatomError | undefined,
  image: Image | undefined,
): void {
  if (plugin.expect === "contained") {
    assertEquals(error?.message, undefined);
    assertEquals(digestValue(createImage({ ...image!, name: "" })), expected);
    assertEquals(image!.name, bait.fill(plugin.says ?? ""));
    return;
  }
  assertTrue(error !== undefined, `it gave a result${image && `, and said "${image.name}"`}`);
  const codes: readonly ErrorCode[] = [plugin.expect].flat() as ErrorCode[];
  assertTrue(codes.includes(error.code), `expected ${codes.join(" or ")}, got ${error}`);
  const { message } = error;
  if (plugin.message !== undefined) {
    const shown = plugin.message.includes("#") ? message.replace(/got \d+/, "got #") : message;
    assertEquals(shown, bait.fill(plugin.message));
  }
  if (plugin.says !== undefined) {
    assertTrue(message.includes(bait.fill(plugin.says)), `"${plugin.says}" is not in: ${message}`);
  }
  // errors of the input or the request are the plugin's own words; all others name it
  const own = ["input", "request"].includes(error.class);
  assertTrue(own || message.includes("plugin evil.plugin 1.0.0"), `it is not named: ${message}`);
  if (!message.startsWith("Cannot load")) assertEquals(error.stage, "evil.stage");
  assertTrue(!message.includes(SECRET), message);
  assertTrue(message.length < 10_000, `a message of ${message.length} characters`);
  assertTrue(!STEERS.test(message), JSON.stringify(message));
  assertTrue(!STEERS.test(String(error.cause ?? "")), "its cause steers a terminal");
}
