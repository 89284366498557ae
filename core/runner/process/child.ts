/**
 * The main thread of a plugin's child process. It is ours: the plugin runs in a worker without
 * permissions, and this thread carries messages between that worker and the host, watches the
 * memory, and ends the process when the host is gone (a busy worker would never notice).
 *
 * It runs as one file, `child.gen.js`, which `deno task sandbox` makes of it.
 *
 * Started by `child_process.ts` only, with the words
 * `EXCHANGE_FOLDER MEMORY_LIMIT_BYTES ANSWER_LIMIT_BYTES PERMISSIONS_JSON`.
 *
 * @module
 */
import { raiseCancel } from "../cancel.ts";
import {
  encodeFrame,
  EXCHANGE_FILES,
  type FromChild,
  INLINE_BYTES,
  readExactly,
  readFrame,
  type ToChild,
  TOKEN_BYTES,
} from "./protocol.ts";
import type { FromPlugin, ToPlugin } from "./child_worker.ts";

/** How often the memory is looked at. */
const MEMORY_POLL_MS = 50;

/** A plugin may print this many characters before the rest is dropped. */
const CONSOLE_LIMIT = 64 * 1024;

const [exchange, memoryLimit, answerLimit, permissions] = Deno.args;

/** Ends the process at once, whatever its threads do. */
function die(): never {
  Deno.kill(Deno.pid, "SIGKILL");
  throw new Error("unreachable");
}

/** Options of the worker; `deno` is unstable and not among the types of a worker. */
const sandboxed: WorkerOptions & { deno: { permissions: unknown } } = {
  type: "module",
  name: "plugin",
  deno: { permissions: JSON.parse(permissions) },
};
const cancel = new Int32Array(new SharedArrayBuffer(4));
const worker = new Worker(new URL("./child_worker.gen.js", import.meta.url), sandboxed);

const readStdin = (target: Uint8Array) => Deno.stdin.read(target);
const token = await readExactly(TOKEN_BYTES, readStdin) ?? die();

let writing: Promise<unknown> = Promise.resolve();
/** Sends a frame when those before it are out. */
function send(message: FromChild, payload?: Uint8Array): Promise<unknown> {
  const bytes = encodeFrame(token, message, payload && [payload]);
  writing = writing.then(async () => {
    for (let done = 0; done < bytes.length;) done += await Deno.stdout.write(bytes.subarray(done));
  }).catch(die); // the host is gone
  return writing;
}

let current = -1;
let printed = 0;
let inFile: Deno.FsFile | undefined;
let outFile: Deno.FsFile | undefined;
/** What the plugin's thread reads; as large as the largest payload so far. */
let inbox = new Uint8Array(new SharedArrayBuffer(INLINE_BYTES));
let latestProgress: FromChild | undefined;

/** Sends the latest progress only, so that a stage that reports without end costs nothing. */
function sendProgress(message: FromChild): void {
  const idle = latestProgress === undefined;
  latestProgress = message;
  if (!idle) return;
  writing.then(() => {
    const latest = latestProgress;
    latestProgress = undefined;
    if (latest !== undefined) send(latest);
  });
}

worker.onmessage = ({ data }: MessageEvent<FromPlugin>) => {
  const id = current;
  switch (data?.type) {
    case "progress":
      return sendProgress({
        type: "progress",
        id,
        fraction: Number(data.fraction),
        ...(data.note === undefined ? {} : { note: String(data.note).slice(0, 200) }),
      });
    case "console": {
      const text = String(data.text).slice(0, Math.max(0, CONSOLE_LIMIT - printed));
      printed += text.length;
      return text === "" ? undefined : void send({ type: "console", text });
    }
    case "done": {
      latestProgress = undefined;
      // the plugin can post such a message itself, with whatever it likes
      if (!(data.memory instanceof SharedArrayBuffer)) return die();
      const payload = new Uint8Array(data.memory, 0, data.bytes);
      if (payload.length <= INLINE_BYTES) return void send({ type: "done", id }, payload);
      // the host refuses an answer of this size; on the disk it would do harm already
      if (payload.length > Number(answerLimit)) {
        return void send({ type: "done", id, bytes: payload.length });
      }
      const path = `${exchange}/${EXCHANGE_FILES.fromChild}`;
      outFile ??= Deno.openSync(path, { write: true, create: true });
      outFile.seekSync(0, Deno.SeekMode.Start);
      for (let at = 0; at < payload.length;) at += outFile.writeSync(payload.subarray(at));
      return void send({ type: "done", id, bytes: payload.length });
    }
    case "failed":
      latestProgress = undefined;
      return void send({ type: "failed", id, error: data.error });
  }
};
worker.onerror = (event) => {
  event.preventDefault();
  // thrown outside of a task: nobody knows what state the plugin is in, so it ends with the process
  const got = `the error "${event.message}" outside of any task`;
  const parts = { cannot: "run the plugin", expected: "a result", got };
  const error = { code: "STAGE_FAILED", parts } as const;
  send({ type: "failed", id: current, error, last: true }).then(die);
};

const limit = Number(memoryLimit);
setInterval(() => {
  const bytes = Deno.memoryUsage().rss;
  if (bytes > limit) send({ type: "memory", bytes }).then(die);
}, MEMORY_POLL_MS);

while (true) {
  const frame = await readFrame(token, readStdin).catch(die);
  if (frame === undefined) die(); // the host is gone
  const message = frame.message as ToChild;
  if (message.type === "cancel") {
    if (message.id === current) raiseCancel(cancel);
    continue;
  }
  current = message.id;
  printed = 0;
  Atomics.store(cancel, 0, 0);
  const { task, bytes = frame.payload.length } = message;
  if (bytes > inbox.length) {
    inbox = new Uint8Array(new SharedArrayBuffer(Math.max(bytes, 2 * inbox.length)));
  }
  if (message.bytes === undefined) {
    inbox.set(frame.payload);
  } else {
    inFile ??= Deno.openSync(`${exchange}/${EXCHANGE_FILES.toChild}`);
    inFile.seekSync(0, Deno.SeekMode.Start);
    for (let at = 0; at < bytes;) at += inFile.readSync(inbox.subarray(at, bytes)) ?? die();
  }
  worker.postMessage({ task, memory: inbox.buffer, bytes, cancel } satisfies ToPlugin);
}
