import { assertAtMost, assertEquals } from "@assert";
import { createCellList, createRandom, normalRandom } from "@core/kernels";
import { localVectors, placeOdds } from "../../../plugins/inference/_lattice_places.ts";

/** The log odds of columns at these places. */
function oddsAt(x: Float64Array, y: Float64Array, confidence: Float64Array): Float64Array {
  const cells = createCellList(x, y, SPACING);
  const vectorsAt = localVectors(x, y, confidence, SPACING, WIDTH, HEIGHT);
  return placeOdds(cells, x, y, confidence, vectorsAt, SPACING, WIDTH, HEIGHT);
}

const SPACING = 10, WIDTH = 320, HEIGHT = 280;

/** Less than this is strong evidence: a hundred to one. */
const STRONG = -Math.log(100);

/** A hexagonal lattice, and columns beside it: one in a hollow in each of some cells. */
function places(
  { keeps = 1, turned = false, besideAt = [] as readonly number[], confidence = 0.7 } = {},
) {
  const random = createRandom(2), x: number[] = [], y: number[] = [], sure: number[] = [];
  const push = (px: number, py: number, c: number) => {
    if (px < 0 || py < 0 || px > WIDTH - 1 || py > HEIGHT - 1) return;
    x.push(px + 0.4 * normalRandom(random));
    y.push(py + 0.4 * normalRandom(random));
    sure.push(c);
  };
  for (let row = 0; row < 32; row++) {
    for (let column = 0; column < 33; column++) {
      const px = SPACING * (column + 0.5 * (row % 2)), py = SPACING * row * Math.sqrt(0.75);
      // the right third may be another grain, turned by 30 degrees
      if (!turned || px < 200) {
        if (random() < keeps) push(px, py, confidence);
      }
      const [qx, qy] = [0.866 * px - 0.5 * py + 60, 0.5 * px + 0.866 * py - 60];
      if (turned && qx > 208) push(qx, qy, confidence);
    }
  }
  const beside: number[] = [];
  for (const at of besideAt) {
    const row = 2 * Math.floor(at / 8) + 8, column = 3 * (at % 8) + 4;
    beside.push(x.length);
    push(SPACING * column, SPACING * (row * Math.sqrt(0.75) + 1 / Math.sqrt(3)), 0.8);
  }
  const odds = oddsAt(Float64Array.from(x), Float64Array.from(y), Float64Array.from(sure));
  return { odds, beside, x, y };
}

Deno.test("lattice vectors lead from column to column: none in no order, null where columns are few", () => {
  const { x, y } = places(), xs = Float64Array.from(x), ys = Float64Array.from(y);
  const sure = new Float64Array(x.length).fill(0.7);
  const vectors = localVectors(xs, ys, sure, SPACING, WIDTH, HEIGHT)(150, 150) ?? [];
  const nearest = vectors.filter((v) => Math.hypot(v.x, v.y) < 1.2 * SPACING);
  assertEquals(nearest.length, 6);
  for (const v of nearest) assertAtMost(Math.abs(Math.hypot(v.x, v.y) - SPACING), 0.5);
  const random = createRandom(9), few = sure.subarray(0, 300);
  const anywhere = few.map(() => WIDTH * random()), elsewhere = few.map(() => HEIGHT * random());
  const none = localVectors(anywhere, elsewhere, few, SPACING, WIDTH, HEIGHT);
  assertEquals(none(150, 150), []);
  assertEquals(localVectors(xs, ys, sure.fill(0.5), SPACING, WIDTH, HEIGHT)(150, 150), null);
});

Deno.test("columns of a lattice are in place, those in its hollows are not", () => {
  for (const keeps of [1, 0.85]) {
    const { odds, beside } = places({ keeps, besideAt: [...Array(24).keys()] });
    for (const i of beside) assertAtMost(odds[i], STRONG);
    assertEquals(new Set(odds.subarray(0, beside[0])), new Set([0]));
  }
});

Deno.test("where there is no lattice, nothing is out of place", () => {
  const random = createRandom(9), n = 600;
  const x = Float64Array.from({ length: n }, () => WIDTH * random());
  const y = Float64Array.from({ length: n }, () => HEIGHT * random());
  const odds = oddsAt(x, y, new Float64Array(n).fill(0.8));
  assertEquals(new Set(odds), new Set([0]));
  const few = oddsAt(x.subarray(0, 3), y.subarray(0, 3), new Float64Array(3).fill(0.8));
  assertEquals(few, new Float64Array(3));
});

Deno.test("what keeps apart from others is not out of place, nor what is beyond doubt", () => {
  const { odds, beside } = places({ besideAt: [0, 1], confidence: 0.999 });
  assertEquals(new Set(odds.subarray(0, beside[0])), new Set([0]));
  const grain = places({ turned: true });
  assertEquals(new Set(grain.odds), new Set([0]));
});

Deno.test("of two out of place at a surface, too near each other, only the less sure one is dropped", () => {
  const { x, y } = places(), inside = [...x.keys()].filter((i) => y[i] > 40);
  const px = Float64Array.of(...inside.map((i) => x[i]), 154, 157.5);
  const py = Float64Array.of(...inside.map((i) => y[i]), 33.2, 29.5);
  const confidence = new Float64Array(px.length).fill(0.7), first = inside.length;
  confidence[first] = 0.9;
  const odds = oddsAt(px, py, confidence);
  assertEquals(odds[first], 0);
  assertAtMost(odds[first + 1], STRONG);
});
