/**
 * Finds exposures that a person could not tell apart from a better one.
 *
 * Two exposures are duplicates when they show the same (their correlation is above `limit`), equally
 * strongly (contrast within `doseTolerance`), equally sharp (`focusTolerance`), at the same dose (mean
 * pixel within `doseTolerance`). The better ranked stays. Noise does not make two exposures different: a person sees that there is as
 * much of it in both, not that its grains lie elsewhere. So the correlation is taken at the spatial
 * frequencies that stand out of the noise, and corrected for the noise that is left there: two
 * exposures at the same settings reach 1 at any dose, and contamination, damage, distortion or another
 * region lower it.
 *
 * Input   exposures   cropped to one region by whole pixels; what is left of drift is allowed for
 *         ranking     of these exposures; rank 0 is best
 * Output  duplicates  one row an exposure: whether it is kept, which exposure it repeats (-1 for
 *                     none), its likeness to that one (or to the kept one it is most like), and why
 *
 * Cost    one transform for two exposures, and about 1 ms a pair
 * Errors  TABLE_VALUE
 *
 * @module
 */
import { AdatomError, createTable, defineStage, type Stage } from "@core";
import { compareLooks, type Likeness, lookAt, type Looks } from "./_likeness.ts";

const inputs = {
  exposures: { kind: "exposures", axes: "tyx", description: "Exposures cropped to one region" },
  ranking: {
    kind: "table",
    columns: { exposure: "", rank: "" },
    description: "Ranking of these exposures",
  },
} as const;

const outputs = {
  duplicates: {
    kind: "table",
    columns: {
      exposure: "",
      keep: "",
      of: "",
      correlation: "",
      doseRatio: "",
      contrastRatio: "",
      focusRatio: "",
    },
    words: ["reason"],
    description: "Which exposures stay, and which one each other repeats",
  },
} as const;

const params = {
  keepDuplicates: {
    type: "boolean",
    default: false,
    description: "Whether duplicates stay in the set",
  },
  limit: {
    type: "number",
    default: 0.9,
    minimum: 0,
    maximum: 1,
    description: "Least correlation of duplicates, noise apart; equal settings give 1",
  },
  doseTolerance: {
    type: "number",
    default: 0.1,
    minimum: 0,
    maximum: 1,
    description: "Largest difference of dose and of contrast, as a share of the larger",
  },
  focusTolerance: {
    type: "number",
    default: 0.15,
    minimum: 0,
    maximum: 1,
    level: "advanced",
    description: "Largest share of the lattice's contrast that a difference of blur may take away",
  },
} as const;

/** `annotation.deduplicate` */
export const deduplicate: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: "annotation.deduplicate",
  version: "1.1.1",
  api: "^1.0",
  summary: "Finds exposures that a person could not tell apart",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ exposures: { images }, ranking }, params, context) {
    if (ranking.length !== images.length) {
      throw new AdatomError("TABLE_VALUE", {
        cannot: "find duplicates",
        expected: `a ranking of ${images.length} exposures`,
        got: `one of ${ranking.length}`,
        hint: "use the ranking of quality.rank for the same exposures",
      }, { port: "ranking" });
    }
    if (images.length === 0) return { duplicates: duplicateTable([], params.keepDuplicates) };
    const looks = lookAt(images, (f) => context.progress(0.7 * f));
    const order = bestFirst(ranking.columns.rank);
    const rows = compareAll(looks, order, params, (f) => context.progress(0.7 + 0.3 * f));
    context.progress(1);
    return { duplicates: duplicateTable(rows, params.keepDuplicates) };
  },
});

interface Row {
  /** The exposure this one repeats, or -1. */
  readonly of: number;
  /** The kept exposure it was compared with last or is most like, or -1 for the best one. */
  readonly nearest: number;
  readonly likeness: Likeness;
}

interface Limits {
  readonly limit: number;
  readonly doseTolerance: number;
  readonly focusTolerance: number;
}

const ALONE: Likeness = { correlation: 0, doseRatio: 1, contrastRatio: 1, focusRatio: 1 };

function bestFirst(rank: Float64Array): number[] {
  return Array.from(rank, (_, e) => e).sort((a, b) => rank[a] - rank[b] || a - b);
}

/** For each exposure the better one it repeats, or else the better kept one it is most like. */
function compareAll(
  looks: Looks,
  order: readonly number[],
  limits: Limits,
  report: (fraction: number) => void,
): Row[] {
  const rows: Row[] = new Array(order.length);
  const kept: number[] = [];
  for (const [place, e] of order.entries()) {
    let row: Row = { of: -1, nearest: -1, likeness: ALONE };
    for (const better of kept) {
      const likeness = compareLooks(looks, better, e);
      const isDuplicate = repeats(likeness, limits);
      if (isDuplicate || row.nearest < 0 || likeness.correlation > row.likeness.correlation) {
        row = { of: isDuplicate ? better : -1, nearest: better, likeness };
      }
      if (isDuplicate) break;
    }
    rows[e] = row;
    if (row.of < 0) kept.push(e);
    report((place + 1) / order.length);
  }
  return rows;
}

function repeats(likeness: Likeness, limits: Limits): boolean {
  return likeness.correlation >= limits.limit &&
    apart(likeness.doseRatio) <= limits.doseTolerance &&
    apart(likeness.contrastRatio) <= limits.doseTolerance &&
    apart(likeness.focusRatio) <= limits.focusTolerance;
}

/** The difference of two numbers as a share of the larger, from their ratio. */
function apart(ratio: number): number {
  return ratio > 0 ? 1 - Math.min(ratio, 1 / ratio) : 1;
}

function duplicateTable(rows: readonly Row[], keepDuplicates: boolean) {
  const numbers = (of: (row: Row, e: number) => number) => Float64Array.from(rows, of);
  return createTable({
    exposure: numbers((_, e) => e),
    keep: numbers(({ of }) => of < 0 || keepDuplicates ? 1 : 0),
    of: numbers(({ of }) => of),
    correlation: numbers(({ likeness }) => likeness.correlation),
    doseRatio: numbers(({ likeness }) => likeness.doseRatio),
    contrastRatio: numbers(({ likeness }) => likeness.contrastRatio),
    focusRatio: numbers(({ likeness }) => likeness.focusRatio),
    reason: rows.map(reasonFor),
  });
}

function reasonFor({ of, nearest, likeness }: Row): string {
  if (nearest < 0) return "the best exposure";
  const percent = (ratio: number) => `${(100 * apart(ratio)).toFixed(0)} %`;
  const head = of < 0 ? `most like exposure ${nearest}` : `looks like exposure ${of}`;
  const correlation = `correlation ${likeness.correlation.toFixed(3)}`;
  const dose = percent(likeness.doseRatio), contrast = percent(likeness.contrastRatio);
  return `${head}: ${correlation}; ${dose} apart in dose, ${contrast} in contrast, ${
    percent(likeness.focusRatio)
  } in focus`;
}
