import { assertEquals, assertFails, assertTrue } from "@assert";
import { createImage, createTable } from "@core";
import { createRandom } from "../../../core/kernels/mod.ts";
import { createHost } from "../../../mod.ts";
import { makeSample } from "../../../procedures/bench_detectors/samples.ts";
import {
  type Score,
  scoreFound,
  type ScoreRules,
} from "../../../procedures/bench_detectors/score.ts";

const READ = { faintRatio: 0.4, faintSpecies: [] };
const RULES: ScoreRules = { edges: "ignore", faint: "false", matchRadius: "auto" };
const image = createImage({ width: 60, height: 60 });
const signal = new AbortController().signal;
const table = (points: readonly (readonly [number, number])[]) =>
  createTable({
    x: Float64Array.from(points, ([x]) => x),
    y: Float64Array.from(points, ([, y]) => y),
  });

/** Heavy columns on a square lattice of 10 px from 5 on, a faint one in the middle of each square. */
function honeycomb() {
  const x: number[] = [], y: number[] = [], species: string[] = [], height: number[] = [];
  for (let v = 0; v < 6; v++) {
    for (let u = 0; u < 6; u++) {
      x.push(5 + 10 * u, 10 + 10 * u);
      y.push(5 + 10 * v, 10 + 10 * v);
      species.push("Mo", "S2");
      height.push(10, 2);
    }
  }
  const columns = { x: Float64Array.from(x), y: Float64Array.from(y), species };
  const all = createTable({ ...columns, height: Float64Array.from(height) });
  return makeSample("honeycomb", image, all, "bright", READ, 10);
}

const counts = ({ score }: { readonly score: Score }) => [score.found, score.truth];

Deno.test("scoreFound leaves edge columns out of both counts, or counts them", async () => {
  using host = createHost({ cache: false, plugins: false, runner: "inline" });
  const points = [[0.5, 1], [2, 30], [15, 15], [40, 40.5], [58, 58]] as const;
  const sample = makeSample("edges", image, table(points), "bright", READ, 10);
  // the median distance to the nearest is about 20 px: a margin of 10 px leaves three out
  const ignored = await scoreFound(host, table(points.slice(0, 4)), sample, RULES, signal);
  assertEquals(counts(ignored), [2, 2]);
  assertEquals(ignored.score.strict.f1, 1);
  const counted = await scoreFound(host, table(points.slice(0, 4)), sample, {
    ...RULES,
    edges: "count",
  }, signal);
  assertEquals(counts(counted), [4, 5]);
  assertEquals(counted.outcome.misses.length, 1);
});

Deno.test("scoreFound takes a find of a faint column as a mistake, as nothing, or as true", async () => {
  using host = createHost({ cache: false, plugins: false, runner: "inline" });
  const sample = honeycomb();
  const found = sample.truth.all; // all 72, faint and heavy
  const score = async (faint: ScoreRules["faint"]) => {
    const rules: ScoreRules = { ...RULES, edges: "count", faint };
    return (await scoreFound(host, found, sample, rules, signal)).score;
  };
  const [mistakes, ignored, counted] = [
    await score("false"),
    await score("ignore"),
    await score("count"),
  ];
  assertEquals([mistakes.strict.precision, mistakes.strict.recall], [0.5, 1]);
  assertEquals([ignored.strict.precision, ignored.found], [1, 36]);
  assertEquals([counted.strict.f1, counted.truth], [1, 72]);
  assertEquals(ignored.strict.matchRadius, mistakes.strict.matchRadius);
});

Deno.test("scoreFound's outcome says of each position what the counts say of all", async () => {
  using host = createHost({ cache: false, plugins: false, runner: "inline" });
  const random = createRandom(5);
  const sample = honeycomb();
  for (let round = 0; round < 10; round++) {
    const { x, y } = sample.truth.all.columns;
    const near = [...x.keys()].filter(() => random() < 0.7)
      .map((i) => [x[i] + 6 * random() - 3, y[i] + 6 * random() - 3] as const);
    for (const faint of ["false", "ignore", "count"] as const) {
      const rules: ScoreRules = { ...RULES, edges: round % 2 ? "ignore" : "count", faint };
      const { score, outcome } = await scoreFound(host, table(near), sample, rules, signal);
      const strict = score.strict as unknown as Record<string, number>;
      assertEquals(
        [outcome.hits.length, outcome.mistakes.length, outcome.misses.length],
        [strict.matches, strict.falsePositives, strict.falseNegatives],
      );
      assertTrue(score.found === strict.matches + strict.falsePositives);
    }
  }
});

Deno.test("scoreFound needs a match radius where there is one true column", async () => {
  using host = createHost({ cache: false, plugins: false, runner: "inline" });
  const one = table([[30, 30]]);
  const sample = makeSample("one", image, one, "bright", READ, 10);
  const rules = { ...RULES, matchRadius: 3 };
  assertEquals((await scoreFound(host, one, sample, rules, signal)).score.strict.f1, 1);
  await assertFails(
    () => scoreFound(host, one, sample, RULES, signal),
    "MATCH_RADIUS_NEEDED",
    "Cannot choose the match radius: expected at least two true positions apart from each other, " +
      "got 1 true position; set matchRadius in px",
  );
});
