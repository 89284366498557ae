/**
 * The thread a plugin runs in: a worker without permissions inside the child process.
 *
 * The plugin arrives as text and is imported as a `data:` address, so that its own imports are judged
 * by this worker's permissions, of which there are none.
 *
 * @module
 */
import { encodeParts, viewValue } from "../../data/encode.ts";
import { AdatomError, adoptError, cancelledError, type ErrorRecord } from "../../errors.ts";
import { describePlugin } from "../../plugin/description.ts";
import type { Plugin } from "../../plugin/plugin.ts";
import type { ImageFormat, TableFormat } from "../../stage/format.ts";
import type { AnyStage } from "../../stage/stage.ts";
import { cancelHooks } from "../cancel.ts";
import { runStage } from "../run_stage.ts";
import type { ChildTask } from "./protocol.ts";

/** What the main thread sends: a task and its payload. */
export interface ToPlugin {
  readonly task: ChildTask;
  /** The first `bytes` of it are the payload. */
  readonly memory: SharedArrayBuffer;
  readonly bytes: number;
  /** One number: not 0 once the task is cancelled. */
  readonly cancel: Int32Array;
}

/** What the plugin's thread sends. */
export type FromPlugin =
  | { readonly type: "progress"; readonly fraction: number; readonly note: string | undefined }
  | { readonly type: "console"; readonly text: string }
  | { readonly type: "done"; readonly memory: SharedArrayBuffer; readonly bytes: number }
  | { readonly type: "failed"; readonly error: ErrorRecord };

interface Scope {
  postMessage(message: FromPlugin): void;
  onmessage: ((event: MessageEvent<ToPlugin>) => void) | null;
}

const scope = globalThis as unknown as Scope;
const post = scope.postMessage.bind(scope);
let plugin: Plugin | undefined;

/** What a console prints its words with. */
const PRINTING = [
  "log",
  "info",
  "debug",
  "warn",
  "error",
  "trace",
  "dir",
  "dirxml",
  "table",
  "group",
  "groupCollapsed",
  "count",
] as const;

/** What a console does beside; left as it is, it would print past us. */
const SILENT = ["countReset", "time", "timeLog", "timeEnd", "groupEnd", "clear"] as const;

/** Keeps what a plugin prints apart from the frames, and the process alive when it would end it. */
function tame(): void {
  const print = (...words: unknown[]) => {
    const text = words.map((w) => typeof w === "string" ? w : Deno.inspect(w)).join(" ");
    post({ type: "console", text });
  };
  for (const name of PRINTING) console[name] = print;
  for (const name of SILENT) console[name] = () => {};
  console.assert = (condition?: boolean, ...words: unknown[]) => {
    if (!condition) print("Assertion failed:", ...words);
  };
  const refuse = () => {
    throw new Error("a plugin cannot end its process");
  };
  Object.assign(Deno, { exit: refuse });
  Object.assign(globalThis, { close: refuse });
  // made when first asked for, which takes 25 ms: so it is tamed then, too
  const { get } = Object.getOwnPropertyDescriptor(globalThis, "process") ?? {};
  if (get === undefined) return;
  const tamed = () => Object.assign(get.call(globalThis), { exit: refuse, reallyExit: refuse });
  Object.defineProperty(globalThis, "process", { configurable: true, get: tamed });
}

async function perform({ task, memory, bytes, cancel }: ToPlugin): Promise<unknown> {
  const payload = new Uint8Array(memory, 0, bytes);
  switch (task.do) {
    case "load":
      return await load(payload);
    case "run":
      return await run(task, payload, cancel);
    case "migrate": {
      const params = viewValue(payload) as Record<string, unknown>;
      return stageOf(task.stage).migrate!(params, task.from);
    }
    case "read": {
      const warnings: { code: string; message: string }[] = [];
      const { name, path } = task;
      const warn = (code: string, message: string) => void warnings.push({ code, message });
      const context = { name, path, warn };
      return { value: await formatOf(task.format).read(payload.slice(), context), warnings };
    }
    case "write": {
      const write = formatOf(task.format).write as (value: unknown) => Promise<Uint8Array>;
      return { bytes: await write(viewValue(payload)) };
    }
  }
}

async function load(code: Uint8Array): Promise<unknown> {
  const module = await import(`data:text/javascript;base64,${code.toBase64()}`);
  plugin = module.default as Plugin;
  return describePlugin(plugin);
}

async function run(
  task: Extract<ChildTask, { do: "run" }>,
  payload: Uint8Array,
  cancel: Int32Array,
): Promise<unknown> {
  const { inputs, params } = viewValue(payload) as Record<
    "inputs" | "params",
    Record<string, unknown>
  >;
  const { seed, watch } = task;
  const reports: number[] = [];
  const before = checksum(payload);
  const hooks = cancelHooks(cancel);
  const outcome = await runStage({ stage: stageOf(task.stage), inputs, params, seed }, {
    ...hooks,
    progress: (fraction, note) => post({ type: "progress", fraction, note }),
    map: (mapped, items) => Promise.all(items.map((item) => mapped.call(item))),
    ...(watch === undefined ? {} : {
      report(fraction) {
        reports.push(fraction);
        if (watch.cancelAtFirstReport) throw cancelledError();
      },
    }),
  }).finally(() => hooks.release());
  if (checksum(payload) !== before) {
    throw new AdatomError("INPUT_MUTATED", {
      cannot: `take the outputs of ${task.stage}`,
      expected: "inputs that are left as they were",
      got: "inputs that the stage wrote into",
      hint: "the stage must copy what it changes; report it to its author",
    });
  }
  return watch === undefined ? outcome : { ...outcome, reports };
}

function stageOf(id: string): AnyStage {
  const stage = plugin?.stages?.find((one) => one.id === id);
  if (stage === undefined) throw new Error(`the code holds no stage "${id}"`);
  return stage;
}

function formatOf(id: string): ImageFormat | TableFormat {
  const format = plugin?.formats?.find((one) => one.id === id);
  if (format === undefined) throw new Error(`the code holds no format "${id}"`);
  return format;
}

/**
 * A sum over all bytes that changes when any of them does; for honest mistakes. Four sums at a time,
 * since each step waits for the one before.
 */
function checksum({ buffer, byteOffset, length }: Uint8Array): number {
  const words = new Int32Array(buffer, byteOffset, length >> 2);
  const whole = words.length & ~3;
  let a = 0, b = 0, c = 0, d = 0;
  for (let i = 0; i < whole; i += 4) {
    a = (Math.imul(a, 31) + words[i]) | 0;
    b = (Math.imul(b, 31) + words[i + 1]) | 0;
    c = (Math.imul(c, 31) + words[i + 2]) | 0;
    d = (Math.imul(d, 31) + words[i + 3]) | 0;
  }
  const rest = new Uint8Array(buffer, byteOffset + 4 * whole, length - 4 * whole);
  for (let i = 0; i < rest.length; i++) a = (Math.imul(a, 31) + rest[i]) | 0;
  return Math.imul(Math.imul(Math.imul(a, 31) + b, 31) + c, 31) + d | 0;
}

/** What the main thread reads; as large as the largest answer so far. */
let outbox = new Uint8Array(new SharedArrayBuffer(2 ** 16));

/** Puts a value into the outbox and gives the number of bytes. */
function putIntoOutbox(value: unknown): number {
  const parts = encodeParts(value);
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  if (bytes > outbox.length) {
    outbox = new Uint8Array(new SharedArrayBuffer(Math.max(bytes, 2 * outbox.length)));
  }
  let at = 0;
  for (const part of parts) {
    outbox.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** How Deno words a refusal; an import that is refused is no `NotCapable`. */
const REFUSED = /Requires (\w+) access|--no-npm is specified|--no-remote|--cached-only|escalate/;

/** Texts of an error are cut here; a message has a largest size. */
const ERROR_CHARS = 10_000;

/** The plain form of whatever was thrown, of bounded size. */
function asRecord(error: unknown, task: ChildTask): ErrorRecord {
  return JSON.parse(
    JSON.stringify(
      wholeRecord(error, task),
      (_key, item) => typeof item === "string" ? item.slice(0, ERROR_CHARS) : item,
    ),
  );
}

function wholeRecord(error: unknown, task: ChildTask): ErrorRecord {
  const what = "stage" in task ? task.stage : "format" in task ? task.format : "the plugin";
  const typed = adoptError(error);
  const cause = typed?.code === "STAGE_FAILED" ? typed.cause : typed === undefined ? error : null;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause !== null && (cause instanceof Deno.errors.NotCapable || REFUSED.test(message))) {
    return {
      code: "PLUGIN_PERMISSION",
      parts: {
        cannot: `run ${what}`,
        expected: "a plugin that reaches for nothing but its inputs",
        got: `the refused attempt "${message.split(", run again")[0]}"`,
        hint: "report it to its author",
      },
    };
  }
  if (typed !== undefined) return typed.toRecord();
  return new AdatomError("STAGE_FAILED", {
    cannot: `${task.do} ${what}`,
    expected: "a result",
    got: `the error "${message}"`,
    hint: "report it to the author of the plugin, with run.json",
  }, { cause: error }).toRecord();
}

tame();
scope.onmessage = async ({ data }) => {
  try {
    const bytes = putIntoOutbox(await perform(data));
    post({ type: "done", memory: outbox.buffer, bytes });
  } catch (error) {
    post({ type: "failed", error: asRecord(error, data.task) });
  }
};
