import { builtinStages, inference } from "../../plugins/mod.ts";
import { exampleInputs } from "../../procedures/conformance/example_inputs.ts";
import type { AnyStage } from "../../core/mod.ts";
import { columnModel } from "../support/onnx_model.ts";
import { contractChecks, type ContractOptions } from "../../procedures/conformance/suite.ts";

const usual = (stage: AnyStage) => exampleInputs(stage, { width: 64, height: 64, rows: 9 });

/** What the contract must know of a stage: quick parameters, inputs that exclude each other. */
const OPTIONS: Readonly<Record<string, ContractOptions>> = {
  "inference.atomid": {
    params: { provider: "wasm" },
    inputs: { ...usual(inference.atomid), model: columnModel(12) },
  },
  "inference.onnx": { params: { provider: "wasm" } },
  "evaluation.localization": { without: ["second"] },
  "peaks.findfoci-train": { params: { preset: "testing" } },
  "simulation.patches": { params: { count: 2, size: 64 } },
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
