/**
 * `adatom model`: lists, tests and measures neural networks.
 *
 * @module
 */
import type { CommandGroup, CommandSpec } from "./command.ts";
import { err, outLine, textTable } from "./terminal.ts";

const JSON_OPTION = { flags: "--json", description: "as JSON" } as const;
const PROVIDER = {
  flags: "--provider <name>",
  description: "what computes: auto, webgpu, native or wasm (default: auto)",
} as const;

const list: CommandSpec = {
  name: "list",
  summary: "list the models that come along, and those at some paths",
  args: [["[path...]", "an .onnx file, an rdf.yaml, or a folder with one"]],
  options: [JSON_OPTION],
  async run({ args, options }) {
    const { listModels } = await import("../mod.ts");
    const rows = listModels(args);
    if (options.json) outLine(JSON.stringify(rows, null, 2));
    else if (rows.length === 0) err("no models\n");
    else {
      outLine(textTable(
        ["model", "MB", "sha256", "what it is"],
        rows.map(({ name, bytes, sha256, summary, problem }) => [
          name,
          (bytes / 1e6).toFixed(2),
          sha256.slice(0, 12),
          problem ?? summary,
        ]),
      ));
    }
    return rows.some(({ problem }) => problem !== undefined) ? 2 : 0;
  },
};

const test: CommandSpec = {
  name: "test",
  summary: "run a model on its own test tensors and compare the numbers",
  args: [["[path]", "an rdf.yaml, or a folder with one (default: atomid, ours)"]],
  options: [
    PROVIDER,
    {
      flags: "--tolerance <number>",
      description: "largest difference, as a share of the largest value (default: 0.0001)",
    },
    JSON_OPTION,
  ],
  examples: ["adatom model test", "adatom model test unet2d-nuclei --provider wasm"],
  async run({ args, options, signal }) {
    const path = args[0] ?? await ours();
    const { modelProblem, testModel } = await import("../mod.ts");
    const tolerance = await numberOption("--tolerance", options.tolerance, 1e-4);
    const rows = await testModel(path, { provider: await providerOf(options), tolerance, signal });
    if (options.json) outLine(JSON.stringify(rows, null, 2));
    else {
      outLine(textTable(
        ["output", "channel", "worst", "largest", ""],
        rows.map(({ output, channel, worst, largest, ok }) => [
          output,
          String(channel),
          worst.toExponential(2),
          largest.toPrecision(4),
          ok ? "ok" : "DIFFERS",
        ]),
      ));
    }
    const problem = modelProblem(path, rows);
    if (problem !== undefined) throw problem;
    return 0;
  },
};

const bench: CommandSpec = {
  name: "bench",
  summary: "measure time and memory of a model, for each provider there is",
  args: [["[path]", "a model with the outputs of AtomID (default: atomid, ours)"]],
  options: [
    PROVIDER,
    { flags: "--runs <n>", description: "runs of 1024 x 1024 px (default: 10)" },
    { flags: "--particle", description: "a particle in vacuum instead of columns everywhere" },
    { flags: "--large", description: "4096 x 4096 px by tiles, too" },
    JSON_OPTION,
  ],
  async run({ args, options, signal }) {
    const path = args[0] ?? await ours();
    const { benchDecode, benchModel, examineProviders, readModel } = await import("../mod.ts");
    const { model } = readModel(path);
    const runs = await numberOption("--runs", options.runs, 10);
    const picture = options.particle ? "particle" : "lattice";
    const asked = await providerOf(options);
    const states = await examineProviders();
    const chosen = states.filter(({ provider, automatic }) =>
      asked === "auto" ? automatic : provider === asked
    );
    const rows = [];
    for (const { provider } of chosen) {
      rows.push(await benchModel(model, { provider, size: 1024, runs, picture, signal }));
      if (options.large) {
        rows.push(await benchModel(model, { provider, size: 4096, runs: 2, picture, signal }));
      }
    }
    const decode = await benchDecode(12_000, 5);
    if (options.json) {
      outLine(JSON.stringify({ rows, decode }, null, 2));
      return 0;
    }
    outLine(textTable(
      [
        "provider",
        "picture",
        "px",
        "runs",
        "best s",
        "median s",
        "warm MB",
        "above MB",
        "grown MB",
      ],
      rows.map((row) => [
        row.provider,
        row.picture,
        `${row.size} x ${row.size}`,
        String(row.runs),
        (row.best / 1000).toFixed(2),
        (row.median / 1000).toFixed(2),
        row.warmMb.toFixed(0),
        row.aboveMb.toFixed(0),
        row.grownMb.toFixed(0),
      ]),
    ));
    outLine(`decode of ${decode.columns} columns: ${decode.best.toFixed(0)} ms`);
    return 0;
  },
};

/** The command. */
export const model: CommandGroup = {
  name: "model",
  summary: "list, test and measure neural networks",
  commands: [list, test, bench],
};

/** Folder of the model that comes along. */
async function ours(): Promise<string> {
  const { modelsFolder } = await import("../mod.ts");
  return `${modelsFolder()}/atomid`;
}

/** The provider asked for; the same words as the parameter of the stages. */
async function providerOf({ provider = "auto" }: Readonly<Record<string, unknown>>) {
  const { AdatomError, describeAllowed, inference } = await import("../mod.ts");
  const declared = inference.onnx.params.provider;
  const found = declared.enum.find((name) => name === provider);
  if (found !== undefined) return found;
  throw new AdatomError("PARAM_RANGE", {
    cannot: "set --provider",
    expected: describeAllowed(declared),
    got: `"${provider}"`,
  });
}

async function numberOption(flag: string, given: unknown, usual: number): Promise<number> {
  if (given === undefined) return usual;
  const { AdatomError } = await import("../mod.ts");
  const value = Number(given);
  if (value > 0 && given !== "") return value;
  throw new AdatomError("PARAM_TYPE", {
    cannot: `set ${flag}`,
    expected: "a number above 0",
    got: `"${given}"`,
  });
}
