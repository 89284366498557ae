import { assertEquals, assertTrue } from "@assert";
import { importProblem } from "../../tools/lint/layers.ts";

const allowed: [string, string][] = [
  ["core/kernels/fft.ts", "./random.ts"],
  ["core/stage/stage.ts", "../data/image.ts"],
  ["core/host/host.ts", "node:fs"],
  ["plugins/peaks/findfoci.ts", "@core"],
  ["plugins/peaks/findfoci.ts", "./_saddles.ts"],
  ["plugins/io/png.ts", "image-js"],
  ["plugins/mod.ts", "./peaks/findfoci.ts"],
  ["cli/run.ts", "../mod.ts"],
  ["examples/align.ts", "../mod.ts"],
  ["tests/plugins/peaks/saddles_test.ts", "../../../plugins/peaks/_saddles.ts"],
];

const refused: [string, string][] = [
  ["core/kernels/fft.ts", "../data/image.ts"],
  ["core/kernels/fft.ts", "fflate"],
  ["core/stage/stage.ts", "../host/host.ts"],
  ["core/stage/stage.ts", "node:fs"],
  ["core/host/host.ts", "../../plugins/mod.ts"],
  ["core/host/host.ts", "yaml"],
  ["plugins/peaks/findfoci.ts", "../../core/kernels/fft.ts"],
  ["plugins/peaks/findfoci.ts", "../alignment/drift.ts"],
  ["plugins/peaks/findfoci.ts", "node:fs"],
  ["cli/run.ts", "../core/host/host.ts"],
  ["cli.ts", "./plugins/mod.ts"],
  ["examples/align.ts", "../plugins/mod.ts"],
  ["mod.ts", "./plugins/peaks/_saddles.ts"],
  ["plugins/io/png.ts", "npm:image-js@1"],
  ["mod.ts", "jsr:@std/path"],
];

Deno.test("layers allow what the design allows", () => {
  for (const [file, specifier] of allowed) assertEquals(importProblem(file, specifier), undefined);
});

Deno.test("layers refuse what the design forbids", () => {
  for (const [file, specifier] of refused) {
    assertTrue(importProblem(file, specifier) !== undefined, `${file} importing ${specifier}`);
  }
});
