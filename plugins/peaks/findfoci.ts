/**
 * Finds peaks by FindFoci: local maxima that stand far enough above their highest saddle.
 *
 * Use it to find columns in an image clear enough to see them. With its defaults everything is chosen
 * from the image. Peaks lie on whole pixels: refine them with `refinement.gaussian`.
 *
 * Input   image  float32, height x width, any unit; pixels that are not finite take no part
 * Input   mask   optional image of the same size; pixels of 0 take no part
 * Output  peaks    one row a peak, in the order of `sort`: place, height, region, saddle. `saddleId`
 *                  is the row (from 1) of the peak beyond the highest saddle, 0 without one; a peak
 *                  without a saddle is measured from the background
 *         labels   image of the regions: the row (from 1) of the peak a pixel belongs to, 0 for none
 *         saddles  one row for every two peaks that touch: rows `first` and `second` (from 1) and the
 *                  level of the highest pass between them, highest first (of dark columns lowest
 *                  first). Peaks that merge over passes from the first row on make the merge tree
 *
 * Method
 * 1. Blur; turn the image round for dark columns.
 * 2. Every pixel above the background climbs by steepest ascent to a local maximum.
 * 3. Peaks merge into the neighbor beyond their highest saddle when they are too low above it, then
 *    when they have too few pixels, then when too few lie above the saddle.
 *
 * Blur and height left at "auto" are chosen together. For each of a ladder of blurs the local maxima are
 * counted by their height above the pass to a higher one; the lowest tell how many of the higher are
 * noise, which gives the columns and the mistakes to expect at any height. The middle of the blurs that
 * find the most columns with the fewest mistakes is taken. Faint sublattices are found, too, where
 * they stand clear: see `annotation.select-sublattice`.
 *
 * With 8 and 16-bit images levels are whole numbers, as in the reference program, unless blur or height
 * are chosen automatically: a blurred image of few counts has nearly no levels when rounded.
 *
 * `compatible` repeats the reference program, in the numbers of `labels`, too: there the last row is 1.
 * For stacks of slices through one volume there is `peaks.findfoci-stack`.
 *
 * Cost    O(n) in pixels, near-linear in maxima; about 20 bytes per pixel
 * Errors  PARAM_CONFLICT, PARAM_RANGE, IMAGE_SIZE_DIFFERS; an image without peaks gives an empty table
 *
 * @see Herbert, Carr and Hoffmann, FindFoci, PLoS ONE 9 (2014) e114749.
 * https://doi.org/10.1371/journal.pone.0114749
 *
 * @module
 */
import { createImage, defineStage, type Stage } from "@core";
import { findfociParams } from "./_findfoci_params.ts";
import { labelPixels, searchSlices } from "./_findfoci_search.ts";
import { peakTable, saddleTable } from "./_peak_table.ts";

const ID = "peaks.findfoci";

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
    description: "Peaks on whole pixels, with size, total and saddle of their regions",
  },
  labels: {
    kind: "image",
    axes: "yx",
    description: "The peak each pixel belongs to, by its row from 1, 0 for none; see labelsShow",
  },
  saddles: {
    kind: "table",
    columns: { first: "", second: "", level: "counts" },
    description: "The pass between every two peaks that touch, by their rows from 1, highest first",
  },
} as const;

/** The stage `peaks.findfoci`. */
export const findfoci: Stage<typeof inputs, typeof outputs, typeof findfociParams> = defineStage({
  id: ID,
  version: "1.1.0",
  api: "^1.0",
  summary: "Finds peaks that stand clear of their surroundings (FindFoci)",
  inputs,
  outputs,
  params: findfociParams,
  module: import.meta.url,
  run({ image, mask }, given, context) {
    const { width, height, name, pixelSize } = image;
    const masks = mask === undefined ? [] : [mask];
    const found = searchSlices(ID, [image], masks, given, context);
    const peaks = peakTable(found.foci, width, found.turn);
    const saddles = saddleTable(found.foci.saddles, found.turn);
    const data = labelPixels(found, given);
    const labels = createImage({ width, height, data, name, pixelSize });
    context.progress(1);
    return { peaks, labels, saddles };
  },
});
