/**
 * Point lists: a text format of points with heights, made up for this example.
 *
 * ```text
 * %POINTLIST 1
 * unit: px
 * points: 2
 * 10.5 20.25 130
 * 30 20.5 -
 * ```
 *
 * The first line names the format and its version. Header lines `key: value` follow; `points` and
 * `unit` (px or nm) are required, and `pixel size` (nm) with nm; other keys are skipped with a warning.
 * Then one point a line: x, y and height between blanks, in the order of the table; `-` is a height
 * that is not known. Empty lines count for nothing. The center of the top-left pixel is at (0, 0).
 *
 * Reading gives the columns x, y (px) and height (counts); a list without a single height has no such
 * column. Writing keeps these columns of a table, in px, with all their digits.
 *
 * Errors  FILE_EMPTY, FORMAT_UNSUPPORTED (another version), FILE_CORRUPT with the line; on writing
 *         TABLE_NO_POSITIONS, TABLE_VALUE
 *
 * @module
 */
import {
  AdatomError,
  createTable,
  defineFormat,
  type FormatContext,
  numberColumn,
  type Table,
} from "@core";
import { parsePointList, type PointListFault } from "./_parse.ts";

/** The format. */
export const pointList = defineFormat({
  id: "examples.point-list",
  kind: "table",
  title: "Point list",
  extensions: ["pts"],
  signatures: [{ bytes: "%POINTLIST" }],
  // deno-lint-ignore require-await -- so that errors come as rejections
  async read(bytes, context): Promise<Table> {
    const parsed = parsePointList(textOf(bytes, context));
    if ("fault" in parsed) throw faultError(parsed.fault, context);
    for (const { key, line } of parsed.unknownKeys) {
      context.warn(
        "HEADER_SKIPPED",
        `"${context.path}": line ${line}, "${key}" means nothing here`,
      );
    }
    const { x, y, height } = parsed;
    const hasHeights = height.length === 0 || height.some((h) => !Number.isNaN(h));
    return hasHeights
      ? createTable({ x, y, height }, { x: "px", y: "px", height: "counts" })
      : createTable({ x, y }, { x: "px", y: "px" });
  },
  write(table) {
    const x = numberColumn(table, "x"), y = numberColumn(table, "y");
    if (x === undefined || y === undefined) throw noPositions(table);
    const height = numberColumn(table, "height");
    const lines = ["%POINTLIST 1", "unit: px", `points: ${table.length}`];
    for (let i = 0; i < table.length; i++) {
      const known = height !== undefined && !Number.isNaN(height[i]);
      const cells = known ? [x[i], y[i], height[i]] : [x[i], y[i]];
      if (!cells.every(Number.isFinite)) throw notFinite(i, cells);
      lines.push(`${cells.map(String).join(" ")}${known ? "" : " -"}`);
    }
    return new TextEncoder().encode(lines.join("\n") + "\n");
  },
});

/** The text of a file in UTF-8. */
function textOf(bytes: Uint8Array, { path }: FormatContext): string {
  if (bytes.length === 0) {
    throw new AdatomError("FILE_EMPTY", {
      cannot: `read "${path}"`,
      expected: "a point list",
      got: "an empty file",
      hint: "copy it again from its source",
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AdatomError("FILE_CORRUPT", {
      cannot: `read "${path}"`,
      expected: "text in UTF-8",
      got: "other bytes",
      hint: "save it as UTF-8",
    }, { cause });
  }
}

function faultError(fault: PointListFault, { path }: FormatContext): AdatomError {
  const { line, expected, got, version = false } = fault;
  return new AdatomError(version ? "FORMAT_UNSUPPORTED" : "FILE_CORRUPT", {
    cannot: `read "${path}"`,
    expected: `${expected} in line ${line}`,
    got,
    hint: version ? "save it as version 1" : "correct the line or copy the file again",
  });
}

function noPositions(table: Table): AdatomError {
  return new AdatomError("TABLE_NO_POSITIONS", {
    cannot: "write a point list",
    expected: 'number columns "x" and "y" in px',
    got: Object.keys(table.columns).map((name) => `"${name}"`).join(", ") || "no columns",
    hint: "write it as CSV",
  });
}

function notFinite(row: number, cells: readonly number[]): AdatomError {
  return new AdatomError("TABLE_VALUE", {
    cannot: "write a point list",
    expected: `finite numbers in row ${row}`,
    got: cells.join(", "),
    hint: "leave the row out, or write the table as CSV",
  });
}
