/**
 * `adatom simulate`: scenes with exact truth.
 *
 * @module
 */
import type { CommandSpec } from "./command.ts";
import { givenParams, hostFor, outFolder, paramOptions, runOptions, seedOf } from "./options.ts";
import { createProgress } from "./progress.ts";
import { filesOf, targetOptions } from "./target.ts";
import { outLine } from "./terminal.ts";

/** The command. */
export const simulate: CommandSpec = {
  name: "simulate",
  summary: "simulate repeated exposures of a crystal, with exact truth",
  options: [...targetOptions.filter(({ flags }) => flags.startsWith("--in ")), ...runOptions],
  moreOptions: async () => {
    const { simulation } = await import("../mod.ts");
    return await paramOptions(simulation.scene.params);
  },
  examples: [
    "adatom simulate --out scene",
    "adatom simulate --structure square --seed 7 --out scene",
    "adatom simulate --formation probe --structure crystal --in crystal=rutile.cif --out scene",
  ],
  async run({ options, signal }) {
    const { pipelineOfStage, runToFolder, simulation } = await import("../mod.ts");
    const out = await outFolder(options);
    const progress = createProgress(options.quiet === true);
    using host = await hostFor(options, progress);
    const given = await filesOf(options.in);
    const { files } = await runToFolder(host, {
      pipeline: pipelineOfStage(simulation.scene, Object.keys(given)),
      files: given,
      params: await givenParams(simulation.scene.params, options),
      out,
      keepSampleType: true, // as a detector would write them
      overwrite: options.overwrite === true,
      seed: await seedOf(options),
      signal,
    }).finally(() => progress.end());
    for (const file of files) outLine(`${out}/${file}`);
    return 0;
  },
};
