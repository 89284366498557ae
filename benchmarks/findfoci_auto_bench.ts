/**
 * FindFoci with its automatic parameters, untouched: F1 of the heavy columns by structure, dose and field
 * of view (1024 x 1024 px), and peaks in noise of 512 x 512 px. The bars are those of the issue.
 *
 * `deno run -A benchmarks/findfoci_auto_bench.ts`
 */
import { createImage, createTable, type Image, type Table } from "../core/mod.ts";
import { createRandom, normalRandom, poissonRandom } from "../core/kernels/mod.ts";
import { createHost, evaluation, peaks, simulation } from "../mod.ts";

const SIZE = 1024;
/** Distance of heavy columns of 2H MoS2, nm. */
const SPACING_NM = 0.316;

using host = createHost({ cache: false, plugins: false });
console.log("structure  counts  field  spacing   F1      columns   bar");
for (const structure of ["2H", "1T''"] as const) {
  for (const [counts, bar] of [[10, 0.97], [3, 0.95]] as const) {
    for (const field of [9, 18, 36]) {
      const spacing = SIZE / field * SPACING_NM;
      const { exposures, truth } = await host.run(simulation.scene, {}, {
        structure,
        width: SIZE,
        height: SIZE,
        spacing,
        exposures: 1,
        countsMin: counts,
        countsMax: counts,
      }, { seed: field + counts });
      const columns = heavy(truth[0] as never);
      const { peaks: found } = await host.run(peaks.findfoci, { image: exposures.images[0] });
      const { metrics } = await host.run(
        evaluation.match,
        { found, truth: columns as never },
        { margin: spacing / 2, width: SIZE, height: SIZE },
      );
      const { strict } = metrics as unknown as { strict: { f1: number } };
      console.log(
        `${structure.padEnd(9)}  ${String(counts).padStart(6)}  ${String(field).padStart(2)} nm  ${
          spacing.toFixed(1).padStart(4)
        } px  ${strict.f1.toFixed(4)}  ${String(columns.length).padStart(6)}    at least ${bar}`,
      );
    }
  }
}
console.log("\nnoise            peaks in five images   bar");
for (const [name, mean] of [["normal", -1], ...[0.3, 1, 3, 10].map((m) => [`${m} counts`, m])]) {
  const found: number[] = [];
  for (const seed of [1, 2, 3, 4, 5]) {
    found.push((await host.run(peaks.findfoci, { image: noise(Number(mean), seed) })).peaks.length);
  }
  console.log(`${String(name).padEnd(16)} ${found.join(", ").padEnd(22)} at most 5`);
}

function noise(mean: number, seed: number): Image {
  const random = createRandom(seed);
  const data = Float32Array.from(
    { length: 512 * 512 },
    () => mean < 0 ? normalRandom(random) : poissonRandom(mean, random),
  );
  return createImage({ width: 512, height: 512, data });
}

function heavy(truth: Table<"x" | "y" | "height">): Table<"x" | "y"> {
  const { x, y, height } = truth.columns;
  const most = height.reduce((a, b) => Math.max(a, b), 0);
  const rows = [...x.keys()].filter((i) => height[i] > 0.5 * most);
  return createTable({
    x: Float64Array.from(rows, (i) => x[i]),
    y: Float64Array.from(rows, (i) => y[i]),
  });
}
