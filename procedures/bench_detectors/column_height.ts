/**
 * How high columns stand over what is around them, measured in the image itself.
 *
 * Labels carried from one exposure to another keep the heights of the first; the dose of an image can
 * only be read off the image.
 *
 * @module
 */
import type { Image } from "../../core/mod.ts";

/** Width of the rings in spacings, and in px at least. A top of a sixth of a spacing is a ring or two. */
const RING = 0.08, LEAST_RING = 0.5;
/** How far the surroundings reach, in spacings: to the middle between columns and somewhat beyond. */
const REACH = 0.7;
/** The surroundings of a column that has no other to keep a distance to, px. */
const REACH_ALONE = 12;

/**
 * The mean height of columns over the lowest ring around them, in the image's units; null without a
 * column whose surroundings lie in the image.
 *
 * All columns are averaged ring by ring, so that the height is read off thousands of pixels even where
 * single columns drown in noise. On simulated scenes it is 10 to 17 % too low, as tops are averaged
 * over the first ring, and a fifth at spacings of 4 px.
 *
 * @param spacing distance to the nearest column, px; null for a single one
 */
export function columnHeight(
  { data, width, height }: Image,
  x: Float64Array,
  y: Float64Array,
  spacing: number | null,
  polarity: "bright" | "dark",
): number | null {
  const reach = Math.max(2, spacing === null ? REACH_ALONE : REACH * spacing);
  const ringWidth = Math.max(LEAST_RING, RING * reach / REACH);
  const rings = Math.floor(reach / ringWidth);
  const sum = new Float64Array(rings), count = new Float64Array(rings);
  for (let i = 0; i < x.length; i++) {
    const left = Math.ceil(x[i] - reach), right = Math.floor(x[i] + reach);
    const top = Math.ceil(y[i] - reach), bottom = Math.floor(y[i] + reach);
    if (left < 0 || top < 0 || right >= width || bottom >= height) continue;
    for (let v = top; v <= bottom; v++) {
      const dy = v - y[i];
      for (let u = left; u <= right; u++) {
        const ring = Math.floor(Math.sqrt((u - x[i]) ** 2 + dy * dy) / ringWidth);
        if (ring >= rings) continue;
        sum[ring] += data[v * width + u];
        count[ring]++;
      }
    }
  }
  const sign = polarity === "bright" ? 1 : -1;
  const middle = count.findIndex((n) => n > 0);
  if (middle < 0) return null;
  const top = sign * sum[middle] / count[middle];
  let lowest = top;
  for (let ring = middle + 1; ring < rings; ring++) {
    if (count[ring] > 0) lowest = Math.min(lowest, sign * sum[ring] / count[ring]);
  }
  return top - lowest;
}
