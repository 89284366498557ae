import { assertAtMost, assertClose, assertEquals, assertFails } from "@assert";
import { createProcessing } from "../../../plugins/inference/_processing.ts";
import { readDescription } from "../../../plugins/inference/_rdf.ts";

function processed(values: number[], name: string, options: Record<string, unknown> = {}) {
  const data = Float32Array.from(values);
  createProcessing("m", "preprocessing", [{ name, options }])(data);
  return [...data];
}

Deno.test("createProcessing does the named steps of bioimage.io", () => {
  assertEquals(processed([0, 5, 10], "clip", { min: 1, max: 6 }), [1, 5, 6]);
  assertEquals(processed([0, 0.5, 0.6], "binarize", { threshold: 0.5 }), [0, 0, 1]);
  assertEquals(processed([1, 2], "scale_linear", { gain: 2, offset: [-1] }), [1, 3]);
  assertEquals(processed([1.7, -1.7], "ensure_dtype", { dtype: "int16" }), [1, -1]);
  assertEquals(processed([0, 3], "ensure_dtype", { dtype: "bool" }), [0, 1]);
  assertEquals(processed([0.25], "ensure_dtype", { dtype: "float32" }), [0.25]);
  const fixed = { mean: [4], std: 2 };
  assertEquals(processed([4, 6], "fixed_zero_mean_unit_variance", fixed), [0, 1]);
  const mode = { mode: "fixed", mean: 4, std: 2 };
  assertEquals(processed([4, 6], "zero_mean_unit_variance", mode), [0, 1]);
  assertClose(processed([0], "sigmoid")[0], 0.5, 1e-7);
  const unit = processed([1, 2, 3, 4], "zero_mean_unit_variance", { axes: "xy" });
  assertClose(unit[0], -1.5 / (Math.sqrt(1.25) + 1e-6), 1e-6);
  const range = { min_percentile: 25, max_percentile: 75, axes: ["x", "y"] };
  // NumPy: np.percentile([0, 1, 2, 3, 10], [25, 75]) is [1, 3]
  const scaled = processed([0, 1, 2, 3, 10], "scale_range", range);
  for (const [i, want] of [-0.5, 0, 0.5, 1, 4.5].entries()) assertClose(scaled[i], want, 1e-5);
  assertAtMost(Math.max(...processed([3, 3], "zero_mean_unit_variance")), 1e-6);
});

Deno.test("createProcessing names steps and options it does not know", async () => {
  await assertFails(
    () => processed([1], "scale_rnage"),
    "MODEL_STEP",
    'Cannot do step "scale_rnage" of the preprocessing of model "m": expected one of ensure_dtype, zero_mean_unit_variance, fixed_zero_mean_unit_variance, scale_range, scale_linear, sigmoid, clip, binarize, got "scale_rnage"; did you mean "scale_range"?',
  );
  await assertFails(
    () => processed([1], "clip", { low: 1 }),
    "MODEL_STEP",
    'Cannot do step "clip" of the preprocessing of model "m": expected options min, max, got "low"; correct its rdf.yaml, or give the .onnx file alone and process elsewhere',
  );
  await assertFails(
    () => processed([1], "zero_mean_unit_variance", { axes: ["x"] }),
    "MODEL_STEP",
    'Cannot do step "zero_mean_unit_variance" of the preprocessing of model "m": expected axes x and y, both or neither, got ["x"]; correct its rdf.yaml, or give the .onnx file alone and process elsewhere',
  );
  await assertFails(
    () => processed([1], "binarize"),
    "MODEL_STEP",
    'Cannot do step "binarize" of the preprocessing of model "m": expected a number as "threshold", got nothing; correct its rdf.yaml, or give the .onnx file alone and process elsewhere',
  );
});

Deno.test("readDescription reads both versions of the specification", () => {
  const old = readDescription({
    name: "m",
    bytes: new Uint8Array(),
    description: {
      inputs: [{
        name: "raw",
        axes: "bcyx",
        shape: { min: [1, 1, 64, 64], step: [0, 0, 16, 16] },
        preprocessing: [{ name: "scale_linear", kwargs: { gain: 2 } }],
      }],
      outputs: [{ name: "map", axes: "bcyx", halo: [0, 0, 32, 32] }],
    },
  })!;
  assertEquals(old.x, { fixed: null, min: 64, step: 16 });
  assertEquals(old.outputs[0], { id: "map", postprocessing: [], halo: 32 });
  assertEquals(old.preprocessing, [{ name: "scale_linear", options: { gain: 2 } }]);
  const space = (id: string, size: unknown) => ({ type: "space", id, size });
  const now = readDescription({
    name: "m",
    bytes: new Uint8Array(),
    description: {
      inputs: [{ id: "raw", axes: [space("y", 512), space("x", { min: 32, step: 8 })] }],
      outputs: [{ id: "map", axes: [{ ...space("y", 1), halo: 7 }] }],
    },
  })!;
  assertEquals([now.y?.fixed, now.x?.step, now.outputs[0].halo], [512, 8, 7]);
});

Deno.test("readDescription says what a description lacks", async () => {
  const model = { name: "m", bytes: new Uint8Array(), description: { inputs: [] } };
  await assertFails(
    () => readDescription(model),
    "MODEL_STEP",
    'Cannot read the description of model "m": expected one input, got 0; see the bioimage.io model specification, 0.4 or 0.5',
  );
});
