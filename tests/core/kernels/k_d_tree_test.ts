import fc from "fast-check";
import {
  createKdTree,
  createRandom,
  meanNearestDistance,
  medianNearestDistance,
  nearestDistances,
  nearestNeighbor,
  nearestNeighbors,
  neighborsWithin,
} from "@core/kernels";
import { assertClose, assertEquals, assertTrue } from "@assert";

interface Points {
  readonly name: string;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Spread, on whole pixels with ties, on one line, in one place, and scaled far up and down. */
function pointSets(): Points[] {
  const random = createRandom(5);
  const from = (name: string, n: number, point: (i: number) => [number, number]): Points => {
    const points = Array.from({ length: n }, (_, i) => point(i));
    return {
      name,
      x: Float64Array.from(points, ([x]) => x),
      y: Float64Array.from(points, ([, y]) => y),
    };
  };
  return [
    from("none", 0, () => [0, 0]),
    from("one", 1, () => [3, 4]),
    from("two", 2, (i) => [i, 2 * i]),
    from("spread", 400, () => [100 * random(), 80 * random()]),
    from("tied grid", 441, (i) => [i % 21, Math.floor(i / 21)]),
    from("shuffled whole px with duplicates", 300, () => [
      Math.floor(12 * random()),
      Math.floor(9 * random()),
    ]),
    from("collinear along x", 200, () => [1000 * random(), 7]),
    from("collinear along y", 200, () => [-3, 50 * random()]),
    from("collinear along a slope", 200, (i) => [i, 3 * i - 20]),
    from("one place", 120, () => [2.5, -1]),
    from("huge", 150, () => [1e9 * random(), 1e9 * random()]),
    from("tiny", 150, () => [1e-9 * random(), 1e-9 * random()]),
  ];
}

/** All points by growing distance, those at one distance by index: the slow twin. */
function sortedByDistance({ x, y }: Points, px: number, py: number, skip: number) {
  return Array.from(x, (_, i) => ({ i, d: (x[i] - px) ** 2 + (y[i] - py) ** 2 }))
    .filter(({ i }) => i !== skip)
    .sort((p, q) => p.d - q.d || p.i - q.i);
}

/** Places to ask from: every point itself (skipped), and places beside and outside. */
function questions({ x, y }: Points): [number, number, number][] {
  const own = Array.from(x, (_, i): [number, number, number] => [x[i], y[i], i]);
  const scale = Math.max(1e-9, ...x.map(Math.abs));
  const beside = [[0.31, 0.77], [0.5, 0.5], [-2, 3], [0, 0]]
    .map(([u, v]): [number, number, number] => [u * scale, v * scale, -1]);
  return [...own.filter((_, i) => i % 7 === 0), ...beside];
}

for (const points of pointSets()) {
  Deno.test(`nearestNeighbor(s) agree with the slow twin: ${points.name}`, () => {
    const tree = createKdTree(points.x, points.y);
    for (const [px, py, skip] of questions(points)) {
      const twin = sortedByDistance(points, px, py, skip);
      assertEquals(nearestNeighbor(tree, px, py, skip), twin[0]?.i ?? -1);
      for (const k of [0, 1, 5, 500]) {
        const out = new Int32Array(k), distance = new Float64Array(k);
        const count = nearestNeighbors(tree, px, py, skip, out, distance);
        const expected = twin.slice(0, k);
        assertEquals([...out.subarray(0, count)], expected.map(({ i }) => i));
        assertEquals([...distance.subarray(0, count)], expected.map(({ d }) => Math.sqrt(d)));
      }
    }
  });

  Deno.test(`neighborsWithin agrees with the slow twin: ${points.name}`, () => {
    const tree = createKdTree(points.x, points.y);
    const scale = Math.max(1e-9, ...points.x.map(Math.abs));
    for (const [px, py, skip] of questions(points)) {
      const twin = sortedByDistance(points, px, py, skip);
      for (const radius of [0, 1, 0.1 * scale, 10 * scale]) {
        const expected = twin.filter(({ d }) => d <= radius * radius).map(({ i }) => i);
        const out = new Int32Array(points.x.length);
        const count = neighborsWithin(tree, px, py, radius, skip, out);
        assertEquals(
          [...out.subarray(0, count)].sort((p, q) => p - q),
          expected.sort((p, q) => p - q),
        );
      }
    }
  });
}

Deno.test("nearestNeighbor finds a nearest point of any points", () => {
  const coordinate = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const point = fc.tuple(coordinate, coordinate);
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 60 }), point, (all, [px, py]) => {
      const points = {
        name: "",
        x: Float64Array.from(all, ([x]) => x),
        y: Float64Array.from(all, ([, y]) => y),
      };
      const tree = createKdTree(points.x, points.y);
      assertEquals(nearestNeighbor(tree, px, py, -1), sortedByDistance(points, px, py, -1)[0].i);
    }),
  );
});

Deno.test("neighborsWithin counts on when the buffer is full", () => {
  const x = new Float64Array(40), y = new Float64Array(40);
  const out = new Int32Array(3);
  assertEquals(neighborsWithin(createKdTree(x, y), 0, 0, 1, -1, out), 40);
  assertEquals(new Set(out).size, 3);
});

Deno.test("neighborsWithin takes the radius inclusively and nothing for a negative or NaN one", () => {
  const tree = createKdTree(Float64Array.of(3), Float64Array.of(4));
  const out = new Int32Array(1);
  assertEquals(neighborsWithin(tree, 0, 0, 5, -1, out), 1);
  assertEquals(neighborsWithin(tree, 0, 0, 4.999, -1, out), 0);
  assertEquals(neighborsWithin(tree, 3, 4, -1, -1, out), 0);
  assertEquals(neighborsWithin(tree, 3, 4, NaN, -1, out), 0);
});

Deno.test("createKdTree leaves out points that are not finite and keeps its input", () => {
  const x = Float64Array.of(NaN, 1, 2, Infinity), y = Float64Array.of(0, 1, 2, 3);
  const tree = createKdTree(x, y);
  assertEquals(tree.length, 2);
  assertEquals(nearestNeighbor(tree, 0, 0, -1), 1);
  assertEquals([...x], [NaN, 1, 2, Infinity]);
});

Deno.test("nearestDistances: a lone point is infinitely far, a bad point has no distance", () => {
  const out = new Float64Array(2);
  nearestDistances(Float64Array.of(1, NaN), Float64Array.of(1, 1), out);
  assertEquals([...out], [Infinity, NaN]);
});

Deno.test("medianNearestDistance: NaN below two points, spacing of a lattice, 0 of duplicates", () => {
  const none = new Float64Array(0);
  assertTrue(Number.isNaN(medianNearestDistance(none, none)));
  assertTrue(Number.isNaN(medianNearestDistance(Float64Array.of(1), Float64Array.of(1))));
  assertEquals(medianNearestDistance(Float64Array.of(0, 0, 0, 9), Float64Array.of(1, 1, 1, 1)), 0);
  const x = new Float64Array(400), y = new Float64Array(400);
  for (let i = 0; i < 400; i++) {
    x[i] = 9.5 * (i % 20) + 4.75 * Math.floor(i / 20);
    y[i] = 9.5 * Math.sqrt(0.75) * Math.floor(i / 20);
  }
  const rounding = 1e-12;
  assertClose(medianNearestDistance(x, y), 9.5, rounding);
});

Deno.test("createKdTree and its queries stay quick on sorted points and 100 000 duplicates", () => {
  // Both would take minutes if a split did not halve its range.
  const n = 100_000;
  const sorted = Float64Array.from({ length: n }, (_, i) => i);
  const tree = createKdTree(sorted, sorted);
  for (let i = 0; i < n; i++) nearestNeighbor(tree, i, i, i);
  assertEquals(createKdTree(new Float64Array(n), new Float64Array(n)).length, n);
});

Deno.test("meanNearestDistance is the mean over the points, NaN for fewer than two", () => {
  assertEquals(meanNearestDistance(Float64Array.of(0, 3, 7), Float64Array.of(0, 0, 0)), 10 / 3);
  assertEquals(meanNearestDistance(Float64Array.of(1), Float64Array.of(1)), NaN);
});
