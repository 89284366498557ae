/**
 * Automatic thresholds by entropy: Huang, maximum entropy, Renyi, Shanbhag and Yen. Each gives a level of
 * a histogram whose ends are not empty, or -1.
 *
 * @module
 */
import { round, runningSums, shares } from "./_histogram_sums.ts";

/** Cuts that methods of quadratic cost try on a first grid, in wider histograms. */
const GRID_CUTS = 512;
export function huangLevel(counts: Float64Array): number {
  const { count, weighted } = runningSums(counts);
  const last = counts.length - 1;
  if (last === 0) return 0;
  const entropy = new Float64Array(last + 1);
  for (let k = 1; k <= last; k++) {
    const belongs = 1 / (1 + k / last);
    entropy[k] = -belongs * Math.log(belongs) - (1 - belongs) * Math.log(1 - belongs);
  }
  return leastOf(0, last - 1, (cut) => {
    const low = round(weighted[cut] / count[cut]);
    const high = round((weighted[last] - weighted[cut]) / (count[last] - count[cut]));
    let sum = 0;
    for (let i = 0; i <= cut; i++) sum += counts[i] * entropy[Math.abs(i - low)];
    for (let i = cut + 1; i <= last; i++) sum += counts[i] * entropy[Math.abs(i - high)];
    return sum;
  });
}

/**
 * The first cut of least criterion. Ranges of more than 4096 cuts are tried on a grid and then around
 * the best of it.
 */
function leastOf(from: number, to: number, criterion: (cut: number) => number): number {
  const step = to - from < 8 * GRID_CUTS ? 1 : Math.ceil((to - from) / GRID_CUTS);
  let best = -1, least = Infinity;
  for (let cut = from; cut <= to; cut += step) {
    const value = criterion(cut);
    if (value < least) {
      least = value;
      best = cut;
    }
  }
  if (step === 1 || best < 0) return best;
  return leastOf(Math.max(from, best - step + 1), Math.min(to, best + step - 1), criterion);
}

/** Levels whose running share leaves something on both sides. */
function innerLevels(below: Float64Array): { from: number; to: number } {
  const tiny = 2.220446049250313e-16;
  let from = 0, to = below.length - 1;
  while (from < to && Math.abs(below[from]) < tiny) from++;
  while (to > from && Math.abs(1 - below[to]) < tiny) to--;
  return { from, to };
}

export function maxEntropyLevel(counts: Float64Array): number {
  const { p, below } = shares(counts);
  const { from, to } = innerLevels(below);
  // -sum (p/P) ln (p/P) = ln P - (sum p ln p) / P
  const logs = new Float64Array(p.length);
  for (let i = 0, sum = 0; i < p.length; i++) {
    if (p[i] > 0) sum += p[i] * Math.log(p[i]);
    logs[i] = sum;
  }
  let best = -1, most = -Infinity;
  for (let cut = from; cut <= to; cut++) {
    const rest = 1 - below[cut];
    if (!(rest > 0)) continue;
    const entropy = Math.log(below[cut]) - logs[cut] / below[cut] +
      Math.log(rest) - (logs[p.length - 1] - logs[cut]) / rest;
    if (entropy > most) {
      most = entropy;
      best = cut;
    }
  }
  return best;
}

/** The level of largest Renyi entropy of an order other than 1. */
function renyiOptimum(p: Float64Array, below: Float64Array, order: number): number {
  const { from, to } = innerLevels(below);
  const powers = new Float64Array(p.length);
  for (let i = 0, sum = 0; i < p.length; i++) powers[i] = sum += p[i] ** order;
  let best = 0, most = 0;
  for (let cut = from; cut <= to; cut++) {
    const low = powers[cut] / below[cut] ** order;
    const high = (powers[p.length - 1] - powers[cut]) / (1 - below[cut]) ** order;
    const entropy = low * high > 0 ? Math.log(low * high) / (1 - order) : 0;
    if (entropy > most) {
      most = entropy;
      best = cut;
    }
  }
  return best;
}

export function renyiLevel(counts: Float64Array): number {
  const { p, below } = shares(counts);
  const optima = [
    renyiOptimum(p, below, 0.5),
    Math.max(0, maxEntropyLevel(counts)),
    renyiOptimum(p, below, 2),
  ].sort((a, b) => a - b);
  const [t1, t2, t3] = optima;
  const nearLow = Math.abs(t1 - t2) <= 5, nearHigh = Math.abs(t2 - t3) <= 5;
  const [b1, b2, b3] = nearLow === nearHigh ? [1, 2, 1] : nearLow ? [0, 1, 3] : [3, 1, 0];
  const omega = below[t3] - below[t1];
  return Math.trunc(
    t1 * (below[t1] + 0.25 * omega * b1) + 0.25 * t2 * omega * b2 +
      t3 * (1 - below[t3] + 0.25 * omega * b3),
  );
}

export function shanbhagLevel(counts: Float64Array): number {
  const { p, below } = shares(counts);
  const { from, to } = innerLevels(below);
  return leastOf(from, to, (cut) => {
    const rest = 1 - below[cut];
    let low = 0, high = 0;
    for (let i = 1, term = 0.5 / below[cut]; i <= cut; i++) {
      low -= p[i] * Math.log(1 - term * below[i - 1]);
    }
    for (let i = cut + 1, term = 0.5 / rest; i < p.length; i++) {
      high -= p[i] * Math.log(1 - term * (1 - below[i]));
    }
    return Math.abs(low * 0.5 / below[cut] - high * 0.5 / rest);
  });
}

export function yenLevel(counts: Float64Array): number {
  const { p, below } = shares(counts);
  const lowSquares = new Float64Array(p.length), highSquares = new Float64Array(p.length);
  for (let i = 0, sum = 0; i < p.length; i++) lowSquares[i] = sum += p[i] * p[i];
  for (let i = p.length - 2; i >= 0; i--) {
    highSquares[i] = highSquares[i + 1] + p[i + 1] * p[i + 1];
  }
  let best = -1, most = -Infinity;
  for (let cut = 0; cut < p.length; cut++) {
    const squares = lowSquares[cut] * highSquares[cut];
    const between = below[cut] * (1 - below[cut]);
    const criterion = (between > 0 ? 2 * Math.log(between) : 0) -
      (squares > 0 ? Math.log(squares) : 0);
    if (criterion > most) {
      most = criterion;
      best = cut;
    }
  }
  return best;
}
