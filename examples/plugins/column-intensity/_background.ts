/**
 * The background of an image with columns, from the pixels between them.
 *
 * @module
 */

/** Share of the pixels of cells that are taken for background: the farthest from their columns. */
const FAR_SHARE = 0.1;

/**
 * The median of the tenth of the pixels in cells that lie farthest from their columns; 0 without such
 * pixels. Pixels as far as the nearest of them count, too, so that their order has no part in it.
 *
 * Cost O(n log n) in pixels, 8 bytes a pixel.
 *
 * @param owner column of each pixel, -1 for none
 * @param distance distance to that column, px
 */
export function farPixelsMedian(
  data: Float32Array,
  owner: Int32Array,
  distance: Float32Array,
): number {
  const sorted = distance.filter((_, i) => owner[i] >= 0).sort();
  if (sorted.length === 0) return 0;
  const least = sorted[Math.min(sorted.length - 1, Math.floor((1 - FAR_SHARE) * sorted.length))];
  const far = data.filter((_, i) => owner[i] >= 0 && distance[i] >= least).sort();
  const middle = far.length >> 1;
  return far.length % 2 === 1 ? far[middle] : (far[middle - 1] + far[middle]) / 2;
}
