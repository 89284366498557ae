/**
 * The tables of the comparison as CSV.
 *
 * @module
 */
import type { BenchResult } from "./bench_detectors.ts";
import { type Group, type Mean, type Metric, METRICS } from "./summary.ts";

type Cell = string | number | null;

/** Names of the metrics in the files, with units. */
const COLUMNS: Readonly<Record<Metric, string>> = {
  chamfer: "chamferPx",
  thesisJaccard: "thesisJaccard",
  thesisF1: "thesisF1",
  thesisPrecision: "thesisPrecision",
  thesisRecall: "thesisRecall",
  thesisRmse: "thesisRmsePx",
  jaccard: "strictJaccard",
  f1: "strictF1",
  precision: "strictPrecision",
  recall: "strictRecall",
  rmse: "strictRmsePx",
};

const METRIC_NAMES = Object.keys(COLUMNS) as Metric[];

/** Text of each file, by name. Undefined figures are empty. */
export function csvFiles(result: BenchResult): Record<string, string> {
  return {
    "images.csv": imagesCsv(result),
    "summary.csv": summaryCsv(result),
    "dose.csv": groupsCsv(result, result.byDose, ""),
    "field.csv": groupsCsv(result, result.byField, "Nm"),
    "spacing.csv": groupsCsv(result, result.bySpacing, "Px"),
  };
}

function imagesCsv({ images, rows }: BenchResult): string {
  const facts = ["dose", "spacingPx", "fieldNm", "columns"];
  const counts = ["found", "truth", "matchRadiusPx"];
  const head = [
    ...["image", "detector", ...facts, ...METRIC_NAMES.map((name) => COLUMNS[name])],
    ...[...counts, "ms", "memoryMiB", "error"],
  ];
  return csvText(
    head,
    rows.map(({ image, detector, score, ms, memoryMiB, error }): Cell[] => {
      const { dose, spacing, fieldNm, columns } = images.find(({ name }) => name === image)!;
      return [
        ...[image, detector, dose, spacing, fieldNm, columns],
        ...METRIC_NAMES.map((name) => score === null ? null : METRICS[name](score)),
        ...(score === null ? [null, null, null] : [
          score.found,
          score.truth,
          score.strict.matchRadius,
        ]),
        ...[ms, memoryMiB, error],
      ];
    }),
  );
}

function summaryCsv({ summary }: BenchResult): string {
  const both = (name: string) => [name, `${name}Sd`];
  const head = [
    ...["detector", "images", "failed", ...METRIC_NAMES.flatMap((name) => both(COLUMNS[name]))],
    ...[...both("ms"), "memoryMiB"],
  ];
  const cells = (mean: Mean | null): Cell[] => [mean?.mean ?? null, mean?.sd ?? null];
  return csvText(
    head,
    summary.map(({ detector, images, failed, metrics, ms, memoryMiB }): Cell[] => [
      ...[detector, images, failed],
      ...METRIC_NAMES.flatMap((name) => cells(metrics[name])),
      ...cells(ms),
      memoryMiB,
    ]),
  );
}

function groupsCsv({ detectors }: BenchResult, groups: readonly Group[], unit: string): string {
  return csvText(
    ["detector", `from${unit}`, `to${unit}`, "images", "strictF1", "strictF1Sd"],
    detectors.flatMap(({ name }) =>
      groups.map(({ from, to, f1 }): Cell[] => {
        const mean = f1[name];
        return [name, from, to, mean?.images ?? 0, mean?.mean ?? null, mean?.sd ?? null];
      })
    ),
  );
}

function csvText(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [head, ...rows].map((row) => row.map(cellText).join(",") + "\n").join("");
}

function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return `${Number(cell.toPrecision(8))}`;
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
