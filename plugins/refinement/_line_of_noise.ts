/**
 * The noise of pixels around columns whose model is known: variance as a line of the expected counts.
 *
 * Second differences of what the model leaves over have nothing of the picture in them; `_noise.ts`
 * tells more.
 *
 * @module
 */
import { fitLine } from "@core/kernels";

/** Sum of the squares of the mask 1 -2 1, -2 4 -2, 1 -2 1. */
const MASK_POWER = 36;

/** Pixels looked at. */
const SAMPLE = 200_000;

const BINS = 12;

/** Fewest second differences from which noise is told. */
const FEWEST = 30;

/** A slope of variance against mean below this many of its errors is none. */
const SIGNIFICANCE = 5;

/** Smallest variance that the line gives, as a share of the mean one. */
const LOWEST_SHARE = 0.02;

/** Variance = max(floor, variance + gain * mean). */
export interface NoiseLine {
  readonly variance: number;
  readonly gain: number;
  readonly floor: number;
}

/**
 * Measures the line.
 *
 * @param mean expected counts of each pixel
 * @param smallest variance below which there is only rounding
 */
export function lineOfNoise(
  data: Float32Array,
  mean: Float64Array,
  width: number,
  height: number,
  smallest: number,
): NoiseLine {
  const stride = Math.max(1, Math.floor(Math.sqrt(width * height / SAMPLE)));
  let low = Infinity, high = -Infinity;
  for (let k = 0; k < mean.length; k++) {
    if (mean[k] < low) low = mean[k];
    if (mean[k] > high) high = mean[k];
  }
  const scale = high > low ? BINS / (high - low) : 0;
  const center = new Float64Array(BINS), square = new Float64Array(BINS);
  const count = new Float64Array(BINS);
  const rest = (k: number) => data[k] - mean[k];
  for (let y = 1; y < height - 1; y += stride) {
    for (let x = 1; x < width - 1; x += stride) {
      const k = y * width + x;
      const d = rest(k - width - 1) - 2 * rest(k - width) + rest(k - width + 1) -
        2 * (rest(k - 1) - 2 * rest(k) + rest(k + 1)) +
        rest(k + width - 1) - 2 * rest(k + width) + rest(k + width + 1);
      const bin = Math.min(BINS - 1, Math.floor((mean[k] - low) * scale));
      center[bin] += mean[k];
      square[bin] += d * d;
      count[bin]++;
    }
  }
  const n = count.reduce((a, b) => a + b, 0);
  const total = Math.max(smallest, n > 0 ? square.reduce((a, b) => a + b, 0) / n / MASK_POWER : 0);
  const even = { variance: total, gain: 0, floor: total };
  const line = n < FEWEST ? undefined : fittedLine(center, square, count, total);
  if (line === undefined || line[1] < SIGNIFICANCE * line[2]) return even;
  return {
    variance: line[0],
    gain: line[1],
    floor: Math.max(smallest, LOWEST_SHARE * total),
  };
}

/** Intercept, slope and the slope's error. */
function fittedLine(
  center: Float64Array,
  square: Float64Array,
  count: Float64Array,
  total: number,
): Float64Array | undefined {
  const used = [...count.keys()].filter((b) => count[b] >= 20);
  if (used.length < 2) return undefined;
  const x = Float64Array.from(used, (b) => center[b] / count[b]);
  const y = Float64Array.from(used, (b) => square[b] / count[b] / MASK_POWER);
  const line = new Float64Array(3);
  for (let round = 0; round < 3; round++) {
    const weight = Float64Array.from(used, (b, j) => {
      const expected = round === 0
        ? total
        : Math.max(LOWEST_SHARE * total, line[0] + line[1] * x[j]);
      // Squares of neighboring differences share pixels: about four carry what one would alone.
      return count[b] / 4 / (2 * expected * expected);
    });
    if (!fitLine(x, y, weight, line)) return undefined;
  }
  return line;
}
