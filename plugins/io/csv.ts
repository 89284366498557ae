/**
 * Tables as comma, semicolon, tab or blank-separated text.
 *
 * Columns are known by their names, in any of the dialects of the field: `x,y`, ImageJ Results
 * (` ,X,Y`), AtomID (`Peak#,X,Y,Phase`), Atomap (`x_position`, `sigma_x` ...). A file of two or three
 * numbers a line without names is taken as x, y and a further column.
 *
 * @module
 */
import {
  AdatomError,
  createTable,
  type FormatContext,
  type Table,
  type TableColumn,
  type TableFormat,
  type Writable,
} from "@core";
import { type ColumnKind, columnKinds } from "./_column_names.ts";
import { corrupt, requireBytes } from "./_file_errors.ts";
import { splitRows, type TextRow } from "./_papaparse.ts";

/** The format. */
export const csv: Writable<TableFormat> = {
  id: "io.csv",
  kind: "table",
  title: "CSV/TSV",
  extensions: ["csv", "tsv", "txt", "xls"],
  recognizes: () => false, // text has no signature: it is known by its extension
  read: readCsv,
  write: writeCsv,
};

/**
 * The table, once it is sure to have positions.
 *
 * @throws AdatomError TABLE_NO_POSITIONS without number columns `x` and `y`
 */
export function requirePositions(table: Table, path: string): Table<"x" | "y"> {
  const { x, y } = table.columns;
  if (x instanceof Float64Array && y instanceof Float64Array) return table as Table<"x" | "y">;
  throw noPositions(path, Object.keys(table.columns).map((name) => `"${name}"`).join(", "));
}

/** `Peak#,X,Y,Phase` with whole pixels and peaks counted from 1, as AtomID's program saves points. */
export function writeAtomIdCsv(table: Table<"x" | "y">): Uint8Array<ArrayBuffer> {
  const { x, y } = table.columns;
  const lines = ["Peak#,X,Y,Phase"];
  // Adding 0 turns -0 into 0.
  for (let i = 0; i < table.length; i++) {
    lines.push(`${i + 1},${Math.round(x[i]) + 0},${Math.round(y[i]) + 0},0`);
  }
  return new TextEncoder().encode(lines.join("\n") + "\n");
}

// deno-lint-ignore require-await -- so that errors come as rejections
async function readCsv(bytes: Uint8Array, { path }: FormatContext): Promise<Table> {
  requireBytes(bytes, path, "a CSV file");
  const { delimiter, rows, openQuote } = splitRows(textOf(bytes, path));
  if (openQuote !== undefined) {
    throw corrupt(path, "quotes that are closed", `one left open up to line ${openQuote}`);
  }
  if (rows.length === 0) {
    throw new AdatomError("FILE_EMPTY", {
      cannot: `read "${path}"`,
      expected: "a line of column names",
      got: "no lines but empty ones and comments",
      hint: "copy it again from its source",
    });
  }
  const isComma = delimiter !== ",";
  const [first] = rows;
  const named = first.cells.some((cell) => Number.isNaN(numberOf(cell, isComma)));
  if (!named && first.cells.length !== 2 && first.cells.length !== 3) {
    throw noPositions(path, `${first.cells.length} numbers without names in line ${first.line}`);
  }
  const header = named ? first.cells : ["x", "y", "column3"].slice(0, first.cells.length);
  const body = named ? rows.slice(1) : rows;
  for (const row of body) checkLength(row, header.length, path);
  const columns: Record<string, TableColumn> = {};
  const units: Record<string, string> = {};
  columnKinds(header).forEach((kind, index) => {
    if (kind === undefined) return;
    columns[kind.name] = columnOf(body, index, kind, isComma, path);
    if (kind.unit !== "") units[kind.name] = kind.unit;
  });
  const table = createTable(columns, units);
  // A table without positions may be one; half a position is a mistake.
  return ("x" in columns) === ("y" in columns) ? table : requirePositions(table, path);
}

/** Text in UTF-8, UTF-16 with its mark, or Latin-1. */
function textOf(bytes: Uint8Array, path: string): string {
  const own = bytes.slice();
  const mark = own[0] << 8 | own[1];
  const wide = mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : undefined;
  if (wide !== undefined) return new TextDecoder(wide).decode(own);
  const zero = own.indexOf(0);
  if (zero >= 0) throw corrupt(path, "text", `a zero byte at byte ${zero}`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(own);
  } catch {
    return new TextDecoder("latin1").decode(own);
  }
}

/** Rows must be as long as the header, but for empty cells at their end. */
function checkLength({ cells, line }: TextRow, length: number, path: string): void {
  if (cells.length === length) return;
  if (cells.length > length && cells.slice(length).every((cell) => cell === "")) return;
  throw new AdatomError("TABLE_VALUE", {
    cannot: `read "${path}"`,
    expected: `${length} cells in line ${line}`,
    got: `${cells.length}`,
    hint: "correct or delete the line",
  });
}

function columnOf(
  body: readonly TextRow[],
  index: number,
  { name, cells }: ColumnKind,
  isComma: boolean,
  path: string,
): TableColumn {
  const words = () => body.map((row) => row.cells[index]);
  if (cells === "words") return words();
  const isPosition = name === "x" || name === "y";
  const numbers = new Float64Array(body.length);
  for (let i = 0; i < body.length; i++) {
    const cell = body[i].cells[index];
    const value = isMissing(cell) ? NaN : numberOf(cell, isComma);
    const isWrong = Number.isNaN(value) && !isMissing(cell);
    if (isWrong && cells === "either") return words();
    if (isWrong || (isPosition && !Number.isFinite(value))) {
      throw new AdatomError("TABLE_VALUE", {
        cannot: `read "${path}"`,
        expected: `a number as ${name} in line ${body[i].line}`,
        got: cell === "" ? "nothing" : `"${cell.slice(0, 40)}"`,
        hint: "correct or delete the line",
      });
    }
    numbers[i] = value;
  }
  return numbers;
}

/** A number, with a decimal comma where the comma does not separate cells; NaN for anything else. */
function numberOf(cell: string, isComma: boolean): number {
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(cell);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  const text = isComma && /^[+-]?\d*,\d+(?:[eE][+-]?\d+)?$/.test(cell)
    ? cell.replace(",", ".")
    : cell;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : NaN;
}

function isMissing(cell: string): boolean {
  return cell === "" || /^(?:[+-]?nan|na|null)$/i.test(cell);
}

function noPositions(path: string, got: string): AdatomError {
  return new AdatomError("TABLE_NO_POSITIONS", {
    cannot: `read positions from "${path}"`,
    expected: 'number columns "x" and "y" in px',
    got: got || "no columns",
    hint: "name the columns in the first line",
  });
}

/** One header line of names, numbers in the fewest digits that give them back, NaN as an empty cell. */
function writeCsv(table: Table): Uint8Array<ArrayBuffer> {
  const names = Object.keys(table.columns);
  const columns = names.map((name) => table.columns[name]);
  const missing = columns.length === 1 ? "NaN" : ""; // an empty line would be no row
  const lines = [names.map(quote).join(",")];
  for (let i = 0; i < table.length; i++) {
    const cells = columns.map((column) => {
      const cell = column[i];
      if (typeof cell === "string") return quote(cell);
      return Number.isNaN(cell) ? missing : String(cell);
    });
    lines.push(cells.join(","));
  }
  return new TextEncoder().encode(lines.join("\n") + "\n");
}

function quote(text: string): string {
  return /[",\n\r;\t]|^#|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
