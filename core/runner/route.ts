/**
 * Sends each stage to the runner it belongs to: stages of installed plugins to the sandbox, unless the
 * user trusts the plugin, all others to the pool or the calling thread.
 *
 * @module
 */
import type { PluginOrigin } from "../stage/stage.ts";
import type { Runner } from "./runner.ts";

/**
 * Makes one runner of two. `verify` throws when the code of a trusted plugin is not what was installed;
 * it is asked once for each plugin.
 */
export function createRouter(
  local: Runner,
  sandboxed: Runner,
  verify: (plugin: PluginOrigin) => void,
): Runner {
  const verified = new Set<string>();
  const runnerOf = (stage: Parameters<Runner["placeOf"]>[0]) =>
    stage.plugin === undefined || stage.plugin.trusted ? local : sandboxed;
  return {
    placeOf: (stage) => runnerOf(stage).placeOf(stage),
    run(call, options) {
      const { plugin } = call.stage;
      if (plugin?.trusted && !verified.has(plugin.sha256)) {
        verify(plugin);
        verified.add(plugin.sha256);
      }
      return runnerOf(call.stage).run(call, options);
    },
    close() {
      local.close();
      sandboxed.close();
    },
  };
}
