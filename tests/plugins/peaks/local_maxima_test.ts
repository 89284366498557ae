import {
  assertAtLeast,
  assertAtMost,
  assertClose,
  assertEquals,
  assertFails,
  assertTrue,
} from "@assert";
import fc from "fast-check";
import { createImage, type Image } from "../../../core/data/image.ts";
import type { Peaks } from "../../../core/data/peaks.ts";
import { strictMatching } from "../../../core/kernels/matching.ts";
import { createRandom, normalRandom } from "../../../core/kernels/random.ts";
import { type ParamsGiven, resolveParams } from "../../../core/stage/params.ts";
import { windowPeaks } from "../../../plugins/peaks/_window_maxima.ts";
import { localMaxima } from "../../../plugins/peaks/local_maxima.ts";
import golden from "../../golden/peaks/local_maxima.json" with { type: "json" };
import { type TestContext, testContext } from "../../support/context.ts";
import { latticeImage } from "../../support/lattice_image.ts";
import { slowLocalMaxima } from "./slow_local_maxima.ts";

type Given = ParamsGiven<typeof localMaxima.params>;

async function run(
  image: Image,
  given: Given = {},
  mask?: Image,
): Promise<{ peaks: Peaks; context: TestContext }> {
  const { values, problems } = resolveParams(localMaxima.params, given, localMaxima.id);
  if (problems.length > 0) throw problems[0];
  const context = testContext();
  const inputs = mask === undefined ? { image } : { image, mask };
  const { peaks } = await localMaxima.run(inputs, values as never, context);
  return { peaks, context };
}

const places = ({ columns: { x, y } }: Peaks) => Array.from(x, (_, k) => [x[k], y[k]]);

/** The rows of a picture in numbers parted by spaces. */
function picture(...rows: readonly string[]): Image {
  const values = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const data = Float32Array.from(values.flat());
  return createImage({ width: values[0].length, height: values.length, data });
}

/** Grids of few or many levels; some pixels take no part. */
const grids = fc.tuple(
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1, max: 12 }),
  fc.constantFrom(3, 20, 1000),
).chain(([width, height, levels]) =>
  fc.record({
    width: fc.constant(width),
    height: fc.constant(height),
    values: fc.array(
      fc.oneof(
        { arbitrary: fc.integer({ min: 0, max: levels }), weight: 15 },
        { arbitrary: fc.constant(-Infinity), weight: 1 },
      ),
      { minLength: width * height, maxLength: width * height },
    ),
  })
);

const rules = fc.record({
  reach: fc.integer({ min: 1, max: 6 }),
  least: fc.constantFrom(-1, 0, 2),
  border: fc.integer({ min: 0, max: 3 }),
  limit: fc.constant(0),
});

Deno.test("windowPeaks are those of the definition, plateaus included", () => {
  fc.assert(
    fc.property(grids, rules, ({ width, height, values }, rule) => {
      const found = windowPeaks(Float32Array.from(values), width, height, rule);
      assertEquals([...found], slowLocalMaxima(values, width, height, rule));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("windowPeaks lie farther apart than their reach, and limit keeps the first", () => {
  fc.assert(fc.property(grids, rules, ({ width, height, values }, rule) => {
    const found = windowPeaks(Float32Array.from(values), width, height, rule);
    found.forEach((a, k) => {
      for (const b of found.subarray(0, k)) {
        const dx = Math.abs(a % width - b % width);
        const dy = Math.abs(Math.floor(a / width) - Math.floor(b / width));
        assertTrue(Math.max(dx, dy) > rule.reach);
        assertTrue(values[b] >= values[a]);
      }
    });
    const first = windowPeaks(Float32Array.from(values), width, height, { ...rule, limit: 2 });
    assertEquals([...first], [...found].slice(0, 2));
  }));
});

/** The image of tests/golden/peaks/local_maxima.py. */
function goldenImage(): Image {
  const width = 48, height = 40;
  let s = 1;
  const noise = Array.from({ length: width * height }, () => {
    s = 16807 * s % (2 ** 31 - 1);
    return s % 256;
  });
  const clamp = (v: number, high: number) => Math.min(high, Math.max(0, v));
  const data = Float32Array.from(noise, (_, i) => {
    const x = i % width, y = Math.floor(i / width);
    let box = 0;
    for (let v = y - 1; v <= y + 1; v++) {
      for (let u = x - 1; u <= x + 1; u++) {
        box += noise[clamp(v, height - 1) * width + clamp(u, width - 1)];
      }
    }
    return box * 2048 + i;
  });
  return createImage({ width, height, data });
}

Deno.test("peaks.local-maxima gives the points of scikit-image 0.25.2 where there are no ties, in its order", async () => {
  const image = goldenImage();
  let count = 0;
  for (const { minimumDistance, threshold, excludeBorder, x, y } of golden.cases) {
    const given = { minimumDistance, threshold: threshold ?? 0, excludeBorder, blur: 0 };
    const { peaks } = await run(image, given);
    assertEquals(places(peaks), x.map((_, k) => [x[k], y[k]]), JSON.stringify(given));
    count += x.length;
  }
  assertAtLeast(count, 500);
});

const plain: Given = { minimumDistance: 1, threshold: 0, blur: 0 };

Deno.test("peaks.local-maxima gives plateaus one point in their middle, and near equals the first one", async () => {
  const flat = picture("1 1 1 1 1 1", "1 9 9 9 1 1", "1 9 9 9 1 7", "1 9 9 9 1 1", "1 1 1 1 1 1");
  assertEquals(places((await run(flat, plain)).peaks), [[2, 2], [5, 2]]);
  assertEquals(places((await run(flat, { ...plain, minimumDistance: 2 })).peaks), [[2, 2]]);
  const equals = picture("1 1 1 1 1 1 1", "1 5 1 5 1 5 1", "1 1 1 1 1 1 1");
  assertEquals(places((await run(equals, plain)).peaks), [[1, 1], [3, 1], [5, 1]]);
  const wide = await run(equals, { ...plain, minimumDistance: 2 });
  assertEquals(places(wide.peaks), [[1, 1], [5, 1]]);
});

Deno.test("peaks.local-maxima finds nothing in flat images, nor at or below the threshold", async () => {
  for (const [width, height] of [[1, 1], [1, 30], [40, 1], [37, 53]]) {
    const flat = createImage({ width, height, data: new Float32Array(width * height).fill(7) });
    assertEquals((await run(flat)).peaks.length, 0);
    assertEquals((await run(flat, plain)).peaks.length, 0);
  }
  const row = picture("0 5 0 6 0 7 0");
  const at = async (threshold: number) => places((await run(row, { ...plain, threshold })).peaks);
  assertEquals(await at(5), [[5, 0], [3, 0]]);
  assertEquals(await at(-9), [[5, 0], [3, 0], [1, 0]]);
});

Deno.test("peaks.local-maxima finds dark columns below a threshold of the image", async () => {
  const dark = picture("9 4 9 3 9 2 9");
  const { peaks, context } = await run(dark, { ...plain, polarity: "dark", threshold: 4 });
  assertEquals(places(peaks), [[5, 0], [3, 0]]);
  assertEquals([...peaks.columns.height], [2, 3]);
  assertEquals(context.chosen, { minimumDistance: 1, blur: 0 });
});

Deno.test("peaks.local-maxima keeps to its mask and to finite pixels", async () => {
  const row = picture("0 5 0 6 0 7 0 NaN 8 Infinity 0");
  assertEquals(places((await run(row, plain)).peaks), [[8, 0], [5, 0], [3, 0], [1, 0]]);
  const mask = picture("1 1 1 1 1 0 0 0 0 0 0");
  assertEquals(places((await run(row, plain, mask)).peaks), [[3, 0], [1, 0]]);
  const nothing = picture("0 0 0 0 0 0 0 0 0 0 0");
  assertEquals((await run(row, {}, nothing)).peaks.length, 0);
  await assertFails(
    () => run(row, {}, createImage({ width: 3, height: 3 })),
    "IMAGE_SIZE_DIFFERS",
    "Cannot mask the image: expected a mask of 11 x 1 px, got 3 x 3 px",
  );
});

/** A hexagonal lattice, turned a little. */
function hexagonal(spacing: number, counts: number) {
  const turn = (degrees: number) => degrees * Math.PI / 180;
  return latticeImage({
    width: 256,
    height: 240,
    a: [spacing * Math.cos(turn(8)), spacing * Math.sin(turn(8))],
    b: [spacing * Math.cos(turn(68)), spacing * Math.sin(turn(68))],
    basis: [{ x: 0, y: 0, height: counts }],
    sigma: 0.17 * spacing,
    background: 0.15 * counts,
    seed: spacing + 100 * counts,
  });
}

function f1(peaks: Peaks, scene: ReturnType<typeof latticeImage>, radius: number): number {
  const { x, y } = peaks.columns;
  const partner = new Int32Array(x.length);
  const truth = [Float64Array.from(scene.x), Float64Array.from(scene.y)];
  strictMatching(x, y, truth[0], truth[1], radius, partner);
  return 2 * partner.filter((t) => t >= 0).length / (x.length + scene.x.length);
}

Deno.test("peaks.local-maxima finds lattices of 6 to 30 px with nothing set", async () => {
  // columns at the border are found as far as their tops lie inside
  for (
    const [spacing, counts, least] of [
      [6, 20, 0.95],
      [8, 10, 0.95],
      [12, 3, 0.93],
      [12, 40, 0.96],
      [20, 3, 0.93],
      [30, 60, 0.93],
    ]
  ) {
    const scene = hexagonal(spacing, counts);
    const { peaks, context } = await run(scene.image);
    assertAtLeast(f1(peaks, scene, 0.35 * spacing), least, `${spacing} px, ${counts} counts`);
    const { minimumDistance, blur } = context.chosen as Record<string, number>;
    assertClose(minimumDistance, 0.4 * spacing, 0.1 * spacing + 0.5);
    assertClose(blur, 0.4 * minimumDistance, 1e-9);
  }
});

Deno.test("peaks.local-maxima says what it chose, and takes given values one by one", async () => {
  const { image } = hexagonal(12, 20);
  const { context, peaks } = await run(image);
  assertEquals(Object.keys(context.chosen), ["minimumDistance", "blur", "threshold", "noise"]);
  const { minimumDistance, blur, threshold } = context.chosen as Record<string, number>;
  assertEquals((await run(image, { minimumDistance, blur, threshold })).peaks, peaks);
  const coarse = (await run(image, { minimumDistance: 9 })).context.chosen as Record<
    string,
    number
  >;
  assertEquals(coarse.minimumDistance, 9);
  assertClose(coarse.blur, 3.6, 1e-9);
  const wide = await run(image, { minimumDistance: 1000 });
  assertEquals(wide.context.chosen.blur, 50);
  assertAtMost(wide.peaks.length, 1);
});

/** At most this many peaks per 512 x 512 px where there is nothing but noise. */
const NOISE_PEAKS = 5;

Deno.test("peaks.local-maxima finds next to nothing in noise", async () => {
  for (const seed of [1, 2, 3]) {
    const random = createRandom(seed);
    const data = Float32Array.from({ length: 512 * 512 }, () => 50 + 4 * normalRandom(random));
    const image = createImage({ width: 512, height: 512, data });
    assertAtMost((await run(image)).peaks.length, NOISE_PEAKS);
    assertAtMost((await run(image, { blur: 0 })).peaks.length, NOISE_PEAKS);
  }
});

Deno.test("peaks.local-maxima reports progress to the end and leaves its input alone", async () => {
  const { image } = hexagonal(12, 20);
  const before = image.data.slice();
  for (const given of [{}, plain, { polarity: "dark" }, { blur: 2 }] as Given[]) {
    const { context } = await run(image, given);
    assertEquals(context.fractions, [...context.fractions].sort((a, b) => a - b));
    assertEquals(context.fractions.at(-1), 1);
  }
  assertEquals(image.data, before);
});
