import { builtinStages } from "../../plugins/mod.ts";
import { contractChecks, type ContractOptions } from "../../procedures/conformance/suite.ts";

/** Parameters that keep a stage quick under the contract. */
const OPTIONS: Readonly<Record<string, ContractOptions>> = {
  "peaks.findfoci-train": { params: { preset: "testing" } },
  "simulation.scene": { params: { width: 64, height: 64, exposures: 2 } },
};

for (const stage of builtinStages) {
  for (const { name, run } of contractChecks(stage, OPTIONS[stage.id])) {
    Deno.test(`contract: ${name}`, run);
  }
}
