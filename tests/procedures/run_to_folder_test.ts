import { assertEquals, assertFails, assertTrue } from "@assert";
import { join } from "node:path";
import { createHost, pipelineOfStage, quality, runToFolder, simulation } from "../../mod.ts";
import { withFolder } from "../support/toy_host.ts";

Deno.test("runToFolder writes outputs by port with a run record that tells everything", async () => {
  await withFolder(async (folder) => {
    using host = createHost({ cache: false, runner: "inline" });
    const out = join(folder, "scene");
    const params = { width: 64, height: 48, exposures: 2 };
    const pipeline = pipelineOfStage(simulation.scene, []);
    const { files } = await runToFolder(host, { pipeline, files: {}, params, out, seed: 9 });
    assertEquals(files.slice(0, 3), ["exposures.tif", "truth/0.csv", "truth/1.csv"]);
    const record = JSON.parse(await Deno.readTextFile(join(out, "run.json")));
    assertEquals([record.status, record.seed, record.steps[0].stage], [
      "done",
      9,
      "simulation.scene",
    ]);
    assertEquals(record.params, params);
    assertEquals(Object.keys(record.outputs), files);
    const text = JSON.stringify(record);
    assertTrue(!text.includes(folder), "outputs are named without the folder");

    const ranked = join(folder, "ranked");
    await runToFolder(host, {
      pipeline: pipelineOfStage(quality.rank, ["exposures"]),
      files: { exposures: [join(out, "exposures.tif")] },
      out: ranked,
    });
    const image = await host.readImage(join(ranked, "best.tif"));
    assertEquals([image.width, image.height, image.sourceType], [64, 48, "float32"]);
  });
});

Deno.test("runToFolder reports all unreadable inputs at once and makes no folder", async () => {
  await withFolder(async (folder) => {
    using host = createHost({ cache: false, runner: "inline" });
    const out = join(folder, "out");
    const error = await assertFails(() =>
      runToFolder(host, {
        pipeline: pipelineOfStage(quality.rank, ["exposures"]),
        files: { exposures: [join(folder, "none.tif")], picture: ["a"] },
        out,
      }), "REQUEST_INVALID");
    assertEquals(error.problems.map((p) => p.code), ["UNKNOWN_PORT", "FILE_MISSING"]);
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});
