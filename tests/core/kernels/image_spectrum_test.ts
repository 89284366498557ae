import { assertAtMost, assertEquals } from "@assert";
import { createRandom } from "../../../core/kernels/random.ts";
import {
  createSpectrumPlan,
  halfIndex,
  spectraOfPair,
} from "../../../core/kernels/image_spectrum.ts";
import { noisePower } from "../../../core/kernels/lattice_spectrum.ts";
import { addSpectraInPlace, createSpectrumSet } from "../../../core/kernels/shared_band.ts";

/** Sums of a thousand float64 numbers of size 1. */
const ROUNDING = 1e-10;
/** Float32 spectra of unit energy, rounded after the rows and after the columns. */
const ROUNDING32 = 1e-6;

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

Deno.test("addSpectraInPlace gives half spectra of unit energy, their energy, powers and noise", () => {
  for (const [width, height, scale] of [[48, 40, 1], [45, 27, 1e9], [36, 50, 1e-9], [2, 3, 1]]) {
    const random = createRandom(width);
    const image = () => Float32Array.from({ length: width * height }, () => scale * random());
    const images = [image(), image(), image()];
    const set = createSpectrumSet(width, height, 0.3);
    addSpectraInPlace(set, images[0], images[1]);
    addSpectraInPlace(set, images[2], undefined);
    const { plan, layout } = set;
    const half = (plan.width >> 1) + 1;
    const sums = new Float64Array(half * plan.height);
    for (const [e, data] of images.entries()) {
      const zeros = () => new Float64Array(plan.width * plan.height);
      const re = zeros(), im = zeros();
      spectraOfPair(plan, data, undefined, re, im, re, im);
      const power = re.map((r, i) => r * r + im[i] * im[i]);
      const energy = power.reduce((a, b) => a + b, 0);
      assertAtMost(Math.abs(set.energy[e] / energy - 1), ROUNDING);
      const noise = noisePower(power, plan.width, plan.height) / energy;
      assertAtMost(Math.abs(set.noise[e] - noise), ROUNDING32 * noise + ROUNDING32 ** 2);
      for (let v = 0; v < plan.height; v++) {
        for (let u = 0; u < half; u++) {
          const at = halfIndex(layout, u, v), from = v * plan.width + u;
          assertAtMost(Math.abs(set.spectra[e].re[at] - re[from] / Math.sqrt(energy)), ROUNDING32);
          assertAtMost(Math.abs(set.spectra[e].im[at] - im[from] / Math.sqrt(energy)), ROUNDING32);
          sums[v * half + u] += power[from] / energy;
        }
      }
    }
    for (let v = 0; v < plan.height; v++) {
      for (let u = 0; u < half; u++) {
        const off = set.power[halfIndex(layout, u, v)] - sums[v * half + u];
        assertAtMost(Math.abs(off), ROUNDING32);
      }
    }
  }
});

Deno.test("addSpectraInPlace gives an image of one value no energy, beside one with some", () => {
  for (const level of [0, 7.3, -1e6]) {
    const set = createSpectrumSet(20, 16, 0.25);
    const random = createRandom(1);
    const flat = new Float32Array(320).fill(level);
    addSpectraInPlace(set, flat, Float32Array.from(flat, () => random()));
    assertEquals([set.energy[0], set.noise[0]], [0, 0]);
    assertEquals(set.spectra[0].re.every((value) => value === 0), true);
    assertEquals(set.energy[1] > 0, true);
  }
});
