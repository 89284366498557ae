/**
 * The inline runner: stages run in the caller's thread, one at a time.
 *
 * @module
 */
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
        map: (task, items) => Promise.resolve(items.map((item) => task.call(item))),
      }),
    close: () => {},
  };
}
