/**
 * `adatom bench`: how well, how fast.
 *
 * @module
 */
import type { BenchRequest, BenchResult, Detector, SimulationPlan } from "../mod.ts";
import type { CommandGroup, CommandSpec } from "./command.ts";
import { hostFor, outFolder, runOptions, seedOf } from "./options.ts";
import { createProgress } from "./progress.ts";
import { outLine, textTable, warning } from "./terminal.ts";

/** Options of other commands that would make no sense: nothing that is measured is cached. */
const KEPT = /^--(out|overwrite|seed|workers|quiet)/;

const detectors: CommandSpec = {
  name: "detectors",
  summary: "compare detectors on annotated images: scores, time, memory, by dose and field of view",
  args: [["[sets...]", "labeled sets, or folders of images with tables of the same names"]],
  options: [
    {
      flags: "--simulate",
      description: "simulate a set of 1, 3, 10, 30 counts and 9 to 36 nm, instead of sets of files",
    },
    { flags: "--detectors <a,b>", description: "the ones to compare (default: all there are)" },
    {
      flags: "--params <name=file>",
      description: "a detector again with the parameters in a file, as findfoci=params.json; may " +
        "be repeated",
      repeatable: true,
    },
    {
      flags: "--csv <name=dir>",
      description: "what another tool found: a table for each image; may be repeated",
      repeatable: true,
    },
    {
      flags: "--peers",
      description: "run Atomap and the published AtomID too, if Python has them",
    },
    { flags: "--python <path>", description: "their Python (default: ADATOM_PYTHON, or python3)" },
    {
      flags: "--match-radius <px>",
      description: "largest distance of a pair (default: 0.35 x the median nearest distance)",
    },
    {
      flags: "--edges <rule>",
      description: "ignore or count what is within half a spacing of the border (default ignore)",
      choices: ["ignore", "count"],
    },
    {
      flags: "--faint <rule>",
      description: "a find of a faint column is a mistake, left out, or true: false, ignore or " +
        "count (default false)",
      choices: ["false", "ignore", "count"],
    },
    {
      flags: "--faint-ratio <n>",
      description: "species below this height over the brightest are faint (default 0.4)",
    },
    { flags: "--faint-species <a,b>", description: "species that are faint whatever their height" },
    {
      flags: "--polarity <word>",
      description: "bright or dark columns (default: as a labeled set says, else bright)",
      choices: ["bright", "dark"],
    },
    {
      flags: "--runs <n>",
      description: "timed runs an image, of which the best counts (default 2)",
    },
    { flags: "--doses <n,n>", description: "of --simulate: counts at a column's top" },
    { flags: "--fields <nm,nm>", description: "of --simulate: widths of the field of view" },
    { flags: "--structures <a,b>", description: "of --simulate: structures (default 2H,1T'')" },
    { flags: "--size <px>", description: "of --simulate: sides of the images (default 1024)" },
    { flags: "--full", description: "of --simulate: every structure at every dose and field" },
    ...runOptions.filter(({ flags }) => KEPT.test(flags)),
    { flags: "--json", description: "print everything as JSON" },
  ],
  examples: [
    "adatom bench detectors --simulate --out bench",
    "adatom bench detectors set --detectors findfoci,log,dog --out bench",
    "adatom bench detectors images --params findfoci=trained/params.json --csv mine=found --out bench",
  ],
  async run({ args, options, signal }) {
    const { benchDetectors } = await import("../mod.ts");
    const out = await outFolder(options);
    const overwrite = options.overwrite === true;
    const request = { ...await requestOf(options), paths: args, out, signal, overwrite };
    const progress = createProgress(options.quiet === true);
    using host = await hostFor({ ...options, cache: false }, {
      ...progress,
      // each score is a step of its own: what matters is told by onStep
      onEvent: (event) => event.type === "file-warning" && progress.onEvent(event),
    });
    let current = "";
    const { result, exitCode, page } = await benchDetectors(host, {
      ...request,
      onStep(step, fraction, note) {
        if (step !== current) progress.line(`  ${current = step}`);
        progress.onEvent({ type: "step-progress", step, fraction, note });
      },
    }).finally(() => progress.end());
    if (options.json) outLine(JSON.stringify(result, null, 2));
    else printResult(result, page);
    for (const { name, reason } of result.skipped) warning(`${name} was skipped: ${reason}`);
    for (const { image, detector, error } of result.rows) {
      if (error !== null) warning(`${detector} failed on ${image}: ${error}`);
    }
    return exitCode;
  },
};

/** The commands. */
export const bench: CommandGroup = {
  name: "bench",
  summary: "measure how well and how fast columns are found",
  commands: [detectors],
};

type Options = Readonly<Record<string, unknown>>;

async function requestOf(options: Options): Promise<Omit<BenchRequest, "paths" | "out">> {
  const polarity = await oneOf(options, "polarity", ["bright", "dark"] as const);
  const simulate = await planOf(options);
  return {
    ...(simulate === undefined ? {} : { simulate }),
    detectors: await detectorsOf(options),
    tables: Object.fromEntries(await pairsOf("--csv", options.csv)),
    ...(options.peers === true
      ? { python: String(options.python ?? Deno.env.get("ADATOM_PYTHON") ?? "python3") }
      : {}),
    read: {
      faintRatio: await numberOf(options, "faintRatio", 0, 1) ?? 0.4,
      faintSpecies: listOf(options.faintSpecies) ?? [],
      ...(polarity === undefined ? {} : { polarity }),
    },
    score: {
      edges: await oneOf(options, "edges", ["ignore", "count"] as const) ?? "ignore",
      faint: await oneOf(options, "faint", ["false", "ignore", "count"] as const) ?? "false",
      matchRadius: await numberOf(options, "matchRadius", 0, 100_000) ?? "auto",
    },
    measure: {
      runs: Math.round(
        await numberOf(options, "runs", 1, 1000) ?? (simulate === undefined ? 3 : 1),
      ),
      ...(options.workers === undefined
        ? {}
        : { workers: Math.round((await numberOf(options, "workers", 1, 1024))!) }),
      seed: await seedOf(options),
    },
  };
}

/** The detectors asked for, and those with parameters from files. */
async function detectorsOf(options: Options): Promise<readonly Detector[]> {
  const { detectorsNamed, parseJson, readText, detectorWithParams } = await import("../mod.ts");
  const own = await pairsOf("--params", options.params);
  return [
    ...detectorsNamed(listOf(options.detectors)),
    ...own.map(([name, path]) =>
      detectorWithParams(
        name,
        labelOf(path),
        parseJson(readText(path), path) as Record<string, unknown>,
      )
    ),
  ];
}

/** A file's name without folder and extension; that of its folder when it is just `params`. */
function labelOf(path: string): string {
  const parts = path.replace(/\.[^./\\]*$/, "").split(/[\\/]/);
  const name = parts.at(-1) === "params" ? parts.at(-2) ?? "params" : parts.at(-1)!;
  return name.replaceAll(/[^\w.-]/g, "-");
}

async function planOf(options: Options): Promise<SimulationPlan | undefined> {
  const { AdatomError, DEFAULT_SIMULATION } = await import("../mod.ts");
  const own = ["doses", "fields", "structures", "size", "full"].filter((name) =>
    options[name] !== undefined
  );
  if (options.simulate !== true) {
    if (own.length === 0) return undefined;
    throw new AdatomError("PARAM_CONFLICT", {
      cannot: `use --${own[0]}`,
      expected: "--simulate, which it belongs to",
      got: "no --simulate",
    });
  }
  const numbers = (value: unknown) => listOf(value)?.map(Number);
  return {
    doses: numbers(options.doses) ?? DEFAULT_SIMULATION.doses,
    fieldsNm: numbers(options.fields) ?? DEFAULT_SIMULATION.fieldsNm,
    structures: listOf(options.structures) ?? DEFAULT_SIMULATION.structures,
    size: options.size === undefined ? DEFAULT_SIMULATION.size : Number(options.size),
    full: options.full === true,
  };
}

function listOf(value: unknown): string[] | undefined {
  return value === undefined ? undefined : String(value).split(",").map((part) => part.trim());
}

async function pairsOf(flag: string, values: unknown): Promise<[name: string, value: string][]> {
  const { AdatomError } = await import("../mod.ts");
  return ((values ?? []) as string[]).map((text) => {
    const match = /^([^=]+)=(.+)$/s.exec(text);
    if (match !== null) return [match[1], match[2]];
    throw new AdatomError("MISSING_ARGUMENT", {
      cannot: `use ${flag} "${text}"`,
      expected: flag === "--csv" ? "NAME=DIR" : "NAME=FILE",
      got: `"${text}"`,
    });
  });
}

async function oneOf<T extends string>(
  options: Options,
  name: string,
  words: readonly T[],
): Promise<T | undefined> {
  const given = options[name];
  if (given === undefined || words.includes(given as T)) return given as T | undefined;
  const { AdatomError, kebabCase } = await import("../mod.ts");
  throw new AdatomError("PARAM_RANGE", {
    cannot: `use --${kebabCase(name)}`,
    expected: `one of ${words.join(", ")}`,
    got: `"${given}"`,
  });
}

async function numberOf(
  options: Options,
  name: string,
  from: number,
  to: number,
): Promise<number | undefined> {
  const text = options[name], value = Number(text);
  if (text === undefined) return undefined;
  if (value >= from && value <= to) return value;
  const { AdatomError, kebabCase } = await import("../mod.ts");
  throw new AdatomError("PARAM_RANGE", {
    cannot: `use --${kebabCase(name)}`,
    expected: `a number from ${from} to ${to}`,
    got: `"${text}"`,
  });
}

type Table = readonly (readonly (string | number)[])[];

function printResult(
  { images, detectors, rows, summary, byDose, byField }: BenchResult,
  page: string,
) {
  const f1 = new Map(rows.map((row) => [
    `${row.detector}\n${row.image}`,
    row.error === null ? show(row.score?.strict.f1, 3) : "failed",
  ]));
  const names = detectors.map(({ name }) => name);
  const sections: [title: string, head: string[], rows: Table][] = [
    [
      "Strict F1 of each image",
      ["image", "counts", "spacing", "columns", ...names],
      images.map(({ name, dose, spacing, columns }) => [
        ...[name, show(dose, 1), show(spacing, 1), columns],
        ...names.map((detector) => f1.get(`${detector}\n${name}`) ?? "-"),
      ]),
    ],
    ...[["counts", byDose] as const, ["nm", byField] as const].map((
      [unit, groups],
    ): [string, string[], Table] => [
      `Strict F1 by ${unit === "nm" ? "field of view (nm)" : "dose (counts at a column's top)"}`,
      [unit, "images", ...names],
      groups.length < 2 ? [] : groups.map(({ from, to, images, f1 }) => [
        from === to ? show(from, 1) : `${show(from, 1)}-${show(to, 1)}`,
        images.length,
        ...names.map((detector) => show(f1[detector]?.mean, 3)),
      ]),
    ]),
    [
      "All images (means; memory: the largest growth)",
      ["detector", "F1", "precision", "recall", "rmse", "Chamfer", "thesis Jaccard", "thesis F1"]
        .concat("time (ms)", "memory (MiB)", "failed"),
      summary.map(({ detector, metrics, ms, memoryMiB, failed }) => [
        detector,
        ...(["f1", "precision", "recall", "rmse", "chamfer", "thesisJaccard", "thesisF1"] as const)
          .map((metric) => show(metrics[metric]?.mean, 3)),
        ...[show(ms?.mean, 1), show(memoryMiB, 0), failed],
      ]),
    ],
  ];
  for (const [title, head, rows] of sections) {
    if (rows.length > 0) outLine(`${title}\n${textTable(head, rows)}\n`);
  }
  outLine(`Open ${page} to look at the pictures.`);
}

function show(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? "-" : value.toFixed(digits);
}
