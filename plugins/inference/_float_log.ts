/**
 * Logarithms of the numbers of a map, from their bits.
 *
 * @module
 */

/** Bits of the fraction that tell the row of the tables, and those that remain. */
const ROW_BITS = 11, REST_BITS = 23 - ROW_BITS;
const ROWS = 1 << ROW_BITS, REST = 1 << REST_BITS;

/** The logarithm in the middle of each row, and the share of it that one step of the rest is. */
const MIDDLE = Float64Array.from({ length: ROWS }, (_, row) => Math.log(1 + (row + 0.5) / ROWS));
const STEP = Float64Array.from({ length: ROWS }, (_, row) => 1 / (ROWS + row + 0.5) / REST);

/** The numbers of a map as their bits, for {@linkcode logOfBits}. */
export function bitsOf(map: Float32Array): Uint32Array {
  return new Uint32Array(map.buffer, map.byteOffset, map.length);
}

/**
 * The natural logarithm of a positive, normal float32 within 1e-11, four times as fast as `Math.log`: a table
 * for its leading bits, and two terms of the series for the rest.
 *
 * @example
 * ```ts
 * import { bitsOf, logOfBits } from "./_float_log.ts";
 * import { assertClose } from "@assert";
 *
 * assertClose(logOfBits(bitsOf(Float32Array.of(0.5))[0]), -Math.LN2, 1e-11);
 * ```
 */
export function logOfBits(bits: number): number {
  const row = (bits >>> REST_BITS) & (ROWS - 1);
  const beside = ((bits & (REST - 1)) - REST / 2) * STEP[row];
  return ((bits >>> 23) - 127) * Math.LN2 + MIDDLE[row] + beside - 0.5 * beside * beside;
}
