/**
 * Pipelines of built-in and installed stages: one record, the same digests wherever the stages run.
 */
import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { join } from "node:path";
import { createHost, type Host, type HostEvent, peaks, simulation } from "../../../mod.ts";
import type { PipelineDocument } from "../../../mod.ts";
import { installText, scalePlugin } from "../../support/plugin_bundle.ts";
import { withFolder } from "../../support/toy_host.ts";

const SCENE = { width: 96, height: 96, exposures: 3, countsMin: 40 } as const;

function hostFor(
  home: string,
  options: Partial<Parameters<typeof createHost>[0]> = {},
): Host {
  return createHost({ plugins: join(home, "plugins"), cache: false, ...options });
}

/** A script that mixes built-in and installed stages: the digests, the record, and its inputs. */
async function script(
  host: Host,
): Promise<[string[], PipelineDocument, Record<string, unknown>]> {
  const scale = host.registry.get("lab.scale");
  const { exposures } = await host.run(simulation.scene, {}, SCENE);
  const { image } = await host.scatter(scale, { image: exposures }, { factor: 3 });
  const [first] = (image as typeof exposures).images;
  await host.run(peaks.findfoci, { image: first });
  return [digestsOf(host), host.record("mixed"), { image: first }];
}

function digestsOf(host: Host): string[] {
  return host.reports.map((report) => `${report.stage} ${JSON.stringify(report.outputs)}`);
}

Deno.test("digests of installed stages are equal inline, in the pool and in the sandbox", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin());
    const found: Record<string, string[]> = {};
    for (
      const [place, options] of [
        ["process", {}],
        ["pool", { trust: ["lab.scale"] }],
        ["inline", { trust: ["lab.scale"], runner: "inline" }],
      ] as const
    ) {
      using host = hostFor(home, { workers: 2, ...options });
      [found[place]] = await script(host);
      const report = host.reports.find(({ stage }) => stage === "lab.scale")!;
      assertEquals(report.runner, place);
      assertEquals(report.plugin?.trusted, place === "process" ? undefined : true);
      assertEquals([report.plugin?.id, report.plugin?.version], ["lab.scale", "1.0.0"]);
    }
    assertEquals(found.pool, found.process);
    assertEquals(found.inline, found.process);
  });
});

const MAPS = `async run({ image }, { factor }, context) {
    const task = { module: import.meta.url, name: "times", call: (v) => v * factor };
    const [two] = await context.map(task, [2]);
    return { image: { ...image, data: image.data.map((v) => two * v) } };
  },`;

Deno.test("a plugin maps its items wherever it runs", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin({ more: MAPS }));
    for (const trust of [[], ["lab.scale"]]) {
      using host = hostFor(home, { trust });
      const image = { ...blank(), data: Float32Array.of(1, 2) };
      const { image: scaled } = await host.run(host.registry.get("lab.scale"), { image });
      assertEquals([...(scaled as typeof image).data], [4, 8]);
    }
  });
});

const WAITS = `run(_inputs, _params, { signal, progress }) {
    progress(0.1);
    return new Promise((_, reject) => signal.onabort = () => reject(new Error("told to stop")));
  },`;

Deno.test("a stage that waits hears that it is cancelled, wherever it runs", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin({ more: WAITS }));
    for (const trust of [[], ["lab.scale"]]) {
      const controller = new AbortController();
      using host = hostFor(home, {
        trust,
        onEvent: ({ type }) => type === "step-progress" && controller.abort(),
      });
      const { signal } = controller;
      const run = () =>
        host.run(host.registry.get("lab.scale"), { image: blank() }, {}, { signal });
      await assertFails(run, "CANCELLED");
    }
  });
});

Deno.test("a recorded script with installed stages is a pipeline with the same digests", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin());
    using first = hostFor(home);
    const [, record, inputs] = await script(first);
    const scaled = first.reports.find(({ stage }) => stage === "lab.scale")!;
    assertIncludes(JSON.stringify(record.steps), '"stage":"lab.scale@^1.0"');
    using again = hostFor(home);
    const { steps } = await again.runPipeline(record, inputs);
    const same = steps.find(({ stage }) => stage === "lab.scale")!;
    assertEquals(same.outputs, scaled.outputs);
    assertEquals(same.keys, scaled.keys);
  });
});

Deno.test("installed stages are cached, explained, and run again when their code changes", async () => {
  await withFolder(async (home) => {
    const cache = join(home, "cache");
    await installText(home, scalePlugin());
    using first = hostFor(home, { cache });
    const [, record, inputs] = await script(first);
    using second = hostFor(home, { cache });
    assertEquals((await second.explain(record, inputs)).map(({ state }) => state), [
      "cached",
      "cached",
      "cached",
    ]);
    const { steps } = await second.runPipeline(record, inputs);
    assertEquals(steps.map(({ cache }) => cache.runs), [0, 0, 0]);
    await installText(home, scalePlugin({ version: "1.1.0", more: "random: false," }));
    using third = hostFor(home, { cache });
    const explained = await third.explain(record, inputs);
    assertEquals(explained.map(({ state }) => state), ["cached", "runs", "cached"]);
    assertEquals(
      explained[1].reason,
      "3 of 3 exposures: the stage changed from version 1.0.0 to 1.1.0",
    );
  });
});

Deno.test("a killed sandbox loses nothing: the steps before it are resumed from the store", async () => {
  await withFolder(async (home) => {
    const cache = join(home, "cache");
    await installText(home, scalePlugin({ more: "run() { Deno.kill(Deno.pid, 'SIGKILL'); }," }));
    using broken = hostFor(home, { cache });
    const record: PipelineDocument = {
      format: "adatom-pipeline/1",
      name: "mixed",
      steps: [
        { id: "scene", stage: "simulation.scene@^1", params: { ...SCENE, exposures: 1 } },
        { id: "scale", stage: "lab.scale@^1", in: { image: "scene.exposures" }, scatter: "t" },
      ],
      outputs: { image: "scale.image" },
    };
    const error = await assertFails(() => broken.runPipeline(record, {}), "PLUGIN_ENDED");
    assertIncludes(error.message, "lab.scale");
    await installText(home, scalePlugin());
    using mended = hostFor(home, { cache });
    const { steps } = await mended.runPipeline(record, {});
    assertEquals(steps.map(({ cache }) => [cache.hits, cache.runs]), [[1, 0], [0, 1]]);
  });
});

const MIGRATES = `params: { gain: { type: "number", default: 1, description: "The gain" } },
  run({ image }, { gain }) {
    return { image: { ...image, data: image.data.map((v) => gain * v) } };
  },
  migrate: ({ factor, ...others }, from) => ({ ...others, gain: from === "1.0.0" ? factor : 0 }),`;

const OLDER: PipelineDocument = {
  format: "adatom-pipeline/1",
  name: "older",
  inputs: { image: { kind: "image", axes: "yx" } },
  steps: [{
    id: "scale",
    stage: "lab.scale@^1.0",
    in: { image: "$inputs.image" },
    params: { factor: 5 },
  }],
  outputs: { image: "scale.image" },
};

Deno.test("a pipeline for an older major version is migrated by the stage, in the sandbox", async () => {
  await withFolder(async (home) => {
    for (const trust of [[], ["lab.scale"]]) {
      await installText(home, scalePlugin({ version: "2.0.0", more: MIGRATES }));
      const events: HostEvent[] = [];
      using host = hostFor(home, { trust, onEvent: (event) => events.push(event) });
      const migrated = await host.migrate(OLDER);
      assertEquals(migrated.steps[0].stage, "lab.scale@^2.0");
      assertEquals(migrated.steps[0].params, { gain: 5 });
      assertEquals(events, [{
        type: "migrated",
        migration: { step: "scale", stage: "lab.scale", from: "1.0.0", to: "2.0.0" },
      }]);
      const image = { ...blank(), data: Float32Array.of(1, 2) };
      const { outputs } = await host.runPipeline(OLDER, { image });
      assertEquals([...(outputs.image as typeof image).data], [5, 10]);
      assertTrue(await host.migrate(migrated) === migrated, "nothing more to do");
    }
  });
});

Deno.test("without a migration, and for newer versions, a pipeline is refused", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin({ version: "2.0.0" }));
    using host = hostFor(home);
    const plain = { ...OLDER, steps: [{ ...OLDER.steps[0], params: {} }] };
    const error = await assertFails(
      () => host.runPipeline(plain, { image: blank() }),
      "PIPELINE_TYPE",
    );
    assertEquals(
      error.message,
      'Cannot use step "scale": expected lab.scale in the range ^1.0, got version 2.0.0; ' +
        "it cannot migrate older parameters: adapt the step and name the version that is there",
    );
    await installText(home, scalePlugin({ version: "2.0.0", more: MIGRATES }));
    using migrating = hostFor(home);
    const newer = { ...plain, steps: [{ ...plain.steps[0], stage: "lab.scale@^3.0" }] };
    await assertFails(() => migrating.runPipeline(newer, { image: blank() }), "PIPELINE_TYPE");
  });
});

Deno.test("a migration that gives no parameters is the plugin's fault", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin({ version: "2.0.0", more: "migrate: () => [1]," }));
    using host = hostFor(home);
    const error = await assertFails(() => host.migrate(OLDER), "OUTPUT_TYPE");
    assertEquals(
      error.message,
      "Cannot migrate the parameters of lab.scale from version 1.0.0: expected a map of " +
        "parameters, got a list; report it to its author",
    );
  });
});

function blank() {
  return {
    name: "",
    width: 2,
    height: 1,
    data: new Float32Array(2),
    sourceType: "float32" as const,
    pixelSize: null,
  };
}
