/**
 * The report: one page that explains a labeled set to a person, with nothing outside it.
 *
 * @module
 */
import { COLUMN_STATUSES, type PixelSize, pixelSizeNm } from "@core";
import { MARKERS } from "./_overlay.ts";
import { markerData, statusIcon } from "./_report_figures.ts";
import { counted, fixed, grouped, html, type Markup, raw, scriptJson } from "./_report_html.ts";
import { REPORT_SCRIPT } from "./_report_script.ts";
import { REPORT_STYLE } from "./_report_style.ts";
import { fold } from "./_report_tables.ts";
import type { SetOptions, SplitSide } from "./_set_parts.ts";
import { addStatuses, countDoubtful, type SetSummary } from "./_set_summary.ts";

/** Python that reads the set; kept short enough to be typed. */
const READING = `import json, pandas as pd, tifffile
info = json.load(open("dataset.json"))
for s in info["sets"]:
    for e in s["exposures"]:
        if not e["kept"]:
            continue
        image = tifffile.imread(e["files"]["image"])    # image[y, x]
        labels = pd.read_csv(e["files"]["labels"])       # labels.x, labels.y in px of image
        good = labels[labels.status == "ok"]`;

/** The text of `report.html`. */
export function reportPage(
  summaries: readonly SetSummary[],
  sides: readonly SplitSide[],
  sections: readonly ((side: SplitSide) => Markup)[],
  options: SetOptions,
): string {
  const title = options.title ?? defaultTitle(summaries);
  const page = html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <style>${raw(REPORT_STYLE)}</style>
      </head>
      <body>
        <main class="page">
    <h1>${title}</h1>
    ${lead(summaries)}
    ${headline(summaries)}
    ${summaries.length > 1 && setTable(summaries, sides)}
    ${sections.map((section, i) => section(sides[i]))}
    <div class="more-list"><h3>About this set</h3>
    ${fold("What the statuses mean", "", statusMeanings())}
    ${fold("How to read the files", "", fileGuide(options))}
    ${fold("Conventions and limits", "", conventions(options))}
    </div>
    ${citation(options)}
    <footer>Made with Adatom ${options
      .version}. This page holds all it shows and asks nothing of the
    network.</footer>
        </main>
        <script type="application/json" id="markers">${scriptJson(markerData())}</script>
        <script>${raw(REPORT_SCRIPT)}</script>
      </body>
    </html>
  `;
  return page.markup;
}

function defaultTitle(sets: readonly SetSummary[]): string {
  return sets.length === 1 ? `Labeled exposures: ${sets[0].name}` : "Labeled exposure sets";
}

function lead(sets: readonly SetSummary[]): Markup {
  const regions = new Set(sets.map((set) => set.region)).size;
  const what = regions === 1 ? "one specimen region" : `${grouped(regions)} specimen regions`;
  return html`
    <p
      class="lead">Repeated exposures of ${what}, aligned and labeled with the positions of their atomic columns. In each set the exposure that
      shows the columns best was labeled, and the labels were carried to the others by the measured drift
      and checked there one by one.</p>
  `;
}

function headline(sets: readonly SetSummary[]): Markup {
  const statuses = addStatuses(sets.map((set) => set.statuses));
  const labels = sets.reduce((sum, set) => sum + set.columns, 0);
  const read = sets.reduce((sum, set) => sum + set.exposuresRead, 0);
  const kept = sets.reduce((sum, set) => sum + set.exposuresKept, 0);
  const columns = sets.reduce((sum, set) => sum + set.exposures[set.chosen].columns, 0);
  const doubtful = countDoubtful(statuses);
  const share = labels > 0 ? `${fixed(100 * doubtful / labels, 1)} % of the labels` : "no labels";
  return html`<dl class="stats">
    ${
    sets.length > 1 && html`
      <div>
        <dt>Sets</dt>
        <dd>${grouped(sets.length)}</dd>
      </div>
    `
  }
    <div><dt>Exposures kept</dt><dd>${grouped(kept)}<small>of ${
    grouped(read)
  } read</small></dd></div>
    <div><dt>Columns</dt><dd>${grouped(columns)}<small>${
    grouped(labels)
  } labels over all exposures</small></dd></div>
    <div><dt>Pixel size</dt><dd>${pixelSizes(sets)}</dd></div>
    <div><dt>Doubtful labels</dt><dd>${grouped(doubtful)}<small>${share}</small></dd></div>
    <div><dt>Labels at the edge</dt><dd>${
    grouped(statuses.edge)
  }<small>real, less exact</small></dd></div>
  </dl>`;
}

function pixelSizes(sets: readonly SetSummary[]): Markup {
  const texts = [...new Set(sets.map((set) => pixelSizeText(set.pixelSize)))];
  const known = texts.map((text) => text === "" ? "unknown" : text);
  if (texts.length > 1) return html`${texts.length} sizes<small>${known.join(", ")}</small>`;
  return texts[0] === "" ? html`unknown<small>the files gave none</small>` : html`${texts[0]}`;
}

function pixelSizeText(size: PixelSize | null): string {
  if (size === null) return "";
  const nm = pixelSizeNm(size);
  const [x, y, unit] = nm ? [nm.x * 1000, nm.y * 1000, "pm"] : [size.x, size.y, size.unit];
  const same = Math.abs(x - y) <= 1e-3 * Math.max(x, y);
  const digits = (value: number) => `${Number(value.toPrecision(4))}`;
  return same ? `${digits(x)} ${unit}` : `${digits(x)} × ${digits(y)} ${unit}`;
}

function setTable(sets: readonly SetSummary[], sides: readonly SplitSide[]): Markup {
  return html`
    <h3>The sets</h3>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>set</th>
            <th>split</th>
            <th
              class="num">exposures kept</th>
            <th class="num">size (px)</th>
            <th class="num">columns</th>
            <th
              class="num">labels</th>
            <th class="num">doubtful</th>
            <th class="num">largest drift (px)</th>
            <th>remarks</th>
          </tr>
        </thead>
        <tbody>${sets.map((set, i) =>
          html`
            <tr>
              <td><a href="#set-${i}">${set.name}</a></td>
              <td>${sides[i]}</td>
              <td class="num">${grouped(set.exposuresKept)} of ${grouped(set.exposuresRead)}</td>
              <td class="num">${set.width} × ${set.height}</td>
              <td
                class="num">${grouped(set.exposures[set.chosen].columns)}</td>
              <td class="num">${grouped(set.columns)}</td>
              <td class="num">${grouped(countDoubtful(set.statuses))}</td>
              <td class="num">${fixed(largestDrift(set), 1)}</td>
              <td>${remarks(set)}</td>
            </tr>
          `
        )}</tbody>
      </table>
    </div>
    <p class="caption">Exposures of one region are never on two sides of the split.</p>
  `;
}

function largestDrift(set: SetSummary): number {
  return Math.max(0, ...set.exposures.map(({ drift }) => Math.hypot(drift.x, drift.y)));
}

function remarks(set: SetSummary): string {
  const said = [];
  if (set.exposures.some((e) => e.drift.ambiguous)) said.push("drift ambiguous");
  if (set.warnings.length > 0) said.push(counted(set.warnings.length, "warning"));
  return said.join(", ");
}

function statusMeanings(): Markup {
  return html`
    <dl class="files">${COLUMN_STATUSES.map((s) =>
      html`
        <dt>${statusIcon(s)} ${s}</dt>
        <dd>${MARKERS[s].meaning}</dd>
      `
    )}</dl>
    <p class="caption">Each status has a shape as well as a color. All but <code>ok</code> and
      <code>edge</code> count as doubtful.</p>
  `;
}

function fileGuide(options: SetOptions): Markup {
  return html`
    <dl class="files">
      <dt><code>images/SET_N.tif</code></dt>
      <dd>exposure N, cropped so that all show the same region,
        in its original sample type</dd>
      <dt><code>labels/SET_N.csv</code></dt>
      <dd>one column a row: x, y, widths, height, errors and
        status, in px of the cropped image; xNm, yNm where the pixel size is known</dd>
      <dt><code>labels/SET_N.zip</code></dt>
      <dd>the same points for ImageJ: drop it on the image</dd>
      <dt><code>labels/atomid/SET_N.csv</code></dt>
      <dd>whole pixels, in AtomID's layout; named with
        the images by <code>catalog.csv</code></dd>
      <dt><code>targets/SET_N.tif</code></dt>
      <dd>confidence map to train on: Gaussians of peak 1 and
        sigma ${options
          .targetSigma} of the mean nearest-neighbor distance at the sub-pixel positions of
        all labels; where they overlap they add up</dd>
      <dt><code>overlays/SET_N.png</code></dt>
      <dd>the image with its labels marked by status</dd>
      <dt><code>dataset.json</code></dt>
      <dd>sources and their digests, windows, drift, ranking,
        parameters, counts, split</dd>
    </dl>
    <p class="caption">In Python:</p>
    <pre><code>${READING}</code></pre>
  `;
}

function conventions(options: SetOptions): Markup {
  return html`<p class="caption">x grows to the right and y downward; the center of the top-left pixel
    is (0, 0); exposures count from 0. Drift is where the specimen moved to, relative to the reference
    exposure. Errors of positions are standard errors of the fit to one exposure. Columns are ${options.polarity} in the images. Labels say where a column is seen, not which element it is, unless a species
    is given. Labels of different exposures of one set descend from one labeling: they are not
    independent.</p>`;
}

function citation(options: SetOptions): Markup {
  return html`
    <h3>License and citation</h3>
    <p class="facts">${options.license === undefined
      ? "No license was given: ask the owner of the images before passing the set on."
      : `License: ${options.license}`}</p>
    <p class="facts">${options.citation === undefined
      ? `No citation was given. Name the source of the images, and Adatom ${options.version} for the labels.`
      : `Please cite: ${options.citation}`}</p>
  `;
}
