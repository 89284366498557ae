import { assertEquals, assertFails, assertTrue } from "@assert";
import { join } from "node:path";
import { defineStage, FIGURE_PORT } from "@core";
import {
  createHost,
  type Figure,
  figureSvg,
  pipelineOfStage,
  quality,
  runToFolder,
  simulation,
} from "../../mod.ts";
import { outputFiles } from "../../procedures/ro_crate_entity.ts";
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

Deno.test("runToFolder draws figures beside their JSON, lists of them one by one", async () => {
  const parabola = defineStage({
    id: "lab.parabola",
    version: "1.0.0",
    api: "^1.1",
    summary: "Draws a parabola",
    inputs: {
      numbers: { kind: "table", columns: { x: "px", y: "px" }, description: "Values of x" },
    },
    outputs: {
      plot: { ...FIGURE_PORT, description: "The square of x against x" },
      lookalike: { kind: "json", description: "The same, and no figure by its declaration" },
    },
    params: {},
    run({ numbers }) {
      const x = [...numbers.columns.x], y = x.map((v) => v * v);
      const axes = { x: { label: "x" }, y: { label: "y" } };
      const series = [{ kind: "line" as const, x, y }];
      const plot = { title: "Parabola", panels: [{ title: "", ...axes, series }] };
      return { plot, lookalike: plot };
    },
  });
  await withFolder(async (folder) => {
    using host = createHost({ cache: false, runner: "inline", stages: [parabola] });
    const input = join(folder, "x.csv");
    await Deno.writeTextFile(input, "x,y\n0,0\n1,0\n2,0\n");
    const pipeline = pipelineOfStage(parabola, ["numbers"]);
    const run = (out: string) =>
      runToFolder(host, { pipeline, files: { numbers: [input] }, out: join(folder, out) });
    const { files, outputs } = await run("one");
    assertEquals(files, ["plot.json", "plot.svg", "lookalike.json"]);
    const svg = await Deno.readTextFile(join(folder, "one", "plot.svg"));
    assertEquals(svg, figureSvg(outputs.plot as Figure));
    const record = JSON.parse(await Deno.readTextFile(join(folder, "one", "run.json")));
    assertEquals(outputFiles(record, "plot"), ["plot.json"]);

    const scattered = {
      ...pipeline,
      inputs: { numbers: { kind: "table", columns: { x: "px", y: "px" }, axes: "t" } },
      steps: pipeline.steps.map((step) => ({ ...step, scatter: "t" as const })),
    } as const;
    const list = { numbers: [input, input] };
    const many = await runToFolder(host, {
      pipeline: scattered,
      files: list,
      out: join(folder, "many"),
    });
    assertEquals(many.files, ["plot.json", "plot/0.svg", "plot/1.svg", "lookalike.json"]);
  });
});
