/**
 * The Anscombe transform: turns counts, whose noise grows with them, into numbers with a noise of 1.
 *
 * @see Anscombe, The transformation of Poisson, binomial and negative-binomial data, Biometrika 35 (1948)
 * 246. https://doi.org/10.1093/biomet/35.3-4.246
 * @see Makitalo and Foi, A closed-form approximation of the exact unbiased inverse of the Anscombe
 * variance-stabilizing transformation, IEEE Trans. Image Process. 20 (2011) 2697.
 * https://doi.org/10.1109/TIP.2011.2121085
 *
 * @module
 */

const ROOT = Math.sqrt(1.5);

/** 2 sqrt(v + 3/8); negative pixels count as 0. Returns how many there were. */
export function anscombeInto(data: Float32Array, out: Float32Array): number {
  let negative = 0;
  for (let i = 0; i < data.length; i++) {
    if (data[i] < 0) negative++;
    out[i] = 2 * Math.sqrt(Math.max(0, data[i]) + 0.375);
  }
  return negative;
}

/** Means of counts from means of transformed counts, without the bias of the plain inverse. */
export function inverseAnscombeInPlace(data: Float32Array): void {
  for (let i = 0; i < data.length; i++) {
    const per = 1 / data[i];
    const polynomial = data[i] * data[i] / 4 - 1 / 8 +
      per * (ROOT / 4 + per * (-11 / 8 + per * 5 * ROOT / 8));
    data[i] = Math.max(0, polynomial);
  }
}
