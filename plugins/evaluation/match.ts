/**
 * Compares found columns with true ones: the `strict` metric, and the `thesis` metric by name.
 *
 * Use it to measure any finder against simulated truth or labels. Both tables must be in px of the
 * same image.
 *
 * Input   found    Table, n rows, x/y in px (center of the top-left pixel is 0, 0)
 * Input   truth    Table, m rows, x/y in px
 * Output  metrics  JSON, see below
 * Output  pairs    Table of the strict pairs: rows of both tables, found minus truth in px
 *
 * Method
 * 1. Strict: as many pairs as possible within the match radius and, of those, the least total
 *    distance ({@linkcode strictMatching}); precision = matches / found, recall = matches / truth,
 *    F1 and Jaccard of them; rmse is of the 2D distance, bias the mean of found minus truth.
 * 2. Thesis: mutual nearest neighbors at any distance ({@linkcode mutualNearest}), Jaccard by its
 *    Eq. 9 and F1 by Eq. 12, with precision and recall as everyone defines them (its Eq. 10 and 11
 *    swap them). `publishedJaccard` is what its program computed, matches / (2 found - matches).
 * 3. Chamfer distance (Eq. 8): mean distance of found to the nearest truth plus the reverse.
 * 4. With a margin, true columns nearer than that to the border are left out of every count, along
 *    with the found ones paired with them and those in the margin paired with none. They take part
 *    in the pairing, so a find of a left-out column is never a false one.
 *
 * Undefined figures are null: precision with nothing found, recall with nothing true, F1 and Jaccard
 * with neither (with one of the two they are 0), rmse and bias without a pair, chamfer without
 * points on both sides. Of duplicates one is paired and the others count as false.
 *
 * Cost       O(n log n) while the match radius reaches a few points only
 * Errors     MATCH_RADIUS_NEEDED, TABLE_VALUE, PARAM_CONFLICT, PARAM_RANGE; empty tables are none
 *
 * @see Borgefors, Hierarchical chamfer matching, IEEE Trans. Pattern Analysis and Machine
 * Intelligence 10 (1988) 849. https://doi.org/10.1109/34.9107
 *
 * @module
 */
import { AdatomError, type Context, createTable, defineStage, type Stage } from "@core";
import {
  MAX_CANDIDATE_PAIRS,
  medianNearestDistance,
  mutualNearest,
  strictMatching,
} from "@core/kernels";
import {
  chamferDistance,
  type Counted,
  countPairs,
  firstNonFinite,
  type Points,
  selectCounted,
} from "./_metrics.ts";

const ID = "evaluation.match";

/** Share of the true columns' median nearest-neighbor distance that is the match radius. */
const RADIUS_SHARE = 0.35;

const inputs = {
  found: {
    kind: "table",
    columns: { x: "px", y: "px" },
    description: "Columns or peaks to judge",
  },
  truth: {
    kind: "table",
    columns: { x: "px", y: "px" },
    description: "True positions, in px of the same image",
  },
} as const;

const outputs = {
  metrics: {
    kind: "json",
    description: "strict and thesis metrics, chamfer (px), counts; undefined figures are null",
  },
  pairs: {
    kind: "table",
    columns: { found: "", truth: "", dx: "px", dy: "px", distance: "px", counted: "" },
    description: "Strict pairs: rows of both tables, found minus truth; counted is 0 in the margin",
  },
} as const;

const params = {
  matchRadius: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 0,
    maximum: 100_000,
    unit: "px",
    description:
      "Largest distance of a pair; auto = 0.35 x the truth's median nearest-neighbor distance",
  },
  margin: {
    type: "number",
    default: 0,
    minimum: 0,
    maximum: 100_000,
    unit: "px",
    description: "Leave out columns nearer than this to the image's border; needs width and height",
  },
  width: {
    type: "integer",
    default: "auto",
    auto: true,
    minimum: 1,
    unit: "px",
    description: "Width of the image, for the margin",
  },
  height: {
    type: "integer",
    default: "auto",
    auto: true,
    minimum: 1,
    unit: "px",
    description: "Height of the image, for the margin",
  },
} as const;

/** The stage `evaluation.match`. */
export const match: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: ID,
  version: "1.0.0",
  api: "^1.0",
  summary: "Compare found columns with true ones: precision, recall, F1, Jaccard, errors",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ found: foundTable, truth: truthTable }, params, context) {
    const found: Points = foundTable.columns, truth: Points = truthTable.columns;
    requireFinite(found, "found");
    requireFinite(truth, "truth");
    const counted = selectCounted(found, truth, marginBox(params));
    const matchRadius = chooseRadius(truth, params.matchRadius);
    context.chose({ matchRadius });
    context.progress(0.1);
    const strict = pairStrictly(found, truth, matchRadius);
    context.progress(0.6);
    const mutual = new Int32Array(foundTable.length);
    mutualNearest(found.x, found.y, truth.x, truth.y, mutual);
    const chamfer = chamferDistance(found, truth, counted);
    context.progress(0.9);
    const figures = countPairs(found, truth, strict, counted);
    const thesis = countPairs(found, truth, mutual, counted);
    warnIfEmpty(counted, context);
    const pairs = pairTable(found, truth, strict, counted);
    context.progress(1);
    return {
      metrics: {
        strict: { ...figures, matchRadius },
        thesis: {
          ...thesis,
          publishedJaccard: counted.foundCount > 0
            ? thesis.matches / (2 * counted.foundCount - thesis.matches)
            : null,
        },
        chamfer,
        found: counted.foundCount,
        truth: counted.truthCount,
        leftOut: {
          found: foundTable.length - counted.foundCount,
          truth: truthTable.length - counted.truthCount,
        },
      },
      pairs,
    };
  },
});
