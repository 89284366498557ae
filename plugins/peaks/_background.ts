/**
 * The background level of FindFoci: pixels below it belong to no peak.
 *
 * @module
 */

/** How the background is chosen. */
export type BackgroundMethod = "minimum" | "absolute" | "mean" | "sd-above-mean" | "otsu";

/** The background level of an image, rounded for integer images. */
export function backgroundLevel(
  values: Float32Array,
  method: BackgroundMethod,
  value: number,
  isInteger: boolean,
): number {
  const round = (level: number) => isInteger ? Math.floor(level + 0.5) : level;
  switch (method) {
    case "minimum": {
      let lowest = Infinity;
      for (const v of values) if (v < lowest) lowest = v;
      return lowest;
    }
    case "absolute":
      return isInteger ? round(Math.max(value, 0)) : value;
    case "otsu":
      return round(otsuLevel(values));
    default: {
      const { mean, sd } = meanAndSd(values);
      return round(method === "mean" ? mean : mean + value * sd);
    }
  }
}

function meanAndSd(values: Float32Array): { mean: number; sd: number } {
  let sum = 0, squares = 0;
  for (const v of values) {
    sum += v;
    squares += v * v;
  }
  const n = values.length;
  const variance = n > 1 ? (squares - sum * sum / n) / (n - 1) : 0;
  return { mean: sum / n, sd: variance > 0 ? Math.sqrt(variance) : 0 };
}

/** Bins of the histogram of images that are not of integers. */
const BINS = 65536;

/**
 * The level that separates two classes with the largest variance between them.
 *
 * @see Otsu, IEEE Trans. Syst. Man Cybern. 9 (1979) 62. https://doi.org/10.1109/TSMC.1979.4310076
 */
function otsuLevel(values: Float32Array): number {
  let low = Infinity, high = -Infinity, integral = true;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
    if (integral && !Number.isInteger(v)) integral = false;
  }
  if (!(high > low)) return low;
  const unit = integral && high - low < BINS;
  const bins = unit ? high - low + 1 : BINS;
  const step = unit ? 1 : (high - low) / (BINS - 1);
  const counts = new Float64Array(bins);
  let total = 0;
  for (const v of values) {
    const bin = Math.round((v - low) / step);
    counts[bin]++;
    total += bin;
  }
  const n = values.length;
  let below = 0, sumBelow = 0, best = -1, sumBest = 0, ties = 0;
  for (let t = 0; t < bins - 1; t++) {
    below += counts[t];
    sumBelow += t * counts[t];
    if (below === 0 || below === n) continue;
    const difference = sumBelow / below - (total - sumBelow) / (n - below);
    const between = below * (n - below) * difference * difference;
    if (between > best) {
      best = between;
      sumBest = t;
      ties = 1;
    } else if (between === best) {
      sumBest += t;
      ties++;
    }
  }
  return low + step * Math.floor(sumBest / Math.max(1, ties));
}
