/**
 * What counts as true in an image: which species, and how far apart they are.
 *
 * @module
 */
import { medianNearestDistance } from "../../core/kernels/mod.ts";
import { numberColumn, selectRows, type Table, wordColumn } from "../../core/mod.ts";

/** A species of fewer than this share of the columns does not say how bright bright ones are. */
const LEAST_SHARE = 0.03;

/** Positions in px of an image. */
export type PositionTable = Table<"x" | "y">;

/** Which true columns count. */
export interface TruthRules {
  /** Species below this height, over that of the brightest species, are faint. */
  readonly faintRatio: number;
  /** Species that are faint whatever their height. */
  readonly faintSpecies: readonly string[];
}

/** The true columns of an image. */
export interface Truth {
  readonly all: PositionTable;
  /** Rows of `all` that are not faint. */
  readonly heavy: PositionTable;
  /** Which rows of `all` are faint. */
  readonly isFaint: readonly boolean[];
  /** Names of the species left out, in alphabetical order. */
  readonly faint: readonly string[];
  /** Median distance of a heavy column to the nearest other, px; null with fewer than two. */
  readonly spacing: number | null;
}

/**
 * Sorts true columns into heavy and faint, by whole species as `annotation.select-sublattice` does:
 * a species stays when its median height is at least `faintRatio` of that of the brightest one.
 *
 * Species are told by the column `species`, or else `sublattice`; without either, or without heights,
 * nothing is faint but what is named.
 */
export function readTruth(all: PositionTable, rules: TruthRules): Truth {
  const species = speciesOf(all);
  const height = numberColumn(all, "height")?.map(Math.abs);
  const medians = species === undefined || height === undefined
    ? new Map<string, number>()
    : medianHeights(species, height);
  const brightest = Math.max(0, ...medians.values());
  const isFaintSpecies = (name: string) =>
    rules.faintSpecies.includes(name) || (medians.get(name) ?? Infinity) <
      rules.faintRatio * brightest;
  const isFaint = Array.from(
    { length: all.length },
    (_, i) => species !== undefined && isFaintSpecies(species[i]),
  );
  const rows = [...isFaint.keys()].filter((i) => !isFaint[i]);
  const heavy = selectRows(all, rows) as PositionTable;
  const spacing = medianNearestDistance(heavy.columns.x, heavy.columns.y);
  return {
    all,
    heavy,
    isFaint,
    faint: [...new Set(species)].filter(isFaintSpecies).sort(),
    spacing: spacing > 0 ? spacing : null,
  };
}

function speciesOf(table: Table): readonly string[] | undefined {
  const numbers = numberColumn(table, "sublattice");
  return wordColumn(table, "species") ?? (numbers && Array.from(numbers, String));
}

/** Median height by species, of those that are no rare exceptions. */
function medianHeights(species: readonly string[], height: Float64Array): Map<string, number> {
  const heights = new Map<string, number[]>();
  for (const [i, name] of species.entries()) {
    if (!heights.has(name)) heights.set(name, []);
    heights.get(name)!.push(height[i]);
  }
  const medians = new Map<string, number>();
  for (const [name, values] of heights) {
    if (values.length >= LEAST_SHARE * species.length) medians.set(name, median(values));
  }
  return medians;
}

/** The middle value; the mean of the two in the middle of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
