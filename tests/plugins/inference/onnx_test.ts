import { assertAtMost, assertEquals, assertFails } from "@assert";
import { createImage } from "../../../core/data/image.ts";
import { onnx } from "../../../plugins/inference/onnx.ts";
import { createHost } from "../../../procedures/create_host.ts";
import { readModel } from "../../../procedures/read_model.ts";
import { identityGraph, imageGraph, onnxBytes, onnxModel } from "../../support/onnx_model.ts";

const WASM = { provider: "wasm" } as const;
const DATA = Deno.env.get("ADATOM_DATA");

function counting(width: number, height: number) {
  const data = Float32Array.from({ length: width * height }, (_, i) => i % 251);
  return createImage({ width, height, data, pixelSize: { x: 1, y: 1, unit: "nm" } });
}

async function run(image: ReturnType<typeof counting>, graph: Parameters<typeof onnxModel>[1]) {
  using host = createHost({ cache: false, runner: "inline" });
  return await host.run(onnx, { image, model: onnxModel("m", graph) }, WASM);
}

Deno.test("inference.onnx gives the map on the grid of the image, whatever its size", async () => {
  for (const [w, h] of [[10, 10], [1, 40], [33, 50], [64, 32]]) {
    const image = counting(w, h);
    const { map, summary } = await run(image, identityGraph);
    assertEquals([map.width, map.height, map.data], [w, h, image.data]);
    assertEquals(summary.outputs, [{ name: "out", width: w, height: h, channels: 1 }]);
  }
});

Deno.test("inference.onnx tiles images that are larger than a network of one size", async () => {
  const graph = imageGraph([{ op: "Identity", inputs: ["image"], outputs: ["out"] }], [], [
    1,
    1,
    200,
    180,
  ]);
  const image = counting(300, 411);
  const { map, summary } = await run(image, graph);
  assertEquals(map.data, image.data);
  assertEquals(summary.tiles > 4, true);
  assertEquals((await run(counting(50, 60), graph)).map.data, counting(50, 60).data);
});

Deno.test("inference.onnx: a map that is pooled has a pixel size to match", async () => {
  const pool = { op: "AveragePool", inputs: ["image"], outputs: ["out"] };
  const graph = imageGraph([{ ...pool, ints: { kernel_shape: [4, 4], strides: [4, 4] } }]);
  const { map } = await run(counting(64, 32), graph);
  assertEquals([map.width, map.height, map.pixelSize], [16, 8, { x: 4, y: 4, unit: "nm" }]);
});

Deno.test("inference.onnx does the steps of the description", async () => {
  using host = createHost({ cache: false, runner: "inline" });
  const space = (id: string) => ({ type: "space", id, size: { min: 8, step: 8 } });
  const model = onnxModel("m", identityGraph, {
    inputs: [{
      id: "image",
      axes: [space("y"), space("x")],
      preprocessing: [{ id: "scale_linear", kwargs: { gain: 2, offset: 1 } }],
    }],
    outputs: [{ id: "out", axes: [], postprocessing: [{ id: "clip", kwargs: { max: 100 } }] }],
  });
  const image = counting(20, 20);
  const { map } = await host.run(onnx, { image, model }, WASM);
  assertEquals(map.data, image.data.map((v) => Math.min(100, 2 * v + 1)));
});

Deno.test("inference.onnx says what is wrong with a model", async () => {
  using host = createHost({ cache: false, runner: "inline" });
  const image = counting(32, 32);
  const fails = async (
    bytes: Uint8Array,
    code: "MODEL_INVALID" | "MODEL_SHAPE" | "MODEL_RUN" | "MEMORY_LIMIT",
    message: string,
    params = {},
  ) => {
    const model = { name: "m", bytes, description: null };
    await assertFails(
      () => host.run(onnx, { image, model }, { ...WASM, ...params }),
      code,
      message,
    );
  };
  const html = new TextEncoder().encode("<html>no model</html>");
  await fails(
    html,
    "MODEL_INVALID",
    'Cannot open model "m": expected an ONNX file of operators this runtime knows, got Failed to load model because protobuf parsing failed.; export it again, with standard operators',
  );
  await fails(
    onnxBytes(imageGraph([{
      op: "Sharpen",
      inputs: ["image"],
      outputs: ["out"],
      domain: "lab.own",
    }])),
    "MODEL_INVALID",
    'Cannot open model "m": expected an ONNX file of operators this runtime knows, got Fatal error: lab.own:Sharpen(-1) is not a registered function/op; export it again, with standard operators',
  );
  const add = { op: "Add", inputs: ["a", "b"], outputs: ["out"] };
  const plane = [1, 1, "h", "w"];
  await fails(
    onnxBytes({ inputs: { a: plane, b: plane }, outputs: { out: plane }, nodes: [add] }),
    "MODEL_SHAPE",
    'Cannot use model "m": expected one input: a gray image as float32 [1, 1, height, width], got 2 inputs ("a", "b"); use a model with one input',
  );
  await fails(
    onnxBytes({ ...identityGraph, inputs: { image: ["h", "w"] }, outputs: { out: ["h", "w"] } }),
    "MODEL_SHAPE",
    'Cannot use model "m": expected one input: a gray image as float32 [1, 1, height, width], got "image" of float32 [any, any]; export it with the axes batch, channel, y, x',
  );
  await fails(
    onnxBytes({
      ...identityGraph,
      inputs: { image: [1, 3, "h", "w"] },
      outputs: { out: [1, 3, "h", "w"] },
    }),
    "MODEL_SHAPE",
    'Cannot use model "m": expected one input: a gray image as float32 [1, 1, height, width], got "image" of float32 [1, 3, any, any]; use a model of one channel and one image at a time',
  );
  const sum = { op: "ReduceSum", inputs: ["image"], outputs: ["out"], ints: { keepdims: 0 } };
  await fails(
    onnxBytes({ ...imageGraph([sum]), outputs: { out: [] } }),
    "MODEL_SHAPE",
    'Cannot take output "out" of model "m": expected a map of 32 x 32 px, or of a whole fraction of that, got a single number; use a model that gives a map for an image',
  );
  await fails(
    onnxBytes(identityGraph),
    "MODEL_SHAPE",
    'Cannot use model "m": expected a channel 2 of output "out", got 1 of them, counted from 0; see its description, or adatom model list',
    { channel: 2 },
  );
  const shape = { name: "shape", sizes: [2], ints: [1, 7] };
  const reshape = { op: "Reshape", inputs: ["image", "shape"], outputs: ["out"] };
  const flat = { ...imageGraph([reshape], [shape]), outputs: { out: [1, "c"] } };
  const failed = await assertFails(
    () => host.run(onnx, { image, model: onnxModel("m", flat) }, WASM),
    "MODEL_RUN",
  );
  assertEquals(failed.parts.expected, "it to take an input of 1 x 1 x 32 x 32");
});

Deno.test("inference.onnx: a session that runs out of memory is an error, and others go on", async () => {
  using host = createHost({ cache: false, runner: "inline" });
  // 2^20 values for each pixel: 4 GB for an image of 32 x 32
  const nodes = [{ op: "Expand", inputs: ["image", "shape"], outputs: ["out"] }];
  const shape = { name: "shape", sizes: [4], ints: [1, 2 ** 20, 32, 32] };
  const outputs = { out: [1, "c", "u", "v"] };
  const model = onnxModel("huge", { ...imageGraph(nodes, [shape]), outputs });
  await assertFails(
    () => host.run(onnx, { image: counting(32, 32), model }, WASM),
    "MEMORY_LIMIT",
    'Cannot run model "huge" with provider wasm: expected enough memory, got run out of it on an input of 1 x 1 x 32 x 32; use smaller tiles (tileSize), or fewer workers',
  );
  assertEquals((await run(counting(8, 8), identityGraph)).map.width, 8);
});

/** Published test tensors were computed by other runtimes; theirs differ by this much among themselves. */
const NUCLEI_LIMIT = 3e-6;
const UFISH_LIMIT = 1e-5;

for (
  const [folder, input, output, limit] of [
    ["unet2d-nuclei", "test_input.npy", "test_output.npy", NUCLEI_LIMIT],
    ["ufish", "ufish_ref_input_256x256.npy", "ufish_ref_output_256x256.npy", UFISH_LIMIT],
  ] as const
) {
  Deno.test({
    name: `inference.onnx reproduces the test tensors of ${folder}`,
    ignore: DATA === undefined,
    async fn() {
      using host = createHost({ cache: false, workers: 1 });
      const { model } = readModel(`${DATA}/models/${folder}`);
      const image = await host.readImage(`${DATA}/models/${folder}/${input}`);
      const wanted = await host.readImage(`${DATA}/models/${folder}/${output}`);
      const { map } = await host.run(onnx, { image, model }, WASM);
      const worst = map.data.reduce(
        (most, v, i) => Math.max(most, Math.abs(v - wanted.data[i])),
        0,
      );
      assertAtMost(worst, limit);
    },
  });
}
