/**
 * Tables: named columns of equal length, numbers or words, with a unit each.
 *
 * @module
 */

/** One column of a table: numbers or words. */
export type TableColumn = Float64Array | readonly string[];

/** A table that has at least the number columns `N` and the word columns `S`. */
export interface Table<N extends string = never, S extends string = never> {
  /** Number of rows. */
  readonly length: number;
  readonly columns:
    & { readonly [name in N]: Float64Array }
    & { readonly [name in S]: readonly string[] }
    & { readonly [name: string]: TableColumn };
  /** Unit by column name; columns without a unit are left out. */
  readonly units: Readonly<Record<string, string>>;
}

/**
 * Makes a table from its columns.
 *
 * @throws RangeError when the columns differ in length
 *
 * @example
 * ```ts
 * import { createTable } from "@core";
 * import { assertEquals } from "@assert";
 *
 * const table = createTable({ x: Float64Array.of(1, 2), name: ["a", "b"] }, { x: "px" });
 * assertEquals(table.length, 2);
 * ```
 */
export function createTable<C extends Readonly<Record<string, TableColumn>>>(
  columns: C,
  units: Readonly<Record<string, string>> = {},
): { readonly length: number; readonly columns: C; readonly units: typeof units } {
  const lengths = Object.values(columns).map((column) => column.length);
  const length = lengths[0] ?? 0;
  if (lengths.some((n) => n !== length)) {
    throw new RangeError(`columns of one table differ in length: ${lengths.join(", ")}`);
  }
  return { length, columns, units };
}

/** A number column of a table by name, or `undefined`. */
export function numberColumn(table: Table, name: string): Float64Array | undefined {
  const column: TableColumn | undefined = table.columns[name];
  return column instanceof Float64Array ? column : undefined;
}

/** A word column of a table by name, or `undefined`. */
export function wordColumn(table: Table, name: string): readonly string[] | undefined {
  const column: TableColumn | undefined = table.columns[name];
  return Array.isArray(column) ? column : undefined;
}

/** The rows of a table at the given indices, in that order; every column is kept. */
export function selectRows<T extends Table>(table: T, rows: ArrayLike<number>): T {
  const columns: Record<string, TableColumn> = {};
  for (const [name, column] of Object.entries(table.columns)) {
    columns[name] = column instanceof Float64Array
      ? selectValues(column, rows)
      : Array.from(rows, (row) => column[row]);
  }
  return { ...table, length: rows.length, columns };
}

/** The values at the given indices, in that order. */
export function selectValues(values: ArrayLike<number>, rows: ArrayLike<number>): Float64Array {
  const selected = new Float64Array(rows.length);
  for (let k = 0; k < selected.length; k++) selected[k] = values[rows[k]];
  return selected;
}

/** The table with some columns added or replaced. */
export function withColumns<T extends Table>(
  table: T,
  columns: Readonly<Record<string, TableColumn>>,
  units: Readonly<Record<string, string>> = {},
): T {
  for (const [name, column] of Object.entries(columns)) {
    if (column.length !== table.length) {
      throw new RangeError(`column "${name}" has ${column.length} rows, the table ${table.length}`);
    }
  }
  return {
    ...table,
    columns: { ...table.columns, ...columns },
    units: { ...table.units, ...units },
  };
}
