/**
 * The page that shows a comparison of detectors: tables, figures and pictures, with nothing outside it.
 *
 * @module
 */
import {
  imageSection,
  markLegend,
  type PageImage,
  type PagePoints,
  type PageTile,
} from "./_detector_tiles.ts";
import { html, type Markup, raw } from "./_report_html.ts";
import { REPORT_STYLE } from "./_report_style.ts";

export type { PageImage, PagePoints, PageTile };

/** A cell of a table: text ready to be shown, and whether it is the best of its column. */
export interface PageCell {
  readonly text: string;
  readonly best?: boolean;
}

/** A table of the page; all columns but the first `words` hold numbers. */
export interface PageTable {
  readonly title: string;
  readonly caption: string;
  readonly words: number;
  readonly head: readonly string[];
  readonly rows: readonly (readonly PageCell[])[];
}

/** What the page shows. */
export interface DetectorPage {
  readonly title: string;
  readonly lead: string;
  readonly facts: readonly {
    readonly label: string;
    readonly value: string;
    readonly note: string;
  }[];
  /** What went wrong or is missing. */
  readonly notices: readonly string[];
  readonly tables: readonly PageTable[];
  /** SVG documents. */
  readonly figures: readonly string[];
  readonly images: readonly PageImage[];
  /** What of the pictures a reader must know. */
  readonly imagesNote: string;
  /** How things were measured: a paragraph each. */
  readonly method: readonly string[];
  readonly version: string;
}

const STYLE = `
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 1.4rem;
  margin-top: 1.6rem; align-items: start; }
.plots svg { display: block; width: 100%; height: auto; }
.plots > :has(svg[width^="7"]), .plots > :has(svg[width^="8"]) { grid-column: 1 / -1; }
td.best { font-weight: 700; }
.shots { margin-top: 1.6rem; }
.shots h4 { margin: 0 0 .5rem; font-size: .95rem; overflow-wrap: anywhere; }
.shots h4 small { margin-left: .8em; font-weight: 400; color: var(--soft); }
.shots .sheet { grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); }
.shot { margin: 0; min-width: 0; }
.shot figcaption { font-size: .82rem; font-weight: 600; line-height: 1.35; margin-bottom: .2rem; }
.shot figcaption span { display: block; font-weight: 400; color: var(--soft); font-size: .76rem; }
.frame { position: relative; background: #15191d center / 100% 100% no-repeat; }
.frame.detail { image-rendering: pixelated; }
.frame svg { display: block; width: 100%; height: auto; overflow: hidden; }
.frame path { fill: none; stroke-width: 1.5px; vector-effect: non-scaling-stroke; }
.frame b { position: absolute; left: 0; top: 0; padding: 0 .4em; font-size: .82rem; color: #ffe14d;
  background: rgba(0, 0, 0, .62); font-variant-numeric: tabular-nums; }
.problem { font-size: .8rem; color: var(--warn); background: var(--warn-wash); margin: 0;
  padding: .5rem .7rem; overflow-wrap: anywhere; }
.marks { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; padding: 0;
  margin: .6rem 0; font-size: .86rem; }
.gallery:has(input[value="detail"]:checked) .frame.field,
.gallery:has(input[value="field"]:checked) .frame.detail { display: none; }
@media print { .frame { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;

/**
 * The text of the page. The same content gives the same text.
 *
 * @param tick called after each image's pictures
 */
export async function detectorPage(page: DetectorPage, tick: () => void): Promise<string> {
  const sections: Markup[] = [];
  for (const [index, image] of page.images.entries()) {
    sections.push(await imageSection(image, index));
    tick();
  }
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${page.title}</title>
        <style>${raw(REPORT_STYLE)}${raw(STYLE)}</style>
      </head>
      <body>
        <main class="page">
    <h1>${page.title}</h1>
    <p class="lead">${page.lead}</p>
    <dl class="stats">${page.facts.map(({ label, value, note }) =>
      html`
        <div>
          <dt>${label}</dt>
          <dd>${value}<small>${note}</small></dd>
        </div>
      `
    )}</dl>
    ${page.notices.length > 0 &&
      html`<div class="notice">${page.notices.map((text) => html`<p>${text}</p>`)}</div>`}
    ${page.tables.map(tableMarkup)}
    ${page.figures.length > 0 &&
      html`
        <h3>Figures</h3>
        <div class="plots">${page.figures.map((svg) => html`<div>${raw(svg)}</div>`)}</div>
      `}
    ${gallery(page, sections)}
    <h3>How it was measured</h3>
    ${page.method.map((text) => html`<p class="caption">${text}</p>`)}
    <footer>Made with Adatom ${page.version}. This page holds all it shows and asks nothing of the
    network.</footer>
        </main>
      </body>
    </html>
  `.markup;
}

function tableMarkup({ title, caption, words, head, rows }: PageTable): Markup {
  const kind = (i: number) => i < words ? "" : "num";
  return html`
    <h3>${title}</h3>
    <div class="scroll">
      <table>
        <thead>
          <tr>${head.map((name, i) => html`<th class="${kind(i)}">${name}</th>`)}</tr>
        </thead>
        <tbody>${rows.map((row) =>
          html`<tr>${
            row.map(({ text, best }, i) =>
              html`<td class="${kind(i)}${best === true && " best"}">${text}</td>`
            )
          }</tr>\n`
        )}</tbody>
      </table>
    </div>
    <p class="caption">${caption}</p>
  `;
}

function gallery({ images, imagesNote }: DetectorPage, sections: readonly Markup[]): Markup {
  if (images.length === 0) return html``;
  return html`<div class="gallery"><h3>Pictures</h3>
<fieldset class="switch"><label><input type="radio" name="view" value="detail" checked> the middle of the
image</label><label><input type="radio" name="view" value="field"> whole image, hits not
marked</label></fieldset>
${markLegend()}<p class="caption">${imagesNote}</p>
${sections}</div>`;
}
