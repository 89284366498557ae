import { assertClose, assertEquals } from "@assert";
import type { Score } from "../../../procedures/bench_detectors/score.ts";
import {
  type BenchImage,
  type BenchRow,
  groupBy,
  meanOf,
  summarize,
} from "../../../procedures/bench_detectors/summary.ts";

const figures = { precision: 1, recall: 1, jaccard: 1, rmse: null };
const score = (f1: number): Score => ({
  strict: { ...figures, f1, matchRadius: 3 },
  thesis: { ...figures, f1 },
  chamfer: null,
  found: 1,
  truth: 1,
});
const row = (image: string, detector: string, f1: number | null, ms: number | null): BenchRow => ({
  image,
  detector,
  score: f1 === null ? null : score(f1),
  ms,
  memoryMiB: ms,
  error: f1 === null ? "broken" : null,
});
const image = (name: string, dose: number | null, fieldNm: number | null): BenchImage => ({
  ...{ name, width: 9, height: 9, polarity: "bright", columns: 4, faint: [], spacing: 8 },
  ...{ dose, fieldNm },
});

Deno.test("meanOf leaves out what is undefined and says how many were not", () => {
  assertEquals(meanOf([]), null);
  assertEquals(meanOf([null]), null);
  assertEquals(meanOf([3, null]), { mean: 3, sd: null, images: 1 });
  const mean = meanOf([1, 2, 3])!;
  assertEquals([mean.mean, mean.images], [2, 3]);
  assertClose(mean.sd!, 1, 1e-12);
});

Deno.test("summarize counts failures apart and takes the largest memory", () => {
  const rows = [row("a", "d", 0.5, 10), row("b", "d", 1, 30), row("c", "d", null, null)];
  const [summary] = summarize(["d"], rows);
  assertEquals([summary.images, summary.failed, summary.memoryMiB], [2, 1, 30]);
  assertEquals([summary.metrics.f1!.mean, summary.ms!.mean], [0.75, 20]);
  assertEquals(summary.metrics.chamfer, null);
});

Deno.test("groupBy groups by equal ratios and leaves out images without a value", () => {
  const images = [
    image("a", 2.8, 18),
    image("b", 3.1, 18.4),
    image("c", 30, 9),
    image("d", null, null),
  ];
  const rows = images.map(({ name }, i) => row(name, "d", i / 4, 1));
  const doses = groupBy("dose", images, ["d", "e"], rows);
  assertEquals(doses.map((g) => [g.from, g.to, g.images.length]), [[2.8, 3.1, 2], [30, 30, 1]]);
  assertEquals([doses[0].f1.d!.mean, doses[0].f1.e], [0.125, null]);
  assertClose(doses[0].at, Math.sqrt(2.8 * 3.1), 1e-9);
  assertEquals(groupBy("fieldNm", images, ["d"], rows).map((g) => g.from), [9, 18]);
  assertEquals(groupBy("spacing", images, ["d"], rows).length, 1);
});
