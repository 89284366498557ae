/**
 * The chi-square distribution.
 *
 * @module
 */

/** Sums end when a term changes them by less than this. */
const PRECISION = 1e-15;
const MOST_TERMS = 10_000;

/**
 * The probability that a chi-square number of so many degrees of freedom exceeds a value: the upper
 * incomplete gamma function Q(degrees / 2, value / 2), by its series or its continued fraction.
 *
 * @param degrees at least 1
 *
 * @see DLMF, https://dlmf.nist.gov/8.11 and https://dlmf.nist.gov/8.9
 */
export function chiSquareTail(value: number, degrees: number): number {
  const a = degrees / 2, x = value / 2;
  if (!(x > 0)) return 1;
  if (x === Infinity) return 0;
  const front = Math.exp(a * Math.log(x) - x - logGammaOfHalves(degrees));
  if (x < a + 1) {
    let term = 1 / a, sum = term;
    for (let n = 1; n < MOST_TERMS && term > sum * PRECISION; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return Math.max(0, 1 - front * sum);
  }
  // Lentz's way from the front of the continued fraction 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a ...
  let b = x + 1 - a, c = 1 / Number.MIN_VALUE, d = 1 / b, fraction = d;
  for (let n = 1; n < MOST_TERMS; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < PRECISION) break;
  }
  return front * fraction;
}

/** The share of a normal distribution within so many standard deviations. */
export function normalShare(deviations: number): number {
  return 1 - chiSquareTail(deviations * deviations, 1);
}

/** ln Gamma(degrees / 2), exact but for rounding: a product from 1 or from the root of pi. */
function logGammaOfHalves(degrees: number): number {
  let sum = degrees % 2 === 0 ? 0 : Math.log(Math.PI) / 2;
  for (let half = degrees / 2 - 1; half > 0; half--) sum += Math.log(half);
  return sum;
}
