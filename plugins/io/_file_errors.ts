/**
 * The errors readers raise, worded alike for every format.
 *
 * @module
 */
import { AdatomError, type ErrorPlace } from "@core";

/** Most bytes that one byte of deflate data can stand for; a header that claims more is corrupt. */
export const DEFLATE_LIMIT = 1032;

/** An error for bytes that are not what their format says. */
export function corrupt(
  path: string,
  expected: string,
  got: string,
  cause?: unknown,
): AdatomError {
  const place: ErrorPlace = cause === undefined ? {} : { cause };
  return new AdatomError("FILE_CORRUPT", {
    cannot: `read "${path}"`,
    expected,
    got,
    hint: "the file is damaged: copy it again from its source",
  }, place);
}

/** An error for a variant of a format that is right but not read here. */
export function unsupported(
  path: string,
  expected: string,
  got: string,
  hint: string,
): AdatomError {
  return new AdatomError("FORMAT_UNSUPPORTED", { cannot: `read "${path}"`, expected, got, hint });
}

/** An error for images that a format cannot hold; `file` as in `a PNG file`. */
export function unwritable(
  file: string,
  expected: string,
  got: string,
  hint: string,
): AdatomError {
  return new AdatomError("FORMAT_UNSUPPORTED", {
    cannot: `write ${file}`,
    expected,
    got,
    hint,
  });
}

/** Refuses a file without bytes; `file` as in `a PNG file`. */
export function requireBytes(bytes: Uint8Array, path: string, file: string): void {
  if (bytes.length > 0) return;
  throw new AdatomError("FILE_EMPTY", {
    cannot: `read "${path}"`,
    expected: file,
    got: "an empty file",
    hint: "copy it again from its source",
  });
}

/** What a foreign decoder said, as one line. */
export function decoderSaid(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `"${text.replace(/\s+/g, " ").trim().slice(0, 160)}" from the decoder`;
}

/** Whether a file starts with these bytes. */
export function startsWith(head: Uint8Array, magic: readonly number[]): boolean {
  return head.length >= magic.length && magic.every((byte, i) => head[i] === byte);
}

/** A view of the bytes for reading numbers. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
