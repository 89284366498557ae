import { assertAtLeast, assertAtMost, assertEquals, assertFails, assertIncludes } from "@assert";
import { createImage, createTable, type Image } from "../../../core/mod.ts";
import { deduplicate } from "../../../plugins/annotation/deduplicate.ts";
import { testContext } from "../../support/context.ts";
import { latticeImage } from "../../support/lattice_image.ts";

const DEFAULTS = { keepDuplicates: false, limit: 0.9, doseTolerance: 0.1, focusTolerance: 0.15 };

function exposure(counts: number, sigma: number, seed: number, shift = 0): Image {
  return latticeImage({
    width: 128,
    height: 128,
    a: [13, 1],
    b: [-6, 11],
    sigma,
    background: 0.2 * counts,
    basis: [{ x: 0, y: 0, height: counts }],
    vacancies: 0.05,
    shift: [20 + shift, 20 - shift],
    seed,
  }).image;
}

async function compare(images: Image[], rank: number[], params = DEFAULTS) {
  const ranking = createTable({
    exposure: Float64Array.from(rank, (_, e) => e),
    rank: Float64Array.from(rank),
  });
  const { duplicates } = await deduplicate.run(
    { exposures: { images }, ranking },
    params,
    testContext(),
  );
  return duplicates.columns;
}

/** Correlations of equal settings differ from 1 by the noise of the correction for noise. */
const ALIKE = 0.98;

Deno.test("annotation.deduplicate drops the worse of two exposures taken alike, at any dose", async () => {
  for (const counts of [4, 50]) {
    const images = [
      exposure(counts, 2, 1),
      exposure(counts, 2, 2, 0.5),
      exposure(counts, 2.6, 3),
    ];
    const { keep, of, correlation, reason } = await compare(images, [1, 0, 2]);
    assertEquals([[...keep], [...of]], [[0, 1, 1], [1, -1, -1]], `${counts} counts`);
    assertAtLeast(correlation[0], ALIKE);
    assertIncludes(
      reason[0],
      /^looks like exposure 1: correlation \d\.\d{3}; \d % apart in dose, \d % in contrast, \d+ % in focus$/,
    );
    assertEquals(reason[1], "the best exposure");
    assertIncludes(reason[2], /^most like exposure 1: correlation /);
  }
});

Deno.test("annotation.deduplicate keeps exposures of another dose, focus or astigmatism", async () => {
  const round = exposure(50, 2, 1);
  const stretched = latticeImage({
    width: 128,
    height: 128,
    a: [13, 1],
    b: [-6, 11],
    sigma: 2,
    background: 10,
    basis: [-0.9, 0, 0.9].map((x) => ({ x, y: 0, height: 20 })),
    vacancies: 0,
    shift: [20, 20],
    seed: 5,
  }).image;
  const images = [round, exposure(40, 2, 2), exposure(50, 2.4, 3), stretched];
  const { keep, correlation, doseRatio, focusRatio } = await compare(images, [0, 1, 2, 3]);
  assertEquals([...keep], [1, 1, 1, 1]);
  assertAtLeast(correlation[1], ALIKE);
  assertAtMost(doseRatio[1], 0.9);
  assertAtMost(focusRatio[2], 0.85);
});

Deno.test("annotation.deduplicate does not mind an offset, and keeps another region", async () => {
  const twin = exposure(50, 2, 2);
  const other = latticeImage({
    width: 128,
    height: 128,
    a: [9, 7],
    b: [-8, 9],
    sigma: 2,
    background: 10,
    basis: [{ x: 0, y: 0, height: 50 }],
    seed: 3,
  }).image;
  const { keep, of } = await compare([exposure(50, 2, 1), twin, other], [0, 1, 2]);
  assertEquals([[...keep], [...of]], [[1, 0, 1], [-1, 0, -1]]);
});

Deno.test("annotation.deduplicate keeps exposures in which nothing is seen, and single pixels", async () => {
  for (const size of [1, 16]) {
    const data = () => new Float32Array(size * size).fill(7);
    const flat = createImage({ width: size, height: size, data: data() });
    const { keep, correlation } = await compare([flat, { ...flat, data: data() }], [0, 1]);
    assertEquals([[...keep], [...correlation]], [[1, 1], [0, 0]]);
  }
});

Deno.test("annotation.deduplicate keeps everything when it is told to, and still says what repeats", async () => {
  const images = [exposure(50, 2, 1), exposure(50, 2, 2)];
  const { keep, of } = await compare(images, [0, 1], { ...DEFAULTS, keepDuplicates: true });
  assertEquals([[...keep], [...of]], [[1, 1], [-1, 0]]);
});

Deno.test("annotation.deduplicate refuses a ranking of other exposures", async () => {
  await assertFails(
    () => compare([exposure(50, 2, 1)], []),
    "TABLE_VALUE",
    "Cannot find duplicates: expected a ranking of 1 exposures, got one of 0; use the ranking of quality.rank for the same exposures",
  );
});
