/**
 * `adatom label`: the labeling procedure.
 *
 * @module
 */
import type { LabelFinder, ParamDeclaration } from "../mod.ts";
import type { CommandSpec } from "./command.ts";
import {
  givenParams,
  hostFor,
  outFolder,
  paramOptions,
  runOptions,
  seedOf,
  setOptions,
} from "./options.ts";
import { createProgress } from "./progress.ts";
import { outLine, textTable } from "./terminal.ts";

/** The command. */
export const label: CommandSpec = {
  name: "label",
  summary: "turn repeated exposures of one region into an annotated test set",
  args: [["[exposures...]", "a stack, or an image file per exposure, in the order taken"]],
  options: [
    { flags: "--sets <dir>", description: "label every set in a folder: subfolders or stacks" },
    {
      flags: "--finder <name>",
      description: "what finds the columns: findfoci, or the network atomid for the lowest doses " +
        "(default findfoci)",
      choices: ["findfoci", "atomid"],
    },
    { flags: "--name <name>", description: "name of the set (default: from the file)" },
    ...runOptions,
    {
      flags: "--set <step.param=value>",
      description: "set any parameter of any step; may be repeated",
      repeatable: true,
    },
    { flags: "--title <text>", description: "title of the data set" },
    { flags: "--license <id>", description: "license of the data set, such as CC-BY-4.0" },
    { flags: "--citation <text>", description: "how to cite the data set" },
    { flags: "--json", description: "print the summary as JSON" },
  ],
  moreOptions: async () => await paramOptions(await declarations("findfoci")),
  examples: [
    "adatom label stack.tif --out set",
    "adatom label a.tif b.tif c.tif --polarity dark --out set",
    "adatom label noisy.tif --finder atomid --out set",
    "adatom label --sets sessions/ --license CC-BY-4.0 --out set",
    "adatom label stack.tif --set peaks.blur=2 --set columns.sweeps=5 --out set",
  ],
  async run({ args, options, signal }) {
    const { AdatomError, findSets, labelExposures } = await import("../mod.ts");
    const out = await outFolder(options);
    if ((args.length === 0) === (options.sets === undefined)) {
      throw new AdatomError("MISSING_ARGUMENT", {
        cannot: "label exposures",
        expected: "either files of exposures or --sets DIR",
        got: args.length === 0 ? "neither" : "both",
      });
    }
    const progress = createProgress(options.quiet === true);
    using host = await hostFor(options, progress);
    const sets = options.sets === undefined
      ? [{ name: setName(options.name, args[0]), paths: args }]
      : findSets(host, String(options.sets));
    const about: { title?: string; license?: string; citation?: string } = {};
    for (const key of ["title", "license", "citation"] as const) {
      if (options[key] !== undefined) about[key] = String(options[key]);
    }
    const finder = (options.finder ?? "findfoci") as LabelFinder;
    const summary = await labelExposures(host, {
      sets,
      out,
      finder,
      params: {
        ...await givenParams(await declarations(finder), options),
        ...await setOptions((options.set as string[] | undefined) ?? []),
      },
      overwrite: options.overwrite === true,
      seed: await seedOf(options),
      signal,
      about,
      onSet: (name, index, count) => progress.line(`set ${index + 1} of ${count}: ${name}`),
    }).finally(() => progress.end());
    if (options.json) {
      outLine(JSON.stringify(summary, null, 2));
      return 0;
    }
    outLine(textTable(
      ["set", "exposures", "kept", "reference", "columns", "doubtful labels", "ambiguous drift"],
      summary.sets.map((s) => [
        s.name,
        s.exposures,
        s.kept,
        s.reference,
        s.columns,
        s.doubtful,
        s.ambiguous > 0 ? `${s.ambiguous} exposures` : "no",
      ]),
    ));
    const known = summary.finished ? "The set was complete already; all files verified. " : "";
    outLine(`\n${known}Open ${summary.report} to look at the set.`);
    return 0;
  },
};

async function declarations(finder: LabelFinder): Promise<Record<string, ParamDeclaration>> {
  const { createHost, labelingWith, pipelineParams } = await import("../mod.ts");
  using host = createHost({ runner: "inline", cache: false });
  const infos = pipelineParams(labelingWith(finder), host.registry.find);
  return Object.fromEntries(Object.entries(infos).map(([name, info]) => [name, info.declaration]));
}

/** A name for the set: as given, else the file's without folder and extension. */
function setName(given: unknown, path: string): string {
  if (given !== undefined) return String(given);
  return path.replace(/^.*[\\/]/, "").replace(/(\.ome)?\.[^.]*$/i, "");
}
