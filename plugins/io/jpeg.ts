/**
 * JPEG pictures, read as gray images.
 *
 * @module
 */
import type { ImageFormat } from "@core";
import { readPicture } from "./_picture.ts";

/** The format. */
export const jpeg: ImageFormat = {
  id: "io.jpeg",
  kind: "image",
  title: "JPEG",
  extensions: ["jpg", "jpeg"],
  recognizes: (head) => head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff,
  read: (bytes, context) => readPicture(bytes, "JPEG", context),
};
