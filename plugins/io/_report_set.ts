/**
 * The part of the report about one exposure set.
 *
 * @module
 */
import { COLUMN_STATUSES, pixelSizeNm } from "@core";
import { MARKERS } from "./_overlay.ts";
import { crosshair, driftPlot, rankingBars, rankOf, statusIcon } from "./_report_figures.ts";
import { counted, fixed, grouped, html, type Markup, scriptJson } from "./_report_html.ts";
import type { SetPictures } from "./_report_pictures.ts";
import { duplicateList, exposureTable, flagTable, parameterTable } from "./_report_tables.ts";
import type { SetOptions, SetParts, SplitSide } from "./_set_parts.ts";
import { countDoubtful, DOUBTFUL, type ExposureSummary, type SetSummary } from "./_set_summary.ts";

/** Warnings in sight; the others fold away. */
const MOST_WARNINGS = 3;
/** Code of the warning that the notice about ambiguous drift stands for. */
const AMBIGUOUS = "DRIFT_AMBIGUOUS";

/** The radius of markers in px of the image: clear of the column, clear of its neighbors. */
export function markerRadius(summary: SetSummary): number {
  const spacing = summary.exposures[summary.chosen].target.meanSpacing;
  return spacing !== null && spacing > 0 ? Math.max(1.5, 0.3 * spacing) : 6;
}

/** One set of the report. `index` numbers the sets of the page. */
export function reportSet(
  parts: SetParts,
  summary: SetSummary,
  pictures: SetPictures,
  index: number,
  options: SetOptions,
): (side: SplitSide) => Markup {
  const body = html`
    ${facts(summary)}
    ${warnings(summary)}
    ${viewer(parts, summary, pictures, index)}
    <h3>Alignment</h3>
    ${alignment(summary, pictures, index)}
    <h3>Which exposure shows the columns best</h3>
    <div class="wide">${rankingBars(summary)}</div>
    ${rankingCaption(summary, options)}
    <div class="more-list">
    ${flagTable(parts, summary, index)}
    ${duplicateList(summary)}
    ${exposureTable(summary)}
    ${parameterTable(summary)}
    </div>
  `;
  return (side) =>
    html`<details class="set" id="set-${index}" ${index === 0 && "open"}>
    <summary><h2>${summary.name}</h2> <span class="chip">${side}</span>
    ${
      summary.warnings.length > 0 &&
      html`<span class="chip warn">${counted(summary.warnings.length, "warning")}</span>`
    }</summary>
    ${body}</details>`;
}

function facts(set: SetSummary): Markup {
  const nm = pixelSizeNm(set.pixelSize);
  const field = nm && `, ${fixed(nm.x * set.width, 2)} × ${fixed(nm.y * set.height, 2)} nm`;
  const left = set.dropped.columns > 0 &&
    ` ${counted(set.dropped.columns, "faint column")} left out.`;
  return html`
    <p
      class="facts">${counted(set.exposuresRead, "exposure")} read, ${grouped(
        set.exposuresKept,
      )} kept. The region they share is ${set.width} × ${set.height} px${field}. Samples are ${set
        .sampleType}. ${counted(
          set.exposures[set.chosen].columns,
          "column",
        )} labeled in exposure ${set.chosen}.${left}</p>
  `;
}

function warnings(set: SetSummary): Markup {
  const ambiguous = set.exposures.filter((e) => e.drift.ambiguous).map((e) => e.exposure);
  if (set.warnings.length === 0 && ambiguous.length === 0) return html``;
  // The notice about ambiguity says more than the warning of the stage.
  const lines = set.warnings.filter((w) => w.code !== AMBIGUOUS || ambiguous.length === 0)
    .map((w) => html`<p>${w.message} <span class="chip warn">${w.step}</span></p>`);
  const shown = lines.length > MOST_WARNINGS + 1 ? MOST_WARNINGS : lines.length;
  const more = lines.slice(shown);
  return html`<div class="notice">${lines.slice(0, shown)}${
    more.length > 0 &&
    html`<details><summary>${more.length} more warnings</summary>${more}</details>`
  }${
    ambiguous.length > 0 &&
    html`<p><b>The drift of ${ambiguous.length === 1 ? "exposure" : "exposures"} ${
      ambiguous.join(", ")
    } is ambiguous:</b> another shift, about a lattice vector away, fits
    nearly as well. The labels mark columns all the same, but which column of one exposure is which
    of another cannot be known from these images.</p>`
  }</div>`;
}

function viewer(
  parts: SetParts,
  set: SetSummary,
  pictures: SetPictures,
  index: number,
): Markup {
  const kept = set.exposures.filter((e) => e.kept);
  if (kept.length === 0) return html`<p class="none">No exposure was kept.</p>`;
  const first = kept.find((e) => e.exposure === set.chosen) ?? kept[0];
  const data = viewerData(parts, set, index, first.exposure, pictures);
  return html`
    <div class="viewer" data-set="${index}">
      <div>
        <div class="stage">
        <svg viewBox="0 0 ${set.width} ${set.height}" role="img" aria-label="Labels of ${set.name}">
          <image x="0" y="0" width="${set.width}" height="${set
            .height}" preserveAspectRatio="none"/>
          ${set.dropped.columns > 0 && html`
            <path class="dropped" style="display:none" />
          `}
          ${COLUMN_STATUSES.map((s) =>
            html`
              <path class="status${DOUBTFUL.includes(s) && " doubtful"}" stroke="rgb(${MARKERS[s]
                .color.join(" ")})" />
            `
          )}<path class="halo"/></svg>
        <div class="zoom"><button value="0.6" aria-label="Zoom in">+</button><button value="1.667"
          aria-label="Zoom out">−</button><button value="1e9">Fit</button></div>
        ${pixelSizeNm(set.pixelSize) && html`<div class="scalebar"><i></i><span></span></div>`}
        <div class="tip" hidden></div></div>
        <p class="caption">Wheel to zoom, drag to move, double-click to see all; point at a marker for
        its position and standard error.</p>
        <noscript><p class="caption">Without scripts, see the pictures in <code>overlays/</code>.</p></noscript>
      </div>
      <div class="side">
        <h4>Exposure</h4>
        <div class="picks">${kept.map((e) =>
          html`<button value="${e.exposure}" class="${
            e.exposure === set.chosen ? "chosen" : ""
          }" aria-pressed="false">${e.exposure}</button>`
        )}</div>
        <h4>Shown</h4>
        <p class="now"></p>
        <h4>Labels by status</h4>
        <ul class="legend">${COLUMN_STATUSES.map((s, code) =>
          html`<li><label title="${MARKERS[s].meaning}"><input type="checkbox" checked
        data-code="${code}"> ${
            statusIcon(s)
          } ${s} <span class="n" data-code="${code}"></span></label></li>`
        )}${set.dropped.columns > 0 &&
          html`<li><label title="faint columns, by the height ratio"><input
      type="checkbox" data-dropped> <svg class="icon" viewBox="-2 -2 4 4"
      aria-hidden="true"><rect x="-2" y="-2" width="4" height="4" rx=".6" fill="#3b4148"/><circle
      r=".5" fill="none" stroke="#fff" stroke-width=".3"/></svg> left out <span class="n">${
            grouped(set.dropped.columns)
          }</span></label></li>`}</ul>
      </div>
      <script type="application/json">${scriptJson(data)}</script>
    </div>
  `;
}

/** Positions in hundredths, errors in thousandths of a px, statuses as one digit each. */
function viewerData(
  parts: SetParts,
  set: SetSummary,
  index: number,
  first: number,
  pictures: SetPictures,
): unknown {
  const nm = pixelSizeNm(set.pixelSize);
  const window = set.exposures[set.chosen].window;
  const times = (factor: number) => (v: number) =>
    Number.isFinite(v) ? Math.round(v * factor) : null;
  return {
    width: set.width,
    height: set.height,
    nm: nm ? [nm.x, nm.y] : null,
    radius: Number(markerRadius(set).toFixed(2)),
    chosen: set.chosen,
    first,
    dropped: {
      x: set.dropped.x.map((x) => Math.round((x - window.x) * 100)),
      y: set.dropped.y.map((y) => Math.round((y - window.y) * 100)),
    },
    exposures: set.exposures.filter((e) => e.kept).map((e) => {
      const { x, y, errorX, errorY, status } = parts.labels[e.exposure].columns;
      const { factor } = pictures.exposures[e.exposure];
      return {
        n: e.exposure,
        about: aboutExposure(e, set, factor),
        picture: `picture-${index}-${e.exposure}`,
        width: Math.ceil(set.width / factor) * factor,
        height: Math.ceil(set.height / factor) * factor,
        x: Array.from(x, times(100)),
        y: Array.from(y, times(100)),
        ex: Array.from(errorX, times(1000)),
        ey: Array.from(errorY, times(1000)),
        s: status.map((s) => (COLUMN_STATUSES as readonly string[]).indexOf(s)).join(""),
      };
    }),
  };
}

function aboutExposure(e: ExposureSummary, set: SetSummary, factor: number): string {
  const chosen = e.exposure === set.chosen ? ", the one that was labeled" : "";
  const shrunk = factor > 1 ? ` Picture shrunk ${factor} times for this page.` : "";
  return `Exposure ${e.exposure}${chosen}: ${counted(e.columns, "column")}, ${
    grouped(countDoubtful(e.statuses))
  } doubtful.${shrunk}`;
}

function alignment(set: SetSummary, pictures: SetPictures, index: number): Markup {
  const errors = set.exposures.map((e) => e.drift.error).filter(Number.isFinite);
  const largest = Math.max(0, ...errors);
  const inverted = set.exposures.filter((e) => e.drift.sign < 0).map((e) => e.exposure);
  return html`
    <div class="alignment">
      <div>
        <fieldset class="switch" aria-label="What the contact sheet shows"><label><input type="radio"
        name="sheet-${index}" value="detail" checked> detail around one column</label><label><input
        type="radio" name="sheet-${index}" value="field"> whole field</label></fieldset>
        <div class="sheet">${set.exposures.map((e) => card(e, set, pictures, index))}</div>
        <p class="caption">Each exposure as recorded and, below it, aligned. The crosshair stands on one
        place of the detector above and on one place of the specimen below. Images are cropped by whole
        pixels and never resampled, so up to half a pixel of drift remains; the labels follow the drift
        exactly.</p>
      </div>
      <figure style="margin:0">${driftPlot(set)}<figcaption class="caption">Where the specimen moved
        to, from exposure to exposure. Bars are one standard error, at most ${fixed(
          largest,
          3,
        )} px.${set.exposures.some((e) => e.drift.ambiguous) &&
          html`
            <b>Open diamonds with a question mark</b> are ambiguous: another shift fits as well.
          `}${inverted.length > 0 &&
          ` Contrast is inverted in exposure ${inverted.join(", ")}.`}</figcaption></figure>
    </div>
  `;
}

function card(
  e: ExposureSummary,
  set: SetSummary,
  pictures: SetPictures,
  index: number,
): Markup {
  const { detail, recordedSpan } = pictures;
  const duplicate = !e.kept && html`<span class="tag out">duplicate</span>`;
  const own = pictures.exposures[e.exposure];
  const { x, y, width, height } = e.window;
  const cross = html`<svg viewBox="0 0 ${detail.size} ${detail.size}" aria-hidden="true">${
    crosshair(
      Number((detail.columnX - detail.x + 0.5).toFixed(2)),
      Number((detail.columnY - detail.y + 0.5).toFixed(2)),
      detail.size,
    )
  }</svg>`;
  const name = `exposure ${e.exposure} of ${set.name}`;
  const classes = `card${e.exposure === set.chosen ? " chosen" : ""}${e.kept ? "" : " dropped"}`;
  return html`
    <figure class="${classes}">
      <figcaption><b>${e.exposure}</b> ${fixed(e.drift.x, 1)}, ${fixed(
        e.drift.y,
        1,
      )} px${e.drift.ambiguous && "?"}</figcaption>
      <div
        class="tile detail"><img src="${own.recordedDetail
          .url}" alt="Detail of ${name} as recorded">${cross}<span class="tag">recorded</span>${duplicate}</div>
      <div
        class="tile detail"><img src="${own.croppedDetail
          .url}" alt="Detail of ${name}, aligned">${cross}<span class="tag">aligned</span></div>
      <div
        class="tile field"><img src="${own.recorded
          .url}" alt="${name} as recorded"><svg viewBox="0 0 ${`${recordedSpan.width} ${recordedSpan.height}`}" preserveAspectRatio="none" aria-hidden="true"><rect class="window" x="${x}" y="${y}" width="${width}" height="${height}"/></svg><span class="tag">recorded</span>${duplicate}</div>
      <div
        class="tile field"><img id="picture-${index}-${e.exposure}" src="${own.cropped
          .url}" alt="${name}, aligned"><span class="tag">aligned</span></div>
    </figure>
  `;
}

function rankingCaption(set: SetSummary, options: SetOptions): Markup {
  const rank = rankOf(set, set.chosen);
  const why = rank === 1
    ? `Exposure ${set.chosen} is ranked first and was labeled; its labels were carried to the others by the drift.`
    : `Exposure ${set.chosen} was labeled although it is ranked ${rank}: it was asked for.`;
  return html`<p class="caption">${why} Columns are ${options.polarity} in these images.</p>`;
}
