/**
 * The images of the reference cases, made by the generator that the manifest's authors give:
 * s = 16807 s mod (2^31 - 1), v = s mod 256, then the mean of the 3 x 3 (D: 3 x 3 x 3) box with clamped
 * edges, in whole numbers.
 *
 * @module
 */

/** Noise of 256 levels, slice by slice, row by row. */
export function parkMiller(seed: number, length: number): Int32Array {
  let s = seed;
  return Int32Array.from({ length }, () => {
    s = s * 16807 % 2147483647;
    return s % 256;
  });
}

/** The same, blurred by a box. */
export function boxMeans(seed: number, width: number, height: number, slices: number): Int32Array {
  const raw = parkMiller(seed, width * height * slices);
  const clamp = (v: number, n: number) => Math.min(n - 1, Math.max(0, v));
  const near = slices > 1 ? [-1, 0, 1] : [0];
  return raw.map((_, i) => {
    const x = i % width, y = Math.floor(i / width) % height, z = Math.floor(i / (width * height));
    let sum = 0;
    for (const c of near) {
      for (const b of [-1, 0, 1]) {
        for (const a of [-1, 0, 1]) {
          sum += raw[
            (clamp(z + c, slices) * height + clamp(y + b, height)) * width + clamp(x + a, width)
          ];
        }
      }
    }
    return Math.floor(sum / (9 * near.length));
  });
}

const a = boxMeans(1, 64, 64, 1);
const flat = { width: 64, height: 64, slices: 1 };
/** The images by their letters. */
export const images = {
  A: { ...flat, pixels: a },
  B: { ...flat, pixels: a.map((v) => v >> 3) },
  C: { ...flat, pixels: a.map((v) => v - 128) },
  D: { width: 20, height: 20, slices: 6, pixels: boxMeans(7, 20, 20, 6) },
};
