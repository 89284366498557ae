import { assertEquals, assertFails, assertTrue } from "@assert";
import { createImage, createTable, defineStage, type Image } from "@core";
import { createHost } from "../../../mod.ts";
import { createConfidenceMaps } from "../../../procedures/bench_detectors/confidence_maps.ts";
import type { Detector } from "../../../procedures/bench_detectors/detectors.ts";
import { makeSample } from "../../../procedures/bench_detectors/samples.ts";
import { createStageFinder } from "../../../procedures/bench_detectors/stage_finder.ts";

const READ = { faintRatio: 0.4, faintSpecies: [] };
const MEASURE = { runs: 2, workers: 1, seed: 1 };
const signal = new AbortController().signal;

/** What the toy detector was given, call by call. */
const calls: { image: Image; polarity: string; level: number }[] = [];
const imageIn = { image: { kind: "image", axes: "yx", description: "Any image" } } as const;

const detect = defineStage({
  id: "lab.detect",
  version: "1.0.0",
  api: "^1.0",
  summary: "Finds one column, and fails on images of 99",
  inputs: imageIn,
  outputs: {
    peaks: { kind: "table", columns: { x: "px", y: "px" }, description: "One column" },
  },
  params: {
    polarity: { type: "string", default: "bright", enum: ["bright", "dark"], description: "Sign" },
    level: { type: "number", default: 1, minimum: 0, maximum: 9, description: "Any number" },
  },
  run({ image }, { polarity, level }) {
    if (image.data[0] === 99) throw new Error("too bright");
    calls.push({ image, polarity, level });
    return { peaks: createTable({ x: Float64Array.of(level), y: Float64Array.of(2) }) };
  },
});

const confidence = defineStage({
  id: "lab.confidence",
  version: "1.0.0",
  api: "^1.0",
  summary: "A map of sevens",
  inputs: imageIn,
  outputs: { confidence: { kind: "image", axes: "yx", description: "The map" } },
  params: {},
  run: ({ image }) => ({
    confidence: createImage({ ...image, data: new Float32Array(image.data.length).fill(7) }),
  }),
});

const stages = [detect, confidence];
const freshHost = () => createHost({ cache: false, plugins: false, runner: "inline", stages });
const LISTED: Detector = {
  name: "toy",
  title: "Toy",
  stage: "lab.detect",
  params: { level: 3 },
  looksAt: "image",
};

function sampleOf(value: number, polarity: "bright" | "dark" = "bright") {
  const data = new Float32Array(200 * 150).fill(value);
  const table = createTable({ x: Float64Array.of(9, 50), y: Float64Array.of(9, 50) });
  const image = createImage({ width: 200, height: 150, data });
  return makeSample("sample", image, table, polarity, READ, 10);
}

Deno.test("a stage finder warms up on the middle, runs as often as asked, and measures", async () => {
  using host = freshHost();
  const sample = sampleOf(1, "dark");
  calls.length = 0;
  const finder = createStageFinder(freshHost, LISTED, createConfidenceMaps(host), MEASURE);
  await finder.begin([sample], signal);
  assertEquals(calls.map(({ image }) => [image.width, image.height]), [[128, 128], [200, 150]]);
  const { found, ms, memoryMiB } = await finder.find(sample, signal);
  finder.end();
  assertEquals(calls.length, 4);
  assertTrue(calls.every(({ polarity, level }) => polarity === "dark" && level === 3));
  assertEquals([...found!.columns.x], [3]);
  assertTrue(ms! > 0 && memoryMiB! >= 0, `${ms} ms, ${memoryMiB} MiB`);
});

Deno.test("a detector on the confidence map sees the map, where columns are bright", async () => {
  using host = freshHost();
  const maps = createConfidenceMaps(host, "lab.confidence");
  const sample = sampleOf(1, "dark");
  calls.length = 0;
  const finder = createStageFinder(freshHost, { ...LISTED, looksAt: "confidence" }, maps, MEASURE);
  await finder.begin([sample], signal);
  await finder.find(sample, signal);
  finder.end();
  assertTrue(calls.every(({ image, polarity }) => image.data[0] === 7 && polarity === "bright"));
  assertTrue(await maps(sample, signal) === await maps(sample, signal), "made once");
});

Deno.test("a stage finder fails on the image that its stage fails on, and only there", async () => {
  using host = freshHost();
  const finder = createStageFinder(freshHost, LISTED, createConfidenceMaps(host), MEASURE);
  const bad = sampleOf(99);
  await finder.begin([bad], signal);
  await assertFails(
    () => finder.find(bad, signal),
    "STAGE_FAILED",
    'Cannot run lab.detect: expected a result, got the error "too bright"; report it to the ' +
      "author of the stage, with run.json",
  );
  assertEquals((await finder.find(sampleOf(1), signal)).found!.length, 1);
  finder.end();
  const stopped = createStageFinder(freshHost, LISTED, createConfidenceMaps(host), MEASURE);
  await assertFails(() => stopped.begin([sampleOf(1)], AbortSignal.abort()), "CANCELLED");
  stopped.end();
});

Deno.test("a stage finder refuses parameters and stages that do not fit, before it runs", async () => {
  using host = freshHost();
  const begin = async (change: Partial<Detector>) => {
    const maps = createConfidenceMaps(host);
    const finder = createStageFinder(freshHost, { ...LISTED, ...change }, maps, MEASURE);
    await finder.begin([sampleOf(1)], signal);
  };
  await assertFails(
    () => begin({ params: { level: 12 } }),
    "PARAM_RANGE",
    'Cannot set parameter "level" of lab.detect: expected a number from 0 to 9, got 12',
  );
  await assertFails(
    () => begin({ stage: "lab.confidence", params: {} }),
    "PORT_TYPE",
    'Cannot bench detector "toy": expected a stage with an input "image" and an output "peaks" or ' +
      '"columns", got lab.confidence',
  );
  await assertFails(() => begin({ stage: "lab.detekt" }), "UNKNOWN_STAGE");
});
