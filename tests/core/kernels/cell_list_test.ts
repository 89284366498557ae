import { throws } from "node:assert/strict";
import fc from "fast-check";
import {
  createCellList,
  createKdTree,
  nearestInCells,
  nearestNeighbor,
  neighborsInCells,
  neighborsWithin,
} from "@core/kernels";
import { assertAtMost, assertEquals } from "@assert";

/** Points on whole and half pixels, with ties and duplicates, some far away, some not finite. */
const coordinate = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -20, max: 40 }).map((v) => v / 2) },
  { weight: 2, arbitrary: fc.double({ min: -50, max: 50, noNaN: true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 1e9, -1e9, Number.MAX_VALUE / 4),
  },
);

const points = fc.array(fc.tuple(coordinate, coordinate), { maxLength: 80 });

Deno.test("neighbors and nearest ones are those of a k-d tree", () => {
  const side = fc.constantFrom(0.3, 1, 2.5, 7, 1000), radius = fc.constantFrom(0, 0.5, 2, 3.5, 40);
  const place = fc.tuple(coordinate, coordinate).filter((at) => at.every(Number.isFinite));
  fc.assert(
    fc.property(points, place, side, radius, fc.boolean(), (at, place, side, radius, own) => {
      const x = Float64Array.from(at, ([x]) => x), y = Float64Array.from(at, ([, y]) => y);
      const list = createCellList(x, y, side), tree = createKdTree(x, y);
      const isOwn = own && at.length > 0 && at[0].every(Number.isFinite);
      const [px, py] = isOwn ? at[0] : place, skip = isOwn ? 0 : -1;
      const inCells = new Int32Array(at.length), inTree = new Int32Array(at.length);
      const count = neighborsInCells(list, px, py, radius, skip, inCells);
      assertEquals(count, neighborsWithin(tree, px, py, radius, skip, inTree));
      assertEquals(inCells.subarray(0, count).sort(), inTree.subarray(0, count).sort());
      const nearest = nearestNeighbor(tree, px, py, skip);
      const isWithin = nearest >= 0 &&
        (x[nearest] - px) ** 2 + (y[nearest] - py) ** 2 <= radius * radius;
      assertEquals(nearestInCells(list, px, py, radius, skip), isWithin ? nearest : -1);
    }),
  );
});

Deno.test("a list too short for all neighbors is filled, and their number told", () => {
  const x = Float64Array.of(0, 1, 2, 3), list = createCellList(x, x, 1);
  const near = new Int32Array(2).fill(-1);
  assertEquals(neighborsInCells(list, 0, 0, 10, 0, near), 3);
  assertEquals([...near], [1, 2]);
  assertEquals(neighborsInCells(createCellList(x.subarray(0, 0), x, 1), 0, 0, 10, -1, near), 0);
});

Deno.test("cells without a side are an error", () => {
  const x = Float64Array.of(1);
  for (const side of [0, -1, NaN]) {
    const message = `cells have a side above 0, not ${side}`;
    throws(() => createCellList(x, x, side), { name: "RangeError", message });
  }
});

Deno.test("points far apart take few cells", () => {
  const list = createCellList(Float64Array.of(0, 1e12), Float64Array.of(0, 1e12), 1);
  assertAtMost(list.cellsX * list.cellsY, 9);
});
