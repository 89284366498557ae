/**
 * Scores combinations of FindFoci parameters on one image; the part of training that runs on all cores.
 *
 * @module
 */
import { type Image, type PoolTask, poolTask } from "@core";
import { strictMatching } from "@core/kernels";
import { findfociDefaults } from "./_findfoci_params.ts";
import type { HeightMethod } from "./_foci.ts";
import type { Combination } from "./_train_grid.ts";
import type { Counts } from "./_train_rank.ts";
import { createFindFociPreview, type PreviewParams } from "./findfoci_preview.ts";

/** Combinations to score on an image. */
export interface ScoreTask {
  readonly image: Image;
  readonly truthX: Float64Array;
  readonly truthY: Float64Array;
  /** px */
  readonly radius: number;
  /** True columns nearer than this to the border are left out of every count, px. */
  readonly margin: number;
  readonly polarity: "bright" | "dark";
  readonly levels: "auto" | "integer" | "float";
  readonly heightMethod: HeightMethod;
  /** Neighbors share steps of the search. */
  readonly combinations: readonly Combination[];
}

/** The parameters of `peaks.findfoci` that a combination stands for. */
export function paramsOf(
  combination: Combination,
  { polarity, levels, heightMethod }: Pick<ScoreTask, "polarity" | "levels" | "heightMethod">,
): PreviewParams {
  const { blur, background, search, height, minimumSize, aboveSaddle } = combination;
  return {
    ...findfociDefaults,
    polarity,
    levels,
    blur,
    backgroundMethod: background.method,
    background: background.value,
    threshold: background.threshold,
    search: search.method,
    searchFraction: search.fraction,
    heightMethod,
    height,
    minimumSize,
    minimumAboveSaddle: aboveSaddle !== "no",
    connectedAboveSaddle: aboveSaddle === "connected",
  };
}

/** What each combination finds in an image. */
export function scoreCombinations(task: ScoreTask): Counts[] {
  const preview = createFindFociPreview(task.image);
  return task.combinations.map((combination) =>
    countPairs(task, preview.positions(paramsOf(combination, task)))
  );
}

/** {@linkcode scoreCombinations} as a task for all cores. */
export const scoreTask: PoolTask<ScoreTask, Counts[]> = poolTask(
  import.meta.url,
  scoreCombinations,
);

/** Pairs found with true columns by the strict rule. */
function countPairs(
  { image, truthX, truthY, radius, margin }: ScoreTask,
  positions: Int32Array,
): Counts {
  const { width, height } = image;
  const x = Float64Array.from(positions, (i) => i % width);
  const y = Float64Array.from(positions, (i) => Math.floor(i / width));
  const isInside = (px: number, py: number) =>
    px >= margin && py >= margin && px <= width - 1 - margin && py <= height - 1 - margin;
  const partner = new Int32Array(positions.length);
  strictMatching(x, y, truthX, truthY, radius, partner);
  let matches = 0, falsePositives = 0, squares = 0, inside = 0;
  for (let i = 0; i < partner.length; i++) {
    const j = partner[i];
    if (j < 0) {
      if (isInside(x[i], y[i])) falsePositives++;
    } else if (isInside(truthX[j], truthY[j])) {
      matches++;
      squares += (x[i] - truthX[j]) ** 2 + (y[i] - truthY[j]) ** 2;
    }
  }
  for (let j = 0; j < truthX.length; j++) if (isInside(truthX[j], truthY[j])) inside++;
  return { matches, falsePositives, falseNegatives: inside - matches, squares };
}
