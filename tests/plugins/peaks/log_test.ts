import {
  assertAtLeast,
  assertAtMost,
  assertClose,
  assertEquals,
  assertFails,
  assertTrue,
} from "@assert";
import { createImage, type Image } from "../../../core/data/image.ts";
import { strictMatching } from "../../../core/kernels/matching.ts";
import { createRandom, normalRandom, poissonRandom } from "../../../core/kernels/random.ts";
import { dog } from "../../../plugins/peaks/dog.ts";
import { doh } from "../../../plugins/peaks/doh.ts";
import { log } from "../../../plugins/peaks/log.ts";
import { latticeImage } from "../../support/lattice_image.ts";
import { findBlobsBy, oneColumn, PHASES } from "./find_blobs.ts";

/** All three go by the same rules. */
const STAGES = [log, dog, doh] as const;

/** Parabolas through samples of a Gaussian's response miss its top by up to this, px, at 0.5 px steps of sigma. */
const PLACE_ERROR = 0.06;
/** The same for scales, as a share. */
const SCALE_ERROR = 0.05;

Deno.test("peaks.log finds place and width of a column wherever it lies in a pixel", async () => {
  for (const sigma of [1.5, 2, 3, 4.5]) {
    for (const [dx, dy] of PHASES) {
      const image = oneColumn(61, 30 + dx, 30 + dy, sigma);
      const given = { minSigma: 1, maxSigma: 6, threshold: 0.01 };
      const found = await findBlobsBy(log, image, given);
      assertEquals(found.peaks.length, 1);
      assertClose(found.peaks.columns.x[0], 30 + dx, PLACE_ERROR);
      assertClose(found.peaks.columns.y[0], 30 + dy, PLACE_ERROR);
      assertClose(found.sigma[0] / sigma, 1, SCALE_ERROR);
      // half the height at the column's own scale; less on the nearest pixel and scale of the list
      assertClose(found.response[0], 0.48, 0.03);
    }
  }
});

Deno.test("peaks.log answers to contrast in proportion, and not to a level", async () => {
  const image = oneColumn(41, 20.3, 19.8, 2);
  const given = { minSigma: 1, maxSigma: 5, thresholdRel: 0.2, threshold: 0 };
  const { peaks, response } = await findBlobsBy(log, image, given);
  const times = { ...image, data: image.data.map((v) => 8 * v) };
  const larger = await findBlobsBy(log, times, given);
  assertEquals(larger.peaks.columns.x, peaks.columns.x);
  assertClose(larger.response[0], 8 * response[0], 1e-5);
});

/** A lattice of bright columns; a mirrored copy in levels has dark ones. */
function lattice(spacing: number, counts: number, seed = 7) {
  const turn = (degrees: number) => degrees * Math.PI / 180;
  const scene = latticeImage({
    width: 200,
    height: 176,
    a: [spacing * Math.cos(turn(8)), spacing * Math.sin(turn(8))],
    b: [spacing * Math.cos(turn(68)), spacing * Math.sin(turn(68))],
    basis: [{ x: 0, y: 0, height: counts }],
    sigma: 0.19 * spacing,
    background: 0.15 * counts,
    seed,
  });
  return scene;
}

/** F1 of columns farther than half a spacing from the border, within 0.35 of the spacing. */
function innerF1(
  found: { x: Float64Array; y: Float64Array },
  { x, y, image: { width, height } }: ReturnType<typeof lattice>,
  spacing: number,
): number {
  const isInner = (u: number, v: number) =>
    Math.min(u, v, width - 1 - u, height - 1 - v) >= spacing / 2;
  const partner = new Int32Array(found.x.length);
  const truth = [Float64Array.from(x), Float64Array.from(y)];
  strictMatching(found.x, found.y, truth[0], truth[1], 0.35 * spacing, partner);
  let pairs = 0, mistakes = 0;
  partner.forEach((t, i) => {
    if (t < 0) mistakes += isInner(found.x[i], found.y[i]) ? 1 : 0;
    else pairs += isInner(x[t], y[t]) ? 1 : 0;
  });
  const wanted = x.filter((u, i) => isInner(u, y[i])).length;
  return 2 * pairs / (pairs + mistakes + wanted);
}

Deno.test("peaks.log, dog and doh find lattices with nothing set, bright and dark, and say what they chose", async () => {
  for (const [spacing, counts, least] of [[9, 20, 0.98], [14, 5, 0.97], [24, 40, 0.99]]) {
    const scene = lattice(spacing, counts);
    const dark = { ...scene.image, data: scene.image.data.map((v) => 300 - v) };
    for (const stage of STAGES) {
      const bright = await findBlobsBy(stage, scene.image);
      const what = `${stage.id}, ${spacing} px, ${counts} counts`;
      assertAtLeast(innerF1(bright.peaks.columns, scene, spacing), least, what);
      const turned = await findBlobsBy(stage, dark, { polarity: "dark" });
      assertAtLeast(innerF1(turned.peaks.columns, scene, spacing), least, `${what}, dark`);
      const { minSigma, maxSigma, threshold } = bright.context.chosen as Record<string, number>;
      assertAtMost(minSigma, maxSigma, what);
      assertTrue(threshold > 0);
    }
  }
});

Deno.test("peaks.log, dog and doh find the same again when given what they chose", async () => {
  const { image } = lattice(14, 10);
  for (const stage of STAGES) {
    const { peaks, context } = await findBlobsBy(stage, image);
    assertAtLeast(peaks.length, 100);
    assertEquals((await findBlobsBy(stage, image, context.chosen)).peaks, peaks, stage.id);
  }
});

/** At most this many peaks in 512 x 512 px where there is nothing but noise. */
const NOISE_PEAKS = 2;

Deno.test("peaks.log, dog and doh find next to nothing in noise", async () => {
  for (const seed of [1, 2]) {
    const random = createRandom(seed);
    const of = (value: () => number) =>
      createImage({
        width: 512,
        height: 512,
        data: Float32Array.from({ length: 512 * 512 }, value),
      });
    const normal = of(() => 1000 + 4 * normalRandom(random));
    const poisson = of(() => poissonRandom(9, random));
    for (const stage of STAGES) {
      for (const image of [normal, poisson]) {
        assertAtMost((await findBlobsBy(stage, image)).peaks.length, NOISE_PEAKS, stage.id);
      }
    }
  }
});

Deno.test("peaks.log, dog and doh find a confidence map's tops, and leave its faint ones to the threshold", async () => {
  const tops = [[20.3, 20.7, 0.9], [40.1, 21.2, 0.8], [20.2, 44.4, 0.7], [41.6, 43.3, 0.05]];
  const data = new Float32Array(64 * 64);
  for (const [x, y, height] of tops) {
    const { data: one } = oneColumn(64, x, y, 2.4);
    for (let i = 0; i < data.length; i++) data[i] += height * one[i];
  }
  const map = createImage({ width: 64, height: 64, data });
  for (const stage of STAGES) {
    const { peaks } = await findBlobsBy(stage, map);
    assertEquals(peaks.length, 3, stage.id);
    peaks.columns.x.forEach((x, k) => {
      assertAtMost(Math.hypot(x - tops[k][0], peaks.columns.y[k] - tops[k][1]), 0.2, stage.id);
    });
    const low = await findBlobsBy(stage, map, { threshold: stage === doh ? 1e-6 : 0.005 });
    assertEquals(low.peaks.length, 4, stage.id);
  }
});

Deno.test("peaks.log, dog and doh find nothing in flat images and tiny ones", async () => {
  for (const [width, height] of [[1, 1], [1, 30], [40, 1], [37, 53]]) {
    const flat = createImage({ width, height, data: new Float32Array(width * height).fill(7) });
    for (const stage of STAGES) {
      assertEquals((await findBlobsBy(stage, flat)).peaks.length, 0);
      assertEquals((await findBlobsBy(stage, flat, { threshold: 0 })).peaks.length, 0);
    }
  }
});

Deno.test("peaks.log, dog and doh keep to their mask, the border and finite pixels", async () => {
  const { image } = lattice(14, 40);
  const { width, height } = image;
  const mask = createImage({
    width,
    height,
    data: Float32Array.from(image.data, (_, i) => i % width < 100 ? 1 : 0),
  });
  const holed = { ...image, data: image.data.map((v, i) => i % width === 150 ? NaN : v) };
  for (const stage of STAGES) {
    const given = { interpolate: false };
    const all = await findBlobsBy(stage, image, given);
    const masked = await findBlobsBy(stage, image, given, mask);
    assertEquals(
      Array.from(masked.peaks.columns.x),
      Array.from(all.peaks.columns.x).filter((x) => x < 100),
    );
    const inner = await findBlobsBy(stage, image, { ...given, excludeBorder: 20 });
    assertAtLeast(inner.peaks.length, 40);
    inner.peaks.columns.x.forEach((x, k) => {
      const y = inner.peaks.columns.y[k];
      assertAtLeast(Math.min(x, y, width - 1 - x, height - 1 - y), 20);
    });
    const { peaks } = await findBlobsBy(stage, holed as Image, given);
    assertTrue(peaks.columns.x.every((x) => x !== 150));
    assertAtLeast(peaks.length, 0.85 * all.peaks.length);
    assertTrue(peaks.columns.height.every(Number.isFinite));
    await assertFails(
      () => findBlobsBy(stage, image, {}, createImage({ width: 3, height: 3 })),
      "IMAGE_SIZE_DIFFERS",
      "Cannot mask the image: expected a mask of 200 x 176 px, got 3 x 3 px",
    );
  }
});

Deno.test("peaks.log, dog and doh refuse scales the wrong way round, and move a chosen end instead", async () => {
  const { image } = lattice(14, 40);
  for (const stage of STAGES) {
    await assertFails(
      () => findBlobsBy(stage, image, { minSigma: 5, maxSigma: 4 }),
      "PARAM_CONFLICT",
      "Cannot choose the scales: expected maxSigma of at least minSigma, 5 px, got 4 px; " +
        "exchange them, or leave one out to have it chosen",
    );
    const wide = (await findBlobsBy(stage, image, { minSigma: 90 })).context.chosen;
    assertEquals([wide.minSigma, wide.maxSigma], [90, 90]);
    const narrow = (await findBlobsBy(stage, image, { maxSigma: 1 })).context.chosen;
    assertEquals([narrow.minSigma, narrow.maxSigma], [1, 1]);
  }
});

Deno.test("peaks.log lists the strongest first, and thresholdRel and overlap leave out what they say", async () => {
  const { image } = lattice(14, 40);
  for (const stage of STAGES) {
    const { response, peaks } = await findBlobsBy(stage, image);
    assertEquals([...response], [...response].sort((a, b) => b - a));
    const strong = await findBlobsBy(stage, image, { thresholdRel: 0.8 });
    assertTrue(strong.peaks.length < peaks.length);
    assertTrue(strong.response.every((v) => v > 0.8 * strong.response[0]));
    const given = { minSigma: 2, maxSigma: 12, threshold: 0.001 };
    const apart = await findBlobsBy(stage, image, { ...given, overlap: 0 });
    const any = await findBlobsBy(stage, image, { ...given, overlap: 1 });
    assertTrue(apart.peaks.length < any.peaks.length);
  }
});

Deno.test("peaks.log, dog and doh report progress to the end and leave their inputs alone", async () => {
  const { image } = lattice(14, 20);
  const before = image.data.slice();
  for (const stage of STAGES) {
    for (const given of [{}, { polarity: "dark" }, { minSigma: 2, maxSigma: 4 }]) {
      const { context: { fractions } } = await findBlobsBy(stage, image, given);
      assertEquals(fractions, [...fractions].sort((a, b) => a - b));
      assertEquals(fractions.at(-1), 1);
    }
  }
  assertEquals(image.data, before);
});
