/**
 * Sums over histograms, for the automatic thresholds.
 *
 * @module
 */

/** The nearest whole number; halves go up. */
export const round: (value: number) => number = (value: number) => Math.floor(value + 0.5);

/** Sum of count times level to a power. */
export function momentOf(counts: Float64Array, power: number): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i] * i ** power;
  return sum;
}

/** Sums from level 0 up to and with each level: of the counts, and of counts times level. */
export function runningSums(counts: Float64Array): { count: Float64Array; weighted: Float64Array } {
  const count = new Float64Array(counts.length), weighted = new Float64Array(counts.length);
  for (let i = 0, c = 0, w = 0; i < counts.length; i++) {
    count[i] = c += counts[i];
    weighted[i] = w += counts[i] * i;
  }
  return { count, weighted };
}

/** Shares of each level, and their running sums. */
export function shares(counts: Float64Array): { p: Float64Array; below: Float64Array } {
  const total = momentOf(counts, 0);
  const p = counts.map((c) => c / total);
  const below = new Float64Array(p.length);
  for (let i = 0, sum = 0; i < p.length; i++) below[i] = sum += p[i];
  return { p, below };
}
