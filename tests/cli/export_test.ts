import { assertEquals, assertIncludes } from "@assert";
import { join } from "node:path";
import { runCli } from "../support/cli.ts";
import { withFolder } from "../support/toy_host.ts";

Deno.test("adatom export --ro-crate adds a crate to a run's folder, and prints it with --json", async () => {
  await withFolder(async (folder) => {
    const out = join(folder, "scene");
    const size = ["--width", "64", "--height", "64", "--exposures", "2"];
    await runCli(["simulate", ...size, "--out", out, "--quiet"]);
    const printed = await runCli(["export", out, "--ro-crate", "--json"]);
    assertEquals(printed.code, 0, printed.err);
    const made = await runCli(["export", `${out}/`, "--ro-crate"]);
    assertEquals(made.out, `${out}/pipeline.json\n${out}/ro-crate-metadata.json\n`);
    assertEquals(await Deno.readTextFile(join(out, "ro-crate-metadata.json")), printed.out);

    const again = await runCli(["export", out, "--ro-crate"]);
    assertEquals(again.code, 0, again.err);
    await Deno.writeTextFile(join(out, "pipeline.json"), "{}");
    const refused = await runCli(["export", out, "--ro-crate"]);
    assertEquals(refused.code, 2);
    assertIncludes(
      refused.err,
      `Cannot write "${out}/pipeline.json": expected no file, or one with the same content, got another file; add --overwrite to replace it`,
    );
    const replaced = await runCli(["export", out, "--ro-crate", "--overwrite"]);
    assertEquals(replaced.code, 0, replaced.err);
  });
});

Deno.test("adatom export --bilayers prints a stage's description, or writes it", async () => {
  await withFolder(async (folder) => {
    const printed = await runCli(["export", "peaks.findfoci", "--bilayers"]);
    assertIncludes(printed.out, "cli_command: adatom run peaks.findfoci\n");
    const path = join(folder, "config.yaml");
    const written = await runCli(["export", "peaks.findfoci", "--bilayers", "--out", path]);
    assertEquals([written.code, written.out], [0, `${path}\n`]);
    assertEquals(await Deno.readTextFile(path), printed.out);
  });
});

Deno.test("adatom export needs one of its formats", async () => {
  for (const [flags, got] of [[[], "neither"], [["--ro-crate", "--bilayers"], "both"]] as const) {
    const { code, err } = await runCli(["export", "run", ...flags]);
    assertEquals([code, err], [
      2,
      `error: Cannot export: expected either --ro-crate or --bilayers, got ${got}; add --ro-crate for the folder of a run, or --bilayers for a stage\n`,
    ]);
  }
  const none = await runCli(["export", "nowhere", "--ro-crate"]);
  assertEquals([none.code, none.err.split(";")[0]], [
    2,
    'error: Cannot read the run in "nowhere": expected a run.json, got none',
  ]);
});
