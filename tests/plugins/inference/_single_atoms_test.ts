import { assertAtLeast, assertAtMost, assertClose, assertEquals } from "@assert";
import { standAlone, weighAtomsInPlace } from "../../../plugins/inference/_single_atoms.ts";
import { columnsAt } from "../../support/columns.ts";

const SIDE = 96, SPACING = 12;
/** Atoms on a grid far coarser than their spacing; the last is a speck of a quarter of their height. */
const X = [16, 48, 80, 16, 48, 80, 16, 48], Y = [16, 16, 16, 48, 48, 48, 80, 80];

function picture(heights: readonly number[]) {
  const pixels = new Float32Array(SIDE * SIDE).fill(100);
  const map = new Float32Array(SIDE * SIDE);
  for (let i = 0; i < X.length; i++) {
    for (let v = 0; v < SIDE; v++) {
      for (let u = 0; u < SIDE; u++) {
        const g = Math.exp(-((u - X[i]) ** 2 + (v - Y[i]) ** 2) / 18);
        pixels[v * SIDE + u] += heights[i] * g;
        map[v * SIDE + u] = Math.max(map[v * SIDE + u], 0.9 * g);
      }
    }
  }
  return { pixels, map };
}

const COLUMNS = columnsAt(X, Y, { height: 0.9 });

Deno.test("columns stand alone far from each other, not in a lattice, and not when they are few", () => {
  assertEquals(standAlone(COLUMNS, SPACING), true);
  assertEquals(standAlone(COLUMNS, 25), false);
  assertEquals(standAlone(columnsAt([0, 100], [0, 100]), SPACING), false);
  assertEquals(standAlone(COLUMNS, NaN), false);
});

Deno.test("a speck of a quarter of the others' height loses its confidence, atoms keep theirs", () => {
  const { pixels, map } = picture([20, 20, 20, 20, 20, 20, 20, 5]);
  weighAtomsInPlace(map, pixels, SIDE, SIDE, COLUMNS, SPACING);
  for (let i = 0; i < 7; i++) assertClose(map[Y[i] * SIDE + X[i]], 0.9, 1e-6);
  const left = map[Y[7] * SIDE + X[7]];
  assertAtMost(left, 0.9 * 0.45 ** 2);
  assertAtLeast(left, 0.9 * 0.38 ** 2); // a quarter over 0.6 is 0.42
});

Deno.test("columns of no height, or of no confidence, leave the map as it is", () => {
  const flat = picture(X.map(() => 0));
  const before = flat.map.slice();
  weighAtomsInPlace(flat.map, flat.pixels, SIDE, SIDE, COLUMNS, SPACING);
  const weak = picture(X.map(() => 20));
  weighAtomsInPlace(weak.map, weak.pixels, SIDE, SIDE, columnsAt(X, Y, { height: 0.3 }), SPACING);
  assertEquals([flat.map, weak.map], [before, before]);
});
