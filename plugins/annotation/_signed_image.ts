/**
 * Dark columns as bright ones.
 *
 * @module
 */
import type { Image } from "@core";

/** The image itself for bright columns, its negative for dark ones. */
export function signedImage(image: Image, polarity: "bright" | "dark"): Image {
  return polarity === "bright" ? image : { ...image, data: image.data.map((v) => -v) };
}
