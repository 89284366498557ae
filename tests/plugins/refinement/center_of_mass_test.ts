import { createImage, createTable } from "@core";
import { createRandom, poissonRandom } from "@core/kernels";
import { assertAtMost, assertClose, assertEquals, assertFails, assertTrue } from "@assert";
import { centerOfMass } from "../../../plugins/refinement/center_of_mass.ts";
import { imageOf } from "../../support/columns_image.ts";
import {
  drawnColumns,
  largestMiss,
  peaksNear,
  refineWith,
  scatteredLattice,
  spread,
} from "../../support/refining.ts";

/** Miss of a lone column, noise-free, px: passes end at 1e-4. */
const ALONE = 5e-4;

/** Miss in a lattice of 5 widths, noise-free, px: neighbors that are not symmetric pull. */
const IN_LATTICE = 0.1;

const SIGMA = 2.4, SPACING = 12;

Deno.test("refinement.center-of-mass finds a lone column at any sub-pixel phase", async () => {
  for (let k = 0; k < 10; k++) {
    const truth = { x: 30 + k / 10, y: 25 + (k * 3 % 10) / 10 };
    const image = imageOf(61, drawnColumns(61, 53, [truth], 1.8, 100, 10));
    const start = peaksNear([{ x: Math.round(truth.x), y: Math.round(truth.y) }]);
    const { columns } = await refineWith(centerOfMass, image, start);
    assertAtMost(largestMiss(columns, [truth]), ALONE);
    const { sigmaX, sigmaY, height, background, volume, status } = columns.columns;
    assertClose(sigmaX[0] * sigmaY[0], 1.8 * 1.8, 0.15);
    assertClose(height[0], 100, 5);
    assertClose(background[0], 10, 3);
    assertClose(volume[0] / (2 * Math.PI * 100 * 1.8 * 1.8), 1, 0.06);
    assertEquals(status[0], "ok");
  }
});

Deno.test("refinement.center-of-mass finds a noise-free lattice and marks its edge", async () => {
  const truth = scatteredLattice(120, SPACING);
  const image = imageOf(120, drawnColumns(120, 120, truth, SIGMA, 100, 10));
  const { columns } = await refineWith(centerOfMass, image, peaksNear(truth, 0.25 * SPACING));
  assertAtMost(largestMiss(columns, truth), IN_LATTICE);
  const expected = truth.map(({ x, y }) =>
    Math.min(x, y, 119 - x, 119 - y) > SPACING / 2 + 1 ? "ok" : "other"
  );
  for (const [i, status] of expected.entries()) {
    if (status === "ok") assertEquals(columns.columns.status[i], "ok");
  }
  assertTrue(columns.columns.status.includes("edge"));
  assertEquals(columns.length, truth.length);
});

Deno.test("refinement.center-of-mass does not care for units, background, axes' names or polarity", async () => {
  const truth = scatteredLattice(84, 14);
  const mean = drawnColumns(84, 84, truth, 2.5, 100, 10);
  const peaks = peaksNear(truth, 2);
  const plain = (await refineWith(centerOfMass, imageOf(84, mean), peaks)).columns.columns;
  const scaled = imageOf(84, mean.map((m) => 0.02 * m + 7));
  const dark = imageOf(84, mean.map((m) => 300 - m));
  const swapped = imageOf(84, mean.map((_, k) => mean[(k % 84) * 84 + Math.floor(k / 84)]));
  const mirrored = imageOf(84, mean.map((_, k) => mean[k - k % 84 + 83 - k % 84]));
  const { x, y, height } = peaks.columns;
  const one = (await refineWith(centerOfMass, scaled, peaks)).columns.columns;
  const two = (await refineWith(centerOfMass, dark, peaks, { polarity: "dark" })).columns.columns;
  const three = (await refineWith(centerOfMass, swapped, createTable({ x: y, y: x, height })))
    .columns.columns;
  const across = createTable({ x: x.map((v) => 83 - v), y, height });
  const four = (await refineWith(centerOfMass, mirrored, across)).columns.columns;
  const close = 1e-3; // where passes end, and float32 pixels
  for (let i = 0; i < truth.length; i++) {
    if (plain.status[i] === "edge") continue;
    assertClose(one.x[i], plain.x[i], close);
    assertClose(one.height[i], 0.02 * plain.height[i], 0.01);
    assertClose(one.background[i], 0.02 * plain.background[i] + 7, 0.01);
    assertClose(two.y[i], plain.y[i], close);
    assertClose(two.height[i], plain.height[i], 0.1);
    assertClose(two.background[i], 300 - plain.background[i], 0.1);
    assertClose(three.y[i], plain.x[i], close);
    assertClose(83 - four.x[i], plain.x[i], close);
  }
});

Deno.test("refinement.center-of-mass finds an ellipse's axes", async () => {
  const mean = new Float64Array(61 * 61);
  for (let k = 0; k < mean.length; k++) {
    const along = (k % 61 - 30.3 + Math.floor(k / 61) - 29.6) / Math.SQRT2 / 2.4;
    const across = (k % 61 - 30.3 - Math.floor(k / 61) + 29.6) / Math.SQRT2 / 1.6;
    mean[k] = 5 + 80 * Math.exp(-0.5 * (along * along + across * across));
  }
  const { columns } = await refineWith(
    centerOfMass,
    imageOf(61, mean),
    peaksNear([{ x: 31, y: 30 }]),
  );
  const { x, sigmaX, sigmaY, angle } = columns.columns;
  assertClose(x[0], 30.3, ALONE);
  assertClose(sigmaX[0], 2.4, 0.05);
  assertClose(sigmaY[0], 1.6, 0.05);
  assertClose(angle[0], Math.PI / 4, 0.01);
});

Deno.test("refinement.center-of-mass tells two peaks of one column as overlap, and the column once", async () => {
  const truth = scatteredLattice(96, SPACING);
  const last = truth.length, seen = 3 * 8 + 3;
  const peaks = peaksNear([...truth, { x: truth[seen].x + 2, y: truth[seen].y - 1 }]);
  const image = imageOf(96, drawnColumns(96, 96, truth, SIGMA, 100, 10));
  const { x, y, status } = (await refineWith(centerOfMass, image, peaks)).columns.columns;
  assertEquals([status[seen], status[last]], ["ok", "overlap"]);
  assertEquals([x[last], y[last]], [x[seen], y[seen]]);
});

for (const [top, background] of [[100, 10], [10, 5]]) {
  Deno.test(`refinement.center-of-mass states its errors at ${top} counts on ${background}`, async () => {
    const sigma = 2.5;
    const truth = scatteredLattice(540, 8 * sigma);
    const random = createRandom(21);
    const mean = drawnColumns(540, 540, truth, sigma, top, background);
    const image = imageOf(540, mean, (m) => poissonRandom(m, random));
    const { columns } = await refineWith(centerOfMass, image, peaksNear(truth, 2));
    const { rms, ratio } = spread(columns, truth);
    const tau = background / top; // 2 pi sigma^2 B / N with N = 2 pi sigma^2 A; Rieger and Stallinga
    const photons = 2 * Math.PI * sigma * sigma * top;
    const bound = Math.sqrt(
      2 * sigma * sigma / photons * (1 + 4 * tau + Math.sqrt(2 * tau / (1 + 4 * tau))),
    );
    assertAtMost(rms / bound, 2);
    // errors within 20 %, and the 3 % by which 700 columns tell them
    assertClose(Math.sqrt(ratio), 1, 0.2);
  });
}

Deno.test("refinement.center-of-mass gives numbers for hopeless inputs and changes none", async () => {
  const flat = createImage({ width: 30, height: 20, data: new Float32Array(600).fill(7) });
  const dot = createImage({ width: 1, height: 1, data: Float32Array.of(3) });
  const line = createImage({ width: 1, height: 40, data: new Float32Array(40).map((_, k) => k) });
  for (const image of [flat, dot, line]) {
    const x = Float64Array.of(0, 0.2, 0), y = Float64Array.of(0, 0, image.height - 1);
    const peaks = createTable({ x, y, height: y });
    const before = structuredClone({ image, peaks });
    const { columns, context } = await refineWith(centerOfMass, image, peaks, { polarity: "dark" });
    assertEquals({ image, peaks }, before);
    for (const name of Object.keys(columns.units)) {
      const values = columns.columns[name as "x"];
      assertTrue(values.every(Number.isFinite), `${name} of ${image.width} x ${image.height}`);
    }
    assertTrue(columns.columns.status.every((s) => s !== "ok"));
    assertEquals(context.fractions, [...context.fractions].sort((a, b) => a - b));
    assertEquals(context.fractions.at(-1), 1);
  }
});

Deno.test("refinement.center-of-mass gives an empty table and a warning for no peaks", async () => {
  const image = imageOf(20, drawnColumns(20, 20, [], 1, 1, 5));
  const { columns, context } = await refineWith(centerOfMass, image, peaksNear([]));
  assertEquals(columns.length, 0);
  assertEquals(context.warnings, [
    { code: "PEAKS_EMPTY", message: "no peaks were given, so there are no columns" },
  ]);
});

for (const [name, x] of [["outside the image", 31], ["without a number", NaN]] as const) {
  Deno.test(`refinement.center-of-mass refuses a peak ${name}`, async () => {
    const y = Float64Array.of(4, 5);
    const peaks = createTable({ x: Float64Array.of(4, x), y, height: y });
    const error = await assertFails(
      () => refineWith(centerOfMass, imageOf(30, drawnColumns(30, 20, [], 1, 1, 5)), peaks),
      "TABLE_VALUE",
      "Cannot refine the peaks: expected positions inside the image of 30 x 20 px, got x " +
        `${x}, y 5 in row 1; give the peaks of this image, in px`,
    );
    assertEquals([error.stage, error.port], ["refinement.center-of-mass", "peaks"]);
  });
}
