/**
 * NPZ: several NumPy arrays; all of two or three axes are read, in the order of their names; numbers
 * and lists are passed over.
 *
 * @module
 */
import type { FormatContext, Image, ImageFormat } from "@core";
import { requireBytes, unsupported } from "./_file_errors.ts";
import { isNpy, npyAxes, npyImages } from "./_npy_array.ts";
import { unzip } from "./_zip.ts";

/** The format. */
export const npz: ImageFormat = {
  id: "io.npz",
  kind: "image",
  title: "NPZ",
  extensions: ["npz"],
  recognizes: () => false, // a ZIP archive could be anything: it is known by its extension
  read: readNpz,
};

// deno-lint-ignore require-await -- so that errors come as rejections
async function readNpz(bytes: Uint8Array, context: FormatContext): Promise<Image[]> {
  requireBytes(bytes, context.path, "an NPZ file");
  const arrays = unzip(bytes, context.path)
    .filter(([name, data]) => name.endsWith(".npy") && isNpy(data))
    .sort(([a], [b]) => a < b ? -1 : 1);
  const images: Image[] = [];
  for (const [name, data] of arrays) {
    const path = `${context.path}/${name}`;
    const own = { name: context.name, path, warn: context.warn.bind(context) };
    const suffix = arrays.length === 1 ? "" : `_${name.slice(0, -".npy".length)}`;
    // Numbers and lists beside the images: scales, axes, labels.
    if (npyAxes(data, path) >= 2) images.push(...npyImages(data, context.name + suffix, own));
  }
  if (images.length > 0) return images;
  throw unsupported(
    context.path,
    "arrays of 2 or 3 axes",
    "none in the archive",
    "save it with numpy.savez",
  );
}
