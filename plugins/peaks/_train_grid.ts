/**
 * Grids of FindFoci parameters: every combination of a few values each, in the order in which the steps
 * of the search can be shared.
 *
 * @module
 */
import type { ThresholdMethod } from "@core/kernels";
import type { BackgroundMethod } from "./_background.ts";
import type { HeightMethod, SearchMethod } from "./_foci.ts";

/** One way to choose the background. */
export interface BackgroundChoice {
  readonly method: BackgroundMethod;
  readonly value: number;
  readonly threshold: ThresholdMethod;
}

/** One way to bound regions. */
export interface SearchChoice {
  readonly method: SearchMethod;
  readonly fraction: number;
}

/** Whether small peaks are judged by their pixels above the saddle, and by which. */
export type AboveSaddleChoice = "no" | "yes" | "connected";

/** The values that are combined. */
export interface TrainGrid {
  /** px */
  readonly blurs: readonly number[];
  readonly backgrounds: readonly BackgroundChoice[];
  readonly searches: readonly SearchChoice[];
  readonly heightMethod: HeightMethod;
  readonly heights: readonly number[];
  /** px */
  readonly minimumSizes: readonly number[];
  readonly aboveSaddles: readonly AboveSaddleChoice[];
}

/** One combination. */
export interface Combination {
  readonly blur: number;
  readonly background: BackgroundChoice;
  readonly search: SearchChoice;
  readonly height: number;
  readonly minimumSize: number;
  readonly aboveSaddle: AboveSaddleChoice;
}

/** Names of the grids that are there. */
export const PRESETS = ["lattice", "testing", "default", "benchmark"] as const;

/** The name of a grid. */
export type Preset = (typeof PRESETS)[number];

const ABOVE: SearchChoice = { method: "above-background", fraction: 0 };

const auto = (threshold: ThresholdMethod): BackgroundChoice => ({
  method: "auto-threshold",
  value: 0,
  threshold,
});
const deviations = (value: number): BackgroundChoice => ({
  method: "sd-above-mean",
  value,
  threshold: "otsu",
});
const fraction = (value: number): SearchChoice => ({ method: "fraction", fraction: value });

/** Values from one end to the other, both kept: by whole steps, since sums of steps lose the end. */
export function range(from: number, to: number, steps: number): number[] {
  return Array.from({ length: steps + 1 }, (_, k) => from + (to - from) * k / steps);
}

/**
 * A grid by its name: the reference program's three with the ends of their ranges kept (16, 1 200 and
 * 19 800 combinations), and one for lattices about a blur that suits the images (960).
 *
 * @param blur standard deviation chosen from the images, px; for `lattice` only
 */
export function presetGrid(preset: Preset, blur: number): TrainGrid {
  const common = {
    heightMethod: "relative-above-background",
    minimumSizes: range(1, 9, 4),
    aboveSaddles: ["yes"],
  } as const;
  switch (preset) {
    case "testing":
      return {
        ...common,
        blurs: [1],
        backgrounds: [auto("otsu")],
        searches: [ABOVE],
        heights: range(0, 0.6, 3),
        minimumSizes: range(3, 9, 3),
      };
    case "default":
      return {
        ...common,
        blurs: [0, 0.5, 1],
        backgrounds: [auto("otsu"), ...range(2.5, 3.5, 2).map(deviations)],
        searches: [ABOVE, ...range(0, 0.6, 3).map(fraction)],
        heights: range(0, 0.6, 3),
      };
    case "benchmark":
      return {
        ...common,
        blurs: [0, 0.5, 1, 2],
        backgrounds: [
          auto("otsu"),
          auto("renyi-entropy"),
          auto("triangle"),
          ...range(0, 4.669, 7).map(deviations),
        ],
        searches: [ABOVE, ...range(0, 0.8, 8).map(fraction)],
        heights: range(0, 0.8, 8),
      };
    case "lattice":
      return {
        ...common,
        blurs: [-2, -1, 0, 1, 2].map((k) => blur * 2 ** (k / 2)),
        backgrounds: [{ method: "minimum", value: 0, threshold: "otsu" }, auto("otsu")],
        searches: [ABOVE],
        heights: [0, ...range(0, 10, 10).map((k) => 0.015 * 1.42 ** k)],
        minimumSizes: [1, 3, 5, 9],
        aboveSaddles: ["no", "yes"],
      };
  }
}

/** The number of combinations of a grid. */
export function gridSize(grid: TrainGrid): number {
  return grid.blurs.length * grid.backgrounds.length * grid.searches.length *
    grid.heights.length * grid.minimumSizes.length * grid.aboveSaddles.length;
}

/** All combinations of a grid, nested as they are listed in it. */
export function combinations(grid: TrainGrid): Combination[] {
  const all: Combination[] = [];
  for (const blur of grid.blurs) {
    for (const background of grid.backgrounds) {
      for (const search of grid.searches) {
        for (const height of grid.heights) {
          for (const minimumSize of grid.minimumSizes) {
            for (const aboveSaddle of grid.aboveSaddles) {
              all.push({ blur, background, search, height, minimumSize, aboveSaddle });
            }
          }
        }
      }
    }
  }
  return all;
}
