/**
 * Finds exposures that a person could not tell apart from a better one.
 *
 * Two exposures are duplicates when they look alike (their correlation, after fine noise and slow changes
 * of brightness are taken away, is above a limit) and their dose differs by at most a tenth. The better
 * ranked stays.
 *
 * Input   exposures   cropped to one region
 *         ranking     of these exposures; rank 0 is best
 * Output  duplicates  one row an exposure: keep, the exposure it repeats (-1 for none), and why
 *
 * Cost    all pairs; a pair of 1024 x 1024 px takes about 10 ms
 *
 * @module
 */
import { AdatomError, createTable, defineStage, type Stage } from "@core";
import { likeness, type Look, lookOf } from "./_likeness.ts";

const inputs = {
  exposures: { kind: "exposures", axes: "tyx", description: "Exposures cropped to one region" },
  ranking: {
    kind: "table",
    columns: { exposure: "", rank: "", sharpness: "1/px" },
    description: "Ranking of these exposures",
  },
} as const;

const outputs = {
  duplicates: {
    kind: "table",
    columns: { exposure: "", keep: "", of: "", correlation: "", doseRatio: "" },
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
    default: 0.95,
    minimum: 0,
    maximum: 1,
    description: "Least correlation of duplicates",
  },
  doseTolerance: {
    type: "number",
    default: 0.1,
    minimum: 0,
    maximum: 1,
    description: "Largest difference of dose between duplicates, as a share of the larger",
  },
} as const;

/** The blur that shows what is visible, in periods of the finest detail. */
const BLUR = 0.3;
/** The blur where no detail is known, px. */
const DEFAULT_BLUR = 2;

/** `annotation.deduplicate` */
export const deduplicate: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: "annotation.deduplicate",
  version: "1.0.0",
  api: "^1.0",
  summary: "Finds exposures that a person could not tell apart",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ exposures: { images }, ranking }, { keepDuplicates, limit, doseTolerance }, context) {
    if (ranking.length !== images.length) {
      throw new AdatomError("TABLE_VALUE", {
        cannot: "find duplicates",
        expected: `a ranking of ${images.length} exposures`,
        got: `one of ${ranking.length}`,
        hint: "use the ranking of quality.rank for the same exposures",
      }, { port: "ranking" });
    }
    const sharpest = Math.max(0, ...ranking.columns.sharpness);
    const blur = sharpest > 0 ? Math.max(1, BLUR / sharpest) : DEFAULT_BLUR;
    const looks = images.map((image, e) => {
      context.progress(0.4 * e / images.length);
      return lookOf(image, blur);
    });
    const best = bestFirst(ranking.columns.rank);
    const rows = compareAll(
      looks,
      best,
      { limit, doseTolerance },
      (f) => context.progress(0.4 + 0.6 * f),
    );
    context.chose({ blur });
    context.progress(1);
    return { duplicates: duplicateTable(rows, keepDuplicates) };
  },
});

interface Row {
  readonly of: number;
  readonly correlation: number;
  readonly doseRatio: number;
}

function bestFirst(rank: Float64Array): number[] {
  return Array.from(rank, (_, e) => e).sort((a, b) => rank[a] - rank[b] || a - b);
}

/** For each exposure the better one it repeats, or else the better one it is most like. */
function compareAll(
  looks: readonly Look[],
  order: readonly number[],
  limits: { readonly limit: number; readonly doseTolerance: number },
  report: (fraction: number) => void,
): Row[] {
  const rows: Row[] = new Array(looks.length);
  const originals: number[] = [];
  for (const [place, e] of order.entries()) {
    let row: Row = { of: -1, correlation: 0, doseRatio: 1 };
    for (const original of originals) {
      const correlation = likeness(looks[original], looks[e]);
      const doseRatio = looks[e].dose / looks[original].dose;
      const isSameDose = Math.min(doseRatio, 1 / doseRatio) >= 1 - limits.doseTolerance;
      const repeats = correlation >= limits.limit && isSameDose;
      if (repeats) row = { of: original, correlation, doseRatio };
      else if (correlation > row.correlation) row = { of: -1, correlation, doseRatio };
      if (repeats) break;
    }
    rows[e] = row;
    if (row.of < 0) originals.push(e);
    report((place + 1) / order.length);
  }
  return rows;
}

function duplicateTable(rows: readonly Row[], keepDuplicates: boolean) {
  const numbers = (of: (row: Row, e: number) => number) => Float64Array.from(rows, of);
  return createTable({
    exposure: numbers((_, e) => e),
    keep: numbers(({ of }) => of < 0 || keepDuplicates ? 1 : 0),
    of: numbers(({ of }) => of),
    correlation: numbers(({ correlation }) => correlation),
    doseRatio: numbers(({ doseRatio }) => doseRatio),
    reason: rows.map(({ of, correlation, doseRatio }) => {
      if (of < 0) return correlation === 0 ? "compared with no better one" : "like no better one";
      const dose = `${(100 * Math.abs(doseRatio - 1)).toFixed(0)} % apart in dose`;
      return `looks like exposure ${of}: correlation ${correlation.toFixed(3)}, ${dose}`;
    }),
  });
}
