/**
 * The plot of `evaluation.localization`.
 *
 * @module
 */
import type { Figure, FigurePanel, FigureSeries } from "@core";
import {
  type Errors,
  type LocalizationMetrics,
  normalizedErrors,
  rootMeanSquare,
} from "./_localization.ts";

/** Points in the scatter plot: more cannot be told apart and make a large file. */
const MOST_POINTS = 2000;
/** The histogram of normalized errors: its half width and bins in it. */
const DEVIATIONS = 5, HISTOGRAM_BINS = 20;
/** Bins of equally many pairs by height: so many pairs at least, so many bins at most. */
const LEAST_PAIRS = 25, MOST_BINS = 12;
/** Heights that span more than this factor are drawn on a logarithmic axis. */
const WIDE_RANGE = 5;

/** Six digits: more are not seen, and the file is shorter. */
const short = (value: number) => Number(value.toPrecision(6));
const list = (values: Iterable<number>) => Array.from(values, short);
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** What the errors look like. */
export function localizationPlot(errors: Errors, metrics: LocalizationMetrics): Figure {
  const isSecond = metrics.against === "second";
  return {
    title: isSecond ? "Localization: two exposures" : "Localization against truth",
    caption: captionOf(errors.dx.length, isSecond),
    panels: [
      scatterPanel(errors, metrics, isSecond),
      phasePanel(metrics, isSecond),
      ...normalizedPanel(errors),
      ...heightPanel(errors, isSecond),
    ],
  };
}

function captionOf(pairs: number, isSecond: boolean): string {
  const shown = pairs > MOST_POINTS ? `, one in ${stepOf(pairs)} drawn as a point` : "";
  const what = isSecond
    ? "Differences of two exposures, their offset removed; against height, those over the root of 2."
    : "Errors: found minus true.";
  return `${pairs} pairs${shown}. ${what} Circle: 2D rms.`;
}

function stepOf(pairs: number): number {
  return Math.ceil(pairs / MOST_POINTS);
}

function scatterPanel(
  { dx, dy }: Errors,
  { rms2d }: LocalizationMetrics,
  isSecond: boolean,
): FigurePanel {
  const step = stepOf(dx.length);
  const some = (values: Float64Array) => list(values.filter((_, i) => i % step === 0));
  const angles = range(65).map((i) => i * Math.PI / 32);
  const circle: FigureSeries[] = rms2d === null ? [] : [{
    kind: "line",
    label: `2D rms ${rms2d.toPrecision(3)} px`,
    x: list(angles.map((a) => rms2d * Math.cos(a))),
    y: list(angles.map((a) => rms2d * Math.sin(a))),
  }];
  const what = isSecond ? "difference" : "error";
  return {
    title: isSecond ? "Differences" : "Errors",
    x: { label: `${what} in x`, unit: "px" },
    y: { label: `${what} in y`, unit: "px" },
    equal: true,
    series: [{ kind: "points", label: "pairs", x: some(dx), y: some(dy) }, ...circle],
    guides: [{ axis: "x", at: 0 }, { axis: "y", at: 0 }],
  };
}

function phasePanel({ phase }: LocalizationMetrics, isSecond: boolean): FigurePanel {
  const series = (name: "x" | "y", aside: number): FigureSeries => {
    const { mean, error } = phase[name];
    const bins = range(mean.length).filter((b) => mean[b] !== null);
    return {
      kind: "points",
      label: name,
      x: list(bins.map((b) => (b + 0.5 + aside) / mean.length - 0.5)),
      y: list(bins.map((b) => mean[b]!)),
      error: list(bins.map((b) => error[b] ?? 0)),
    };
  };
  return {
    title: isSecond ? "Mean difference by sub-pixel phase" : "Bias by sub-pixel phase",
    x: { label: "position from the center of its pixel", unit: "px", from: -0.5, to: 0.5 },
    y: { label: isSecond ? "mean difference" : "mean error", unit: "px" },
    series: [series("x", -0.1), series("y", 0.1)],
    guides: [{ axis: "y", at: 0 }],
  };
}

/** Normalized errors of both axes as a density; those beyond its ends are in the outermost bars. */
function normalizedPanel(errors: Errors): FigurePanel[] {
  const { x, y } = normalizedErrors(errors);
  const n = x.length + y.length;
  if (n === 0) return [];
  const width = 2 * DEVIATIONS / HISTOGRAM_BINS;
  const count = new Float64Array(HISTOGRAM_BINS);
  for (const value of [...x, ...y]) {
    const bin = Math.floor((value + DEVIATIONS) / width);
    count[Math.max(0, Math.min(HISTOGRAM_BINS - 1, bin))]++;
  }
  const at = range(81).map((i) => DEVIATIONS * (i - 40) / 40);
  return [{
    title: "Errors over stated errors",
    x: { label: "error over stated standard deviation", from: -DEVIATIONS, to: DEVIATIONS },
    y: { label: "density" },
    series: [
      {
        kind: "bars",
        label: "x and y",
        x: list(range(HISTOGRAM_BINS).map((b) => (b + 0.5) * width - DEVIATIONS)),
        y: list(count.map((c) => c / (n * width))),
        error: list(count.map((c) => Math.sqrt(c) / (n * width))),
      },
      {
        kind: "line",
        label: "normal",
        dashed: true,
        x: list(at),
        y: list(at.map((v) => Math.exp(-v * v / 2) / Math.sqrt(2 * Math.PI))),
      },
    ],
  }];
}

/** Rms error an axis, stated error and bound, by height in bins of equally many pairs. */
function heightPanel(errors: Errors, isSecond: boolean): FigurePanel[] {
  const { height } = errors;
  const order = Float64Array.from(height.keys()).filter((i) => Number.isFinite(height[i]))
    .sort((a, b) => height[a] - height[b] || a - b);
  const bins = Math.min(MOST_BINS, Math.floor(order.length / LEAST_PAIRS));
  if (bins < 1) return [];
  const groups = range(bins).map((b) =>
    order.subarray(Math.floor(b * order.length / bins), Math.floor((b + 1) * order.length / bins))
  );
  const one = isSecond ? Math.SQRT1_2 : 1;
  const rms = (x: Float64Array, y: Float64Array) =>
    groups.map((rows) => {
      const lengths = rows.map((i) => Math.hypot(x[i], y[i])).filter(Number.isFinite);
      return one * rootMeanSquare(lengths) / Math.SQRT2;
    });
  const heights = groups.map((rows) => height[rows[rows.length >> 1]]);
  const measured = rms(errors.dx, errors.dy);
  const smooth = (label: string, values: number[], dashed: boolean, color: number) => {
    const known = range(bins).filter((b) => values[b] > 0 && values[b] < Infinity);
    const line: FigureSeries = {
      kind: "line",
      label,
      x: list(known.map((b) => heights[b])),
      y: list(known.map((b) => values[b])),
      dashed,
      color,
    };
    return known.length === 0 ? [] : [line];
  };
  const isWide = heights[0] > 0 && heights[bins - 1] > WIDE_RANGE * heights[0];
  const scale = isWide && measured.every((value) => value > 0) ? "log" : "linear";
  return [{
    title: "Error by height",
    x: { label: "height", unit: "counts", scale },
    y: { label: "rms error an axis", unit: "px", scale },
    series: [
      {
        kind: "points",
        label: "measured",
        x: list(heights),
        y: list(measured),
        // Each of 2 m numbers adds to the square.
        error: list(measured.map((value, b) => value / Math.sqrt(4 * groups[b].length))),
      },
      ...smooth("stated", rms(errors.statedX, errors.statedY), false, 1),
      ...smooth("Cramer-Rao bound", rms(errors.boundX, errors.boundY), true, 2),
    ],
  }];
}
