#!/usr/bin/env -S deno run --allow-read --allow-env --allow-write
/**
 * Finds the columns of the best exposure, refines them, and records what was done.
 *
 * The record is a pipeline file: `adatom run record.json --out again` gives the same digests.
 * Give a path to write it to: `examples/02_find_and_refine.ts record.json`.
 */
import { createHost, peaks, quality, refinement, simulation, writeBytes } from "../mod.ts";

using host = createHost({ cache: false });

const { exposures } = await host.run(simulation.scene, {}, {
  width: 256,
  height: 256,
  exposures: 4,
});
const { best } = await host.run(quality.rank, { exposures });
const { peaks: found } = await host.run(peaks.findfoci, { image: best });
const { columns } = await host.run(refinement.gaussian, { image: best, peaks: found });

const ok = columns.columns.status.filter((status) => status === "ok").length;
console.log(`${found.length} peaks, ${columns.length} columns, ${ok} of them ok`);
console.log("the first:      x        y    sigma   height   error (px)");
for (let i = 0; i < 3; i++) {
  const { x, y, sigmaX, height, errorX } = columns.columns;
  const numbers = [x[i], y[i], sigmaX[i], height[i], errorX[i]];
  console.log("          ", ...numbers.map((v) => v.toFixed(3).padStart(8)));
}

const [path] = Deno.args;
if (path !== undefined) {
  const text = JSON.stringify(host.record("find-and-refine"), null, 2);
  writeBytes(path, new TextEncoder().encode(text));
  for (const { stage, outputs } of host.reports) console.log(stage, JSON.stringify(outputs));
}
