/**
 * The host's end of one child process of a plugin: starts it, talks to it, and ends it.
 *
 * The child has no permissions but those the user confirmed, a private and empty cache folder, no
 * environment, and no network or registry to import from.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Permissions } from "../../stage/stage.ts";
import { decodeAnswer, readAnswer } from "./answer.ts";
import {
  bytesOf,
  type ChildTask,
  encodeFrame,
  EXCHANGE_FILES,
  type Frame,
  INLINE_BYTES,
  ProtocolError,
  readFrame,
  type ToChild,
  TOKEN_BYTES,
} from "./protocol.ts";

/** What a child may use. */
export interface SandboxLimits {
  /** Wall time of one task. */
  readonly seconds: number;
  /** Memory of the whole process. */
  readonly memoryMiB: number;
  /** Size of one answer. */
  readonly answerMiB: number;
}

/** Why a task was given up. The sandbox makes the error of it, which names the plugin. */
export type ChildEnd =
  | { readonly why: "time"; readonly seconds: number }
  | { readonly why: "memory"; readonly mebibytes: number | undefined }
  | { readonly why: "size"; readonly mebibytes: number }
  | { readonly why: "protocol"; readonly what: string }
  | { readonly why: "ended"; readonly what: string }
  | { readonly why: "cancelled" };

/** Thrown when a child is gone or had to go. */
export class ChildLost extends Error {
  override readonly name = "ChildLost";

  /** Remembers why. */
  constructor(readonly end: ChildEnd) {
    super(end.why);
  }
}

/** What the caller of a task hears meanwhile. */
export interface TaskHooks {
  readonly signal: AbortSignal;
  progress(fraction: number, note: string | undefined): void;
  print(text: string): void;
}

/** The answer to a task: the value of `done`, or the error record of `failed`. */
export type Answer = { readonly done: unknown } | { readonly failed: unknown };

/** A running child. */
export interface Child {
  /** False once it has ended or has to be replaced. */
  readonly alive: boolean;
  /**
   * Gives it a task and waits for the answer; one task at a time.
   *
   * @throws ChildLost when it broke a limit or the protocol, ended, or did not stop when cancelled
   */
  perform(task: ChildTask, payload: readonly Uint8Array[], hooks: TaskHooks): Promise<Answer>;
  /** Ends it at once. */
  kill(): void;
  /** Resolves when the process is gone and its folder removed. */
  readonly gone: Promise<void>;
}

/** Loading code may take this long; it has nothing to compute yet. */
const LOAD_SECONDS = 30;

/** A cancelled stage may take this long to stop by itself. */
const GRACE_MS = 800;

/** This much of what a child wrote to its error stream is kept, for telling why it ended. */
const TAIL_CHARS = 4096;

/** The code of the child's two threads; see `tools/sandbox_code.ts`. */
const CHILD = new URL("./child.gen.js", import.meta.url);
const CHILD_WORKER = new URL("./child_worker.gen.js", import.meta.url);

/** Starts a child. `audit` names a file in which Deno notes every access the child attempts. */
export function startChild(
  permissions: Permissions,
  limits: SandboxLimits,
  audit?: string,
): Child {
  const folder = makeFolder();
  const exchange = join(folder, "exchange");
  const scratch = join(folder, "scratch");
  const cache = join(folder, "deno");
  for (const path of [exchange, scratch, cache]) mkdirSync(path);
  // where `caches` of the plugin would write without end; a file in its place refuses that
  writeFileSync(join(cache, "location_data"), "");
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-config",
      "--no-lock",
      "--no-check",
      "--no-code-cache", // nothing of a private folder is used twice, and it takes 10 ms
      "--cached-only",
      "--no-remote",
      "--no-npm",
      "--unstable-worker-options",
      `--v8-flags=--max-old-space-size=${limits.memoryMiB}`,
      ...permissionFlags(permissions, exchange),
      CHILD.href,
      exchange,
      String(limits.memoryMiB * 2 ** 20),
      String(limits.answerMiB * 2 ** 20),
      JSON.stringify(workerPermissions(permissions)),
    ],
    cwd: scratch,
    clearEnv: true,
    env: {
      DENO_DIR: cache,
      NO_COLOR: "1",
      DENO_NO_UPDATE_CHECK: "1",
      ...grantedEnvironment(permissions),
      ...(audit === undefined ? {} : { DENO_AUDIT_PERMISSIONS: audit }),
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  const token = new Uint8Array(randomBytes(TOKEN_BYTES));
  const writer = child.stdin.getWriter();
  writer.closed.catch(() => {}); // seen at the end of its output
  let sent: Promise<unknown> = writer.write(token).catch(() => {});
  let alive = true;
  let cause: ChildEnd | undefined;
  let nextId = 0;
  let inFile: number | undefined;
  let errorTail = "";
  let current: {
    readonly id: number;
    readonly hooks: TaskHooks;
    resolve(answer: Answer): void;
    reject(error: unknown): void;
  } | undefined;

  const end = (why: ChildEnd) => {
    cause ??= why;
    alive = false;
    try {
      child.kill("SIGKILL");
    } catch {
      // it has ended by itself
    }
  };

  const send = (message: ToChild, payload?: readonly Uint8Array[]) => {
    const frame = encodeFrame(token, message, payload);
    // a child that is gone shows it at the end of its output
    sent = sent.then(() => writer.write(frame)).catch(() => {});
  };

  const receive = ({ message, payload }: Frame) => {
    const given = message as Record<string, unknown> | null;
    if (typeof given !== "object" || given === null) {
      throw new ProtocolError("a message of no type");
    }
    if (given.type === "memory") {
      return end({ why: "memory", mebibytes: Math.round(Number(given.bytes) / 2 ** 20) });
    }
    if (given.type === "console") return current?.hooks.print(String(given.text));
    if (given.id !== current?.id || current === undefined) {
      if (given.type === "progress") return; // of a task that is over
      if (given.last === true) return end({ why: "ended", what: "an error outside of any task" });
      throw new ProtocolError("an answer to nothing that was asked");
    }
    const { hooks, resolve } = current;
    switch (given.type) {
      case "progress": {
        const fraction = Number(given.fraction);
        if (fraction >= 0 && fraction <= 1) {
          hooks.progress(fraction, given.note === undefined ? undefined : String(given.note));
        }
        return;
      }
      case "done": {
        if (given.bytes === undefined) return resolve({ done: decodeAnswer(payload) });
        const length = Number(given.bytes);
        const mebibytes = Math.ceil(length / 2 ** 20);
        if (mebibytes > limits.answerMiB) return end({ why: "size", mebibytes });
        return resolve({ done: readAnswer(join(exchange, EXCHANGE_FILES.fromChild), length) });
      }
      case "failed":
        resolve({ failed: given.error });
        // the next task needs a new child, though this one may take a moment to go
        if (given.last === true) end({ why: "ended", what: "its own end" });
        return;
      default:
        throw new ProtocolError("a message of an unknown type");
    }
  };

  const pump = async () => {
    const reader = child.stdout.getReader({ mode: "byob" });
    const read = readerInto(reader);
    try {
      while (true) {
        const frame = await readFrame(token, read);
        if (frame === undefined) break;
        receive(frame);
      }
    } catch (error) {
      if (error instanceof ProtocolError) end({ why: "protocol", what: error.message });
      else end({ why: "ended", what: String(error) });
    }
    await reader.cancel().catch(() => {});
  };

  const listen = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) {
      const text = decoder.decode(chunk, { stream: true });
      errorTail = (errorTail + text).slice(-TAIL_CHARS);
    }
  };

  const gone = (async () => {
    const [status] = await Promise.all([child.status, pump(), listen()]);
    alive = false;
    await writer.abort().catch(() => {});
    if (inFile !== undefined) closeSync(inFile);
    rmSync(folder, { recursive: true, force: true });
    current?.reject(new ChildLost(cause ?? endOf(status, errorTail)));
    current = undefined;
  })();

  return {
    get alive() {
      return alive;
    },
    gone,
    kill: () => end({ why: "cancelled" }),
    async perform(task, payload, hooks) {
      if (!alive) throw new ChildLost({ why: "ended", what: "it had ended before" });
      const id = nextId++;
      const seconds = Math.min(limits.seconds, task.do === "load" ? LOAD_SECONDS : Infinity);
      const timers: ReturnType<typeof setTimeout>[] = [
        setTimeout(() => end({ why: "time", seconds }), seconds * 1000),
      ];
      const abort = () => {
        send({ type: "cancel", id });
        timers.push(setTimeout(() => end({ why: "cancelled" }), GRACE_MS));
      };
      const answer = new Promise<Answer>((resolve, reject) => {
        current = { id, hooks, resolve, reject };
      });
      answer.catch(() => {}); // also when writing the file below fails first
      try {
        const bytes = bytesOf(payload);
        if (bytes <= INLINE_BYTES) {
          send({ type: "task", id, task }, payload);
        } else {
          inFile ??= openSync(join(exchange, EXCHANGE_FILES.toChild), "w");
          writeParts(inFile, payload);
          send({ type: "task", id, task, bytes });
        }
        if (hooks.signal.aborted) abort();
        else hooks.signal.addEventListener("abort", abort, { once: true });
        return await answer;
      } finally {
        hooks.signal.removeEventListener("abort", abort);
        for (const timer of timers) clearTimeout(timer);
        current = undefined;
      }
    },
  };
}

/** Writes parts one after the other over what a file holds. */
function writeParts(file: number, parts: readonly Uint8Array[]): void {
  let position = 0;
  for (const part of parts) {
    for (let done = 0; done < part.length;) {
      const written = writeSync(file, part, done, part.length - done, position);
      done += written;
      position += written;
    }
  }
}

/** Why a child ended that nobody told to. */
function endOf(status: Deno.CommandStatus, errorTail: string): ChildEnd {
  if (/out of memory|heap limit/i.test(errorTail)) return { why: "memory", mebibytes: undefined };
  const how = status.signal === null ? `exit code ${status.code}` : `signal ${status.signal}`;
  const said = errorTail.trim().split("\n").at(-1);
  return { why: "ended", what: said ? `its end with ${how} ("${said}")` : `its end with ${how}` };
}

/** Reads from a stream into a part of an array. The stream takes the memory, so the bytes are copied. */
function readerInto(reader: ReadableStreamBYOBReader) {
  let scratch = new Uint8Array(256 * 1024);
  let ready = scratch.subarray(0, 0);
  return async (target: Uint8Array): Promise<number | null> => {
    if (ready.length === 0) {
      const { value, done } = await reader.read(scratch);
      if (done || value === undefined) return null;
      scratch = new Uint8Array(value.buffer);
      ready = value;
    }
    const part = ready.subarray(0, target.length);
    target.set(part);
    ready = ready.subarray(part.length);
    return part.length;
  };
}

/** What the child's own thread may do: read its worker's code, and use its exchange folder. */
function permissionFlags(permissions: Permissions, exchange: string): string[] {
  const list = (items: readonly string[]) => items.map((i) => i.replaceAll(",", ",,")).join(",");
  const { read = [], write = [], net, env } = permissions;
  return [
    `--allow-read=${list([exchange, fileURLToPath(CHILD_WORKER), ...read])}`,
    `--allow-write=${list([exchange, ...write])}`,
    ...(net === undefined ? [] : [`--allow-net=${list(net)}`]),
    ...(env === undefined ? [] : [`--allow-env=${list(env)}`]),
  ];
}

/** What the plugin's thread may do: what the user confirmed, else nothing. */
function workerPermissions(permissions: Permissions): unknown {
  return Object.keys(permissions).length === 0 ? "none" : permissions;
}

function grantedEnvironment({ env = [] }: Permissions): Record<string, string> {
  return Object.fromEntries(
    env.flatMap((name) => process.env[name] === undefined ? [] : [[name, process.env[name]!]]),
  );
}

/** A new private folder, whose name says which process it belongs to. */
function makeFolder(): string {
  const root = join(tmpdir(), `adatom-plugins-${process.getuid?.() ?? "user"}`);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  // someone else may have made it, to look into or exchange what we put there
  if (!isPrivate(root)) return mkdtempSync(join(tmpdir(), "adatom-plugin-"));
  sweep(root);
  return mkdtempSync(join(root, `${process.pid}-`));
}

/** Whether a folder is our own and nobody else may enter it; always true where there are no users. */
function isPrivate(folder: string): boolean {
  const { uid, mode } = lstatSync(folder);
  const user = process.getuid?.();
  return user === undefined || uid === user && (mode & 0o170077) === 0o040000;
}

/** Removes the folders of hosts that were killed. */
function sweep(root: string): void {
  for (const name of readdirSync(root)) {
    const owner = Number(name.split("-")[0]);
    if (owner === process.pid || isRunning(owner)) continue;
    try {
      rmSync(join(root, name), { recursive: true, force: true });
    } catch {
      // its child is still ending, or another host sweeps as well: left for the next
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
