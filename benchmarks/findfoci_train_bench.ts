/**
 * Training FindFoci: each preset on one simulated image of 512 x 512 px with all cores, and what is gained
 * by sharing steps between combinations.
 *
 * `deno run -A benchmarks/findfoci_train_bench.ts`; the bar is the issue's, for the preset `default`.
 */
import { createTable } from "../core/mod.ts";
import { createHost, peaks, simulation } from "../mod.ts";
import { findfoci } from "../plugins/peaks/findfoci.ts";
import { combinations, presetGrid } from "../plugins/peaks/_train_grid.ts";
import { paramsOf } from "../plugins/peaks/_train_score.ts";
import { testContext } from "../tests/support/context.ts";

using host = createHost({ cache: false, plugins: false });
const given = { width: 512, height: 512, exposures: 1, countsMin: 10, countsMax: 10 };
const { exposures, truth } = await host.run(simulation.scene, {}, given);
const { x, y } = (truth[0] as { columns: { x: Float64Array; y: Float64Array } }).columns;
const tables = [createTable({ x, y })] as never;
const image = exposures.images[0];

console.log(`${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}`);
for (const preset of ["testing", "lattice", "default"] as const) {
  const started = performance.now();
  const { summary } = await host.run(peaks.findfociTrain, { exposures, truth: tables }, { preset });
  const seconds = (performance.now() - started) / 1000;
  const { combinations: count } = summary as { combinations: number };
  const bar = preset === "default" ? "  at most 30 s" : "";
  console.log(
    `${preset.padEnd(9)} ${String(count).padStart(6)} combinations  ${seconds.toFixed(1)} s${bar}`,
  );
}

// the same combinations one by one, on one core, through the stage
const few = combinations(presetGrid("default", 1)).filter((_, k) => k % 60 === 0);
const started = performance.now();
for (const combination of few) {
  const params = paramsOf(combination, {
    polarity: "bright",
    levels: "float",
    heightMethod: "relative-above-background",
  });
  await findfoci.run({ image }, params, testContext());
}
const each = (performance.now() - started) / few.length;
console.log(
  `one by one a combination takes ${each.toFixed(0)} ms, so 1200 of them ${
    (1.2 * each).toFixed(0)
  } s of one core`,
);
