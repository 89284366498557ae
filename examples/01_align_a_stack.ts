#!/usr/bin/env -S deno run --allow-read --allow-env
/**
 * Aligns a stack of exposures and compares the drift with the truth of the simulation.
 *
 * With your own files: `const exposures = await host.readExposures("stack.tif")`.
 */
import { alignment, createHost, simulation } from "../mod.ts";

using host = createHost({ cache: false, seed: 3 });

const scene = await host.run(simulation.scene, {}, { width: 256, height: 256, exposures: 6 });
const { drift } = await host.run(alignment.drift, { exposures: scene.exposures });

console.log("exposure   drift x   drift y   true x   true y   (px)");
const found = drift.columns, truth = scene.drift.columns;
for (let e = 0; e < drift.length; e++) {
  const numbers = [found.x[e], found.y[e], truth.x[e], truth.y[e]];
  console.log(String(e).padStart(8), ...numbers.map((v) => v.toFixed(2).padStart(9)));
}
