/**
 * FindFoci: 1024 x 1024 px with about 2 000 columns, as 8-bit and as float; the same without blur, where
 * noise makes some 100 000 candidates; and the choice of parameters from the image.
 *
 * The reference program takes about 90-130 ms of CPU for the first, 460-680 ms for the second, and 29 s
 * for 112 907 candidates.
 *
 * @module
 */
import { resolveParams } from "../core/stage/params.ts";
import { findfoci } from "../plugins/peaks/findfoci.ts";
import { slowFindFoci } from "../tests/plugins/peaks/slow_findfoci.ts";
import { testContext } from "../tests/support/context.ts";
import { latticeImage } from "../tests/support/lattice_image.ts";

const SIZE = 1024;
const { image: counts } = latticeImage({
  width: SIZE,
  height: SIZE,
  a: [23, 2],
  b: [-4, 22],
  basis: [{ x: 0, y: 0, height: 60 }],
  background: 60,
  sigma: 4,
  seed: 4,
});
const bytes = {
  ...counts,
  data: counts.data.map((v) => Math.min(255, v)),
  sourceType: "uint8" as const,
};
const floats = { ...counts, data: counts.data.map((v, i) => v + ((i * 7919) % 1000) / 1000) };

const searched = { height: 3, backgroundMethod: "mean", minimumSize: 5, minimumAboveSaddle: true };
const run = (image: typeof counts, given: Record<string, unknown>) => {
  const { values } = resolveParams(findfoci.params, given, findfoci.id);
  return findfoci.run({ image }, values as never, testContext());
};

Deno.bench("8 bit, blur 3", { group: "1024 x 1024, 2 000 columns", baseline: true }, async () => {
  await run(bytes, { ...searched, blur: 3 });
});

Deno.bench("float, blur 3", { group: "1024 x 1024, 2 000 columns" }, async () => {
  await run(floats, { ...searched, blur: 3 });
});

Deno.bench(
  "8 bit, no blur, 100 000 candidates",
  { group: "1024 x 1024, 2 000 columns" },
  async () => {
    await run(bytes, { ...searched, blur: 0, backgroundMethod: "none" });
  },
);

Deno.bench("float, all automatic", { group: "1024 x 1024, 2 000 columns" }, async () => {
  await run(floats, {});
});

const corner = { ...counts, width: 64, height: 64, data: new Float32Array(64 * 64) };
for (let y = 0; y < 64; y++) {
  corner.data.set(counts.data.subarray(y * SIZE, y * SIZE + 64), y * 64);
}

Deno.bench("findFoci", { group: "64 x 64 without blur", baseline: true }, async () => {
  await run(corner, { ...searched, blur: 0, backgroundMethod: "none" });
});

Deno.bench("by the letter", { group: "64 x 64 without blur" }, () => {
  slowFindFoci(corner.data, 64, 64, {
    background: 0,
    need: () => 3,
    heightPass: true,
    minimumSize: 5,
    minimumAboveSaddle: true,
    connected: false,
  });
});
