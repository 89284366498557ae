/**
 * Seeded random numbers: uniform (sfc32), normal and Poisson.
 *
 * @module
 */

/**
 * A generator of uniform numbers in [0, 1) with 53 random bits, from a whole-number seed.
 *
 * Chris Doty-Humphrey's sfc32 (PractRand), seeded through splitmix32 and warmed up.
 *
 * @example
 * ```ts
 * import { createRandom } from "@core/kernels";
 * import { assertEquals } from "@assert";
 *
 * assertEquals(createRandom(7)(), createRandom(7)());
 * ```
 */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  const split = () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = split();
  state = (state + Math.imul(Math.floor(seed / 4294967296), 0x85ebca6b)) | 0; // the high half
  let b = split(), c = split(), counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return () => (next() * 2097152 + (next() >>> 11)) / 9007199254740992;
}

/** A normal number of mean 0 and standard deviation 1, by the polar method. */
export function normalRandom(random: () => number): number {
  for (;;) {
    const u = 2 * random() - 1;
    const v = 2 * random() - 1;
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt(-2 * Math.log(s) / s);
  }
}

/**
 * A Poisson number of the given mean; 0 for a mean that is not positive.
 *
 * Multiplication below a mean of 10; above it the transformed rejection PTRS of
 * Hormann, Insurance: Mathematics and Economics 12 (1993) 39. https://doi.org/10.1016/0167-6687(93)90997-4
 */
export function poissonRandom(mean: number, random: () => number): number {
  if (!(mean > 0)) return 0;
  if (mean < 10) {
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = random(); product > limit; product *= random()) count++;
    return count;
  }
  const root = Math.sqrt(mean);
  const b = 0.931 + 2.53 * root;
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const vr = 0.9277 - 3.6224 / (b - 2);
  const logMean = Math.log(mean);
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const left = Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b);
    if (left <= k * logMean - mean - logGamma(k + 1)) return k;
  }
}

/** Natural logarithm of the gamma function for z >= 10, by Stirling's series (error below 1e-12). */
function logGamma(z: number): number {
  if (z < 10) return logGamma(z + 1) - Math.log(z);
  const r = 1 / (z * z);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / z;
  return (z - 0.5) * Math.log(z) - z + 0.9189385332046727 + series;
}
