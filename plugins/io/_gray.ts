/**
 * Color pictures as gray images.
 *
 * @module
 */

/**
 * Gray pixels from interleaved channels by the luma of Rec. 601 (0.299 R + 0.587 G + 0.114 B); of two
 * or four channels the last is opacity and is left out. Also whether any pixel had a color.
 */
export function toGray(
  samples: ArrayLike<number>,
  pixels: number,
  channels: number,
): { readonly data: Float32Array; readonly colored: boolean } {
  const data = new Float32Array(pixels);
  if (channels < 3) {
    for (let i = 0; i < pixels; i++) data[i] = samples[i * channels];
    return { data, colored: false };
  }
  let colored = false;
  for (let i = 0; i < pixels; i++) {
    const r = samples[i * channels], g = samples[i * channels + 1], b = samples[i * channels + 2];
    if (r === g && g === b) data[i] = r;
    else {
      colored = true;
      data[i] = 0.299 * r + 0.587 * g + 0.114 * b;
    }
  }
  return { data, colored };
}

/** What is said of a color picture. */
export const COLOR_WARNING = "a color picture was turned to gray (0.299 R + 0.587 G + 0.114 B)";
