/**
 * NPY: one NumPy array, an image (y, x) or a stack (exposure, y, x).
 *
 * @module
 */
import type { FormatContext, Image, ImageFormat, Writable } from "@core";
import { requireBytes } from "./_file_errors.ts";
import { isNpy, npyImages, writeNpy } from "./_npy_array.ts";

/** The format. */
export const npy: Writable<ImageFormat> = {
  id: "io.npy",
  kind: "image",
  title: "NPY",
  extensions: ["npy"],
  recognizes: isNpy,
  read: readNpy,
  write: writeNpy,
};

// deno-lint-ignore require-await -- so that errors come as rejections
async function readNpy(bytes: Uint8Array, context: FormatContext): Promise<Image[]> {
  requireBytes(bytes, context.path, "an NPY file");
  return npyImages(bytes, context.name, context);
}
