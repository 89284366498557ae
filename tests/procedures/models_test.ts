import { assertAtLeast, assertEquals, assertFails, assertTrue } from "@assert";
import { createImage } from "../../core/data/image.ts";
import { npy } from "../../plugins/io/npy.ts";
import {
  benchDecode,
  benchModel,
  listModels,
  modelProblem,
  testModel,
} from "../../procedures/models.ts";
import { runCli } from "../support/cli.ts";
import { columnModel, identityGraph, onnxBytes } from "../support/onnx_model.ts";
import { withFolder } from "../support/toy_host.ts";

/** A folder with a model that doubles nothing: its test output is its input times a gain. */
async function writeModel(folder: string, gain: number): Promise<void> {
  const data = Float32Array.from({ length: 64 }, (_, i) => i);
  const save = async (name: string, values: Float32Array) =>
    Deno.writeFileSync(
      `${folder}/${name}`,
      await npy.write!([createImage({ width: 8, height: 8, data: values })]),
    );
  await save("in.npy", data);
  await save("out.npy", data.map((v) => v * gain));
  Deno.writeFileSync(`${folder}/net.onnx`, onnxBytes(identityGraph));
  Deno.writeTextFileSync(
    `${folder}/rdf.yaml`,
    `name: net
description: gives what it gets
inputs: [{ id: image, axes: [], test_tensor: { source: in.npy } }]
outputs: [{ id: out, axes: [], test_tensor: { source: out.npy } }]
weights: { onnx: { source: net.onnx } }
`,
  );
}

Deno.test("testModel compares a model with its test tensors", async () => {
  await withFolder(async (folder) => {
    await writeModel(folder, 1);
    const rows = await testModel(folder, { provider: "wasm" });
    assertEquals(rows, [{ output: "out", channel: 0, worst: 0, largest: 63, ok: true }]);
    assertEquals(modelProblem(folder, rows), undefined);
    await writeModel(folder, 1.5);
    const wrong = await testModel(folder, { provider: "wasm" });
    assertEquals(wrong[0].worst, 31.5);
    assertEquals(
      modelProblem("net", wrong)!.message,
      'Cannot trust model "net": expected its test tensor as output "out", got differences of up to 31.5; its weights, description and test tensors may not belong together; fetch it again',
    );
    assertEquals(modelProblem("net", wrong)!.code, "MODEL_DIFFERS");
  });
});

Deno.test("testModel needs test tensors", async () => {
  await withFolder(async (folder) => {
    Deno.writeFileSync(`${folder}/net.onnx`, onnxBytes(identityGraph));
    await assertFails(
      () => testModel(`${folder}/net.onnx`, { provider: "wasm" }),
      "FILE_MISSING",
      `Cannot test model "${folder}/net.onnx": expected an rdf.yaml that names test tensors of input and output, got no rdf.yaml; ask its author for them`,
    );
  });
});

Deno.test("benchModel measures time and memory, benchDecode a map of many columns", async () => {
  const row = await benchModel(columnModel(12), { provider: "wasm", size: 256, runs: 3 });
  assertEquals([row.provider, row.size, row.runs], ["wasm", 256, 3]);
  assertTrue(row.best > 0 && row.best <= row.median && row.warmMb > 0);
  const particle = { provider: "wasm", size: 64, runs: 1, picture: "particle" } as const;
  assertEquals((await benchModel(columnModel(12), particle)).picture, "particle");
  const { columns, best } = await benchDecode(400, 1);
  assertEquals(columns, 400);
  assertTrue(best > 0);
});

Deno.test("adatom model list, test and bench", async () => {
  await withFolder(async (folder) => {
    await writeModel(folder, 1);
    assertAtLeast(listModels([folder]).length, 1);
    const listed = await runCli(["model", "list", folder, `${folder}/none`, "--json"]);
    assertEquals(listed.code, 2, "one of them is not there");
    const rows = JSON.parse(listed.out);
    assertEquals(rows.at(-2).name, "net");
    assertEquals(rows.at(-2).summary, "gives what it gets");
    assertTrue(rows.at(-1).problem.startsWith("Cannot read"));
    const tested = await runCli(["model", "test", folder, "--provider", "wasm"]);
    assertEquals(tested.code, 0, tested.err);
    await writeModel(folder, 2);
    assertEquals((await runCli(["model", "test", folder, "--provider", "wasm"])).code, 5);
    const wrong = await runCli(["model", "test", folder, "--provider", "cuda"]);
    assertEquals(wrong.code, 2);
    assertEquals(
      wrong.err.trim(),
      'error: Cannot set --provider: expected one of auto, webgpu, native, wasm, got "cuda"',
    );
  });
});
