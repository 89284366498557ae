/**
 * Trains FindFoci: finds the parameters that find known columns best.
 *
 * Use it when images of one kind are to be searched and a few of them are labeled. From one image alone
 * parameters do not carry over well: give three or more. Without labels use the parameters that
 * `peaks.findfoci` chooses by itself.
 *
 * Input   exposures  training images, of any sizes
 * Input   truth      one table an image: x, y of its columns in px
 * Output  params     the best parameters, to give to `peaks.findfoci`
 * Output  scores     one row a combination, best first: its parameters and its figures
 * Output  summary    best and held-out scores, their spread, each image's own, and warnings
 *
 * Method
 * 1. Every combination of a grid is scored on every image by the strict rule ({@linkcode
 *    strictMatching}): as many pairs within the match radius as possible. Combinations that differ late
 *    share what comes before ({@linkcode createFindFociPreview}); the grid is spread over all cores.
 * 2. Counts are added over the images, and the combination of the best figure is taken; of equal ones
 *    the one with the smaller distances, then the cheaper.
 * 3. For each image the best combination of the others is taken and scored on it: the held-out score,
 *    which tells how well parameters carry over; its spread is the standard deviation.
 *
 * Presets: `lattice` is laid about the blur that suits the images; `testing`, `default` and `benchmark`
 * are those of the reference program with the ends of their ranges kept. Every range can be set.
 *
 * Accuracy   on held-out images of a simulated set at least the F1 of the automatic parameters (tested)
 * Cost       combinations x images x O(n); 960 combinations of a 512 x 512 px image take some seconds
 * Errors     EXPOSURES_TOO_FEW, PORT_TYPE, MATCH_RADIUS_NEEDED, PARAM_RANGE
 *
 * @see Herbert, Carr and Hoffmann, FindFoci, PLoS ONE 9 (2014) e114749.
 * https://doi.org/10.1371/journal.pone.0114749
 *
 * @module
 */
import { AdatomError, defineStage, type Image, type Stage, type Table } from "@core";
import { medianNearestDistance } from "@core/kernels";
import { chooseAuto } from "./_auto.ts";
import { METRICS } from "./_train_rank.ts";
import {
  combinations,
  gridSize,
  type Preset,
  presetGrid,
  PRESETS,
  type TrainGrid,
} from "./_train_grid.ts";
import { type ScoreTask, scoreTask } from "./_train_score.ts";
import { scoreTable, summarize, trainedParams } from "./_train_summary.ts";

const ID = "peaks.findfoci-train";

const inputs = {
  exposures: {
    kind: "exposures",
    axes: "tyx",
    sizes: "any",
    description: "Training images; they need not be of one size",
  },
  truth: {
    kind: "table",
    axes: "t",
    columns: { x: "px", y: "px" },
    description: "True columns of each image",
  },
} as const;

const outputs = {
  params: { kind: "json", description: "The best parameters, for peaks.findfoci" },
  scores: {
    kind: "table",
    columns: {
      rank: "",
      blur: "px",
      background: "",
      searchFraction: "",
      height: "",
      minimumSize: "px",
      matches: "",
      falsePositives: "",
      falseNegatives: "",
      precision: "",
      recall: "",
      f1: "",
      jaccard: "",
      rmse: "px",
    },
    words: ["backgroundMethod", "threshold", "search", "aboveSaddle"],
    description: "One row a combination, best first",
  },
  summary: {
    kind: "json",
    description: "Best, held-out and per-image scores, ranges at whose ends the best one lies",
  },
} as const;

const params = {
  preset: {
    type: "string",
    enum: PRESETS,
    default: "lattice",
    description: "The grid of combinations",
  },
  metric: {
    type: "string",
    enum: METRICS,
    default: "f1",
    description: "The figure that is to be best, of all images together",
  },
  matchRadius: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 0,
    maximum: 100_000,
    unit: "px",
    description: "Largest distance of a pair; auto is matchShare of the columns' distance",
  },
  matchShare: {
    type: "number",
    default: 0.35,
    exclusiveMinimum: 0,
    maximum: 1,
    description: "Match radius over the true columns' median nearest-neighbor distance",
  },
  margin: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 0,
    maximum: 100_000,
    unit: "px",
    description: "Columns nearer than this to the border do not count; auto is half their distance",
  },
  polarity: {
    type: "string",
    enum: ["bright", "dark"],
    default: "bright",
    description: "Whether columns are bright or dark",
  },
  levels: {
    type: "string",
    enum: ["float", "integer", "auto"],
    default: "float",
    level: "advanced",
    description: "How levels are taken, as in peaks.findfoci; part of what is trained",
  },
  blurs: {
    type: "array",
    items: { type: "number", minimum: 0 },
    default: [],
    maxItems: 100,
    level: "advanced",
    unit: "px",
    description: "Blurs to try; empty takes the preset's",
  },
  heights: {
    type: "array",
    items: { type: "number", minimum: 0 },
    default: [],
    maxItems: 100,
    level: "advanced",
    description: "Heights to try; empty takes the preset's",
  },
  heightMethod: {
    type: "string",
    enum: ["preset", "absolute", "relative", "relative-above-background"],
    default: "preset",
    level: "advanced",
    description: "What heights are measured in, as in peaks.findfoci",
  },
  minimumSizes: {
    type: "array",
    items: { type: "number", minimum: 1 },
    default: [],
    maxItems: 100,
    level: "advanced",
    unit: "px",
    description: "Least sizes to try; empty takes the preset's",
  },
  largestGrid: {
    type: "integer",
    default: 20_000,
    minimum: 1,
    maximum: 1_000_000,
    level: "advanced",
    description: "More combinations than this are refused",
  },
} as const;

/** The stage `peaks.findfoci-train`. */
export const findfociTrain: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: ID,
  version: "1.0.0",
  api: "^1.1",
  summary: "Finds the FindFoci parameters that find known columns best",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  async run({ exposures: { images }, truth }, given, context) {
    requirePairs(images, truth);
    const { polarity } = given;
    const choices = images.map((image) =>
      chooseAuto(image, { polarity, blur: "auto", spacing: "auto" }, () => {})
    );
    context.progress(0.05);
    const grid = gridOf(given, medianOf(choices.map(({ blur }) => blur)));
    const all = combinations(grid);
    const tasks = images.flatMap((image, i) => tasksOf(image, truth[i], given, grid));
    context.chose({ combinations: all.length });
    const parts = await context.map(scoreTask, tasks);
    context.progress(0.95);
    const perTask = parts.length / images.length;
    const counts = images.map((_, i) => parts.slice(i * perTask, (i + 1) * perTask).flat());
    const trained = { grid, all, counts, metric: given.metric };
    const summary = summarize(trained, images);
    for (const text of summary.warnings) context.warn("AT_LIMIT", text);
    context.progress(1);
    return {
      params: trainedParams(all[summary.bestIndex], grid, given),
      scores: scoreTable(trained),
      summary: summary.json,
    };
  },
});

function requirePairs(images: readonly Image[], truth: readonly Table[]): void {
  if (images.length === 0) {
    throw new AdatomError("EXPOSURES_TOO_FEW", {
      cannot: "train FindFoci",
      expected: "at least one image, better three",
      got: "none",
    }, { stage: ID, port: "exposures" });
  }
  if (truth.length === images.length) return;
  throw new AdatomError("PORT_TYPE", {
    cannot: "train FindFoci",
    expected: `one table of true columns an image, ${images.length} of them`,
    got: String(truth.length),
    hint: "give them in the order of the images",
  }, { stage: ID, port: "truth" });
}

interface Given {
  readonly preset: Preset;
  readonly blurs: readonly number[];
  readonly heights: readonly number[];
  readonly heightMethod: "preset" | TrainGrid["heightMethod"];
  readonly minimumSizes: readonly number[];
  readonly largestGrid: number;
}

/** The preset's grid with the ranges that are given. */
function gridOf(given: Given, blur: number): TrainGrid {
  const preset = presetGrid(given.preset, blur);
  const or = (values: readonly number[], others: readonly number[]) =>
    values.length > 0 ? [...new Set(values)].sort((a, b) => a - b) : others;
  const grid: TrainGrid = {
    ...preset,
    blurs: or(given.blurs, preset.blurs),
    heights: or(given.heights, preset.heights),
    minimumSizes: or(given.minimumSizes.map(Math.round), preset.minimumSizes),
    heightMethod: given.heightMethod === "preset" ? preset.heightMethod : given.heightMethod,
  };
  if (gridSize(grid) <= given.largestGrid) return grid;
  throw new AdatomError("PARAM_RANGE", {
    cannot: "train FindFoci",
    expected: `at most ${given.largestGrid} combinations`,
    got: String(gridSize(grid)),
    hint: "give fewer values, or raise largestGrid",
  }, { stage: ID, param: "largestGrid" });
}

/** The grid in parts that differ in blur or background, so that each part shares its steps. */
function tasksOf(
  image: Image,
  { columns }: Table<"x" | "y">,
  given: Pick<ScoreTask, "polarity" | "levels"> & {
    readonly matchRadius: number | "auto";
    readonly matchShare: number;
    readonly margin: number | "auto";
  },
  grid: TrainGrid,
): ScoreTask[] {
  const spacing = medianNearestDistance(columns.x, columns.y);
  if (!(spacing > 0) && (given.matchRadius === "auto" || given.margin === "auto")) {
    throw new AdatomError("MATCH_RADIUS_NEEDED", {
      cannot: `train FindFoci on "${image.name}"`,
      expected: "matchRadius and margin where no two true columns give a distance",
      got: `${columns.x.length} true columns`,
      hint: "set both, or leave the image out",
    }, { stage: ID });
  }
  const common = {
    image,
    truthX: columns.x,
    truthY: columns.y,
    radius: given.matchRadius === "auto" ? given.matchShare * spacing : given.matchRadius,
    margin: given.margin === "auto" ? spacing / 2 : given.margin,
    polarity: given.polarity,
    levels: given.levels,
    heightMethod: grid.heightMethod,
  };
  return grid.blurs.flatMap((blur) =>
    grid.backgrounds.map((background) => ({
      ...common,
      combinations: combinations({ ...grid, blurs: [blur], backgrounds: [background] }),
    }))
  );
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
