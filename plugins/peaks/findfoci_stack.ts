/**
 * Finds peaks in a volume by FindFoci: local maxima of a stack of slices that stand far enough above
 * their highest saddle.
 *
 * Use it for slices through one specimen, as of a tomogram or a focal series, where a peak is a place
 * in the volume. For exposures of one region, which show the same columns again and again, run
 * `peaks.findfoci` on one of them.
 *
 * Input   exposures  the slices in their order, float32, at least one, of one size; pixels that are not
 *                    finite take no part
 * Input   mask       optional: one slice for all of them, or one each; pixels of 0 take no part
 * Output  peaks      as of `peaks.findfoci`, with the slice (from 0) as `z`
 *         labels     the regions, slice by slice: the row (from 1) of the peak, 0 for none
 *         saddles    as of `peaks.findfoci`
 *
 * Method
 * As `peaks.findfoci`, with 26 neighbors a pixel in place of 8. The blur, the region and the border are
 * those of slices; slices count as one pixel apart. One slice gives what `peaks.findfoci` gives.
 *
 * Blur and height left at "auto" are chosen from the slice that varies most, alone. Noise stands less
 * far above its saddles in a volume than in a slice, so the height is on the safe side.
 *
 * Cost    O(n) in pixels, near-linear in maxima; about 25 bytes per pixel
 * Errors  EXPOSURES_TOO_FEW, PARAM_CONFLICT, PARAM_RANGE, IMAGE_SIZE_DIFFERS; a stack without peaks
 *         gives an empty table
 *
 * @see Herbert, Carr and Hoffmann, FindFoci, PLoS ONE 9 (2014) e114749.
 * https://doi.org/10.1371/journal.pone.0114749
 *
 * @module
 */
import { AdatomError, createImage, defineStage, type Image, type Stage } from "@core";
import { findfociParams } from "./_findfoci_params.ts";
import { labelPixels, searchSlices } from "./_findfoci_search.ts";
import { saddleTable, stackPeakTable } from "./_peak_table.ts";

const ID = "peaks.findfoci-stack";

const inputs = {
  exposures: {
    kind: "exposures",
    axes: "tyx",
    nonFinite: "exclude",
    description: "Slices of one volume, in their order",
  },
  mask: {
    kind: "exposures",
    axes: "tyx",
    optional: true,
    description: "One slice for all of them, or one each; pixels of 0 take no part",
  },
} as const;

const outputs = {
  peaks: {
    kind: "table",
    columns: { x: "px", y: "px", z: "", height: "counts" },
    description:
      "Peaks on whole pixels, z is the slice from 0; with size and saddle of their regions",
  },
  labels: {
    kind: "exposures",
    axes: "tyx",
    description: "The peak each pixel belongs to, by its row from 1, 0 for none; see labelsShow",
  },
  saddles: {
    kind: "table",
    columns: { first: "", second: "", level: "counts" },
    description: "The pass between every two peaks that touch, by their rows from 1, highest first",
  },
} as const;

/** The stage `peaks.findfoci-stack`. */
export const findfociStack: Stage<typeof inputs, typeof outputs, typeof findfociParams> =
  defineStage({
    id: ID,
    version: "1.0.0",
    api: "^1.0",
    summary: "Finds peaks in a volume of slices that stand clear of their surroundings (FindFoci)",
    inputs,
    outputs,
    params: findfociParams,
    module: import.meta.url,
    run({ exposures, mask }, given, context) {
      const slices = exposures.images;
      const masks = mask?.images ?? [];
      requireSlices(slices.length, mask?.images.length);
      const found = searchSlices(ID, slices, masks, given, context);
      const peaks = stackPeakTable(found.foci, found.images.volume, found.turn);
      const saddles = saddleTable(found.foci.saddles, found.turn);
      const labels = { images: labelSlices(slices, labelPixels(found, given)) };
      context.progress(1);
      return { peaks, labels, saddles };
    },
  });

function requireSlices(count: number, masks: number | undefined): void {
  if (count === 0) {
    throw new AdatomError("EXPOSURES_TOO_FEW", {
      cannot: "find peaks",
      expected: "at least 1 slice",
      got: "0",
      hint: "name the files of the slices",
    }, { stage: ID, port: "exposures" });
  }
  if (masks === undefined || masks === 1 || masks === count) return;
  throw new AdatomError("IMAGE_SIZE_DIFFERS", {
    cannot: "mask the slices",
    expected: count === 1 ? "a mask of 1 slice" : `a mask of 1 or ${count} slices`,
    got: `${masks} slices`,
  }, { stage: ID, port: "mask" });
}

/** The slices of labels, each named and calibrated as its image. */
function labelSlices(slices: readonly Image[], pixels: Float32Array): Image[] {
  const size = slices[0].width * slices[0].height;
  return slices.map(({ width, height, name, pixelSize }, z) =>
    createImage({ width, height, data: pixels.slice(z * size, (z + 1) * size), name, pixelSize })
  );
}
