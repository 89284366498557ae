import { assertClose, assertEquals, assertFails } from "@assert";
import { createTable, resolveParams, type Table, withColumns } from "../../../core/mod.ts";
import { transformPoints } from "../../../plugins/alignment/transform_points.ts";
import { columnsAt } from "../../support/columns.ts";
import { testContext } from "../../support/context.ts";

/** Rounding of a few products of numbers of size 100. */
const ROUNDING = 1e-10;

/** The reference, an exposure that moved, and one turned by a quarter, twice as large along its y. */
const TRANSFORM = createTable({
  exposure: Float64Array.of(0, 1, 2),
  xx: Float64Array.of(1, 1, 0),
  xy: Float64Array.of(0, 0, -1),
  yx: Float64Array.of(0, 0, 2),
  yy: Float64Array.of(1, 1, 0),
  x: Float64Array.of(0, 2.5, 100),
  y: Float64Array.of(0, -1.25, 0),
  error: Float64Array.of(0, 0.03, 0),
});

async function moved(points: Table<"x" | "y">, given: Record<string, unknown>) {
  const { values } = resolveParams(transformPoints.params, given, transformPoints.id);
  const inputs = { points, transform: TRANSFORM };
  const { points: out } = await transformPoints.run(inputs, values as never, testContext());
  return out as Table<"x" | "y" | "errorX" | "errorY" | "sigmaX" | "sigmaY" | "angle" | "volume">;
}

Deno.test("alignment.transform-points moves points to an exposure and back", async () => {
  const points = columnsAt([10, 40], [20, 60]);
  const there = await moved(points, { exposure: 1 });
  assertEquals([...there.columns.x, ...there.columns.y], [12.5, 42.5, 18.75, 58.75]);
  const back = await moved(there, { exposure: 1, direction: "to-reference" });
  assertEquals([...back.columns.x, ...back.columns.y], [10, 40, 20, 60]);
  const turned = await moved(points, { exposure: 2 });
  assertEquals([...turned.columns.x, ...turned.columns.y], [80, 40, 20, 80]);
  const again = await moved(turned, { exposure: 2, direction: "to-reference" });
  assertClose(again.columns.x[1], 40, ROUNDING);
  assertClose(again.columns.y[1], 60, ROUNDING);
});

Deno.test("alignment.transform-points keeps other columns and adds the error of the drift", async () => {
  const points = columnsAt([10], [20]);
  const there = await moved(points, { exposure: 1 });
  assertEquals(Object.keys(there.columns), Object.keys(points.columns));
  assertEquals([there.columns.sigmaX[0], there.columns.volume[0]], [2, points.columns.volume[0]]);
  assertEquals(there.columns.status, ["ok"]);
  assertClose(there.columns.errorX[0], Math.hypot(0.03, 0.03), ROUNDING);
  assertClose(there.columns.errorY[0], 0.05, ROUNDING);
  assertEquals(there.units, points.units);
  const bare = createTable({ x: Float64Array.of(1), y: Float64Array.of(2), name: ["a"] });
  assertEquals((await moved(bare, { exposure: 1 })).columns.name, ["a"]);
});

Deno.test("alignment.transform-points lets the shape of columns follow", async () => {
  const points = withColumns(columnsAt([10], [20]), {
    sigmaX: Float64Array.of(3),
    sigmaY: Float64Array.of(2),
    angle: Float64Array.of(Math.PI / 2),
  });
  // 3 along y becomes 3 along x; 2 along x becomes 4 along y, and so the long axis
  const { columns } = await moved(points, { exposure: 2 });
  assertClose(columns.sigmaX[0], 4, ROUNDING);
  assertClose(columns.sigmaY[0], 3, ROUNDING);
  assertClose(columns.angle[0], Math.PI / 2, ROUNDING);
  assertClose(columns.volume[0], 2 * points.columns.volume[0], ROUNDING);
  assertClose(columns.errorX[0], 0.04, ROUNDING);
  assertClose(columns.errorY[0], 0.06, ROUNDING);
});

Deno.test("alignment.transform-points moves positions in nm along", async () => {
  const points = withColumns(columnsAt([0, 40], [20, 60]), {
    xNm: Float64Array.of(0, 0.8),
    yNm: Float64Array.of(0.6, 1.8),
  });
  const { columns } = await moved(points, { exposure: 1 });
  const [xNm, yNm] = [columns.xNm as Float64Array, columns.yNm as Float64Array];
  assertClose(xNm[0], 2.5 * 0.02, ROUNDING);
  assertClose(yNm[1], 58.75 * 0.03, ROUNDING);
});

Deno.test("alignment.transform-points refuses an exposure it does not know, or one without a way back", async () => {
  const points = columnsAt([0], [0]);
  await assertFails(
    () => moved(points, { exposure: 7 }),
    "TABLE_VALUE",
    "Cannot move points by the transform of exposure 7: expected a row of that exposure, got exposures 0, 1, 2; choose one of them",
  );
  const { values } = resolveParams(transformPoints.params, {}, transformPoints.id);
  const transform = withColumns(TRANSFORM, { yy: Float64Array.of(1, 0, 0) });
  await assertFails(
    () => transformPoints.run({ points, transform }, values as never, testContext()),
    "TABLE_VALUE",
    "Cannot move points by the transform of exposure 0: expected finite numbers that have a way back, got others in row 1; measure the drift again",
  );
});
