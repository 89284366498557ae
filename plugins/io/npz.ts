/**
 * NPZ: several NumPy arrays; all of two or three axes are read, in the order of their names.
 *
 * @module
 */
import type { ImageFormat } from "@core";
import { isNpy, npyImages } from "./_npy_array.ts";
import { briefly, corruptFile } from "./_read_errors.ts";
import { unzip } from "./_zip.ts";

/** The format. */
export const npz: ImageFormat = {
  id: "io.npz",
  kind: "image",
  title: "NPZ",
  extensions: ["npz"],
  recognizes: () => false, // a zip archive could be anything: it is known by its extension
  read: (bytes, context) =>
    Promise.resolve().then(() => {
      let entries: [string, Uint8Array][];
      try {
        entries = unzip(bytes);
      } catch (error) {
        throw corruptFile(context, "NPZ", briefly(error), error);
      }
      const arrays = entries.filter(([, data]) => isNpy(data));
      if (arrays.length === 0) throw corruptFile(context, "NPZ", "no arrays in it");
      return arrays.sort(([a], [b]) => a < b ? -1 : 1).flatMap(([name, data]) => {
        const own = name.replace(/\.npy$/, "");
        return npyImages(data, `${context.name}_${own}`, context);
      });
    }),
};
