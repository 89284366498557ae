import { assertAtLeast, assertAtMost, assertEquals, assertFails, assertTrue } from "@assert";
import { createImage, type Image } from "../../../core/data/image.ts";
import type { Peaks } from "../../../core/data/peaks.ts";
import { numberColumn } from "../../../core/data/table.ts";
import { strictMatching } from "../../../core/kernels/matching.ts";
import { createRandom, normalRandom, poissonRandom } from "../../../core/kernels/random.ts";
import { type ParamsGiven, resolveParams } from "../../../core/stage/params.ts";
import { findfociDefaults } from "../../../plugins/peaks/_findfoci_params.ts";
import { findfoci } from "../../../plugins/peaks/findfoci.ts";
import { type TestContext, testContext } from "../../support/context.ts";
import { latticeImage, type LatticeImageOptions } from "../../support/lattice_image.ts";

type Given = ParamsGiven<typeof findfoci.params>;

type Outputs = Awaited<ReturnType<typeof findfoci.run>>;

async function run(
  image: Image,
  given: Given = {},
  mask?: Image,
): Promise<Outputs & { context: TestContext }> {
  const { values, problems } = resolveParams(findfoci.params, given, findfoci.id);
  if (problems.length > 0) throw problems[0];
  const context = testContext();
  const inputs = mask === undefined ? { image } : { image, mask };
  return { ...await findfoci.run(inputs, values as never, context), context };
}

/** Rounding to whole px and noise move a maximum by less than this share of the spacing. */
const RADIUS_SHARE = 0.35;

/** Strict F1 against the columns, those nearer than half a spacing to the border left out. */
function f1(peaks: Peaks, scene: ReturnType<typeof latticeImage>, spacing: number): number {
  const { width, height } = scene.image;
  const inside = (x: number, y: number) =>
    Math.min(x, y, width - 1 - x, height - 1 - y) >= spacing / 2 - 0.5;
  const { x, y } = peaks.columns;
  const partner = new Int32Array(x.length);
  const truth = { x: Float64Array.from(scene.x), y: Float64Array.from(scene.y) };
  strictMatching(x, y, truth.x, truth.y, RADIUS_SHARE * spacing, partner);
  let pairs = 0, mistakes = 0, wanted = 0;
  for (let i = 0; i < x.length; i++) {
    if (partner[i] < 0) mistakes += inside(x[i], y[i]) ? 1 : 0;
    else if (inside(truth.x[partner[i]], truth.y[partner[i]])) pairs++;
  }
  for (let i = 0; i < truth.x.length; i++) wanted += inside(truth.x[i], truth.y[i]) ? 1 : 0;
  return 2 * pairs / (pairs + mistakes + wanted);
}

/** A hexagonal lattice, turned a little, with a chosen count at the columns' tops. */
function hexagonal(spacing: number, counts: number, more: Partial<LatticeImageOptions> = {}) {
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
    ...more,
  });
}

Deno.test("peaks.findfoci finds lattices of 5 to 40 px at 3 to 60 counts with nothing set", async () => {
  for (
    const [spacing, counts, least] of [
      [5, 10, 0.97],
      [5, 60, 0.99],
      [8, 3, 0.95],
      [9, 10, 0.99],
      [14, 3, 0.98],
      [22, 60, 0.99],
      [40, 3, 0.99],
      [40, 60, 0.99],
    ]
  ) {
    const scene = hexagonal(spacing, counts);
    const { peaks } = await run(scene.image);
    assertAtLeast(f1(peaks, scene, spacing), least, `${spacing} px, ${counts} counts`);
  }
});

Deno.test("peaks.findfoci finds both sublattices of a honeycomb, and no more", async () => {
  const spacing = 18;
  const scene = hexagonal(spacing, 40, {
    basis: [
      { x: 0, y: 0, height: 40 },
      { x: spacing / Math.sqrt(3) * Math.cos(38 * Math.PI / 180), y: 0.3554 * spacing, height: 24 },
    ],
    sigma: 2.2,
  });
  const { peaks } = await run(scene.image);
  assertAtLeast(f1(peaks, scene, spacing / Math.sqrt(3)), 0.98);
});

Deno.test("peaks.findfoci does not mind a slow background as bright as the columns", async () => {
  const scene = hexagonal(12, 20);
  const { image } = scene;
  const data = image.data.map((v, i) => {
    const x = i % image.width, y = Math.floor(i / image.width);
    return v + 40 * Math.exp(-((x - 90) ** 2 + (y - 100) ** 2) / (2 * 60 * 60)) + 0.1 * y;
  });
  const { peaks } = await run({ ...image, data });
  assertAtLeast(f1(peaks, scene, 12), 0.98);
});

Deno.test("peaks.findfoci finds dark columns with polarity dark, with values of the image", async () => {
  const scene = hexagonal(14, 30);
  const dark = { ...scene.image, data: scene.image.data.map((v) => 500 - v) };
  const { peaks } = await run(dark, { polarity: "dark", sort: "place" });
  assertAtLeast(f1(peaks, scene, 14), 0.99);
  const { x, y, height, saddle } = peaks.columns as Record<string, Float64Array>;
  for (let i = 0; i < x.length; i++) assertTrue(height[i] < saddle[i] || saddle[i] > 400);
  const bright = (await run(scene.image, { sort: "place" })).peaks;
  assertEquals([...bright.columns.x], [...x]);
  assertEquals([...bright.columns.y], [...y]);
});

/** At most this many peaks per 512 x 512 px where there is nothing but noise. */
const NOISE_PEAKS = 5;

Deno.test("peaks.findfoci finds next to nothing in noise, and nothing in a flat image", async () => {
  for (const seed of [1, 2, 3]) {
    const random = createRandom(seed);
    const data = Float32Array.from({ length: 512 * 512 }, () => 50 + 4 * normalRandom(random));
    const { peaks } = await run(createImage({ width: 512, height: 512, data }));
    assertAtMost(peaks.length, NOISE_PEAKS);
  }
  for (const [width, height] of [[1, 1], [1, 30], [40, 1], [37, 53]]) {
    const data = new Float32Array(width * height).fill(7);
    assertEquals((await run(createImage({ width, height, data }))).peaks.length, 0);
  }
});

Deno.test("peaks.findfoci finds a lattice without noise", async () => {
  const scene = latticeImage({ width: 120, height: 120, a: [12, 1], b: [-2, 13], sigma: 2.5 });
  assertEquals(f1((await run(scene.image)).peaks, scene, 12), 1);
});

Deno.test("peaks.findfoci says what it chose, and takes given values one by one", async () => {
  const { image } = hexagonal(12, 20);
  const chosen = (await run(image)).context.chosen;
  assertEquals(Object.keys(chosen), ["blur", "height", "noise", "background"]);
  const same = await run(image, { blur: chosen.blur as number, height: chosen.height as number });
  assertEquals(same.peaks.columns.x, (await run(image)).peaks.columns.x);
  const blurred = (await run(image, { blur: 3 })).context.chosen;
  assertEquals(blurred.blur, 3);
  assertTrue(blurred.height !== chosen.height);
  const high = await run(image, { height: 15 });
  assertEquals([high.context.chosen.blur, high.context.chosen.height], [chosen.blur, 15]);
  assertTrue((await run(image, { spacing: 30 })).context.chosen.blur as number > 1.7);
  assertTrue((await run(image, { spacing: 5 })).context.chosen.blur as number < 1.3);
});

const ROW = createImage({
  width: 11,
  height: 3,
  data: Float32Array.of(
    ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ...[0, 9, 7, 8, 6, 10, 5, 7, 3, 4, 0],
    ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ),
  sourceType: "uint8",
});

const PIXEL_SIZE = { x: 0.1, y: 0.1, unit: "nm" } as const;

const plain: Given = {
  blur: 0,
  height: 0,
  minimumSize: 1,
  border: "all",
  sort: "x",
  backgroundMethod: "absolute",
};

Deno.test("peaks.findfoci gives saddles, rows of neighbors and heights of each peak", async () => {
  const { peaks } = await run(ROW, { ...plain, background: 1, height: 2 });
  const column = (name: string) => [...numberColumn(peaks, name)!];
  assertEquals(column("x"), [1, 5, 7]);
  assertEquals(column("height"), [9, 10, 7]);
  assertEquals(column("size"), [3, 3, 3]);
  assertEquals(column("saddle"), [6, 6, 5]);
  assertEquals(column("saddleId"), [2, 1, 2]);
  assertEquals(column("heightAboveSaddle"), [3, 4, 2]);
  assertEquals(column("heightAboveBackground"), [8, 9, 6]);
  const total = column("total").reduce((a, b) => a + b, 0);
  assertEquals(total, 9 + 7 + 8 + 6 + 10 + 5 + 7 + 3 + 4);
});

Deno.test("peaks.findfoci gives the saddles between its peaks, from the highest pass on", async () => {
  const of = ({ saddles }: Outputs) =>
    Array.from({ length: saddles.length }, (_, k) => [
      saddles.columns.first[k],
      saddles.columns.second[k],
      saddles.columns.level[k],
    ]);
  const found = await run(ROW, { ...plain, background: 1 });
  assertEquals(of(found), [[1, 2, 7], [2, 3, 6], [3, 4, 5], [4, 5, 3]]);
  assertEquals(of(await run(ROW, { ...plain, background: 1, height: 2 })), [[1, 2, 6], [2, 3, 5]]);
  assertEquals(of(await run(ROW, { ...plain, background: 11 })), []);
  const dark = { ...ROW, data: ROW.data.map((v) => 20 - v) };
  const turned = await run(dark, { ...plain, polarity: "dark", background: 19 });
  assertEquals(of(turned), of(found).map(([a, b, level]) => [a, b, 20 - level]));
});

Deno.test("peaks.findfoci labels pixels with the row of their peak", async () => {
  const shown = async (given: Given) => {
    const { labels } = await run(ROW, { ...plain, background: 1, height: 2, ...given });
    assertEquals(labels.data.filter((v, i) => v !== 0 && ROW.data[i] === 0).length, 0);
    return [...labels.data.subarray(12, 21)].join("");
  };
  assertEquals(await shown({}), "111222333");
  assertEquals(await shown({ compatible: true }), "333222111");
  assertEquals(await shown({ labelsShow: "none" }), "000000000");
  assertEquals(await shown({ labelsShow: "peaks-above-saddle" }), "111020300");
  assertEquals(await shown({ labelsDots: true }), "411242433");
  const half = { labelsShow: "fraction-of-height", levels: "float" } as const;
  assertEquals(await shown(half), "111220300");
  assertEquals(await shown({ ...half, labelsFraction: 0.25 }), "101020300");
  const { image } = hexagonal(12, 20);
  const { peaks, labels } = await run({ ...image, name: "a", pixelSize: PIXEL_SIZE });
  assertEquals([labels.name, labels.pixelSize, labels.sourceType], ["a", PIXEL_SIZE, "float32"]);
  const sizes = new Array(peaks.length + 1).fill(0);
  labels.data.forEach((label) => sizes[label]++);
  assertEquals(sizes.slice(1), [...numberColumn(peaks, "size")!]);
});

Deno.test("peaks.findfoci keeps to its region, its mask and finite pixels", async () => {
  const xs = async (
    given: Given,
    mask?: Image,
    image = ROW,
  ) => [...(await run(image, { ...plain, background: 1, ...given }, mask)).peaks.columns.x];
  assertEquals(await xs({}), [1, 3, 5, 7, 9]);
  assertEquals(await xs({ region: [2, 0, 4, 3] }), [3, 5]);
  assertEquals(await xs({ region: [0, 0, 11, 3] }), [1, 3, 5, 7, 9]);
  const mask = createImage({
    width: 11,
    height: 3,
    data: ROW.data.map((_, i) => i % 11 < 5 ? 1 : 0),
  });
  assertEquals(await xs({}, mask), [1, 3]);
  const spoiled = { ...ROW, data: ROW.data.map((v) => v === 10 ? Infinity : v === 4 ? NaN : v) };
  assertEquals(await xs({}, undefined, spoiled), [1, 3, 7]);
  assertEquals(await xs({ blur: "auto", height: "auto" }, undefined, spoiled), []);
});

Deno.test("peaks.findfoci rounds levels of 8 and 16-bit images, but not of others", async () => {
  const data = ROW.data.map((v) => v * 3);
  const heights = async (sourceType: Image["sourceType"], levels: "auto" | "integer" | "float") => {
    const { peaks } = await run({ ...ROW, data, sourceType }, { ...plain, blur: 0.7, levels });
    return numberColumn(peaks, "heightAboveBackground")!.every(Number.isInteger);
  };
  assertEquals(await heights("uint8", "auto"), true);
  assertEquals(await heights("uint8", "float"), false);
  assertEquals(await heights("float32", "auto"), false);
  assertEquals(await heights("float32", "integer"), true);
});

Deno.test("peaks.findfoci takes the background of dark columns as a level of the image", async () => {
  const dark = { ...ROW, data: ROW.data.map((v) => 20 - v) };
  const { peaks, context } = await run(dark, { ...plain, polarity: "dark", background: 13 });
  assertEquals([...peaks.columns.x], [1, 3, 5, 7]);
  assertEquals(context.chosen.background, 13);
  assertEquals([...peaks.columns.height], [11, 12, 10, 13]);
});

Deno.test("peaks.findfoci reports progress to the end and leaves its input alone", async () => {
  const { image } = hexagonal(12, 20);
  const before = image.data.slice();
  for (
    const given of [{}, { blur: 0 }, { polarity: "dark" }, { region: [9, 9, 50, 50] }] as Given[]
  ) {
    const { context } = await run(image, given);
    assertEquals(context.fractions, [...context.fractions].sort((a, b) => a - b));
    assertEquals(context.fractions.at(-1), 1);
  }
  assertEquals(image.data, before);
});

Deno.test("peaks.findfoci refuses a share without its value, a region outside, a mask of other size", async () => {
  await assertFails(
    () => run(ROW, { heightMethod: "relative" }),
    "PARAM_CONFLICT",
    'Cannot use the height method "relative": expected a share from 0 to 1 as height, got "auto"; ' +
      "set height, for example to 0.1",
  );
  await assertFails(
    () => run(ROW, { region: [5, 0, 7, 3] }),
    "PARAM_RANGE",
    "Cannot search the region [5,0,7,3]: expected x, y, width and height in whole px inside " +
      "11 x 3 px, got [5,0,7,3]",
  );
  await assertFails(
    () => run(ROW, {}, createImage({ width: 3, height: 3 })),
    "IMAGE_SIZE_DIFFERS",
    "Cannot mask the image: expected a mask of 11 x 3 px, got 3 x 3 px",
  );
});

/** Peaks that noise may have, of 512 x 512 px. */
const MOST_IN_NOISE = 5;

for (const mean of [0.3, 3, 20]) {
  Deno.test(`peaks.findfoci finds next to nothing in noise of ${mean} counts`, async () => {
    const random = createRandom(9);
    const data = Float32Array.from({ length: 512 * 512 }, () => poissonRandom(mean, random));
    const image = createImage({ width: 512, height: 512, data });
    const { peaks } = await findfoci.run({ image }, findfociDefaults, testContext());
    assertAtMost(peaks.length, MOST_IN_NOISE);
  });
}
