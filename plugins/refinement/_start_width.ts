/**
 * A first guess of the columns' width: from the mean profile around their starts.
 *
 * @module
 */

/** Starts looked at; more would not change the mean. */
const SAMPLE = 400;

/** Widths outside these are no columns, px. */
const SMALLEST = 0.7;
const LARGEST = 60;

/**
 * The standard deviation of a column, px, within a factor of two: where the mean profile around all
 * starts falls half way from its middle to its first minimum, at most 0.75 spacings out.
 */
export function startWidth(
  data: Float32Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  spacing: number,
): number {
  const largest = Math.min(Math.max(width, height) / 2, 2.4 * LARGEST);
  const reach = Math.max(2, Math.ceil(Math.min(largest, 0.75 * spacing)));
  const profile = ringMeans(data, width, height, x, y, reach);
  const bottom = firstMinimum(profile);
  const half = (profile[0] + profile[bottom]) / 2;
  let r = 0;
  while (r < bottom && profile[r + 1] > half) r++;
  const drop = profile[r] - profile[Math.min(bottom, r + 1)];
  const crossing = r + (drop > 0 ? (profile[r] - half) / drop : 0.5);
  // A Gaussian falls to half at 1.177 sigma.
  return Math.min(LARGEST, Math.max(SMALLEST, Math.min(crossing / 1.177, spacing / 2)));
}

function ringMeans(
  data: Float32Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  reach: number,
): Float64Array {
  const sum = new Float64Array(reach + 1), count = new Float64Array(reach + 1);
  const stride = Math.max(1, Math.floor(x.length / SAMPLE));
  for (let i = 0; i < x.length; i += stride) {
    const cx = Math.round(x[i]), cy = Math.round(y[i]);
    for (let v = Math.max(0, cy - reach); v <= Math.min(height - 1, cy + reach); v++) {
      for (let u = Math.max(0, cx - reach); u <= Math.min(width - 1, cx + reach); u++) {
        const ring = Math.round(Math.hypot(u - x[i], v - y[i]));
        if (ring > reach) continue;
        sum[ring] += data[v * width + u];
        count[ring]++;
      }
    }
  }
  for (let r = 0; r <= reach; r++) {
    sum[r] = count[r] > 0 ? sum[r] / count[r] : (r > 0 ? sum[r - 1] : NaN);
  }
  // A start between pixels may have none within half a pixel.
  if (Number.isNaN(sum[0])) sum[0] = sum.find((value) => !Number.isNaN(value)) ?? 0;
  return sum;
}

/** The first ring that its two followers do not undercut by a hundredth of the fall so far. */
function firstMinimum(profile: Float64Array): number {
  let best = 0;
  for (let r = 1; r < profile.length; r++) {
    if (profile[r] < profile[best]) best = r;
    const rise = profile[r] - profile[best];
    if (r >= best + 2 && rise > 0.05 * (profile[0] - profile[best])) break;
  }
  return best;
}
