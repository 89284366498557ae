import { assertEquals, assertFails, assertTrue } from "@assert";
import fc from "fast-check";
import { createImage, type Image, type SampleType } from "../../../core/data/image.ts";
import { numberColumn, type Table } from "../../../core/data/table.ts";
import { type ParamsGiven, resolveParams } from "../../../core/stage/params.ts";
import { findfoci } from "../../../plugins/peaks/findfoci.ts";
import { findfociStack } from "../../../plugins/peaks/findfoci_stack.ts";
import { testContext } from "../../support/context.ts";
import { latticeImage } from "../../support/lattice_image.ts";
import { type Grid, grids } from "./find_grid.ts";
import { images } from "./reference_images.ts";
import { slowFindFoci } from "./slow_findfoci.ts";

type Given = ParamsGiven<typeof findfociStack.params>;

async function run(slices: readonly Image[], given: Given = {}, masks?: readonly Image[]) {
  const { values, problems } = resolveParams(findfociStack.params, given, findfociStack.id);
  if (problems.length > 0) throw problems[0];
  const context = testContext();
  const inputs = {
    exposures: { images: slices },
    ...(masks === undefined ? {} : { mask: { images: masks } }),
  };
  return { ...await findfociStack.run(inputs, values as never, context), context };
}

function slicesOf(
  { width, height, values }: Grid,
  sourceType: SampleType = "float32",
): Image[] {
  const size = width * height;
  return Array.from({ length: values.length / size }, (_, z) =>
    createImage({
      width,
      height,
      data: Float32Array.from(values.slice(z * size, (z + 1) * size)),
      name: `slice_${z}`,
      sourceType,
    }));
}

const column = (table: Table, name: string) => [...numberColumn(table, name)!];

const PLAIN: Given = {
  blur: 0,
  height: 0,
  minimumSize: 1,
  border: "all",
  backgroundMethod: "absolute",
};

/** Columns of the reference's files by our names. */
const NAMES: Readonly<Record<string, string>> = {
  x: "x",
  y: "y",
  z: "z",
  value: "height",
  size: "size",
  total: "total",
  saddleId: "saddleId",
  sizeAboveSaddle: "sizeAboveSaddle",
  avg: "average",
  totalAboveBg: "totalAboveBackground",
  totalAboveSaddle: "totalAboveSaddle",
  totalAboveMin: "totalAboveMinimum",
};

const { pixels, ...shape } = images.D;
const volumeD: Grid = { ...shape, depth: shape.slices, values: Array.from(pixels) };

const D: Given = {
  ...PLAIN,
  compatible: true,
  background: 115,
  height: 5,
  minimumSize: 5,
  minimumAboveSaddle: true,
};

const GOLDENS: readonly [string, SampleType, Given][] = [
  ["D55", "uint16", D],
  ["D56", "float32", D],
  ["D57", "uint16", { ...D, background: 0, minimumSize: 20, connectedAboveSaddle: true }],
];

for (const [name, sourceType, given] of GOLDENS) {
  Deno.test(`peaks.findfoci-stack equals the reference in case ${name}`, async () => {
    const file = new URL(`../../golden/findfoci/${name}.csv`, import.meta.url);
    const [head, ...lines] = Deno.readTextFileSync(file).trim().split("\n");
    const { peaks } = await run(slicesOf(volumeD, sourceType), given);
    for (const [k, key] of head.split(",").entries()) {
      const golden = lines.map((line) => Number(line.split(",")[k]));
      if (key === "saddle") {
        // a peak without a saddle stands on the background: the reference says 0
        const ours = column(peaks, "saddle").map((level, i) => golden[i] === 0 ? 0 : level);
        assertEquals(ours, golden, key);
      } else assertEquals(column(peaks, NAMES[key]), golden, key);
    }
  });
}

Deno.test("peaks.findfoci-stack equals its slow twin in small volumes", async () => {
  await fc.assert(
    fc.asyncProperty(
      grids(5, 4),
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      async (volume, background, height, minimumSize) => {
        const { width, height: rows, depth, values } = volume;
        const { peaks } = await run(slicesOf(volume), {
          ...PLAIN,
          background,
          height,
          minimumSize,
          sort: "z",
        });
        const slow = slowFindFoci(values, width, rows, {
          depth,
          background,
          need: () => height,
          heightPass: true,
          minimumSize,
          minimumAboveSaddle: false,
          connected: false,
        }).sort((a, b) => a.position - b.position);
        const facts = (name: string, of: (peak: typeof slow[number]) => number) =>
          assertEquals(column(peaks, name), slow.map(of), name);
        facts("x", (p) => p.position % width);
        facts("y", (p) => Math.floor(p.position / width) % rows);
        facts("z", (p) => Math.floor(p.position / (width * rows)));
        facts("height", (p) => p.top);
        facts("size", (p) => p.size);
        facts("total", (p) => p.total);
        facts("saddle", (p) => Math.max(p.saddle, background));
        facts("sizeAboveSaddle", (p) => p.sizeAbove);
      },
    ),
  );
});

Deno.test("peaks.findfoci-stack gives of one slice what peaks.findfoci gives", async () => {
  const { image } = latticeImage({
    width: 90,
    height: 80,
    a: [12, 1],
    b: [-2, 13],
    sigma: 2.5,
    seed: 3,
  });
  for (const given of [{}, { blur: 1.5, height: 2 }, { polarity: "dark" }] as Given[]) {
    const stack = await run([image], given);
    const { values } = resolveParams(findfoci.params, given, findfoci.id);
    const single = await findfoci.run({ image }, values as never, testContext());
    const { z, ...columns } = stack.peaks.columns;
    assertTrue((z as Float64Array).every((slice) => slice === 0));
    assertEquals(columns, single.peaks.columns);
    assertEquals(stack.labels.images, [single.labels]);
    assertEquals(stack.saddles, single.saddles);
  }
});

Deno.test("peaks.findfoci-stack labels the pixels of each slice with rows of peaks", async () => {
  const slices = slicesOf(volumeD, "uint16").map((slice, z) => ({ ...slice, name: `cut_${z}` }));
  const { peaks, labels, saddles } = await run(slices, { ...D, compatible: false });
  assertEquals(labels.images.map(({ name }) => name), slices.map(({ name }) => name));
  const { x, y, z, size } = peaks.columns as Record<string, Float64Array>;
  const sizes = new Array(peaks.length + 1).fill(0);
  for (const { data } of labels.images) for (const label of data) sizes[label]++;
  assertEquals(sizes.slice(1), [...size]);
  for (let k = 0; k < peaks.length; k++) {
    assertEquals(labels.images[z[k]].data[y[k] * shape.width + x[k]], k + 1);
  }
  assertTrue(saddles.length > 0);
  assertTrue(Math.max(...saddles.columns.second) <= peaks.length);
});

Deno.test("peaks.findfoci-stack blurs, masks and cuts slice by slice", async () => {
  const blank = { width: 9, height: 9 };
  const dot = createImage(blank);
  dot.data[4 * 9 + 4] = 100;
  const blurred = await run([createImage(blank), dot, createImage(blank)], { ...PLAIN, blur: 1 });
  // the neighbors of the slice stay flat
  assertEquals(column(blurred.peaks, "z"), [1]);
  assertEquals(blurred.peaks.columns.size.length, 1);
  const pair = slicesOf({ width: 5, height: 1, values: [0, 5, 0, 3, 0, 0, 0, 0, 0, 9] });
  const places = async (given: Given, masks?: readonly Image[]) => {
    const { peaks } = await run(pair, { ...PLAIN, background: 1, sort: "z", ...given }, masks);
    return column(peaks, "x").map((x, k) => [x, column(peaks, "z")[k]]);
  };
  assertEquals(await places({}), [[1, 0], [4, 1]]);
  const left = createImage({ width: 5, height: 1, data: Float32Array.of(1, 1, 0, 0, 0) });
  const right = createImage({ width: 5, height: 1, data: Float32Array.of(0, 0, 1, 1, 1) });
  assertEquals(await places({}, [left]), [[1, 0]]);
  assertEquals(await places({}, [right]), [[4, 1]]);
  assertEquals(await places({}, [left, left]), [[1, 0]]);
  assertEquals(await places({}, [right, left]), [[3, 0]]);
  assertEquals(await places({ region: [0, 0, 4, 1] }), [[1, 0], [3, 0]]);
});

Deno.test("peaks.findfoci-stack leaves out pixels that are not finite, and turns dark ones", async () => {
  const values = [0, 5, 0, 3, 0, 0, NaN, 0, 0, 9];
  const bright = await run(slicesOf({ width: 5, height: 1, values }), { ...PLAIN, background: 1 });
  assertEquals(column(bright.peaks, "height"), [9, 5]);
  const dark = values.map((v) => 10 - v);
  const given: Given = { ...PLAIN, background: 9, polarity: "dark" };
  const turned = await run(slicesOf({ width: 5, height: 1, values: dark }), given);
  assertEquals(column(turned.peaks, "height"), [1, 5]);
  assertEquals(column(turned.peaks, "z"), [1, 0]);
});

Deno.test("peaks.findfoci-stack chooses blur and height from the slice that varies most", async () => {
  const make = (counts: number, seed: number) =>
    latticeImage({
      width: 128,
      height: 128,
      a: [12, 1],
      b: [-2, 13],
      basis: [{ x: 0, y: 0, height: counts }],
      sigma: 2.5,
      background: 5,
      seed,
    }).image;
  const slices = [make(3, 1), make(40, 2), make(3, 3)];
  const { context } = await run(slices);
  assertEquals(Object.keys(context.chosen), ["blur", "height", "noise", "background"]);
  const alone = await run([slices[1]]);
  assertEquals(context.chosen.blur, alone.context.chosen.blur);
  assertEquals(context.chosen.height, alone.context.chosen.height);
  assertEquals(context.fractions, [...context.fractions].sort((a, b) => a - b));
  assertEquals(context.fractions.at(-1), 1);
});

Deno.test("peaks.findfoci-stack refuses no slices and masks that do not fit", async () => {
  await assertFails(
    () => run([]),
    "EXPOSURES_TOO_FEW",
    "Cannot find peaks: expected at least 1 slice, got 0; name the files of the slices",
  );
  const slice = createImage({ width: 4, height: 3 });
  await assertFails(
    () => run([slice, slice, slice], {}, [slice, slice]),
    "IMAGE_SIZE_DIFFERS",
    "Cannot mask the slices: expected a mask of 1 or 3 slices, got 2 slices",
  );
  await assertFails(
    () => run([slice], {}, [createImage({ width: 3, height: 3 })]),
    "IMAGE_SIZE_DIFFERS",
    "Cannot mask the image: expected a mask of 4 x 3 px, got 3 x 3 px",
  );
});
