/**
 * Finds columns as blobs: maxima of the determinant of the Hessian over place and scale, by boxes.
 *
 * Use it for wide columns, as its cost does not grow with the scale, and where lines and edges should give
 * few peaks. Boxes are a coarse filter: columns narrower than about 1.2 px (scales below 3 px) are seen
 * poorly. Prefer `peaks.log` for these and for precise places.
 *
 * Input   image  float32, height x width, any unit; pixels that are not finite count as the mean of the
 *                others and are no peaks
 * Input   mask   optional image of the same size; pixels of 0 are no peaks
 * Output  peaks  one row a blob, strongest first: place in px; height, the mean of the image there under a
 *                Gaussian of half the column's width; sigma, the scale in px, about 2.5 times the standard
 *                deviation of a Gaussian column; response, the determinant at pixel and scale, which grows
 *                with the square of the contrast
 *
 * Method
 * 1. Dark columns: the image is turned round within its range of values.
 * 2. At each scale second derivatives are differences of boxes of floor(3 sigma) px and thirds of it; the
 *    determinant is dxx dyy - 0.81 dxy^2.
 * 3. Peaks are pixels above the threshold that none of their 26 neighbors in place and scale exceeds. As
 *    determinants have lost the sign, those darker than their surroundings are left out; polarity "both"
 *    keeps them.
 * 4. Of two blobs whose discs of radius sqrt(2) sigma overlap too much, the larger scale stays.
 * 5. Place and scale become those of the top of the quadratic in x, y and log sigma through the neighbors;
 *    the scale stays at both ends of the range, and so does the place along an axis at the border.
 *
 * With polarity "both", boxes "scikit-image", `interpolate` off and equal parameters these are the blobs of
 * scikit-image's `blob_doh`, in its order (which blob of a chain of overlapping ones goes is undefined
 * there; here larger ones decide first). Thresholds are in units of the image squared: scikit-image brings
 * whole-number types to 0 to 1. Its boxes lie a pixel right of and below their pixel, so that its places
 * are a pixel off; at the border it moves and cuts them, which makes false blobs on a bright ground, and it
 * takes sums below 0 as 0. Boxes "centered" have none of this; their places are best at odd whole scales.
 *
 * Left at "auto", scales are the odd whole numbers around 0.35 to 0.7 of the distance of neighboring
 * columns; from 5 to 15 px where nothing repeats. The threshold is the square of 3 times the noise of a
 * second derivative at the smallest scale on a lattice, 5 times where nothing repeats; but at least a
 * hundredth of strong maxima.
 *
 * Accuracy   centered places at odd scales within 0.06 px along each axis on isolated noise-free Gaussians of
 *            1.5 px and more; its scale tells a width only roughly
 * Cost       O(n) in pixels for each scale, whatever it is; about 30 bytes per pixel
 * Errors     IMAGE_SIZE_DIFFERS, PARAM_CONFLICT; an image without blobs gives an empty table
 *
 * @see Bay et al., Speeded-Up Robust Features (SURF), Computer Vision and Image Understanding 110 (2008)
 * 346-359. https://doi.org/10.1016/j.cviu.2007.09.014
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
 * const { peaks } = await host.run(finders.doh, { image });
 * assertClose(peaks.columns.x[0], 20.3, 0.06);
 * assertClose(peaks.columns.y[0], 18.8, 0.06);
 * ```
 *
 * @module
 */
import { defineStage, type Stage } from "@core";
import { chooseScales, noiseOf, oddScales, scaleCount, scalesBetween } from "./_blob_auto.ts";
import {
  blobInputs,
  blobOutputs,
  blobParams,
  logScaleParam,
  maxSigmaParam,
  minSigmaParam,
  numSigmaParam,
} from "./_blob_params.ts";
import { brightPixels, findBlobs, lessMedian } from "./_blobs.ts";
import {
  centeredHessianFilter,
  cutHessianFilter,
  hessianBoxes,
  hessianNoise,
  isBrighter,
} from "./_box_hessian.ts";
import { requireSameSize } from "./_searched.ts";

const ID = "peaks.doh";
/** Scale at which the boxes see a Gaussian column of 1 px, and widths of columns over their distance. */
const USE = { unit: 2.5, shares: [0.14, 0.28] } as const;

const params = {
  polarity: {
    type: "string",
    enum: ["bright", "dark", "both"],
    default: "bright",
    description: "Whether columns are bright or dark, or both are to be found",
  },
  minSigma: { ...minSigmaParam, minimum: 1 },
  maxSigma: { ...maxSigmaParam, minimum: 1 },
  numSigma: {
    ...numSigmaParam,
    description: "Number of scales; auto is 10, or every whole number where both ends are chosen",
  },
  logScale: logScaleParam,
  boxes: {
    type: "string",
    enum: ["auto", "centered", "scikit-image"],
    default: "auto",
    level: "advanced",
    description:
      "Whether boxes lie around their pixel and the image is reflected at its border, or " +
      "they lie a pixel off and are cut as in scikit-image; auto is centered where minSigma and " +
      "maxSigma are both chosen",
  },
  ...blobParams,
} as const;

/** The stage `peaks.doh`. */
export const doh: Stage<typeof blobInputs, typeof blobOutputs, typeof params> = defineStage({
  id: ID,
  version: "1.0.0",
  api: "^1.0",
  summary: "Finds blobs by the determinant of the Hessian",
  inputs: blobInputs,
  outputs: blobOutputs,
  params,
  module: import.meta.url,
  run({ image, mask }, given, context) {
    requireSameSize(ID, image, mask);
    context.progress(0.05);
    const { width, height } = image, isBoth = given.polarity === "both";
    const usual = given.polarity === "dark" ? "dark" : "bright";
    const { clear, ...chosen } = chooseScales(ID, image, usual, given, USE);
    const isFree = given.minSigma === "auto" && given.maxSigma === "auto";
    const range = isFree ? oddScales(chosen) : chosen;
    const count = scaleCount(given, isFree ? (range.maxSigma - range.minSigma) / 2 + 1 : undefined);
    const isCentered = given.boxes === "auto" ? isFree : given.boxes === "centered";
    const boxes = isCentered ? "centered" : "scikit-image";
    context.chose({ ...range, numSigma: count, boxes });
    context.progress(0.1);
    const sigmas = scalesBetween(range, count, given.logScale);
    const noiseThreshold = given.threshold === "auto"
      ? (clear * hessianNoise(noiseOf(image, usual), sigmas[0], USE.unit)) ** 2
      : undefined;
    context.progress(0.2);
    const pixels = brightPixels(image, usual);
    const filter = isCentered
      ? centeredHessianFilter(lessMedian(pixels), width, height, sigmas)
      : cutHessianFilter(pixels, width, height, sigmas);
    const admits = (pixel: number, scale: number) =>
      isBoth || isBrighter(pixels, width, height, pixel, hessianBoxes(sigmas[scale]));
    const method = { filter, noiseThreshold, level: 0, order: 2, unit: USE.unit, admits };
    const peaks = findBlobs(image, mask, method, given, context);
    context.progress(1);
    return { peaks };
  },
});
