import assert from "node:assert/strict";
import { createImage, type Image, isAdatomError } from "@core";
import { createRandom, normalRandom, poissonRandom } from "@core/kernels";
import { anscombeInto, inverseAnscombeInPlace } from "./_anscombe.ts";
import { noiseSigma } from "./_noise.ts";
import { context } from "./_test_context.ts";
import { count, drawLattice, largestDifference, rmsDifference } from "./_test_lattice.ts";
import { nonLocalMeans } from "./non_local_means.ts";

const DEFAULTS = {
  patchRadius: 3,
  searchRadius: 16,
  strength: 0.7,
  noise: "auto",
  model: "gaussian",
} as const;

type Params = Parameters<typeof nonLocalMeans.run>[1];

async function filter(image: Image, params: Partial<Params> = {}): Promise<Image> {
  return (await nonLocalMeans.run({ image }, { ...DEFAULTS, ...params }, context)).image;
}

/** Running sums and sums of patches differ in the last digits of a double; the output is float32. */
const TWIN_TOLERANCE = 1e-4;

/** Non-local means as its formula says it. */
function slowTwin(
  image: Image,
  patch: number,
  search: number,
  strength: number,
  noise: number,
): Image {
  const { width, height, data } = image;
  const mirror = (i: number, n: number): number => {
    if (n === 1) return 0;
    return i < 0 ? mirror(-i, n) : i >= n ? mirror(2 * n - 2 - i, n) : i;
  };
  const at = (x: number, y: number) => data[mirror(y, height) * width + mirror(x, width)];
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let weights = 0, values = 0;
      for (let v = Math.max(0, y - search); v <= Math.min(height - 1, y + search); v++) {
        for (let u = Math.max(0, x - search); u <= Math.min(width - 1, x + search); u++) {
          let sum = 0;
          for (let j = -patch; j <= patch; j++) {
            for (let i = -patch; i <= patch; i++) sum += (at(x + i, y + j) - at(u + i, v + j)) ** 2;
          }
          const d = Math.max(0, sum / (2 * patch + 1) ** 2 - 2 * noise ** 2);
          const weight = Math.exp(-d / (strength * noise) ** 2);
          weights += weight;
          values += weight * data[v * width + u];
        }
      }
      out[y * width + x] = values / weights;
    }
  }
  return { ...image, data: out };
}

for (
  const [width, height, patch, search] of [
    [23, 19, 2, 5],
    [19, 4, 3, 6],
    [1, 12, 1, 20],
    [3, 3, 5, 2],
  ]
) {
  Deno.test(`examples.non-local-means equals the plain loop on ${width} x ${height} px`, async () => {
    const clean = drawLattice({ width, height, a: 7, b: 6, sigma: 1.5, background: 5, top: 30 });
    const image = count(clean, width);
    const out = await filter(image, { patchRadius: patch, searchRadius: search, noise: 3 });
    const twin = slowTwin(image, patch, search, 0.7, 3);
    assert.ok(largestDifference(out, twin) <= TWIN_TOLERANCE, `${largestDifference(out, twin)}`);
  });
}

Deno.test("examples.non-local-means takes a third off the error, and more for counts", async () => {
  const clean = drawLattice({
    width: 110,
    height: 90,
    a: 12.3,
    b: 11.1,
    sigma: 2.2,
    background: 10,
    top: 40,
    vacancyEvery: 40,
  });
  const noisy = count(clean, 5);
  const before = rmsDifference(noisy, clean);
  const gaussian = rmsDifference(await filter(noisy), clean);
  assert.ok(gaussian <= before / 1.5, `${before} to ${gaussian}`);
  const poisson = rmsDifference(await filter(noisy, { model: "poisson" }), clean);
  assert.ok(poisson <= before / 2.2, `${before} to ${poisson}`);
});

Deno.test("examples.non-local-means hardly touches a lattice without noise", async () => {
  const image = drawLattice({
    width: 60,
    height: 50,
    a: 12,
    b: 10,
    sigma: 2,
    background: 10,
    top: 100,
  });
  // what is taken for noise is the curvature of the columns, below 0.5 % of their height
  const out = await filter(image);
  assert.ok(largestDifference(out, image) <= 1, `${largestDifference(out, image)}`);
  assert.deepEqual((await filter(image, { noise: 0 })).data, image.data);
});

Deno.test("noiseSigma measures white noise on a lattice within 5 %", () => {
  const random = createRandom(4), sigma = 4;
  const image = drawLattice({
    width: 128,
    height: 128,
    a: 14,
    b: 14,
    sigma: 2.5,
    background: 0,
    top: 60,
  });
  const data = image.data.map((v) => v + sigma * normalRandom(random));
  assert.ok(Math.abs(noiseSigma(data, 128, 128) / sigma - 1) <= 0.05);
});

Deno.test("noiseSigma measures counts that are nearly all 0", () => {
  const random = createRandom(4), mean = 0.01;
  const data = Float32Array.from({ length: 200 * 200 }, () => poissonRandom(mean, random));
  const found = noiseSigma(data, 200, 200);
  assert.ok(found > 0 && found < 2 * Math.sqrt(mean), `${found}`);
});

Deno.test("anscombe gives counts a noise of 1, and its inverse gives their mean back", () => {
  const random = createRandom(6);
  for (const mean of [4, 20, 300]) {
    const counts = Float32Array.from({ length: 20000 }, () => poissonRandom(mean, random));
    const out = new Float32Array(counts.length);
    assert.equal(anscombeInto(counts, out), 0);
    const average = out.reduce((sum, v) => sum + v, 0) / out.length;
    const spread = Math.sqrt(out.reduce((sum, v) => sum + (v - average) ** 2, 0) / out.length);
    assert.ok(Math.abs(spread - 1) <= 0.04, `${spread}`); // Anscombe: within 4 % from 4 counts on
    const back = Float32Array.of(average);
    inverseAnscombeInPlace(back);
    // 20000 counts know their mean to sqrt(mean / 20000); four of these
    assert.ok(Math.abs(back[0] - mean) <= 4 * Math.sqrt(mean / 20000), `${back[0]}`);
  }
});

Deno.test("examples.non-local-means gives even images back, of any size", async () => {
  for (const [width, height] of [[1, 1], [2, 2], [1, 9], [31, 29]]) {
    const data = new Float32Array(width * height).fill(7);
    const image = createImage({ width, height, data });
    for (const params of [{}, { noise: 2 }]) {
      assert.deepEqual((await filter(image, params)).data, data);
    }
    const poisson = await filter(image, { model: "poisson" });
    assert.ok(largestDifference(poisson, image) <= TWIN_TOLERANCE * 7);
  }
});

Deno.test("examples.non-local-means gives the same bytes twice, and leaves its input alone", async () => {
  const image = count(
    drawLattice({ width: 40, height: 30, a: 8, b: 8, sigma: 2, background: 5, top: 20 }),
    3,
  );
  const before = image.data.slice();
  assert.deepEqual(await filter(image), await filter(image));
  assert.deepEqual(image.data, before);
});

Deno.test("examples.non-local-means tells of negative counts and refuses a noise for them", async () => {
  const image = createImage({
    width: 4,
    height: 4,
    data: Float32Array.from({ length: 16 }, (_, i) => i - 3),
  });
  const warnings: string[] = [];
  const noted = { ...context, warn: (code: string) => void warnings.push(code) };
  const { image: out } = await nonLocalMeans.run(
    { image },
    { ...DEFAULTS, model: "poisson" },
    noted,
  );
  assert.ok(out.data.every((v) => v >= 0));
  assert.deepEqual(warnings, ["NEGATIVE_COUNTS"]);
  await assert.rejects(
    () => filter(image, { noise: 2, model: "poisson" }),
    (error) => isAdatomError(error, "PARAM_CONFLICT"),
  );
});
