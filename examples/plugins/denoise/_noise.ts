/**
 * The standard deviation of the noise of an image, from the image itself.
 *
 * @module
 */

/** Standard deviations of a Gaussian in the median of its absolute values. */
const MEDIAN_OF_NORMAL = 0.674489750196082;

/** Root of the sum of squares of the mask 1 -2 1, -2 4 -2, 1 -2 1. */
const MASK_NORM = 6;

/**
 * The standard deviation of white noise, from the median size of the second difference along x and y,
 * to which slopes and edges along the axes add nothing. 0 for an image narrower than 3 px.
 *
 * Where more than half of the differences are 0, as with very few counts, their mean is used.
 * Cost O(n log n) in pixels, 4 bytes a pixel.
 *
 * @see Immerkaer, Fast noise variance estimation, Comput. Vis. Image Underst. 64 (1996) 300, for the
 * mask. https://doi.org/10.1006/cviu.1996.0060
 */
export function noiseSigma(data: Float32Array, width: number, height: number): number {
  if (width < 3 || height < 3) return 0;
  const sizes = new Float32Array((width - 2) * (height - 2));
  let count = 0, sum = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x, up = i - width, down = i + width;
      const corners = data[up - 1] + data[up + 1] + data[down - 1] + data[down + 1];
      const sides = data[up] + data[i - 1] + data[i + 1] + data[down];
      const size = Math.abs(corners - 2 * sides + 4 * data[i]);
      sizes[count++] = size;
      sum += size;
    }
  }
  sizes.sort();
  const median = sizes[count >> 1];
  if (median > 0) return median / (MEDIAN_OF_NORMAL * MASK_NORM);
  return Math.sqrt(Math.PI / 2) * sum / count / MASK_NORM;
}
