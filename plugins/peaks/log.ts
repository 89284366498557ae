/**
 * Finds columns as blobs: maxima of the Laplacian of Gaussian over place and scale.
 *
 * Use it where columns are round and of about one width, on any slow background, with few counts, or on
 * confidence maps: it tells each column's width, and places to a fraction of a pixel. `peaks.dog` is
 * quicker and coarser in scale; `peaks.doh` answers less to lines and edges. Prefer `peaks.findfoci` where
 * columns' shapes and distances differ, and on a grainy support, whose grains are blobs, too.
 *
 * Input   image  float32, height x width, any unit; pixels that are not finite count as the mean of the
 *                others and are no peaks
 * Input   mask   optional image of the same size; pixels of 0 are no peaks
 * Output  peaks  one row a blob, strongest first: place in px; height, the mean of the image there under a
 *                Gaussian of half the column's width; sigma, the scale in px, which is the standard
 *                deviation of a Gaussian column; response, -sigma^2 times the Laplacian at pixel and scale
 *
 * Method
 * 1. Dark columns: the image is turned round within its range of values.
 * 2. At each scale from minSigma to maxSigma the response is made by separable kernels, edges reflected.
 * 3. Peaks are pixels above the threshold that none of their 26 neighbors in place and scale exceeds.
 * 4. Of two blobs whose discs of radius sqrt(2) sigma overlap too much, the larger scale stays.
 * 5. Place and scale become those of the top of the quadratic in x, y and log sigma through the neighbors;
 *    the scale stays at both ends of the range, and so does the place along an axis at the border.
 *
 * With `interpolate` off and equal parameters these are the blobs of scikit-image's `blob_log`, in its
 * order (which blob of a chain of overlapping ones goes is undefined there; here larger ones decide first).
 * Thresholds are in units of the image: scikit-image brings whole-number types to 0 to 1.
 *
 * Left at "auto", scales go from 0.18 to 0.28 of the distance of neighboring columns; from 2 to 6 px where
 * nothing repeats. The threshold is the response to the median level and 3 times the noise's response at
 * the smallest scale on a lattice, 5 times where nothing repeats; but at least a tenth of strong maxima.
 *
 * Accuracy   places within 0.06 px along each axis and scales within 5 % on isolated noise-free Gaussians of 1.5
 *            px and more, at scales 0.6 px apart
 * Cost       O(n log n) in pixels for each scale; 20 bytes per pixel
 * Errors     IMAGE_SIZE_DIFFERS, PARAM_CONFLICT; an image without blobs gives an empty table
 *
 * @see Lindeberg, Feature detection with automatic scale selection, International Journal of Computer
 * Vision 30 (1998) 79-116. https://doi.org/10.1023/A:1008045108935
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
 * const { peaks } = await host.run(finders.log, { image }, { minSigma: 1, maxSigma: 5 });
 * assertClose(peaks.columns.x[0], 20.3, 0.06);
 * assertClose(peaks.columns.y[0], 18.8, 0.06);
 * ```
 *
 * @module
 */
import { defineStage, type Stage } from "@core";
import { chooseScales, noiseOf, scaleCount, scalesBetween } from "./_blob_auto.ts";
import {
  blobInputs,
  blobOutputs,
  blobParams,
  logScaleParam,
  maxSigmaParam,
  minSigmaParam,
  numSigmaParam,
  polarityParam,
} from "./_blob_params.ts";
import { brightPixels, findBlobs } from "./_blobs.ts";
import { filteredNoise } from "./_noise.ts";
import { medianLevel } from "./_noise_level.ts";
import { laplacianFilter, laplacianGain, laplacianOfLevel } from "./_scale_filters.ts";
import { requireSameSize } from "./_searched.ts";

const ID = "peaks.log";
/** Scales are widths of columns; narrower kernels than columns see more noise. */
const USE = { unit: 1, shares: [0.18, 0.28] } as const;

const params = {
  polarity: polarityParam,
  minSigma: minSigmaParam,
  maxSigma: maxSigmaParam,
  numSigma: numSigmaParam,
  logScale: logScaleParam,
  ...blobParams,
} as const;

/** The stage `peaks.log`. */
export const log: Stage<typeof blobInputs, typeof blobOutputs, typeof params> = defineStage({
  id: ID,
  version: "1.0.0",
  api: "^1.0",
  summary: "Finds blobs by the Laplacian of Gaussian",
  inputs: blobInputs,
  outputs: blobOutputs,
  params,
  module: import.meta.url,
  run({ image, mask }, given, context) {
    requireSameSize(ID, image, mask);
    context.progress(0.05);
    const { clear, ...range } = chooseScales(ID, image, given.polarity, given, USE);
    const count = scaleCount(given);
    context.chose({ ...range, numSigma: count });
    context.progress(0.1);
    const pixels = brightPixels(image, given.polarity);
    const sigmas = scalesBetween(range, count, given.logScale);
    const level = laplacianOfLevel(sigmas[0]) * medianLevel(pixels);
    const noiseThreshold = given.threshold === "auto"
      ? level + clear * filteredNoise(noiseOf(image, given.polarity), laplacianGain(sigmas[0]))
      : undefined;
    context.progress(0.2);
    const filter = laplacianFilter(pixels, image.width, image.height, sigmas);
    const method = { filter, noiseThreshold, level, order: 1, unit: 1 };
    const peaks = findBlobs(image, mask, method, given, context);
    context.progress(1);
    return { peaks };
  },
});
