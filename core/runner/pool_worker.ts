/**
 * The worker of the pool: loads stages and tasks by module and runs them one call at a time.
 *
 * It is started by `pool.ts` only. Inputs arrive in shared memory; outputs leave in shared memory, results
 * of tasks are moved.
 *
 * @module
 */
import { AdatomError, adoptError, errorFromRecord, type ErrorRecord } from "../errors.ts";
import { cancelHooks } from "./cancel.ts";
import { executeStage } from "./execute.ts";
import { loadStage } from "./load_stage.ts";
import { movable } from "./move.ts";
import { shareValue } from "./share.ts";

/** What the pool sends to a worker. */
export type ToWorker =
  | {
    readonly type: "run";
    readonly id: number;
    readonly module: string;
    readonly stage: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly params: Readonly<Record<string, unknown>>;
    readonly seed: number;
    /** One number: not 0 once the run is cancelled. */
    readonly cancel: Int32Array;
    /** Maps in this worker: the one file of a plugin exports no tasks that others could import. */
    readonly mapsHere: boolean;
  }
  | {
    readonly type: "task";
    readonly id: number;
    readonly module: string;
    readonly name: string;
    readonly argument: unknown;
  }
  | { readonly type: "mapped"; readonly map: number; readonly results: readonly unknown[] }
  | { readonly type: "map-failed"; readonly map: number; readonly error: ErrorRecord };

/** What a worker sends to the pool. */
export type FromWorker =
  | {
    readonly type: "progress";
    readonly id: number;
    readonly fraction: number;
    readonly note?: string | undefined;
  }
  | {
    readonly type: "map";
    readonly id: number;
    readonly map: number;
    readonly module: string;
    readonly name: string;
    readonly items: readonly unknown[];
  }
  | { readonly type: "done"; readonly id: number; readonly result: unknown }
  | { readonly type: "failed"; readonly id: number; readonly error: ErrorRecord };

interface Scope {
  postMessage(message: FromWorker, moved?: ArrayBuffer[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const waiting = new Map<number, { resolve(r: unknown[]): void; reject(e: unknown): void }>();
let maps = 0;

/** Starts serving messages; called by the worker's entry only. */
function serve(scope: Scope): void {
  scope.onmessage = async ({ data: message }) => {
    if (message.type === "mapped") {
      waiting.get(message.map)?.resolve([...message.results]);
      waiting.delete(message.map);
      return;
    }
    if (message.type === "map-failed") {
      waiting.get(message.map)?.reject(errorFromRecord(message.error));
      waiting.delete(message.map);
      return;
    }
    try {
      const isRun = message.type === "run";
      const result = isRun ? shareValue(await runCall(scope, message)) : await runTask(message);
      const done = { type: "done", id: message.id, result } as const;
      scope.postMessage(done, isRun ? [] : movable(result));
    } catch (error) {
      scope.postMessage({ type: "failed", id: message.id, error: asRecord(error) });
    }
  };
}

async function runCall(scope: Scope, message: Extract<ToWorker, { type: "run" }>) {
  const stage = await loadStage(message.module, message.stage);
  const { id, inputs, params, seed, mapsHere } = message;
  const cancel = cancelHooks(message.cancel);
  return await executeStage({ stage, inputs, params, seed }, {
    ...cancel,
    progress: (fraction, note) => scope.postMessage({ type: "progress", id, fraction, note }),
    map: ({ module, name, call }, items) =>
      mapsHere ? Promise.all(items.map(call)) : new Promise((resolve, reject) => {
        const map = maps++;
        waiting.set(map, { resolve: resolve as (r: unknown[]) => void, reject });
        scope.postMessage({ type: "map", id, map, module, name, items: items.map(shareValue) });
      }),
  }).finally(() => cancel.release());
}

async function runTask(message: Extract<ToWorker, { type: "task" }>): Promise<unknown> {
  const task = (await import(message.module))[message.name];
  if (typeof task !== "function") {
    throw new TypeError(`${message.module} exports no function "${message.name}"`);
  }
  return await task(message.argument);
}

function asRecord(error: unknown): ErrorRecord {
  const typed = adoptError(error);
  if (typed !== undefined) return typed.toRecord();
  return new AdatomError("STAGE_FAILED", {
    cannot: "run a task of a stage",
    expected: "a result",
    got: `the error "${error instanceof Error ? error.message : String(error)}"`,
    hint: "report it to the author of the stage, with run.json",
  }, { cause: error }).toRecord();
}

serve(globalThis as unknown as Scope);
