import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import type { Image } from "../../../core/mod.ts";
import { rank } from "../../../plugins/quality/rank.ts";
import { testContext } from "../../support/context.ts";
import { latticeImage } from "../../support/lattice_image.ts";

function exposure(counts: number, sigma: number, seed: number): Image {
  const { image } = latticeImage({
    width: 160,
    height: 128,
    a: [13, 1],
    b: [-6, 11],
    sigma,
    background: 0.2 * counts,
    basis: [{ x: 0, y: 0, height: counts }],
    seed,
  });
  return image;
}

async function ranked(images: Image[], reference: number | "auto" = "auto") {
  const { ranking, best } = await rank.run({ exposures: { images } }, { reference }, testContext());
  return { ...ranking.columns, best };
}

Deno.test("quality.rank prefers more counts, and sharp to blurred at equal counts", async () => {
  const images = [exposure(5, 2, 1), exposure(50, 2, 2), exposure(50, 3.2, 3), exposure(15, 2, 4)];
  const { rank: place, chosen, best, reason } = await ranked(images);
  assertEquals([...place], [3, 0, 1, 2]);
  assertEquals([...chosen], [0, 1, 0, 0]);
  assertEquals(best.data, images[1].data);
  assertTrue(best.data !== images[1].data, "the best exposure owns its pixels");
  assertIncludes(reason[1], /^strongest lattice, \d+ x the noise; sharp down to \d+\.\d px$/);
  assertIncludes(reason[2], /^lattice, \d+ x the noise; resolved down to \d+\.\d px$/);
});

Deno.test("quality.rank does not depend on the order or the scale of the exposures", async () => {
  const images = [exposure(5, 2, 1), exposure(50, 2, 2), exposure(15, 2, 4)];
  const { rank: place } = await ranked([images[2], images[0], images[1]]);
  assertEquals([...place], [1, 2, 0]);
  const scaled = images.map((image, i) => ({ ...image, data: image.data.map((v) => v * 4 ** i) }));
  assertEquals([...(await ranked(scaled)).rank], [2, 0, 1]);
});

Deno.test("quality.rank gives out the exposure it is told to", async () => {
  const images = [exposure(5, 2, 1), exposure(50, 2, 2)];
  const { chosen, rank: place } = await ranked(images, 0);
  assertEquals([[...chosen], [...place]], [[1, 0], [1, 0]]);
});

Deno.test("quality.rank refuses a reference that is not there and an empty set", async () => {
  await assertFails(
    () => ranked([exposure(5, 2, 1)], 1),
    "PARAM_RANGE",
    'Cannot set parameter "reference" of quality.rank: expected an exposure from 0 to 0, or auto, got 1',
  );
  await assertFails(
    () => ranked([]),
    "EXPOSURES_TOO_FEW",
    "Cannot rank exposures: expected at least 1 exposure, got 0; name the files of the exposures",
  );
});

Deno.test("quality.rank says when there is no lattice", async () => {
  const { image } = latticeImage({
    width: 64,
    height: 64,
    a: [1000, 0],
    b: [0, 1000],
    sigma: 1,
    basis: [],
    seed: 2,
  });
  const { reason } = await ranked([image]);
  assertEquals(reason, ["no lattice above the noise"]);
});
