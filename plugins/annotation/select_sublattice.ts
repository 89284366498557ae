/**
 * Keeps the bright species of columns and drops the faint, as sulfur is dropped beside molybdenum.
 *
 * Columns are sorted into species by brightness, each compared with its neighbors, so that a slow change
 * of brightness does not matter. A whole species stays or goes; a faint column of a bright species stays.
 *
 * Input   columns  refined columns
 * Output  columns  those that stay, with `sublattice` (0 is the brightest species)
 *         dropped  those that do not
 *         summary  number and relative brightness of each species
 *
 * @module
 */
import { type Columns, defineStage, type Json, selectRows, type Stage, withColumns } from "@core";
import { findSpecies, type Species } from "./_species.ts";

const inputs = {
  columns: { kind: "columns", description: "Refined columns of one exposure" },
} as const;

const outputs = {
  columns: { kind: "columns", description: "Columns that stay, with their sublattice" },
  dropped: { kind: "columns", description: "Columns of faint species" },
  summary: { kind: "json", description: "Number and relative brightness of each species" },
} as const;

const params = {
  sublattice: {
    type: "string",
    enum: ["auto", "all", "brightest"],
    default: "auto",
    description: "Which species stay: auto drops those fainter than the ratio",
  },
  ratio: {
    type: "number",
    default: 0.4,
    minimum: 0,
    maximum: 1,
    description: "Least height over that of the brightest species for a species to stay",
  },
} as const;

/** `annotation.select-sublattice` */
export const selectSublattice: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: "annotation.select-sublattice",
  version: "1.0.0",
  api: "^1.0",
  summary: "Keeps the bright species of columns and drops the faint",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ columns }, { sublattice, ratio }, context) {
    const { x, y, height } = columns.columns;
    const species = findSpecies(x, y, height);
    context.progress(0.8);
    const stays = species.ratio.map((r, s) =>
      sublattice === "all" || s === 0 || (sublattice === "auto" && r >= ratio)
    );
    const marked = withColumns(columns, { sublattice: Float64Array.from(species.of) });
    const kept = rowsWhere(marked, (i) => stays[species.of[i]]);
    const dropped = rowsWhere(marked, (i) => !stays[species.of[i]]);
    if (dropped.length > 0) context.chose({ dropped: dropped.length });
    context.progress(1);
    return {
      columns: selectRows(marked, kept),
      dropped: selectRows(marked, dropped),
      summary: summaryOf(species, stays),
    };
  },
});

function rowsWhere(columns: Columns, condition: (row: number) => boolean): number[] {
  return Array.from({ length: columns.length }, (_, i) => i).filter(condition);
}

function summaryOf(species: Species, stays: readonly boolean[]): Json {
  return {
    species: species.ratio.map((ratio, s) => ({
      sublattice: s,
      columns: species.of.reduce((sum, of) => sum + (of === s ? 1 : 0), 0),
      relativeHeight: Number.isFinite(ratio) ? ratio : null,
      kept: stays[s],
    })),
  };
}
