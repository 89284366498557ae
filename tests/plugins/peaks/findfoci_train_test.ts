import { assertAtLeast, assertAtMost, assertEquals, assertFails, assertTrue } from "@assert";
import type { Image, Table } from "../../../core/mod.ts";
import { createTable } from "../../../core/mod.ts";
import { createHost, evaluation, peaks, simulation } from "../../../mod.ts";
import {
  combinations,
  gridSize,
  presetGrid,
  PRESETS,
  range,
} from "../../../plugins/peaks/_train_grid.ts";
import { atLimits, pool, rankCombinations, scoresOf } from "../../../plugins/peaks/_train_rank.ts";
import { latticeImage } from "../../support/lattice_image.ts";

Deno.test("range keeps both ends, whatever the step", () => {
  assertEquals(range(0, 0.6, 3), [0, 0.19999999999999998, 0.39999999999999997, 0.6]);
  assertEquals(range(1, 9, 4), [1, 3, 5, 7, 9]);
});

Deno.test("presetGrid has as many combinations as the reference, with the ends of ranges", () => {
  assertEquals(PRESETS.map((preset) => gridSize(presetGrid(preset, 2))), [960, 16, 1200, 19_800]);
  const grid = presetGrid("default", 2);
  const all = combinations(grid);
  assertEquals(all.length, 1200);
  assertEquals(new Set(all.map((c) => JSON.stringify(c))).size, 1200);
});

Deno.test("scoresOf gives the standard figures, and those of nothing", () => {
  const scores = scoresOf({ matches: 8, falsePositives: 2, falseNegatives: 4, squares: 32 });
  assertEquals(scores.precision, 0.8);
  assertEquals(scores.recall, 8 / 12);
  assertEquals(scores.f1, 16 / 22);
  assertEquals(scores.jaccard, 8 / 14);
  assertEquals(scores.f2, 5 * 8 / (5 * 8 + 4 * 4 + 2));
  assertEquals(scores.rmse, 2);
  const nothing = scoresOf({ matches: 0, falsePositives: 0, falseNegatives: 0, squares: 0 });
  assertEquals([nothing.f1, nothing.rmse], [0, Infinity]);
  assertEquals(pool([]), { matches: 0, falsePositives: 0, falseNegatives: 0, squares: 0 });
});

Deno.test("rankCombinations puts the best figure first, then distances, then what is cheap", () => {
  const all = combinations({ ...presetGrid("testing", 1), blurs: [0, 1], heights: [0, 0.2] });
  const even = all.map(() =>
    scoresOf({ matches: 5, falsePositives: 5, falseNegatives: 5, squares: 5 })
  );
  const { order, rank } = rankCombinations(all, even, "f1");
  assertEquals([...rank], all.map(() => 1), "equal figures share a rank");
  assertEquals(all[order[0]], all[0], "least blur, size and height");
  even[5] = scoresOf({ matches: 5, falsePositives: 5, falseNegatives: 5, squares: 4 });
  assertEquals(rankCombinations(all, even, "f1").order[0], 5, "smaller distances");
  even[3] = scoresOf({ matches: 6, falsePositives: 5, falseNegatives: 4, squares: 99 });
  assertEquals(rankCombinations(all, even, "f1").order[0], 3, "better figure");
  assertEquals(rankCombinations(all, even, "rmse").order[0], 5);
  even[7] = scoresOf({ matches: 0, falsePositives: 0, falseNegatives: 10, squares: 0 });
  assertEquals(rankCombinations(all, even, "rmse").order.at(-1), 7, "nothing found is no distance");
});

Deno.test("atLimits names ends of ranges beyond which something may lie", () => {
  const grid = { ...presetGrid("testing", 1), blurs: [0, 1, 2], heights: [0.1, 0.2, 0.3] };
  const [first] = combinations(grid);
  assertEquals(atLimits(grid, { ...first, blur: 0, height: 0.2, minimumSize: 5 }), []);
  assertEquals(atLimits(grid, { ...first, blur: 2, height: 0.1, minimumSize: 3 }), [
    "blur",
    "height",
    "minimumSize",
  ]);
});

/** A small lattice whose columns are known. */
function sample(seed: number): { image: Image; truth: Table } {
  const { image, x, y } = latticeImage({
    width: 90,
    height: 80 + seed,
    a: [11, 1],
    b: [-2, 12],
    sigma: 2.2,
    background: 4,
    basis: [{ x: 0, y: 0, height: 14 }],
    seed,
  });
  return {
    image: { ...image, name: `s${seed}` },
    truth: createTable({ x: Float64Array.from(x), y: Float64Array.from(y) }),
  };
}

const SAMPLES = [1, 2, 3].map(sample);
const INPUTS = {
  exposures: { images: SAMPLES.map(({ image }) => image) },
  truth: SAMPLES.map(({ truth }) => truth) as unknown as readonly Table<"x" | "y">[],
};

Deno.test("peaks.findfoci-train gives parameters, scores in order and held-out scores", async () => {
  using host = createHost({ cache: false, workers: 2, plugins: false });
  const { params, scores, summary } = await host.run(peaks.findfociTrain, INPUTS, {
    blurs: [0.5, 1.5, 2.5],
    heights: [0, 0.1, 0.2, 0.3],
    minimumSizes: [1, 5],
  });
  assertEquals(scores.length, 3 * 2 * 4 * 2 * 2);
  assertTrue(scores.columns.f1.every((v, k) => k === 0 || v <= scores.columns.f1[k - 1]));
  const told = summary as unknown as {
    best: { f1: number };
    heldOut: { f1: number; spread: number; perImage: number[] };
    perImage: { image: string; f1: number; ownBest: number }[];
  };
  assertEquals(told.best.f1, scores.columns.f1[0]);
  assertAtLeast(told.best.f1, 0.97);
  assertEquals(told.heldOut.perImage.length, 3);
  assertAtLeast(told.heldOut.f1, 0.95);
  assertEquals(told.perImage.map(({ image }) => image), ["s1", "s2", "s3"]);
  assertTrue(told.perImage.every(({ f1, ownBest }) => f1 <= ownBest));
  // the parameters are those of the first row, and the stage takes them
  const found = await host.run(peaks.findfoci, { image: SAMPLES[0].image }, params as never);
  const { metrics } = await host.run(
    evaluation.match,
    { found: found.peaks, truth: SAMPLES[0].truth as never },
    { margin: 5, width: 90, height: 81 },
  );
  const { strict } = metrics as unknown as { strict: { f1: number } };
  assertAtLeast(strict.f1, told.perImage[0].f1 - 0.02);
});

Deno.test("peaks.findfoci-train gives the same bytes on any number of workers", async () => {
  const digests: string[] = [];
  for (const workers of [1, 2]) {
    using host = createHost({ cache: false, workers, plugins: false });
    await host.run(peaks.findfociTrain, INPUTS, { preset: "testing" });
    digests.push(JSON.stringify(host.reports[0].outputs));
  }
  assertEquals(digests[0], digests[1]);
});

/** Truth of a simulated scene: its heavy columns. */
function heavy(truth: Table<"x" | "y" | "height">): Table<"x" | "y"> {
  const { x, y, height } = truth.columns;
  const most = Math.max(...height);
  const rows = [...x.keys()].filter((i) => height[i] > 0.5 * most);
  return createTable({
    x: Float64Array.from(rows, (i) => x[i]),
    y: Float64Array.from(rows, (i) => y[i]),
  });
}

Deno.test("trained on three images, held-out ones are searched as well as automatically", async () => {
  using host = createHost({ cache: false, plugins: false });
  const scene = async (seed: number) => {
    const given = { width: 256, height: 256, exposures: 1, countsMin: 4, countsMax: 4 };
    const { exposures, truth } = await host.run(simulation.scene, {}, given, { seed });
    return { image: exposures.images[0], truth: heavy(truth[0] as never) };
  };
  const training = await Promise.all([1, 2, 3].map(scene));
  const { params } = await host.run(peaks.findfociTrain, {
    exposures: { images: training.map(({ image }) => image) },
    truth: training.map(({ truth }) => truth) as never,
  });
  const f1 = { trained: 0, automatic: 0 };
  for (const { image, truth } of await Promise.all([11, 12, 13].map(scene))) {
    for (const [name, given] of [["trained", params], ["automatic", {}]] as const) {
      const { peaks: found } = await host.run(peaks.findfoci, { image }, given as never);
      const { metrics } = await host.run(
        evaluation.match,
        { found, truth: truth as never },
        { margin: 8, width: 256, height: 256 },
      );
      f1[name] += (metrics as unknown as { strict: { f1: number } }).strict.f1 / 3;
    }
  }
  assertAtLeast(f1.trained, f1.automatic);
  assertAtMost(f1.trained, 1);
});

Deno.test("peaks.findfoci-train refuses what it cannot train on", async () => {
  using host = createHost({ cache: false, runner: "inline", plugins: false });
  const train = (inputs: unknown, params = {}) => () =>
    host.run(peaks.findfociTrain, inputs as never, params);
  await assertFails(
    train({ exposures: { images: [] }, truth: [] }),
    "EXPOSURES_TOO_FEW",
    "Cannot train FindFoci: expected at least one image, better three, got none",
  );
  await assertFails(
    train({ ...INPUTS, truth: INPUTS.truth.slice(1) }),
    "PORT_TYPE",
    "Cannot train FindFoci: expected one table of true columns an image, 3 of them, got 2; give " +
      "them in the order of the images",
  );
  const lonely = createTable({ x: Float64Array.of(5), y: Float64Array.of(5) });
  await assertFails(
    train({ exposures: { images: [SAMPLES[0].image] }, truth: [lonely] }),
    "MATCH_RADIUS_NEEDED",
    'Cannot train FindFoci on "s1": expected matchRadius and margin where no two true columns give ' +
      "a distance, got 1 true columns; set both, or leave the image out",
  );
  await assertFails(
    train(INPUTS, { preset: "benchmark", largestGrid: 10_000 }),
    "PARAM_RANGE",
    "Cannot train FindFoci: expected at most 10000 combinations, got 19800; give fewer values, or " +
      "raise largestGrid",
  );
});
