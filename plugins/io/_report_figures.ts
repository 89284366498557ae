/**
 * The drawn figures of the report: the drift path, the ranking, markers and crosshairs.
 *
 * @module
 */
import { COLUMN_STATUSES, type ColumnStatus } from "@core";
import { fixed, html, type Markup, raw, shortNumber } from "./_report_html.ts";
import { type Marker, MARKERS } from "./_overlay.ts";
import type { ExposureSummary, SetSummary } from "./_set_summary.ts";

/** Size of the drift plot in its own units, and the room around its axes. */
const PLOT = { width: 420, height: 360, left: 52, right: 16, top: 16, bottom: 44 };
/** Columns of the ranking beside the score, at most. */
const MOST_PARTS = 4;
/** Least range of the drift plot, px: below it one would look at noise. */
const LEAST_SPAN = 1;

/** The drift of all exposures as a path, with error bars; x and y have one scale. */
export function driftPlot(set: SetSummary): Markup {
  const points = set.exposures.filter(({ drift }) =>
    Number.isFinite(drift.x) && Number.isFinite(drift.y)
  );
  if (points.length === 0) return html`<p class="none">No drift was measured.</p>`;
  const { ticks, toX, toY } = plotScale(points);
  const at = points.map(({ drift }) => [toX(drift.x), toY(drift.y)] as const);
  const { width, height, left, right, top, bottom } = PLOT;
  return html`
    <svg class="plot" viewBox="0 0 ${width} ${height}" role="img"
      aria-label="Drift of each exposure of ${set.name}">
        <rect x="${left}" y="${top}" width="${width - left - right}" height="${height - top -
          bottom}" class="frame"/>
        ${ticks.x.map((value) => verticalTick(toX(value), shortNumber(value)))}
        ${ticks.y.map((value) => horizontalTick(toY(value), shortNumber(value)))}
        <text x="${(left + width - right) / 2}" y="${height - 8}" class="axis">drift x (px)</text>
        <text transform="translate(14 ${(top + height - bottom) /
          2}) rotate(-90)" class="axis">drift y (px), downward</text>
        <polyline class="path" points="${at.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(
          " ",
        )}"/>
        ${points.map((e, i) => driftPoint(e, at, i, toX, toY, e.exposure === set.chosen))}
      </svg>
  `;
}

/** The ranking as bars, best first, the labeled exposure marked, each with its reason. */
export function rankingBars(set: SetSummary): Markup {
  const score = (e: ExposureSummary) => typeof e.ranking.score === "number" ? e.ranking.score : 0;
  const best = Math.max(...set.exposures.map(score), Number.MIN_VALUE);
  const rank = (e: ExposureSummary) => rankOf(set, e.exposure);
  const ordered = [...set.exposures].sort((a, b) => rank(a) - rank(b) || a.exposure - b.exposure);
  const parts = Object.keys(set.exposures[0].ranking)
    .filter((name) => !["rank", "score", "reason", "chosen"].includes(name)).slice(0, MOST_PARTS);
  return html`
    <table class="ranking">
      <thead>
        <tr><th class="num">rank</th><th class="num">exposure</th><th>score</th>
        <th class="num"></th>${parts.map((name) =>
          html`<th class="num">${spelled(name)}</th>`
        )}<th>why</th></tr>
      </thead>
      <tbody>${ordered.map((e) =>
        html`<tr class="${e.exposure === set.chosen ? "chosen" : ""}">
      <td class="num">${shortNumber(rank(e))}</td>
      <td class="num">${e.exposure}</td>
      <td class="bar"><span style="width:${
          (100 * Math.max(0, score(e)) / best).toFixed(1)
        }%"></span></td>
      <td class="num">${shortNumber(score(e))}</td>
      ${parts.map((name) => html`<td class="num">${partText(e.ranking[name])}</td>`)}
      <td>${
          e.exposure === set.chosen && html`
            <b class="chip accent">labeled</b>
          `
        }${
          !e.kept && html`
            <b class="chip">duplicate</b>
          `
        }${`${e.ranking.reason ?? ""}`}</td></tr>`
      )}</tbody>
    </table>
  `;
}

/** The place of an exposure in the ranking; 1 is best, wherever the table starts to count. */
export function rankOf(set: SetSummary, exposure: number): number {
  const ranks = set.exposures.map((e) => Number(e.ranking.rank));
  return ranks[exposure] - Math.min(...ranks) + 1;
}

function partText(value: number | string | null): string {
  return typeof value === "string" ? value : shortNumber(value);
}

/** `latticeStrength` as `lattice strength`. */
function spelled(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A status as it is marked in the pictures, on gray as they are. */
export function statusIcon(status: ColumnStatus): Markup {
  const { color } = MARKERS[status];
  return html`
    <svg class="icon" viewBox="-2 -2 4 4" aria-hidden="true">
      <rect x="-2" y="-2"
        width="4" height="4" rx=".6" fill="#3b4148" />
      <path d="${markerPath(MARKERS[status])}" fill="none" stroke="rgb(${color.join(
        " ",
      )})" stroke-width=".4" />
    </svg>
  `;
}

/** What the script of the page needs to draw the markers. */
export function markerData(): unknown {
  return COLUMN_STATUSES.map((status) => {
    const { color, circles, lines } = MARKERS[status];
    return { status, color: `rgb(${color.join(" ")})`, circles, lines };
  });
}

/** A cross with an open middle over a picture of `size` units. */
export function crosshair(x: number, y: number, size: number): Markup {
  const gap = size * 0.07;
  const d = `M0 ${y}H${x - gap}M${x + gap} ${y}H${size}M${x} 0V${y - gap}M${x} ${y + gap}V${size}`;
  return html`
    <path class="cross" d="${d}" />
  `;
}

function markerPath(marker: Marker): string {
  const circles = marker.circles.map((r) =>
    `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`
  );
  return [...circles, ...marker.lines.map((line) => `M${line.join(" ")}`)].join("");
}

interface PlotScale {
  readonly ticks: { readonly x: number[]; readonly y: number[] };
  readonly toX: (x: number) => number;
  readonly toY: (y: number) => number;
}

function plotScale(points: readonly ExposureSummary[]): PlotScale {
  const { width, height, left, right, top, bottom } = PLOT;
  const error = (e: ExposureSummary) => Number.isFinite(e.drift.error) ? e.drift.error : 0;
  const range = (axis: "x" | "y") => {
    const low = Math.min(...points.map((e) => e.drift[axis] - error(e)));
    const high = Math.max(...points.map((e) => e.drift[axis] + error(e)));
    return { middle: (low + high) / 2, span: Math.max(LEAST_SPAN, high - low) };
  };
  const x = range("x"), y = range("y");
  const room = { x: width - left - right, y: height - top - bottom };
  // 16 units on each side are for the exposures' numbers.
  const unit = Math.min((room.x - 56) / x.span, (room.y - 56) / y.span);
  const step = niceStep(Math.max(room.x, room.y) / unit / 6);
  return {
    ticks: {
      x: ticksIn(x.middle, room.x / unit / 2, step),
      y: ticksIn(y.middle, room.y / unit / 2, step),
    },
    toX: (value) => left + room.x / 2 + (value - x.middle) * unit,
    toY: (value) => top + room.y / 2 + (value - y.middle) * unit,
  };
}

function driftPoint(
  e: ExposureSummary,
  at: readonly (readonly [number, number])[],
  i: number,
  toX: (x: number) => number,
  toY: (y: number) => number,
  chosen: boolean,
): Markup {
  const [x, y] = at[i];
  const { drift } = e;
  const error = Number.isFinite(drift.error) ? drift.error : 0;
  const bars = `M${toX(drift.x - error).toFixed(1)} ${y.toFixed(1)}H${
    toX(drift.x + error).toFixed(1)
  }M${x.toFixed(1)} ${toY(drift.y - error).toFixed(1)}V${toY(drift.y + error).toFixed(1)}`;
  const [labelX, labelY] = awayFromPath(at, i, drift.ambiguous ? 18 : 13);
  const dot = drift.ambiguous
    ? raw(`<path class="dot open" d="M${x.toFixed(1)} ${(y - 6).toFixed(1)}l6 6l-6 6l-6 -6z"/>`)
    : raw(
      `<circle class="dot" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${chosen ? 5 : 3.5}"/>`,
    );
  const title = `exposure ${e.exposure}: ${fixed(drift.x, 2)}, ${fixed(drift.y, 2)} px, ` +
    `error ${fixed(drift.error, 3)} px${drift.ambiguous ? ", ambiguous" : ""}`;
  return html`<g class="${
    chosen ? "point chosen" : "point"
  }"><path class="error" d="${bars}"/>${dot}
    <text x="${(x + labelX).toFixed(1)}" y="${(y + labelY + 4).toFixed(1)}">${e.exposure}${
    drift.ambiguous && "?"
  }</text><title>${title}</title></g>`;
}

/** Where the number of a point stands: opposite to where the path goes. */
function awayFromPath(
  at: readonly (readonly [number, number])[],
  i: number,
  away: number,
): readonly [number, number] {
  let x = 0, y = 0;
  for (const j of [i - 1, i + 1]) {
    if (j < 0 || j >= at.length) continue;
    const dx = at[j][0] - at[i][0], dy = at[j][1] - at[i][1];
    const length = Math.hypot(dx, dy) || 1;
    x -= dx / length;
    y -= dy / length;
  }
  // On a straight part of the path the two cancel: then sideways.
  if (Math.hypot(x, y) < 0.3) {
    const next = at[Math.min(at.length - 1, i + 1)], last = at[Math.max(0, i - 1)];
    [x, y] = [next[1] - last[1], last[0] - next[0]];
  }
  const length = Math.hypot(x, y);
  return length === 0 ? [0, -away] : [away * x / length, away * y / length];
}

function verticalTick(x: number, label: string): Markup {
  const foot = PLOT.height - PLOT.bottom;
  return html`
    <path class="grid" d="M${x.toFixed(1)} ${PLOT.top}V${foot}" />
    <text class="tick"
      text-anchor="middle" x="${x.toFixed(1)}" y="${foot + 16}">${label}</text>
  `;
}

function horizontalTick(y: number, label: string): Markup {
  return html`
    <path class="grid" d="M${PLOT.left} ${y.toFixed(1)}H${PLOT.width - PLOT.right}" />
    <text class="tick" text-anchor="end" x="${PLOT.left - 7}" y="${(y + 4).toFixed(
      1,
    )}">${label}</text>
  `;
}

function ticksIn(middle: number, half: number, step: number): number[] {
  const ticks: number[] = [];
  for (let k = Math.ceil((middle - half) / step); k * step <= middle + half; k++) {
    ticks.push(Number((k * step).toPrecision(12)));
  }
  return ticks;
}

/** 1, 2 or 5 times a power of ten, not below `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const times = [1, 2, 5, 10].find((m) => m * power >= least) as number;
  return times * power;
}
