/**
 * Hostile plugins that make noise: on the pipes to the host, and in messages to the child's own thread.
 *
 * @module
 */
import { CANNOT_RUN, type HostilePlugin, REPORT, stageCode } from "./hostile.ts";

function noisy(name: string, body: string, says?: string): HostilePlugin {
  const part = says === undefined ? {} : { says };
  return { name, code: stageCode(body), expect: "PLUGIN_PROTOCOL", ...part };
}

/** A frame with this token; the code of an expression. */
const FRAME = (token: string, messageBytes = "text.length", payloadBytes = "0") =>
  `const text = new TextEncoder().encode(JSON.stringify({ type: "done", id: 1 }));
  const frame = new Uint8Array(24 + text.length);
  frame.set(${token});
  new DataView(frame.buffer).setUint32(16, ${messageBytes}, true);
  new DataView(frame.buffer).setUint32(20, ${payloadBytes}, true);
  frame.set(text, 24);`;

/** Posts an answer made by hand, whose header is the text of an expression. */
const ANSWER = (json: string) =>
  `const text = new TextEncoder().encode(${json});
  const bytes = 16 + text.length;
  const memory = new SharedArrayBuffer(bytes);
  const target = new Uint8Array(memory);
  target.set(new TextEncoder().encode("ADATOM1\\n" + text.length.toString(16).padStart(8, "0")));
  target.set(text, 16);
  self.postMessage({ type: "done", memory, bytes });
  await wait(5000);`;

const PIPES: readonly HostilePlugin[] = [
  {
    ...noisy(
      "prints on standard output before its answer",
      `Deno.stdout.writeSync(new TextEncoder().encode("0123456789".repeat(10))); await wait(300);`,
    ),
    message:
      `${CANNOT_RUN}only answers on its output, got bytes that are no message: "012345678901234567890123"; ${REPORT}`,
  },
  noisy(
    "prints with node:fs on descriptor 1",
    `(await import("node:fs")).writeSync(1, "noise ".repeat(10)); await wait(300);`,
  ),
  noisy("prints with node:process", `process.stdout.write("noise ".repeat(10)); await wait(300);`),
  noisy(
    "prints while its answer goes out",
    `const noise = new Uint8Array(100);
  setTimeout(() => { for (;;) Deno.stdout.writeSync(noise); });
  for (let i = 0; i < 3; i++) { context.progress(i / 3); await wait(100); }`,
  ),
  {
    name: "prints after its answer",
    code: stageCode(`setTimeout(() => Deno.stdout.writeSync(new Uint8Array(100)), 30);`),
    expect: "contained",
    proof: () => new Promise((resolve) => setTimeout(resolve, 150)),
  },
  noisy(
    "prints from a worker of its own",
    `new Worker("data:text/javascript,console.log('noise'.repeat(20))", { type: "module" }); await wait(5000);`,
  ),
  noisy(
    "forges a frame with a token of zeros",
    `${FRAME("new Uint8Array(16)")} Deno.stdout.writeSync(frame); await wait(5000);`,
  ),
  noisy(
    "forges frames with guessed tokens",
    `for (let i = 0; i < 1000; i++) {
    ${FRAME("crypto.getRandomValues(new Uint8Array(16))")} Deno.stdout.writeSync(frame);
  }
  await wait(5000);`,
  ),
  noisy(
    "forges a frame of a huge length",
    `${
      FRAME("new Uint8Array(16)", "0xffffffff", "0xffffffff")
    } Deno.stdout.writeSync(frame); await wait(5000);`,
  ),
  {
    name: "fills the error stream",
    code: stageCode(`const noise = new Uint8Array(2 ** 16).fill(0x1b);
  for (let i = 0; i < 200; i++) Deno.stderr.writeSync(noise);`),
    expect: "contained",
  },
  {
    name: "closes its pipes",
    code: stageCode(`const { closeSync } = await import("node:fs");
  for (let fd = 0; fd < 30; fd++) { try { closeSync(fd); } catch { /* not open */ } }
  for (const stream of [Deno.stdin, Deno.stdout, Deno.stderr]) { try { stream.close(); } catch { /* closed */ } }`),
    expect: "contained",
    calls: 2,
  },
  {
    // with luck it steals the next task and with it the token, and then forges an answer about itself
    name: "reads standard input away and forges an answer with the stolen token",
    code: stageCode(`const steal = async () => {
    const bytes = new Uint8Array(1000);
    await Deno.stdin.read(bytes);
    const message = new TextEncoder().encode(JSON.stringify({ type: "done", id: 2 }));
    const payload = new TextEncoder().encode("ADATOM1\\n00000002{}");
    const frame = new Uint8Array(24 + message.length + payload.length);
    frame.set(bytes.subarray(0, 16));
    new DataView(frame.buffer).setUint32(16, message.length, true);
    new DataView(frame.buffer).setUint32(20, payload.length, true);
    frame.set(message, 24);
    frame.set(payload, 24 + message.length);
    Deno.stdout.writeSync(frame);
  };
  for (let i = 0; i < 20; i++) steal();
  context.progress(0.1);
  await wait(500);
  await wait(globalThis.again ? 5000 : 0);
  globalThis.again = true;`),
    expect: ["PLUGIN_PROTOCOL", "PLUGIN_ENDED", "TIME_LIMIT"],
    calls: 2,
    limits: "tight",
  },
];

const MESSAGES: readonly HostilePlugin[] = [
  {
    name: "posts garbage to its main thread",
    code: stageCode(
      `for (const one of [null, 1, "x", [], {}, { type: 1 }, { type: "memory", bytes: 1e12 },
    { type: "task" }, { type: "__proto__" }, new Map([["type", "done"]])]) self.postMessage(one);
  await wait(50);`,
    ),
    expect: "contained",
  },
  {
    name: "posts an answer without bytes",
    code: stageCode(`self.postMessage({ type: "done" }); await wait(5000);`),
    expect: "PLUGIN_ENDED",
  },
  {
    name: "posts an answer of 4 GiB that takes no memory",
    code: stageCode(`self.postMessage({ type: "done", memory: 2 ** 32 }); await wait(5000);`),
    expect: "PLUGIN_ENDED",
  },
  {
    name: "posts an answer longer than its memory",
    code: stageCode(
      `self.postMessage({ type: "done", memory: new SharedArrayBuffer(8), bytes: 1e6 }); await wait(5000);`,
    ),
    expect: "PLUGIN_ENDED",
  },
  {
    name: "posts a shared answer above the limit",
    code: stageCode(
      `self.postMessage({ type: "done", memory: new SharedArrayBuffer(2 ** 30), bytes: 2 ** 30 }); await wait(5000);`,
    ),
    expect: "SIZE_LIMIT",
  },
  noisy(
    "posts an answer of lists within lists",
    ANSWER('"[".repeat(2e5) + "]".repeat(2e5)'),
    "an answer that is no value (its JSON is too deep)",
  ),
  noisy(
    "posts an answer of millions of maps",
    ANSWER(`'{"outputs":{"image":[' + "{},".repeat(4e6) + '0]},"warnings":[],"chosen":{}}'`),
    "lists and names",
  ),
  noisy(
    "posts an answer of a million names",
    ANSWER(
      `'{"outputs":{"image":{' + Array.from({ length: 1e6 }, (_, i) => \`"k\${i}":0\`).join() + '}},"warnings":[],"chosen":{}}'`,
    ),
    "lists and names",
  ),
  noisy(
    "posts a small answer of lists within lists",
    ANSWER(
      `'{"outputs":{"image":' + "[".repeat(3000) + "]".repeat(3000) + '},"warnings":[],"chosen":{}}'`,
    ),
    "too deep",
  ),
  noisy(
    "posts an answer with arrays that are not there",
    ANSWER(
      `'{"outputs":{"image":{"$array":"Float32Array","length":1e15}},"warnings":[],"chosen":{}}'`,
    ),
    "ends too soon",
  ),
  noisy(
    "posts an answer with an array of no type",
    ANSWER(`'{"outputs":{"image":{"$array":"constructor","length":0}},"warnings":[],"chosen":{}}'`),
    "an unknown type of array",
  ),
  noisy("posts an answer without outputs", ANSWER("'{}'"), '"/outputs"'),
  noisy(
    "posts warnings with names that steer a terminal",
    ANSWER(`'{"outputs":{},"warnings":[{"code":"a","message":"b","\\\\u001b[2J":1}],"chosen":{}}'`),
    "only declared names",
  ),
  {
    name: "posts a failure that goes round in circles",
    code: stageCode(`const error = {}; error.parts = error;
  self.postMessage({ type: "failed", error }); await wait(5000);`),
    expect: "PLUGIN_ENDED",
  },
  {
    name: "posts a failure that describes nothing",
    code: stageCode(
      `self.postMessage({ type: "failed", error: { code: "PLUGIN_DIGEST" } }); await wait(5000);`,
    ),
    expect: "STAGE_FAILED",
    says: "an error it does not describe",
  },
  noisy(
    "posts a failure of 4 MB",
    `self.postMessage({ type: "failed", error: { code: "x".repeat(4e6) } }); await wait(5000);`,
    "a message of 40",
  ),
  {
    name: "posts text that is no text",
    code: stageCode(
      `self.postMessage({ type: "console", text: { toString: 1, valueOf: 1 } }); await wait(5000);`,
    ),
    expect: "PLUGIN_ENDED",
  },
  {
    name: "prints text that steers a terminal",
    code: stageCode(`console.log("\\x1b]0;title\\x07\\x9b2J\\u202e"); console.error("\\x1b[31m");
  self.postMessage({ type: "console", text: "\\x1b[2J" }); await wait(50);`),
    expect: "contained",
    proof({ printed }) {
      if (printed.length !== 3) throw new Error(`${printed.length} texts arrived`);
    },
  },
  {
    name: "reports progress that is none",
    code: stageCode(`for (const fraction of [NaN, -1, 2, Infinity, "x", {}, 1n, null]) {
    self.postMessage({ type: "progress", fraction, note: "\\x1b[2J" });
  }
  await wait(50);`),
    expect: "contained",
  },
];

const ENDINGS: readonly HostilePlugin[] = [
  {
    name: "kills its own process",
    code: stageCode(`Deno.kill(Deno.pid, "SIGKILL"); await wait(5000);`),
    expect: "PLUGIN_ENDED",
    message: `${CANNOT_RUN}an answer, got its end with signal SIGKILL; ${REPORT}`,
  },
  ...[
    ["ends with Deno.exit", "Deno.exit(0);", "a plugin cannot end its process"],
    ["ends with process.exit", "process.exit(0);", "a plugin cannot end its process"],
    [
      "ends with an import of process.exit",
      `(await import("node:process")).default.exit(0);`,
      "a plugin cannot end its process",
    ],
    ["ends with self.close", "self.close();", "a plugin cannot end its process"],
    ["ends with process.abort", "process.abort();", "not supported in workers"],
  ].map(([name, body, says]): HostilePlugin => ({
    name,
    code: stageCode(body),
    expect: "STAGE_FAILED",
    says,
  })),
  ...[
    [
      "throws from a timer in the middle of its run",
      `setTimeout(() => { throw new Error("later"); });`,
    ],
    ["leaves a promise rejected in the middle of its run", `Promise.reject(new Error("later"));`],
    ["reports an error to its worker", `reportError(new Error("later"));`],
  ].map(([name, body]): HostilePlugin => ({
    name,
    code: stageCode(`${body} await wait(5000);`),
    expect: "STAGE_FAILED",
    says: "Error: later",
  })),
  ...[
    [
      "throws from a timer after its answer",
      `setTimeout(() => { throw new Error("later"); }, 20);`,
    ],
    [
      "leaves a promise rejected after its answer",
      `setTimeout(() => { Promise.reject(new Error("later")); }, 20);`,
    ],
  ].map(([name, body]): HostilePlugin => ({
    name,
    code: stageCode(body),
    expect: "contained",
    proof: () => new Promise((resolve) => setTimeout(resolve, 100)),
  })),
];

/** Plugins that make noise. */
export const NOISY: readonly HostilePlugin[] = [...PIPES, ...MESSAGES, ...ENDINGS];
