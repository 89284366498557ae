import { assertEquals, assertFails, assertIncludes } from "@assert";
import { join } from "node:path";
import {
  createHost,
  type Host,
  labelExposures,
  pipelineOfStage,
  replayProblem,
  replayRun,
  runToFolder,
  simulation,
} from "../../mod.ts";
import type { PipelineDocument } from "../../mod.ts";
import { installText, scalePlugin } from "../support/plugin_bundle.ts";
import { withFolder } from "../support/toy_host.ts";

const MIXED: PipelineDocument = {
  format: "adatom-pipeline/1",
  name: "mixed",
  inputs: { exposures: { kind: "exposures" } },
  params: { factor: { of: "scale.factor", default: 2 } },
  steps: [
    { id: "rank", stage: "quality.rank@^1", in: { exposures: "$inputs.exposures" } },
    { id: "scale", stage: "lab.scale@^1", in: { image: "rank.best" } },
    { id: "peaks", stage: "peaks.findfoci@^1", in: { image: "scale.image" } },
  ],
  outputs: { peaks: "peaks.peaks", image: "scale.image" },
};

function hostFor(home: string): Host {
  return createHost({ plugins: join(home, "plugins"), cache: false });
}

/** A scene in `<home>/<name>/exposures.tif`. */
async function simulate(home: string, name: string, seed: number): Promise<string> {
  using host = hostFor(home);
  await runToFolder(host, {
    pipeline: pipelineOfStage(simulation.scene, []),
    files: {},
    params: { width: 96, height: 96, exposures: 2, countsMin: 40 },
    out: join(home, name),
    keepSampleType: true,
    seed,
  });
  return join(home, name, "exposures.tif");
}

async function runMixed(home: string, stack: string): Promise<string> {
  using host = hostFor(home);
  const out = join(home, "run");
  await runToFolder(host, {
    pipeline: MIXED,
    files: { exposures: [stack] },
    params: { factor: 3 },
    out,
  });
  return out;
}

Deno.test("replay gives the recorded digests for a pipeline with an installed stage", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin());
    const run = await runMixed(home, await simulate(home, "scene", 1));
    using host = hostFor(home);
    const outcome = await replayRun(host, { run, out: join(home, "again") });
    assertEquals(outcome.changes, []);
    assertEquals(
      outcome.results.map(({ step, output, same }) => `${step}.${output} ${same}`),
      [
        "rank.ranking true",
        "rank.best true",
        "scale.image true",
        "peaks.peaks true",
        "peaks.labels true",
        "peaks.saddles true",
      ],
    );
    assertEquals(replayProblem(run, outcome), undefined);
    for (const name of ["peaks.csv", "image.tif"]) {
      const [a, b] = [run, join(home, "again")].map((f) => Deno.readFileSync(join(f, name)));
      assertEquals(a, b);
    }
  });
});

Deno.test("replay on other files compares nothing and records them", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin());
    const run = await runMixed(home, await simulate(home, "scene", 1));
    const other = await simulate(home, "other", 2);
    using host = hostFor(home);
    const out = join(home, "again");
    const outcome = await replayRun(host, { run, out, files: { exposures: [other] } });
    assertEquals(outcome.results, []);
    const record = JSON.parse(Deno.readTextFileSync(join(out, "run.json")));
    assertEquals(record.inputs.exposures[0].path, other);
    assertEquals(record.params, { factor: 3 });
    assertEquals(record.steps[1].plugin.id, "lab.scale");
  });
});

Deno.test("replay says what changed when a result differs", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin());
    const run = await runMixed(home, await simulate(home, "scene", 1));
    const changed = "run: ({ image }) => ({ image: { ...image, data: image.data.slice() } }),";
    await installText(home, scalePlugin({ version: "1.0.1", more: changed }));
    using host = hostFor(home);
    const problem = replayProblem(run, await replayRun(host, { run, out: join(home, "again") }));
    assertEquals([problem?.code, problem?.exitCode], ["REPLAY_DIFFERS", 5]);
    assertIncludes(
      problem!.message.replaceAll(/[0-9a-f]{12}\.\.\./g, "DIGEST").replace(run, "RUN"),
      'Cannot reproduce the run in "RUN": expected results with the recorded digests, got others ' +
        "for scale.image, peaks.peaks, peaks.saddles; changed since: lab.scale from version 1.0.0 " +
        "to 1.0.1; lab.scale from lab.scale 1.0.0 (DIGEST) to lab.scale 1.0.1 (DIGEST)",
    );
  });
});

Deno.test("replay refuses an input that is another file now", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin());
    const stack = await simulate(home, "scene", 1);
    const run = await runMixed(home, stack);
    await Deno.copyFile(await simulate(home, "other", 2), stack);
    using host = hostFor(home);
    const out = join(home, "again");
    const error = await assertFails(() => replayRun(host, { run, out }), "REPLAY_DIFFERS");
    assertEquals(
      error.message.replaceAll(/[0-9a-f]{12}\.\.\./g, "DIGEST"),
      `Cannot replay the run in "${run}": expected "${stack}" as it was (sha256 DIGEST), got ` +
        "another file (DIGEST); restore it, or give the file you mean with --in exposures=PATH",
    );
    await Deno.remove(stack);
    await assertFails(() => replayRun(host, { run, out }), "FILE_MISSING");
  });
});

Deno.test("replay without the plugin names it", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin());
    const run = await runMixed(home, await simulate(home, "scene", 1));
    using host = createHost({ plugins: false, cache: false });
    const out = join(home, "again");
    const error = await assertFails(() => replayRun(host, { run, out }), "PLUGIN_UNKNOWN");
    assertEquals(
      error.message.replace(/[0-9a-f]{12}\.\.\./, "DIGEST"),
      `Cannot replay the run in "${run}": expected plugin lab.scale 1.0.0 (sha256 DIGEST), got ` +
        "none of that name installed; add it from where you had it with: adatom plugin add",
    );
  });
});

Deno.test("replay makes a scene and a labeled set again, byte for byte", async () => {
  await withFolder(async (home) => {
    const stack = await simulate(home, "scene", 3);
    using host = hostFor(home);
    const scene = await replayRun(host, { run: join(home, "scene"), out: join(home, "scene-2") });
    assertEquals(scene.results.every(({ same }) => same), true);
    assertEquals(
      Deno.readFileSync(join(home, "scene-2", "exposures.tif")),
      Deno.readFileSync(stack),
    );
    const run = join(home, "set");
    await labelExposures(host, { sets: [{ name: "a", paths: [stack] }], out: run });
    const set = await replayRun(host, { run, out: join(home, "set-2") });
    assertEquals(set.results.length > 5 && set.results.every(({ same }) => same), true);
    const [a, b] = ["set", "set-2"].map((name) =>
      JSON.parse(Deno.readTextFileSync(join(home, name, "run.json"))).outputs
    );
    assertEquals(a, b);
  });
});
