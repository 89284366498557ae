#!/usr/bin/env -S deno run --allow-read --allow-env
/**
 * How well are columns found at ever lower counts? Compares with the exact truth.
 */
import { createHost, evaluation, peaks, refinement, simulation } from "../mod.ts";

using host = createHost({ cache: false });

console.log("counts  precision  recall  rms error (px)");
for (const counts of [60, 20, 7]) {
  const { exposures, truth } = await host.run(simulation.scene, {}, {
    structure: "square",
    width: 256,
    height: 256,
    exposures: 1,
    countsMin: counts,
    countsMax: counts,
  });
  const [image] = exposures.images;
  const { peaks: found } = await host.run(peaks.findfoci, { image });
  const { columns } = await host.run(refinement.gaussian, { image, peaks: found });
  const { metrics } = await host.run(evaluation.match, { found: columns, truth: truth[0] });
  const { strict } = metrics as { strict: Record<"precision" | "recall" | "rmse", number> };
  const numbers = [strict.precision, strict.recall, strict.rmse].map((v) => v.toFixed(3));
  console.log(String(counts).padStart(6), ...numbers.map((text) => text.padStart(9)));
}
