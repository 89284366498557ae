import assert from "node:assert/strict";
import { createImage, type Image, isAdatomError } from "@core";
import { createRandom, normalRandom } from "@core/kernels";
import { context } from "./_test_context.ts";
import { count, drawLattice, largestDifference, rmsDifference } from "./_test_lattice.ts";
import { wiener } from "./wiener.ts";

const DEFAULTS = { noise: "auto", spectrum: "white", strength: 1.5 } as const;

type Params = Parameters<typeof wiener.run>[1];

async function filter(image: Image, params: Partial<Params> = {}): Promise<Image> {
  return (await wiener.run({ image }, { ...DEFAULTS, ...params }, context)).image;
}

/** Pixels of 100 counts in float32 carry a noise of their own, 1e-5 counts. */
const FLOAT_TOLERANCE = 1e-4;

Deno.test("examples.wiener leaves a periodic lattice without noise as it is", async () => {
  const image = drawLattice({
    width: 96,
    height: 80,
    a: 12,
    b: 16,
    sigma: 2,
    background: 10,
    top: 100,
  });
  for (const spectrum of ["white", "radial"] as const) {
    const out = await filter(image, { spectrum });
    assert.ok(largestDifference(out, image) <= 1e-4 * 100, `${largestDifference(out, image)}`);
  }
});

Deno.test("examples.wiener takes two thirds off the error of a lattice of few counts", async () => {
  const clean = drawLattice({
    width: 150,
    height: 131,
    a: 12.3,
    b: 11.1,
    sigma: 2.2,
    background: 4,
    top: 8,
    vacancyEvery: 40,
  });
  const noisy = count(clean, 5);
  const before = rmsDifference(noisy, clean);
  const white = rmsDifference(await filter(noisy), clean);
  assert.ok(white <= before / 3, `${before} to ${white}`);
  const radial = rmsDifference(await filter(noisy, { spectrum: "radial" }), clean);
  assert.ok(radial <= before / 2.5, `${before} to ${radial}`);
});

Deno.test("examples.wiener measures white noise, and leaves a hundredth of its power", async () => {
  const random = createRandom(8), sigma = 3;
  const data = Float32Array.from({ length: 128 * 100 }, () => 50 + sigma * normalRandom(random));
  const image = createImage({ width: 128, height: 100, data });
  const chosen: Record<string, unknown> = {};
  const out = (await wiener.run({ image }, { ...DEFAULTS, strength: 3 }, {
    ...context,
    chose: (values) => void Object.assign(chosen, values),
  })).image;
  // the median of some 6000 powers is good to 2 %, its root to 1 %
  assert.ok(Math.abs(chosen.noise as number / sigma - 1) <= 0.03, `${chosen.noise}`);
  const even = { ...image, data: image.data.map(() => 50) };
  assert.ok(rmsDifference(out, even) <= sigma / 10, `${rmsDifference(out, even)}`);
});

Deno.test("examples.wiener keeps the mean, and everything at strength 0 or noise 0", async () => {
  const image = count(
    drawLattice({ width: 37, height: 53, a: 9, b: 9, sigma: 2, background: 5, top: 20 }),
    2,
  );
  const mean = ({ data }: Image) => data.reduce((sum, v) => sum + v, 0) / data.length;
  assert.ok(Math.abs(mean(await filter(image)) - mean(image)) <= FLOAT_TOLERANCE);
  for (const params of [{ strength: 0 }, { noise: 0 }, { noise: 1e300, strength: 0 }]) {
    assert.ok(largestDifference(await filter(image, params), image) <= FLOAT_TOLERANCE);
  }
});

Deno.test("examples.wiener gives even images back, of any size, and small ones without NaN", async () => {
  for (const [width, height] of [[1, 1], [1, 17], [2, 2], [3, 50], [31, 29]]) {
    const even = createImage({ width, height, data: new Float32Array(width * height).fill(7) });
    assert.ok(largestDifference(await filter(even), even) <= FLOAT_TOLERANCE);
    const random = createRandom(width);
    const noisy = { ...even, data: even.data.map(() => random()) };
    for (const spectrum of ["white", "radial"] as const) {
      assert.ok((await filter(noisy, { spectrum })).data.every((v) => Number.isFinite(v)));
    }
  }
});

Deno.test("examples.wiener gives the same bytes twice, and leaves its input alone", async () => {
  const image = count(
    drawLattice({ width: 40, height: 30, a: 8, b: 8, sigma: 2, background: 5, top: 20 }),
    3,
  );
  const before = image.data.slice();
  assert.deepEqual(await filter(image), await filter(image));
  assert.deepEqual(image.data, before);
});

Deno.test("examples.wiener refuses a noise for the radial spectrum", async () => {
  const image = createImage({ width: 4, height: 4 });
  await assert.rejects(
    () => filter(image, { noise: 2, spectrum: "radial" }),
    (error) => isAdatomError(error, "PARAM_CONFLICT"),
  );
});
