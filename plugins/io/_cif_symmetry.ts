/**
 * Symmetry operations of a crystal, as CIF writes them: `-x, y+1/2, x-y`.
 *
 * @module
 */

/** The image of (x, y, z): three rows of four numbers, the fourth the translation. */
export type SymmetryOperation = readonly (readonly [number, number, number, number])[];

/** One term: a letter with a factor, or a number or fraction. */
const TERM = /([+-]?)(?:(\d+(?:\.\d*)?|\.\d+)(?:\/(\d+(?:\.\d*)?))?(?:\*?([xyz]))?|([xyz]))/y;

/** Reads an operation; undefined for anything else. */
export function parseOperation(text: string): SymmetryOperation | undefined {
  const parts = text.toLowerCase().replace(/\s+/g, "").split(",");
  if (parts.length !== 3) return undefined;
  const rows = parts.map(parseRow);
  return rows.every((row) => row !== undefined) ? rows as unknown as SymmetryOperation : undefined;
}

function parseRow(text: string): [number, number, number, number] | undefined {
  const row: [number, number, number, number] = [0, 0, 0, 0];
  if (text === "") return undefined;
  TERM.lastIndex = 0;
  for (let first = true; TERM.lastIndex < text.length; first = false) {
    const match = TERM.exec(text);
    // Only the first term may do without a sign.
    if (match === null || (!first && match[1] === "")) return undefined;
    const [, sign, above, below, scaled, plain] = match;
    const size = above === undefined ? 1 : Number(above) / Number(below ?? 1);
    if (!Number.isFinite(size)) return undefined;
    const letter = scaled ?? plain;
    row[letter === undefined ? 3 : "xyz".indexOf(letter)] += sign === "-" ? -size : size;
  }
  return row;
}

/** The image of a place under an operation, each fraction from 0 to 1. */
export function operate(
  [x, y, z]: readonly [number, number, number],
  operation: SymmetryOperation,
): [number, number, number] {
  return operation.map(([a, b, c, t]) => {
    const value = a * x + b * y + c * z + t;
    return value - Math.floor(value);
  }) as [number, number, number];
}
