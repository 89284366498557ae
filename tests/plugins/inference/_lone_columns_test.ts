import { assertAtLeast, assertAtMost, assertEquals } from "@assert";
import { createRandom, poissonRandom } from "@core/kernels";
import { weighLoneInPlace } from "../../../plugins/inference/_lone_columns.ts";
import { columnsAt } from "../../support/columns.ts";
import { testContext } from "../../support/context.ts";

const SIDE = 256, SPACING = 12, SIGMA = 3, COUNTS = 200;

/** A patch of a hexagonal lattice at the upper left. */
const LATTICE = Array.from({ length: 64 }, (_, i) => {
  const row = i >> 3, column = i & 7;
  return [30 + SPACING * (column + 0.5 * (row & 1)), 30 + SPACING * row * Math.sqrt(0.75)];
});
/** What crowds the last column of the first row, as sulfur does. */
const CROWDS = [LATTICE[7][0] + SPACING / Math.sqrt(3), LATTICE[7][1]];
const ADATOM = [201, 64];
/** Places where nothing is. */
const NOTHING = [[60, 200], [71, 205], [150, 180], [161, 177], [200, 201], [230, 140]];

/** A picture in counts, and a map that is sure of the lattice and of nothing, and not of the adatom. */
function picture(background: number) {
  const random = createRandom(3), area = SIDE * SIDE;
  const expected = new Float32Array(area).fill(background), map = new Float32Array(area);
  const add = ([x, y]: readonly number[], counts: number, confidence: number) => {
    for (let i = 0; i < area; i++) {
      const square = (i % SIDE - x) ** 2 + (Math.floor(i / SIDE) - y) ** 2;
      if (square > 25 * SIGMA * SIGMA) continue;
      const g = Math.exp(-square / (2 * SIGMA * SIGMA));
      expected[i] += counts * g;
      map[i] = Math.max(map[i], confidence * g);
    }
  };
  for (const at of LATTICE) add(at, COUNTS, 0.9);
  add(CROWDS, 0.3 * COUNTS, 0.5);
  add(ADATOM, 0.15 * COUNTS, 0.3);
  for (const at of NOTHING) add(at, 0, 0.85);
  return { pixels: expected.map((value) => poissonRandom(value, random)), map };
}

const pictureOf = (data: Float32Array) => ({ data, width: SIDE, height: SIDE });

/** The largest value within two px of a place. */
function topNear(map: Float32Array, [x, y]: readonly number[]): number {
  let top = 0;
  for (let v = Math.round(y) - 2; v <= Math.round(y) + 2; v++) {
    for (let u = Math.round(x) - 2; u <= Math.round(x) + 2; u++) {
      top = Math.max(top, map[v * SIDE + u]);
    }
  }
  return top;
}

Deno.test("of two adatoms nearer than the columns of the lattice the clearer one is found", async () => {
  const { pixels, map } = picture(0), near = [ADATOM[0] + 7, ADATOM[1]];
  for (let i = 0; i < pixels.length; i++) {
    const square = (i % SIDE - near[0]) ** 2 + (Math.floor(i / SIDE) - near[1]) ** 2;
    pixels[i] += Math.round(20 * Math.exp(-square / (2 * 1.5 * 1.5)));
    map[i] = Math.max(map[i], 0.3 * Math.exp(-square / (2 * SIGMA * SIGMA)));
  }
  const { x, y } = columnsAt(LATTICE.map(([x]) => x), LATTICE.map(([, y]) => y)).columns;
  const ones = new Float64Array(x.length).fill(1);
  const columns = { x, y, height: ones, sigma: ones };
  await weighLoneInPlace(map, pictureOf(pixels), columns, SPACING, testContext().map);
  assertAtLeast(topNear(map, ADATOM), 0.75);
  assertAtMost(topNear(map, near), 0.4);
});

for (const background of [30, 0]) {
  Deno.test(`beside a lattice an adatom is found and noise is not, background ${background}`, async () => {
    const { pixels, map } = picture(background), before = map.slice();
    const all = [...LATTICE, CROWDS, ...NOTHING];
    const { x, y } = columnsAt(all.map(([x]) => x), all.map(([, y]) => y)).columns;
    const height = Float64Array.from(all, (at) => topNear(before, at));
    const columns = { x, y, height, sigma: new Float64Array(x.length).fill(SIGMA) };
    await weighLoneInPlace(map, pictureOf(pixels), columns, SPACING, testContext().map);
    assertAtLeast(topNear(map, ADATOM), 0.75);
    for (const at of NOTHING) assertAtMost(topNear(map, at), 0.3);
    for (const at of [...LATTICE, CROWDS]) assertEquals(topNear(map, at), topNear(before, at));
  });
}
