import { builtinStages } from "../../plugins/mod.ts";
import { contractChecks, type ContractOptions } from "../../procedures/conformance/suite.ts";

/** What the contract must know of a stage: quick parameters, inputs that exclude each other. */
const OPTIONS: Readonly<Record<string, ContractOptions>> = {
  "evaluation.localization": { without: ["second"] },
  "peaks.findfoci-train": { params: { preset: "testing" } },
  "simulation.scene": { params: { width: 64, height: 64, exposures: 2 } },
};

for (const stage of builtinStages) {
  for (const { name, run } of contractChecks(stage, OPTIONS[stage.id])) {
    Deno.test(`contract: ${name}`, run);
  }
}
