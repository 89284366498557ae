/**
 * `adatom run`: runs one stage or a pipeline file on files.
 *
 * @module
 */
import type { CommandSpec, OptionSpec } from "./command.ts";
import { givenParams, hostFor, outFolder, paramOptions, runOptions, seedOf } from "./options.ts";
import { createProgress } from "./progress.ts";
import { err, outLine } from "./terminal.ts";
import {
  chooseTarget,
  filesOf,
  namedPairs,
  type Target,
  targetDeclarations,
  targetOptions,
} from "./target.ts";

/** The command. */
export const run: CommandSpec = {
  name: "run",
  summary: "run a stage or a pipeline file",
  args: [["<target>", "id of a stage, or path of a pipeline file (.json, .yaml)"]],
  options: [
    ...targetOptions,
    ...runOptions,
    {
      flags: "--as <output=format>",
      description: "write an output in another format, by its extension or id; may be repeated",
      repeatable: true,
    },
    { flags: "--record <file>", description: "write what was run as a pipeline file" },
    { flags: "--json", description: "print a summary as JSON" },
  ],
  moreOptions: async (words): Promise<OptionSpec[]> => {
    const target = await chooseTarget(words);
    return target === undefined ? [] : await paramOptions(await targetDeclarations(target));
  },
  examples: [
    "adatom run alignment.drift --in exposures=stack.tif --out drift",
    "adatom run alignment.drift --in exposures=a.tif,b.tif,c.tif --max-step 8 --out drift",
    "adatom run find-and-refine.yaml --in image=a.tif --set columns.sweeps=5 --out columns",
  ],
  async run({ args, options, signal }) {
    const { runToFolder, writeBytes } = await import("../mod.ts");
    const target = (await chooseTarget(args)) as Target;
    const out = await outFolder(options);
    const params = await paramsOf(target, options);
    const progress = createProgress(options.quiet === true);
    using host = await hostFor(options, progress);
    const files = await filesOf(options.in);
    const pipeline = await target.pipeline(Object.keys(files));
    const seed = await seedOf(options);
    const overwrite = options.overwrite === true;
    const result = await runToFolder(host, {
      pipeline,
      formats: await namedPairs("--as", options.as),
      files,
      params,
      out,
      overwrite,
      seed,
      signal,
    })
      .finally(() => progress.end());
    for (const { path, message } of result.warnings) err(`warning: ${path}: ${message}\n`);
    if (typeof options.record === "string") {
      const text = JSON.stringify(pipeline, null, 2) + "\n";
      writeBytes(options.record, new TextEncoder().encode(text));
    }
    if (options.json) {
      outLine(JSON.stringify({ out, files: result.files, steps: result.steps }, null, 2));
    } else {
      for (const file of [...result.files, "run.json"]) outLine(`${out}/${file}`);
    }
    return 0;
  },
};

/** Parameters from `--params`, then from the flags, then from `--set`. */
export async function paramsOf(
  target: Target,
  options: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const { parseJson, readText } = await import("../mod.ts");
  const { setOptions } = await import("./options.ts");
  const fromFile = typeof options.params === "string"
    ? parseJson(readText(options.params), options.params) as Record<string, unknown>
    : {};
  return {
    ...fromFile,
    ...await givenParams(await targetDeclarations(target), options),
    ...await setOptions((options.set as string[] | undefined) ?? []),
  };
}
