/**
 * Labels a training image where two finders agree: a network (a labeler) and FindFoci.
 *
 * Use it to label real images to train on, without anybody's clicks, as the AtomID thesis did: a small
 * network trained on simulations of one structure sees through noise, FindFoci knows no structure and
 * invents none. Prefer the labeling procedure (`adatom label`) where there are several exposures.
 *
 * Input   columns  what the labeler found, with positions to keep
 * Input   peaks    what FindFoci found in the same image
 * Output  columns  the labeler's columns that a peak confirms, with their status; with `keep: either` those
 *                  without a peak too, marked `weak`
 * Output  summary  `{ labeler, findfoci, agreed, agreement, spacing, matchRadius }`: numbers of columns and
 *                  peaks, pairs, pairs over all that either found, px
 *
 * Method
 * 1. Pairs within the match radius, as many as possible, of those the least total distance:
 *    {@linkcode strictMatching}. The radius is a share of the labeler's median nearest-neighbor distance.
 * 2. A warning where less than `leastAgreement` of all is agreed upon: such an image is no good to train on.
 *
 * Cost       near-linear in columns
 * Errors     PEAKS_EMPTY
 *
 * @module
 */
import {
  AdatomError,
  type Columns,
  defineStage,
  type Peaks,
  selectRows,
  type Stage,
  withColumns,
} from "@core";
import { medianNearestDistance, strictMatching } from "@core/kernels";

const ID = "annotation.auto-label";

const inputs = {
  columns: { kind: "columns", description: "Columns the labeler found" },
  peaks: { kind: "peaks", description: "Peaks FindFoci found in the same image" },
} as const;

const outputs = {
  columns: { kind: "columns", description: "The labels" },
  summary: {
    kind: "json",
    schema: {
      type: "object",
      properties: {
        labeler: { type: "integer" },
        findfoci: { type: "integer" },
        agreed: { type: "integer" },
        agreement: { type: "number" },
        spacing: { type: "number" },
        matchRadius: { type: "number" },
      },
      required: ["labeler", "findfoci", "agreed", "agreement", "spacing", "matchRadius"],
    },
    description: "How far the two agree",
  },
} as const;

const params = {
  matchRadius: {
    type: "number",
    default: 0.35,
    exclusiveMinimum: 0,
    maximum: 1,
    description: "Largest distance of a pair, in median nearest-neighbor distances",
  },
  keep: {
    type: "string",
    default: "agreed",
    enum: ["agreed", "either"],
    description: "Whether only columns with a peak stay, or the others too, marked weak",
  },
  leastAgreement: {
    type: "number",
    default: 0.9,
    minimum: 0,
    maximum: 1,
    level: "advanced",
    description: "Below this share of pairs among all that either found, a warning",
  },
} as const;

/** `annotation.auto-label` */
export const autoLabel: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: ID,
  version: "1.0.0",
  api: "^1.0",
  summary: "Labels a training image where a network and FindFoci agree",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ columns, peaks }, { matchRadius, keep, leastAgreement }, context) {
    const spacing = spacingOf(columns);
    const radius = matchRadius * spacing;
    const { partner, agreed } = pairsOf(columns, peaks, radius);
    context.progress(0.9);
    const either = columns.length + peaks.length - agreed;
    const agreement = agreed / either;
    if (agreement < leastAgreement) {
      const share = `${Math.round(100 * agreement)} % of ${either} columns and peaks`;
      context.warn("LABELS_DISAGREE", `Labeler and FindFoci agree on ${share}; do not train on it`);
    }
    const labeler = columns.length, findfoci = peaks.length;
    context.progress(1);
    return {
      columns: keep === "agreed"
        ? selectRows(columns, [...partner.keys()].filter((i) => partner[i] >= 0))
        : withColumns(columns, { status: statusOf(columns, partner) }),
      summary: { labeler, findfoci, agreed, agreement, spacing, matchRadius: radius },
    };
  },
});

function spacingOf({ columns: { x, y } }: Columns): number {
  if (x.length >= 2) return medianNearestDistance(x, y);
  throw new AdatomError("PEAKS_EMPTY", {
    cannot: "label an image",
    expected: "at least 2 columns found by the labeler",
    got: String(x.length),
    hint: "use the labeler of this structure and magnification, or lower its filterLowerBound",
  }, { stage: ID, port: "columns" });
}

function pairsOf(columns: Columns, peaks: Peaks, radius: number) {
  const partner = new Int32Array(columns.length);
  const agreed = strictMatching(
    columns.columns.x,
    columns.columns.y,
    peaks.columns.x,
    peaks.columns.y,
    radius,
    partner,
  );
  if (agreed >= 0) return { partner, agreed };
  throw new AdatomError("SIZE_LIMIT", {
    cannot: "pair columns with peaks",
    expected: "a few pairs each within the match radius",
    got: `${columns.length} columns and ${peaks.length} peaks, all close together`,
    hint: "lower matchRadius",
  }, { stage: ID, param: "matchRadius" });
}

/** The labeler's status, `weak` where no peak confirms a column that was sound. */
function statusOf({ columns: { status } }: Columns, partner: Int32Array): string[] {
  return status.map((word, i) => partner[i] < 0 && word === "ok" ? "weak" : word);
}
