import { assertAtLeast, assertAtMost, assertClose, assertEquals, assertTrue } from "@assert";
import { createImage } from "../../../core/data/image.ts";
import { createRandom } from "../../../core/kernels/random.ts";
import { isBrighter } from "../../../plugins/peaks/_box_hessian.ts";
import { doh } from "../../../plugins/peaks/doh.ts";
import { findBlobsBy, oneColumn, PHASES } from "./find_blobs.ts";

/** Responses of boxes have kinks: parabolas miss the top by up to this, px. */
const PLACE_ERROR = 0.06;

Deno.test("peaks.doh with centered boxes of odd length finds a column's place", async () => {
  for (const sigma of [1.5, 2, 3, 4.5]) {
    for (const [dx, dy] of PHASES) {
      const image = oneColumn(61, 30 + dx, 30 + dy, sigma);
      const given = { minSigma: 3, maxSigma: 15, numSigma: 7, threshold: 0.01, boxes: "centered" };
      const { peaks } = await findBlobsBy(doh, image, given);
      assertEquals(peaks.length, 1);
      assertClose(peaks.columns.x[0], 30 + dx, PLACE_ERROR);
      assertClose(peaks.columns.y[0], 30 + dy, PLACE_ERROR);
    }
  }
});

Deno.test("peaks.doh with the boxes of scikit-image is a pixel off along both axes, and says which it used", async () => {
  const image = oneColumn(61, 30, 30, 3);
  const given = { minSigma: 3, maxSigma: 15, numSigma: 7, threshold: 0.01 };
  const { peaks, context } = await findBlobsBy(doh, image, given);
  assertEquals(context.chosen, { minSigma: 3, maxSigma: 15, numSigma: 7, boxes: "scikit-image" });
  assertClose(peaks.columns.x[0], 29, PLACE_ERROR);
  assertClose(peaks.columns.y[0], 29, PLACE_ERROR);
  assertEquals((await findBlobsBy(doh, image)).context.chosen.boxes, "centered");
});

Deno.test("peaks.doh tells bright columns from dark ones, and finds both if asked", async () => {
  const bright = oneColumn(81, 25.2, 40.3, 2.5).data, dark = oneColumn(81, 55.4, 40.1, 2.5).data;
  const data = bright.map((v, i) => 5 + v - dark[i]);
  const image = createImage({ width: 81, height: 81, data });
  const at = async (polarity: string) =>
    Array.from((await findBlobsBy(doh, image, { polarity })).peaks.columns.x, Math.round).sort();
  assertEquals(await at("bright"), [25]);
  assertEquals(await at("dark"), [55]);
  assertEquals(await at("both"), [25, 55]);
});

Deno.test("isBrighter compares the middle of the boxes with what is around it, at borders too", () => {
  const boxes = { size: 9, third: 3, half: 4 };
  const { data } = oneColumn(21, 10, 10, 2);
  assertTrue(isBrighter(data, 21, 21, 10 * 21 + 10, boxes));
  assertTrue(!isBrighter(data.map((v) => -v), 21, 21, 10 * 21 + 10, boxes));
  assertTrue(isBrighter(oneColumn(21, 0, 0, 2).data, 21, 21, 0, boxes));
});

Deno.test("peaks.doh finds nothing at the border of a bright image, where cut boxes make false blobs", async () => {
  const random = createRandom(3);
  const data = Float32Array.from({ length: 96 * 80 }, () => 1000 + random());
  const image = createImage({ width: 96, height: 80, data });
  assertAtMost((await findBlobsBy(doh, image)).peaks.length, 1);
  const given = { minSigma: 5, maxSigma: 9, threshold: 10 };
  assertEquals((await findBlobsBy(doh, image, { ...given, boxes: "centered" })).peaks.length, 0);
  assertAtLeast((await findBlobsBy(doh, image, given)).peaks.length, 4);
});

Deno.test("peaks.doh with boxes of whole thirds finds nothing on an edge", async () => {
  const data = Float32Array.from({ length: 96 * 80 }, (_, i) => i % 96 < 50 ? 1 : 0);
  const image = createImage({ width: 96, height: 80, data });
  const given = { minSigma: 3, maxSigma: 9, numSigma: 4, threshold: 1e-6, boxes: "centered" };
  assertEquals((await findBlobsBy(doh, image, given)).peaks.length, 0);
});
