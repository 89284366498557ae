import { join } from "node:path";
import { assertAtMost, assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { atomid } from "../../../plugins/inference/atomid.ts";
import {
  chooseProvider,
  examineProviders,
  findAdapter,
  nativeProblem,
} from "../../../plugins/inference/provider.ts";
import { npy } from "../../../plugins/io/npy.ts";
import { createHost } from "../../../procedures/create_host.ts";
import { modelsFolder, readModel } from "../../../procedures/read_model.ts";
import { runCli } from "../../support/cli.ts";
import { latticeImage } from "../../support/lattice_image.ts";
import { columnModel } from "../../support/onnx_model.ts";
import { withFolder } from "../../support/toy_host.ts";

const states = await examineProviders();
const adapter = await findAdapter();
const native = states.find(({ provider }) => provider === "native")!;

const scene = latticeImage({
  width: 256,
  height: 256,
  a: [12, 0],
  b: [3, 11],
  sigma: 2,
  background: 3,
  seed: 6,
});

/** Positions of two providers agree within this, px. */
const SAME_PLACE = 0.05;

async function assertSamePlaces(provider: "webgpu" | "native") {
  using host = createHost({ cache: false, workers: 2 });
  const { image } = scene;
  const { model } = readModel(join(modelsFolder(), "atomid"));
  const one = await host.run(atomid, { image, model }, { provider: "wasm" });
  const two = await host.run(atomid, { image, model }, { provider });
  assertEquals(two.summary.provider, provider);
  assertEquals(host.reports[1].chosen.provider, provider);
  assertTrue(one.columns.length > 400);
  assertEquals(two.columns.length, one.columns.length);
  for (let i = 0; i < one.columns.length; i++) {
    const misses = Array.from(
      two.columns.columns.x,
      (x, k) =>
        Math.hypot(
          x - one.columns.columns.x[i],
          two.columns.columns.y[k] - one.columns.columns.y[i],
        ),
    );
    assertAtMost(Math.min(...misses), SAME_PLACE);
  }
}

Deno.test({
  name: "webgpu finds the columns at the places where wasm finds them",
  ignore: adapter === null,
  fn: () => assertSamePlaces("webgpu"),
});

Deno.test({
  name: "native finds the columns at the places where wasm finds them",
  ignore: !native.usable,
  fn: () => assertSamePlaces("native"),
});

Deno.test({
  name: "native where it is not installed is an error that says how to install it",
  ignore: native.usable,
  async fn() {
    using host = createHost({ cache: false, runner: "inline" });
    const { image } = scene;
    await assertFails(
      () => host.run(atomid, { image, model: columnModel(12) }, { provider: "native" }),
      "PROVIDER_UNAVAILABLE",
      'Cannot use provider "native": expected onnxruntime-node, got onnxruntime-node is not installed; install it with: deno task native; and allow --allow-ffi',
    );
  },
});

Deno.test("auto is the best provider that is there, and never a software adapter", async () => {
  assertEquals(states.map(({ provider }) => provider), ["webgpu", "native", "wasm"]);
  const [webgpu] = states;
  if (adapter?.info.isFallbackAdapter) {
    assertEquals([webgpu.usable, webgpu.automatic], [true, false]);
    assertIncludes(webgpu.found, "software");
  }
  assertEquals(await chooseProvider(), states.find(({ automatic }) => automatic)!.provider);
});

Deno.test("why the native runtime cannot be used is said in words", () => {
  const missing = new Error("Cannot find module 'onnxruntime-node'\nRequire stack: ...");
  assertEquals(nativeProblem(missing), "onnxruntime-node is not installed");
  const refused = Object.assign(new Error("Requires ffi access"), { name: "NotCapable" });
  assertEquals(nativeProblem(refused), "no permission to load native code (--allow-ffi)");
  assertEquals(nativeProblem(new Error("libc too old\nmore")), "libc too old");
});

Deno.test("without an adapter webgpu is an error that helps, and auto runs and says on what", async () => {
  await withFolder(async (folder) => {
    const image = `${folder}/a.npy`, model = `${folder}/m.onnx`;
    Deno.writeFileSync(image, await npy.write!([scene.image]));
    Deno.writeFileSync(model, columnModel(12).bytes);
    const env = { DENO_WEBGPU_BACKEND: "dx12" }; // which only Windows has
    const args = ["run", "inference.atomid", "--in", `image=${image}`, "--in", `model=${model}`];
    if (Deno.build.os !== "windows") {
      const asked = await runCli([...args, "--out", `${folder}/x`, "--provider", "webgpu"], {
        env,
      });
      assertEquals(asked.code, 2);
      assertIncludes(
        asked.err,
        'Cannot use provider "webgpu": expected a graphics adapter, got none; leave provider at auto, which runs on the processor',
      );
    }
    const auto = await runCli([...args, "--out", `${folder}/y`], { env });
    assertEquals(auto.code, 0, auto.err);
    const { steps } = JSON.parse(Deno.readTextFileSync(`${folder}/y/run.json`));
    assertEquals(steps[0].chosen.provider, native.usable ? "native" : "wasm");
    assertEquals(steps[0].params.provider, steps[0].chosen.provider);
  });
});
