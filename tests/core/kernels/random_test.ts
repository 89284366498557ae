import { assertClose, assertEquals, assertTrue } from "@assert";
import { createRandom, normalRandom, poissonRandom } from "../../../core/kernels/random.ts";

/** Five standard errors of a mean of this many draws: a right generator fails once in a million. */
const DRAWS = 40_000;
const errorsOf = (sd: number) => 5 * sd / Math.sqrt(DRAWS);

function moments(draw: () => number): { mean: number; variance: number } {
  let sum = 0, squares = 0;
  for (let i = 0; i < DRAWS; i++) {
    const value = draw();
    sum += value;
    squares += value * value;
  }
  const mean = sum / DRAWS;
  return { mean, variance: squares / DRAWS - mean * mean };
}

Deno.test("createRandom is uniform, repeatable, and differs between seeds", () => {
  const { mean, variance } = moments(createRandom(5));
  assertClose(mean, 0.5, errorsOf(Math.sqrt(1 / 12)));
  assertClose(variance, 1 / 12, errorsOf(0.08));
  const first = (seed: number) => createRandom(seed)();
  assertEquals(first(5), first(5));
  const seeds = [0, 1, 2, 3, 4294967295, 4294967296, 2 ** 40];
  assertEquals(new Set(seeds.map(first)).size, seeds.length);
  const random = createRandom(9);
  for (let i = 0; i < DRAWS; i++) {
    const value = random();
    assertTrue(value >= 0 && value < 1);
  }
});

Deno.test("normalRandom has mean 0 and variance 1", () => {
  const random = createRandom(6);
  const { mean, variance } = moments(() => normalRandom(random));
  assertClose(mean, 0, errorsOf(1));
  assertClose(variance, 1, errorsOf(Math.SQRT2));
});

Deno.test("poissonRandom has its mean as mean and variance, on both sides of the switch", () => {
  for (const expected of [0.3, 3, 9.9, 10.1, 60, 5000]) {
    const random = createRandom(7);
    const { mean, variance } = moments(() => poissonRandom(expected, random));
    assertClose(mean, expected, errorsOf(Math.sqrt(expected)), `mean of ${expected}`);
    const spread = Math.sqrt(expected + 2 * expected * expected); // sd of a squared deviation
    assertClose(variance, expected, errorsOf(spread), `variance of ${expected}`);
  }
  assertEquals(poissonRandom(0, createRandom(1)), 0);
  assertEquals(poissonRandom(NaN, createRandom(1)), 0);
});
