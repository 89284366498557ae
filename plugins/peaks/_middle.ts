/**
 * The middle of a flat top.
 *
 * @module
 */

/** The pixel of a list that lies nearest the list's mean place; of equally near ones the first in the image. */
export function pixelNearestMean(pixels: Int32Array, width: number): number {
  if (pixels.length === 1) return pixels[0];
  let sumX = 0, sumY = 0;
  for (const i of pixels) {
    sumX += i % width;
    sumY += Math.floor(i / width);
  }
  const n = pixels.length;
  let best = -1, least = Infinity;
  for (const i of pixels) {
    // n times the distance from the mean: whole numbers, so that ties are ties
    const dx = n * (i % width) - sumX, dy = n * Math.floor(i / width) - sumY;
    const distance = dx * dx + dy * dy;
    if (distance < least || (distance === least && i < best)) {
      least = distance;
      best = i;
    }
  }
  return best;
}
