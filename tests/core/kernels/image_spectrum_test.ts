import { assertAtMost, assertEquals } from "@assert";
import { createRandom } from "../../../core/kernels/random.ts";
import { createSpectrumPlan, spectraOfPair } from "../../../core/kernels/image_spectrum.ts";

/** Sums of a thousand float64 numbers of size 1. */
const ROUNDING = 1e-10;

Deno.test("spectraOfPair gives each image the spectrum it has alone", () => {
  for (const [width, height] of [[16, 12], [15, 9], [1, 7], [32, 32]]) {
    const random = createRandom(width);
    const image = () => Float32Array.from({ length: width * height }, () => random());
    const [first, second] = [image(), image()];
    const plan = createSpectrumPlan(width, height, 0.3);
    const zeros = () => new Float64Array(plan.width * plan.height);
    const re = zeros(), im = zeros(), otherRe = zeros(), otherIm = zeros();
    spectraOfPair(plan, first, second, re, im, otherRe, otherIm);
    for (const [data, partRe, partIm] of [[first, re, im], [second, otherRe, otherIm]] as const) {
      const aloneRe = zeros(), aloneIm = zeros();
      spectraOfPair(plan, data, undefined, aloneRe, aloneIm, aloneRe, aloneIm);
      for (let i = 0; i < aloneRe.length; i++) {
        assertAtMost(Math.abs(aloneRe[i] - partRe[i]), ROUNDING);
        assertAtMost(Math.abs(aloneIm[i] - partIm[i]), ROUNDING);
      }
    }
    assertAtMost(Math.abs(re[0]), ROUNDING, "the mean is taken away");
  }
});

Deno.test("createSpectrumPlan pads to lengths of small factors", () => {
  const plan = createSpectrumPlan(97, 512, 0);
  assertEquals([plan.width, plan.height], [100, 512]);
});
