/**
 * A picture of a training: for each parameter the best score that any combination reaches with each of
 * its values, so that plateaus, peaks and ends of ranges are seen at once.
 *
 * @module
 */
import { type Json, numberColumn, type Table, wordColumn } from "../core/mod.ts";

const PANEL = { width: 260, height: 190, left: 52, right: 12, top: 30, bottom: 40 } as const;
const COLUMNS = 3;
const HEAD = 56;
/** Scores further below the best are drawn at the bottom, so that the differences near it are seen. */
const LARGEST_FALL = 0.5;

interface Panel {
  readonly title: string;
  readonly labels: readonly string[];
  /** The best score with each value, whatever the other parameters. */
  readonly best: readonly number[];
  /** The score with the other parameters as they are in the best combination. */
  readonly slice: readonly number[];
  /** The value of the best combination. */
  readonly chosen: string;
}

interface Axis {
  readonly title: string;
  value(row: number): string;
  readonly numeric: boolean;
}

/** The picture as SVG. */
export function trainPlot(scores: Table, summary: Readonly<Record<string, Json>>): string {
  const metric = String(summary.metric);
  const figures = numberColumn(scores, metric)!;
  const panels = panelsOf(scores, figures, metric === "rmse" ? Math.min : Math.max);
  const values = panels.flatMap((panel) => [...panel.best, ...panel.slice]).filter(Number.isFinite);
  const top = Math.max(...values);
  const [low, high] = niceRange(Math.max(Math.min(...values), top - LARGEST_FALL), top);
  const rows = Math.ceil(panels.length / COLUMNS);
  const width = COLUMNS * PANEL.width + 20, height = HEAD + rows * PANEL.height + 16;
  const held = summary.heldOut as { readonly [name: string]: number } | null;
  const best = (summary.best as Record<string, number>)[metric];
  const caption = `best ${metric} ${best?.toFixed(4)}` +
    (held === null
      ? "; no image held out"
      : `; held out ${held[metric].toFixed(4)} (spread ${held.spread.toFixed(4)})`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="white"/>
<text x="14" y="22" font-size="15" font-weight="bold">FindFoci, trained on ${summary.images} image${
    summary.images === 1 ? "" : "s"
  }</text>
<text x="14" y="40" fill="#555">${summary.combinations} combinations: ${caption}</text>
<text x="14" y="${
    height - 8
  }" fill="#555">${metric}: <tspan fill="#1f77b4">other parameters as in the best</tspan>, <tspan fill="#999">other parameters whatever suits</tspan>, <tspan fill="#d62728">chosen</tspan></text>
${
    panels.map((panel, k) => {
      const x = 10 + (k % COLUMNS) * PANEL.width;
      const y = HEAD + Math.floor(k / COLUMNS) * PANEL.height;
      return `<g transform="translate(${x} ${y})">${drawPanel(panel, low, high)}</g>`;
    }).join("\n")
  }
</svg>
`;
}

/** The parameters that take more than one value. The best combination is the first row. */
function panelsOf(
  scores: Table,
  figures: Float64Array,
  better: (...values: number[]) => number,
): Panel[] {
  const axes = axesOf(scores);
  return axes.map((axis): Panel => {
    const best = new Map<string, number>(), slice = new Map<string, number>();
    const others = axes.filter((other) => other !== axis);
    for (let row = 0; row < scores.length; row++) {
      if (!Number.isFinite(figures[row])) continue;
      const value = axis.value(row), known = best.get(value);
      best.set(value, known === undefined ? figures[row] : better(known, figures[row]));
      if (others.every((other) => other.value(row) === other.value(0))) {
        slice.set(value, figures[row]);
      }
    }
    const labels = [...best.keys()].sort((a, b) =>
      axis.numeric ? Number(a) - Number(b) : a < b ? -1 : 1
    );
    return {
      title: axis.title,
      labels,
      best: labels.map((label) => best.get(label)!),
      slice: labels.map((label) => slice.get(label) ?? NaN),
      chosen: axis.value(0),
    };
  }).filter(({ labels }) => labels.length > 1);
}

function axesOf(scores: Table): Axis[] {
  const numbers = (name: string, title: string): Axis => {
    const column = numberColumn(scores, name)!;
    return { title, numeric: true, value: (row) => String(Number(column[row].toPrecision(3))) };
  };
  const words = (name: string) => wordColumn(scores, name)!;
  const [methods, thresholds, searches] = ["backgroundMethod", "threshold", "search"].map(words);
  const [levels, fractions] = ["background", "searchFraction"].map((n) => numberColumn(scores, n)!);
  return [
    numbers("blur", "blur (px)"),
    numbers("height", "height"),
    numbers("minimumSize", "minimum size (px)"),
    {
      title: "background",
      numeric: false,
      value: (row) =>
        methods[row] === "auto-threshold"
          ? thresholds[row]
          : methods[row] === "sd-above-mean"
          ? `${levels[row].toPrecision(2)} sd`
          : methods[row],
    },
    {
      title: "search",
      numeric: false,
      value: (row) => searches[row] === "fraction" ? fractions[row].toPrecision(2) : "all",
    },
    {
      title: "size above saddle",
      numeric: false,
      value: (row) => words("aboveSaddle")[row],
    },
  ];
}

function drawPanel({ title, labels, best, slice, chosen }: Panel, low: number, high: number) {
  const { width, height, left, right, top, bottom } = PANEL;
  const x = (i: number) => (left + (width - left - right) * (i + 0.5) / labels.length).toFixed(1);
  const y = (v: number) =>
    (top + (height - top - bottom) * (high - Math.max(low, v)) / (high - low)).toFixed(1);
  const every = Math.ceil(labels.length * Math.max(...labels.map((l) => l.length)) / 26);
  const line = (values: readonly number[], color: string) => {
    const points = values.flatMap((v, i) => Number.isFinite(v) ? [`${x(i)},${y(v)}`] : []);
    return `<polyline fill="none" stroke="${color}" stroke-width="1.5" points="${
      points.join(" ")
    }"/>`;
  };
  return [
    `<text x="${left}" y="${top - 10}" font-weight="bold">${title}</text>`,
    ...[low, (low + high) / 2, high].map((v) =>
      `<line x1="${left}" x2="${width - right}" y1="${y(v)}" y2="${y(v)}" stroke="#ddd"/>` +
      `<text x="${left - 6}" y="${Number(y(v)) + 4}" text-anchor="end" fill="#555">${
        v.toFixed(3)
      }</text>`
    ),
    line(best, "#bbb"),
    line(slice, "#1f77b4"),
    ...slice.map((v, i) =>
      Number.isFinite(v)
        ? `<circle cx="${x(i)}" cy="${y(v)}" r="${labels[i] === chosen ? 4.5 : 2.5}" fill="${
          labels[i] === chosen ? "#d62728" : "#1f77b4"
        }"/>`
        : ""
    ),
    ...labels.map((label, i) =>
      i % every === 0
        ? `<text x="${x(i)}" y="${
          height - bottom + 16
        }" text-anchor="middle" fill="#555">${label}</text>`
        : ""
    ),
  ].join("");
}

/** A range of scores with some room, never empty. */
function niceRange(low: number, high: number): [number, number] {
  const room = Math.max(0.002, 0.08 * (high - low));
  return [low - room, high + room];
}
