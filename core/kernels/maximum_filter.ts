/**
 * The maximum filter: the highest value of a square window around each pixel.
 *
 * @module
 */

/**
 * The highest value of the window of 2 reach + 1 px around each pixel, as far as it lies in the image.
 *
 * Blocks as long as the window are run through from both ends, so that every window is the end of one
 * run and the beginning of another: three comparisons a pixel and axis, whatever the reach. It takes 8 bytes
 * a pixel besides.
 *
 * @example
 * ```ts
 * import { maximumFilter } from "@core/kernels";
 * import { assertEquals } from "@assert";
 *
 * const line = Float32Array.of(0, 3, 0, 0, 1);
 * maximumFilter(line, 5, 1, 1, line);
 * assertEquals([...line], [3, 3, 3, 1, 1]);
 * ```
 * @param reach 1 or more, px
 * @param out width * height; may be `values`
 * @see van Herk, A fast algorithm for local minimum and maximum filters on rectangular and octagonal
 * kernels, Pattern Recognition Letters 13 (1992) 517-521. https://doi.org/10.1016/0167-8655(92)90069-C
 */
export function maximumFilter(
  values: Float32Array,
  width: number,
  height: number,
  reach: number,
  out: Float32Array,
): void {
  if (out !== values) out.set(values);
  maximumOfRows(out, width, height, Math.min(reach, width));
  maximumOfColumns(out, width, height, Math.min(reach, height));
}

function maximumOfRows(data: Float32Array, width: number, height: number, reach: number): void {
  const span = 2 * reach + 1;
  // the row with -Infinity beyond its ends, run through forward and backward
  const length = Math.ceil((width + 2 * reach) / span) * span;
  const forward = new Float32Array(length).fill(-Infinity), backward = forward.slice();
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let block = 0; block < length; block += span) {
      let high = -Infinity;
      for (let i = block; i < block + span; i++) {
        const x = i - reach;
        if (x >= 0 && x < width && data[row + x] > high) high = data[row + x];
        forward[i] = high;
      }
      high = -Infinity;
      for (let i = block + span - 1; i >= block; i--) {
        const x = i - reach;
        if (x >= 0 && x < width && data[row + x] > high) high = data[row + x];
        backward[i] = high;
      }
    }
    for (let x = 0; x < width; x++) {
      const a = backward[x], b = forward[x + 2 * reach];
      data[row + x] = a > b ? a : b;
    }
  }
}

/** The same along y, by whole rows, so that memory is read in its order. */
function maximumOfColumns(data: Float32Array, width: number, height: number, reach: number): void {
  const span = 2 * reach + 1;
  const forward = data.slice(), backward = data.slice();
  const raise = (runs: Float32Array, row: number, by: number) => {
    for (let i = row; i < row + width; i++) if (runs[i + by] > runs[i]) runs[i] = runs[i + by];
  };
  // blocks begin `reach` rows before the image
  for (let y = 1; y < height; y++) {
    if ((y + reach) % span !== 0) raise(forward, y * width, -width);
  }
  for (let y = height - 2; y >= 0; y--) {
    if ((y + 1 + reach) % span !== 0) raise(backward, y * width, width);
  }
  const lastBlock = Math.floor((height - 1 + reach) / span);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const from = Math.max(0, y - reach) * width, to = Math.min(height - 1, y + reach) * width;
    // a run that begins beyond the last row has nothing in it
    const isBeyond = Math.floor((y + 2 * reach) / span) > lastBlock;
    for (let x = 0; x < width; x++) {
      const a = backward[from + x], b = isBeyond ? a : forward[to + x];
      data[row + x] = a > b ? a : b;
    }
  }
}
