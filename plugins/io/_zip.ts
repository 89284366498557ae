/**
 * ZIP archives, wrapping fflate: the same entries always give the same bytes.
 *
 * @module
 */
import { unzipSync, zipSync } from "fflate";
import { corrupt, decoderSaid, DEFLATE_LIMIT } from "./_file_errors.ts";

/** One file of an archive: its path inside and its bytes. */
export type ZipEntry = readonly [name: string, bytes: Uint8Array];

/**
 * An archive of the entries in their order, deflated, or stored where `level` is 0.
 *
 * Every entry is dated 1980-01-01 00:00, the first date ZIP knows, so that no clock is in the bytes.
 */
export function zip(entries: ReadonlyArray<ZipEntry>, level: 0 | 6 = 6): Uint8Array<ArrayBuffer> {
  // ZIP keeps local time and fflate takes it from the local parts of a date.
  const mtime = new Date(1980, 0, 1);
  return zipSync(Object.fromEntries(entries), { level, mtime });
}

/**
 * The files of an archive in their order; folders are left out.
 *
 * @throws AdatomError FILE_CORRUPT for damaged archives, naming `path`
 */
export function unzip(bytes: Uint8Array, path = "archive.zip"): [string, Uint8Array][] {
  const limit = DEFLATE_LIMIT * bytes.length;
  let claimed = 0;
  try {
    const files = unzipSync(bytes, {
      filter: (file) => {
        claimed += file.originalSize;
        if (claimed > limit) {
          throw new RangeError(`${claimed} bytes in an archive of ${bytes.length}`);
        }
        return !file.name.endsWith("/");
      },
    });
    return Object.entries(files);
  } catch (error) {
    throw corrupt(path, "a whole ZIP archive", decoderSaid(error), error);
  }
}
