/**
 * Finds local maxima: pixels that none exceeds within a minimum distance, above a threshold.
 *
 * Use it where columns lie at one distance from each other on a level background: it is quick, and what
 * it does is said in a sentence. Prefer `peaks.findfoci` where distances, heights or the background vary,
 * `peaks.find-maxima` where peaks should stand out by so much and may be close.
 *
 * Input   image  float32, height x width, any unit; pixels that are not finite take no part
 * Input   mask   optional image of the same size; pixels of 0 take no part
 * Output  peaks  one row a peak, highest first, those of one height in the order of the image: place in
 *                whole px, and height in the blurred image
 *
 * Method
 * 1. Blur; turn the image round for dark columns.
 * 2. Candidates are the pixels above the threshold, and above the lowest pixel, that no pixel of the square
 *    of 2 d + 1 px around them exceeds, d being the minimum distance. Of candidates that touch (a plateau)
 *    the one nearest their mean counts.
 * 3. From the highest down, in the order of the image among equals, a candidate is a peak unless an
 *    earlier peak lies in its square: so no two peaks are within d px along both axes.
 *
 * Without plateaus these are the points of scikit-image's `peak_local_max(min_distance=d,
 * threshold_abs=threshold, exclude_border=excludeBorder)`, which lists every pixel of a plateau that is
 * far enough from the others.
 *
 * Left at "auto", the minimum distance is 0.4 of that of neighboring columns, in whole px: it is measured
 * on the maxima of the image after a slight blur, as at most the shortest repeat vector; 4 px where nothing
 * repeats. The blur is 0.4 of the minimum distance. The threshold is the median and 3 times the noise on a
 * lattice, 5 times where nothing repeats: 512 x 512 px of Gaussian noise then have about one peak, and
 * empty space beside a lattice has some.
 *
 * Accuracy   the same peaks as by the definition, tested on images with plateaus; those of scikit-image
 *            0.25.2 on an image without
 * Cost       O(n) in pixels, whatever the distance; about 20 bytes per pixel
 * Errors     IMAGE_SIZE_DIFFERS; an image without maxima gives an empty table
 *
 * @see van der Walt et al., scikit-image: image processing in Python, PeerJ 2 (2014) e453.
 * https://doi.org/10.7717/peerj.453
 *
 * @module
 */
import { defineStage, type Stage } from "@core";
import { chooseThreshold, chooseWindow, lowestLevel } from "./_auto_window.ts";
import { pixelTable } from "./_maxima_table.ts";
import { requireSameSize, searchedImage } from "./_searched.ts";
import { windowPeaks } from "./_window_maxima.ts";

const ID = "peaks.local-maxima";

const inputs = {
  image: {
    kind: "image",
    axes: "yx",
    nonFinite: "exclude",
    description: "Image with columns as maxima (or minima)",
  },
  mask: {
    kind: "image",
    axes: "yx",
    optional: true,
    description: "Image of the same size; pixels of 0 take no part",
  },
} as const;

const outputs = {
  peaks: { kind: "peaks", description: "Local maxima on whole pixels" },
} as const;

const params = {
  polarity: {
    type: "string",
    enum: ["bright", "dark"],
    default: "bright",
    description: "Whether columns are bright or dark",
  },
  minimumDistance: {
    type: "integer",
    default: "auto",
    auto: true,
    minimum: 1,
    maximum: 1000,
    unit: "px",
    description: "No higher pixel, and no other peak, lies within this distance along both axes; " +
      "auto is 0.4 of the distance of neighboring columns",
  },
  threshold: {
    type: "number",
    default: "auto",
    auto: true,
    description: "Intensity that peaks are above (dark ones below), after the blur; auto is from " +
      "median and noise",
  },
  blur: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 0,
    maximum: 50,
    unit: "px",
    description: "Standard deviation of the Gaussian blur before the search; auto is 0.4 of the " +
      "minimum distance",
  },
  excludeBorder: {
    type: "integer",
    default: 0,
    minimum: 0,
    maximum: 16384,
    unit: "px",
    level: "advanced",
    description: "Peaks nearer to the border than this are left out; 0 keeps all",
  },
  maximumPeaks: {
    type: "integer",
    default: 0,
    minimum: 0,
    level: "advanced",
    description: "Largest number of peaks, the highest ones; 0 is no limit",
  },
} as const;

/** The stage `peaks.local-maxima`. */
export const localMaxima: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: ID,
  version: "1.0.1",
  api: "^1.0",
  summary: "Finds local maxima by minimum distance and threshold",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ image, mask }, given, context) {
    requireSameSize(ID, image, mask);
    context.progress(0.1);
    const choice = chooseWindow(image, given);
    const { minimumDistance, blur } = choice;
    context.progress(0.4);
    const { values, level } = searchedImage(image, mask, given.polarity, blur);
    context.progress(0.6);
    const auto = given.threshold === "auto"
      ? chooseThreshold(image, given.polarity, choice, values)
      : undefined;
    const threshold = given.threshold === "auto" ? auto!.threshold : level(given.threshold);
    context.chose({ minimumDistance, blur });
    if (auto !== undefined) context.chose({ threshold: level(threshold), noise: auto.noise });
    context.progress(0.7);
    const peaks = windowPeaks(values, image.width, image.height, {
      reach: minimumDistance,
      least: Math.max(threshold, lowestLevel(values)),
      border: given.excludeBorder,
      limit: given.maximumPeaks,
    });
    context.progress(1);
    return { peaks: pixelTable(peaks, values, image.width, level) };
  },
});
