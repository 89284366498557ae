import { assertAtMost, assertEquals, assertIncludes, assertTrue } from "@assert";
import { createImage } from "@core";
import { decodePicture } from "../../../plugins/io/_image_js.ts";
import { type DetectorPage, detectorPage } from "../../../plugins/io/detector_page.ts";

const none = { x: new Float64Array(), y: new Float64Array() };
const at = (...points: readonly (readonly [number, number])[]) => ({
  x: Float64Array.from(points, ([x]) => x),
  y: Float64Array.from(points, ([, y]) => y),
});
const data = Float32Array.from({ length: 400 * 300 }, (_, i) => i % 400);
const image = createImage({ width: 400, height: 300, data });
const tile = { title: "A & B", f1: 0.98765, hits: none, misses: none, mistakes: none };

function page(change: Partial<DetectorPage> = {}): DetectorPage {
  return {
    title: "Detectors <compared>",
    lead: "How well.",
    facts: [{ label: "Images", value: "1", note: "400 × 300 px" }],
    notices: ["one was skipped"],
    tables: [{
      title: "All",
      caption: "Means.",
      words: 1,
      head: ["detector", "F1"],
      rows: [[{ text: "A & B" }, { text: "0.988", best: true }]],
    }],
    figures: ["<svg><title>F1</title></svg>"],
    images: [{ name: "a", caption: "3 counts", image, spacing: 12, tiles: [tile] }],
    imagesNote: "In yellow the F1.",
    method: ["Like this."],
    version: "0.1.0",
    ...change,
  };
}

const textOf = async (change: Partial<DetectorPage> = {}) =>
  await detectorPage(page(change), () => {});

/** The tags of a kind that are opened and closed. */
const tags = (text: string, name: string) => [
  text.match(new RegExp(`<${name}[\\s>]`, "g"))?.length,
  text.match(new RegExp(`</${name}\\s*>`, "g"))?.length,
];

Deno.test("the page escapes texts, marks the best, and shows notices, tables and figures", async () => {
  const text = await textOf();
  assertIncludes(text, "<title>Detectors &lt;compared&gt;</title>");
  assertIncludes(text, /<td class="num best"\s*>0\.988<\/td/);
  assertIncludes(text, "<svg><title>F1</title></svg>");
  assertIncludes(text, "one was skipped");
  assertIncludes(text, "<b>0.988</b>");
  for (const name of ["div", "section", "figure", "table", "svg", "label", "fieldset"]) {
    const [opened, closed] = tags(text, name);
    assertEquals(opened, closed, name);
  }
  assertTrue(!/(src|href)="?https?:/.test(text), "nothing from outside");
  assertEquals(await textOf(), text);
});

Deno.test("the page has no gallery, notices or figures where there are none", async () => {
  const text = await textOf({ images: [], notices: [], figures: [] });
  assertTrue(!/class="(gallery|notice|plots)"/.test(text));
});

Deno.test("marks stand half a pixel from where pixels begin, in both views; hits in the detail only", async () => {
  // The detail is 156 px wide around the middle: from 122, 72 on.
  const tiles = [{
    ...tile,
    hits: at([132, 82]),
    misses: at([142, 92], [1, 2]),
    mistakes: at([152, 102]),
  }];
  const text = await textOf({ images: [{ ...page().images[0], tiles }] });
  const [detail, field] = text.split('class="frame field"');
  // radius 0.34 x 12 = 4.08: a circle begins at its left, a diamond at its top, a cross top left
  assertIncludes(detail, '<path stroke="#56b4e9" d="M6.4 10.5a4.1 4.1');
  assertIncludes(detail, '<path stroke="#f0e442" d="M20.5 15.6l');
  assertIncludes(detail, '<path stroke="#ff7a4d" d="M26.4 26.4l');
  assertIncludes(detail.split('class="frame detail"')[1], 'viewBox="0 0 156 156"');
  // in the whole image marks are 1.4 % of the longer side at least
  assertIncludes(field, 'viewBox="0 0 400 300"');
  assertTrue(!field.includes("#56b4e9"), "no hits in the whole image");
  assertIncludes(field, /stroke="#f0e442" d="M142\.5 85\.8l[^"]*M1\.5 -4\.2l/);
  assertIncludes(text, /2 missed, 1 false/);
});

Deno.test("pictures are the image, shrunk to what a page can hold", async () => {
  const text = await textOf();
  const [, detail, field] = text.split("base64,").map((part) => part.split(")")[0]);
  const decode = async (part: string) =>
    await decodePicture(Uint8Array.from(atob(part), (c) => c.charCodeAt(0)));
  const small = await decode(detail), whole = await decode(field);
  assertEquals([small.width, small.height, whole.width, whole.height], [156, 156, 200, 150]);
  assertTrue(whole.data[0] < 20 && whole.data[199] > 235, "dark at the left, bright at the right");
});

Deno.test("many marks are thinned evenly, and a failure is told in the place of the picture", async () => {
  const many = at(...Array.from({ length: 9000 }, (_, i) => [i % 300, i / 30] as const));
  const tiles = [{ ...tile, mistakes: many }, { ...tile, f1: null, problem: "Cannot <run>" }];
  const text = await textOf({ images: [{ ...page().images[0], tiles }] });
  const field = text.split('class="frame field"')[1];
  const marks = field.match(/stroke="#ff7a4d" d="([^"]*)"/)![1].split("M").length - 1;
  assertAtMost(marks, 1500);
  assertTrue(marks > 1400, `${marks}`);
  assertIncludes(text, /<p class="problem"\s*>Cannot &lt;run&gt;<\/p/);
});
