import fc from "fast-check";
import { createTable, type ParamsGiven, resolveParams } from "@core";
import { MAX_CANDIDATE_PAIRS } from "@core/kernels";
import { assertAtMost, assertClose, assertEquals, assertFails, assertTrue } from "@assert";
import { match } from "../../../plugins/evaluation/match.ts";
import { testContext } from "../../support/context.ts";

type Point = readonly [number, number];

const table = (points: readonly Point[]) =>
  createTable({
    x: Float64Array.from(points, ([x]) => x),
    y: Float64Array.from(points, ([, y]) => y),
  }, { x: "px", y: "px" });

interface Figures {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly jaccard: number | null;
  readonly rmse: number | null;
  readonly biasX: number | null;
  readonly biasY: number | null;
  readonly medianDistance: number | null;
  readonly maxDistance: number | null;
  readonly matches: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

interface Metrics {
  readonly strict: Figures & { readonly matchRadius: number };
  readonly thesis: Figures & { readonly publishedJaccard: number | null };
  readonly chamfer: number | null;
  readonly found: number;
  readonly truth: number;
  readonly leftOut: { readonly found: number; readonly truth: number };
}

async function compare(
  found: readonly Point[],
  truth: readonly Point[],
  given: ParamsGiven<typeof match.params> = {},
) {
  const { values, problems } = resolveParams(match.params, given, match.id);
  assertEquals(problems, []);
  const context = testContext();
  const inputs = { found: table(found), truth: table(truth) };
  const { metrics, pairs } = await match.run(inputs, values as never, context);
  return { metrics: metrics as unknown as Metrics, pairs: pairs.columns, context };
}

/** Sums and roots of a few numbers. */
const ROUNDING = 1e-12;

const square: Point[] = [[10, 10], [20, 10], [10, 20], [20, 20]];

Deno.test("evaluation.match: figures of a small case by hand", async () => {
  // Three finds displaced by (1, 0), (0, 2), (0, 0), one far off, one true column missed.
  const found: Point[] = [[11, 10], [20, 12], [10, 20], [90, 90]];
  const { metrics, pairs, context } = await compare(found, square);
  const { strict } = metrics;
  assertClose(strict.matchRadius, 3.5, ROUNDING);
  assertClose(context.chosen.matchRadius as number, 3.5, ROUNDING);
  assertEquals(
    [strict.matches, strict.falsePositives, strict.falseNegatives, metrics.found, metrics.truth],
    [3, 1, 1, 4, 4],
  );
  assertEquals([strict.precision, strict.recall, strict.f1, strict.jaccard], [
    0.75,
    0.75,
    0.75,
    0.6,
  ]);
  assertClose(strict.rmse!, Math.sqrt(5 / 3), ROUNDING);
  assertClose(strict.biasX!, 1 / 3, ROUNDING);
  assertClose(strict.biasY!, 2 / 3, ROUNDING);
  assertEquals([strict.medianDistance, strict.maxDistance], [1, 2]);
  const far = Math.hypot(70, 70);
  assertClose(metrics.chamfer!, (1 + 2 + 0 + far) / 4 + (1 + 2 + 0 + 8) / 4, ROUNDING);
  assertEquals([...pairs.found], [0, 1, 2]);
  assertEquals([...pairs.truth], [0, 1, 2]);
  assertEquals([...pairs.dx], [1, 0, 0]);
  assertEquals([...pairs.dy], [0, 2, 0]);
  assertEquals([...pairs.distance], [1, 2, 0]);
  assertEquals([...pairs.counted], [1, 1, 1]);
  assertEquals(context.fractions.at(-1), 1);
});

Deno.test("evaluation.match: the thesis metric pairs mutual neighbors at any distance", async () => {
  const { metrics } = await compare([[11, 10], [20, 10], [60, 20]], [[10, 10], [20, 10], [
    100,
    20,
  ]]);
  assertEquals([metrics.thesis.matches, metrics.strict.matches], [3, 2]);
  assertEquals(metrics.thesis.f1, 1);
  assertEquals(metrics.thesis.maxDistance, 40);
});

Deno.test("evaluation.match: Jaccard by Eq. 9 never exceeds F1, the published one may", async () => {
  // Five true, two found: the program's matches / (2 found - matches) forgets what was missed.
  const truth: Point[] = [[0, 0], [10, 0], [20, 0], [30, 0], [40, 0]];
  const { thesis } = (await compare([[0, 0], [10, 0]], truth)).metrics;
  assertEquals(thesis.jaccard, 0.4);
  assertClose(thesis.f1!, 4 / 7, ROUNDING);
  assertEquals(thesis.publishedJaccard, 1);
  assertEquals([thesis.precision, thesis.recall], [1, 0.4]);
});

Deno.test("evaluation.match: a perfect result", async () => {
  const { metrics } = await compare(square, square);
  for (
    const { precision, recall, f1, jaccard, rmse, biasX, biasY } of [
      metrics.strict,
      metrics.thesis,
    ]
  ) {
    assertEquals([precision, recall, f1, jaccard, rmse, biasX, biasY], [1, 1, 1, 1, 0, 0, 0]);
  }
  assertEquals(metrics.chamfer, 0);
});

Deno.test("evaluation.match: nothing found", async () => {
  const { metrics, context } = await compare([], square);
  const { strict } = metrics;
  assertEquals([strict.precision, strict.recall, strict.f1, strict.jaccard], [null, 0, 0, 0]);
  assertEquals([strict.rmse, strict.biasX, strict.medianDistance, strict.maxDistance], [
    null,
    null,
    null,
    null,
  ]);
  assertEquals([metrics.chamfer, metrics.thesis.publishedJaccard], [null, null]);
  assertEquals(context.warnings, [
    { code: "NOTHING_FOUND", message: "nothing was found: precision is undefined" },
  ]);
});

Deno.test("evaluation.match: nothing true, and nothing at all", async () => {
  const { metrics, context } = await compare(square, [], { matchRadius: 2 });
  const { strict } = metrics;
  assertEquals([strict.precision, strict.recall, strict.f1, strict.jaccard], [0, null, 0, 0]);
  assertEquals(context.warnings, [
    { code: "NOTHING_TRUE", message: "there is no true position: recall is undefined" },
  ]);
  const empty = (await compare([], [], { matchRadius: 2 })).metrics;
  assertEquals(
    [empty.strict.precision, empty.strict.recall, empty.strict.f1, empty.strict.jaccard],
    [null, null, null, null],
  );
  assertEquals(empty.chamfer, null);
});

Deno.test("evaluation.match: of duplicates one is right and the others are false", async () => {
  const { metrics } = await compare([...square, ...square, [10, 10]], square);
  for (const { matches, falsePositives, falseNegatives } of [metrics.strict, metrics.thesis]) {
    assertEquals([matches, falsePositives, falseNegatives], [4, 5, 0]);
  }
});

Deno.test("evaluation.match: the radius must be given below two distinct true positions", async () => {
  const text = (got: string) =>
    "Cannot choose the match radius: expected at least two true positions apart from each other, " +
    `got ${got}; set matchRadius in px`;
  await assertFails(() => compare(square, []), "MATCH_RADIUS_NEEDED", text("0 true positions"));
  await assertFails(
    () => compare(square, [[1, 1]]),
    "MATCH_RADIUS_NEEDED",
    text("1 true position"),
  );
  await assertFails(
    () => compare(square, [[1, 1], [1, 1]]),
    "MATCH_RADIUS_NEEDED",
    text("mostly duplicates"),
  );
  const { metrics } = await compare([[1, 2]], [[1, 1]], { matchRadius: 1 });
  assertEquals(metrics.strict.matches, 1);
});

Deno.test("evaluation.match: positions must be finite", async () => {
  await assertFails(
    () => compare([[1, 1], [NaN, 2]], square),
    "TABLE_VALUE",
    'Cannot compare positions of "found": expected finite x and y, got x NaN, y 2 in row 1; ' +
      "remove the rows without a position",
  );
});

Deno.test("evaluation.match: a radius that pairs everything with everything", async () => {
  const many = Array.from({ length: Math.ceil(Math.sqrt(MAX_CANDIDATE_PAIRS)) + 1 }, () => {
    return [0, 0] as const;
  });
  await assertFails(
    () => compare(many, many, { matchRadius: 5 }),
    "PARAM_RANGE",
    `Cannot pair found and true positions: expected at most ${MAX_CANDIDATE_PAIRS} pairs within the ` +
      "match radius, got more within 5 px; set a smaller matchRadius",
  );
});

Deno.test("evaluation.match: a margin leaves out what lies in it on both sides, fairly", async () => {
  const truth: Point[] = [[50, 50], [60, 50], [4.4, 50]];
  const found: Point[] = [
    [50, 50], // right
    [4.6, 50], // outside the margin, but a find of the true column in it: left out
    [2, 80], // in the margin, nothing near: left out
    [80, 80], // false
  ];
  const given = { matchRadius: 3, margin: 5, width: 100, height: 100 };
  const { metrics, pairs } = await compare(found, truth, given);
  const { strict } = metrics;
  assertEquals([strict.matches, strict.falsePositives, strict.falseNegatives], [1, 1, 1]);
  assertEquals([metrics.found, metrics.truth], [2, 2]);
  assertEquals(metrics.leftOut, { found: 2, truth: 1 });
  assertEquals([...pairs.counted], [1, 0]);
  const all = (await compare(found, truth, { matchRadius: 3 })).metrics.strict;
  assertEquals([all.matches, all.falsePositives, all.falseNegatives], [2, 2, 1]);
});

Deno.test("evaluation.match: the border is the edge of the pixels, half a pixel out", async () => {
  const given = { matchRadius: 1, margin: 5, width: 20, height: 30 };
  const counts = async (x: number, y: number) => (await compare([], [[x, y]], given)).metrics.truth;
  assertEquals([await counts(4.5, 10), await counts(4.4, 10)], [1, 0]);
  assertEquals([await counts(14.5, 10), await counts(14.6, 10)], [1, 0]);
  assertEquals([await counts(10, 4.5), await counts(10, 4.4)], [1, 0]);
  assertEquals([await counts(10, 24.5), await counts(10, 24.6)], [1, 0]);
});

Deno.test("evaluation.match: a margin needs the size of the image", async () => {
  const text = (name: string) =>
    "Cannot leave out a margin of 5 px: expected the width and height of the image, " +
    `got ${name} "auto"; set ${name}, or margin to 0`;
  await assertFails(() => compare(square, square, { margin: 5 }), "PARAM_CONFLICT", text("width"));
  await assertFails(
    () => compare(square, square, { margin: 5, width: 9 }),
    "PARAM_CONFLICT",
    text("height"),
  );
});

Deno.test("evaluation.match: figures agree with each other for any points", async () => {
  const coordinate = fc.integer({ min: 0, max: 40 });
  const set = fc.array(fc.tuple(coordinate, coordinate), { maxLength: 25 });
  await fc.assert(fc.asyncProperty(set, set, async (found, truth) => {
    const { metrics, pairs } = await compare(found, truth, { matchRadius: 4 });
    for (const figures of [metrics.strict, metrics.thesis]) {
      const { matches, falsePositives, falseNegatives, f1, jaccard } = figures;
      assertEquals(matches + falsePositives, found.length);
      assertEquals(matches + falseNegatives, truth.length);
      if (f1 !== null) assertClose(jaccard!, f1 / (2 - f1), ROUNDING);
    }
    assertEquals(pairs.found.length, metrics.strict.matches);
    assertAtMost(metrics.strict.maxDistance ?? 0, 4);
    // JSON holds no NaN: what does not survive it would turn into null.
    assertEquals(JSON.parse(JSON.stringify(metrics)), metrics);
    const reversed = (await compare(truth, found, { matchRadius: 4 })).metrics;
    assertEquals(reversed.strict.precision, metrics.strict.recall);
    assertTrue((reversed.chamfer === null) === (metrics.chamfer === null));
    assertClose(reversed.chamfer ?? 0, metrics.chamfer ?? 0, ROUNDING);
  }));
});
