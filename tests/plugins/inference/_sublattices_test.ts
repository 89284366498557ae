import { assertAtLeast, assertAtMost, assertEquals } from "@assert";
import { createRandom, poissonRandom } from "@core/kernels";
import { weighColumnsInPlace } from "../../../plugins/inference/_sublattices.ts";
import { columnsAt } from "../../support/columns.ts";

const SIDE = 150, SPACING = 14, SIGMA = 3;

/** A honeycomb, every second column fainter; all as confident. */
function honeycomb(faint: number, counts: number, spacing = SPACING) {
  const random = createRandom(3), x: number[] = [], y: number[] = [], isFaint: boolean[] = [];
  const expected = new Float64Array(SIDE * SIDE).fill(0.1);
  for (let row = -1; row < 14; row++) {
    for (let column = -1; column < 12; column++) {
      for (const second of [false, true]) {
        const px = SPACING * (column + 0.5 * (row & 1)) + 5;
        const py = SPACING * row * Math.sqrt(0.75) + 5 + (second ? SPACING / Math.sqrt(3) : 0);
        if (px < 0 || py < 0 || px > SIDE - 1 || py > SIDE - 1) continue;
        x.push(px);
        y.push(py);
        isFaint.push(second);
        for (let v = 0; v < SIDE; v++) {
          for (let u = 0; u < SIDE; u++) {
            const square = (u - px) ** 2 + (v - py) ** 2;
            const top = second ? faint : 1;
            if (square < 200) expected[v * SIDE + u] += top * Math.exp(-square / (2 * SIGMA ** 2));
          }
        }
      }
    }
  }
  const pixels = Float32Array.from(expected, (value) => poissonRandom(counts * value, random));
  const map = new Float32Array(SIDE * SIDE).fill(0.7);
  const confidence = isFaint.map((faint) => faint ? 0.7 : 0.9);
  const table = columnsAt(x, y, { height: 0.7 });
  table.columns.height.set(confidence);
  weighColumnsInPlace(map, pixels, SIDE, SIDE, table.columns, spacing);
  const inner = (i: number) => Math.min(x[i], y[i], SIDE - x[i], SIDE - y[i]) > 1.5 * SPACING;
  const left = (wanted: boolean) =>
    x.map((px, i) => [i, map[Math.round(y[i]) * SIDE + Math.round(px)]])
      .filter(([i]) => inner(i) && isFaint[i] === wanted).map(([, value]) => value);
  return { faint: left(true), bright: left(false) };
}

Deno.test("a faint sublattice loses its confidence where heights are precise, a bright one none", () => {
  const { faint, bright } = honeycomb(0.4, 30);
  assertAtLeast(faint.length, 20);
  assertAtMost(Math.max(...faint), 0.4);
  assertEquals(new Set(bright), new Set([Math.fround(0.7)]));
});

Deno.test("it does so where the spacing is that of both sublattices together", () => {
  const { faint, bright } = honeycomb(0.4, 60, SPACING / Math.sqrt(3));
  assertAtMost(Math.max(...faint), 0.4);
  assertEquals(new Set(bright), new Set([Math.fround(0.7)]));
});

Deno.test("heights that tell nothing of one column tell what a sublattice is", () => {
  const { faint, bright } = honeycomb(0.4, 3);
  assertAtMost(Math.max(...faint), 0.4);
  assertEquals(new Set(bright), new Set([Math.fround(0.7)]));
});

Deno.test("equal sublattices, and heights that are noise, change nothing", () => {
  const { faint, bright } = honeycomb(0.9, 30);
  assertEquals(new Set([...faint, ...bright]), new Set([Math.fround(0.7)]));
  const noisy = honeycomb(0.4, 0.5);
  assertEquals(new Set([...noisy.faint, ...noisy.bright]), new Set([Math.fround(0.7)]));
});

Deno.test("a faint column that crowds no other, as one of a thin rim, keeps its confidence", () => {
  const random = createRandom(5), x: number[] = [], y: number[] = [];
  for (let row = 1; row < 9; row++) {
    for (let column = 1; column < 9; column++) x.push(SPACING * column), y.push(SPACING * row);
  }
  const isFaint = (i: number) => i % 7 === 3, map = new Float32Array(SIDE * SIDE).fill(0.7);
  const pixels = Float32Array.from(map, (_, at) => {
    let expected = 5;
    for (let i = 0; i < x.length; i++) {
      const square = (at % SIDE - x[i]) ** 2 + (Math.floor(at / SIDE) - y[i]) ** 2;
      expected += (isFaint(i) ? 60 : 200) * Math.exp(-square / (2 * SIGMA ** 2));
    }
    return poissonRandom(expected, random);
  });
  const { columns } = columnsAt(x, y, { height: 0.8 });
  weighColumnsInPlace(map, pixels, SIDE, SIDE, columns, SPACING);
  assertEquals(new Set(map), new Set([Math.fround(0.7)]));
});
