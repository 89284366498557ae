import { type Columns, createImage, createTable, type Image, type Peaks } from "@core";
import { createRandom, normalRandom, poissonRandom } from "@core/kernels";
import {
  assertAtLeast,
  assertAtMost,
  assertClose,
  assertEquals,
  assertFails,
  assertTrue,
} from "@assert";
import { gaussian } from "../../../plugins/refinement/gaussian.ts";
import { resolveParams } from "../../../core/stage/params.ts";
import { drawColumns, imageOf, roundColumn, type TrueColumn } from "../../support/columns_image.ts";
import { testContext } from "../../support/context.ts";

/** What issue 5 asks of noise-free positions, px. */
const NOISE_FREE = 1e-6;

/** Expected counts of columns on a sloped background. */
function drawn(
  width: number,
  height: number,
  columns: readonly TrueColumn[],
  background = 10,
  slopeX = 0,
): Float64Array {
  return drawColumns(width, height, columns, (x) => background + slopeX * x);
}

/** Peaks at the columns, off by up to so many px. */
function startsOf(columns: readonly { x: number; y: number }[], off = 0, seed = 3): Peaks {
  const random = createRandom(seed);
  const x = new Float64Array(columns.length), y = new Float64Array(columns.length);
  for (const [i, column] of columns.entries()) {
    const angle = 2 * Math.PI * random(), distance = off * Math.sqrt(random());
    x[i] = column.x + distance * Math.cos(angle);
    y[i] = column.y + distance * Math.sin(angle);
  }
  return createTable({ x, y, height: new Float64Array(x.length).fill(1) });
}

async function refine(image: Image, peaks: Peaks, given: Record<string, unknown> = {}) {
  const context = testContext();
  const { values, problems } = resolveParams(gaussian.params, given, gaussian.id);
  assertEquals(problems.length, 0);
  const { columns } = await gaussian.run({ image, peaks }, values as never, context);
  return { columns, context };
}

/** A square lattice, whole columns only, each off its place by up to half a px. */
function lattice(
  size: number,
  spacing: number,
  make: (x: number, y: number) => TrueColumn,
): TrueColumn[] {
  const random = createRandom(11);
  const truth: TrueColumn[] = [];
  for (let y = spacing; y < size - spacing; y += spacing) {
    for (let x = spacing; x < size - spacing; x += spacing) {
      truth.push(make(x + random() - 0.5, y + random() - 0.5));
    }
  }
  return truth;
}

function largestMiss({ columns }: Columns, truth: readonly TrueColumn[]): number {
  return truth.reduce(
    (most, { x, y }, i) => Math.max(most, Math.hypot(columns.x[i] - x, columns.y[i] - y)),
    0,
  );
}

Deno.test("refinement.gaussian fits one elliptical column exactly from a start two px off", async () => {
  const truth = { ...roundColumn(20.3, 17.8, 3), sigmaX: 4, sigmaY: 2.5, angle: 0.7 };
  const image = imageOf(41, drawn(41, 37, [truth]));
  const { columns } = await refine(image, startsOf([{ x: 19, y: 19.2 }]));
  const { x, y, sigmaX, sigmaY, angle, height, background, volume, status } = columns.columns;
  assertClose(x[0], truth.x, NOISE_FREE);
  assertClose(y[0], truth.y, NOISE_FREE);
  const close = 1e-5; // relative; float32 pixels
  assertClose(sigmaX[0], 4, 4 * close);
  assertClose(sigmaY[0], 2.5, 4 * close);
  assertClose(angle[0], 0.7, close);
  assertClose(height[0], 100, 100 * close);
  assertClose(background[0], 10, 10 * close);
  assertClose(volume[0], 2 * Math.PI * 100 * 4 * 2.5, 6283 * 2 * close);
  assertEquals(status[0], "ok");
});

for (
  const [model, widths] of [["elliptical", 5], ["circular", 4.5], ["shared", 3.5]] as const
) {
  Deno.test(`refinement.gaussian finds a noise-free lattice at ${widths} widths, ${model}`, async () => {
    const sigma = 2.2, spacing = widths * sigma;
    const truth = lattice(120, spacing, (x, y) => roundColumn(x, y, sigma));
    const image = imageOf(120, drawn(120, 120, truth));
    const { columns } = await refine(image, startsOf(truth, 0.3 * spacing), { model });
    assertAtMost(largestMiss(columns, truth), NOISE_FREE);
    assertTrue(columns.columns.status.every((s) => s === "ok"));
  });
}

Deno.test("refinement.gaussian finds each column's own ellipse among neighbors", async () => {
  const random = createRandom(4);
  const truth = lattice(150, 16, (x, y) => ({
    ...roundColumn(x, y, 3),
    sigmaX: 3.3,
    sigmaY: 2.2,
    angle: Math.PI * (random() - 0.5),
  }));
  const image = imageOf(150, drawn(150, 150, truth));
  const { columns } = await refine(image, startsOf(truth, 3), { model: "elliptical" });
  assertAtMost(largestMiss(columns, truth), NOISE_FREE);
  for (const [i, { angle }] of truth.entries()) {
    assertClose(columns.columns.sigmaX[i], 3.3, 1e-4);
    assertClose(columns.columns.sigmaY[i], 2.2, 1e-4);
    assertClose(Math.sin(columns.columns.angle[i] - angle), 0, 1e-4);
  }
});

Deno.test("refinement.gaussian follows a sloped background when told", async () => {
  const truth = lattice(100, 16, (x, y) => roundColumn(x, y, 2.5, 40));
  const image = imageOf(100, drawn(100, 100, truth, 10, 0.5));
  const { columns } = await refine(image, startsOf(truth, 2), { background: "slope" });
  assertAtMost(largestMiss(columns, truth), NOISE_FREE);
});

/** Columns far apart with Poisson noise, and the bound for each (Rieger and Stallinga). */
async function countedColumns(top: number, background: number, seed: number) {
  const sigma = 2.5;
  const truth = lattice(540, 8 * sigma, (x, y) => roundColumn(x, y, sigma, top));
  const random = createRandom(seed);
  const image = imageOf(540, drawn(540, 540, truth, background), (m) => poissonRandom(m, random));
  const found = await refine(image, startsOf(truth, 2), { model: "elliptical" });
  const tau = background / top; // 2 pi sigma^2 B / N with N = 2 pi sigma^2 A
  const photons = 2 * Math.PI * sigma * sigma * top;
  const bound = Math.sqrt(
    sigma * sigma / photons * (1 + 4 * tau + Math.sqrt(2 * tau / (1 + 4 * tau))),
  );
  return { ...found, truth, bound };
}

for (const [top, background] of [[100, 10], [20, 1]]) {
  Deno.test(`refinement.gaussian reaches the bound at ${top} counts and states its errors`, async () => {
    const { columns, truth, bound, context } = await countedColumns(top, background, 21);
    const { x, y, errorX, errorY } = columns.columns;
    let square = 0, ratio = 0, bias = 0;
    for (const [i, t] of truth.entries()) {
      const dx = x[i] - t.x, dy = y[i] - t.y;
      square += dx * dx + dy * dy;
      ratio += (dx / errorX[i]) ** 2 + (dy / errorY[i]) ** 2;
      bias += dx;
    }
    const n = truth.length;
    assertEquals(context.chosen.noise, "poisson");
    // of 2 n numbers: rms is known to 2 %, mean squares to 4 %; three times that
    assertAtMost(Math.sqrt(square / (2 * n)) / bound, 1.06);
    assertClose(ratio / (2 * n), 1, 0.12);
    assertAtMost(Math.abs(bias / n), 3 * bound / Math.sqrt(n));
  });
}

Deno.test("refinement.gaussian has no bias by sub-pixel phase", async () => {
  const sigma = 1.2, truth: TrueColumn[] = [];
  for (let k = 0; k < 100; k++) {
    truth.push(
      roundColumn(10 + 14 * (k % 10) + (k % 10) / 10, 10 + 14.1 * Math.floor(k / 10), sigma),
    );
  }
  const image = imageOf(160, drawn(160, 160, truth));
  const { columns } = await refine(
    image,
    startsOf(truth.map(({ x, y }) => ({
      x: Math.round(x),
      y: Math.round(y),
    }))),
  );
  assertAtMost(largestMiss(columns, truth), NOISE_FREE);
});

Deno.test("refinement.gaussian keeps and marks edge columns, rows in the order of the peaks", async () => {
  const truth: TrueColumn[] = [];
  for (let j = 0; j < 6; j++) {
    for (let i = 0; i < 6; i++) truth.push(roundColumn(4 + 12 * i, 4 + 12 * j, 2.4));
  }
  truth.reverse();
  const image = imageOf(70, drawn(70, 70, truth));
  const { columns } = await refine(image, startsOf(truth, 1));
  const { x, y, status } = columns.columns;
  assertAtMost(largestMiss(columns, truth), 1e-4); // a cut column determines less of itself
  const expected = truth.map((t) => Math.min(t.x, t.y, 69 - t.x, 69 - t.y) < 6 ? "edge" : "ok");
  assertEquals([...status], expected);
  assertEquals(x.length, 36);
  assertEquals(Math.round(y[0]), 64);
});

Deno.test("refinement.gaussian fits dark columns as the bright ones of the negative", async () => {
  const truth = lattice(90, 12, (x, y) => roundColumn(x, y, 2.5));
  const bright = drawn(90, 90, truth);
  const dark = bright.map((value) => 300 - value);
  const peaks = startsOf(truth, 2);
  const one = await refine(imageOf(90, bright), peaks, { noise: "gaussian" });
  const two = await refine(imageOf(90, dark), peaks, { noise: "gaussian", polarity: "dark" });
  assertAtMost(largestMiss(two.columns, truth), NOISE_FREE);
  assertClose(two.columns.columns.height[5], one.columns.columns.height[5], 1e-3);
  assertClose(two.columns.columns.background[5], 290, 1e-3);
});

Deno.test("refinement.gaussian tells the noise of counts, of scaled counts and of a detector", async () => {
  const truth = lattice(200, 14, (x, y) => roundColumn(x, y, 2.5, 60));
  const mean = drawn(200, 200, truth, 8);
  const peaks = startsOf(truth, 1);
  const kinds: unknown[] = [];
  for (
    const noise of [
      (m: number, random: () => number) => poissonRandom(m, random),
      (m: number, random: () => number) => 100 + 7.5 * poissonRandom(m, random),
      (m: number, random: () => number) => m + 4 * normalRandom(random),
    ]
  ) {
    const random = createRandom(8);
    const { context } = await refine(imageOf(200, mean, (m) => noise(m, random)), peaks);
    kinds.push(context.chosen.noise);
    if (context.chosen.noise === "mixed") assertClose(context.chosen.gain as number, 7.5, 1);
    if (context.chosen.noise === "gaussian") {
      assertClose(context.chosen.noiseVariance as number, 16, 1);
    }
  }
  assertEquals(kinds, ["poisson", "mixed", "gaussian"]);
});

Deno.test("refinement.gaussian chooses one shape for all where columns overlap", async () => {
  const truth = lattice(100, 3 * 2.4, (x, y) => roundColumn(x, y, 2.4));
  const { context, columns } = await refine(
    imageOf(100, drawn(100, 100, truth)),
    startsOf(truth, 1),
  );
  assertEquals(context.chosen.model, "shared");
  assertClose(context.chosen.sigma as number, 2.4, 0.01);
  assertEquals(new Set(columns.columns.sigmaX).size, 1);
});

Deno.test("refinement.gaussian tells two peaks of one column as overlap, and the column once", async () => {
  const truth = lattice(90, 12, (x, y) => roundColumn(x, y, 2.5));
  const peaks = startsOf([...truth, { x: truth[7].x + 2, y: truth[7].y - 1 }]);
  const { columns } = await refine(imageOf(90, drawn(90, 90, truth)), peaks);
  const { x, y, status } = columns.columns;
  const last = truth.length;
  assertEquals(status[last], "overlap");
  assertEquals(status[7], "ok");
  assertAtMost(largestMiss(columns, truth), NOISE_FREE);
  assertEquals([x[last], y[last]], [x[7], y[7]]);
});

Deno.test("refinement.gaussian tells a peak on nothing but noise as weak or moved", async () => {
  const truth = lattice(120, 20, (x, y) => roundColumn(x, y, 2.5));
  const [one, ...others] = truth;
  const random = createRandom(2);
  const image = imageOf(120, drawn(120, 120, others, 50), (m) => poissonRandom(m, random));
  const { columns } = await refine(image, startsOf([...others, one]), { spacing: 20 });
  const { status, height } = columns.columns;
  assertTrue(["weak", "moved", "diverged"].includes(status[others.length]), status.at(-1)!);
  assertAtMost(height[others.length], 30);
  assertTrue(status.slice(0, -1).every((s) => s === "ok"));
});

Deno.test("refinement.gaussian does not care for whole px, units or the axes' names", async () => {
  const truth = lattice(80, 14, (x, y) => ({ ...roundColumn(x, y, 2.5), sigmaX: 3, angle: 0.5 }));
  const mean = drawn(80, 80, truth);
  const peaks = startsOf(truth, 2);
  const plain = (await refine(imageOf(80, mean), peaks)).columns.columns;
  const scaled = (await refine(imageOf(80, mean.map((m) => 0.02 * m - 7)), peaks)).columns.columns;
  const transposed = mean.map((_, k) => mean[(k % 80) * 80 + Math.floor(k / 80)]);
  const swapped = (await refine(
    imageOf(80, transposed),
    createTable({ ...peaks.columns, x: peaks.columns.y, y: peaks.columns.x }),
  )).columns.columns;
  for (let i = 0; i < truth.length; i++) {
    assertClose(scaled.x[i], plain.x[i], 10 * NOISE_FREE); // float32 pixels with an offset
    assertClose(scaled.height[i], 0.02 * plain.height[i], 1e-4);
    assertClose(swapped.x[i], plain.y[i], NOISE_FREE);
    assertClose(swapped.sigmaX[i], plain.sigmaX[i], 1e-4);
  }
});

Deno.test("refinement.gaussian reports progress to 1 and changes no input", async () => {
  const truth = lattice(60, 12, (x, y) => roundColumn(x, y, 2.5));
  const image = imageOf(60, drawn(60, 60, truth)), peaks = startsOf(truth, 1);
  const before = structuredClone({ image, peaks });
  const { context, columns } = await refine(image, peaks, { polarity: "dark" });
  assertEquals({ image, peaks }, before);
  const { fractions } = context;
  assertEquals(fractions, [...fractions].sort((a, b) => a - b));
  assertEquals(fractions.at(-1), 1);
  assertTrue(columns.columns.x.every(Number.isFinite));
});

Deno.test("refinement.gaussian gives numbers for hopeless inputs", async () => {
  const flat = createImage({ width: 30, height: 20, data: new Float32Array(600).fill(7) });
  const dot = createImage({ width: 1, height: 1, data: Float32Array.of(3) });
  const line = createImage({ width: 1, height: 40, data: new Float32Array(40).map((_, k) => k) });
  for (const image of [flat, dot, line]) {
    const x = Float64Array.of(0, 0.2, 0), y = Float64Array.of(0, 0, image.height - 1);
    const { columns } = await refine(image, createTable({ x, y, height: y }));
    for (const name of ["x", "y", "height", "sigmaX", "sigmaY", "errorX", "errorY", "volume"]) {
      const values = columns.columns[name] as Float64Array;
      assertTrue(values.every(Number.isFinite), `${name} of ${image.width} x ${image.height}`);
    }
    assertTrue(columns.columns.status.every((s) => s !== "ok"));
  }
});

Deno.test("refinement.gaussian gives an empty table and a warning for no peaks", async () => {
  const { columns, context } = await refine(imageOf(20, drawn(20, 20, [])), startsOf([]));
  assertEquals(columns.length, 0);
  assertEquals(context.warnings, [
    { code: "PEAKS_EMPTY", message: "no peaks were given, so there are no columns" },
  ]);
});

for (const [name, x] of [["outside the image", 31], ["without a number", NaN]] as const) {
  Deno.test(`refinement.gaussian refuses a peak ${name}`, async () => {
    const peaks = createTable({
      x: Float64Array.of(4, x),
      y: Float64Array.of(4, 5),
      height: Float64Array.of(1, 1),
    });
    const error = await assertFails(
      () => refine(imageOf(30, drawn(30, 20, [])), peaks),
      "TABLE_VALUE",
      "Cannot refine the peaks: expected positions inside the image of 30 x 20 px, got x " +
        `${x}, y 5 in row 1; give the peaks of this image, in px`,
    );
    assertEquals([error.stage, error.port], ["refinement.gaussian", "peaks"]);
  });
}

Deno.test("refinement.gaussian finds nearly every column from bad starts among few counts", async () => {
  const sigma = 2.4, spacing = 4 * sigma;
  const truth = lattice(200, spacing, (x, y) => roundColumn(x, y, sigma, 10));
  const random = createRandom(5);
  const image = imageOf(200, drawn(200, 200, truth, 1), (m) => poissonRandom(m, random));
  const { columns: { columns } } = await refine(image, startsOf(truth, 0.25 * spacing));
  const near = truth.filter(({ x, y }, i) =>
    columns.status[i] === "ok" && Math.hypot(columns.x[i] - x, columns.y[i] - y) < 0.2 * spacing
  );
  assertAtLeast(near.length / truth.length, 0.99);
});
