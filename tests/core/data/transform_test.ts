import { assertClose, assertEquals, assertTrue } from "@assert";
import {
  composeTransforms,
  createTable,
  type Drift,
  inverseTransform,
  isInvertible,
  isTranslation,
  type Transform,
  TRANSFORM_COLUMNS,
  transformCovariances,
  transformErrors,
  transformOfDrift,
  transformPoints,
} from "../../../core/mod.ts";

/** Rounding of a few products of numbers of size 100. */
const ROUNDING = 1e-10;

const column = (...values: number[]) => Float64Array.from(values);

function driftOf(more: Record<string, Float64Array> = {}): Drift {
  const columns = {
    exposure: column(0, 1),
    x: column(0, 2.5),
    y: column(0, -1.25),
    error: column(0, 0.03),
    sign: column(1, -1),
    ambiguous: column(0, 0),
    ...more,
  };
  return createTable(columns) as Drift;
}

function affine(...rows: number[][]): Transform {
  const part = (at: number) => Float64Array.from(rows, (row) => row[at]);
  return createTable({
    exposure: Float64Array.from(rows, (_, e) => e),
    xx: part(0),
    xy: part(1),
    yx: part(2),
    yy: part(3),
    x: part(4),
    y: part(5),
    error: part(6),
  });
}

const ONE = affine([1.02, 0.1, -0.2, 0.9, 3, -4, 0.5], [0.8, -0.3, 0.1, 1.1, -7, 2, 0]);
const TWO = affine([0.9, 0.2, 0.1, 1.1, 1, 2, 0.2], [1, 0, 0, 1, 5, 6, 0.1]);

function mapped(transform: Transform, row: number, px: number, py: number): [number, number] {
  const x = column(px), y = column(py);
  transformPoints(transform, row, x, y, x, y);
  return [x[0], y[0]];
}

Deno.test("transformOfDrift moves the points of the reference by the drift", () => {
  const transform = transformOfDrift(driftOf(), 100);
  assertEquals(mapped(transform, 0, 10, 20), [10, 20]);
  assertEquals(mapped(transform, 1, 10, 20), [12.5, 18.75]);
  assertTrue(isTranslation(transform, 1));
  assertEquals(Object.keys(TRANSFORM_COLUMNS).filter((name) => !(name in transform.columns)), []);
  assertEquals([transform.units.x, transform.units.error], ["px", "px"]);
  assertEquals([...transform.columns.error as Float64Array], [0, 0.03]);
});

Deno.test("transformOfDrift takes drift during the scan about the middle row", () => {
  const drift = driftOf({ shearX: column(0, 0.01), scaleY: column(0, -0.02) });
  const transform = transformOfDrift(drift, 101);
  for (const [px, py] of [[10, 50], [10, 0], [3, 100]]) {
    const [x, y] = mapped(transform, 1, px, py);
    assertClose(x, px + 2.5 + 0.01 * (py - 50), ROUNDING);
    assertClose(y, py - 1.25 - 0.02 * (py - 50), ROUNDING);
  }
  assertEquals([isTranslation(transform, 0), isTranslation(transform, 1)], [true, false]);
});

Deno.test("inverseTransform leads back, and composeTransforms does one after the other", () => {
  const back = inverseTransform(ONE), both = composeTransforms(ONE, TWO);
  for (const row of [0, 1]) {
    const [x, y] = mapped(ONE, row, 12, -34);
    const [px, py] = mapped(back, row, x, y);
    assertClose(px, 12, ROUNDING);
    assertClose(py, -34, ROUNDING);
    const [ex, ey] = mapped(TWO, row, x, y), [cx, cy] = mapped(both, row, 12, -34);
    assertClose(cx, ex, ROUNDING);
    assertClose(cy, ey, ROUNDING);
  }
});

Deno.test("inverseTransform and composeTransforms carry the error", () => {
  const turned = affine([0, -2, 2, 0, 1, 1, 0.1]); // a quarter turn and twice the size
  assertClose((inverseTransform(turned).columns.error as Float64Array)[0], 0.05, ROUNDING);
  const twice = composeTransforms(turned, turned).columns.error as Float64Array;
  assertClose(twice[0], Math.hypot(0.2, 0.1), ROUNDING);
});

Deno.test("inverseTransform refuses what has no way back", () => {
  const flat = affine([1, 1, 1, 1, 0, 0, 0]), broken = affine([1, 0, 0, 1, NaN, 0, 0]);
  assertEquals([isInvertible(ONE, 0), isInvertible(flat, 0), isInvertible(broken, 0)], [
    true,
    false,
    false,
  ]);
  for (const wrong of [() => inverseTransform(flat), () => composeTransforms(flat, ONE)]) {
    let refused = false;
    try {
      wrong();
    } catch (error) {
      refused = error instanceof RangeError;
    }
    assertTrue(refused);
  }
});

Deno.test("transformErrors and transformCovariances agree for independent x and y", () => {
  const errorX = column(0.3), errorY = column(0.1), covariance = column(0.09, 0, 0.01);
  transformErrors(ONE, 1, errorX, errorY, errorX, errorY);
  transformCovariances(ONE, 1, covariance, covariance);
  assertClose(errorX[0] ** 2, covariance[0], ROUNDING);
  assertClose(errorY[0] ** 2, covariance[2], ROUNDING);
  assertClose(covariance[1], 0.8 * 0.1 * 0.09 - 0.3 * 1.1 * 0.01, ROUNDING);
});

Deno.test("transformErrors adds the transform's own error once an axis", () => {
  const errorX = column(0.03, 0), errorY = column(0.04, 0);
  transformErrors(transformOfDrift(driftOf(), 10), 1, errorX, errorY, errorX, errorY);
  assertClose(errorX[0], Math.hypot(0.03, 0.03), ROUNDING);
  assertClose(errorY[0], 0.05, ROUNDING);
  assertClose(errorX[1], 0.03, ROUNDING);
});
