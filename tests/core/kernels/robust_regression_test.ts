import { createRandom, medianInPlace, normalRandom, robustFit, tukeyWeight } from "@core/kernels";
import { assertAtMost, assertClose, assertEquals, assertTrue } from "@assert";

/** Points of y = 2 - 0.5 u + 3 v with normal errors of 0.1, the first so many far off. */
function plane(count: number, bad: number) {
  const random = createRandom(4);
  const design = new Float64Array(3 * count), y = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const u = 10 * random(), v = 10 * random();
    design.set([1, u, v], 3 * i);
    y[i] = 2 - 0.5 * u + 3 * v + 0.1 * normalRandom(random) + (i < bad ? 40 * random() : 0);
  }
  return { design, y };
}

Deno.test("robustFit finds a plane among a third of wild points, and says which they are", () => {
  const { design, y } = plane(300, 100);
  const out = new Float64Array(3), weight = new Float64Array(300);
  const scale = robustFit(design, y, weight, out);
  // 200 good points: errors of 0.007 and, per unit of the axes, 0.003; four times that
  assertClose(out[0], 2, 0.1);
  assertClose(out[1], -0.5, 0.012);
  assertClose(out[2], 3, 0.012);
  // The median is of all points, so a third of wild ones makes the scale larger.
  assertTrue(scale > 0.1 && scale < 0.3, `${scale}`);
  const trusted = [...weight.subarray(0, 100)].filter((w) => w > 0).length;
  assertAtMost(trusted, 5);
});

Deno.test("robustFit keeps most of the efficiency among normal errors", () => {
  let square = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const random = createRandom(seed);
    const y = Float64Array.from({ length: 50 }, () => normalRandom(random));
    const out = new Float64Array(1);
    robustFit(new Float64Array(50).fill(1), y, new Float64Array(50), out);
    square += out[0] ** 2;
  }
  // Variance of a mean of 50 is 1/50; 95 % efficiency, known to 8 % from 300 trials, three times that
  assertClose(square / 300 * 50, 1 / 0.95, 0.26);
});

Deno.test("robustFit tells what it cannot fit, and fits exact points exactly", () => {
  const out = new Float64Array(2);
  const same = Float64Array.of(1, 2, 1, 2, 1, 2);
  assertEquals(robustFit(same, Float64Array.of(1, 2, 3), new Float64Array(3), out), NaN);
  const line = Float64Array.of(1, 0, 1, 1, 1, 2, 1, 3);
  const weight = new Float64Array(4);
  const scale = robustFit(line, Float64Array.of(1, 3, 5, 7), weight, out);
  assertAtMost(scale, 1e-12);
  assertClose(out[0], 1, 1e-12);
  assertClose(out[1], 2, 1e-12);
});

Deno.test("tukeyWeight falls from 1 to 0 and stays there", () => {
  assertEquals(tukeyWeight(0), 1);
  assertClose(tukeyWeight(2), tukeyWeight(-2), 0);
  assertTrue(tukeyWeight(1) > tukeyWeight(3));
  assertEquals(tukeyWeight(4.7), 0);
});

Deno.test("medianInPlace takes the middle, the upper of two, NaN of none", () => {
  assertEquals(medianInPlace(Float64Array.of(3, 1, 2)), 2);
  assertEquals(medianInPlace(Float64Array.of(4, 1, 2, 3)), 3);
  assertEquals(medianInPlace(new Float64Array(0)), NaN);
});
