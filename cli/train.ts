/**
 * `adatom train`: finders that learn.
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

const atomid: CommandSpec = {
  name: "atomid",
  summary: "train a network that finds columns, on simulations or labeled sets, and export it",
  options: [
    {
      flags: "--out <dir>",
      description: "folder of the training; resumed if it was stopped (needed)",
    },
    {
      flags: "--python <program>",
      description: "Python with PyTorch (default: ADATOM_PYTHON, python3)",
    },
    {
      flags: "--set <dir>",
      description: "train on this labeled set instead of simulations; may be repeated",
      repeatable: true,
    },
    { flags: "--seed <n>", description: "seed of all random numbers (default 1)" },
    { flags: "--overwrite", description: "begin anew in a folder of another training" },
    { flags: "--quiet", description: "show warnings and errors only" },
  ],
  moreOptions: async () => {
    const { atomidTraining } = await import("../mod.ts");
    return await paramOptions(atomidTraining);
  },
  examples: [
    "adatom train atomid --python trainer/bin/python --out network",
    "adatom train atomid --set labeled --steps 4000 --out network",
    "adatom run inference.atomid --in image=a.tif --in model=network/model.onnx --out found",
  ],
  async run({ options, signal }) {
    const { atomidTraining, trainAtomid } = await import("../mod.ts");
    const out = await outFolder(options);
    const progress = createProgress(options.quiet === true);
    const params = await givenParams(atomidTraining, options);
    const steps = Number(params.steps ?? atomidTraining.steps.default);
    const { validation } = await trainAtomid({
      out,
      python: String(options.python ?? Deno.env.get("ADATOM_PYTHON") ?? "python3"),
      params,
      sets: (options.set as string[] | undefined) ?? [],
      seed: await seedOf(options),
      overwrite: options.overwrite === true,
      signal,
      onRow: ({ step, loss, f1 }) => {
        const what = f1 === undefined ? `loss ${loss?.toFixed(4)}` : `held-out F1 ${f1.toFixed(4)}`;
        progress.line(`step ${step} of ${steps}: ${what}`);
      },
    }).finally(() => progress.end());
    outLine(`held-out F1     ${Number(validation.f1).toFixed(4)}`);
    outLine(`spacing error   ${(100 * Number(validation.spacingError)).toFixed(1)} %`);
    outLine(`\n${out}/model.onnx is for: adatom run inference.atomid --in model=${out}/model.onnx`);
    return 0;
  },
};

/** The commands. */
export const train: CommandGroup = {
  name: "train",
  summary: "train finders",
  commands: [findfoci, atomid],
};
