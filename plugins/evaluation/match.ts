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
import { type Context, createTable, defineStage, type Stage } from "@core";
import { mutualNearest } from "@core/kernels";
import {
  chamferDistance,
  insideMargin,
  pairColumns,
  type PairMetrics,
  pairMetrics,
  type Points,
} from "./_metrics.ts";
import {
  chooseRadius,
  marginBox,
  PAIRING_PARAMS,
  pairStrictly,
  requireFinite,
} from "./_pairing.ts";

const ID = "evaluation.match";
const PLACE = { stage: ID, port: "truth" } as const;

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

const params = PAIRING_PARAMS;

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
    requireFinite(found, "found", ID);
    requireFinite(truth, "truth", ID);
    const scene = { found, truth, ...insideMargin(found, truth, marginBox(params, ID)) };
    const matchRadius = chooseRadius(truth, params.matchRadius, PLACE);
    context.chose({ matchRadius });
    context.progress(0.1);
    const partner = pairStrictly(found, truth, matchRadius, PLACE);
    context.progress(0.6);
    const mutual = new Int32Array(foundTable.length);
    mutualNearest(found.x, found.y, truth.x, truth.y, mutual);
    const strict = pairMetrics(scene, partner);
    const thesis = pairMetrics(scene, mutual);
    context.progress(0.8);
    const chamfer = chamferDistance(scene);
    const counted = {
      found: strict.matches + strict.falsePositives,
      truth: strict.matches + strict.falseNegatives,
    };
    warnIfEmpty(counted, context);
    context.progress(1);
    return {
      metrics: {
        strict: { ...strict, matchRadius },
        thesis: { ...thesis, publishedJaccard: publishedJaccard(thesis) },
        chamfer,
        found: counted.found,
        truth: counted.truth,
        leftOut: {
          found: foundTable.length - counted.found,
          truth: truthTable.length - counted.truth,
        },
      },
      pairs: createTable(pairColumns(scene, partner), {
        dx: "px",
        dy: "px",
        distance: "px",
      }),
    };
  },
});

function publishedJaccard({ matches, falsePositives }: PairMetrics): number | null {
  const found = matches + falsePositives;
  return found > 0 ? matches / (2 * found - matches) : null;
}

function warnIfEmpty(
  { found, truth }: { readonly found: number; readonly truth: number },
  context: Context,
): void {
  if (found === 0) context.warn("NOTHING_FOUND", "nothing was found: precision is undefined");
  if (truth === 0) context.warn("NOTHING_TRUE", "there is no true position: recall is undefined");
}
