/**
 * Means of the scores: over all images, by dose, by field of view and by spacing.
 *
 * @module
 */
import type { Score } from "./score.ts";

/** What is told of an image. */
export interface BenchImage {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly polarity: "bright" | "dark";
  /** True columns that are not faint. */
  readonly columns: number;
  /** Species left out as faint. */
  readonly faint: readonly string[];
  /** Height of the columns over what is around them, in the image's units; null if unknown. */
  readonly dose: number | null;
  /** Median distance to the nearest column, px. */
  readonly spacing: number | null;
  /** Width of the field of view, nm; null without a pixel size. */
  readonly fieldNm: number | null;
}

/** One detector on one image. */
export interface BenchRow {
  readonly image: string;
  readonly detector: string;
  /** Null when the detector failed, and of peers of which only the time is known. */
  readonly score: Score | null;
  readonly ms: number | null;
  readonly memoryMiB: number | null;
  /** Why there is no result. */
  readonly error: string | null;
}

/** A mean over images, with the standard deviation between them. */
export interface Mean {
  readonly mean: number;
  /** Null for a single image. */
  readonly sd: number | null;
  /** Images on which the figure is defined. */
  readonly images: number;
}

/** The name of a metric: strict ones bare. */
export type Metric =
  | "chamfer"
  | "thesisJaccard"
  | "thesisF1"
  | "thesisPrecision"
  | "thesisRecall"
  | "thesisRmse"
  | "jaccard"
  | "f1"
  | "precision"
  | "recall"
  | "rmse";

/** The figures a score is told by, in the order of tables. */
export const METRICS: Readonly<Record<Metric, (score: Score) => number | null>> = {
  chamfer: (score) => score.chamfer,
  thesisJaccard: (score) => score.thesis.jaccard,
  thesisF1: (score) => score.thesis.f1,
  thesisPrecision: (score) => score.thesis.precision,
  thesisRecall: (score) => score.thesis.recall,
  thesisRmse: (score) => score.thesis.rmse,
  jaccard: (score) => score.strict.jaccard,
  f1: (score) => score.strict.f1,
  precision: (score) => score.strict.precision,
  recall: (score) => score.strict.recall,
  rmse: (score) => score.strict.rmse,
};

/** All images of one detector. */
export interface SummaryRow {
  readonly detector: string;
  /** Images with a result, and without. */
  readonly images: number;
  readonly failed: number;
  /** Null where no image defines the figure. */
  readonly metrics: Readonly<Record<Metric, Mean | null>>;
  readonly ms: Mean | null;
  /** The largest over the images, MiB. */
  readonly memoryMiB: number | null;
}

/** Images alike in one respect, and how well each detector does on them. */
export interface Group {
  /** Least and largest value among the images. */
  readonly from: number;
  readonly to: number;
  /** Geometric mean of the values. */
  readonly at: number;
  readonly images: readonly string[];
  /** Strict F1 by detector; null where no image has one. */
  readonly f1: Readonly<Record<string, Mean | null>>;
}

/** The mean of what is defined; null when nothing is. */
export function meanOf(values: readonly (number | null)[]): Mean | null {
  const defined = values.filter((value) => value !== null);
  const n = defined.length;
  if (n === 0) return null;
  const mean = defined.reduce((sum, v) => sum + v, 0) / n;
  const squares = defined.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return { mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : null, images: n };
}

/** The summary of each detector, in the order given. */
export function summarize(
  detectors: readonly string[],
  rows: readonly BenchRow[],
): SummaryRow[] {
  return detectors.map((detector) => {
    const own = rows.filter((row) => row.detector === detector);
    const scores = own.flatMap(({ score }) => score === null ? [] : [score]);
    const memory = own.flatMap(({ memoryMiB }) => memoryMiB === null ? [] : [memoryMiB]);
    const metrics = Object.fromEntries(
      Object.entries(METRICS).map(([name, of]) => [name, meanOf(scores.map(of))]),
    ) as Record<Metric, Mean | null>;
    const failed = own.filter(({ error }) => error !== null).length;
    return {
      detector,
      images: own.length - failed,
      failed,
      metrics,
      ms: meanOf(own.map(({ ms }) => ms)),
      memoryMiB: memory.length === 0 ? null : Math.max(...memory),
    };
  });
}

/** How images are grouped: equal steps of the logarithm, so that no bound depends on the images. */
const GROUPINGS = {
  /** Doses around 1, 3.2, 10, 32 ... */
  dose: { start: 1, step: Math.sqrt(10) },
  /** Fields around 9, 12.7, 18, 25.5, 36 ... nm, those of the thesis's figure 8. */
  fieldNm: { start: 9, step: Math.SQRT2 },
  /** Spacings around 8, 11.3, 16 ... px. */
  spacing: { start: 8, step: Math.SQRT2 },
} as const;

/** Groups the images that have a value, from the least to the largest. */
export function groupBy(
  key: keyof typeof GROUPINGS,
  images: readonly BenchImage[],
  detectors: readonly string[],
  rows: readonly BenchRow[],
): Group[] {
  const { start, step } = GROUPINGS[key];
  const groups = new Map<number, BenchImage[]>();
  for (const image of images) {
    const value = image[key];
    if (value === null || !(value > 0)) continue;
    const group = Math.round(Math.log(value / start) / Math.log(step));
    groups.set(group, [...groups.get(group) ?? [], image]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, members]) => {
    // Widths in nm come of products: their last digits would make ranges of equal values.
    const values = members.map((image) => Number(image[key]!.toPrecision(6)));
    const names = new Set(members.map(({ name }) => name));
    const inGroup = rows.filter((row) => names.has(row.image));
    const f1Of = (detector: string) =>
      meanOf(
        inGroup.filter((row) => row.detector === detector)
          .map(({ score }) => score === null ? null : score.strict.f1),
      );
    return {
      from: Math.min(...values),
      to: Math.max(...values),
      at: Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length),
      images: [...names],
      f1: Object.fromEntries(detectors.map((detector) => [detector, f1Of(detector)])),
    };
  });
}
