/**
 * `adatom evaluate`: found positions against true ones.
 *
 * @module
 */
import type { CommandSpec } from "./command.ts";
import { createProgress } from "./progress.ts";
import { givenParams, hostFor, paramOptions } from "./options.ts";
import { outLine, textTable } from "./terminal.ts";

/** The command. */
export const evaluate: CommandSpec = {
  name: "evaluate",
  summary: "compare found positions with true ones: precision, recall, F1, errors",
  args: [
    ["<found>", "table of found positions (CSV, ImageJ .roi or RoiSet.zip)"],
    ["<truth>", "table of true positions"],
  ],
  options: [{ flags: "--json", description: "print all metrics as JSON" }],
  moreOptions: async () => {
    const { evaluation } = await import("../mod.ts");
    return await paramOptions(evaluation.match.params);
  },
  examples: ["adatom evaluate found.csv truth.csv", "adatom evaluate a.csv b.csv --match-radius 4"],
  async run({ args, options, signal }) {
    const { evaluation } = await import("../mod.ts");
    using host = await hostFor({ cache: false }, createProgress(true));
    const found = await host.readTable(args[0]);
    const truth = await host.readTable(args[1]);
    const params = await givenParams(evaluation.match.params, options);
    const { metrics } = await host.run(
      evaluation.match,
      { found, truth } as never,
      params as never,
      { signal },
    );
    if (options.json) {
      outLine(JSON.stringify(metrics, null, 2));
      return 0;
    }
    const all = metrics as Record<string, Record<string, number | null>>;
    const rows = ["precision", "recall", "f1", "jaccard", "rmse", "biasX", "biasY", "matchRadius"]
      .map((name) => [name, show(all.strict[name]), show(all.thesis[name])]);
    outLine(textTable(["metric", "strict", "thesis"], rows));
    return 0;
  },
};

function show(value: number | null | undefined): string {
  return typeof value === "number" ? value.toFixed(4) : "-";
}
