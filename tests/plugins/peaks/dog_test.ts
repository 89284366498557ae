import { assertClose, assertEquals } from "@assert";
import { dog } from "../../../plugins/peaks/dog.ts";
import { ratioScales } from "../../../plugins/peaks/_blob_auto.ts";
import { findBlobsBy, oneColumn, PHASES } from "./find_blobs.ts";

/** Parabolas through samples of a Gaussian's response miss its top by up to this, px. */
const PLACE_ERROR = 0.05;
/** The same for scales a factor 1.3 apart, as a share; pixels widen the narrowest column. */
const SCALE_ERROR = 0.05;

Deno.test("peaks.dog finds a column's place, and its width over the root of the ratio", async () => {
  const sigmaRatio = 1.3;
  for (const sigma of [1.5, 2.2, 4]) {
    for (const [dx, dy] of PHASES) {
      const image = oneColumn(61, 30 + dx, 30 + dy, sigma);
      const given = { minSigma: 0.8, maxSigma: 7, sigmaRatio, threshold: 0.01 };
      const { peaks, sigma: found } = await findBlobsBy(dog, image, given);
      assertEquals(peaks.length, 1);
      assertClose(peaks.columns.x[0], 30 + dx, PLACE_ERROR);
      assertClose(peaks.columns.y[0], 30 + dy, PLACE_ERROR);
      assertClose(found[0] * Math.sqrt(sigmaRatio) / sigma, 1, SCALE_ERROR);
    }
  }
});

Deno.test("ratioScales end with the first one that is above the largest scale", () => {
  const scales = (minSigma: number, maxSigma: number, ratio: number) =>
    [...ratioScales({ minSigma, maxSigma }, ratio)].map((s) => Number(s.toFixed(3)));
  assertEquals(scales(1, 5, 2), [1, 2, 4, 8]);
  assertEquals(scales(3, 3, 1.6), [3, 4.8]);
  assertEquals(scales(1, 50, 1.6).length, 10);
});

Deno.test("peaks.dog gives each blob a height of the image and a scale of its list without interpolation", async () => {
  const image = oneColumn(41, 20.4, 19.7, 2);
  const given = { minSigma: 1, maxSigma: 5, threshold: 0.01, interpolate: false };
  const { peaks, sigma } = await findBlobsBy(dog, image, given);
  assertEquals([...peaks.columns.x, ...peaks.columns.y], [20, 20]);
  assertClose(sigma[0], 1.6, 1e-12);
  // a Gaussian of half the width (1.6 px times the root of 1.6 is seen) leaves about 0.8 of the top
  assertClose(peaks.columns.height[0], 0.8, 0.05);
});
