/**
 * Hostile plugins that take time or memory without end.
 *
 * @module
 */
import type { ErrorCode } from "../../core/errors.ts";
import { CANNOT_RUN, type HostilePlugin, PLUGIN, REPORT, stageCode } from "./hostile.ts";

function endless(
  name: string,
  body: string,
  expect: ErrorCode | readonly ErrorCode[] = "TIME_LIMIT",
): HostilePlugin {
  return { name, code: stageCode(body), expect, limits: "tight" };
}

/** One that takes memory; it has time enough to run into that limit. */
function greedy(name: string, body: string): HostilePlugin {
  return { name, code: stageCode(body), expect: "MEMORY_LIMIT" };
}

const TIME: readonly HostilePlugin[] = [
  {
    ...endless("loops without end", "for (;;);"),
    message:
      `${CANNOT_RUN}an answer within 1.5 s, got none; raise the limit with --time-limit, or ${REPORT}`,
  },
  endless("loops in finally", "try { for (;;); } finally { for (;;); }"),
  endless("loops in a regular expression", `note = String(/^(a+)+$/.test("a".repeat(40) + "b"));`),
  endless(
    "storms the microtask queue",
    "await new Promise(() => { const again = () => { Promise.resolve().then(again); }; again(); });",
  ),
  endless(
    "loops in WebAssembly",
    `new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1,
    96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11))).exports.f();`,
  ),
  endless(
    "waits for a number to change",
    "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
  ),
  endless("never settles", "await new Promise(() => {});"),
  endless("gives something that never settles", "return { then() {} };"),
  endless("sorts with a comparator that loops", "[3, 1, 2].sort(() => { for (;;); });"),
  endless("gives an output whose getter loops", "return { get image() { for (;;); } };"),
  endless("throws an error whose text loops", "throw { toString() { for (;;); } };"),
  endless("prints without end", `for (;;) console.log("x".repeat(1000));`),
  endless("reports progress without end", "for (;;) context.progress(0.5);"),
  endless(
    "posts progress without end",
    `for (;;) self.postMessage({ type: "progress", fraction: 0.1, note: "x" });`,
    ["TIME_LIMIT", "MEMORY_LIMIT"],
  ),
  endless(
    "posts garbage without end",
    `for (;;) self.postMessage({ type: "garbage", items: [1, 2, { three: 4 }] });`,
    ["TIME_LIMIT", "MEMORY_LIMIT"],
  ),
  endless(
    "starts workers without end",
    `for (;;) { new Worker("data:text/javascript,for(;;);", { type: "module" }); await wait(1); }`,
    ["TIME_LIMIT", "MEMORY_LIMIT", "PLUGIN_ENDED"],
  ),
  endless(
    "burns in a worker of its own and never answers",
    `new Worker("data:text/javascript,for(;;);", { type: "module" }); await new Promise(() => {});`,
  ),
  endless("reads all its input away", `for (;;) await Deno.stdin.read(new Uint8Array(1000));`),
  {
    name: "loops while it is imported",
    code: `for (;;);\nconst run = () => {};\n${PLUGIN}`,
    expect: "TIME_LIMIT",
    says: "Cannot load plugin evil.plugin 1.0.0: ",
    limits: "tight",
  },
  {
    name: "waits for ever while it is imported",
    code: `await new Promise(() => {});\nconst run = () => {};\n${PLUGIN}`,
    expect: "TIME_LIMIT",
    says: "Cannot load plugin evil.plugin 1.0.0: ",
    limits: "tight",
  },
  {
    name: "answers and burns on in a worker of its own",
    code: stageCode(
      `new Worker("data:text/javascript,for(;;);", { type: "module" }); await wait(200);`,
    ),
    expect: "contained",
    calls: 2,
  },
];

const MEMORY: readonly HostilePlugin[] = [
  greedy("fills its heap", "const all = []; for (;;) all.push({ more: [1, 2, 3] });"),
  {
    ...greedy(
      "fills typed arrays",
      "const all = []; for (;;) all.push(new Uint8Array(2 ** 22).fill(1));",
    ),
    message:
      `${CANNOT_RUN}at most 256 MiB of memory, got # MiB; raise the limit with --memory-limit, or ${REPORT}`,
  },
  greedy(
    "fills strings",
    `const all = []; for (;;) { const s = (all.length + "x").repeat(2 ** 20); s.charCodeAt(5); all.push([...s.slice(0, 1e5)].join("") + s); }`,
  ),
  greedy("warns without end", `for (;;) context.warn("A", "b".repeat(1000));`),
  greedy(
    "chooses without end",
    "for (let i = 0;; i++) context.chose({ [`a long name of a value ${i}`]: i });",
  ),
  greedy(
    "posts large messages without end",
    `const text = "x".repeat(1e5); for (;;) self.postMessage({ type: "garbage", text });`,
  ),
  greedy(
    "fills the memory of a WebAssembly module",
    `const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  for (;;) { memory.grow(64); new Uint8Array(memory.buffer).fill(1); await wait(1); }`,
  ),
];

/** Plugins that take time or memory without end. */
export const HANGING: readonly HostilePlugin[] = [...TIME, ...MEMORY];
