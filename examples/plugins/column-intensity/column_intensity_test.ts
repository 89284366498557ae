import assert from "node:assert/strict";
import { createImage, createTable, type Image } from "@core";
import { createRandom } from "@core/kernels";
import { drawLattice } from "./_test_lattice.ts";
import { context } from "./_test_context.ts";
import { columnIntensity } from "./column_intensity.ts";

const lattice = drawLattice({
  width: 100,
  height: 80,
  spacing: 20,
  sigmaX: 2,
  sigmaY: 2.4,
  background: 10,
  heightAt: (i, j) => 100 + 10 * i + j,
});

/** Cells reach 4.2 sigma or more, beyond which lies less than this share of a Gaussian. */
const GAUSSIAN_TOLERANCE = 1e-3;

/** Runs the stage on columns at some places. */
async function measure(
  image: Image,
  x: Float64Array,
  y: Float64Array,
  params: { maxRadius?: number | "auto"; background?: number | "auto" } = {},
) {
  const given = { maxRadius: "auto", background: "auto", ...params } as const;
  const columns = createTable({ x, y }, { x: "px", y: "px" });
  const { intensity, summary } = await columnIntensity.run({ image, columns }, given, context);
  return { ...intensity.columns, summary };
}

function assertRelative(actual: number, expected: number, tolerance: number) {
  assert.ok(Math.abs(actual / expected - 1) <= tolerance, `${actual} is not ${expected}`);
}

Deno.test("examples.column-intensity measures the volume of Gaussians", async () => {
  for (const background of [10, "auto"] as const) {
    const found = await measure(lattice.image, lattice.x, lattice.y, { background });
    for (let c = 0; c < lattice.x.length; c++) {
      const volume = 2 * Math.PI * lattice.top[c] * 2 * 2.4;
      assertRelative(found.total[c], volume, GAUSSIAN_TOLERANCE);
      assertRelative(found.mean[c], found.total[c] / found.area[c], 1e-15);
    }
    assert.deepEqual([found.x, found.y], [lattice.x, lattice.y]);
  }
});

Deno.test("examples.column-intensity divides all pixels among the columns without a limit", async () => {
  const { image, x, y } = lattice;
  const found = await measure(image, x, y, { maxRadius: 0, background: 0 });
  assert.equal(found.area.reduce((a, b) => a + b), 100 * 80);
  const all = image.data.reduce((a, b) => a + b, 0);
  assertRelative(found.total.reduce((a, b) => a + b), all, 1e-12);
  assert.deepEqual([...new Set(found.area)], [400], "every cell of a square lattice is a square");
});

Deno.test("examples.column-intensity gives each pixel to the nearest column", async () => {
  const random = createRandom(5);
  const width = 37, height = 23;
  const image = createImage({ width, height, data: new Float32Array(width * height).fill(1) });
  const x = Float64Array.from({ length: 30 }, () => width * random());
  const y = Float64Array.from({ length: 30 }, () => height * random());
  const maxRadius = 4;
  const area = new Float64Array(30), edge = new Float64Array(30);
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const distances = Array.from(x, (_, c) => Math.hypot(x[c] - u, y[c] - v));
      const least = Math.min(...distances);
      if (least > maxRadius) continue;
      const own = distances.indexOf(least);
      area[own]++;
      if (u === 0 || v === 0 || u === width - 1 || v === height - 1) edge[own] = 1;
    }
  }
  const found = await measure(image, x, y, { maxRadius, background: 0 });
  assert.deepEqual([found.area, found.edge], [area, edge]);
});

Deno.test("examples.column-intensity does not depend on the order of rows, even where pixels tie", async () => {
  const x = Float64Array.of(4, 8, 12, 4, 8, 12, 4, 8, 12, 9),
    y = Float64Array.of(4, 4, 4, 8, 8, 8, 12, 12, 12, 9);
  const random = createRandom(9);
  const data = Float32Array.from({ length: 17 * 17 }, () => random());
  const image = createImage({ width: 17, height: 17, data });
  const order = [7, 2, 9, 0, 4, 8, 1, 3, 6, 5];
  const inOrder = (values: Float64Array) => Float64Array.from(order, (i) => values[i]);
  const one = await measure(image, x, y);
  const two = await measure(image, inOrder(x), inOrder(y));
  for (const name of ["area", "total", "mean", "edge"] as const) {
    assert.deepEqual(two[name], inOrder(one[name]), name);
  }
  assert.deepEqual(two.summary, one.summary);
});

Deno.test("examples.column-intensity ends cells at the edge of the specimen", async () => {
  const left = Array.from(lattice.x.keys()).filter((c) => lattice.x[c] < 40);
  const x = Float64Array.from(left, (c) => lattice.x[c]);
  const y = Float64Array.from(left, (c) => lattice.y[c]);
  const limited = await measure(lattice.image, x, y);
  const open = await measure(lattice.image, x, y, { maxRadius: 0 });
  const disk = Math.PI * (0.75 * 20) ** 2;
  assert.ok(Math.max(...limited.area) < disk, `${Math.max(...limited.area)}`);
  assert.equal(Math.max(...open.area), 80 * 20);
});

Deno.test("examples.column-intensity sums up the cells that do not touch the border", async () => {
  const { image, x, y, top } = lattice;
  const { summary, edge } = await measure(image, x, y);
  const inner = [...top].filter((_, c) => edge[c] === 0);
  assert.equal(summary.count, 3 * 2);
  const mean = inner.reduce((a, b) => a + b) / inner.length;
  assertRelative(summary.meanIntensity!, 2 * Math.PI * mean * 2 * 2.4, GAUSSIAN_TOLERANCE);
  const variance = inner.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (inner.length - 1);
  assertRelative(summary.cv!, Math.sqrt(variance) / mean, GAUSSIAN_TOLERANCE);
});

Deno.test("examples.column-intensity takes no columns, one, duplicates, NaN, and one pixel", async () => {
  const none = await measure(lattice.image, new Float64Array(0), new Float64Array(0));
  assert.deepEqual([none.area.length, none.summary], [0, { count: 0 }]);
  const pixel = createImage({ width: 1, height: 1, data: Float32Array.of(5) });
  const one = await measure(pixel, Float64Array.of(0), Float64Array.of(0), { background: 2 });
  assert.deepEqual([one.area[0], one.total[0], one.mean[0], one.edge[0]], [1, 3, 3, 1]);
  const x = Float64Array.of(3, 3, NaN, 9), y = Float64Array.of(4, 4, 4, -Infinity);
  const odd = await measure(lattice.image, x, y, { maxRadius: 0 });
  assert.deepEqual([...odd.area], [8000, 0, 0, 0]);
  assert.deepEqual([...odd.mean].map(Number.isNaN), [false, true, true, true]);
});
