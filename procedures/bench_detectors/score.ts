/**
 * The score of what a detector found in one image.
 *
 * @module
 */
import type { Host } from "../../core/host/host.ts";
import { createTable, selectRows, type Table } from "../../core/mod.ts";
import { evaluation } from "../../plugins/mod.ts";
import type { Sample } from "./samples.ts";
import type { PositionTable } from "./truth.ts";

/** How finds are judged. */
export interface ScoreRules {
  /** Whether columns within half a spacing of the border are left out of all counts. */
  readonly edges: "ignore" | "count";
  /**
   * A find of a faint column is a mistake, or left out, or the faint columns are truth as the others.
   */
  readonly faint: "false" | "ignore" | "count";
  /** Largest distance of a pair, px; auto = that of `evaluation.match`. */
  readonly matchRadius: number | "auto";
}

/** Figures of one pairing; undefined ones are null. */
export interface PairFigures {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly jaccard: number | null;
  readonly rmse: number | null;
}

/** The score of one image. */
export interface Score {
  /** At most so far apart; one partner each; as many pairs as possible. */
  readonly strict: PairFigures & { readonly matchRadius: number };
  /** Mutual nearest neighbors at any distance, as in the thesis. */
  readonly thesis: PairFigures;
  /** Chamfer distance, px. */
  readonly chamfer: number | null;
  /** How many found and true columns counted. */
  readonly found: number;
  readonly truth: number;
}

/** What happened to each position, for pictures. */
export interface Outcome {
  readonly hits: PositionTable;
  /** True columns that were not found. */
  readonly misses: PositionTable;
  /** Finds without a true column. */
  readonly mistakes: PositionTable;
}

/**
 * Judges finds by `evaluation.match`.
 *
 * @throws AdatomError MATCH_RADIUS_NEEDED with fewer than two true columns and no radius
 */
export async function scoreFound(
  host: Host,
  found: PositionTable,
  { image: { width, height }, truth }: Sample,
  rules: ScoreRules,
  signal: AbortSignal,
): Promise<{ readonly score: Score; readonly outcome: Outcome }> {
  const { matchRadius } = rules;
  const wanted = rules.faint === "count" ? truth.all : truth.heavy;
  const margin = rules.edges === "ignore" ? (truth.spacing ?? 0) / 2 : 0;
  const match = async (found: PositionTable, truth: PositionTable, radius: number | "auto") =>
    await host.run(
      evaluation.match,
      { found: positionsOf(found), truth: positionsOf(truth) },
      { matchRadius: radius, ...(margin > 0 ? { margin, width, height } : {}) },
      { signal },
    );
  const result = await match(found, wanted, matchRadius);
  if (rules.faint !== "ignore" || !truth.isFaint.includes(true)) {
    return judge(result, found);
  }
  // The radius stays that of the heavy columns: faint ones between them would make it smaller.
  const radius = (result.metrics as unknown as Score).strict.matchRadius;
  const { truth: partner, found: row } = (await match(found, truth.all, radius)).pairs.columns;
  const onFaint = new Set(row.filter((_, k) => truth.isFaint[partner[k]]));
  const judged = selectRows(found, [...found.columns.x.keys()].filter((i) => !onFaint.has(i)));
  return judge(await match(judged, wanted, radius), judged);

  function judge({ metrics, pairs }: Awaited<ReturnType<typeof match>>, judged: PositionTable) {
    return {
      score: metrics as unknown as Score,
      outcome: outcomeOf(judged, wanted, pairs, { margin, width, height }),
    };
  }
}

/** The positions alone, so that digests and checks do not depend on what else is in a table. */
export function positionsOf({ columns: { x, y } }: PositionTable): PositionTable {
  return createTable({ x, y }, { x: "px", y: "px" });
}

function outcomeOf(
  found: PositionTable,
  truth: PositionTable,
  pairs: Table<"found" | "truth" | "counted">,
  { margin, width, height }: Readonly<Record<"margin" | "width" | "height", number>>,
): Outcome {
  const { columns } = pairs;
  const isPaired = { found: new Set(columns.found), truth: new Set(columns.truth) };
  const isInside = (x: number, y: number) =>
    x >= margin - 0.5 && y >= margin - 0.5 && x <= width - 0.5 - margin &&
    y <= height - 0.5 - margin;
  const left = (table: PositionTable, paired: ReadonlySet<number>) => {
    const { x, y } = table.columns;
    const rows = [...x.keys()].filter((i) =>
      !paired.has(i) && (margin === 0 || isInside(x[i], y[i]))
    );
    return positionsOf(selectRows(table, rows));
  };
  const hits = [...columns.found.keys()].filter((k) => columns.counted[k] === 1)
    .map((k) => columns.found[k]);
  return {
    hits: positionsOf(selectRows(found, hits)),
    misses: left(truth, isPaired.truth),
    mistakes: left(found, isPaired.found),
  };
}
