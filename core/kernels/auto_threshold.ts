/**
 * Automatic thresholds: the level of a histogram that separates background from signal, by each of
 * the seventeen methods microscopists know by name.
 *
 * A histogram is an array of counts, one a gray level. It is cut to its first and last level that
 * is not empty; a method that finds no level, and an empty histogram, give 0. Pixels at or above
 * the level are signal. All sums are of doubles.
 *
 * @module
 */

import {
  huangLevel,
  maxEntropyLevel,
  renyiLevel,
  shanbhagLevel,
  yenLevel,
} from "./_entropy_thresholds.ts";
import { momentOf, round, runningSums, shares } from "./_histogram_sums.ts";

/** The methods of {@linkcode autoThreshold}. */
export const THRESHOLD_METHODS = [
  "default",
  "huang",
  "intermodes",
  "iso-data",
  "li",
  "max-entropy",
  "min-error",
  "minimum",
  "moments",
  "otsu",
  "otsu-3-level",
  "otsu-4-level",
  "percentile",
  "renyi-entropy",
  "shanbhag",
  "triangle",
  "yen",
] as const;

/** A method of {@linkcode autoThreshold}. */
export type ThresholdMethod = typeof THRESHOLD_METHODS[number];

/** Levels that several levels of Otsu are searched over at most; wider histograms are binned. */
const OTSU_LEVELS = 512;
/** Passes of smoothing after which a histogram counts as having no two modes. */
const SMOOTHING_PASSES = 10_000;

/**
 * The threshold level of a histogram, as an index into it; 0 when there is none.
 *
 * Cost: O(levels), times the passes for the methods that iterate; O(levels^2) for the 3 and 4-level
 * Otsu, which search at most 512 levels.
 *
 * Sources: Ridler and Calvard (default, iso-data) https://doi.org/10.1109/TSMC.1978.4310039; Huang and
 * Wang https://doi.org/10.1016/0031-3203(94)E0043-K; Prewitt and Mendelsohn (intermodes, minimum)
 * https://doi.org/10.1111/j.1749-6632.1965.tb11715.x; Li and Tam
 * https://doi.org/10.1016/S0167-8655(98)00057-9; Kapur, Sahoo and Wong (max-entropy)
 * https://doi.org/10.1016/0734-189X(85)90125-2; Kittler and Illingworth (min-error)
 * https://doi.org/10.1016/0031-3203(86)90030-0; Tsai (moments)
 * https://doi.org/10.1016/0734-189X(85)90133-1; Otsu https://doi.org/10.1109/TSMC.1979.4310076; Doyle
 * (percentile) https://doi.org/10.1145/321119.321123; Shanbhag
 * https://doi.org/10.1006/cgip.1994.1037; Zack, Rogers and Latt (triangle)
 * https://doi.org/10.1177/25.7.70454; Yen, Chang and Chang https://doi.org/10.1109/83.366472.
 *
 * @example Two classes
 * ```ts
 * import { autoThreshold } from "@core/kernels";
 * import { assertEquals } from "@assert";
 *
 * assertEquals(autoThreshold(Float64Array.of(5, 9, 5, 0, 0, 0, 4, 8, 4), "iso-data"), 4);
 * ```
 */
export function autoThreshold(counts: Float64Array, method: ThresholdMethod): number {
  let first = 0, last = counts.length - 1;
  while (first <= last && counts[first] === 0) first++;
  while (last > first && counts[last] === 0) last--;
  if (first > last) return 0;
  const level = METHODS[method](counts.subarray(first, last + 1));
  return level < 0 || Number.isNaN(level) ? 0 : first + level;
}

/** Each method gives a level from 0 of a histogram whose ends are not empty, or -1. */
const METHODS: Readonly<Record<ThresholdMethod, (counts: Float64Array) => number>> = {
  default: defaultLevel,
  huang: huangLevel,
  intermodes: intermodesLevel,
  "iso-data": isoDataLevel,
  li: liLevel,
  "max-entropy": maxEntropyLevel,
  "min-error": minErrorLevel,
  minimum: minimumLevel,
  moments: momentsLevel,
  otsu: otsuLevel,
  "otsu-3-level": (counts) => multiOtsuLevel(counts, 3),
  "otsu-4-level": (counts) => multiOtsuLevel(counts, 4),
  percentile: percentileLevel,
  "renyi-entropy": renyiLevel,
  shanbhag: shanbhagLevel,
  triangle: triangleLevel,
  yen: yenLevel,
};

/** Raises the cut until the next but one passes the mean of the two side means; answers that mean. */
function defaultLevel(counts: Float64Array): number {
  const { count, weighted } = runningSums(counts);
  const last = counts.length - 1;
  if (last === 0) return 0;
  for (let cut = 0;; cut++) {
    const low = weighted[cut] / count[cut];
    const high = (weighted[last] - weighted[cut]) / (count[last] - count[cut]);
    const mean = (low + high) / 2;
    if (cut + 2 > mean || cut + 2 >= last) return round(mean);
  }
}

/** The first cut that is the rounded half-sum of the two whole-number side means. */
function isoDataLevel(counts: Float64Array): number {
  const { count, weighted } = runningSums(counts);
  const last = counts.length - 1;
  for (let cut = 1; cut < last; cut++) {
    const low = Math.floor(weighted[cut] / count[cut]);
    const high = Math.floor((weighted[last] - weighted[cut]) / (count[last] - count[cut]));
    if (cut === round((low + high) / 2)) return cut;
  }
  return -1;
}

/** The places of the modes of a histogram smoothed until it has two; empty when it never has. */
function twoModes(counts: Float64Array): { modes: number[]; smooth: Float64Array } {
  const smooth = Float64Array.from(counts);
  const last = smooth.length - 1;
  for (let pass = 0; pass <= SMOOTHING_PASSES; pass++) {
    const modes: number[] = [];
    for (let i = 1; i < last && modes.length <= 2; i++) {
      if (smooth[i - 1] < smooth[i] && smooth[i + 1] < smooth[i]) modes.push(i);
    }
    if (modes.length === 2) return { modes, smooth };
    let before = 0;
    for (let i = 0; i <= last; i++) {
      const here = smooth[i];
      smooth[i] = (before + here + (i < last ? smooth[i + 1] : 0)) / 3;
      before = here;
    }
  }
  return { modes: [], smooth };
}

function intermodesLevel(counts: Float64Array): number {
  const { modes } = twoModes(counts);
  return modes.length === 2 ? Math.floor((modes[0] + modes[1]) / 2) : -1;
}

function minimumLevel(counts: Float64Array): number {
  const { modes, smooth } = twoModes(counts);
  if (modes.length < 2) return -1;
  for (let i = modes[0] + 1; i < smooth.length - 1; i++) {
    if (smooth[i - 1] > smooth[i] && smooth[i + 1] >= smooth[i]) return i;
  }
  return -1;
}

function liLevel(counts: Float64Array): number {
  const { count, weighted } = runningSums(counts);
  const last = counts.length - 1;
  let now = weighted[last] / count[last];
  for (;;) {
    const before = now;
    const cut = Math.min(last, Math.max(0, Math.floor(before + 0.5)));
    const low = weighted[cut] / count[cut];
    const above = count[last] - count[cut];
    const high = above === 0 ? 0 : (weighted[last] - weighted[cut]) / above;
    const next = (low - high) / (Math.log(low) - Math.log(high));
    now = next < -2.220446049250313e-16 ? Math.trunc(next - 0.5) : Math.trunc(next + 0.5);
    if (!(Math.abs(now - before) > 0.5)) return cut;
  }
}

function minErrorLevel(counts: Float64Array): number {
  const n = counts.length;
  const sums = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  for (let power = 0; power < 3; power++) {
    for (let i = 0, sum = 0; i < n; i++) sums[power][i] = sum += counts[i] * i ** power;
  }
  const [count, first, second] = sums;
  const mean = Math.floor(first[n - 1] / count[n - 1]);
  let cut = mean, before = -2;
  const seen = new Set<number>();
  while (cut !== before && !seen.has(cut)) {
    seen.add(cut);
    const below = count[cut], above = count[n - 1] - below;
    const mu = first[cut] / below, nu = (first[n - 1] - first[cut]) / above;
    const p = below / count[n - 1], q = above / count[n - 1];
    const varianceLow = second[cut] / below - mu * mu;
    const varianceHigh = (second[n - 1] - second[cut]) / above - nu * nu;
    const w0 = 1 / varianceLow - 1 / varianceHigh;
    const w1 = mu / varianceLow - nu / varianceHigh;
    const w2 = mu * mu / varianceLow - nu * nu / varianceHigh +
      Math.log10(varianceLow * q * q / (varianceHigh * p * p));
    const discriminant = w1 * w1 - w0 * w2;
    if (!(discriminant >= 0)) return cut;
    before = cut;
    const next = w0 === 0 ? w2 / w1 : (w1 + Math.sqrt(discriminant)) / w0;
    if (!Number.isFinite(next)) return before;
    cut = Math.min(n - 1, Math.floor(next));
    if (cut < 0) return -1;
  }
  return cut;
}

/** The first level at which the share below exceeds that of the dark class of equal moments. */
function momentsLevel(counts: Float64Array): number {
  const { below } = shares(counts);
  const total = momentOf(counts, 0);
  const m1 = momentOf(counts, 1) / total;
  const m2 = momentOf(counts, 2) / total;
  const m3 = momentOf(counts, 3) / total;
  const cd = m2 - m1 * m1;
  const c0 = (-m2 * m2 + m1 * m3) / cd;
  const c1 = (-m3 + m2 * m1) / cd;
  const root = Math.sqrt(c1 * c1 - 4 * c0);
  const z0 = (-c1 - root) / 2, z1 = (-c1 + root) / 2;
  const p0 = (z1 - m1) / (z1 - z0);
  return below.findIndex((share) => share > p0);
}

function otsuLevel(counts: Float64Array): number {
  const { count, weighted } = runningSums(counts);
  const last = counts.length - 1;
  let most = -1, sum = 0, ties = 0;
  for (let cut = 0; cut < last; cut++) {
    const below = count[cut], above = count[last] - below;
    if (below === 0 || above === 0) continue;
    const difference = weighted[cut] / below - (weighted[last] - weighted[cut]) / above;
    const between = below * above * difference * difference;
    if (between > most) {
      most = between;
      sum = cut;
      ties = 1;
    } else if (between === most) {
      sum += cut;
      ties++;
    }
  }
  return ties === 0 ? -1 : Math.floor(sum / ties);
}

/** The lowest cut of the division into some classes with the largest variance between them. */
function multiOtsuLevel(counts: Float64Array, classes: number): number {
  const width = Math.ceil(counts.length / OTSU_LEVELS);
  const bins = new Float64Array(Math.ceil(counts.length / width));
  for (let i = 1; i < counts.length; i++) bins[Math.floor(i / width)] += counts[i];
  const n = bins.length;
  if (n < classes) return -1;
  const { count, weighted } = runningSums(bins);
  // the share of one class from level u to v in the variance between the classes
  const share = (u: number, v: number) => {
    const c = count[v] - (u > 0 ? count[u - 1] : 0);
    const w = weighted[v] - (u > 0 ? weighted[u - 1] : 0);
    return c > 0 ? w * w / c : 0;
  };
  // best[v]: the most that levels u..v can give in k classes, kept with the first cut
  let best = Float64Array.from({ length: n }, (_, v) => share(0, v));
  let cuts = Int32Array.from({ length: n }, (_, v) => v);
  for (let k = 2; k <= classes; k++) {
    const next = new Float64Array(n).fill(-1), nextCuts = new Int32Array(n);
    for (let v = k - 1; v < n; v++) {
      for (let u = k - 2; u < v; u++) {
        const value = best[u] + share(u + 1, v);
        if (value > next[v]) {
          next[v] = value;
          nextCuts[v] = k === 2 ? u : cuts[u];
        }
      }
    }
    best = next;
    cuts = nextCuts;
  }
  return cuts[n - 1] * width + (width - 1);
}

/** The level whose running share is closest to a half. */
function percentileLevel(counts: Float64Array): number {
  const { below } = shares(counts);
  let best = -1, least = Infinity;
  for (let i = 0; i < below.length; i++) {
    const distance = Math.abs(below[i] - 0.5);
    if (distance < least) {
      least = distance;
      best = i;
    }
  }
  return best;
}

/** The level farthest from the chord between the histogram's top and the end of its longer side. */
function triangleLevel(counts: Float64Array): number {
  const n = counts.length;
  let top = 0;
  for (let i = 1; i < n; i++) if (counts[i] > counts[top]) top = i;
  const mirrored = top < n - 1 - top;
  const side = mirrored ? counts.slice(top).reverse() : counts.subarray(0, top + 1);
  // distance from the chord, but for a factor that is the same for all levels
  const rise = counts[top], run = side.length - 1;
  let split = 0, most = 0;
  for (let i = 1; i <= run; i++) {
    const distance = rise * i - run * (side[i] - side[0]);
    if (distance > most) {
      most = distance;
      split = i;
    }
  }
  split--;
  return mirrored ? n - 1 - split : split;
}
