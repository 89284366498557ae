/**
 * Decodes a confidence map to columns: local maxima, suppression of overlapping ones, sub-pixel places.
 *
 * Use it on the map of `inference.atomid` to try other bounds without another inference: with the same
 * parameters, and its summary as `spacing`, the columns are the very same. Takes maps of other networks
 * and the `targets/` of labeled sets as well. Prefer `peaks.findfoci` for images.
 *
 * Input   confidence  float32, height x width, 0 to 1, a Gaussian at each column
 * Input   spacing     optional: JSON with `spacing` in px, as of `inference.atomid` or `lattice.spacing`;
 *                     without it, the median distance of neighboring maxima
 * Output  columns     the most confident first: sub-pixel place, `height` = confidence, sigmas of the
 *                     maximum, status `ok` or `edge`; errors are NaN, since a map tells none
 *
 * Method
 * 1. Proposals: pixels of at least `filterLowerBound` that none in the window around them exceeds. (The
 *    published program divides the map in blocks instead, where of two columns in one block one is lost.)
 * 2. Boxes as large as the spacing around the proposals; of two that overlap by more than `overlap` of
 *    their common area, the more confident one stays.
 * 3. With `filterLowerBound: auto` the columns of a lattice vouch for each other (`_vouching.ts`):
 *    0.4 is enough among them, 0.75 is needed by a column alone. A number is one bound for all.
 * 4. The top of the paraboloid that fits the logarithms of the map around the maximum.
 *
 * Accuracy   exact for Gaussians. On maps of the trained network, simulated MoS2 of 10.7 px: 0.31 px rms,
 *            where the best centroid leaves 0.35 and the pixel itself 0.54
 * Cost       linear in pixels and proposals: 1024 x 1024 px with 12 000 columns in 50 ms
 * Errors     an empty result is none
 *
 * @see Zhang et al., the published AtomID: max-pooling, lower bound and non-maximum suppression with
 * boxes of the predicted spacing; Neubeck and Van Gool, Efficient non-maximum suppression, ICPR (2006)
 * 850. https://doi.org/10.1109/ICPR.2006.479
 *
 * @module
 */
import { defineStage, type Stage } from "@core";
import { columnsOfMap, DECODE_PARAMS } from "./_map_columns.ts";

const inputs = {
  confidence: { kind: "image", axes: "yx", description: "Confidence of a column at each pixel" },
  spacing: {
    kind: "json",
    optional: true,
    schema: {
      type: "object",
      required: ["spacing"],
      properties: { spacing: { type: ["number", "null"], minimum: 0 } },
    },
    description: "Distance of neighboring columns in px, as `spacing`",
  },
} as const;

const outputs = {
  columns: { kind: "columns", description: "Columns, the most confident first" },
} as const;

const params = DECODE_PARAMS;

/** `inference.decode` */
export const decode: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: "inference.decode",
  version: "1.2.1",
  api: "^1.0",
  summary: "Decodes a confidence map to columns, without another inference",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ confidence, spacing }, values, context) {
    context.progress(0.1);
    const columns = columnsOfMap(confidence, spacing?.spacing ?? NaN, values);
    context.progress(1);
    return { columns };
  },
});
