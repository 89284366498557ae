/**
 * What training gave: the best parameters, a table of all, and how far they can be trusted.
 *
 * @module
 */
import { createTable, type Image, type Json, type TableColumn } from "@core";
import type { Combination, TrainGrid } from "./_train_grid.ts";
import {
  atLimits,
  type Counts,
  type Metric,
  pool,
  rankCombinations,
  type Scores,
  scoresOf,
} from "./_train_rank.ts";
import { paramsOf, type ScoreTask } from "./_train_score.ts";

/** All combinations and what each found in each image. */
export interface Trained {
  readonly grid: TrainGrid;
  readonly all: readonly Combination[];
  /** By image, then by combination. */
  readonly counts: readonly (readonly Counts[])[];
  readonly metric: Metric;
}

/** The names of the parameters that are trained; the others stay at their defaults. */
const TRAINED = [
  "polarity",
  "levels",
  "blur",
  "backgroundMethod",
  "background",
  "threshold",
  "search",
  "searchFraction",
  "heightMethod",
  "height",
  "minimumSize",
  "minimumAboveSaddle",
  "connectedAboveSaddle",
] as const;

/** The parameters a combination stands for, for `peaks.findfoci`. */
export function trainedParams(
  combination: Combination,
  { heightMethod }: TrainGrid,
  given: Pick<ScoreTask, "polarity" | "levels">,
): Record<string, Json> {
  const params = paramsOf(combination, { ...given, heightMethod });
  return Object.fromEntries(TRAINED.map((name) => [name, params[name]]));
}

/** The figures of all images together, by combination. */
function pooled({ all, counts }: Trained, without = -1): Counts[] {
  return all.map((_, k) => pool(counts.filter((_, i) => i !== without).map((image) => image[k])));
}

/** One row a combination, best first; of equally good ones the chosen first. */
export function scoreTable(trained: Trained) {
  const { all, metric } = trained;
  const counts = pooled(trained), scores = counts.map(scoresOf);
  const { order: ranked, rank } = rankCombinations(all, scores, metric);
  const chosen = bestOf(trained);
  const order = [chosen, ...ranked.filter((k) => k !== chosen)];
  const numbers = (of: (k: number) => number) => Float64Array.from(order, of);
  const words = (of: (k: number) => string) => Array.from(order, of);
  const figure = (name: keyof Scores) => numbers((k) => scores[k][name]);
  return createTable(
    {
      rank: numbers((k) => rank[k]),
      blur: numbers((k) => all[k].blur),
      backgroundMethod: words((k) => all[k].background.method),
      background: numbers((k) => all[k].background.value),
      threshold: words((k) => all[k].background.threshold),
      search: words((k) => all[k].search.method),
      searchFraction: numbers((k) => all[k].search.fraction),
      height: numbers((k) => all[k].height),
      minimumSize: numbers((k) => all[k].minimumSize),
      aboveSaddle: words((k) => all[k].aboveSaddle),
      matches: numbers((k) => counts[k].matches),
      falsePositives: numbers((k) => counts[k].falsePositives),
      falseNegatives: numbers((k) => counts[k].falseNegatives),
      precision: figure("precision"),
      recall: figure("recall"),
      f1: figure("f1"),
      jaccard: figure("jaccard"),
      "f0.5": figure("f0.5"),
      f2: figure("f2"),
      rmse: numbers((k) => Number.isFinite(scores[k].rmse) ? scores[k].rmse : NaN),
    } satisfies Record<string, TableColumn>,
    { blur: "px", minimumSize: "px", rmse: "px" },
  );
}

/**
 * The best combination of all images but one. Where a whole range of heights is equally good its middle
 * is taken, which is farthest from both ends when another image comes.
 */
function bestOf(trained: Trained, without = -1): number {
  const { all, metric } = trained;
  const scores = pooled(trained, without).map(scoresOf);
  const first = rankCombinations(all, scores, metric).order[0];
  const tied = [...all.keys()].filter((k) =>
    scores[k][metric] === scores[first][metric] && scores[k].rmse === scores[first].rmse &&
    differInHeightOnly(all[k], all[first])
  ).sort((a, b) => all[a].height - all[b].height);
  return tied[(tied.length - 1) >> 1];
}

function differInHeightOnly(a: Combination, b: Combination): boolean {
  return a.blur === b.blur && a.background === b.background && a.search === b.search &&
    a.minimumSize === b.minimumSize && a.aboveSaddle === b.aboveSaddle;
}

/** What {@linkcode summarize} gives. */
export interface TrainSummary {
  readonly bestIndex: number;
  readonly warnings: readonly string[];
  readonly json: Json;
}

/** Chooses the best combination and says how well it carries over. */
export function summarize(trained: Trained, images: readonly Image[]): TrainSummary {
  const { all, counts, metric, grid } = trained;
  const bestIndex = bestOf(trained);
  const best = scoresOf(pooled(trained)[bestIndex]);
  const heldOut = images.length > 1
    ? images.map((_, i) => scoresOf(counts[i][bestOf(trained, i)])[metric])
    : [];
  const limits = best.f1 === 1 ? [] : atLimits(grid, all[bestIndex]);
  const warnings = limits.map((name) =>
    `the best ${name} lies at the end of its range: a better one may lie beyond`
  );
  if (images.length < 3) {
    warnings.push(`${images.length} training images: parameters carry over better from three`);
  }
  const mean = average(heldOut);
  return {
    bestIndex,
    warnings,
    json: {
      metric,
      combinations: all.length,
      images: images.length,
      best: finite(best),
      heldOut: heldOut.length === 0 ? null : {
        [metric]: mean,
        spread: Math.sqrt(average(heldOut.map((v) => (v - mean) ** 2))),
        perImage: heldOut,
      },
      perImage: images.map(({ name }, i) => ({
        image: name,
        ...finite(scoresOf(counts[i][bestIndex])),
        ownBest: ownBest(all, counts[i].map(scoresOf), metric),
      })),
      atLimits: limits,
      warnings,
    },
  };
}

/** The best figure any combination reaches in one image; null when none finds anything. */
function ownBest(all: readonly Combination[], scores: readonly Scores[], metric: Metric): Json {
  const value = scores[rankCombinations(all, scores, metric).order[0]][metric];
  return Number.isFinite(value) ? value : null;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** Figures as JSON, which has no infinity. */
function finite(scores: Scores): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(scores).map(([name, v]) => [name, Number.isFinite(v) ? v : null]),
  );
}
