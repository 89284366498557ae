import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  type BenchRequest,
  type BenchResult,
  createHost,
  DEFAULT_SIMULATION,
} from "../../../mod.ts";
import { benchDetectors } from "../../../procedures/bench_detectors/bench_detectors.ts";
import {
  detectorsNamed,
  detectorWithParams,
} from "../../../procedures/bench_detectors/detectors.ts";
import { runCli } from "../../support/cli.ts";
import { withFolder } from "../../support/toy_host.ts";

const simulate = { ...DEFAULT_SIMULATION, doses: [10, 60], fieldsNm: [3, 4.5], size: 96 };

function request(out: string, change: Partial<BenchRequest> = {}): BenchRequest {
  return {
    paths: [],
    simulate,
    detectors: [
      ...detectorsNamed(["findfoci"]),
      detectorWithParams("findfoci", "blurred", { blur: 1.5 }),
    ],
    read: { faintRatio: 0.4, faintSpecies: [] },
    score: { edges: "ignore", faint: "false", matchRadius: "auto" },
    measure: { runs: 1, workers: 1, seed: 1 },
    out,
    ...change,
  };
}

async function run(asked: BenchRequest) {
  using host = createHost({ cache: false, plugins: false, runner: "inline" });
  return await benchDetectors(host, asked);
}

/** All files of a folder, in order. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}

/** The same result without what is measured by the clock. */
function untimed({ rows, summary, ...rest }: BenchResult): unknown {
  const noTimes = { ms: null, memoryMiB: null };
  return {
    ...rest,
    rows: rows.map((row) => ({ ...row, ...noTimes })),
    summary: summary.map((row) => ({ ...row, ...noTimes })),
  };
}

Deno.test("benchDetectors scores a simulated set and writes all there is to look at", async () => {
  await withFolder(async (folder) => {
    const out = join(folder, "bench");
    const steps: string[] = [];
    const { result, exitCode, page } = await run(request(out, {
      onStep: (step, fraction) => void steps.push(`${step} ${fraction}`),
    }));
    assertEquals([exitCode, page], [0, `${out}/report.html`]);
    assertEquals(result.detectors.map(({ title }) => title), ["FindFoci", "FindFoci (blurred)"]);
    assertEquals([result.images.length, result.rows.length], [4, 8]);
    const best = result.summary[0].metrics.f1!;
    assertTrue(best.mean > 0.97 && best.images === 4, `F1 ${best.mean}`);
    assertEquals(result.byDose.map(({ from, images }) => [from, images.length]), [[10, 2], [
      60,
      2,
    ]]);
    assertEquals(result.byField.map(({ from }) => from), [3, 4.5]);
    assertTrue(result.rows.every(({ ms, memoryMiB }) => ms! > 0 && memoryMiB! >= 0));
    assertTrue(steps.includes("FindFoci 0.75") && steps[0] === "simulating 0", steps.join());
    const files = filesOf(out);
    for (
      const name of [
        ...["bench.json", "images.csv", "summary.csv", "dose.csv", "field.csv", "spacing.csv"],
        ...["report.html", "run.json", "figures/dose.svg", "figures/field.svg", "figures/time.svg"],
        ...["set/images/2H_10_counts_3_nm.tif", "set/labels/2H_10_counts_3_nm.csv"],
        "found/findfoci+blurred/2H_10_counts_3_nm.csv",
      ]
    ) assertTrue(files.includes(name), `${name} in ${files.join(" ")}`);
    assertEquals(JSON.parse(Deno.readTextFileSync(join(out, "bench.json"))), result);
    const html = Deno.readTextFileSync(page);
    assertTrue(
      !/NaN|undefined|Infinity/.test(html.replaceAll(/base64,[^)]*/g, "")),
      "no odd number",
    );
    assertEquals(Deno.readTextFileSync(join(out, "images.csv")).trim().split("\n").length, 9);
  });
});

Deno.test("benchDetectors gives the same twice, and the same again from the files it wrote", async () => {
  await withFolder(async (folder) => {
    const [a, b, c] = ["a", "b", "c"].map((name) => join(folder, name));
    const { result } = await run(request(a));
    const again = await run(request(b));
    assertEquals(untimed(again.result), untimed(result));
    for (
      const name of filesOf(a).filter((name) => /^(found|set)|run\.json|(dose|field)/.test(name))
    ) {
      assertEquals(Deno.readFileSync(join(b, name)), Deno.readFileSync(join(a, name)), name);
    }
    const { simulate: _, ...fromFiles } = request(c, { paths: [join(a, "set")] });
    const read = await run(fromFiles);
    const f1 = ({ rows }: BenchResult) =>
      rows.map(({ image, detector, score }) => `${image} ${detector} ${score?.strict.f1}`).sort();
    assertEquals(f1(read.result), f1(result));
  });
});

Deno.test("benchDetectors goes on where a detector fails, and the exit code tells", async () => {
  await withFolder(async (folder) => {
    const found = join(folder, "found");
    Deno.mkdirSync(found);
    Deno.writeTextFileSync(join(found, "2H_10_counts_3_nm.csv"), "x,y\n5,5\n");
    const asked = request(join(folder, "bench"), {
      detectors: [
        ...detectorsNamed(["findfoci"]),
        detectorWithParams("findfoci", "odd", { blurr: 1 }),
      ],
      tables: { mine: found },
      python: join(folder, "no-python"),
    });
    const { result, exitCode, page } = await run(asked);
    assertEquals(exitCode, 2);
    assertEquals(result.summary.map(({ detector, images, failed }) => [detector, images, failed]), [
      ["findfoci", 4, 0],
      ["findfoci+odd", 0, 4],
      ["mine", 1, 3],
    ]);
    assertEquals(result.skipped.map(({ name }) => name), ["atomap", "published"]);
    const html = Deno.readTextFileSync(page);
    assertIncludes(html, "atomap was skipped. Cannot run Atomap");
    assertIncludes(html, "7 of 12 results are missing");
  });
});

Deno.test("benchDetectors leaves nothing behind when cancelled, and nothing of others overwritten", async () => {
  await withFolder(async (folder) => {
    const out = join(folder, "bench");
    const controller = new AbortController();
    const asked = request(out, {
      signal: controller.signal,
      onStep: (step, fraction) => step === "FindFoci" && fraction > 0 && controller.abort(),
    });
    await assertFails(() => run(asked), "CANCELLED");
    assertEquals(readdirSync(folder), []);
    Deno.mkdirSync(out);
    Deno.writeTextFileSync(join(out, "mine.txt"), "mine");
    await assertFails(() => run(request(out)), "OUTPUT_EXISTS");
    const small = { simulate: { ...simulate, doses: [60], fieldsNm: [3] }, overwrite: true };
    await run(request(out, small));
    assertTrue(existsSync(join(out, "mine.txt")) && existsSync(join(out, "report.html")));
  });
});

Deno.test("benchDetectors refuses requests that compare nothing, or two of one name", async () => {
  await withFolder(async (folder) => {
    const out = join(folder, "bench");
    await assertFails(
      () => run(request(out, { detectors: [] })),
      "MISSING_ARGUMENT",
      "Cannot bench detectors: expected at least one detector, got none; name some with " +
        "--detectors, or finds with --csv NAME=DIR",
    );
    await assertFails(
      () => run(request(out, { tables: { findfoci: folder } })),
      "PARAM_CONFLICT",
      'Cannot bench detectors: expected each under a name of its own, got "findfoci" twice; give ' +
        "the folder of --csv or the file of --params another name",
    );
    await assertFails(
      () => run(request(out, { tables: { "../up": folder } })),
      "PARAM_RANGE",
      "Cannot bench detectors: expected names of letters, digits and . _ + -, as files are called " +
        'by them, got "../up"',
    );
    await assertFails(
      () => run(request(out, { paths: [folder] })),
      "MISSING_ARGUMENT",
      "Cannot bench detectors: expected either annotated images or --simulate, got both",
    );
    assertTrue(!existsSync(out));
  });
});

Deno.test("adatom bench detectors prints the tables or JSON and says what is wrong with its words", async () => {
  await withFolder(async (cwd) => {
    const words = ["bench", "detectors", "--simulate", "--size", "96", "--fields", "3,4.5"];
    await Deno.writeTextFile(join(cwd, "params.json"), '{"blur": 1.5}');
    const own = ["--doses", "60", "--detectors", "findfoci", "--params", "findfoci=params.json"];
    const first = await runCli([...words, ...own, "--out", "a"], { cwd });
    assertEquals(first.code, 0, first.err);
    assertIncludes(
      first.out,
      /^Strict F1 of each image\nimage +counts +spacing +columns +findfoci/,
    );
    assertIncludes(first.out, /^findfoci\+params +[01]\.\d{3} /m);
    assertIncludes(first.out, "Strict F1 by field of view (nm)");
    assertIncludes(first.out, "Open a/report.html to look at the pictures.");
    const second = await runCli([
      ...["bench", "detectors", "a/set", "--detectors", "find-maxima", "--runs", "1", "--json"],
      ...["--csv", "old=a/found/findfoci", "--csv", "bad=a/figures", "--out", "b", "--quiet"],
    ], { cwd });
    assertEquals(second.code, 2, second.err);
    const result: BenchResult = JSON.parse(second.out);
    assertEquals(result.detectors.map(({ name }) => name), ["find-maxima", "old", "bad"]);
    assertIncludes(second.err, "warning: bad failed on 1T_60_counts_4.5_nm: Cannot read the finds");
    for (
      const [more, text] of [
        [["--csv", "x"], 'Cannot use --csv "x": expected NAME=DIR, got "x"'],
        [["--params", "x"], 'Cannot use --params "x": expected NAME=FILE, got "x"'],
        [["--edges", "x"], 'Cannot use --edges: expected one of ignore, count, got "x"'],
        [["--runs", "0"], 'Cannot use --runs: expected a number from 1 to 1000, got "0"'],
      ] as const
    ) {
      const { code, err } = await runCli([...words, ...more, "--out", "c"], { cwd });
      assertEquals([code, err], [2, `error: ${text}\n`]);
    }
    const stray = await runCli(["bench", "detectors", "a/set", "--size", "9", "--out", "c"], {
      cwd,
    });
    assertEquals(
      stray.err,
      "error: Cannot use --size: expected --simulate, which it belongs to, got no --simulate\n",
    );
  });
});
