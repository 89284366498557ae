/**
 * BMP pictures, read as gray images.
 *
 * @module
 */
import type { ImageFormat } from "@core";
import { readPicture } from "./_picture.ts";

/** The format. */
export const bmp: ImageFormat = {
  id: "io.bmp",
  kind: "image",
  title: "BMP",
  extensions: ["bmp"],
  recognizes: (head) => head[0] === 0x42 && head[1] === 0x4d,
  read: (bytes, context) => readPicture(bytes, "BMP", context),
};
