/**
 * FindFoci against the bars: times of the stage with its parameters given, best of several, and
 * memory; the slow twin beside it is in `findfoci_bench.ts`.
 *
 * `deno run -A benchmarks/findfoci_speed_bench.ts [repeats]`
 */
import { createImage } from "../core/mod.ts";
import { findfociDefaults } from "../mod.ts";
import { findfoci } from "../plugins/peaks/findfoci.ts";
import { testContext } from "../tests/support/context.ts";
import { latticeImage } from "../tests/support/lattice_image.ts";

const repeats = Number(Deno.args[0] ?? 15);
const { image } = latticeImage({
  width: 1024,
  height: 1024,
  a: [23, 2],
  b: [-4, 22],
  basis: [{ x: 0, y: 0, height: 60 }],
  background: 60,
  sigma: 4,
  seed: 4,
});
const data = image.data.map((v) => Math.min(255, v));
const bytes = { ...image, data, sourceType: "uint8" as const };
const smooth = { ...findfociDefaults, blur: 3, height: 3, backgroundMethod: "mean" } as const;
const raw = { ...smooth, blur: 0, backgroundMethod: "absolute" } as const;

console.log(`Deno ${Deno.version.deno}, one thread, best of ${repeats}`);
await row("1024 x 1024, 8 bit, blur 3, 2 040 peaks", "100 ms", bytes, smooth, repeats);
await row("1024 x 1024, float, blur 3, 2 040 peaks", "140 ms", image, smooth, repeats);
await row("1024 x 1024, 8 bit, no blur, 1e5 candidates", "600 ms", bytes, raw, repeats);

const side = 4096;
const large = createImage({ width: side, height: side });
for (let y = 0; y < side; y++) {
  const from = (y % 1024) * 1024;
  for (let x = 0; x < side; x += 1024) {
    large.data.set(image.data.subarray(from, from + 1024), y * side + x);
  }
}
const before = Deno.memoryUsage().rss;
let most = 0;
const context = testContext();
await row("4096 x 4096, float, blur 3", "3000 ms", large, smooth, 2, {
  ...context,
  progress(fraction, note) {
    most = Math.max(most, Deno.memoryUsage().rss - before);
    context.progress(fraction, note);
  },
});
console.log(
  `${"memory beside the image".padEnd(46)} ${
    (most / side ** 2).toFixed(0).padStart(6)
  } B/px  at most 40`,
);

async function row(
  what: string,
  bar: string,
  given: typeof image,
  params: Parameters<typeof findfoci.run>[1],
  count: number,
  context: Parameters<typeof findfoci.run>[2] = testContext(),
): Promise<void> {
  let best = Infinity;
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    await findfoci.run({ image: given }, params, context);
    best = Math.min(best, performance.now() - started);
  }
  console.log(`${what.padEnd(46)} ${best.toFixed(0).padStart(6)} ms    at most ${bar}`);
}
