/**
 * Pictures of several channels as gray pixels.
 *
 * @module
 */
import type { FormatContext } from "@core";

/** Weights of red, green and blue in luma (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114] as const;

/** Samples of a picture: `channels` for a pixel, interleaved. */
export interface ColorSamples {
  readonly channels: number;
  readonly data: Uint8Array | Uint16Array | Uint32Array | Float32Array;
}

/** Gray pixels, and whether they were colors before. */
export interface GrayPixels {
  readonly data: Float32Array;
  readonly color: boolean;
}

/**
 * Gray pixels of a picture of 1 (gray), 2 (gray, alpha), 3 (color) or 4 (color, alpha) channels.
 *
 * Pictures whose red, green and blue are equal everywhere are gray and keep their values; real
 * color becomes luma, with the warning COLOR_TO_GRAY. Alpha is left out.
 */
export function grayPixels(
  picture: ColorSamples,
  context: Pick<FormatContext, "path" | "warn">,
): GrayPixels {
  const { channels, data } = picture;
  const count = Math.floor(data.length / channels);
  const pixels = new Float32Array(count);
  if (channels < 3) {
    for (let i = 0; i < count; i++) pixels[i] = data[i * channels];
    return { data: pixels, color: false };
  }
  const [r, g, b] = LUMA;
  let color = false;
  for (let i = 0, at = 0; i < count; i++, at += channels) {
    const red = data[at], green = data[at + 1], blue = data[at + 2];
    if (red === green && green === blue) {
      pixels[i] = red;
    } else {
      color = true;
      pixels[i] = r * red + g * green + b * blue;
    }
  }
  if (color) warnOfColor(context);
  return { data: pixels, color };
}

/** Records that a color picture was turned to gray. */
export function warnOfColor(context: Pick<FormatContext, "path" | "warn">): void {
  context.warn(
    "COLOR_TO_GRAY",
    `"${context.path}" is a color picture: its luma (0.299 red + 0.587 green + 0.114 blue) is used`,
  );
}
