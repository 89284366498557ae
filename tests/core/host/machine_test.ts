import { assertEquals } from "@assert";
import { createImage } from "../../../core/data/image.ts";
import { completeRequest, type Machine } from "../../../core/host/machine.ts";
import type { StepRequest } from "../../../core/host/step.ts";
import { atomid } from "../../../plugins/inference/atomid.ts";
import { findfoci } from "../../../plugins/peaks/findfoci.ts";
import { columnModel } from "../../support/onnx_model.ts";

const shipped = columnModel(12, "shipped");
const machine: Machine = {
  shippedModel: () => shipped,
  provider: () => Promise.resolve("wasm"),
};
const image = createImage({ width: 4, height: 4 });

function request(parts: Partial<StepRequest>): StepRequest {
  const usual = { id: "a", stage: atomid, inputs: { image }, params: {}, scatter: false, seed: 1 };
  return { ...usual, ...parts };
}

Deno.test("completeRequest adds the shipped model and the provider where none was named", async () => {
  const open = await completeRequest(request({}), machine);
  assertEquals(open.inputs, { image, model: shipped });
  assertEquals(open.params, { provider: "wasm" });
  const auto = await completeRequest(request({ params: { provider: "auto" } }), machine);
  assertEquals(auto.params, { provider: "wasm" });
  const model = columnModel(9, "own");
  const own = request({ inputs: { image, model }, params: { provider: "native" } });
  assertEquals(await completeRequest(own, machine), own);
});

Deno.test("completeRequest leaves other stages, and hosts without a machine, alone", async () => {
  const other = request({ stage: findfoci });
  assertEquals(await completeRequest(other, machine) === other, true);
  const open = request({});
  assertEquals(await completeRequest(open, undefined) === open, true);
});
