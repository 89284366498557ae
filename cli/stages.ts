/**
 * `adatom stages`: lists the stages.
 *
 * @module
 */
import type { CommandSpec } from "./command.ts";
import { outLine, textTable } from "./terminal.ts";

/** The command. */
export const stages: CommandSpec = {
  name: "stages",
  summary: "list the stages",
  options: [{ flags: "--json", description: "as JSON, with all ports and parameters" }],
  async run({ options }) {
    const { createHost, describeStage } = await import("../mod.ts");
    using host = createHost({ runner: "inline", cache: false });
    const list = host.registry.stages;
    if (options.json) {
      outLine(JSON.stringify(list.map(describeStage), null, 2));
    } else {
      outLine(textTable(
        ["stage", "version", "what it does"],
        list.map((stage) => [
          stage.id,
          stage.version,
          stage.summary,
        ]),
      ));
    }
    return 0;
  },
};
