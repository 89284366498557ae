import { assertAtMost, assertClose, assertEquals, assertFails } from "@assert";
import { createImage, createTable, type Drift, type Image } from "../../../core/mod.ts";
import { transfer } from "../../../plugins/annotation/transfer.ts";
import { columnsAt } from "../../support/columns.ts";
import { testContext } from "../../support/context.ts";
import { latticeImage } from "../../support/lattice_image.ts";

function driftOf(x: number[], y: number[], sign = x.map(() => 1)): Drift {
  const all = (v: number) => new Float64Array(x.length).fill(v);
  return createTable({
    exposure: Float64Array.from(x, (_, e) => e),
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    error: all(0.03),
    sign: Float64Array.from(sign),
    ambiguous: all(0),
  });
}

function ranking(count: number, chosen: number) {
  return createTable({
    exposure: Float64Array.from({ length: count }, (_, e) => e),
    chosen: Float64Array.from({ length: count }, (_, e) => e === chosen ? 1 : 0),
  });
}

function numbered(count: number, width: number, height: number): Image[] {
  return Array.from({ length: count }, (_, e) =>
    createImage({
      name: `e${e}`,
      width,
      height,
      sourceType: "uint16",
      data: Float32Array.from({ length: width * height }, (_, i) => i),
    }));
}

async function run(
  images: Image[],
  columns: ReturnType<typeof columnsAt>,
  drift: Drift,
  chosen: number,
  params = { rows: false, leastSize: 4 },
) {
  const context = testContext();
  const out = await transfer.run(
    { exposures: { images }, columns, drift, ranking: ranking(images.length, chosen) },
    params,
    context,
  );
  return { ...out, context };
}

Deno.test("annotation.transfer crops by whole pixels and puts the rest into the labels", async () => {
  const columns = columnsAt([10, 3], [8, 2]);
  const drift = driftOf([0, 3.4, -1.2], [0, -2.3, 0.4]);
  const { cropped, labels, windows } = await run(numbered(3, 20, 16), columns, drift, 0);
  assertEquals([...windows.columns.x], [1, 4, 0]);
  assertEquals([...windows.columns.y], [2, 0, 2]);
  assertEquals([windows.columns.width[0], windows.columns.height[0]], [16, 14]);
  for (const [e, image] of cropped.images.entries()) {
    const { x, y } = windows.columns;
    assertEquals(image.data[0], y[e] * 20 + x[e], "the pixel at the window's corner");
    assertEquals([image.width, image.height, image.name, image.sourceType], [
      16,
      14,
      `e${e}`,
      "uint16",
    ]);
    assertClose(labels[e].columns.x[0] + x[e], 10 + drift.columns.x[e], 1e-12);
    assertClose(labels[e].columns.y[0] + y[e], 8 + drift.columns.y[e], 1e-12);
    assertClose(labels[e].columns.errorX[0], Math.hypot(0.03, 0.03), 1e-12);
  }
});

Deno.test("annotation.transfer takes drift relative to any exposure", async () => {
  const columns = columnsAt([10], [8]);
  const from0 = await run(numbered(2, 20, 16), columns, driftOf([0, 3], [0, -2]), 1);
  const from1 = await run(numbered(2, 20, 16), columns, driftOf([-3, 0], [2, 0]), 1);
  assertEquals(from0.labels, from1.labels);
  assertClose(from0.labels[0].columns.x[0] + from0.windows.columns.x[0], 7, 1e-12);
});

Deno.test("annotation.transfer keeps the same columns in every exposure and marks the edge", async () => {
  const columns = columnsAt([1, 6, 12, 18.9], [8, 8, 8, 8]);
  const { labels } = await run(numbered(2, 20, 16), columns, driftOf([0, 4], [0, 0]), 0);
  assertEquals(labels.map((table) => table.length), [3, 3]);
  assertEquals(labels[0].columns.status, ["edge", "ok", "ok"]);
});

Deno.test("annotation.transfer follows rows that were scanned while the specimen moved", async () => {
  const cell = { a: [12, 0], b: [0, 12], width: 160, height: 160, sigma: 2 } as const;
  const still = latticeImage({ ...cell, vacancies: 0.1 });
  // the same specimen, sheared: x grows by 3 px from the first row to the last
  const shear = 3 / 159;
  const data = new Float32Array(160 * 160).fill(10);
  for (let i = 0; i < still.x.length; i++) {
    const cx = still.x[i] + shear * still.y[i], cy = still.y[i];
    for (let y = Math.max(0, Math.floor(cy) - 9); y < Math.min(160, cy + 10); y++) {
      for (let x = Math.max(0, Math.floor(cx) - 9); x < Math.min(160, cx + 10); x++) {
        data[y * 160 + x] += 100 * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 8);
      }
    }
  }
  const images = [still.image, createImage({ width: 160, height: 160, data })];
  const columns = columnsAt(still.x, still.y);
  const drift = driftOf([0, 1.5], [0, 0]);
  const params = { rows: true, leastSize: 16 };
  const { labels, windows } = await run(images, columns, drift, 0, params);
  let worst = 0;
  for (let i = 0; i < labels[1].length; i++) {
    const x = labels[0].columns.x[i] + windows.columns.x[0];
    const y = labels[0].columns.y[i] + windows.columns.y[0];
    const moved = labels[1].columns.x[i] + windows.columns.x[1];
    worst = Math.max(worst, Math.abs(moved - (x + shear * y)));
  }
  assertAtMost(worst, 0.2, "a strip is one place for all of its rows"); // shear within 18 rows: 0.17
});

Deno.test("annotation.transfer warns of inverted contrast", async () => {
  const drift = driftOf([0, 0], [0, 0], [1, -1]);
  const { context } = await run(numbered(2, 20, 16), columnsAt([5], [5]), drift, 0);
  assertEquals(context.warnings, [{
    code: "CONTRAST_INVERTED",
    message: "exposure 1 shows columns in inverted contrast",
  }]);
});

Deno.test("annotation.transfer refuses exposures without a common region and wrong tables", async () => {
  await assertFails(
    () => run(numbered(2, 20, 16), columnsAt([5], [5]), driftOf([0, 17], [0, 3]), 0),
    "IMAGE_TOO_SMALL",
    "Cannot crop the exposures to the region they have in common: expected a region of at least 4 x 4 px, got 3 x 13 px; leave out exposure 1, which lies 17.3 px away",
  );
  await assertFails(
    () => run(numbered(3, 20, 16), columnsAt([5], [5]), driftOf([0, 1], [0, 0]), 0),
    "TABLE_VALUE",
    "Cannot carry columns to other exposures: expected drift of 3 exposures, and a ranking that marks one of them, got drift of 2, and exposure 0 marked; use the tables of alignment.drift and quality.rank for the same exposures",
  );
  await assertFails(
    () => run(numbered(2, 20, 16), columnsAt([5], [5]), driftOf([0, 1], [0, 0]), 7),
    "TABLE_VALUE",
  );
});
