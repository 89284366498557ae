import fc from "fast-check";
import { createRandom, MAX_CANDIDATE_PAIRS, mutualNearest, strictMatching } from "@core/kernels";
import { assertAtLeast, assertClose, assertEquals, assertTrue } from "@assert";

interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

const points = (list: readonly (readonly [number, number])[]): Points => ({
  x: Float64Array.from(list, ([x]) => x),
  y: Float64Array.from(list, ([, y]) => y),
});

function match(found: Points, truth: Points, radius: number) {
  const partner = new Int32Array(found.x.length);
  const pairs = strictMatching(found.x, found.y, truth.x, truth.y, radius, partner);
  return { pairs, partner, total: totalDistance(found, truth, partner) };
}

function distanceOf(found: Points, i: number, truth: Points, j: number): number {
  return Math.hypot(found.x[i] - truth.x[j], found.y[i] - truth.y[j]);
}

function totalDistance(found: Points, truth: Points, partner: Int32Array): number {
  return partner.reduce((sum, j, i) => j < 0 ? sum : sum + distanceOf(found, i, truth, j), 0);
}

/** Tries every way to pair: the slow twin. */
function bestOfAll(found: Points, truth: Points, radius: number) {
  let best = { pairs: 0, total: 0 };
  const used = new Uint8Array(truth.x.length);
  const visit = (i: number, pairs: number, total: number) => {
    if (i === found.x.length) {
      if (pairs > best.pairs || (pairs === best.pairs && total < best.total)) {
        best = { pairs, total };
      }
      return;
    }
    visit(i + 1, pairs, total);
    for (let j = 0; j < truth.x.length; j++) {
      const d = distanceOf(found, i, truth, j);
      if (used[j] === 1 || d > radius) continue;
      used[j] = 1;
      visit(i + 1, pairs + 1, total + d);
      used[j] = 0;
    }
  };
  visit(0, 0, 0);
  return best;
}

/** The least total distance of a full matching of a square problem, by Kuhn's dense O(n^3) method. */
function leastTotal(found: Points, truth: Points): number {
  const n = found.x.length;
  const u = new Float64Array(n + 1), v = new Float64Array(n + 1), p = new Int32Array(n + 1);
  for (let i = 1; i <= n; i++) {
    const least = new Float64Array(n + 1).fill(Infinity), way = new Int32Array(n + 1);
    const used = new Uint8Array(n + 1);
    p[0] = i;
    let j0 = 0;
    do {
      used[j0] = 1;
      let delta = Infinity, j1 = 0;
      for (let j = 1; j <= n; j++) {
        if (used[j] === 1) continue;
        const cost = distanceOf(found, p[j0] - 1, truth, j - 1) - u[p[j0]] - v[j];
        if (cost < least[j]) [least[j], way[j]] = [cost, j0];
        if (least[j] < delta) [delta, j1] = [least[j], j];
      }
      for (let j = 0; j <= n; j++) {
        if (used[j] === 1) {
          u[p[j]] += delta;
          v[j] -= delta;
        } else least[j] -= delta;
      }
      j0 = j1;
    } while (p[j0] !== 0);
    for (; j0 !== 0; j0 = way[j0]) p[j0] = p[way[j0]];
  }
  let total = 0;
  for (let j = 1; j <= n; j++) total += distanceOf(found, p[j] - 1, truth, j - 1);
  return total;
}

/** Two sums of the same distances in another order. */
const SUM_ROUNDING = 1e-9;

function isMatching(partner: Int32Array, found: Points, truth: Points, radius: number): boolean {
  const paired = [...partner].flatMap((j, i) => j < 0 ? [] : [[i, j]]);
  return new Set(paired.map(([, j]) => j)).size === paired.length &&
    paired.every(([i, j]) => distanceOf(found, i, truth, j) <= radius);
}

Deno.test("strictMatching is the best of all matchings of random points", () => {
  const coordinate = fc.integer({ min: 0, max: 10_000 }).map((n) => n / 1000);
  const set = fc.array(fc.tuple(coordinate, coordinate), { maxLength: 6 });
  fc.assert(
    fc.property(set, set, fc.double({ min: 0, max: 15, noNaN: true }), (f, t, radius) => {
      const [found, truth] = [points(f), points(t)];
      const { pairs, partner, total } = match(found, truth, radius);
      const best = bestOfAll(found, truth, radius);
      assertEquals(pairs, best.pairs);
      assertClose(total, best.total, SUM_ROUNDING);
      assertTrue(isMatching(partner, found, truth, radius));
      assertEquals(partner.filter((j) => j >= 0).length, pairs);
    }),
    { numRuns: 400 },
  );
});

Deno.test("strictMatching is the best of all matchings of points with ties and duplicates", () => {
  const coordinate = fc.integer({ min: 0, max: 3 });
  const set = fc.array(fc.tuple(coordinate, coordinate), { maxLength: 6 });
  fc.assert(
    fc.property(set, set, fc.constantFrom(0, 1, 1.5, 2, 5), (f, t, radius) => {
      const [found, truth] = [points(f), points(t)];
      const { pairs, total } = match(found, truth, radius);
      const best = bestOfAll(found, truth, radius);
      assertEquals(pairs, best.pairs);
      assertClose(total, best.total, SUM_ROUNDING);
    }),
    { numRuns: 400 },
  );
});

Deno.test("strictMatching leaves out the row that costs least when a side is larger", () => {
  // 9 x 3 points all within the radius: three pairs, the closest ones that go together.
  const random = createRandom(3);
  const cloud = (n: number) =>
    points(Array.from({ length: n }, () => [random(), random()] as const));
  for (const [n, m] of [[9, 3], [3, 9], [7, 4], [4, 7]]) {
    const [found, truth] = [cloud(n), cloud(m)];
    const { pairs, total } = match(found, truth, 2);
    assertEquals(pairs, Math.min(n, m));
    assertClose(total, bestOfAll(found, truth, 2).total, SUM_ROUNDING);
  }
});

Deno.test("strictMatching solves 60 by 60 points all within the radius exactly", () => {
  const random = createRandom(11);
  const cloud = () => points(Array.from({ length: 60 }, () => [random(), random()] as const));
  const [found, truth] = [cloud(), cloud()];
  const { pairs, total } = match(found, truth, 2);
  assertEquals(pairs, 60);
  assertClose(total, leastTotal(found, truth), SUM_ROUNDING);
});

Deno.test("strictMatching walks long chains: more pairs before shorter ones", () => {
  // Found at 0, 4, 8 ..., truth at 3, 7, 11 ...: each truth is nearer to the next found point.
  const n = 2000;
  const found = points(Array.from({ length: n }, (_, i) => [4 * i, 0] as const));
  const truth = points(Array.from({ length: n }, (_, i) => [4 * i + 3, 0] as const));
  const { pairs, partner } = match(found, truth, 3);
  assertEquals(pairs, n);
  assertTrue(partner.every((j, i) => j === i));
});

Deno.test("strictMatching pairs 20 000 displaced points, the radius small or a whole spacing", () => {
  const random = createRandom(2);
  const side = 141, spacing = 10;
  const lattice = Array.from({ length: side * side }, (_, i): [number, number] => [
    spacing * (i % side),
    spacing * Math.floor(i / side),
  ]);
  const truth = points(lattice);
  const found = points(lattice.map(([x, y]) => [x + 2 * random() - 1, y + 2 * random() - 1]));
  for (const radius of [3.5, 10]) {
    const { pairs, partner } = match(found, truth, radius);
    assertEquals(pairs, side * side);
    assertTrue(partner.every((j, i) => j === i));
  }
  const noise = points(Array.from({ length: 20_000 }, () => [1400 * random(), 1400 * random()]));
  assertAtLeast(match(noise, truth, 3.5).pairs, 5000);
});

Deno.test("strictMatching pairs duplicates with one point each", () => {
  const found = points([[1, 1], [1, 1], [1, 1]]);
  assertEquals(match(found, points([[1, 1]]), 1).partner, Int32Array.of(0, -1, -1));
  assertEquals(match(found, points([[1, 1], [1, 1]]), 0).pairs, 2);
});

Deno.test("strictMatching has nothing to do without points, and skips those not finite", () => {
  const none = points([]);
  assertEquals(match(none, none, 1).pairs, 0);
  assertEquals(match(points([[0, 0]]), none, 1).partner, Int32Array.of(-1));
  assertEquals(match(none, points([[0, 0]]), 1).pairs, 0);
  assertEquals(match(points([[NaN, 0], [5, 5]]), points([[NaN, 0], [5, 5]]), 1).partner[1], 1);
  assertEquals(match(points([[NaN, 0]]), points([[0, 0]]), 1).pairs, 0);
});

Deno.test("strictMatching takes the radius inclusively", () => {
  assertEquals(match(points([[0, 0]]), points([[3, 4]]), 5).pairs, 1);
  assertEquals(match(points([[0, 0]]), points([[3, 4]]), 4.999).pairs, 0);
});

Deno.test("strictMatching gives the same pairs when both sides change roles", () => {
  const random = createRandom(8);
  const cloud = (n: number) =>
    points(Array.from({ length: n }, () => [50 * random(), 50 * random()] as const));
  const [found, truth] = [cloud(300), cloud(260)];
  const forth = match(found, truth, 4), back = match(truth, found, 4);
  assertEquals(forth.pairs, back.pairs);
  forth.partner.forEach((j, i) => assertTrue(j < 0 || back.partner[j] === i));
});

Deno.test("strictMatching refuses more candidate pairs than it can hold", () => {
  const n = Math.ceil(Math.sqrt(MAX_CANDIDATE_PAIRS)) + 1;
  const one = { x: new Float64Array(n), y: new Float64Array(n) };
  assertEquals(match(one, one, 1).pairs, -1);
});

Deno.test("mutualNearest agrees with the slow twin, ties by order", () => {
  const coordinate = fc.integer({ min: 0, max: 5 });
  const set = fc.array(fc.tuple(coordinate, coordinate), { maxLength: 12 });
  fc.assert(fc.property(set, set, (f, t) => {
    const [found, truth] = [points(f), points(t)];
    const partner = new Int32Array(f.length);
    const pairs = mutualNearest(found.x, found.y, truth.x, truth.y, partner);
    const nearest = (own: Points, i: number, other: Points) => {
      let best = -1;
      for (let j = 0; j < other.x.length; j++) {
        if (best < 0 || distanceOf(own, i, other, j) < distanceOf(own, i, other, best)) best = j;
      }
      return best;
    };
    const expected = f.map((_, i) => {
      const j = nearest(found, i, truth);
      return j >= 0 && nearest(truth, j, found) === i ? j : -1;
    });
    assertEquals([...partner], expected);
    assertEquals(pairs, expected.filter((j) => j >= 0).length);
  }));
});

Deno.test("mutualNearest pairs at any distance and skips points that are not finite", () => {
  const partner = new Int32Array(2);
  const y = Float64Array.of(0, 0);
  assertEquals(mutualNearest(Float64Array.of(NaN, 40), y, Float64Array.of(0), y, partner), 1);
  assertEquals([...partner], [-1, 0]);
});
