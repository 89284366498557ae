/**
 * NPY: one NumPy array, an image (y, x) or a stack (exposure, y, x).
 *
 * @module
 */
import type { ImageFormat, Writable } from "@core";
import { isNpy, npyImages, writeNpy } from "./_npy_array.ts";

/** The format. */
export const npy: Writable<ImageFormat> = {
  id: "io.npy",
  kind: "image",
  title: "NPY",
  extensions: ["npy"],
  recognizes: isNpy,
  read: (bytes, context) => Promise.resolve().then(() => npyImages(bytes, context.name, context)),
  write: writeNpy,
};
