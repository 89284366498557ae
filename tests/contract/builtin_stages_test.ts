import { builtinStages } from "../../plugins/mod.ts";
import { contractChecks, type ContractOptions } from "../../procedures/conformance/suite.ts";

/** What the contract must know of a stage: quick parameters, inputs that exclude each other. */
const OPTIONS: Readonly<Record<string, ContractOptions>> = {
  "evaluation.localization": { without: ["second"] },
  "peaks.findfoci-train": { params: { preset: "testing" } },
  "simulation.scene": {
    params: { width: 64, height: 64, exposures: 2 },
    without: ["crystal"],
  },
};

for (const stage of builtinStages) {
  for (const { name, run } of contractChecks(stage, OPTIONS[stage.id])) {
    Deno.test(`contract: ${name}`, run);
  }
}

// The second formation model is a stage of its own but for the name.
const scene = builtinStages.find(({ id }) => id === "simulation.scene")!;
const probe = { formation: "probe", width: 64, height: 64, exposures: 2, tilt: 3, layers: 2 };
for (const { name, run } of contractChecks(scene, { params: probe, without: ["crystal"] })) {
  Deno.test(`contract: ${name}, by a probe`, run);
}
