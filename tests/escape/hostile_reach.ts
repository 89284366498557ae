/**
 * Hostile plugins that reach for files, the network, other processes and other plugins.
 *
 * @module
 */
import { CANNOT_RUN, type HostilePlugin, PLUGIN, REPORT, stageCode } from "./hostile.ts";

/** One that must be refused by permission. */
function refused(name: string, body: string, says?: string): HostilePlugin {
  const part = says === undefined ? {} : { says };
  return { name, code: stageCode(body), expect: "PLUGIN_PERMISSION", ...part };
}

/** One that fails in another way, since the thing it reaches for is not there. */
function absent(name: string, body: string, says: string): HostilePlugin {
  return { name, code: stageCode(body), expect: "STAGE_FAILED", says };
}

function importing(name: string, top: string): HostilePlugin {
  return {
    name,
    code: `${top}
const run = ({ image }) => ({ image: { ...image, name: String(x) } });
${PLUGIN}`,
    expect: "PLUGIN_PERMISSION",
    says: "Cannot load plugin evil.plugin 1.0.0: ",
  };
}

const IMPORTS: readonly HostilePlugin[] = [
  importing(
    "imports a text file statically",
    'import x from "file://$FOLDER/secret.txt" with { type: "text" };',
  ),
  importing(
    "imports a JSON file statically",
    'import x from "file://$FOLDER/secret.json" with { type: "json" };',
  ),
  importing("imports a module statically", 'import x from "file://$FOLDER/secret.ts";'),
  importing("imports an npm package statically", 'import x from "npm:is-odd@3.0.1";'),
  importing("imports from the web statically", 'import x from "http://127.0.0.1:$PORT/x.js";'),
  importing(
    "imports a file at its top level",
    `const { default: x } = await import("file://$FOLDER/secret.txt", { with: { type: "text" } });`,
  ),
  refused(
    "imports a text file dynamically",
    `note = (await import("file://$FOLDER/secret.txt", { with: { type: "text" } })).default;`,
  ),
  refused(
    "imports a JSON file dynamically",
    `note = (await import("file://$FOLDER/secret.json", { with: { type: "json" } })).default;`,
  ),
  refused(
    "imports a module by a computed address",
    `note = (await import(["file://$FOLDER", "secret.ts"].join("/"))).default;`,
  ),
  refused("imports an npm package", `await import("npm:is-odd@3.0.1");`),
  refused(
    "imports an npm package that does not exist",
    `await import("npm:exfiltrate-" + 1234567);`,
  ),
  refused("imports a jsr package", `await import("jsr:@std/assert@1");`),
  refused("imports over https", `await import("https://127.0.0.1:$PORT/x.js");`),
  refused("imports over http", `await import("http://127.0.0.1:$PORT/x.js");`),
  refused(
    "requires a file",
    `const { createRequire } = await import("node:module");
  note = createRequire("$FOLDER/x.js")("./secret.json");`,
  ),
  absent("imports a relative path", `await import("./secret.ts");`, "relative URL"),
];

const FILES: readonly HostilePlugin[] = [
  {
    ...refused("reads a file", `note = Deno.readTextFileSync("$FOLDER/secret.txt");`),
    message:
      `${CANNOT_RUN}a plugin that reaches for nothing but its inputs, got the refused attempt "Requires read access to "$FOLDER/secret.txt""; ${REPORT}`,
  },
  refused("opens a file", `await Deno.open("$FOLDER/secret.txt");`),
  refused("lists its own folder", `note = [...Deno.readDirSync(".")].join();`),
  refused("reads its own memory map", `note = Deno.readTextFileSync("/proc/self/maps");`),
  refused("writes a file", `Deno.writeTextFileSync("$FOLDER/written", "x");`),
  refused("makes a temporary file", `await Deno.makeTempFile();`),
  refused("makes a folder", `await Deno.mkdir("$FOLDER/made");`),
  refused("removes a file", `await Deno.remove("$FOLDER/secret.txt");`),
  refused("changes the rights of a file", `await Deno.chmod("$FOLDER/secret.txt", 0o777);`),
  refused("makes a symbolic link", `await Deno.symlink("$FOLDER/secret.txt", "link");`),
  refused("makes a hard link", `await Deno.link("$FOLDER/secret.txt", "$FOLDER/link");`),
  refused(
    "reads a file with node:fs",
    `note = (await import("node:fs")).readFileSync("$FOLDER/secret.txt", "utf8");`,
  ),
  refused(
    "reads a file with an import of node:fs at its top",
    `note = globalThis.process.getBuiltinModule("node:fs").readFileSync("$FOLDER/secret.txt", "utf8");`,
  ),
  refused(
    "opens a database file",
    `new (await import("node:sqlite")).DatabaseSync("$FOLDER/made.db");`,
  ),
  absent(
    "attaches a database file",
    `const db = new (await import("node:sqlite")).DatabaseSync(":memory:");
  db.exec("ATTACH DATABASE '$FOLDER/made.db' AS a; CREATE TABLE a.t(x)");`,
    "too many attached databases",
  ),
  absent(
    "copies a database into a file",
    `const db = new (await import("node:sqlite")).DatabaseSync(":memory:");
  db.exec("CREATE TABLE t(x); VACUUM INTO '$FOLDER/made.db'");`,
    "too many attached databases",
  ),
  refused(
    "writes a heap snapshot",
    `(await import("node:v8")).writeHeapSnapshot("$FOLDER/made.heapsnapshot");`,
  ),
  {
    name: "sets flags of V8 that write files and lift bounds",
    code: stageCode(`const { setFlagsFromString } = await import("node:v8");
  for (const flag of ["--trace-turbo", "--trace-turbo-path=$FOLDER", "--redirect-code-traces",
    "--redirect-code-traces-to=$FOLDER/made", "--print-bytecode", "--no-wasm-bounds-checks",
    "--no-wasm-trap-handler", "--allow-natives-syntax"]) setFlagsFromString(flag);
  const twice = new Function("a", "return a * 2");
  for (let i = 0; i < 1e6; i++) twice(i);
  const load = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0,
    0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 8, 1, 4, 108, 111, 97, 100, 0,
    0, 10, 9, 1, 7, 0, 32, 0, 40, 2, 0, 11))).exports.load;
  try { note = "read " + load(70000); } catch (error) { note = error.message; }
  try { note += new Function("return %GetHeapUsage()")(); } catch (error) { note += ", " + error.message; }`),
    expect: "contained",
    says: "memory access out of bounds, Unexpected token '%'",
  },
];

const SYSTEM: readonly HostilePlugin[] = [
  refused(
    "starts a program",
    `await new Deno.Command("/bin/sh", { args: ["-c", "id"] }).output();`,
  ),
  refused(
    "starts a program with node:child_process",
    `note = String((await import("node:child_process")).execFileSync("/usr/bin/id", [], { env: {} }));`,
  ),
  refused("reads the environment", `note = Deno.env.get("HOME");`),
  refused("reads the environment with node:process", `note = process.env.HOME;`),
  refused(
    "opens a library",
    `Deno.dlopen("libc.so.6", { getpid: { parameters: [], result: "i32" } });`,
  ),
  refused("opens a library with node:process", `process.dlopen({ exports: {} }, "libc.so.6");`),
  refused("kills the host", `Deno.kill($HOST, "SIGKILL");`),
  refused("kills the host with node:process", `process.kill($HOST, "SIGKILL");`),
  refused("kills its parent", `Deno.kill(Deno.ppid, "SIGTERM");`),
  refused("asks for the name of the machine", `note = (await import("node:os")).hostname();`),
  refused("asks for the name of the user", `note = (await import("node:os")).userInfo().username;`),
  refused(
    "opens an inspector",
    `(await import("node:inspector")).open(0, "127.0.0.1");`,
  ),
  {
    name: "asks for permissions",
    code: stageCode(`const names = ["read", "write", "net", "env", "run", "ffi", "sys", "import"];
  for (const name of names) note += (await Deno.permissions.request({ name })).state + " ";`),
    expect: "contained",
    says: "denied ".repeat(8),
  },
];

const NET: readonly HostilePlugin[] = [
  refused("fetches over http", `note = await (await fetch("http://127.0.0.1:$PORT/")).text();`),
  refused("fetches a file", `note = await (await fetch("file://$FOLDER/secret.txt")).text();`),
  refused("connects", `await Deno.connect({ hostname: "127.0.0.1", port: $PORT });`),
  refused("listens", `Deno.listen({ port: 0 });`),
  refused("serves", `Deno.serve({ port: 0 }, () => new Response("x"));`),
  refused(
    "listens to a socket file",
    `Deno.listen({ transport: "unix", path: "$FOLDER/made.sock" });`,
  ),
  refused("asks a name server", `await Deno.resolveDns("example.com", "A");`),
  refused(
    "opens a web socket",
    `const socket = new WebSocket("ws://127.0.0.1:$PORT/");
  await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = (e) => reject(e.error); });`,
  ),
  absent(
    "opens an event source",
    `const source = new EventSource("http://127.0.0.1:$PORT/");
  await new Promise((resolve, reject) => { source.onopen = resolve; source.onerror = () => reject(new Error("no source")); });`,
    "no source",
  ),
  refused(
    "connects with node:net",
    `const { connect } = await import("node:net");
  await new Promise((resolve, reject) => connect($PORT, "127.0.0.1", resolve).on("error", reject));`,
  ),
  refused(
    "gets a page with node:http",
    `const { get } = await import("node:http");
  await new Promise((resolve, reject) => get("http://127.0.0.1:$PORT/", resolve).on("error", reject));`,
  ),
  absent(
    "sends a datagram",
    `const socket = (await import("node:dgram")).createSocket("udp4");
  await new Promise((resolve, reject) => { socket.on("error", reject); socket.send("x", $PORT, "127.0.0.1", resolve); });`,
    "Requires net access",
  ),
];

const NEIGHBORS: readonly HostilePlugin[] = [
  {
    name: "calls the host on a broadcast channel",
    code: stageCode(`const channel = new BroadcastChannel("$CHANNEL");
  channel.onmessage = ({ data }) => { note += data; };
  for (let i = 0; i < 20; i++) { channel.postMessage("let me in"); await wait(5); }
  channel.close();`),
    expect: "contained",
  },
  absent("keeps something in local storage", `localStorage.setItem("a", "b");`, "not defined"),
  absent(
    "fills the disk with cached pages",
    `const cache = await caches.open("a");
  await cache.put("http://a.test/", new Response(new Uint8Array(1e6)));`,
    "Failed to create cache storage directory",
  ),
  refused(
    "starts a worker with more rights",
    `new Worker("data:text/javascript,1", { type: "module", deno: { permissions: { read: true } } });`,
  ),
  refused(
    "starts a worker from a file",
    `const worker = new Worker("file://$FOLDER/secret.ts", { type: "module" });
  await new Promise((_, reject) => { worker.onerror = (e) => { e.preventDefault(); reject(new Error(e.message)); }; });`,
  ),
  {
    name: "reads a file in a worker of its own",
    code: stageCode(
      `const code = \`try { postMessage(Deno.readTextFileSync("$FOLDER/secret.txt")); }
    catch (error) { postMessage(error.name); }\`;
  const worker = new Worker("data:text/javascript," + encodeURIComponent(code), { type: "module" });
  note = await new Promise((resolve) => { worker.onmessage = (event) => resolve(event.data); });`,
    ),
    expect: "contained",
    says: "NotCapable",
  },
  refused(
    "reads a file in a worker of node",
    `const { Worker } = await import("node:worker_threads");
  const worker = new Worker("require('node:fs').readFileSync('$FOLDER/secret.txt')", { eval: true });
  await new Promise((resolve, reject) => worker.on("error", reject).on("exit", resolve));`,
  ),
];

/** Plugins that reach for what is not theirs. */
export const REACHING: readonly HostilePlugin[] = [
  ...IMPORTS,
  ...FILES,
  ...SYSTEM,
  ...NET,
  ...NEIGHBORS,
];
