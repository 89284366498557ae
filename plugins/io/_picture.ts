/**
 * What PNG, JPEG and BMP have in common: a decoded picture becomes a gray image.
 *
 * @module
 */
import { createImage, type FormatContext, type Image } from "@core";
import { COLOR_WARNING, toGray } from "./_gray.ts";
import type { Picture } from "./_image_js.ts";
import { briefly, corruptFile } from "./_read_errors.ts";

/** Reads a picture file of one image. */
export async function readPicture(
  bytes: Uint8Array,
  title: string,
  context: FormatContext,
): Promise<Image[]> {
  const { decodePicture } = await import("./_image_js.ts");
  let picture: Picture;
  try {
    picture = await decodePicture(bytes);
  } catch (error) {
    throw corruptFile(context, title, briefly(error), error);
  }
  const { width, height, channels, bitDepth } = picture;
  const { data, colored } = toGray(picture.data, width * height, channels);
  if (colored) context.warn("COLOR_TO_GRAY", COLOR_WARNING);
  const sourceType = colored ? "float32" : bitDepth === 16 ? "uint16" : "uint8";
  return [createImage({ name: context.name, width, height, data, sourceType })];
}
