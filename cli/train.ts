/**
 * `adatom train`: parameters from labeled images.
 *
 * @module
 */
import type { CommandGroup, CommandSpec } from "./command.ts";
import { givenParams, hostFor, outFolder, paramOptions, runOptions, seedOf } from "./options.ts";
import { createProgress } from "./progress.ts";
import { outLine, warning } from "./terminal.ts";

const findfoci: CommandSpec = {
  name: "findfoci",
  summary: "find the FindFoci parameters that find labeled columns best",
  args: [["<images...>", "images with tables of the same names beside them, or labeled sets"]],
  options: [
    {
      flags: "--truth <file>",
      description: "table of an image's columns, in the order of the images; may be repeated",
      repeatable: true,
    },
    ...runOptions,
    { flags: "--json", description: "print the summary as JSON" },
  ],
  moreOptions: async () => {
    const { peaks } = await import("../mod.ts");
    return await paramOptions(peaks.findfociTrain.params);
  },
  examples: [
    "adatom train findfoci a.tif b.tif c.tif --out trained",
    "adatom train findfoci set --preset default --out trained",
    "adatom run peaks.findfoci --in image=d.tif --params trained/params.json --out found",
  ],
  async run({ args, options, signal }) {
    const { AdatomError, findLabeled, peaks, trainFindFoci } = await import("../mod.ts");
    const out = await outFolder(options);
    const progress = createProgress(options.quiet === true);
    using host = await hostFor(options, progress);
    const tables = options.truth as string[] | undefined;
    if (tables !== undefined && tables.length !== args.length) {
      throw new AdatomError("MISSING_ARGUMENT", {
        cannot: "train FindFoci",
        expected: `a --truth for each of ${args.length} images`,
        got: `${tables.length} of them`,
      });
    }
    const files = tables === undefined
      ? findLabeled(host, args)
      : args.map((image, i) => ({ image, truth: tables[i] }));
    const result = await trainFindFoci(host, {
      files,
      out,
      params: await givenParams(peaks.findfociTrain.params, options),
      overwrite: options.overwrite === true,
      seed: await seedOf(options),
      signal,
    }).finally(() => progress.end());
    const { summary, params } = result;
    if (options.json) {
      outLine(JSON.stringify({ params, summary }, null, 2));
      return 0;
    }
    const metric = String(summary.metric);
    const best = (summary.best as Record<string, number>)[metric];
    const held = summary.heldOut as Record<string, number> | null;
    outLine(`best ${metric}      ${best.toFixed(4)} of ${summary.combinations} combinations`);
    if (held !== null) {
      outLine(`held-out ${metric}  ${held[metric].toFixed(4)} (spread ${held.spread.toFixed(4)})`);
    }
    for (const [name, value] of Object.entries(params)) outLine(`  ${name.padEnd(22)} ${value}`);
    for (const text of summary.warnings as string[]) warning(text);
    outLine(`\n${out}/params.json is for: adatom run peaks.findfoci --params ${out}/params.json`);
    outLine(`Open ${out}/plot.svg to see how scores depend on each parameter.`);
    return 0;
  },
};

/** The commands. */
export const train: CommandGroup = {
  name: "train",
  summary: "train finders on labeled images",
  commands: [findfoci],
};
