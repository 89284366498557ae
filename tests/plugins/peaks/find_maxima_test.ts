import { assertAtLeast, assertAtMost, assertEquals, assertFails, assertTrue } from "@assert";
import fc from "fast-check";
import { createImage, type Image } from "../../../core/data/image.ts";
import type { Peaks } from "../../../core/data/peaks.ts";
import { numberColumn } from "../../../core/data/table.ts";
import { strictMatching } from "../../../core/kernels/matching.ts";
import { createRandom, normalRandom } from "../../../core/kernels/random.ts";
import { type ParamsGiven, resolveParams } from "../../../core/stage/params.ts";
import { persistentMaxima } from "../../../plugins/peaks/_persistence.ts";
import { type ProminenceRule, prominentMaxima } from "../../../plugins/peaks/_prominence.ts";
import { createVolume, EXCLUDED, markBorder } from "../../../plugins/peaks/_volume.ts";
import { findMaxima } from "../../../plugins/peaks/find_maxima.ts";
import { type TestContext, testContext } from "../../support/context.ts";
import { latticeImage } from "../../support/lattice_image.ts";
import { slowFindMaxima, slowProminence } from "./slow_find_maxima.ts";

type Given = ParamsGiven<typeof findMaxima.params>;

async function run(
  image: Image,
  given: Given = {},
  mask?: Image,
): Promise<{ peaks: Peaks; context: TestContext }> {
  const { values, problems } = resolveParams(findMaxima.params, given, findMaxima.id);
  if (problems.length > 0) throw problems[0];
  const context = testContext();
  const inputs = mask === undefined ? { image } : { image, mask };
  const { peaks } = await findMaxima.run(inputs, values as never, context);
  return { peaks, context };
}

interface Grid {
  readonly width: number;
  readonly height: number;
  /** null takes no part. */
  readonly values: readonly (number | null)[];
}

const PLAIN: ProminenceRule = { prominence: 0, strict: false, excludeEdges: false };

/** x, y and height of what the kernel keeps. */
function find({ width, height, values }: Grid, rule: Partial<ProminenceRule> = {}) {
  const volume = createVolume(width, height, 1);
  const flags = new Uint8Array(width * height);
  markBorder(volume, flags);
  values.forEach((v, i) => flags[i] |= v === null ? EXCLUDED : 0);
  const pixels = Float32Array.from(values, (v) => v ?? -Infinity);
  const { count, position, top } = prominentMaxima(pixels, volume, flags, { ...PLAIN, ...rule });
  return Array.from({ length: count }, (_, k) => ({
    x: position[k] % width,
    y: Math.floor(position[k] / width),
    top: top[k],
  }));
}

/** The rows of a picture in numbers parted by spaces. */
function grid(...rows: readonly string[]): Grid {
  const values = rows.map((row) => row.trim().split(/\s+/).map(Number));
  return { width: values[0].length, height: values.length, values: values.flat() };
}

const picture = ({ width, height, values }: Grid) =>
  createImage({ width, height, data: Float32Array.from(values, (v) => v ?? NaN) });

const places = (found: readonly { x: number; y: number }[]) => found.map(({ x, y }) => [x, y]);

/** Grids of few levels, so full of plateaus and ties; some pixels take no part. */
const grids = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain(
  ([width, height]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      values: fc.array(
        fc.option(fc.integer({ min: -4, max: 4 }), { freq: 12 }),
        { minLength: width * height, maxLength: width * height },
      ),
    }),
);
/** Grids without equal values. */
const untied = fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: 9 })).chain(
  ([width, height]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      values: fc.shuffledSubarray(Array.from({ length: width * height }, (_, i) => i), {
        minLength: width * height,
      }),
    }),
);
const rules = fc.record({
  prominence: fc.constantFrom(0, 0.5, 1, 2, 3, 5, 20),
  strict: fc.boolean(),
  excludeEdges: fc.boolean(),
});

Deno.test("prominentMaxima keeps what flood fills from every pixel keep, plateaus and masks included", () => {
  fc.assert(
    fc.property(grids, rules, (given, rule) => {
      const { values, width, height } = given;
      assertEquals(find(given, rule), slowFindMaxima(values, width, height, rule));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("prominentMaxima gives the prominence of each maximum", () => {
  fc.assert(fc.property(untied, rules, ({ width, height, values }, rule) => {
    const flags = new Uint8Array(width * height), volume = createVolume(width, height, 1);
    markBorder(volume, flags);
    const maxima = prominentMaxima(Float32Array.from(values), volume, flags, rule);
    for (let k = 0; k < maxima.count; k++) {
      const at = maxima.position[k];
      const expected = slowProminence(values, width, height, at, new Set([at]));
      assertEquals(maxima.top[k] - maxima.saddle[k], expected);
    }
  }));
});

Deno.test("prominentMaxima does not mind a constant added, or all doubled", () => {
  fc.assert(fc.property(grids, rules, (given, rule) => {
    const found = places(find(given, rule));
    const changed = (of: (v: number) => number) => ({
      ...given,
      values: given.values.map((v) => v === null ? null : of(v)),
    });
    assertEquals(places(find(changed((v) => v + 100), rule)), found);
    const doubled = find(changed((v) => 2 * v), { ...rule, prominence: 2 * rule.prominence });
    assertEquals(places(doubled), found);
  }));
});

Deno.test("prominentMaxima finds the same in a transposed image without ties", () => {
  fc.assert(fc.property(untied, rules, (given, rule) => {
    const { width, height, values } = given;
    const transposed = {
      width: height,
      height: width,
      values: values.map((_, i) => values[(i % height) * width + Math.floor(i / height)]),
    };
    const found = find(given, rule).map(({ x, y, top }) => ({ x: y, y: x, top }));
    assertEquals(find(transposed, rule), found);
  }));
});

Deno.test("prominentMaxima finds fewer maxima with more prominence, each found before", () => {
  fc.assert(fc.property(untied, (given) => {
    let before = places(find(given)).map(String);
    for (const prominence of [1, 3, 8, 20]) {
      const now = places(find(given, { prominence })).map(String);
      assertTrue(now.every((place) => before.includes(place)));
      before = now;
    }
  }));
});

/** A square of Gaussian noise, without equal values to speak of. */
function noise(size: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: size * size }, () => normalRandom(random));
}

Deno.test("prominentMaxima agrees with persistentMaxima on the thousands of maxima of noise", () => {
  const size = 330, values = noise(size, 7);
  const flags = new Uint8Array(values.length), volume = createVolume(size, size, 1);
  markBorder(volume, flags);
  const all = persistentMaxima(values, size, size);
  assertAtLeast(all.count, 8000);
  const maxima = prominentMaxima(values, volume, flags, PLAIN);
  const byPlace = (position: Int32Array, persistence: (k: number) => number) =>
    new Map(Array.from(position, (at, k): [number, number] => [at, persistence(k)]).sort());
  assertEquals(
    byPlace(maxima.position, (k) => Math.fround(maxima.top[k] - maxima.saddle[k])),
    byPlace(all.position, (k) => all.persistence[k]),
  );
});

const CHAIN = grid(
  "0 0 0 0 0 0 0 0 0 0 0",
  "0 9 7 8 6 10 5 7 3 4 0",
  "0 0 0 0 0 0 0 0 0 0 0",
);

Deno.test("peaks.find-maxima keeps maxima that descend by more than the prominence to a higher one", async () => {
  const xs = async (prominence: number) => [
    ...(await run(picture(CHAIN), { prominence })).peaks.columns.x,
  ];
  assertEquals(await xs(0), [5, 1, 3, 7, 9]);
  assertEquals(await xs(0.9), [5, 1, 3, 7, 9]);
  assertEquals(await xs(1), [5, 1, 7]);
  assertEquals(await xs(2), [5, 1]);
  assertEquals(await xs(3), [5]);
  const { peaks } = await run(picture(CHAIN), { prominence: 1 });
  const column = (name: string) => [...numberColumn(peaks, name)!];
  assertEquals(column("height"), [10, 9, 7]);
  assertEquals(column("saddle"), [0, 6, 5]);
  assertEquals(column("heightAboveSaddle"), [10, 3, 2]);
});

Deno.test("peaks.find-maxima strict refuses the highest maximum, too, where nothing is far below it", async () => {
  const count = async (given: Given, image = CHAIN) =>
    (await run(picture(image), given)).peaks.length;
  assertEquals(await count({ prominence: 10 }), 1);
  assertEquals(await count({ prominence: 10, strict: true }), 0);
  assertEquals(await count({ prominence: 9.9, strict: true }), 1);
  const flat = grid("7 7 7", "7 7 7");
  assertEquals(await count({ prominence: 0 }, flat), 0);
  assertEquals(await count({ prominence: 0, strict: true }, flat), 0);
  assertEquals(await count({}, grid("7")), 0);
});

Deno.test("peaks.find-maxima excludeEdges goes by the top, if strict by all within the prominence", () => {
  const edges = grid(
    "1 8 1 1 1 5 1",
    "1 1 1 9 1 6 1",
    "1 1 1 1 1 1 1",
    "4 4 1 7 1 6 1",
    "1 4 1 1 1 1 1",
  );
  const at = (rule: Partial<ProminenceRule>) => places(find(edges, { prominence: 2, ...rule }));
  assertEquals(at({}), [[3, 1], [1, 0], [3, 3], [5, 1], [5, 3], [1, 3]]);
  assertEquals(at({ excludeEdges: true }), [[3, 1], [3, 3], [5, 1], [5, 3]]);
  assertEquals(at({ excludeEdges: true, strict: true }), [[3, 1], [3, 3], [5, 3]]);
});

Deno.test("peaks.find-maxima gives equal maxima within the prominence one point in their middle", () => {
  const row = grid("1 1 1 1 1 1 1", "1 5 4 5 4 5 1", "1 1 1 1 1 1 1");
  assertEquals(places(find(row, { prominence: 1 })), [[3, 1]]);
  assertEquals(places(find(row)), [[1, 1], [3, 1], [5, 1]]);
  const square = grid("1 1 1 1", "1 9 9 1", "1 9 9 1", "1 1 1 1");
  assertEquals(places(find(square)), [[1, 1]]);
  // as far from each other as they are high: both stay, and stand over the pass between them
  const two = grid("5 2 5", "0 2 0");
  assertEquals(places(find(two, { prominence: 2.5 })), [[0, 0], [2, 0]]);
});

Deno.test("peaks.find-maxima finds dark columns with values of the image", async () => {
  const dark = picture({ ...CHAIN, values: CHAIN.values.map((v) => 20 - v!) });
  const { peaks } = await run(dark, { polarity: "dark", prominence: 1 });
  assertEquals([...peaks.columns.x], [5, 1, 7]);
  assertEquals([...peaks.columns.height], [10, 11, 13]);
  assertEquals([...numberColumn(peaks, "saddle")!], [20, 14, 15]);
  assertEquals([...numberColumn(peaks, "heightAboveSaddle")!], [10, 3, 2]);
});

Deno.test("peaks.find-maxima keeps to its mask and to finite pixels, and walks through no others", async () => {
  const data = Float32Array.from(CHAIN.values, (_, i) => i % 11 === 4 ? 0 : 1);
  const mask = createImage({ width: 11, height: 3, data });
  const { peaks } = await run(picture(CHAIN), { prominence: 3 }, mask);
  assertEquals([...peaks.columns.x], [5, 1]); // apart, so both are the highest of their pieces
  assertEquals([...numberColumn(peaks, "saddle")!], [0, 0]);
  const spoiled = picture(CHAIN);
  spoiled.data[11 + 5] = Infinity;
  spoiled.data[11 + 1] = NaN;
  const found = await run(spoiled, { prominence: 0 });
  assertEquals([...found.peaks.columns.x], [3, 7, 9]);
  await assertFails(
    () => run(picture(CHAIN), {}, createImage({ width: 3, height: 3 })),
    "IMAGE_SIZE_DIFFERS",
    "Cannot mask the image: expected a mask of 11 x 3 px, got 3 x 3 px",
  );
});

/** Share of the lattice's columns found, with as many mistakes counted against it. */
function f1(peaks: Peaks, scene: ReturnType<typeof latticeImage>, radius: number): number {
  const { x, y } = peaks.columns;
  const partner = new Int32Array(x.length);
  const truth = [Float64Array.from(scene.x), Float64Array.from(scene.y)];
  strictMatching(x, y, truth[0], truth[1], radius, partner);
  const pairs = partner.filter((t) => t >= 0).length;
  return 2 * pairs / (x.length + scene.x.length);
}

const lattice = (counts: number) =>
  latticeImage({
    width: 256,
    height: 240,
    a: [12, 1],
    b: [-2, 13],
    basis: [{ x: 0, y: 0, height: counts }],
    background: 0.15 * counts,
    sigma: 2.2,
    seed: counts,
  });

Deno.test("peaks.find-maxima chooses its prominence, and with blur auto the blur, and says so", async () => {
  const bright = lattice(100);
  const plain = await run(bright.image);
  assertEquals(Object.keys(plain.context.chosen), ["blur", "prominence", "noise"]);
  assertEquals(plain.context.chosen.blur, 0);
  assertAtLeast(f1(plain.peaks, bright, 4), 0.97); // columns cut by the border are missed
  const { prominence } = plain.context.chosen;
  const same = await run(bright.image, { prominence: prominence as number });
  assertEquals(same.peaks, plain.peaks);
  assertEquals(same.context.chosen, {});
  const faint = lattice(4);
  const blurred = await run(faint.image, { blur: "auto" });
  assertAtLeast(blurred.context.chosen.blur as number, 1);
  assertAtLeast(f1(blurred.peaks, faint, 4), 0.95);
  const given = await run(faint.image, { blur: 2 });
  assertEquals(given.context.chosen.blur, 2);
  assertAtLeast(f1(given.peaks, faint, 4), 0.95);
  const half = await run(faint.image, { blur: "auto", prominence: 0.8 });
  assertEquals(half.context.chosen.prominence, 0.8);
});

/** At most this many peaks per 512 x 512 px where there is nothing but noise. */
const NOISE_PEAKS = 5;

Deno.test("peaks.find-maxima finds next to nothing in noise", async () => {
  for (const seed of [1, 2, 3]) {
    const image = createImage({ width: 512, height: 512, data: noise(512, seed) });
    for (const given of [{}, { blur: 0.3 }, { blur: "auto" }] as Given[]) {
      assertAtMost((await run(image, given)).peaks.length, NOISE_PEAKS);
    }
  }
});

Deno.test("peaks.find-maxima reports progress to the end and leaves its input alone", async () => {
  const { image } = lattice(20);
  const before = image.data.slice();
  for (const given of [{}, { blur: 2 }, { polarity: "dark" }, { blur: "auto" }] as Given[]) {
    const { context } = await run(image, given);
    assertEquals(context.fractions, [...context.fractions].sort((a, b) => a - b));
    assertEquals(context.fractions.at(-1), 1);
  }
  assertEquals(image.data, before);
});
