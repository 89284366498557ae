/**
 * The sandbox: one child process a plugin, warm from its first task until the sandbox is closed.
 *
 * Everything that comes back is checked here as if the plugin meant harm: the errors it may raise, the
 * text it may show, the form of its answers. Outputs are checked by the caller against their ports.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  AdatomError,
  cancelledError,
  ERROR_CODES,
  type ErrorCode,
  errorFromRecord,
  type ErrorParts,
  type ErrorPlace,
} from "../../errors.ts";
import { type Schema, schemaProblem } from "../../stage/schema.ts";
import type { PluginOrigin } from "../../stage/stage.ts";
import {
  type Child,
  type ChildEnd,
  ChildLost,
  type SandboxLimits,
  startChild,
} from "./child_process.ts";
import type { ChildTask } from "./protocol.ts";

export type { SandboxLimits } from "./child_process.ts";

/** What a sandbox is told beside the tasks. */
export interface SandboxOptions {
  readonly limits?: Partial<SandboxLimits>;
  /** Told of what plugins print. */
  readonly print?: (plugin: string, text: string) => void;
  /** A file in which Deno notes every access that is attempted. */
  readonly audit?: string;
}

/** How a task is accompanied. */
export interface SandboxCall {
  readonly signal?: AbortSignal;
  readonly progress?: (fraction: number, note: string | undefined) => void;
}

/** Runs tasks of plugins. */
export interface Sandbox {
  /** The description its code gives of a plugin; as untrusted as everything else it says. */
  describe(plugin: PluginOrigin, call?: SandboxCall): Promise<unknown>;
  /**
   * Gives a plugin a task and its payload, and gives back the answer's value.
   *
   * @throws AdatomError the plugin's own input and request errors; STAGE_FAILED, PLUGIN_PERMISSION,
   * INPUT_MUTATED, PLUGIN_ENDED, PLUGIN_PROTOCOL, PLUGIN_DIGEST, TIME_LIMIT, MEMORY_LIMIT, SIZE_LIMIT,
   * or CANCELLED
   */
  perform(
    plugin: PluginOrigin,
    task: ChildTask,
    payload: readonly Uint8Array[],
    call?: SandboxCall,
  ): Promise<unknown>;
  /** Ends all children. */
  close(): void;
  /** Resolves when all children that were ever started are gone. */
  ended(): Promise<void>;
}

/** The limits unless told otherwise. */
export const DEFAULT_LIMITS: SandboxLimits = { seconds: 900, memoryMiB: 2048, answerMiB: 1024 };

interface Place {
  child: Child | undefined;
  /** The task at work and those that wait. */
  queue: Promise<unknown>;
}

/** Makes a sandbox. Children are started when first needed. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const limits: SandboxLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const places = new Map<string, Place>();
  const endings = new Set<Promise<void>>();
  let closed = false;

  const talk = async (
    plugin: PluginOrigin,
    child: Child,
    task: ChildTask,
    payload: readonly Uint8Array[],
    { signal = new AbortController().signal, progress = () => {} }: SandboxCall,
  ): Promise<unknown> => {
    const place = placeOf(task);
    try {
      const answer = await child.perform(task, payload, {
        signal,
        progress: (fraction, note) => progress(fraction, note && cleanText(note)),
        print: (text) => options.print?.(plugin.id, cleanText(text, true)),
      });
      if ("done" in answer) return answer.done;
      const cancelled = signal.aborted || (task.do === "run" && task.watch?.cancelAtFirstReport);
      throw pluginError(answer.failed, plugin, place, cancelled === true);
    } catch (error) {
      // Ctrl-C reaches the child, too, and may end it before we do
      if (error instanceof ChildLost && signal.aborted) throw cancelledError();
      if (error instanceof ChildLost) throw lostError(error.end, plugin, place, limits);
      throw error;
    }
  };

  /** The plugin's child with its code loaded. */
  const ready = async (
    plugin: PluginOrigin,
    place: Place,
    call: SandboxCall,
  ): Promise<{ child: Child; description: unknown }> => {
    if (place.child?.alive) return { child: place.child, description: undefined };
    const code = readCode(plugin);
    const child = startChild(plugin.permissions, limits, options.audit);
    place.child = child;
    endings.add(child.gone);
    child.gone.finally(() => endings.delete(child.gone));
    try {
      const { signal } = call;
      const description = await talk(
        plugin,
        child,
        { do: "load" },
        [code],
        signal ? { signal } : {},
      );
      return { child, description };
    } catch (error) {
      child.kill();
      throw error;
    }
  };

  /** Runs work of one plugin after all that came before it. */
  const inTurn = <T>(plugin: PluginOrigin, work: (place: Place) => Promise<T>): Promise<T> => {
    const key = `${plugin.id} ${plugin.sha256}`;
    let place = places.get(key);
    if (place === undefined) {
      places.set(key, place = { child: undefined, queue: Promise.resolve() });
    }
    const mine = place;
    const turn = mine.queue.then(() => {
      if (closed) throw cancelledError();
      return work(mine);
    });
    mine.queue = turn.catch(() => {});
    return turn;
  };

  return {
    describe: (plugin, call = {}) =>
      inTurn(plugin, async (place) => {
        place.child?.kill();
        place.child = undefined;
        return (await ready(plugin, place, call)).description;
      }),
    perform: (plugin, task, payload, call = {}) =>
      inTurn(plugin, async (place) => {
        if (call.signal?.aborted) throw cancelledError();
        const { child } = await ready(plugin, place, call);
        return await talk(plugin, child, task, payload, call);
      }),
    close() {
      closed = true;
      for (const { child } of places.values()) child?.kill();
      places.clear();
    },
    async ended() {
      await Promise.all(endings);
    },
  };
}

/** The code of a plugin, if it is still the code that was installed. */
export function readCode(plugin: PluginOrigin): Uint8Array<ArrayBuffer> {
  let code: Uint8Array<ArrayBuffer>;
  let found: string;
  try {
    code = new Uint8Array(readFileSync(plugin.file));
    found = createHash("sha256").update(code).digest("hex");
    if (found === plugin.sha256) return code;
  } catch (error) {
    found = (error as { code?: string }).code ?? String(error);
  }
  throw new AdatomError("PLUGIN_DIGEST", {
    cannot: `load plugin ${plugin.id} ${plugin.version}`,
    expected: `the code that was installed (sha256 ${plugin.sha256.slice(0, 12)}...)`,
    got: /^[0-9a-f]{64}$/.test(found) ? `other code (${found.slice(0, 12)}...)` : found,
    hint: `remove it and add it again: adatom plugin remove ${plugin.id}`,
  });
}

/** Control characters, separators of lines, and marks that turn the direction of writing. */
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text of a plugin without anything that could steer a terminal. */
export function cleanText(text: string, lines = false): string {
  const cleaned = text.replace(CONTROLS, (mark) => lines && mark === "\n" ? mark : " ");
  return cleaned.length > 2000 ? `${cleaned.slice(0, 2000)}...` : cleaned;
}

/** A name for what is at work, for messages, and its place. */
function placeOf(task: ChildTask): { readonly what: string; readonly where: ErrorPlace } {
  if (task.do === "load") return { what: "load", where: {} };
  if ("format" in task) return { what: `${task.do} a file with ${task.format}`, where: {} };
  return {
    what: `${task.do} ${task.stage}`,
    where: { stage: task.stage },
  };
}

type TaskPlace = ReturnType<typeof placeOf>;

/** `run lab.x (plugin lab.denoise 1.0.0)`, `load plugin lab.denoise 1.0.0`. */
function cannotOf({ id, version }: PluginOrigin, { what }: TaskPlace): string {
  return what === "load" ? `load plugin ${id} ${version}` : `${what} (plugin ${id} ${version})`;
}

const PARTS: Schema = {
  type: "object",
  required: ["code", "parts"],
  properties: {
    code: { type: "string" },
    port: { type: "string" },
    param: { type: "string" },
    detail: { type: "string" },
    parts: {
      type: "object",
      required: ["cannot", "expected", "got"],
      properties: {
        cannot: { type: "string" },
        expected: { type: "string" },
        got: { type: "string" },
        hint: { type: "string" },
      },
    },
  },
};

/** Errors a plugin may not raise in the name of others; it may of its own inputs and parameters. */
const OWN_CODES: readonly ErrorCode[] = ["PLUGIN_PERMISSION", "INPUT_MUTATED", "STAGE_FAILED"];

/** The error a plugin reported, under its own name and no other. */
function pluginError(
  record: unknown,
  plugin: PluginOrigin,
  place: TaskPlace,
  cancelled: boolean,
): AdatomError {
  const broken = schemaProblem(PARTS, record);
  const given = broken === undefined
    ? record as {
      code: ErrorCode;
      parts: ErrorParts;
      port?: string;
      param?: string;
      detail?: string;
    }
    : undefined;
  if (given?.code === "CANCELLED" && cancelled) return cancelledError();
  const kind = given === undefined || !Object.hasOwn(ERROR_CODES, given.code)
    ? undefined
    : ERROR_CODES[given.code];
  const hint = `report it to the author of ${plugin.id}`;
  if (given === undefined || kind === undefined) {
    const got = "an error it does not describe";
    const parts = { cannot: cannotOf(plugin, place), expected: "a result", got, hint };
    return new AdatomError("STAGE_FAILED", parts, place.where);
  }
  const { expected, got } = given.parts;
  const parts: ErrorParts = {
    cannot: cleanText(given.parts.cannot),
    expected: cleanText(expected),
    got: cleanText(got),
    hint: given.parts.hint === undefined ? undefined : cleanText(given.parts.hint),
  };
  const { port, param, detail } = given;
  const where = {
    ...place.where,
    port: port && cleanText(port),
    param: param && cleanText(param),
    cause: detail === undefined ? undefined : new Error(cleanText(detail, true)),
  };
  if (kind === "input" || kind === "request") return new AdatomError(given.code, parts, where);
  const own = OWN_CODES.includes(given.code);
  return new AdatomError(own ? given.code : "STAGE_FAILED", {
    ...parts,
    cannot: cannotOf(plugin, place),
    expected: own ? parts.expected : "a result",
    got: own ? parts.got : `the error "${errorFromRecord({ code: given.code, parts }).message}"`,
    hint,
  }, where);
}

/** The error for a child that is gone. */
function lostError(
  end: ChildEnd,
  plugin: PluginOrigin,
  place: TaskPlace,
  limits: SandboxLimits,
): AdatomError {
  const make = (code: ErrorCode, expected: string, got: string, hint: string) =>
    new AdatomError(code, { cannot: cannotOf(plugin, place), expected, got, hint }, place.where);
  const author = `report it to the author of ${plugin.id}`;
  switch (end.why) {
    case "cancelled":
      return cancelledError();
    case "time":
      return make(
        "TIME_LIMIT",
        `an answer within ${end.seconds} s`,
        "none",
        `raise the limit with --time-limit, or ${author}`,
      );
    case "memory":
      return make(
        "MEMORY_LIMIT",
        `at most ${limits.memoryMiB} MiB of memory`,
        end.mebibytes === undefined ? "a full heap" : `${end.mebibytes} MiB`,
        `raise the limit with --memory-limit, or ${author}`,
      );
    case "size":
      return make(
        "SIZE_LIMIT",
        `an answer of at most ${limits.answerMiB} MiB`,
        `${end.mebibytes} MiB`,
        author,
      );
    case "protocol":
      return make("PLUGIN_PROTOCOL", "only answers on its output", cleanText(end.what), author);
    case "ended":
      return make("PLUGIN_ENDED", "an answer", cleanText(end.what), author);
  }
}
