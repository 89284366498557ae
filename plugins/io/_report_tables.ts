/**
 * The tables of the report that fold away: doubtful labels, duplicates, exposures, parameters.
 *
 * @module
 */
import type { Json } from "@core";
import { statusIcon } from "./_report_figures.ts";
import {
  counted,
  fixed,
  grouped,
  html,
  type Markup,
  type Piece,
  shortNumber,
} from "./_report_html.ts";
import type { SetParts } from "./_set_parts.ts";
import { countDoubtful, DOUBTFUL, type SetSummary } from "./_set_summary.ts";

/** More rows than this nobody reads: the tables of the set hold them all. */
const MOST_FLAGS = 200;

const ORIGINS = {
  default: "default",
  pipeline: "pipeline",
  given: "given by the user",
  auto: "chosen from the data",
} as const;

/** The labels one should look at, each with a button that shows it. */
export function flagTable(parts: SetParts, set: SetSummary, index: number): Markup {
  const total = countDoubtful(set.statuses);
  const rows: Markup[] = [];
  for (const { exposure, kept } of set.exposures) {
    const { x, y, status, height, errorX, errorY } = parts.labels[exposure].columns;
    for (let i = 0; kept && i < x.length && rows.length < MOST_FLAGS; i++) {
      const doubtful = DOUBTFUL.find((s) => s === status[i]);
      if (doubtful === undefined) continue;
      rows.push(html`
        <tr>
          <td class="num">${exposure}</td>
          <td class="num">${i}</td>
          <td>${statusIcon(doubtful)} ${doubtful}</td>
          <td class="num">${fixed(x[i], 2)}</td>
          <td
            class="num">${fixed(y[i], 2)}</td>
          <td class="num">${shortNumber(height[i])}</td>
          <td
            class="num">${fixed(Math.hypot(errorX[i], errorY[i]), 3)}</td>
          <td class="num"><button
                class="go" value="${index} ${exposure} ${i}">show</button></td>
        </tr>
      `);
    }
  }
  const share = set.columns > 0 ? `${fixed(100 * total / set.columns, 1)} %` : "none";
  const note = total === 0 ? "none" : `${grouped(total)} of ${grouped(set.columns)}, ${share}`;
  return fold(
    "Doubtful labels",
    note,
    total === 0
      ? html`<p class="none">No label was flagged; those at the edge are marked in the picture.</p>`
      : html`
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th class="num">exposure</th>
                <th
                  class="num">label</th>
                <th>status</th>
                <th class="num">x (px)</th>
                <th class="num">y (px)</th>
                <th
                  class="num">height</th>
                <th class="num">error (px)</th>
                <th></th>
              </tr>
            </thead>
            <tbody>${rows}</tbody>
          </table>
        </div>${rows.length < total &&
          html`<p class="caption">The first ${MOST_FLAGS}; the tables in <code>labels/</code> hold
        them all.</p>`}
      `,
  );
}

/** The exposures a person could not tell apart. */
export function duplicateList(set: SetSummary): Markup {
  const doubles = set.exposures.filter((e) => e.duplicate !== null);
  const dropped = set.exposures.filter((e) => !e.kept).length;
  const note = doubles.length === 0 ? "none" : `${doubles.length} found, ${dropped} left out`;
  return fold(
    "Duplicate exposures",
    note,
    doubles.length === 0 ? html`<p class="none">No two exposures look the same.</p>` : html`
      <table>
        <thead>
          <tr>
            <th class="num">exposure</th>
            <th class="num">looks like</th>
            <th
              class="num">correlation</th>
            <th class="num">dose ratio</th>
            <th></th>
            <th>why</th>
          </tr>
        </thead>
        <tbody>${doubles.map((e) =>
          html`
            <tr>
              <td class="num">${e.exposure}</td>
              <td class="num">${e.duplicate?.of}</td>
              <td
                class="num">${fixed(e.duplicate?.correlation, 4)}</td>
              <td class="num">${fixed(e.duplicate?.doseRatio, 3)}</td>
              <td>${e.kept ? "kept" : "left out"}</td>
              <td>${e.duplicate?.reason}</td>
            </tr>
          `
        )}</tbody>
      </table>
    `,
  );
}

/** Where each exposure came from, its window and its drift. */
export function exposureTable(set: SetSummary): Markup {
  return fold(
    "Exposures, windows and drift",
    counted(set.exposuresRead, "exposure"),
    html`
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th class="num">exposure</th>
              <th>file</th>
              <th
                class="num">page</th>
              <th class="num">window x, y</th>
              <th class="num">drift x</th>
              <th
                class="num">drift y</th>
              <th class="num">error (px)</th>
              <th class="num">columns</th>
              <th
                class="num">doubtful</th>
              <th>SHA-256</th>
            </tr>
          </thead>
          <tbody>${set.exposures.map((e) =>
            html`
              <tr>
                <td class="num">${e.exposure}</td>
                <td>${e.source.file}</td>
                <td
                  class="num">${e.source.page}</td>
                <td class="num">${e.window.x}, ${e.window.y}</td>
                <td
                  class="num">${fixed(e.drift.x, 3)}</td>
                <td class="num">${fixed(e.drift.y, 3)}</td>
                <td
                  class="num">${fixed(e.drift.error, 3)}${e.drift.ambiguous && " ambiguous"}</td>
                <td
                  class="num">${grouped(e.columns)}</td>
                <td class="num">${grouped(countDoubtful(e.statuses))}</td>
                <td><code title="${e.source.sha256}">${e.source.sha256.slice(0, 12)}</code></td>
              </tr>
            `
          )}</tbody>
        </table>
      </div>
    `,
  );
}

/** Every parameter and who set it; defaults stand back. */
export function parameterTable(set: SetSummary): Markup {
  // A parameter left at "auto" is told by what was chosen for it.
  const chosen = new Set(
    set.parameters.filter((p) => p.origin === "auto").map((p) => `${p.step}.${p.name}`),
  );
  const told = set.parameters.filter((p) =>
    p.value !== "auto" || p.origin === "auto" || !chosen.has(`${p.step}.${p.name}`)
  );
  const changed = told.filter((p) => p.origin !== "default");
  return fold(
    "Parameters",
    `${counted(told.length, "value")}, ${grouped(changed.length)} not by default`,
    html`
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>step</th>
              <th>stage</th>
              <th>parameter</th>
              <th>value</th>
              <th>origin</th>
            </tr>
          </thead>
          <tbody>${told.map((p) =>
            html`
              <tr class="${p.origin}">
                <td>${p.step}</td>
                <td>${p.stage} ${p.version}</td>
                <td><code>${p.name}</code></td>
                <td>${valueText(p.value)}</td>
                <td>${ORIGINS[p.origin]}</td>
              </tr>
            `
          )}</tbody>
        </table>
      </div>
    `,
  );
}

/** A section that is folded until somebody wants it. */
export function fold(title: string, note: string, content: Piece): Markup {
  return html`<details class="more"><summary>${title}<small>${note}</small></summary>${content}</details>`;
}

function valueText(value: Json): string {
  if (typeof value === "number") return Number.isInteger(value) ? `${value}` : shortNumber(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
