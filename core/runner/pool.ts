/**
 * The pool: host-owned workers, one a core, that run stages and the items stages map over.
 *
 * Cancel is a flag in shared memory which every progress report looks at, since a message would not
 * be seen by a worker that computes (and `terminate()` does not stop one on Deno 2.9.6).
 *
 * @module
 */
import { AdatomError, cancelledError, errorFromRecord } from "../errors.ts";
import { raiseCancel } from "./cancel.ts";
import type { StageCall, StageOutcome } from "./run_stage.ts";
import { createInlineRunner } from "./inline.ts";
import type { FromWorker, ToWorker } from "./pool_worker.ts";
import type { Runner, RunOptions } from "./runner.ts";
import { movable } from "./move.ts";
import { shareValue } from "./share.ts";

interface Job {
  readonly id: number;
  readonly message: ToWorker;
  readonly options: RunOptions | undefined;
  readonly cancel: Int32Array | undefined;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

interface Member {
  readonly worker: Worker;
  /** The stage call or task at work, and one that waits in a map. */
  active: Job | undefined;
  readonly asleep: Job[];
}

/**
 * Makes a pool of `width` workers, started when first needed.
 *
 * A stage without `module` cannot be loaded by a worker and runs inline; run records say so.
 */
export function createPoolRunner(width: number): Runner {
  const members: Member[] = [];
  const queue: Job[] = [];
  const inline = createInlineRunner();
  let nextId = 0;
  let closed = false;

  const dispatch = () => {
    while (queue.length > 0) {
      let member = members.find((m) => m.active === undefined && canTake(m, queue[0]));
      if (member === undefined && members.length < width) member = startMember();
      if (member === undefined) return;
      const job = queue.shift()!;
      if (job.options?.signal.aborted) {
        job.reject(cancelledError());
        continue;
      }
      member.active = job;
      member.worker.postMessage(job.message);
    }
  };

  const startMember = (): Member => {
    const worker = new Worker(new URL("./pool_worker.ts", import.meta.url), {
      type: "module",
      name: `adatom-${members.length}`,
    });
    const member: Member = { worker, active: undefined, asleep: [] };
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => receive(member, data);
    worker.onerror = (event) => {
      event.preventDefault();
      const lost = new AdatomError("WORKER_LOST", {
        cannot: "finish the work of a worker",
        expected: "an answer",
        got: `its end ("${event.message}")`,
        hint: "run again; with less memory use if it happens again",
      });
      for (const job of [member.active, ...member.asleep]) job?.reject(lost);
      members.splice(members.indexOf(member), 1);
      if (!closed) dispatch();
    };
    members.push(member);
    return member;
  };

  const receive = (member: Member, message: FromWorker) => {
    if (message.type === "progress") {
      jobOf(member, message.id)?.options?.progress(message.fraction, message.note);
      return;
    }
    if (message.type === "map") {
      const job = jobOf(member, message.id);
      if (job === undefined) return;
      // the stage waits: its worker is free for items, which keeps the pool from starving
      if (!member.asleep.includes(job)) member.asleep.push(job); // a stage may map again
      if (member.active === job) member.active = undefined;
      runItems(message, job.options).then(
        (results) => reply(member, { type: "mapped", map: message.map, results }),
        (error) => {
          const record = (error as AdatomError).toRecord();
          reply(member, { type: "map-failed", map: message.map, error: record });
        },
      );
      dispatch();
      return;
    }
    const job = jobOf(member, message.id);
    if (job === undefined) return;
    if (member.active === job) member.active = undefined;
    else member.asleep.splice(member.asleep.indexOf(job), 1);
    if (message.type === "done") job.resolve(message.result);
    else job.reject(errorFromRecord(message.error));
    dispatch();
  };

  const reply = (member: Member, message: ToWorker) => {
    if (!closed) member.worker.postMessage(message, movable(message));
  };

  const runItems = (
    { module, name, items }: Extract<FromWorker, { type: "map" }>,
    options: RunOptions | undefined,
  ) =>
    Promise.all(items.map((argument) =>
      new Promise<unknown>((resolve, reject) => {
        const id = nextId++;
        const message: ToWorker = { type: "task", id, module, name, argument };
        const quiet = options && { signal: options.signal, progress: () => {} };
        queue.unshift({ id, message, options: quiet, cancel: undefined, resolve, reject });
      })
    ));

  return {
    placeOf: (stage) => stage.module === undefined ? "inline" : "pool",
    run(call: StageCall, options: RunOptions): Promise<StageOutcome> {
      const { stage, inputs, params, seed } = call;
      if (stage.module === undefined) return inline.run(call, options);
      return new Promise<unknown>((resolve, reject) => {
        const id = nextId++;
        const cancel = new Int32Array(new SharedArrayBuffer(4));
        const raise = () => {
          raiseCancel(cancel);
          // a job still in the queue never sees the flag, nor does one that waits for its items: a
          // worker may be long in one of them, as in a neural network, and is left to end it
          const at = queue.findIndex((job) => job.id === id);
          if (at >= 0) queue.splice(at, 1)[0].reject(cancelledError());
          const asleep = members.flatMap((m) => m.asleep).find((job) => job.id === id);
          if (asleep === undefined) return;
          for (let i = queue.length - 1; i >= 0; i--) {
            if (queue[i].options?.signal.aborted) queue.splice(i, 1)[0].reject(cancelledError());
          }
          asleep.reject(cancelledError());
        };
        options.signal.addEventListener("abort", raise, { once: true });
        const settle = <T>(then: (value: T) => void) => (value: T) => {
          options.signal.removeEventListener("abort", raise);
          then(value);
        };
        queue.push({
          id,
          message: {
            type: "run",
            id,
            module: stage.module!,
            stage: stage.id,
            inputs: shareValue(inputs),
            params,
            seed,
            cancel,
            mapsHere: stage.plugin !== undefined,
          },
          options,
          cancel,
          resolve: settle(resolve),
          reject: settle(reject),
        });
        dispatch();
      }) as Promise<StageOutcome>;
    },
    close() {
      closed = true;
      for (const member of members) member.worker.terminate();
      members.length = 0;
    },
  };
}

/** A worker with a stage asleep in a map takes only items, never a second stage. */
function canTake(member: Member, job: Job): boolean {
  return member.asleep.length === 0 || job.message.type === "task";
}

function jobOf(member: Member, id: number): Job | undefined {
  return member.active?.id === id ? member.active : member.asleep.find((job) => job.id === id);
}
