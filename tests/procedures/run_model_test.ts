import { assertEquals, assertFails } from "@assert";
import { createImage } from "../../core/data/image.ts";
import { npy } from "../../plugins/io/npy.ts";
import { inference } from "../../plugins/mod.ts";
import { createHost } from "../../procedures/create_host.ts";
import { replayRun } from "../../procedures/replay.ts";
import { pipelineOfStage, runToFolder } from "../../procedures/run_to_folder.ts";
import { identityGraph, onnxBytes } from "../support/onnx_model.ts";
import { withFolder } from "../support/toy_host.ts";

Deno.test("a run takes a model by its file, its description or its folder, and is replayed", async () => {
  await withFolder(async (folder) => {
    const image = createImage({ width: 9, height: 8, data: new Float32Array(72).fill(2) });
    Deno.mkdirSync(`${folder}/net`);
    Deno.writeFileSync(`${folder}/a.npy`, await npy.write!([image]));
    Deno.writeFileSync(`${folder}/net/net.onnx`, onnxBytes(identityGraph));
    Deno.writeTextFileSync(
      `${folder}/net/rdf.yaml`,
      `name: net
inputs: [{ id: image, axes: [], preprocessing: [{ id: scale_linear, kwargs: { gain: 3 } }] }]
outputs: [{ id: out, axes: [] }]
weights: { onnx: { source: net.onnx } }
`,
    );
    using host = createHost({ cache: false, runner: "inline" });
    const pipeline = pipelineOfStage(inference.onnx, ["image", "model"]);
    const files = [`${folder}/net/net.onnx`, `${folder}/net/rdf.yaml`];
    const params = { provider: "wasm" };
    for (const [i, model] of [[files[0]], [files[1]], files].entries()) {
      const out = `${folder}/out${i}`;
      const request = { pipeline, params, out, files: { image: [`${folder}/a.npy`], model } };
      const { outputs } = await runToFolder(host, request);
      assertEquals((outputs.map as typeof image).data[5], 6);
      const { inputs } = JSON.parse(Deno.readTextFileSync(`${out}/run.json`));
      assertEquals(
        inputs.model.map(({ path }: { path: string }) => path),
        [files[1], files[0]],
      );
    }
    const replayed = await replayRun(host, { run: `${folder}/out0`, out: `${folder}/again` });
    assertEquals(replayed.results.map(({ same }) => same), replayed.results.map(() => true));
    await assertFails(
      () =>
        runToFolder(host, {
          pipeline,
          params,
          out: `${folder}/none`,
          files: { image: [`${folder}/a.npy`], model: [files[0], `${folder}/a.npy`] },
        }),
      "PORT_TYPE",
      'Cannot read input "model": expected one model, got 2 files of 2 folders; name its .onnx file, its rdf.yaml, or their folder',
    );
  });
});
