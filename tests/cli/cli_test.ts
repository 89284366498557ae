import { assertEquals, assertIncludes, assertTrue } from "@assert";
import { join } from "node:path";
import { runCli } from "../support/cli.ts";
import { withFolder } from "../support/toy_host.ts";

Deno.test("adatom without words, with --help and --version", async () => {
  const [bare, help, version] = await Promise.all([
    runCli([]),
    runCli(["--help"]),
    runCli(["--version"]),
  ]);
  assertEquals([bare.code, help.code, version.code], [0, 0, 0]);
  assertEquals(bare.out, help.out);
  assertIncludes(help.out, "Start here:");
  for (const command of ["label", "run", "explain", "evaluate", "simulate", "stages", "describe"]) {
    assertIncludes(help.out, `  ${command} `);
  }
  assertIncludes(version.out, /^\d+\.\d+\.\d+\n$/);
});

/** Wrong command lines, and the whole text they are answered with. */
const WRONG: readonly (readonly [words: string, answer: string])[] = [
  [
    "lable",
    'Cannot run "lable": expected a command of adatom, got "lable"; did you mean label?',
  ],
  [
    "describe peaks.findfoki",
    'Cannot use stage "peaks.findfoki": expected a registered stage, got "peaks.findfoki"; did you mean "peaks.findfoci"?',
  ],
  [
    "describe",
    'Cannot run the command: expected a value for "stage", got nothing; add --help to see what there is',
  ],
  [
    "stages --jsn",
    'Cannot use "--jsn": expected a known option, got "--jsn"; did you mean --json?',
  ],
  [
    "run alignment.drift --in exposures=a.tif",
    "Cannot write the outputs: expected a folder, got nothing; add --out DIR",
  ],
  [
    "run alignment.drift --in exposures --out o",
    'Cannot use --in "exposures": expected port=path, got "exposures"; write for example --in image=picture.tif',
  ],
  [
    "run alignment.drift --set a --in exposures=a.tif --out o",
    'Cannot use --set "a": expected step.parameter=value, got "a"',
  ],
  [
    "run alignment.drift --seed x --in exposures=a.tif --out o",
    'Cannot use --seed: expected a whole number of at least 0, got "x"',
  ],
  [
    "run alignment.drift --in exposure=a.tif --out o",
    `Cannot run alignment.drift: expected a request without problems, got 2 problems
- Cannot give input "exposure" to alignment.drift: expected one of its inputs, got "exposure"; did you mean "exposures"?
- Cannot run alignment.drift: expected an input "exposures", got nothing; add --in exposures=PATH`,
  ],
  [
    "label --out o",
    "Cannot label exposures: expected either files of exposures or --sets DIR, got neither",
  ],
  [
    "label a.tif --sets b --out o",
    "Cannot label exposures: expected either files of exposures or --sets DIR, got both",
  ],
  [
    "label --sets nowhere --out o",
    'Cannot find exposure sets in "nowhere": expected subfolders with images, or stacks, got no such folder; put each set\'s exposures in a folder of its own',
  ],
  [
    "completions fish",
    'Cannot print completions: expected one of bash, zsh, got "fish"; say for example: adatom completions bash',
  ],
];

for (const [words, answer] of WRONG) {
  Deno.test(`adatom ${words} is answered with what to do`, async () => {
    await withFolder(async (cwd) => {
      const { code, out, err } = await runCli(words.split(" "), { cwd });
      assertEquals(err, `error: ${answer}\n`);
      assertEquals([code, out], [2, ""]);
      assertEquals([...Deno.readDirSync(cwd)].length, 0, "nothing is written");
    });
  });
}

Deno.test("adatom stages lists every stage, as text and as JSON", async () => {
  const [text, json] = await Promise.all([runCli(["stages"]), runCli(["stages", "--json"])]);
  const stages = JSON.parse(json.out) as { id: string; params: Record<string, unknown> }[];
  for (const { id } of stages) assertIncludes(text.out, id);
  assertTrue(stages.length >= 10);
});

Deno.test("adatom describe and schema show the same parameters", async () => {
  const [help, schema, pipeline] = await Promise.all([
    runCli(["describe", "peaks.findfoci"]),
    runCli(["schema", "peaks.findfoci"]),
    runCli(["schema", "pipeline"]),
  ]);
  for (const name of Object.keys(JSON.parse(schema.out).properties)) {
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    assertIncludes(help.out, `--${flag}`);
  }
  assertEquals(JSON.parse(pipeline.out).title, "Adatom pipeline");
});

Deno.test("adatom completions knows commands, stages and options", async () => {
  const complete = async (...words: string[]) =>
    (await runCli(["complete", "--", ...words])).out.split("\n");
  const [commands, stages, options, bash, zsh] = await Promise.all([
    complete("la"),
    complete("describe", "peaks."),
    complete("run", "peaks.findfoci", "--pol"),
    runCli(["completions", "bash"]),
    runCli(["completions", "zsh"]),
  ]);
  assertTrue(commands.some((line) => line.startsWith("label")));
  assertTrue(stages.some((line) => line.startsWith("peaks.findfoci")));
  assertTrue(options.some((line) => line.startsWith("--polarity")));
  assertIncludes(bash.out, "complete -F");
  assertIncludes(zsh.out, "#compdef adatom");
});

Deno.test("adatom doctor finds this machine in order", async () => {
  await withFolder(async (cache) => {
    const { code, out } = await runCli(["doctor", "--json"], { cache });
    const checks = JSON.parse(out) as { name: string; state: string }[];
    assertEquals(checks.map((c) => c.name), [
      "runtime",
      "workers",
      "sandbox",
      "plugins",
      "store",
      "gpu",
      "neural",
      "model",
    ]);
    assertEquals([code, checks.filter((c) => c.state === "broken")], [0, []]);
  });
});

Deno.test("adatom simulate, run, explain and evaluate work on each other's files", async () => {
  await withFolder(async (cwd) => {
    const cache = join(cwd, "cache");
    const run = async (...words: string[]) => {
      const result = await runCli(words, { cwd, cache });
      assertEquals(result.code, 0, result.err);
      return result;
    };
    const size = ["--width", "128", "--height", "128", "--exposures", "2", "--counts-min", "40"];
    await run("simulate", "--structure", "square", ...size, "--out", "scene");
    await Deno.writeTextFile(
      join(cwd, "find.yaml"),
      `format: adatom-pipeline/1
name: find
inputs: { exposures: { kind: exposures } }
steps:
  - { id: rank, stage: quality.rank, in: { exposures: $inputs.exposures } }
  - { id: peaks, stage: peaks.findfoci, in: { image: rank.best } }
  - { id: fit, stage: refinement.gaussian, in: { image: rank.best, peaks: peaks.peaks } }
outputs: { columns: fit.columns, ranking: rank.ranking }
`,
    );
    const input = ["--in", "exposures=scene/exposures.tif"];
    const before = await run("explain", "find.yaml", ...input);
    assertIncludes(before.out, "it has not run before");
    const first = await run("run", "find.yaml", ...input, "--out", "found");
    assertEquals(first.out.trim().split("\n"), [
      "found/columns.csv",
      "found/ranking.csv",
      "found/run.json",
    ]);
    const after = await run("explain", "find.yaml", ...input, "--json");
    assertEquals(JSON.parse(after.out).map((s: { state: string }) => s.state), [
      "cached",
      "cached",
      "cached",
    ]);
    const record = JSON.parse(await Deno.readTextFile(join(cwd, "found", "run.json")));
    assertEquals([record.format, record.status], ["adatom-run/1", "done"]);
    const chosen = (await Deno.readTextFile(join(cwd, "found", "ranking.csv"))).split("\n");
    const column = chosen[0].split(",").indexOf("chosen");
    const best = chosen.slice(1).findIndex((line) => line.split(",")[column] === "1");
    const truth = `scene/truth/${best}.csv`;
    const border = ["--margin", "5", "--width", "128", "--height", "128"]; // half a spacing
    const { out } = await run("evaluate", "found/columns.csv", truth, ...border, "--json");
    const { strict } = JSON.parse(out);
    assertTrue(strict.recall >= 0.97 && strict.precision >= 0.97, out);
  });
});

Deno.test("adatom simulate and run read a crystal from a CIF file, or as JSON", async () => {
  const rutile = new URL("../../examples/rutile.cif", import.meta.url).pathname;
  await withFolder(async (cwd) => {
    const given = ["--structure", "crystal", "--width", "96", "--height", "64", "--exposures", "1"];
    const { code, err } = await runCli(
      ["simulate", ...given, "--in", `crystal=${rutile}`, "--formation", "probe", "--out", "scene"],
      { cwd },
    );
    assertEquals(code, 0, err);
    const truth = await Deno.readTextFile(join(cwd, "scene", "truth", "0.csv"));
    assertIncludes(truth, ",Ti,");
    assertIncludes(truth, ",O,");
    const record = JSON.parse(await Deno.readTextFile(join(cwd, "scene", "run.json")));
    assertIncludes(JSON.stringify(record), "rutile.cif");
    const crystal = {
      name: "cubic",
      cell: { a: 0.4, b: 0.4, c: 0.4, alpha: 90, beta: 90, gamma: 90 },
      atoms: [{ element: "Fe", u: 0, v: 0, w: 0, occupancy: 1 }],
    };
    await Deno.writeTextFile(join(cwd, "a.json"), JSON.stringify(crystal));
    const words = ["run", "simulation.scene", ...given, "--in", "crystal=a.json", "--out", "iron"];
    const iron = await runCli(words, { cwd });
    assertEquals(iron.code, 0, iron.err);
    assertIncludes(await Deno.readTextFile(join(cwd, "iron", "truth", "0.csv")), ",Fe,");
    await Deno.writeTextFile(join(cwd, "bad.cif"), "data_a\n_cell_length_a\n");
    const bad = await runCli(
      ["simulate", ...given, "--in", "crystal=bad.cif", "--out", "none"],
      { cwd },
    );
    assertEquals(bad.code, 2);
    assertIncludes(bad.err, "expected a value for _cell_length_a in line 2, got none");
  });
});
