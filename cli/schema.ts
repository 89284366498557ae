/**
 * `adatom schema`: the JSON Schema of a stage's parameters, or of pipeline files.
 *
 * @module
 */
import type { CommandSpec } from "./command.ts";
import { outLine } from "./terminal.ts";

/** The command. */
export const schema: CommandSpec = {
  name: "schema",
  summary: "print the JSON Schema of a stage's parameters, or of pipeline files",
  args: [["<stage>", "id of the stage, or `pipeline`"]],
  examples: ["adatom schema peaks.findfoci", "adatom schema pipeline > pipeline-1.json"],
  async run({ args }) {
    const { createHost, paramsSchema, pipelineSchema } = await import("../mod.ts");
    using host = createHost({ runner: "inline", cache: false });
    const made = args[0] === "pipeline"
      ? pipelineSchema(host.registry.ids)
      : paramsSchema(host.registry.get(args[0]));
    outLine(JSON.stringify(made, null, 2));
    return 0;
  },
};
