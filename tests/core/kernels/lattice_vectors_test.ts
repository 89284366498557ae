import { createCellList, createRandom, latticeVectors, normalRandom } from "@core/kernels";
import { assertAtMost, assertEquals } from "@assert";

const SPACING = 10, LONGEST = 1.2 * SPACING;

/** The mean of a hundred differences of places that are off by 0.5 px: 0.07 px, four times. */
const SCATTER = 0.3;

/** A hexagonal lattice, places off by 0.5 px; `keeps` of each is drawn. */
function lattice(keeps: number, seed = 1) {
  const random = createRandom(seed), x: number[] = [], y: number[] = [];
  for (let row = 0; row < 20; row++) {
    for (let column = 0; column < 20; column++) {
      if (random() > keeps) continue;
      x.push(SPACING * (column + 0.5 * (row % 2)) + 0.5 * normalRandom(random));
      y.push(SPACING * row * Math.sqrt(0.75) + 0.5 * normalRandom(random));
    }
  }
  return { x: Float64Array.from(x), y: Float64Array.from(y) };
}

function vectorsOf({ x, y }: ReturnType<typeof lattice>, value = new Float64Array(x.length)) {
  const inner = [...x.keys()].filter((i) => Math.hypot(x[i] - 100, y[i] - 85) < 60);
  return latticeVectors(createCellList(x, y, SPACING), x, y, inner, value, SPACING, LONGEST);
}

/** The six shortest vectors of the lattice. */
const TRUE = [...Array(6).keys()].map((k) => ({
  x: SPACING * Math.cos(k * Math.PI / 3),
  y: SPACING * Math.sin(k * Math.PI / 3),
}));

const away = (v: { readonly x: number; readonly y: number }, all: readonly typeof v[]) =>
  Math.min(...all.map((w) => Math.hypot(v.x - w.x, v.y - w.y)));

Deno.test("latticeVectors finds each shortest vector once, with a fifth of the columns missing too", () => {
  for (const keeps of [1, 0.8]) {
    const found = vectorsOf(lattice(keeps));
    assertEquals(found.length, 6);
    for (const v of TRUE) assertAtMost(away(v, found), SCATTER);
  }
});

Deno.test("latticeVectors finds none among columns in no order, nor among too few of a lattice", () => {
  const random = createRandom(4);
  const x = Float64Array.from({ length: 250 }, () => 200 * random());
  const y = Float64Array.from({ length: 250 }, () => 170 * random());
  assertEquals(vectorsOf({ x, y }), []);
  assertEquals(vectorsOf(lattice(0.45)), []);
});

Deno.test("latticeVectors tells how much the values of the columns it joins differ", () => {
  const places = lattice(1);
  const byRow = places.y.map((y) => Math.round(y / (SPACING * Math.sqrt(0.75))) % 2);
  for (const v of vectorsOf(places, byRow)) {
    const expected = Math.abs(v.y) > SPACING / 2 ? 1 : 0; // rows differ from the next
    assertAtMost(Math.abs(v.square - expected), 0.05);
  }
});
