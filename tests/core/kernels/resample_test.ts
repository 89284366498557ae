import { resample } from "@core/kernels";
import { assertAtMost } from "@assert";

/** Keys' kernel is exact for parabolas; of these waves, ten px long and more, it leaves so much. */
const INTERPOLATION = 5e-3;

function largest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

Deno.test("resample keeps a smooth image, at any size, and the mean of a fine one", () => {
  const wave = (w: number, h: number) =>
    Float32Array.from({ length: w * h }, (_, i) => {
      const x = (i % w + 0.5) / w, y = (Math.floor(i / w) + 0.5) / h;
      return Math.cos(2 * Math.PI * x) * Math.cos(4 * Math.PI * y);
    });
  for (const [w, h] of [[97, 60], [40, 33], [300, 200]]) {
    assertAtMost(largest(resample(wave(128, 128), 128, 128, w, h), wave(w, h)), INTERPOLATION);
  }
  const checkers = Float32Array.from({ length: 6400 }, (_, i) => (i + Math.floor(i / 80)) % 2);
  const small = resample(checkers, 80, 80, 10, 10);
  assertAtMost(largest(small, new Float32Array(100).fill(0.5)), 0.01);
});
