import { assertAtLeast, assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { join } from "node:path";
import {
  createHost,
  createTable,
  evaluation,
  findSets,
  labelExposures,
  labelingPipeline,
  labelingWith,
  readPipeline,
  simulation,
} from "../../mod.ts";
import { createImage, type Image } from "../../core/mod.ts";
import { tiff } from "../../plugins/io/tiff.ts";
import { finderOf } from "../../procedures/label.ts";
import { cliCommand, runCli } from "../support/cli.ts";
import { withFolder } from "../support/toy_host.ts";

/** Moments at which a run is killed and started again. */
const KILLS = 10;

/** Writes a simulated stack and gives its path. */
async function writeScene(folder: string, name = "scene.tif", seed = 4): Promise<string> {
  using host = createHost({ cache: false, runner: "inline", seed });
  const { exposures } = await host.run(simulation.scene, {}, {
    width: 160,
    height: 144,
    exposures: 4,
    spacing: 13,
    driftTotal: 5,
  });
  const path = join(folder, name);
  await Deno.writeFile(path, await tiff.write(exposures.images));
  return path;
}

/** All files of a folder but the run record, whose times differ: text by path, bytes as latin1. */
function contents(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (path: string) => {
    for (const entry of Deno.readDirSync(join(folder, path))) {
      const own = join(path, entry.name);
      if (entry.isDirectory) walk(own);
      else if (own !== "run.json") {
        found[own] = new TextDecoder("latin1").decode(Deno.readFileSync(join(folder, own)));
      }
    }
  };
  walk("");
  return Object.fromEntries(Object.entries(found).sort());
}

Deno.test("label makes the same bytes again: from nothing, from cache, in one worker", async () => {
  await withFolder(async (folder) => {
    const path = await writeScene(folder);
    const label = async (out: string, options: string[], cache = join(folder, "cache")) => {
      const words = ["label", path, "--out", join(folder, out), "--quiet", ...options];
      const { code, err } = await runCli(words, { cache });
      assertEquals(code, 0, err);
      return contents(join(folder, out));
    };
    const first = await label("one", []);
    const names = Object.keys(first);
    for (const name of ["catalog.csv", "dataset.json", "report.html", "labels/scene_0.csv"]) {
      assertTrue(names.includes(name), name);
    }
    assertEquals(await label("two", []), first, "from the cache");
    assertEquals(await label("three", ["--no-cache", "--workers", "1"]), first, "computed again");
    const again = await runCli(["label", path, "--out", join(folder, "one")], {
      cache: join(folder, "cache"),
    });
    assertIncludes(again.out, "The set was complete already; all files verified.");
    await Deno.writeTextFile(join(folder, "one", "catalog.csv"), "spoiled");
    assertEquals(await label("one", []), first, "a spoiled file is mended");
  });
});

Deno.test("label killed at any moment and started again ends with the same bytes", async () => {
  await withFolder(async (folder) => {
    const path = await writeScene(folder);
    const out = join(folder, "set"), cache = join(folder, "cache");
    const words = ["label", path, "--out", out, "--quiet"];
    const started = performance.now();
    await runCli(["label", path, "--out", join(folder, "whole"), "--quiet", "--no-cache"], {
      cache,
    });
    const whole = performance.now() - started;
    for (let kill = 0; kill < KILLS; kill++) {
      const child = cliCommand(words, { cache }).spawn();
      await new Promise((resolve) => setTimeout(resolve, whole * (kill + 0.5) / KILLS));
      try {
        child.kill("SIGKILL");
      } catch {
        // it was quicker than that: then it must have ended well
      }
      await child.output();
      for (const entry of Deno.readDirSync(folder)) {
        const known = ["scene.tif", "whole", "cache", "set", "set.partial"];
        assertTrue(known.includes(entry.name), entry.name);
      }
    }
    const { code, err } = await runCli(words, { cache });
    assertEquals(code, 0, err);
    assertEquals(contents(out), contents(join(folder, "whole")));
  });
});

Deno.test("label interrupted by Ctrl-C ends with 130 and leaves nothing half-written", async () => {
  await withFolder(async (folder) => {
    const path = await writeScene(folder);
    const child = cliCommand(["label", path, "--out", join(folder, "set"), "--no-cache"]).spawn();
    // the steps print lines as they end: the first one says that the work is under way
    const reader = child.stderr.getReader();
    await reader.read();
    const interrupted = performance.now();
    child.kill("SIGINT");
    const { code } = await child.status;
    const seconds = (performance.now() - interrupted) / 1000;
    await reader.cancel();
    await child.stdout.cancel();
    assertEquals(code, 130);
    assertTrue(seconds < 10, "it ends by itself"); // a second on a quiet machine
    assertEquals([...Deno.readDirSync(folder)].map((e) => e.name), ["scene.tif"]);
  });
});

Deno.test("label takes a folder of sets, in one data set with its splits", async () => {
  await withFolder(async (folder) => {
    const sets = join(folder, "sets");
    await Deno.mkdir(join(sets, "b"), { recursive: true });
    await writeScene(sets, "a.tif", 4);
    const stack = await Deno.readFile(await writeScene(folder, "b.tif", 5));
    const pages = await tiff.read(stack, { name: "b", path: "b", warn: () => {} });
    for (const [i, page] of pages.entries()) {
      await Deno.writeFile(join(sets, "b", `e${i}.tif`), await tiff.write([page]));
    }
    using host = createHost({ cache: false });
    const found = findSets(host, sets);
    assertEquals(found.map((s) => [s.name, s.paths.length]), [["a", 1], ["b", 4]]);
    const out = join(folder, "out");
    const summary = await labelExposures(host, {
      sets: found,
      out,
      params: { keepDuplicates: true },
    });
    assertEquals(summary.sets.map((s) => [s.name, s.exposures, s.kept]), [["a", 4, 4], [
      "b",
      4,
      4,
    ]]);
    const dataset = JSON.parse(await Deno.readTextFile(join(out, "dataset.json")));
    assertEquals(dataset.counts.sets, 2);
    const catalog = (await Deno.readTextFile(join(out, "catalog.csv"))).trim().split("\n");
    assertEquals([catalog[0], catalog.length], ["index,image,csv", 9]);
  });
});

Deno.test("label refuses exposures that make no set, and writes nothing", async () => {
  await withFolder(async (folder) => {
    using host = createHost({ cache: false, runner: "inline" });
    const write = async (name: string, images: Image[]) => {
      const path = join(folder, name);
      await Deno.writeFile(path, await tiff.write(images));
      return path;
    };
    const bytes = await Deno.readFile(await writeScene(folder));
    const scene = await tiff.read(bytes, { name: "s", path: "s", warn: () => {} });
    const label = (paths: string[]) =>
      labelExposures(host, { sets: [{ name: "s", paths }], out: join(folder, "out") });
    await assertFails(
      () => write("one.tif", [scene[0]]).then((path) => label([path])),
      "EXPOSURES_TOO_FEW",
      'Cannot label set "s": expected at least 2 exposures of one region, got 1; name the other exposures too, or find and refine columns in a single image with `adatom run peaks.findfoci` and `adatom run refinement.gaussian`',
    );
    const small = createImage({ width: 20, height: 20, sourceType: "uint16" });
    const paths = [await write("a.tif", [scene[0]]), await write("b.tif", [small])];
    await assertFails(() => label(paths), "IMAGE_SIZE_DIFFERS");
    const holed = createImage({
      ...scene[0],
      sourceType: "float32",
      data: scene[0].data.map((v, i) => i === 7 ? NaN : v),
    });
    await assertFails(
      async () => label([paths[0], await write("nan.tif", [holed])]),
      "IMAGE_NON_FINITE",
    );
    const flat = createImage({
      width: scene[0].width,
      height: scene[0].height,
      pixelSize: scene[0].pixelSize,
    });
    await assertFails(
      async () => label([paths[0], await write("flat.tif", [flat])]),
      "IMAGE_CONSTANT",
    );
    const dot = createImage({ width: 1, height: 1, sourceType: "uint16" });
    const dots = await write("dots.tif", [dot, { ...dot, data: Float32Array.of(1) }]);
    const error = await assertFails(() => label([dots]), "IMAGE_CONSTANT");
    assertEquals(error.exitCode, 2);
    await assertFails(() => label([join(folder, "none.tif"), paths[0]]), "FILE_MISSING");
    assertTrue(
      ![...Deno.readDirSync(folder)].some((e) => /^out/.test(e.name)),
      "nothing is written",
    );
  });
});

Deno.test("label sets any parameter of any step, and refuses unknown ones", async () => {
  await withFolder(async (folder) => {
    const path = await writeScene(folder);
    using host = createHost({ cache: false });
    const label = (params: Record<string, unknown>, out: string) =>
      labelExposures(host, {
        sets: [{ name: "s", paths: [path] }],
        out: join(folder, out),
        params,
      });
    const summary = await label({ reference: 3, "peaks.blur": 2.5 }, "one");
    assertEquals(summary.sets[0].reference, 3);
    const dataset = JSON.parse(await Deno.readTextFile(join(folder, "one", "dataset.json")));
    const blur = dataset.sets[0].parameters.find((p: { step: string; name: string }) =>
      p.step === "peaks" && p.name === "blur"
    );
    assertEquals([blur.value, blur.origin], [2.5, "given"]);
    await assertFails(() => label({ "peaks.blurr": 2 }, "two"), "UNKNOWN_PARAM");
  });
});

Deno.test("examples/04_labeling.yaml is the built-in labeling procedure", () => {
  const path = new URL("../../examples/04_labeling.yaml", import.meta.url).pathname;
  assertEquals(readPipeline(path), labelingPipeline);
});

const data = Deno.env.get("ADATOM_DATA");

/** What network and hand labels are good for here: see the README of the data. */
const REAL_F1 = 0.95;
/** The border of the published labels, px. */
const UNLABELED = 6;

Deno.test({
  name: "label finds both species in every frame of a real WSe2 stack",
  ignore: data === undefined,
  async fn() {
    await withFolder(async (folder) => {
      using host = createHost({ cache: false });
      const out = join(folder, "set");
      await labelExposures(host, {
        sets: [{ name: "wse2", paths: [`${data}/wse2-seebic/haadf.tif`] }],
        out,
        params: { keepDuplicates: true },
      });
      const lines = (await Deno.readTextFile(`${data}/wse2-seebic/atoms.csv`)).trim().split("\n");
      const atoms = lines.slice(1).map((line) => line.split(",").map(Number));
      const { sets: [set] } = JSON.parse(await Deno.readTextFile(join(out, "dataset.json")));
      for (const { exposure, window, files, drift } of set.exposures) {
        assertEquals(drift.ambiguous, exposure !== 0, `drift of exposure ${exposure}`);
        const labels = await host.readTable(join(out, files.labels));
        const { x, y } = labels.columns as { x: Float64Array; y: Float64Array };
        const own = atoms.filter(([frame]) => frame === exposure);
        // both in px of the exposure as read, where the region is shown and labeled
        const inside = (px: number[], py: number[]) => {
          const rows = px.map((_, i) => i).filter((i) =>
            px[i] >= Math.max(UNLABELED, window.x) && py[i] >= Math.max(UNLABELED, window.y) &&
            px[i] <= Math.min(127 - UNLABELED, window.x + window.width - 1) &&
            py[i] <= Math.min(127 - UNLABELED, window.y + window.height - 1)
          );
          return createTable({
            x: Float64Array.from(rows, (i) => px[i]),
            y: Float64Array.from(rows, (i) => py[i]),
          });
        };
        const found = inside([...x].map((v) => v + window.x), [...y].map((v) => v + window.y));
        const truth = inside(own.map(([, px]) => px), own.map(([, , py]) => py));
        const { metrics } = await host.run(evaluation.match, { found, truth });
        const { f1 } = (metrics as { strict: { f1: number } }).strict;
        assertTrue(f1 >= REAL_F1, `F1 ${f1} in exposure ${exposure}`);
      }
    });
  },
});

Deno.test("the finder is one step of the labeling procedure, and a replay uses the same", () => {
  const network = labelingWith("atomid");
  assertEquals(labelingWith("findfoci"), labelingPipeline);
  assertEquals(network.steps.map(({ id }) => id), labelingPipeline.steps.map(({ id }) => id));
  assertEquals([finderOf(labelingPipeline), finderOf(network)], ["findfoci", "atomid"]);
  using host = createHost({ cache: false, runner: "inline" });
  const plan = host.check(network, { polarity: "dark" });
  assertEquals(plan.steps.find(({ step }) => step.id === "peaks")?.params.polarity, "dark");
});

Deno.test("label --finder atomid labels what is simulated, and replays to the same", async () => {
  await withFolder(async (folder) => {
    const path = await writeScene(folder);
    const cache = join(folder, "cache");
    const out = join(folder, "set");
    const words = ["label", path, "--finder", "atomid", "--out", out, "--json"];
    const { code, out: text, err } = await runCli(words, { cache });
    assertEquals(code, 0, err);
    assertAtLeast(JSON.parse(text).sets[0].columns, 60);
    const again = await runCli(["replay", out, "--out", join(folder, "again")], { cache });
    assertEquals(again.code, 0, again.err);
  });
});
