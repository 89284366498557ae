/**
 * Every example runs as its own process, with the permissions of its first line and no others.
 */
import { assertAtLeast, assertAtMost, assertEquals, assertIncludes } from "@assert";
import { join } from "node:path";
import { createHost, simulation } from "../mod.ts";
import { tiff } from "../plugins/io/tiff.ts";
import { cliCommand, runCli } from "./support/cli.ts";
import { withFolder } from "./support/toy_host.ts";

const EXAMPLES = new URL("../examples/", import.meta.url).pathname;

async function runExample(name: string, words: readonly string[] = [], cwd?: string) {
  const path = join(EXAMPLES, name);
  const [first] = (await Deno.readTextFile(path)).split("\n");
  const permissions = first.replace("#!/usr/bin/env -S deno run", "").trim().split(" ");
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", ...permissions, path, ...words],
    env: { NO_COLOR: "1" },
    ...(cwd === undefined ? {} : { cwd }),
  });
  const { code, stdout, stderr } = await command.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("examples/01_align_a_stack.ts finds the drift of the truth", async () => {
  const lines = (await runExample("01_align_a_stack.ts")).trim().split("\n");
  assertEquals(lines.length, 7);
  for (const line of lines.slice(1)) {
    const [, x, y, trueX, trueY] = line.trim().split(/\s+/).map(Number);
    assertAtLeast(0.15, Math.hypot(x - trueX, y - trueY)); // relative to a noisy first exposure
  }
});

Deno.test("examples/02_find_and_refine.ts records a pipeline that gives the same digests", async () => {
  await withFolder(async (folder) => {
    const record = join(folder, "record.json");
    const printed = await runExample("02_find_and_refine.ts", [record]);
    assertIncludes(printed, /\d+ peaks, \d+ columns, \d+ of them ok/);
    const { code, stdout, stderr } = await cliCommand(
      ["run", record, "--out", join(folder, "again"), "--json", "--no-cache", "--quiet"],
    ).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const { steps } = JSON.parse(new TextDecoder().decode(stdout));
    const again = steps.map((s: { stage: string; outputs: unknown }) =>
      `${s.stage} ${JSON.stringify(s.outputs)}`
    );
    const before = printed.trim().split("\n").slice(-again.length);
    assertEquals(again, before);
  });
});

Deno.test("examples/03_evaluate.ts shows that fewer counts make larger errors", async () => {
  const rows = (await runExample("03_evaluate.ts")).trim().split("\n").slice(1)
    .map((line) => line.trim().split(/\s+/).map(Number));
  assertEquals(rows.map(([counts]) => counts), [60, 20, 7]);
  const errors = rows.map((row) => row[3]);
  assertEquals(errors, [...errors].sort((a, b) => a - b));
});

Deno.test("examples/05_own_stage.ts runs a stage of one's own", async () => {
  const printed = await runExample("05_own_stage.ts");
  assertIncludes(printed, "10 exposures of 128 x 128 px");
});

Deno.test("examples/demo.ts labels three sets as well as it promises", async () => {
  await withFolder(async (folder) => {
    const printed = await runExample("demo.ts", [join(folder, "demo")]);
    const rows = printed.split("\n").filter((line) => /^(mos2-a|mos2-b|res2) /.test(line))
      .map((line) => line.trim().split(/\s+/).slice(1).map(Number));
    assertEquals(rows.length, 3);
    for (const [, , drift, precision, recall, error] of rows) {
      assertAtMost(drift, 0.1);
      assertAtLeast(precision, 0.99);
      assertAtLeast(recall, 0.99);
      assertAtMost(error, 0.35);
    }
    assertIncludes(printed, /Open .*report\.html\n$/);
  });
});

Deno.test("examples/06_auto_label.yaml labels the heavy columns of a simulated image", async () => {
  await withFolder(async (folder) => {
    using host = createHost({ cache: false, runner: "inline" });
    const { exposures, truth } = await host.run(simulation.scene, {}, {
      width: 256,
      height: 256,
      exposures: 1,
      spacing: 11,
      countsMax: 30,
    });
    const image = join(folder, "a.tif");
    await Deno.writeFile(image, await tiff.write(exposures.images));
    const { code, out, err } = await runCli([
      "run",
      join(EXAMPLES, "06_auto_label.yaml"),
      ...["--in", `image=${image}`, "--in", `model=${join(EXAMPLES, "../models/labeler-2h-low")}`],
      ...["--out", join(folder, "labels"), "--no-cache"],
    ]);
    assertEquals(code, 0, out + err);
    const { agreed } = JSON.parse(await Deno.readTextFile(join(folder, "labels/summary.json")));
    const heavy = truth[0].columns.species.filter((species) => species === "Mo").length;
    assertAtLeast(agreed / heavy, 0.9); // FindFoci finds no columns cut off by the border
    assertAtMost(agreed / heavy, 1.01);
  });
});
