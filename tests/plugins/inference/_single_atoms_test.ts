import { assertAtLeast, assertAtMost, assertEquals } from "@assert";
import type { Context } from "@core";
import { createRandom, gaussianBlur, normalRandom, poissonRandom } from "@core/kernels";
import { decodeMap } from "../../../plugins/inference/_decode.ts";
import { standAlone, weighAtomsInPlace } from "../../../plugins/inference/_single_atoms.ts";
import { columnsAt } from "../../support/columns.ts";
import { testContext } from "../../support/context.ts";

const SIDE = 192, SPACING = 11, AREA = SIDE * SIDE;

/** Places far from each other, in no order. */
const X = [20, 61, 97, 150, 30, 80, 120, 170, 25, 68, 110, 160];
const Y = [25, 18, 33, 22, 80, 70, 95, 85, 150, 160, 140, 165];

/** Atoms of some heights on texture and noise of deviation 1 each, and a map that is as sure of all of them. */
function picture(heightOf: (i: number) => number, confidence: number) {
  const random = createRandom(7), sigma = SPACING / 4;
  const texture = Float32Array.from({ length: AREA }, () => normalRandom(random));
  gaussianBlur(texture, SIDE, SIDE, 2 * sigma, texture);
  const pixels = Float32Array.from(texture, (v) => 100 + 19 * v + normalRandom(random));
  const map = new Float32Array(AREA);
  for (let i = 0; i < X.length; i++) {
    for (let v = 0; v < SIDE; v++) {
      for (let u = 0; u < SIDE; u++) {
        const g = Math.exp(-((u - X[i]) ** 2 + (v - Y[i]) ** 2) / (2 * sigma * sigma));
        pixels[v * SIDE + u] += heightOf(i) * g;
        map[v * SIDE + u] = Math.max(map[v * SIDE + u], confidence * g);
      }
    }
  }
  return { pixels, map };
}

const weigh = (map: Float32Array, pixels: Float32Array, spacing: number) =>
  weighAtomsInPlace(map, { data: pixels, width: SIDE, height: SIDE }, spacing, testContext().map);

const weighed = async ({ pixels, map }: ReturnType<typeof picture>) => {
  await weigh(map, pixels, SPACING);
  // the maximum within two px: noise moves it
  return X.map((x, i) => {
    let most = 0;
    for (let v = Y[i] - 2; v <= Y[i] + 2; v++) {
      for (let u = x - 2; u <= x + 2; u++) most = Math.max(most, map[v * SIDE + u]);
    }
    return most;
  });
};

Deno.test("columns stand alone in no order, not in a lattice, not all over the image, not when they are few", () => {
  assertEquals(standAlone(columnsAt(X, Y).columns, SPACING, AREA), true);
  assertEquals(standAlone(columnsAt(X, Y).columns, 40, AREA), false);
  const lattice = [...Array(36).keys()];
  const square = columnsAt(
    lattice.map((i) => 11 * (i % 6)),
    lattice.map((i) => 11 * Math.floor(i / 6)),
  );
  assertEquals(standAlone(square.columns, SPACING, AREA), false);
  assertEquals(standAlone(columnsAt([0, 100], [0, 100]).columns, SPACING, AREA), false);
  assertEquals(standAlone(columnsAt(X, Y).columns, NaN, AREA), false);
});

Deno.test("atoms that stand out of noise and texture are sure, whatever the network thought", async () => {
  for (const confidence of [0.1, 0.9]) {
    for (const found of await weighed(picture(() => 8, confidence))) assertAtLeast(found, 0.75);
    for (const found of await weighed(picture(() => 0.8, confidence))) assertAtMost(found, 0.5);
  }
});

Deno.test("an atom that stands out far is surest where it is, not on a plateau", async () => {
  const { map } = picture(() => 1, 0.9), pixels = picture(() => 400, 0.9).pixels;
  await weigh(map, pixels, SPACING);
  for (const [k, x] of X.entries()) {
    const middle = map[Y[k] * SIDE + x];
    assertAtLeast(middle, 0.99);
    for (const [u, v] of [[2, 0], [-2, 0], [0, 2], [0, -2]]) {
      assertAtMost(map[(Y[k] + v) * SIDE + x + u], 0.95 * middle);
    }
  }
});

Deno.test("where the network is sure that there is nothing, nothing is found", async () => {
  for (const found of await weighed(picture(() => 8, 0.001))) assertAtMost(found, 0.11);
  assertEquals(Math.max(...await weighed(picture(() => 8, 0))), 0);
});

Deno.test("of an image without noise and texture nothing but its atoms is found", async () => {
  const { map } = picture(() => 1, 0.9), pixels = map.map((v) => 5 + v);
  const found = await weighed({ pixels, map });
  assertAtLeast(Math.min(...found), 0.99);
  const flat = new Float32Array(AREA).fill(0.5);
  await weigh(flat, new Float32Array(AREA).fill(3), SPACING);
  assertEquals(Math.max(...flat), 0);
  // it is finite, too, where texture is so smooth that it has few maxima
  const random = createRandom(2), texture = pixels.map(() => 1e9 * normalRandom(random));
  gaussianBlur(texture, SIDE, SIDE, 3, texture);
  const unsure = new Float32Array(AREA).fill(0.5);
  await weigh(unsure, texture, 6);
  assertEquals(unsure.every((value) => value >= 0 && value <= 1), true);
});

Deno.test("texture much smoother than atoms is texture: but for a few of its maxima nothing in it is one", async () => {
  const random = createRandom(2), white = () => normalRandom(random);
  const texture = Float32Array.from({ length: AREA }, white);
  gaussianBlur(texture, SIDE, SIDE, 3, texture);
  const map = new Float32Array(AREA).fill(0.5), spacing = 8;
  await weigh(map, texture, spacing);
  const settings = { lowerBound: 1e-3, window: 5, box: 0, overlap: 1 };
  const { height } = decodeMap(map, SIDE, SIDE, settings);
  assertAtLeast(height.length, 40);
  assertAtMost(height.filter((value) => value >= 0.75).length, 0.06 * height.length);
});

/** Rows of three bands, and those where two meet. */
const TALL = 3 * 512, MEETING = [511, 1024];

Deno.test("bands are weighed in any order to the same bytes, and an atom where two meet is found", async () => {
  const random = createRandom(5), sigma = SPACING / 4, rows = [30, 90, 160, ...MEETING, 1300];
  const map = new Float32Array(SIDE * TALL), counts = map.slice().fill(20);
  for (const y of rows) {
    for (let i = 0; i < map.length; i++) {
      const square = (i % SIDE - 90) ** 2 + (Math.floor(i / SIDE) - y) ** 2;
      if (square > 25 * sigma * sigma) continue;
      counts[i] += 30 * Math.exp(-square / (2 * sigma * sigma));
    }
  }
  map.fill(0.1);
  const data = counts.map((value) => poissonRandom(value, random));
  const weighBy = async (spread: Context["map"]) => {
    const own = map.slice();
    await weighAtomsInPlace(own, { data, width: SIDE, height: TALL }, SPACING, spread);
    return own;
  };
  const { map: inOrder } = testContext();
  const backward: Context["map"] = async (task, items) =>
    (await inOrder(task, items.toReversed())).toReversed();
  const weighed = await weighBy(inOrder);
  assertEquals(await weighBy(backward), weighed);
  const settings = { lowerBound: 0.75, window: 8, box: SPACING, overlap: 0.3 };
  const { x, y } = decodeMap(weighed, SIDE, TALL, settings);
  assertEquals(y.length, rows.length);
  for (const row of rows) {
    const near = [...y.keys()].filter((k) => Math.hypot(x[k] - 90, y[k] - row) < 2);
    assertEquals(near.length, 1, `the atom in row ${row}`);
  }
});
