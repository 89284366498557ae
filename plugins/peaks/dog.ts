/**
 * Finds columns as blobs: maxima of differences of Gaussians over place and scale.
 *
 * Use it as `peaks.log`, which it approximates by fewer, wider filters: quicker over a wide range of
 * scales, with less to choose. Prefer `peaks.log` where columns are close or their width matters.
 *
 * Input   image  float32, height x width, any unit; pixels that are not finite count as the mean of the
 *                others and are no peaks
 * Input   mask   optional image of the same size; pixels of 0 are no peaks
 * Output  peaks  one row a blob, strongest first: place in px; height, the mean of the image there under a
 *                Gaussian of half the column's width; sigma, the narrower Gaussian of the difference in px:
 *                that of a Gaussian column over the root of sigmaRatio; response, the difference over
 *                sigmaRatio - 1 at pixel and scale
 *
 * Method
 * 1. Dark columns: the image is turned round within its range of values.
 * 2. The image is blurred by minSigma, and by sigmaRatio times as much again and again until maxSigma is
 *    reached, edges reflected; neighbors in this row are subtracted.
 * 3. Peaks are pixels above the threshold that none of their 26 neighbors in place and scale exceeds.
 * 4. Of two blobs whose discs of radius sqrt(2) sigma overlap too much, the larger scale stays.
 * 5. Place and scale become those of the top of the quadratic in x, y and log sigma through the neighbors;
 *    the scale stays at both ends of the range, and so does the place along an axis at the border.
 *
 * With `interpolate` off and equal parameters these are the blobs of scikit-image's `blob_dog`, in its
 * order (which blob of a chain of overlapping ones goes is undefined there; here larger ones decide first).
 * Thresholds are in units of the image: scikit-image brings whole-number types to 0 to 1.
 *
 * Left at "auto", columns' widths are taken to be 0.18 to 0.28 of the distance of neighboring columns; 2 to
 * 6 px where nothing repeats. The threshold is 3 times the noise's response at the smallest scale on a
 * lattice, 5 times where nothing repeats; but at least a tenth of strong maxima.
 *
 * Accuracy   places within 0.05 px along each axis on isolated noise-free Gaussians of 1.5 px and more; scales
 *            within 5 % at a sigmaRatio of 1.3. The range chosen by itself has one scale or two: too few to
 *            tell widths
 * Cost       O(n log n) in pixels for each scale; 24 bytes per pixel
 * Errors     IMAGE_SIZE_DIFFERS, PARAM_CONFLICT; an image without blobs gives an empty table
 *
 * @see Lowe, Distinctive image features from scale-invariant keypoints, International Journal of Computer
 * Vision 60 (2004) 91-110. https://doi.org/10.1023/B:VISI.0000029664.99615.94
 *
 * @example A column between pixels
 * ```ts
 * import { createImage } from "@core";
 * import { assertClose } from "@assert";
 * import { createHost, peaks as finders } from "../../mod.ts";
 *
 * const data = Float32Array.from({ length: 41 * 41 }, (_, i) =>
 *   Math.exp(-((i % 41 - 20.3) ** 2 + (Math.floor(i / 41) - 18.8) ** 2) / 8));
 * using host = createHost({ cache: false, runner: "inline" });
 * const image = createImage({ width: 41, height: 41, data });
 * const { peaks } = await host.run(finders.dog, { image }, { minSigma: 1, maxSigma: 5 });
 * assertClose(peaks.columns.x[0], 20.3, 0.06);
 * assertClose(peaks.columns.y[0], 18.8, 0.06);
 * ```
 *
 * @module
 */
import { defineStage, type Stage } from "@core";
import { chooseScales, noiseOf, ratioScales } from "./_blob_auto.ts";
import {
  blobInputs,
  blobOutputs,
  blobParams,
  maxSigmaParam,
  minSigmaParam,
  polarityParam,
} from "./_blob_params.ts";
import { brightPixels, findBlobs } from "./_blobs.ts";
import { filteredNoise } from "./_noise.ts";
import { differenceFilter, differenceGain } from "./_scale_filters.ts";
import { requireSameSize } from "./_searched.ts";

const ID = "peaks.dog";
/** Widths of columns over their distance; narrower kernels than columns see more noise. */
const SHARES = [0.18, 0.28] as const;

const params = {
  polarity: polarityParam,
  minSigma: minSigmaParam,
  maxSigma: maxSigmaParam,
  sigmaRatio: {
    type: "number",
    default: 1.6,
    minimum: 1.01,
    maximum: 10,
    description: "Ratio of the two Gaussians of a difference, and of neighboring scales",
  },
  ...blobParams,
} as const;

/** The stage `peaks.dog`. */
export const dog: Stage<typeof blobInputs, typeof blobOutputs, typeof params> = defineStage({
  id: ID,
  version: "1.0.0",
  api: "^1.0",
  summary: "Finds blobs by differences of Gaussians",
  inputs: blobInputs,
  outputs: blobOutputs,
  params,
  module: import.meta.url,
  run({ image, mask }, given, context) {
    requireSameSize(ID, image, mask);
    context.progress(0.05);
    const ratio = given.sigmaRatio, unit = 1 / Math.sqrt(ratio);
    const use = { unit, shares: SHARES };
    const { clear, ...range } = chooseScales(ID, image, given.polarity, given, use);
    context.chose({ ...range });
    context.progress(0.1);
    const pixels = brightPixels(image, given.polarity);
    const sigmas = ratioScales(range, ratio);
    const noiseThreshold = given.threshold === "auto"
      ? clear * filteredNoise(noiseOf(image, given.polarity), differenceGain(sigmas[0], ratio))
      : undefined;
    context.progress(0.2);
    const filter = differenceFilter(pixels, image.width, image.height, sigmas, ratio);
    const method = { filter, noiseThreshold, level: 0, order: 1, unit };
    const peaks = findBlobs(image, mask, method, given, context);
    context.progress(1);
    return { peaks };
  },
});
