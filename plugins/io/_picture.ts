/**
 * What PNG, JPEG and BMP have in common: a decoded picture becomes a gray image.
 *
 * @module
 */
import { createImage, type FormatContext, type Image } from "@core";
import { corrupt, decoderSaid } from "./_file_errors.ts";
import { grayPixels } from "./_gray.ts";
import type { Picture } from "./_image_js.ts";

/** Decodes a PNG or JPEG file whose structure has been checked. */
export async function decodeChecked(
  bytes: Uint8Array,
  title: string,
  path: string,
): Promise<Picture> {
  const { decodePicture } = await import("./_image_js.ts");
  try {
    return await decodePicture(bytes);
  } catch (error) {
    throw corrupt(path, `a ${title} picture that can be decoded`, decoderSaid(error), error);
  }
}

/** The gray image of a picture; real color is float32, since its luma is no whole number. */
export function imageOf(picture: Picture, context: FormatContext): Image {
  const { width, height, bitDepth } = picture;
  const { data, color } = grayPixels(picture, context);
  const sourceType = color ? "float32" : bitDepth === 16 ? "uint16" : "uint8";
  return createImage({ name: context.name, width, height, data, sourceType });
}
