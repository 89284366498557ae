/**
 * Scores of parameter combinations, and which of them is the best.
 *
 * @module
 */
import type { AboveSaddleChoice, Combination, TrainGrid } from "./_train_grid.ts";

/** What a combination found in one image. */
export interface Counts {
  readonly matches: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  /** Sum of the squared distances of the pairs, px^2. */
  readonly squares: number;
}

/** The figures that can be aimed at. */
export const METRICS = ["f1", "jaccard", "precision", "recall", "f0.5", "f2", "rmse"] as const;

/** A figure that can be aimed at. */
export type Metric = (typeof METRICS)[number];

/** All figures of some counts; 0 where nothing was to be found or was. */
export type Scores = Readonly<Record<Metric, number>>;

/** The sum of the counts of several images. */
export function pool(counts: readonly Counts[]): Counts {
  const sum = (of: (c: Counts) => number) => counts.reduce((total, c) => total + of(c), 0);
  return {
    matches: sum((c) => c.matches),
    falsePositives: sum((c) => c.falsePositives),
    falseNegatives: sum((c) => c.falseNegatives),
    squares: sum((c) => c.squares),
  };
}

/** The figures of some counts. Without a pair rmse is infinite: nothing found is nothing good. */
export function scoresOf({ matches, falsePositives, falseNegatives, squares }: Counts): Scores {
  const ratio = (part: number, whole: number) => whole > 0 ? part / whole : 0;
  const f = (beta: number) =>
    ratio(
      (1 + beta * beta) * matches,
      (1 + beta * beta) * matches + beta * beta * falseNegatives + falsePositives,
    );
  return {
    f1: f(1),
    jaccard: ratio(matches, matches + falsePositives + falseNegatives),
    precision: ratio(matches, matches + falsePositives),
    recall: ratio(matches, matches + falseNegatives),
    "f0.5": f(0.5),
    f2: f(2),
    rmse: matches > 0 ? Math.sqrt(squares / matches) : Infinity,
  };
}

/** Ranks from 1, equal ones shared, and the order from best to worst. */
export interface Ranking {
  readonly order: Int32Array;
  /** By combination. */
  readonly rank: Int32Array;
}

/** What is preferred where figures are equal: less work and fewer conditions first. */
const BACKGROUNDS: readonly string[] = [
  "none",
  "minimum",
  "auto-threshold",
  "sd-above-mean",
  "mean",
  "absolute",
];
const SEARCHES: readonly string[] = ["above-background", "fraction", "half"];
const ABOVE_SADDLES: readonly AboveSaddleChoice[] = ["no", "yes", "connected"];

/**
 * Ranks combinations by one figure; then by the smaller distance of pairs (or the larger Jaccard where
 * the distance is what is aimed at), then by what costs less, in the order of the grid's parameters.
 */
export function rankCombinations(
  all: readonly Combination[],
  scores: readonly Scores[],
  metric: Metric,
): Ranking {
  const better = (s: Scores) => metric === "rmse" ? s.rmse : -s[metric];
  const second = (s: Scores) => metric === "rmse" ? -s.jaccard : s.rmse;
  const compare = (i: number, j: number) => {
    const [a, b] = [all[i], all[j]];
    return order(better(scores[i]), better(scores[j])) ||
      order(second(scores[i]), second(scores[j])) ||
      order(a.blur, b.blur) ||
      order(BACKGROUNDS.indexOf(a.background.method), BACKGROUNDS.indexOf(b.background.method)) ||
      order(a.background.value, b.background.value) ||
      order(a.minimumSize, b.minimumSize) ||
      order(SEARCHES.indexOf(a.search.method), SEARCHES.indexOf(b.search.method)) ||
      order(a.search.fraction, b.search.fraction) ||
      order(a.height, b.height) ||
      order(ABOVE_SADDLES.indexOf(a.aboveSaddle), ABOVE_SADDLES.indexOf(b.aboveSaddle)) ||
      i - j;
  };
  const sorted = Int32Array.from(all.keys()).sort(compare);
  const rank = new Int32Array(all.length);
  sorted.forEach((i, k) => {
    const before = sorted[k - 1];
    rank[i] = k > 0 && scores[i][metric] === scores[before][metric] ? rank[before] : k + 1;
  });
  return { order: sorted, rank };
}

function order(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The parameters whose best value is at an end of its range, so that a better one may lie beyond; an end
 * that nothing can lie beyond is none.
 */
export function atLimits(grid: TrainGrid, best: Combination): string[] {
  const checks: readonly (readonly [string, readonly number[], number, number])[] = [
    ["blur", grid.blurs, best.blur, 0],
    [
      "background",
      grid.backgrounds.filter((b) => b.method === best.background.method).map((b) => b.value),
      best.background.value,
      -Infinity,
    ],
    [
      "searchFraction",
      grid.searches.filter((s) => s.method === best.search.method).map((s) => s.fraction),
      best.search.fraction,
      0,
    ],
    ["height", grid.heights, best.height, 0],
    ["minimumSize", grid.minimumSizes, best.minimumSize, 1],
  ];
  return checks.filter(([, values, value, least]) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low < high && (value === high || (value === low && low > least));
  }).map(([name]) => name);
}
