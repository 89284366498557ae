/**
 * Speed of `refinement.gaussian`: about 7 000 columns at 10 counts in 1024 x 1024 px, starts off by up
 * to a quarter of the spacing.
 *
 * `deno bench -A benchmarks/refinement_bench.ts`
 *
 * @module
 */
import { createImage, createTable } from "@core";
import { createRandom, poissonRandom } from "@core/kernels";
import { resolveParams } from "../core/stage/params.ts";
import { gaussian } from "../plugins/refinement/gaussian.ts";
import { testContext } from "../tests/support/context.ts";
import { latticeImage } from "../tests/support/lattice_image.ts";

const SIZE = 1024;

/** A counted image of a square lattice, and starts of its columns. */
function scene(spacing: number, sigma: number) {
  const basis = [{ x: 0, y: 0, height: 10 }];
  const a = [spacing, 0] as const, b = [0, spacing] as const;
  const truth = latticeImage({
    width: SIZE,
    height: SIZE,
    a,
    b,
    basis,
    sigma,
    background: 1,
    shift: [spacing / 2, spacing / 2],
  });
  const random = createRandom(1);
  const data = truth.image.data.map((mean) => poissonRandom(mean, random));
  const off = (value: number) => Math.max(0, value + 0.35 * spacing * (random() - 0.5));
  const x = Float64Array.from(truth.x, off), y = Float64Array.from(truth.y, off);
  return {
    image: createImage({ width: SIZE, height: SIZE, data }),
    peaks: createTable({ x, y, height: new Float64Array(x.length) }),
  };
}

for (
  const [name, widths, given] of [
    ["elliptical, window 2.5 widths", 5, { model: "elliptical", window: 6.1 }],
    ["elliptical", 4.5, { model: "elliptical" }],
    ["shared", 3.5, { model: "shared" }],
  ] as const
) {
  const spacing = 12.2, sigma = spacing / widths;
  const { image, peaks } = scene(spacing, sigma);
  const { values } = resolveParams(gaussian.params, given, gaussian.id);
  Deno.bench(`${peaks.length} columns, spacing ${widths} widths, ${name}`, {
    group: "refinement",
    n: 5,
    warmup: 1,
  }, async () => {
    await gaussian.run({ image, peaks }, values as never, testContext());
  });
}
