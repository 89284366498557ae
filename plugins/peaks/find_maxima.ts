/**
 * Finds maxima by prominence, as ImageJ's Process > Find Maxima does: those from which no higher one can be
 * reached without descending by more than so much.
 *
 * Use it where one number should decide, and to repeat what was done in ImageJ: its Prominence, Strict and
 * Exclude edge maxima are `prominence`, `strict` and `excludeEdges`, its Light background is
 * `polarity: dark`. Prefer `peaks.findfoci` to have everything chosen, or where regions, sizes and a
 * background matter; `peaks.local-maxima` where peaks have a least distance. Without a blur (ImageJ
 * has none here) noise must be lower than what parts columns: see `blur`.
 *
 * Input   image  float32, height x width, any unit; pixels that are not finite take no part
 * Input   mask   optional image of the same size; pixels of 0 take no part and are no way
 * Output  peaks  one row a maximum, highest first, those of one height in the order of the image: place in
 *                whole px; height; saddle, the highest pass to another maximum at least as high;
 *                heightAboveSaddle, its prominence. Levels are those of the blurred image. The highest
 *                maximum stands over the lowest pixel
 *
 * Method
 * 1. Blur, if asked; turn the image round for dark columns.
 * 2. Every pixel climbs by steepest ascent (8 neighbors) to a local maximum; pixels whose higher neighbors
 *    fall into groups are the passes between the regions.
 * 3. From the highest pass to the lowest, the regions on both sides join; the lower maximum (both, of
 *    equal ones) is kept if it is above the pass by more than the prominence. Equally high maxima that
 *    connect within it are one, as are the pixels of a plateau: the pixel nearest the mean of all of them.
 *
 * The highest maximum has no pass to a higher one. It is accepted even if all other pixels are within the
 * prominence of it; with `strict` it is not. An image (or, with a mask, a connected piece) that is flat has
 * none. `excludeEdges` leaves out maxima with a pixel of their own height on the edge of the image; with
 * `strict`, those whose surroundings within the prominence touch it.
 *
 * Left at "auto" with a blur of less than 0.5 px, the prominence is 4.5 times the noise where columns are;
 * pure Gaussian noise then gives one peak in 512 x 512 px, its highest pixel, which is always kept. With more
 * blur, or blur "auto", it is chosen as by `peaks.findfoci`.
 *
 * Accuracy   the same maxima as repeated flood fills by the definition, tested on images with plateaus
 * Cost       O(n) in pixels, near-linear in local maxima; about 20 bytes per pixel
 * Errors     IMAGE_SIZE_DIFFERS; an image without maxima gives an empty table
 *
 * @see ImageJ, Process menu, Find Maxima, by M. Schmid. https://imagej.net/ij/docs/menus/process.html
 *
 * @module
 */
import { defineStage, type Stage } from "@core";
import { chooseProminence } from "./_auto_prominence.ts";
import { maximaTable } from "./_maxima_table.ts";
import { prominentMaxima } from "./_prominence.ts";
import { requireSameSize, searchedImage } from "./_searched.ts";

const ID = "peaks.find-maxima";

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
  peaks: {
    kind: "peaks",
    description: "Maxima on whole pixels, with their saddles and their heights above them",
  },
} as const;

const params = {
  polarity: {
    type: "string",
    enum: ["bright", "dark"],
    default: "bright",
    description: "Whether columns are bright or dark (ImageJ: Light background)",
  },
  prominence: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 0,
    description:
      "Maxima are kept from which every way to a higher one descends by more than this, " +
      "a difference of intensity; auto is from the noise",
  },
  strict: {
    type: "boolean",
    default: false,
    description: "Whether the highest maximum must stand above the lowest pixel by more than the " +
      "prominence, and excludeEdges goes by all that is within it",
  },
  excludeEdges: {
    type: "boolean",
    default: false,
    description:
      "Whether maxima on the edge of the image are left out; if strict, also those whose " +
      "surroundings within the prominence touch it",
  },
  blur: {
    type: "number",
    default: 0,
    auto: true,
    minimum: 0,
    maximum: 50,
    unit: "px",
    description:
      "Standard deviation of a Gaussian blur before the search (ImageJ has none); auto " +
      "suits the image, as in peaks.findfoci",
  },
} as const;

/** The stage `peaks.find-maxima`. */
export const findMaxima: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: ID,
  version: "1.0.0",
  api: "^1.0",
  summary: "Finds maxima by prominence (ImageJ's Find Maxima)",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ image, mask }, given, context) {
    requireSameSize(ID, image, mask);
    const { blur, prominence, noise } = chooseProminence(
      image,
      given,
      (f) => context.progress(0.4 * f),
    );
    if (noise !== undefined) context.chose({ blur, prominence, noise });
    context.progress(0.4);
    const { volume, values, flags, level } = searchedImage(image, mask, given.polarity, blur);
    context.progress(0.5);
    const { strict, excludeEdges } = given;
    const maxima = prominentMaxima(values, volume, flags, { prominence, strict, excludeEdges });
    const peaks = maximaTable(maxima, image.width, level);
    context.progress(1);
    return { peaks };
  },
});
