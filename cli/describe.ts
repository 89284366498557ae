/**
 * `adatom describe`: everything about one stage.
 *
 * @module
 */
import type { CommandSpec } from "./command.ts";
import { outLine } from "./terminal.ts";

/** The command. */
export const describe: CommandSpec = {
  name: "describe",
  summary: "show a stage's inputs, outputs and parameters",
  args: [["<stage>", "id of the stage, as in `adatom stages`"]],
  options: [{ flags: "--json", description: "as JSON" }],
  examples: ["adatom describe peaks.findfoci"],
  async run({ args, options }) {
    const { createHost, describeStage, stageHelp } = await import("../mod.ts");
    using host = createHost({ runner: "inline", cache: false });
    const stage = host.registry.get(args[0]);
    outLine(options.json ? JSON.stringify(describeStage(stage), null, 2) : stageHelp(stage));
    return 0;
  },
};
