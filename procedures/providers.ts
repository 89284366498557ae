/**
 * What can compute neural networks here, asked without noise on stderr.
 *
 * @module
 */
import { tmpdir } from "node:os";
import process from "node:process";
import * as plugin from "../plugins/inference/provider.ts";

/** Every provider, best first, and what was found of it. */
export function examineProviders(): Promise<plugin.ProviderState[]> {
  hushGraphics();
  return plugin.examineProviders();
}

/** The provider that `auto` means here; looked for once. */
export function chooseProvider(): Promise<plugin.Provider> {
  hushGraphics();
  return plugin.chooseProvider();
}

/** Graphics libraries complain on stderr where this variable is not set, as on servers. */
function hushGraphics(): void {
  try {
    if (process.platform === "linux") process.env.XDG_RUNTIME_DIR ||= tmpdir();
  } catch {
    // no permission for that: then they may complain
  }
}
