import fc from "fast-check";
import {
  eliminateInPlace,
  factorInPlace,
  fitLine,
  inverseOfFactor,
  solveInPlace,
} from "@core/kernels";
import { assertClose, assertEquals, assertTrue } from "@assert";

/** Rounding of a well-conditioned system of six numbers. */
const ROUNDING = 1e-9;

/** A symmetric positive definite matrix from any numbers: B B^T plus a part of the unit matrix. */
function positiveMatrix(n: number, values: readonly number[]): Float64Array {
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? 0.5 : 0;
      for (let k = 0; k < n; k++) sum += values[i * n + k] * values[j * n + k];
      matrix[i * n + j] = sum;
    }
  }
  return matrix;
}

const numbers = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
  minLength: 36,
  maxLength: 36,
});

Deno.test("solveInPlace solves what factorInPlace factored, at an offset", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 6 }), numbers, (n, values) => {
    const matrix = positiveMatrix(n, values), factor = matrix.slice(), scale = new Float64Array(n);
    assertTrue(factorInPlace(factor, n, n, scale));
    const solution = values.slice(0, n), right = new Float64Array(n + 2);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) right[2 + i] += matrix[i * n + j] * solution[j];
    }
    solveInPlace(factor, n, n, scale, right, 2);
    assertEquals([...right.subarray(0, 2)], [0, 0]);
    for (let i = 0; i < n; i++) assertClose(right[2 + i], solution[i], ROUNDING);
  }));
});

Deno.test("inverseOfFactor times the matrix is one, whatever the units of its numbers", () => {
  fc.assert(fc.property(numbers, (values) => {
    const n = 4, units = [1e-8, 1, 1e5, 3];
    const matrix = positiveMatrix(n, values);
    for (let k = 0; k < 16; k++) matrix[k] *= units[k >> 2] * units[k & 3];
    const factor = matrix.slice(), scale = new Float64Array(n), inverse = new Float64Array(16);
    assertTrue(factorInPlace(factor, n, n, scale));
    inverseOfFactor(factor, n, n, scale, inverse);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += matrix[i * n + k] * inverse[k * n + j];
        assertClose(sum * units[j] / units[i], i === j ? 1 : 0, ROUNDING);
      }
    }
  }));
});

Deno.test("factorInPlace reads only the lower triangle, in rows of any length", () => {
  const matrix = Float64Array.of(4, NaN, NaN, 2, 3, NaN), scale = new Float64Array(2);
  assertTrue(factorInPlace(matrix, 2, 3, scale));
  const vector = Float64Array.of(8, 7);
  solveInPlace(matrix, 2, 3, scale, vector, 0);
  assertClose(vector[0], 1.25, ROUNDING);
  assertClose(vector[1], 1.5, ROUNDING);
});

for (
  const [name, matrix] of [
    ["singular", [1, 1, 1, 1]],
    ["indefinite", [1, 2, 2, 1]],
    ["zero", [0, 0, 0, 0]],
    ["not finite", [NaN, 0, 0, 1]],
  ] as const
) {
  Deno.test(`factorInPlace refuses a ${name} matrix`, () => {
    assertEquals(factorInPlace(Float64Array.from(matrix), 2, 2, new Float64Array(2)), false);
  });
}

Deno.test("fitLine finds a line, its error, and that one place makes none", () => {
  const x = Float64Array.of(0, 1, 2, 5), y = x.map((v) => 3 - 2 * v), out = new Float64Array(3);
  assertTrue(fitLine(x, y, Float64Array.of(1, 2, 1, 4), out));
  assertClose(out[0], 3, ROUNDING);
  assertClose(out[1], -2, ROUNDING);
  assertTrue(fitLine(Float64Array.of(-1, 1), Float64Array.of(0, 0), Float64Array.of(2, 2), out));
  assertClose(out[2], 0.5, ROUNDING); // 1 / sqrt(2 * 1 + 2 * 1)
  const one = Float64Array.of(4, 4);
  assertEquals(fitLine(one, one, one, out), false);
});

Deno.test("eliminateInPlace solves general systems, also where the first pivot is 0", () => {
  const matrix = Float64Array.of(0, 2, 1, 1, -1, 0, 3, 0, -2), n = 3;
  const solution = [[1, -2], [0.5, 3], [-4, 0.25]];
  const right = new Float64Array(6);
  for (let r = 0; r < n; r++) {
    for (let c = 0; c < 2; c++) {
      for (let k = 0; k < n; k++) right[r * 2 + c] += matrix[r * n + k] * solution[k][c];
    }
  }
  assertEquals(eliminateInPlace(matrix.slice(), n, right, 2), true);
  for (let r = 0; r < n; r++) {
    for (let c = 0; c < 2; c++) assertClose(right[r * 2 + c], solution[r][c], 1e-12);
  }
  assertEquals(eliminateInPlace(Float64Array.of(1, 2, 2, 4), 2, Float64Array.of(1, 1), 1), false);
});
