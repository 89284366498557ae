/**
 * `adatom replay`: runs a recorded run again, on the same files or on others.
 *
 * @module
 */
import type { CommandSpec } from "./command.ts";
import { hostFor, outFolder, runOptions } from "./options.ts";
import { createProgress } from "./progress.ts";
import { filesOf } from "./target.ts";
import { outLine, textTable, warning } from "./terminal.ts";

/** The command. */
export const replay: CommandSpec = {
  name: "replay",
  summary: "run a recorded run again, and compare every result with the recorded one",
  args: [["<run>", "folder of a finished run, with its run.json"]],
  options: [
    {
      flags: "--in <port=path>",
      description: "other files for an input; results are then not compared",
      repeatable: true,
    },
    ...runOptions.filter(({ flags }) => !flags.startsWith("--seed")),
    { flags: "--json", description: "as JSON" },
  ],
  examples: [
    "adatom replay columns --out again",
    "adatom replay columns --in image=other.tif --out other",
  ],
  async run({ args: [run], options, signal }) {
    const { replayProblem, replayRun } = await import("../mod.ts");
    const out = await outFolder(options);
    const progress = createProgress(options.quiet === true);
    // results that were kept would compare with themselves
    const recorded = options.in === undefined ? { ...options, cache: false } : options;
    using host = await hostFor(recorded, progress);
    const files = await filesOf(options.in);
    const overwrite = options.overwrite === true;
    const outcome = await replayRun(host, { run, out, files, overwrite, signal })
      .finally(() => progress.end());
    if (options.json) outLine(JSON.stringify(outcome, null, 2));
    else if (outcome.results.length === 0) outLine(`${out}/run.json`);
    else {
      outLine(textTable(
        ["step", "output", "compared"],
        outcome.results.map((
          { step, output, same },
        ) => [step, output, same ? "same" : "DIFFERENT"]),
      ));
    }
    const problem = replayProblem(run, outcome);
    if (problem !== undefined) throw problem;
    for (const change of outcome.changes) warning(`changed since the run was recorded: ${change}`);
    return 0;
  },
};
