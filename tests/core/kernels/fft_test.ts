import fc from "fast-check";
import { assertAtMost, assertClose, assertEquals } from "@assert";
import {
  createFft2Plan,
  createFftPlan,
  createFftScratch,
  createRandom,
  fastLength,
  fft2InPlace,
  fftInPlace,
  fftSeriesInPlace,
  inverseFft2InPlace,
  inverseFftInPlace,
  unpackTwoRealInPlace,
} from "@core/kernels";
import { slowDft, slowDft2 } from "../../support/reference/slow_dft.ts";

/** Rounding of sums of up to a few thousand numbers of size 1, with room. */
const ROUNDING = 1e-10;

/** Every radix, their products, primes (by chirp), and the trivial length. */
const LENGTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 20, 25, 30, 32, 37, 53, 60, 64];

function noise(n: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: n }, () => random() - 0.5);
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

Deno.test("fftInPlace equals the definition for every radix and for primes", () => {
  for (const n of [...LENGTHS, 97, 128, 243, 256, 375]) {
    const re = noise(n, n), im = noise(n, n + 1);
    const slow = slowDft(re, im);
    fftInPlace(createFftPlan(n), re, im);
    assertAtMost(largestDifference(re, slow.re), ROUNDING, `real part, length ${n}`);
    assertAtMost(largestDifference(im, slow.im), ROUNDING, `imaginary part, length ${n}`);
  }
});

Deno.test("inverseFftInPlace undoes fftInPlace and Parseval's theorem holds", () => {
  const lengths = fc.integer({ min: 1, max: 600 });
  fc.assert(
    fc.property(lengths, fc.integer({ min: 0, max: 1e6 }), (n, seed) => {
      const re = noise(n, seed), im = noise(n, seed + 1);
      const before = { re: re.slice(), im: im.slice() };
      const energy = (a: Float64Array, b: Float64Array) =>
        a.reduce((sum, value, i) => sum + value * value + b[i] * b[i], 0);
      const plan = createFftPlan(n);
      fftInPlace(plan, re, im);
      assertClose(energy(re, im) / n, energy(before.re, before.im), ROUNDING);
      inverseFftInPlace(plan, re, im);
      assertAtMost(largestDifference(re, before.re), ROUNDING);
      assertAtMost(largestDifference(im, before.im), ROUNDING);
    }),
    { numRuns: 60, seed: 1 },
  );
});

Deno.test("fft2InPlace equals the definition on sizes that are not square", () => {
  for (const [width, height] of [[1, 1], [8, 4], [4, 30], [37, 53], [17, 1], [1, 6], [36, 21]]) {
    const re = noise(width * height, 3), im = noise(width * height, 4);
    const before = { re: re.slice(), im: im.slice() };
    const slow = slowDft2(re, im, width, height);
    const plan = createFft2Plan(width, height);
    fft2InPlace(plan, re, im);
    assertAtMost(largestDifference(re, slow.re), ROUNDING, `${width} x ${height}`);
    assertAtMost(largestDifference(im, slow.im), ROUNDING, `${width} x ${height}`);
    inverseFft2InPlace(plan, re, im);
    assertAtMost(largestDifference(re, before.re), ROUNDING, `${width} x ${height} and back`);
    assertAtMost(largestDifference(im, before.im), ROUNDING, `${width} x ${height} and back`);
  }
});

Deno.test("fft2InPlace turns a cyclic shift into a phase, x and y apart", () => {
  const width = 24, height = 14, dx = 5, dy = -3;
  const re = noise(width * height, 5), im = new Float64Array(width * height);
  const movedRe = new Float64Array(width * height), movedIm = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = ((y + dy + height) % height) * width + (x + dx + width) % width;
      movedRe[to] = re[y * width + x];
    }
  }
  const plan = createFft2Plan(width, height);
  fft2InPlace(plan, re, im);
  fft2InPlace(plan, movedRe, movedIm);
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const i = v * width + u;
      const angle = -2 * Math.PI * (u * dx / width + v * dy / height);
      assertClose(movedRe[i], re[i] * Math.cos(angle) - im[i] * Math.sin(angle), ROUNDING);
      assertClose(movedIm[i], re[i] * Math.sin(angle) + im[i] * Math.cos(angle), ROUNDING);
    }
  }
});

Deno.test("unpackTwoRealInPlace takes the spectra of two real images apart", () => {
  for (const [width, height] of [[6, 8], [5, 7], [1, 4], [1, 1]]) {
    const n = width * height;
    const first = noise(n, 8), second = noise(n, 9);
    const expectedFirst = slowDft2(first, new Float64Array(n), width, height);
    const expectedSecond = slowDft2(second, new Float64Array(n), width, height);
    const re = first.slice(), im = second.slice();
    fft2InPlace(createFft2Plan(width, height), re, im);
    const otherRe = new Float64Array(n), otherIm = new Float64Array(n);
    unpackTwoRealInPlace(width, height, re, im, otherRe, otherIm);
    assertAtMost(largestDifference(re, expectedFirst.re), ROUNDING);
    assertAtMost(largestDifference(im, expectedFirst.im), ROUNDING);
    assertAtMost(largestDifference(otherRe, expectedSecond.re), ROUNDING);
    assertAtMost(largestDifference(otherIm, expectedSecond.im), ROUNDING);
  }
});

Deno.test("a plan is not changed by the transforms that use it", () => {
  for (const n of [16, 30, 37]) {
    const plan = createFftPlan(n);
    const before = structuredClone(plan);
    fftInPlace(plan, noise(n, 10), noise(n, 11));
    assertEquals(plan, before);
  }
});

Deno.test("fastLength gives the next length of the factors 2, 3 and 5", () => {
  assertEquals([0, 1, 7, 11, 37, 97, 127, 128, 1021, 1025].map(fastLength), [
    1,
    1,
    8,
    12,
    40,
    100,
    128,
    128,
    1024,
    1080,
  ]);
});

Deno.test("fftSeriesInPlace transforms each interleaved series, and back with the parts swapped", () => {
  for (const n of [1, 4, 12, 17, 30]) {
    const count = 3, plan = createFftPlan(n), scratch = createFftScratch(plan, count);
    const re = noise(n * count, n), im = noise(n * count, n + 1);
    const startRe = re.slice(), startIm = im.slice();
    fftSeriesInPlace(plan, count, re, im, scratch);
    for (let c = 0; c < count; c++) {
      const one = (from: Float64Array) =>
        Float64Array.from({ length: n }, (_, j) => from[j * count + c]);
      const slow = slowDft(one(startRe), one(startIm));
      assertAtMost(largestDifference(one(re), slow.re), ROUNDING, `real part, length ${n}`);
      assertAtMost(largestDifference(one(im), slow.im), ROUNDING, `imaginary part, length ${n}`);
    }
    fftSeriesInPlace(plan, count, im, re, scratch);
    assertAtMost(largestDifference(re.map((v) => v / n), startRe), ROUNDING, `back, length ${n}`);
    assertAtMost(largestDifference(im.map((v) => v / n), startIm), ROUNDING, `back, length ${n}`);
  }
});
