/**
 * JPEG pictures, read as gray images.
 *
 * @module
 */
import type { FormatContext, Image, ImageFormat } from "@core";
import { requireBytes, startsWith } from "./_file_errors.ts";
import { checkJpeg } from "./_jpeg_markers.ts";
import { decodeChecked, imageOf } from "./_picture.ts";

/** The format. */
export const jpeg: ImageFormat = {
  id: "io.jpeg",
  kind: "image",
  title: "JPEG",
  extensions: ["jpg", "jpeg"],
  recognizes: (head) => startsWith(head, [0xff, 0xd8, 0xff]),
  read: readJpeg,
};

async function readJpeg(bytes: Uint8Array, context: FormatContext): Promise<Image[]> {
  requireBytes(bytes, context.path, "a JPEG file");
  checkJpeg(bytes, context.path);
  return [imageOf(await decodeChecked(bytes, "JPEG", context.path), context)];
}
