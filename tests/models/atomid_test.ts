/**
 * The model that comes along; skipped in a checkout that lacks it.
 */
import { assertAtLeast, assertAtMost, assertEquals, assertTrue } from "@assert";
import { existsSync, statSync } from "node:fs";
import { createHost } from "../../procedures/create_host.ts";
import { testModel } from "../../procedures/models.ts";
import { modelsFolder } from "../../procedures/read_model.ts";
import { evaluation, inference, simulation } from "../../plugins/mod.ts";
import { selectRows } from "../../core/data/table.ts";
import type { Columns } from "../../core/data/columns.ts";

const FOLDER = `${modelsFolder()}/atomid`;
const ignore = !existsSync(`${FOLDER}/model.onnx`);
const WASM = { provider: "wasm" } as const;

/** Tiles give what the whole gives: the bar of the project. */
const SEAM_LIMIT = 1e-4;

Deno.test({
  name: "the shipped model reproduces its own test tensors, and is small",
  ignore,
  async fn() {
    const rows = await testModel(FOLDER, WASM);
    assertEquals(rows.map(({ ok }) => ok), rows.map(() => true));
    assertAtMost(statSync(`${FOLDER}/model.onnx`).size, 4e6);
  },
});

Deno.test({
  name: "the shipped model finds the heavy columns of a simulated exposure, in tiles as in one",
  ignore,
  async fn() {
    using host = createHost({ cache: false, workers: 2 });
    const scene = await host.run(simulation.scene, {}, { width: 480, height: 480, exposures: 1 });
    const [image] = scene.exposures.images;
    const whole = await host.run(inference.atomid, { image }, { ...WASM, tileSize: 4096 });
    const tiled = await host.run(inference.atomid, { image }, { ...WASM, tileSize: 256 });
    assertTrue(tiled.summary.tiles > whole.summary.tiles);
    let worst = 0;
    whole.confidence.data.forEach((v, i) =>
      worst = Math.max(worst, Math.abs(v - tiled.confidence.data[i]))
    );
    assertAtMost(worst, SEAM_LIMIT);
    const truth = scene.truth[0];
    const tallest = truth.columns.height.reduce((a, b) => Math.max(a, b));
    const isHeavy = (row: number) =>
      truth.columns.height[row] > 0.4 * tallest &&
      Math.min(truth.columns.x[row], truth.columns.y[row]) > 6 &&
      Math.max(truth.columns.x[row], truth.columns.y[row]) < 473;
    const heavy = selectRows(truth, Array.from(truth.columns.x.keys()).filter(isHeavy));
    const { columns } = whole;
    const inside = selectRows(
      columns,
      Array.from(columns.columns.status.keys()).filter((row) =>
        columns.columns.status[row] === "ok"
      ),
    ) as Columns;
    const { metrics } = await host.run(evaluation.match, { found: inside, truth: heavy });
    assertAtLeast((metrics as { strict: { f1: number } }).strict.f1, 0.98);
  },
});
