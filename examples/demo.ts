#!/usr/bin/env -S deno run -A
/**
 * The main job, on data it simulates: three sets of ten exposures become a labeled set, and every
 * label is compared with the truth.
 *
 * Writes to the folder named first, `demo` unless told.
 */
import {
  createHost,
  evaluation,
  findSets,
  labelExposures,
  pipelineOfStage,
  runToFolder,
  simulation,
  type Table,
} from "../mod.ts";

const folder = Deno.args[0] ?? "demo";
const started = performance.now();
const say = (text: string) => console.log(text);

/** Three regions of two materials; ten exposures each, from 3 to 60 counts at column tops. */
const SCENES = [
  { name: "mos2-a", seed: 1, structure: "2H", spacing: 15, rotation: 11 },
  { name: "mos2-b", seed: 2, structure: "2H", spacing: 12, rotation: 34 },
  { name: "res2", seed: 3, structure: "1T''", spacing: 14, rotation: 5 },
] as const;

say("Adatom demo: repeated exposures in, an annotated test set out\n");
using host = createHost({ cache: false });

say("1. Three sets of ten exposures, 512 x 512 px, 3 to 60 counts, drifting by 15 px");
const truths = new Map<string, { truth: readonly Table<"x" | "y">[]; drift: Table<"x" | "y"> }>();
for (const { name, seed, ...params } of SCENES) {
  const { outputs } = await runToFolder(host, {
    pipeline: pipelineOfStage(simulation.scene, []),
    files: {},
    params: { ...params, driftTotal: 15, driftStep: 2 },
    out: `${folder}/truth/${name}`,
    overwrite: true,
    keepSampleType: true,
    seed,
  });
  await Deno.mkdir(`${folder}/scenes/${name}`, { recursive: true });
  await Deno.copyFile(
    `${folder}/truth/${name}/exposures.tif`,
    `${folder}/scenes/${name}/exposures.tif`,
  );
  truths.set(name, outputs as never);
}

say("2. Aligned, ranked, found, refined, carried to every exposure, checked");
const summary = await labelExposures(host, {
  sets: findSets(host, `${folder}/scenes`),
  out: `${folder}/set`,
  overwrite: true,
  about: { title: "Adatom demo set (simulated)", license: "CC0-1.0" },
  onSet: (name) => say(`   ${name}`),
});

say("3. Compared with the truth\n");
say("set       exposures  columns  drift rms  precision  recall  2D rms  (px; heavy columns)");
const dataset = JSON.parse(await Deno.readTextFile(`${folder}/set/dataset.json`));
for (const set of dataset.sets) {
  const { truth, drift } = truths.get(set.name)!;
  let matches = 0, found = 0, wanted = 0, squares = 0;
  for (const exposure of set.exposures.filter((e: { kept: boolean }) => e.kept)) {
    const { window, files } = exposure;
    const labels = await host.readTable(`${folder}/set/${files.labels}`);
    const { metrics } = await host.run(evaluation.match, {
      found: labels as Table<"x" | "y">,
      truth: heavyInWindow(truth[exposure.exposure], window),
    }, {
      width: window.width,
      height: window.height,
      margin: set.exposures[0].target.meanSpacing / 2,
    });
    const { strict, found: n, truth: m } = metrics as unknown as Metrics;
    matches += strict.matches;
    found += n;
    wanted += m;
    squares += strict.matches * strict.rmse ** 2;
  }
  const row = [
    set.name.padEnd(9),
    String(set.exposuresKept).padStart(9),
    String(set.exposures[0].columns).padStart(8),
    driftError(set, drift).toFixed(3).padStart(10),
    (matches / found).toFixed(4).padStart(10),
    (matches / wanted).toFixed(4).padStart(7),
    Math.sqrt(squares / matches).toFixed(3).padStart(7),
  ];
  say(row.join(" "));
}
say(`\n${((performance.now() - started) / 1000).toFixed(1)} s. Open ${summary.report}`);

interface Metrics {
  readonly strict: { readonly matches: number; readonly rmse: number };
  readonly found: number;
  readonly truth: number;
}

/** The heavy columns of an exposure's truth, in px of its cropped image. */
function heavyInWindow(
  truth: Table<"x" | "y">,
  window: { x: number; y: number; width: number; height: number },
): Table<"x" | "y"> {
  const { x, y, height, species } = truth.columns;
  const tallest = Math.max(...height as Float64Array);
  const rows = [...x.keys()].filter((i) =>
    Number(height[i]) > 0.5 * tallest && species[i] !== "S2" && species[i] !== "S" &&
    x[i] >= window.x - 0.5 && y[i] >= window.y - 0.5 &&
    x[i] <= window.x + window.width - 0.5 && y[i] <= window.y + window.height - 0.5
  );
  const columns = {
    x: Float64Array.from(rows, (i) => x[i] - window.x),
    y: Float64Array.from(rows, (i) => y[i] - window.y),
  };
  return { length: rows.length, columns, units: { x: "px", y: "px" } };
}

/** Root mean square error of the drift along one axis, after taking away the mean. */
function driftError(
  set: { exposures: { drift: { x: number; y: number } }[] },
  truth: Table<"x" | "y">,
): number {
  const errors = (["x", "y"] as const).flatMap((axis) => {
    const off = set.exposures.map((e, i) => e.drift[axis] - truth.columns[axis][i]);
    const mean = off.reduce((a, b) => a + b, 0) / off.length;
    return off.map((v) => v - mean);
  });
  return Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
}
