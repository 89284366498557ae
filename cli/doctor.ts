/**
 * `adatom doctor`: examines the installation.
 *
 * @module
 */
import type { CommandSpec } from "./command.ts";
import { outLine } from "./terminal.ts";

/** The command. */
export const doctor: CommandSpec = {
  name: "doctor",
  summary: "examine the installation and say what to mend",
  options: [{ flags: "--json", description: "as JSON" }],
  async run({ options }) {
    const { examineInstallation } = await import("../mod.ts");
    const checks = await examineInstallation();
    if (options.json) {
      outLine(JSON.stringify(checks, null, 2));
    } else {
      for (const { name, state, found, hint } of checks) {
        outLine(`${state.padEnd(8)} ${name.padEnd(8)} ${found}${hint ? `; ${hint}` : ""}`);
      }
    }
    return checks.some((check) => check.state === "broken") ? 4 : 0;
  },
};
