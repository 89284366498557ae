/**
 * Sends each stage to the runner it belongs to: stages of installed plugins to the sandbox, unless the
 * user trusts the plugin, all others to the pool or the calling thread.
 *
 * @module
 */
import type { Runner } from "./runner.ts";

/** Makes one runner of two. */
export function createRouter(local: Runner, sandboxed: Runner): Runner {
  const runnerOf = (stage: Parameters<Runner["placeOf"]>[0]) =>
    stage.plugin === undefined || stage.plugin.trusted ? local : sandboxed;
  return {
    placeOf: (stage) => runnerOf(stage).placeOf(stage),
    run: (call, options) => runnerOf(call.stage).run(call, options),
    close() {
      local.close();
      sandboxed.close();
    },
  };
}
