/**
 * The figures of the comparison: F1 against dose and field of view, and against time.
 *
 * @module
 */
import { type Figure, FIGURE_COLORS, type FigurePanel, type FigureSeries } from "../../core/mod.ts";
import type { BenchResult } from "./bench_detectors.ts";
import { type Group, groupBy } from "./summary.ts";

/** The axis of F1 ends above 1, so that lines at 1 are seen. */
const F1_TOP = 1.03;

type Titled = BenchResult["detectors"][number];

/** The figures that the images allow, by the name of their file. */
export function benchFigures(result: BenchResult): Record<string, Figure> {
  const { detectors, byDose, byField, bySpacing } = result;
  const figures: Record<string, Figure> = {};
  const scored = detectors.filter(({ name }) =>
    result.rows.some((row) => row.detector === name && row.score !== null)
  );
  for (let first = 0, part = 1; first < scored.length; first += FIGURE_COLORS, part++) {
    const some = scored.slice(first, first + FIGURE_COLORS);
    const suffix = part > 1 ? `-${part}` : "";
    if (byDose.length > 1) figures[`dose${suffix}`] = doseFigure(byDose, some);
    if (byField.length > 1) figures[`field${suffix}`] = fieldFigure(result, some);
    else if (bySpacing.length > 1) figures[`spacing${suffix}`] = spacingFigure(bySpacing, some);
  }
  const timed = result.summary.filter(({ ms, metrics }) => ms !== null && metrics.f1 !== null);
  if (timed.length > 0) figures.time = timeFigure(result);
  return figures;
}

function doseFigure(groups: readonly Group[], detectors: readonly Titled[]): Figure {
  return {
    title: "F1 against dose",
    caption:
      "Mean over the images of about one dose: the height of the true columns over what is " +
      "around them, measured in the image, in counts where the image is counted.",
    panels: [{
      title: "",
      x: { label: "counts at a column's top", scale: "log" },
      y: { label: "strict F1", from: 0, to: F1_TOP },
      series: seriesOf(groups, detectors),
    }],
  };
}

/** All images, and those of each dose where there are several fields of it. */
function fieldFigure(result: BenchResult, detectors: readonly Titled[]): Figure {
  const panel = (title: string, groups: readonly Group[]): FigurePanel => ({
    title,
    x: { label: "field of view", unit: "nm" },
    y: { label: "strict F1", from: 0, to: F1_TOP },
    series: seriesOf(groups, detectors),
  });
  const names = detectors.map(({ name }) => name);
  const ofDoses = result.byDose.length < 2 ? [] : result.byDose.flatMap((dose) => {
    const images = result.images.filter(({ name }) => dose.images.includes(name));
    const groups = groupBy("fieldNm", images, names, result.rows);
    return groups.length < 2 ? [] : [panel(`${rangeText(dose)} counts`, groups)];
  });
  return {
    title: "F1 against field of view",
    caption: "Mean over the images of about one width of the field.",
    panels: ofDoses.length > 0 ? ofDoses : [panel("", result.byField)],
  };
}

function spacingFigure(groups: readonly Group[], detectors: readonly Titled[]): Figure {
  return {
    title: "F1 against spacing",
    caption: "Mean over the images of about one distance between columns.",
    panels: [{
      title: "",
      x: { label: "distance to the nearest column", unit: "px", scale: "log" },
      y: { label: "strict F1", from: 0, to: F1_TOP },
      series: seriesOf(groups, detectors),
    }],
  };
}

function seriesOf(groups: readonly Group[], detectors: readonly Titled[]): FigureSeries[] {
  return detectors.flatMap(({ name, title }, color): FigureSeries[] => {
    const seen = groups.filter((group) => group.f1[name] !== null);
    const x = seen.map(({ at }) => at), y = seen.map((group) => group.f1[name]!.mean);
    return [
      { kind: "line", label: title, x, y, color },
      { kind: "points", x, y, color },
    ];
  });
}

function timeFigure({ summary, detectors }: BenchResult): Figure {
  const series = summary.flatMap(({ detector, ms, metrics }): FigureSeries[] => {
    if (ms === null || metrics.f1 === null) return [];
    const { title } = detectors.find(({ name }) => name === detector)!;
    return [{ kind: "points", label: title, x: [ms.mean], y: [metrics.f1.mean] }];
  }).map((one, i) => ({ ...one, color: i % FIGURE_COLORS }));
  return {
    title: "F1 against time",
    caption: "Means over all images; best of the warm runs of each.",
    panels: Array.from({ length: Math.ceil(series.length / FIGURE_COLORS) }, (_, i) => ({
      title: "",
      x: { label: "time an image", unit: "ms", scale: "log" } as const,
      y: { label: "strict F1", from: 0, to: F1_TOP },
      series: series.slice(i * FIGURE_COLORS, (i + 1) * FIGURE_COLORS),
    })),
  };
}

/** `10`, or `8.2–11` where the values differ. */
export function rangeText({ from, to }: Pick<Group, "from" | "to">): string {
  const [a, b] = [from, to].map((v) => `${Number(v.toPrecision(3))}`);
  return a === b ? a : `${a}–${b}`;
}
