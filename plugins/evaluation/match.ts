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
  type Box,
  chamferDistance,
  firstNonFinite,
  insideMargin,
  pairColumns,
  type PairMetrics,
  pairMetrics,
  type Points,
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
    const scene = { found, truth, ...insideMargin(found, truth, marginBox(params)) };
    const matchRadius = chooseRadius(truth, params.matchRadius);
    context.chose({ matchRadius });
    context.progress(0.1);
    const partner = pairStrictly(found, truth, matchRadius);
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

function requireFinite(points: Points, port: "found" | "truth"): void {
  const row = firstNonFinite(points);
  if (row < 0) return;
  throw new AdatomError("TABLE_VALUE", {
    cannot: `compare positions of "${port}"`,
    expected: "finite x and y",
    got: `x ${points.x[row]}, y ${points.y[row]} in row ${row}`,
    hint: "remove the rows without a position",
  }, { stage: ID, port });
}

/** The part of the image that counts, or null when all of it does. */
function marginBox(
  { margin, width, height }: {
    readonly margin: number;
    readonly width: number | "auto";
    readonly height: number | "auto";
  },
): Box | null {
  if (margin === 0) return null;
  if (width !== "auto" && height !== "auto") {
    // The image's area reaches half a pixel beyond the centers of its outer pixels.
    return {
      left: margin - 0.5,
      top: margin - 0.5,
      right: width - 0.5 - margin,
      bottom: height - 0.5 - margin,
    };
  }
  const missing = width === "auto" ? "width" : "height";
  throw new AdatomError("PARAM_CONFLICT", {
    cannot: `leave out a margin of ${margin} px`,
    expected: "the width and height of the image",
    got: `${missing} "auto"`,
    hint: `set ${missing}, or margin to 0`,
  }, { stage: ID, param: missing });
}

function chooseRadius(truth: Points, wanted: number | "auto"): number {
  if (wanted !== "auto") return wanted;
  const spacing = medianNearestDistance(truth.x, truth.y);
  if (spacing > 0) return RADIUS_SHARE * spacing;
  const n = truth.x.length;
  throw new AdatomError("MATCH_RADIUS_NEEDED", {
    cannot: "choose the match radius",
    expected: "at least two true positions apart from each other",
    got: n < 2 ? `${n} true position${n === 1 ? "" : "s"}` : "mostly duplicates",
    hint: "set matchRadius in px",
  }, { stage: ID, param: "matchRadius" });
}

function pairStrictly(found: Points, truth: Points, matchRadius: number): Int32Array {
  const partner = new Int32Array(found.x.length);
  const pairs = strictMatching(found.x, found.y, truth.x, truth.y, matchRadius, partner);
  if (pairs >= 0) return partner;
  throw new AdatomError("PARAM_RANGE", {
    cannot: "pair found and true positions",
    expected: `at most ${MAX_CANDIDATE_PAIRS} pairs within the match radius`,
    got: `more within ${matchRadius} px`,
    hint: "set a smaller matchRadius",
  }, { stage: ID, param: "matchRadius" });
}

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
