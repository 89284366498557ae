/**
 * Tables as comma, semicolon, tab or blank-separated text.
 *
 * Columns are known by their names, in any of the dialects of the field: `x,y`, ImageJ Results
 * (` ,X,Y`), AtomID (`Peak#,X,Y,Phase`), Atomap (`x_position`, `sigma_x` ...). A file of numbers
 * without names is taken as x, y and further columns.
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
import { splitRows } from "./_papaparse.ts";
import { corruptFile } from "./_read_errors.ts";

/** Our names for what others call otherwise; keys are lower case without `_`, `-`, blanks. */
const KNOWN_NAMES: Readonly<Record<string, string>> = {
  x: "x",
  xpx: "x",
  xposition: "x",
  y: "y",
  ypx: "y",
  yposition: "y",
  z: "z",
  height: "height",
  value: "height",
  intensity: "height",
  sigmax: "sigmaX",
  sigmay: "sigmaY",
  rotation: "angle",
  angle: "angle",
  background: "background",
  volume: "volume",
  errorx: "errorX",
  errory: "errorY",
  status: "status",
  species: "species",
  element: "species",
  frame: "exposure",
  exposure: "exposure",
  phase: "phase",
  "peak#": "peak",
};

/** The format. */
export const csv: Writable<TableFormat> = {
  id: "io.csv",
  kind: "table",
  title: "CSV",
  extensions: ["csv", "tsv", "txt", "xls"],
  recognizes: () => false, // text has no signature: it is known by its extension
  read: (bytes, context) => Promise.resolve(readCsv(bytes, context)),
  write: writeCsv,
};

/**
 * The table with positions checked.
 *
 * @throws AdatomError TABLE_NO_POSITIONS when there are no number columns x and y
 */
export function requirePositions(table: Table, path: string): Table<"x" | "y"> {
  const { x, y } = table.columns;
  if (x instanceof Float64Array && y instanceof Float64Array) return table as Table<"x" | "y">;
  throw new AdatomError("TABLE_NO_POSITIONS", {
    cannot: `read positions from "${path}"`,
    expected: "columns of numbers named x and y",
    got: Object.keys(table.columns).map((name) => `"${name}"`).join(", ") || "no columns",
    hint: "name them in the first line",
  });
}

/** `Peak#,X,Y,Phase` with whole pixels, as AtomID's program saves points. */
export function writeAtomIdCsv(table: Table<"x" | "y">): Uint8Array {
  const { x, y } = table.columns;
  const lines = Array.from(x, (_, i) => `${i + 1},${Math.round(x[i])},${Math.round(y[i])},0`);
  return new TextEncoder().encode(["Peak#,X,Y,Phase", ...lines, ""].join("\n"));
}

function readCsv(bytes: Uint8Array, context: FormatContext): Table {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw corruptFile(context, "CSV", "bytes that are no text", error);
  }
  if (text.includes("\0")) throw corruptFile(context, "CSV", "bytes that are no text");
  const rows = splitRows(text);
  if (rows.length === 0) throw corruptFile(context, "CSV", "no lines");
  const isNumber = (cell: string) => cell !== "" && !Number.isNaN(Number(cell));
  const named = !rows[0].every(isNumber);
  const header = named ? rows[0] : rows[0].map((_, i) => ["x", "y", "z"][i] ?? `column${i}`);
  const body = named ? rows.slice(1) : rows;
  const names = columnNames(header);
  const columns: Record<string, TableColumn> = {};
  for (const [c, name] of names.entries()) {
    if (name === undefined) continue;
    const cells = body.map((row) => row[c] ?? "");
    columns[name] = cells.every((cell) => isNumber(cell) || isMissing(cell))
      ? Float64Array.from(cells, (cell) => isMissing(cell) ? NaN : Number(cell))
      : cells;
  }
  checkPositions(columns, body, names, named, context);
  return requirePositionsIfNamed(createTable(columns), names, context.path);
}

/** Our names of the columns of a header; a first column without a name (row numbers) is left out. */
function columnNames(header: readonly string[]): (string | undefined)[] {
  const taken = new Set<string>();
  return header.map((cell, i) => {
    const plain = cell.replace(/^\uFEFF/, "").replace(/\s*[([].*$/, "");
    if (plain === "" && i === 0) return undefined;
    const name = KNOWN_NAMES[plain.toLowerCase().replace(/[_\s-]/g, "")] ?? (plain || `column${i}`);
    if (taken.has(name)) return undefined; // the first of equal names counts
    taken.add(name);
    return name;
  });
}

/** A position that is no number is an error that names its line; elsewhere such a column is words. */
function checkPositions(
  columns: Readonly<Record<string, TableColumn>>,
  body: readonly (readonly string[])[],
  names: readonly (string | undefined)[],
  named: boolean,
  context: FormatContext,
): void {
  for (const axis of ["x", "y"]) {
    const column = columns[axis];
    if (column === undefined) continue;
    const c = names.indexOf(axis);
    const bad = body.findIndex((row) =>
      row[c] === undefined || !Number.isFinite(Number(row[c] || "-"))
    );
    if (bad < 0) continue;
    throw new AdatomError("TABLE_VALUE", {
      cannot: `read "${context.path}"`,
      expected: `a number as ${axis} in row ${bad + (named ? 2 : 1)}`,
      got: body[bad][c] === undefined ? "nothing" : `"${body[bad][c]}"`,
      hint: "correct or delete the row",
    });
  }
}

/** Tables of ours without positions (drift has them, a ranking does not) pass; a lone x is a mistake. */
function requirePositionsIfNamed(
  table: Table,
  names: readonly (string | undefined)[],
  path: string,
): Table {
  const half = names.includes("x") !== names.includes("y");
  return half ? requirePositions(table, path) : table;
}

function isMissing(cell: string): boolean {
  return cell === "" || /^(nan|na|null)$/i.test(cell);
}

function writeCsv(table: Table): Uint8Array {
  const columns = Object.entries(table.columns);
  const lines = [columns.map(([name]) => quote(name)).join(",")];
  for (let i = 0; i < table.length; i++) {
    lines.push(
      columns.map(([, column]) => {
        const cell = column[i];
        if (typeof cell === "string") return quote(cell);
        return Number.isNaN(cell) ? "" : String(cell);
      }).join(","),
    );
  }
  return new TextEncoder().encode(lines.join("\n") + "\n");
}

function quote(text: string): string {
  return /[",\n\r;\t#]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
