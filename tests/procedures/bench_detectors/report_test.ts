import { assertEquals, assertIncludes, assertTrue } from "@assert";
import { createImage, createTable } from "@core";
import { parseJson } from "../../../mod.ts";
import type { BenchResult } from "../../../procedures/bench_detectors/bench_detectors.ts";
import { csvFiles } from "../../../procedures/bench_detectors/csv_files.ts";
import { benchFigures, rangeText } from "../../../procedures/bench_detectors/figures.ts";
import { pageContent } from "../../../procedures/bench_detectors/page_content.ts";
import { makeSample } from "../../../procedures/bench_detectors/samples.ts";
import type { Score } from "../../../procedures/bench_detectors/score.ts";
import {
  type BenchImage,
  type BenchRow,
  groupBy,
  summarize,
} from "../../../procedures/bench_detectors/summary.ts";

const READ = { faintRatio: 0.4, faintSpecies: [] };
const NAMES = Array.from({ length: 10 }, (_, i) => `d${i}`);

const image = createImage({ width: 64, height: 64 });
const points = createTable({ x: Float64Array.of(10, 20, 30), y: Float64Array.of(10, 20, 30) });

function scoreOf(f1: number): Score {
  const figures = { precision: 0.5, recall: null, f1, jaccard: f1, rmse: 1.25 };
  return {
    strict: { ...figures, matchRadius: 3 },
    thesis: figures,
    chamfer: 2,
    found: 4,
    truth: 5,
  };
}

/** Twenty images at two doses and two fields; the last detector has no score, the first fails once. */
function resultOf(): BenchResult {
  const images = Array.from({ length: 20 }, (_, i): BenchImage => ({
    ...{ name: `image "${i}"`, width: 64, height: 64, polarity: "bright", columns: 3 },
    ...{ faint: ["S2"], dose: i < 10 ? 3 : 30, spacing: 14.1, fieldNm: i % 2 ? 9 : 18 },
  }));
  const rows = images.flatMap((image, i) =>
    NAMES.map((detector, d): BenchRow => ({
      image: image.name,
      detector,
      score: (i === 0 && d === 0) || d === 9 ? null : scoreOf(1 - d / 20),
      ms: i === 0 && d === 0 ? null : 10 + d,
      memoryMiB: d === 1 || (i === 0 && d === 0) ? null : 5,
      error: i === 0 && d === 0 ? "Cannot run, at all" : null,
    }))
  );
  return {
    images,
    detectors: NAMES.map((name) => ({ name, title: name.toUpperCase(), note: "" })),
    rows,
    summary: summarize(NAMES, rows),
    byDose: groupBy("dose", images, NAMES, rows),
    byField: groupBy("fieldNm", images, NAMES, rows),
    bySpacing: groupBy("spacing", images, NAMES, rows),
    skipped: [{ name: "atomap", reason: "There is none." }],
    rules: { ...READ, edges: "ignore", faint: "ignore", matchRadius: 4, runs: 1 },
  };
}

Deno.test("csvFiles quotes what needs it and leaves undefined figures empty", () => {
  const files = csvFiles(resultOf());
  const [head, failed, second] = files["images.csv"].split("\n");
  assertEquals(head.split(",").length, 23);
  assertEquals(failed, `"image ""0""",d0,3,14.1,18,3,,,,,,,,,,,,,,,,,"Cannot run, at all"`);
  assertEquals(
    second,
    '"image ""0""",d1,3,14.1,18,3,2,0.95,0.95,0.5,,1.25,0.95,0.95,0.5,,1.25,4,5,3,11,,',
  );
  assertEquals(files["summary.csv"].trim().split("\n").length, 11);
  assertIncludes(files["summary.csv"], /^d0,19,1,2,0,1,0,/m);
  assertEquals(files["dose.csv"].split("\n").slice(0, 3), [
    "detector,from,to,images,strictF1,strictF1Sd",
    "d0,3,3,9,1,0",
    "d0,30,30,10,1,0",
  ]);
  assertIncludes(files["field.csv"], /^detector,fromNm,toNm/);
});

Deno.test("benchFigures draws at most eight detectors in a panel, and those with a score only", () => {
  const figures = benchFigures(resultOf());
  assertEquals(Object.keys(figures), ["dose", "field", "dose-2", "field-2", "time"]);
  const labels = (name: string, panel = 0) =>
    figures[name].panels[panel].series.flatMap(({ label }) => label ?? []);
  assertEquals(labels("dose").length, 8);
  assertEquals(labels("dose-2"), ["D8"]);
  assertEquals(figures.field.panels.map(({ title }) => title), ["3 counts", "30 counts"]);
  assertEquals(figures.time.panels.length, 2);
  assertEquals(figures.dose.panels[0].series[0].y, [1, 1]);
});

Deno.test("benchFigures goes by spacing where no image has a pixel size, and by nothing for one image", () => {
  const result = resultOf();
  const images = result.images.map((one, i) => ({
    ...one,
    fieldNm: null,
    spacing: i < 5 ? 8 : 20,
  }));
  const bySpacing = groupBy("spacing", images, NAMES, result.rows);
  const figures = benchFigures({ ...result, images, byField: [], bySpacing });
  assertTrue("spacing" in figures && !("field" in figures));
  const one = { ...result, byDose: [], byField: [], bySpacing: [] };
  assertEquals(Object.keys(benchFigures(one)), ["time"]);
});

Deno.test("rangeText is short where values agree", () => {
  assertEquals([rangeText({ from: 3, to: 3 }), rangeText({ from: 8.204, to: 11 })], [
    "3",
    "8.2–11",
  ]);
});

Deno.test("pageContent tells failures and skips, marks the best, and shows images evenly", () => {
  const result = resultOf();
  const samples = result.images.map(({ name }) =>
    makeSample(name, image, points, "bright", READ, 3)
  );
  const outcome = { hits: points, misses: points, mistakes: points };
  const content = pageContent(
    result,
    benchFigures(result),
    samples,
    (_, detector) => detector === "d9" ? undefined : outcome,
  );
  assertEquals(content.notices, [
    "atomap was skipped. There is none.",
    "1 of 200 results are missing: Cannot run, at all",
  ]);
  assertEquals(content.images.length, 16);
  // one tile for each detector with a score or an error; the peer with a time alone has none
  assertEquals(content.images[0].tiles.length, 9);
  // of one dose the narrower fields, which the odd images have, come first
  assertEquals(content.images[0].name, 'image "1"');
  const failed = content.images.find(({ name }) => name === 'image "0"')!;
  assertEquals(failed.tiles[0].problem, "Cannot run, at all");
  const [summary, dose] = content.tables;
  assertEquals(summary.rows.map((row) => row[1].best ?? false).indexOf(true), 0);
  assertEquals(dose.head, ["detector", "3 counts", "30 counts"]);
  assertEquals(content.tables.at(-1)!.rows.length, 20);
  const text = JSON.stringify(parseJson(JSON.stringify(content.tables), "tables"));
  assertTrue(!/NaN|undefined|Infinity/.test(text), "no odd number");
  assertIncludes(content.method.join("\n"), "within 4 px");
});
