import { assertAtLeast, assertAtMost, assertEquals, assertFails, assertIncludes } from "@assert";
import { createTable, type Image } from "../../../core/mod.ts";
import { deduplicate } from "../../../plugins/annotation/deduplicate.ts";
import { testContext } from "../../support/context.ts";
import { latticeImage } from "../../support/lattice_image.ts";

const DEFAULTS = { keepDuplicates: false, limit: 0.95, doseTolerance: 0.1 };

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
    sharpness: new Float64Array(rank.length).fill(0.16),
  });
  const { duplicates } = await deduplicate.run(
    { exposures: { images }, ranking },
    params,
    testContext(),
  );
  return duplicates.columns;
}

Deno.test("annotation.deduplicate drops the worse of two exposures taken alike", async () => {
  const images = [exposure(50, 2, 1), exposure(50, 2, 2, 0.5), exposure(50, 3.4, 3)];
  const { keep, of, correlation, reason } = await compare(images, [1, 0, 2]);
  assertEquals([[...keep], [...of]], [[0, 1, 1], [1, -1, -1]]);
  assertAtLeast(correlation[0], 0.95);
  assertIncludes(reason[0], /^looks like exposure 1: correlation 0\.9\d\d, \d % apart in dose$/);
  assertEquals(reason[1], "compared with no better one");
  assertEquals(reason[2], "like no better one");
});

Deno.test("annotation.deduplicate keeps exposures of another dose or another focus", async () => {
  const images = [exposure(50, 2, 1), exposure(40, 2, 2), exposure(50, 4, 3)];
  const { keep, correlation, doseRatio } = await compare(images, [0, 1, 2]);
  assertEquals([...keep], [1, 1, 1]);
  assertAtLeast(correlation[1], 0.9);
  assertAtMost(doseRatio[1], 0.9);
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
