/**
 * Errors that readers have in common.
 *
 * @module
 */
import { AdatomError, type FormatContext } from "@core";

/** A file that is not what it claims to be. */
export function corruptFile(
  context: FormatContext,
  title: string,
  got: string,
  cause?: unknown,
): AdatomError {
  return new AdatomError("FILE_CORRUPT", {
    cannot: `read "${context.path}"`,
    expected: `a whole ${title} file`,
    got,
    hint: "copy it again from its source",
  }, { cause });
}

/** A file of a known format in a form that is not read. */
export function unsupportedFile(
  context: FormatContext,
  expected: string,
  got: string,
  hint: string,
): AdatomError {
  return new AdatomError("FORMAT_UNSUPPORTED", {
    cannot: `read "${context.path}"`,
    expected,
    got,
    hint,
  });
}

/** The first line of an error's text, for use inside a sentence. */
export function briefly(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `damaged data (${text.split("\n")[0].slice(0, 120)})`;
}
