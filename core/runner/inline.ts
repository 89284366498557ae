/**
 * The inline runner: stages run in the caller's thread, one at a time.
 *
 * @module
 */
import { cancelledError } from "../errors.ts";
import { executeStage } from "./execute.ts";
import type { Runner } from "./runner.ts";

/** A runner for tests, browsers and stages that no worker can load. */
export function createInlineRunner(): Runner {
  return {
    placeOf: () => "inline",
    run: (call, { signal, progress }) =>
      executeStage(call, {
        signal,
        cancelled: () => signal.aborted,
        progress,
        async map(task, items) {
          const results = []; // one at a time: what an item needs in memory is there once
          for (const item of items) {
            if (signal.aborted) throw cancelledError();
            results.push(await task.call(item));
          }
          return results;
        },
      }),
    close: () => {},
  };
}
