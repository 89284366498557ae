/**
 * `adatom explain`: what would run, what is cached, and why not.
 *
 * @module
 */
import type { CommandSpec } from "./command.ts";
import { hostFor, paramOptions, seedOf } from "./options.ts";
import { createProgress } from "./progress.ts";
import { paramsOf } from "./run.ts";
import { chooseTarget, filesOf, type Target, targetDeclarations, targetOptions } from "./target.ts";
import { outLine, textTable } from "./terminal.ts";

/** The command. */
export const explain: CommandSpec = {
  name: "explain",
  summary: "show what a run would do: what is cached, what would run, and why",
  args: [["<target>", "id of a stage, or path of a pipeline file"]],
  options: [
    ...targetOptions,
    { flags: "--seed <n>", description: "seed of all random numbers (default 1)" },
    { flags: "--json", description: "as JSON" },
  ],
  moreOptions: async (words) => {
    const target = await chooseTarget(words);
    return target === undefined ? [] : await paramOptions(await targetDeclarations(target));
  },
  examples: ["adatom explain examples/labeling.yaml --in exposures=stack.tif"],
  async run({ args, options }) {
    const { explainFiles } = await import("../mod.ts");
    const target = (await chooseTarget(args)) as Target;
    using host = await hostFor(options, createProgress(true));
    const files = await filesOf(options.in);
    const steps = await explainFiles(host, {
      pipeline: await target.pipeline(Object.keys(files)),
      files,
      params: await paramsOf(target, options),
      seed: await seedOf(options),
    });
    if (options.json) outLine(JSON.stringify(steps, null, 2));
    else {
      outLine(textTable(
        ["step", "stage", "state", "why"],
        steps.map((s) => [s.step, s.stage, s.state, s.reason]),
      ));
    }
    return 0;
  },
};
