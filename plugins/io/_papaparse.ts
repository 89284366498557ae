/**
 * Splits delimited text into cells, wrapping papaparse.
 *
 * @module
 */
import Papa from "papaparse";

/** One row of cells, without blanks around them, and the line of the file it ends on. */
export interface TextRow {
  readonly cells: readonly string[];
  readonly line: number;
}

/** What papaparse, which has no types of its own, says of one row. */
interface Step {
  readonly data: readonly string[];
  readonly errors: readonly { readonly code: string }[];
  /** `cursor`: where the row ends. */
  readonly meta: { readonly cursor: number };
}

/** A text split into rows. */
export interface TextRows {
  readonly delimiter: string;
  readonly rows: readonly TextRow[];
  /** The line of an opening quote that is never closed. */
  readonly openQuote: number | undefined;
}

/**
 * The rows of a text, separated by commas, semicolons, tabs or blanks, whichever its first line
 * shows; lines that start with `#` and empty lines are left out.
 */
export function splitRows(text: string): TextRows {
  const delimiter = delimiterOf(text);
  const rows: TextRow[] = [];
  let openQuote: number | undefined;
  let line = 1, counted = 0;
  Papa.parse(text, {
    delimiter,
    comments: "#",
    skipEmptyLines: true,
    step: ({ data, errors, meta }: Step) => {
      // Lines up to the end of this row, of which the last line break may be part.
      const end = Math.max(counted, Math.min(meta.cursor, text.length) - 1);
      for (; counted < end; counted++) if (text.charCodeAt(counted) === 10) line++;
      if (errors.some((error) => error.code === "MissingQuotes")) openQuote ??= line;
      const trimmed = data.map((cell) => cell.trim());
      const cells = delimiter === " " ? trimmed.filter((cell) => cell !== "") : trimmed;
      if (cells.some((cell) => cell !== "")) rows.push({ cells, line });
    },
  });
  return { delimiter, rows, openQuote };
}

function delimiterOf(text: string): string {
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end < 0 ? text.length : end);
    if (line.trim() !== "" && !line.startsWith("#")) {
      return ["\t", ";", ",", " "].find((mark) => line.trimEnd().includes(mark)) ?? ",";
    }
    if (end < 0) break;
    start = end + 1;
  }
  return ",";
}
