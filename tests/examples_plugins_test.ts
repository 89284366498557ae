/**
 * The plugins in examples/plugins, outside the tree as a stranger's are: made by `plugin new`, tested,
 * bundled, installed and run through the real commands.
 */
import { assertAtLeast, assertAtMost, assertEquals, assertIncludes } from "@assert";
import { join } from "node:path";
import { scaffoldPlugin } from "../procedures/plugins/scaffold.ts";
import { runCli } from "./support/cli.ts";
import { withFolder } from "./support/toy_host.ts";

const PLUGINS = new URL("../examples/plugins/", import.meta.url).pathname;
const NAMES = ["denoise", "column-intensity", "point-list"] as const;

/** Files an author has no need to change after `plugin new`. */
const UNTOUCHED = ["LICENSE", ".gitignore", ".github/workflows/ci.yml", "deno.json"] as const;

for (const name of NAMES) {
  Deno.test(`examples/plugins/${name} is made as plugin new makes it`, async () => {
    const year = /\d{4}/.exec(await Deno.readTextFile(join(PLUGINS, name, "LICENSE")))![0];
    const files = await scaffoldPlugin({
      id: `examples.${name}`,
      coreAddress: "../../../core/mod.ts",
      year: Number(year),
      author: "The Adatom developers",
    });
    for (const file of UNTOUCHED) {
      const text = await Deno.readTextFile(join(PLUGINS, name, file));
      assertEquals(text, new TextDecoder().decode(files.get(file)), file);
    }
  });

  Deno.test(`examples/plugins/${name} passes plugin test`, async () => {
    const { code, out, err } = await runCli(["plugin", "test", join(PLUGINS, name), "--json"]);
    const rows = JSON.parse(out) as { id: string; state: string; detail: string }[];
    assertEquals(rows.filter(({ state }) => state !== "ok"), [], err);
    assertEquals(code, 0);
    assertAtLeast(rows.length, 9);
  });
}

Deno.test("the example plugins are installed and work on each other's files", async () => {
  await withFolder(async (home) => {
    const run = async (...words: string[]) => {
      const result = await runCli(words, { cwd: home, home, cache: join(home, "cache") });
      assertEquals(result.code, 0, result.err);
      return result.out;
    };
    for (const name of NAMES) {
      await run("plugin", "bundle", join(PLUGINS, name), "--out", name);
      await run("plugin", "add", name, "--yes"); // the bundle: no sources needed
    }
    const list = JSON.parse(await run("plugin", "list", "--json")) as {
      id: string;
      state: string;
    }[];
    assertEquals(list.map(({ id, state }) => `${id} ${state}`), [
      "examples.column-intensity ok",
      "examples.denoise ok",
      "examples.point-list ok",
    ]);
    const size = ["--width", "128", "--height", "128", "--exposures", "1", "--counts-min", "20"];
    await run("simulate", "--structure", "square", ...size, "--out", "scene");
    await Deno.writeTextFile(
      join(home, "measure.yaml"),
      `format: adatom-pipeline/1
name: measure
inputs: { exposures: { kind: exposures } }
steps:
  - { id: denoise, stage: examples.wiener@^0.1, in: { image: $inputs.exposures }, scatter: t }
  - { id: rank, stage: quality.rank, in: { exposures: denoise.image } }
  - { id: peaks, stage: peaks.findfoci, in: { image: rank.best } }
  - { id: measure, stage: examples.column-intensity@^0.1, in: { image: rank.best, columns: peaks.peaks } }
outputs: { peaks: peaks.peaks, intensity: measure.intensity, summary: measure.summary }
`,
    );
    const input = ["--in", "exposures=scene/exposures.tif"];
    await run("run", "measure.yaml", ...input, "--out", "measured");
    const explained = JSON.parse(await run("explain", "measure.yaml", ...input, "--json")) as {
      state: string;
    }[];
    assertEquals(explained.map(({ state }) => state), ["cached", "cached", "cached", "cached"]);
    const record = JSON.parse(await Deno.readTextFile(join(home, "measured", "run.json")));
    assertEquals(
      record.steps.map((
        s: { runner: string; plugin?: { id: string } },
      ) => [s.runner, s.plugin?.id]),
      [
        ["process", "examples.denoise"],
        ["pool", undefined],
        ["pool", undefined],
        ["process", "examples.column-intensity"],
      ],
    );
    const summary = JSON.parse(await Deno.readTextFile(join(home, "measured", "summary.json")));
    assertAtLeast(summary.count, 50);
    assertAtMost(summary.cv, 0.5);
    assertIncludes(await run("replay", "measured", "--out", "again"), /summary +same/);

    // the same points through the made-up text format
    const [head, ...rows] = (await Deno.readTextFile(join(home, "measured", "peaks.csv"))).trim()
      .split("\n").map((line) => line.split(","));
    const cell = (row: string[], name: string) => row[head.indexOf(name)];
    const lines = rows.map((row) => `${cell(row, "x")} ${cell(row, "y")} ${cell(row, "height")}`);
    const header = ["%POINTLIST 1", "unit: px", `points: ${rows.length}`, ""];
    const text = [...header, ...lines, ""].join("\n");
    await Deno.writeTextFile(join(home, "peaks.pts"), text);
    const metrics = await run("evaluate", "peaks.pts", "measured/peaks.csv", "--json");
    assertEquals(JSON.parse(metrics).strict.f1, 1);
  });
});
