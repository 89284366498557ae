/**
 * Draws figures as SVG.
 *
 * Panels stand two in a row, each with a legend above its axes, so that no text lies on another.
 * The same figure gives the same bytes.
 *
 * @module
 */
import type {
  Figure,
  FIGURE_COLORS,
  FigureAxis,
  FigurePanel,
  FigureSeries,
} from "../data/figure.ts";
import {
  type AxisRange,
  axisRange,
  canShow,
  equalRanges,
  placeIn,
  type Tick,
  ticksOf,
} from "./_figure_axis.ts";
import { escapeXml, fitText, px, textAt, textWidth, wrapText } from "./_svg_text.ts";

/** Okabe and Ito's colors for all kinds of color vision, with gray for their yellow. */
const COLORS = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#7f7f7f",
  "#000000",
] as const satisfies { readonly length: typeof FIGURE_COLORS };

const PLOT = { width: 330, height: 240 } as const;
const SIZE = { title: 16, panel: 13, text: 11 } as const;
const LINE = 15;
const COLUMNS = 2;
const EDGE = 16;
/** Between the tick labels of y and its own label; below the plot: tick labels and the label of x. */
const Y_LABEL = 20, BELOW = 42;
const KEY = { mark: 18, gap: 14 } as const;
/** Points are drawn smaller the more there are. */
const MANY_POINTS = 100, VERY_MANY_POINTS = 500;

/** A panel with everything placed, in px from the panel's own corner. */
interface Placed {
  readonly panel: FigurePanel;
  readonly x: AxisRange;
  readonly y: AxisRange;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  readonly title: readonly string[];
  readonly legend: readonly LegendEntry[];
  /** Width left of the plot. */
  readonly left: number;
  /** Height of title and legend. */
  readonly head: number;
}

interface LegendEntry {
  readonly index: number;
  readonly label: string;
  readonly x: number;
  readonly row: number;
}

/** The figure as an SVG document. */
export function figureSvg(figure: Figure): string {
  const placed = figure.panels.map(placePanel);
  const columns = Math.max(1, Math.min(COLUMNS, placed.length));
  const left = Math.max(0, ...placed.map((panel) => panel.left));
  const cell = left + PLOT.width + EDGE;
  const width = Math.max(1, columns) * cell + EDGE;
  const title = wrapText(figure.title, SIZE.title, width - 2 * EDGE);
  const caption = wrapText(figure.caption ?? "", SIZE.text, width - 2 * EDGE);
  const parts: string[] = title.map((line, i) =>
    textAt(EDGE, 26 + 20 * i, line, `font-size="${SIZE.title}" font-weight="bold"`)
  );
  let y = 16 + 20 * title.length;
  for (let row = 0; row < placed.length; row += columns) {
    const inRow = placed.slice(row, row + columns);
    const head = Math.max(...inRow.map((panel) => panel.head));
    for (const [i, panel] of inRow.entries()) {
      parts.push(drawPanel(panel, EDGE / 2 + i * cell + left, y + head, head));
    }
    y += head + PLOT.height + BELOW;
  }
  parts.push(...caption.map((line, i) => textAt(EDGE, y + LINE * (i + 1), line, 'fill="#444"')));
  const height = y + LINE * caption.length + EDGE;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${px(width)} ${px(height)}" ` +
    `width="${px(width)}" height="${px(height)}" role="img" font-family="sans-serif" ` +
    `font-size="${SIZE.text}" fill="#222">\n<title>${escapeXml(figure.title)}</title>\n` +
    `<rect width="100%" height="100%" fill="#fff"/>\n${parts.join("\n")}\n</svg>\n`;
}

function placePanel(panel: FigurePanel): Placed {
  const { series, guides = [] } = panel;
  const at = (axis: "x" | "y") => guides.filter((guide) => guide.axis === axis).map((g) => g.at);
  let x = axisRange(panel.x, [...series.flatMap(xValues), ...at("x")]);
  let y = axisRange(panel.y, [...series.flatMap(yValues), ...at("y")], 0);
  const seen = guides.filter((guide) => canShow(guide.axis === "x" ? x : y, guide.at));
  if (panel.equal) [x, y] = equalRanges(x, y, PLOT.width, PLOT.height);
  const yTicks = ticksOf(y, 7);
  const widest = Math.max(0, ...yTicks.map(({ label }) => textWidth(label, SIZE.text)));
  const left = Y_LABEL + widest + 8;
  const title = wrapText(panel.title, SIZE.panel, PLOT.width);
  const legend = placeLegend(series);
  const rows = legend.length > 0 ? legend[legend.length - 1].row + 1 : 0;
  const head = 14 + LINE * (title.length + rows) + 4;
  return {
    panel: { ...panel, guides: seen },
    x,
    y,
    xTicks: sparseTicks(x),
    yTicks,
    title,
    legend,
    left,
    head,
  };
}

/** As many ticks of x as have room for their labels. */
function sparseTicks(x: AxisRange): Tick[] {
  for (let most = 8; most > 2; most--) {
    const ticks = ticksOf(x, most);
    const fits = ticks.every((tick, i) => {
      if (i === 0) return true;
      const distance = (placeIn(x, tick.at) - placeIn(x, ticks[i - 1].at)) * PLOT.width;
      const widths = textWidth(tick.label, SIZE.text) + textWidth(ticks[i - 1].label, SIZE.text);
      return distance >= widths / 2 + 6;
    });
    if (fits) return ticks;
  }
  return ticksOf(x, 2);
}

function placeLegend(series: readonly FigureSeries[]): LegendEntry[] {
  const entries: LegendEntry[] = [];
  let x = 0, row = 0;
  for (const [index, { label }] of series.entries()) {
    if (label === undefined || label === "") continue;
    const text = fitText(label, SIZE.text, PLOT.width - KEY.mark - 4);
    const width = KEY.mark + 4 + textWidth(text, SIZE.text);
    if (x > 0 && x + width > PLOT.width) [x, row] = [0, row + 1];
    entries.push({ index, label: text, x, row });
    x += width + KEY.gap;
  }
  return entries;
}

/** All values of x that must be seen; bars are as wide as they are. */
function xValues(series: FigureSeries): number[] {
  if (series.kind !== "bars") return series.x.slice(0, pointsIn(series));
  return barsOf(series).flatMap(({ from, to }) => [from, to]);
}

function yValues(series: FigureSeries): number[] {
  const values = series.y.slice(0, pointsIn(series));
  const ends = values.flatMap((y, i) => {
    const error = series.error?.[i] ?? 0;
    return error === 0 ? [y] : [y - error, y + error];
  });
  return series.kind === "bars" ? [0, ...ends] : ends;
}

function pointsIn({ x, y }: FigureSeries): number {
  return Math.min(x.length, y.length);
}

/** Bars in the order of x, each to halfway to its neighbors. */
function barsOf(series: FigureSeries): { from: number; to: number; y: number; i: number }[] {
  const order = Array.from({ length: pointsIn(series) }, (_, i) => i)
    .sort((a, b) => series.x[a] - series.x[b] || a - b);
  const at = order.map((i) => series.x[i]);
  return order.map((i, k) => {
    const before = k > 0 ? at[k] - at[k - 1] : undefined;
    const after = k + 1 < at.length ? at[k + 1] - at[k] : undefined;
    return {
      from: at[k] - (before ?? after ?? 1) / 2,
      to: at[k] + (after ?? before ?? 1) / 2,
      y: series.y[i],
      i,
    };
  });
}

/** The panel with the corner of its plot at a place. */
function drawPanel(placed: Placed, left: number, top: number, head: number): string {
  const { panel, x, y, xTicks, yTicks, title, legend } = placed;
  const { width, height } = PLOT;
  const toX = (value: number) => width * placeIn(x, value);
  const toY = (value: number) => height * (1 - placeIn(y, value));
  const empty = panel.series.every((series) => pointsIn(series) === 0);
  const parts = [
    ...title.map((line, i) =>
      textAt(0, LINE * (i + 1) - head + 10, line, `font-size="${SIZE.panel}" font-weight="bold"`)
    ),
    ...legend.map((entry) => drawKey(panel.series[entry.index], entry, placed)),
    path(xTicks.map(({ at }) => `M${px(toX(at))} 0V${height}`).join(""), 'stroke="#e6e6e6"'),
    path(yTicks.map(({ at }) => `M0 ${px(toY(at))}H${width}`).join(""), 'stroke="#e6e6e6"'),
    `<svg width="${width}" height="${height}" overflow="hidden">`,
    ...guideLines(panel, toX, toY),
    ...panel.series.map((series, i) => drawSeries(series, i, placed, toX, toY)),
    "</svg>",
    ...guideLabels(panel, toX, toY),
    `<rect width="${width}" height="${height}" fill="none" stroke="#666"/>`,
    ...xTicks.map(({ at, label }) => textAt(toX(at), height + 15, label, 'text-anchor="middle"')),
    ...yTicks.map(({ at, label }) => textAt(-6, toY(at) + 4, label, 'text-anchor="end"')),
    textAt(width / 2, height + 32, axisTitle(panel.x, width), 'text-anchor="middle"'),
    textAt(
      -height / 2,
      12 - placed.left,
      axisTitle(panel.y, height),
      'text-anchor="middle" transform="rotate(-90)"',
    ),
    ...(empty
      ? [textAt(width / 2, height / 2, "nothing to show", 'text-anchor="middle" fill="#777"')]
      : []),
  ];
  return `<g transform="translate(${px(left)} ${px(top)})">\n${
    parts.filter((part) => part !== "").join("\n")
  }\n</g>`;

  function drawKey(series: FigureSeries, { index, label, x, row }: LegendEntry, own: Placed) {
    const y = LINE * (own.title.length + row + 1) - head + 10;
    const style = { ...series, x: [0, KEY.mark], y: [0, 0] };
    const mark = series.kind === "line"
      ? path(`M${px(x)} ${px(y - 4)}h${KEY.mark}`, lineStyle(style, index))
      : series.kind === "points"
      ? path(`M${px(x + KEY.mark / 2)} ${px(y - 4)}h0`, pointStyle(index, series, 6))
      : `<rect x="${px(x + 3)}" y="${px(y - 9)}" width="12" height="9" ${
        barStyle(series, index)
      }/>`;
    return mark + textAt(x + KEY.mark + 4, y, label);
  }
}

function axisTitle({ label, unit }: FigureAxis, length: number): string {
  return fitText(
    unit === undefined || unit === "" ? label : `${label} (${unit})`,
    SIZE.text,
    length,
  );
}

function drawSeries(
  series: FigureSeries,
  index: number,
  { x: xRange, y: yRange }: Placed,
  toX: (value: number) => number,
  toY: (value: number) => number,
): string {
  const seen = (i: number) => canShow(xRange, series.x[i]) && canShow(yRange, series.y[i]);
  const shown = Array.from({ length: pointsIn(series) }, (_, i) => i).filter(seen);
  const point = (i: number) => `${px(toX(series.x[i]))} ${px(toY(series.y[i]))}`;
  const errors = path(
    series.error === undefined ? "" : shown.filter((i) => series.error![i] > 0).map((i) => {
      const x = toX(series.x[i]), low = series.y[i] - series.error![i];
      const bottom = !canShow(yRange, low) ? PLOT.height : toY(low);
      const top = toY(series.y[i] + series.error![i]);
      return `M${px(x - 3)} ${px(bottom)}h6m-3 0V${px(top)}m-3 0h6`;
    }).join(""),
    `stroke="${colorOf(series, index)}"`,
  );
  switch (series.kind) {
    case "line":
      return path(
        shown.map((i, k) => (k === 0 ? "M" : "L") + point(i)).join(""),
        lineStyle(series, index),
      ) + errors;
    case "points": {
      const n = shown.length;
      const size = n > VERY_MANY_POINTS ? 2.5 : n > MANY_POINTS ? 3.5 : 6;
      const dots = shown.map((i) => `M${point(i)}h0`).join("");
      return errors + path(dots, pointStyle(index, series, size));
    }
    case "bars": {
      const floor = yRange.log ? PLOT.height : toY(0);
      const bars = barsOf(series).filter(({ i, from }) => seen(i) && canShow(xRange, from));
      const d = bars.map(({ from, to, y }) =>
        `M${px(toX(from) + 0.5)} ${px(floor)}V${px(toY(y))}H${px(toX(to) - 0.5)}V${px(floor)}`
      ).join("");
      return (d === "" ? "" : `<path d="${d}" ${barStyle(series, index)}/>`) + errors;
    }
  }
}

function guideLines(
  { guides = [] }: FigurePanel,
  toX: (value: number) => number,
  toY: (value: number) => number,
): string[] {
  return guides.map(({ axis, at }) =>
    path(
      axis === "x" ? `M${px(toX(at))} 0V${PLOT.height}` : `M0 ${px(toY(at))}H${PLOT.width}`,
      'stroke="#888"',
    )
  );
}

/** Labels of guides inside the plot, each where no other one is; left out where there is no room. */
function guideLabels(
  { guides = [] }: FigurePanel,
  toX: (value: number) => number,
  toY: (value: number) => number,
): string[] {
  const taken: (readonly [left: number, top: number, right: number, bottom: number])[] = [];
  return guides.flatMap(({ axis, at, label = "" }) => {
    const width = textWidth(label, SIZE.text), line = axis === "x" ? toX(at) : toY(at);
    const places = axis === "x"
      ? [0, LINE, 2 * LINE].flatMap((y) => [[line + 4, y], [line - 4 - width, y]])
      : [PLOT.width - width - 4, 4].flatMap((x) => [[x, line - LINE], [x, line + 1]]);
    const place = places.find(([x, y]) =>
      x >= 0 && y >= 0 && x + width <= PLOT.width && y + LINE <= PLOT.height &&
      taken.every(([l, t, r, b]) => x >= r || x + width <= l || y >= b || y + LINE <= t)
    );
    if (label === "" || place === undefined) return [];
    const [x, y] = place;
    taken.push([x, y, x + width, y + LINE]);
    return [
      textAt(x, y + 11, label, 'fill="#555"'),
    ];
  });
}

function colorOf(series: FigureSeries, index: number): string {
  return COLORS[(series.color ?? index) % COLORS.length];
}

function path(d: string, style: string): string {
  return d === "" ? "" : `<path d="${d}" fill="none" ${style}/>`;
}

function lineStyle(series: FigureSeries, index: number): string {
  const dashes = series.dashed ? ' stroke-dasharray="5 3"' : "";
  return `stroke="${colorOf(series, index)}" stroke-width="1.6" stroke-linejoin="round"${dashes}`;
}

/** Points are strokes of no length with round ends: the shortest way to write many. */
function pointStyle(index: number, series: FigureSeries, size: number): string {
  return `stroke="${colorOf(series, index)}" stroke-width="${size}" stroke-linecap="round"`;
}

function barStyle(series: FigureSeries, index: number): string {
  const color = colorOf(series, index);
  const dashes = series.dashed ? ' stroke-dasharray="5 3"' : "";
  return `fill="${color}" fill-opacity="0.35" stroke="${color}"${dashes}`;
}
