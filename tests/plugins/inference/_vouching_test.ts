import { assertAtLeast, assertAtMost, assertEquals } from "@assert";
import { createRandom, normalRandom } from "@core/kernels";
import { lookAround, ORDERED } from "../../../plugins/inference/_lattice_around.ts";
import { VOUCHED, vouchedFor } from "../../../plugins/inference/_vouching.ts";

/** Maxima of one confidence, or of one each. */
function maxima(x: number[], y: number[], confidence: (i: number) => number) {
  return {
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    height: Float64Array.from(x, (_, i) => confidence(i)),
    sigma: new Float64Array(x.length).fill(2),
  };
}

/** A hexagonal lattice of 10 px, its places off by 6 %, every so many missing. */
function hexagonal(keeps: () => boolean = () => true): [number[], number[]] {
  const random = createRandom(4), x: number[] = [], y: number[] = [];
  for (let row = 0; row < 24; row++) {
    for (let column = 0; column < 20; column++) {
      const dx = 0.6 * normalRandom(random), dy = 0.6 * normalRandom(random);
      if (!keeps()) continue;
      x.push(10 * (column + 0.5 * (row % 2)) + dx);
      y.push(10 * row * Math.sqrt(0.75) + dy);
    }
  }
  return [x, y];
}

/** Places anywhere, but apart as maxima of a map are. */
function anywhere(count: number, side: number, apart: number): [number[], number[]] {
  const random = createRandom(9), x: number[] = [], y: number[] = [];
  while (x.length < count) {
    const u = side * random(), v = side * random();
    if (x.some((other, i) => Math.hypot(other - u, y[i] - v) < apart)) continue;
    x.push(u);
    y.push(v);
  }
  return [x, y];
}

/** An image so large that the columns do not fill it, px^2. */
const AREA = 1000 * 1000;

const median = (values: Float64Array) => values.slice().sort()[values.length >> 1];

Deno.test("lookAround tells a lattice, with gaps too, from places that only keep apart", () => {
  const random = createRandom(1);
  const order = ([x, y]: [number[], number[]]) =>
    median(lookAround(Float64Array.from(x), Float64Array.from(y)).order);
  assertAtLeast(order(hexagonal()), 0.8);
  assertAtLeast(order(hexagonal(() => random() < 0.6)), 1.5 * ORDERED);
  assertAtMost(order(anywhere(900, 360, 9)), 0.7 * ORDERED);
});

Deno.test("faint columns of a lattice are vouched for, by faint ones too", () => {
  const [x, y] = hexagonal();
  const sure = (i: number) => x[i] < 60 ? 0.7 : VOUCHED.among + 0.01;
  const lattice = maxima(x, y, sure);
  assertEquals(vouchedFor(lattice, 10, AREA).x.length, x.length);
  assertEquals(vouchedFor(maxima(x, y, () => VOUCHED.among + 0.01), 10, AREA).x.length, 0);
});

Deno.test("where maxima stand anywhere each needs the confidence of one alone", () => {
  const [x, y] = anywhere(700, 360, 9);
  const found = vouchedFor(maxima(x, y, (i) => i % 7 === 0 ? VOUCHED.alone : 0.7), 10, AREA);
  assertEquals([...found.x], x.filter((_, i) => i % 7 === 0));
});

Deno.test("maxima in no order that fill the image vouch for each other, as those of twisted layers", () => {
  const [x, y] = anywhere(900, 360, 9);
  const maximaOf = maxima(x, y, (i) => i % 2 === 0 ? 0.7 : 0.5);
  assertAtLeast(vouchedFor(maximaOf, 10, 360 * 360).x.length, 880);
  assertAtMost(vouchedFor(maximaOf, 10, AREA).x.length, 20); // in order by accident
});

Deno.test("a maximum far from the lattice is alone, and few are no lattice", () => {
  const [x, y] = hexagonal();
  const far = maxima([...x, 400, 500], [...y, 100, 100], (i) => i > x.length ? 0.8 : 0.7);
  const found = vouchedFor(far, 10, AREA);
  assertEquals([...found.x].slice(-1), [500]);
  assertEquals(found.x.includes(400), false);
  assertEquals(vouchedFor(maxima(x.slice(0, 6), y.slice(0, 6), () => 0.7), 10, AREA).x.length, 0);
});

Deno.test("a patch in no order is not vouched for, be it beside a lattice that fills the image", () => {
  const [x, y] = hexagonal(), [u, v] = anywhere(60, 70, 8);
  const cloud = maxima([...x, ...u.map((at) => at + 240)], [...y, ...v], () => 0.7);
  assertEquals(vouchedFor(cloud, 10, AREA).x.length, x.length);
  assertEquals(vouchedFor(cloud, 10, 310 * 210).x.length, x.length);
});
