import { createRandom } from "@core/kernels";
import { assertAtLeast, assertAtMost, assertClose, assertEquals, assertTrue } from "@assert";
import {
  append,
  carbonAtoms,
  cutVoids,
  growVoids,
  joinClose,
  joinGrains,
  keep,
  lineAcross,
  scatterAdatoms,
  scatterCarbon,
} from "../../../plugins/simulation/_defects.ts";
import type { Places } from "../../../plugins/simulation/_specimen.ts";
import { kindOf } from "../../../plugins/simulation/_structures.ts";

const box = { left: -20, top: -10, right: 180, bottom: 140 };

const places = (...rows: (readonly [x: number, y: number, kind: number])[]): Places => ({
  x: Float64Array.from(rows, ([x]) => x),
  y: Float64Array.from(rows, ([, y]) => y),
  kind: Int32Array.from(rows, ([, , kind]) => kind),
});

/** A fine grid over the box, for measuring areas. */
const grid = places(...Array.from({ length: 200 * 150 }, (_, i) => {
  return [box.left + i % 200 + 0.5, box.top + Math.floor(i / 200) + 0.5, 0] as const;
}));

Deno.test("append counts the kinds of the second list from an offset on", () => {
  const all = append(places([1, 2, 0]), places([3, 4, 1], [5, 6, 0]), 10);
  assertEquals([[...all.x], [...all.y], [...all.kind]], [[1, 3, 5], [2, 4, 6], [0, 11, 10]]);
});

Deno.test("joinClose makes one column of close ones, at their mean by height, with all atoms", () => {
  const kinds = [kindOf("Mo", 1, "Mo"), kindOf("S2", 0.25, "S", 2, 0.3)];
  const given = places([0, 0, 1], [10, 0, 0], [0.5, 0, 0], [10.2, 0, 0], [20, 0, 1], [20, 0.1, 1]);
  const { places: found, kinds: all } = joinClose(given, kinds, 1);
  assertEquals([...found.kind].map((k) => all[k].species), ["MoS2", "Mo2", "S4"]);
  assertClose(found.x[0], 0.5 / 1.25, 1e-12);
  assertClose(found.x[1], 10.1, 1e-12);
  assertClose(found.y[2], 0.05, 1e-12);
  assertEquals(all[found.kind[0]].atoms.map(({ element, count }) => [element, count]), [
    ["Mo", 1],
    ["S", 2],
  ]);
  assertClose(all[found.kind[2]].height, 0.5, 1e-12);
  assertEquals(kinds.length, 2);
});

Deno.test("joinClose names what has no simple formula", () => {
  const kinds = [{ ...kindOf("TiO", 1, "Ti"), atoms: [] }];
  const { places: found, kinds: all } = joinClose(places([0, 0, 0], [0, 0.1, 0]), kinds, 1);
  assertEquals([found.x.length, all[found.kind[0]].species], [1, "(TiO)2"]);
});

Deno.test("joinClose leaves what stands apart as it was", () => {
  const random = createRandom(1), kinds = [kindOf("Mo", 1, "Mo")];
  const apart = scatterAdatoms(box, 0.01, 4, random); // none within one px
  const joined = joinClose(apart, kinds, 0.9);
  assertEquals(joined.places, apart);
  assertEquals(joined.kinds, kinds);
});

Deno.test("lineAcross leaves the share that is asked for beyond it, straight or wavy", () => {
  for (const share of [0, 0.2, 0.5, 0.9, 1]) {
    for (const roughness of [0, 8]) {
      const line = lineAcross(share, 180, 140, roughness, createRandom(3));
      let beyond = 0;
      for (let y = 0.5; y < 140; y++) for (let x = 0.5; x < 180; x++) if (line(x, y) > 0) beyond++;
      assertClose(beyond / (180 * 140), share, 0.01);
    }
  }
});

Deno.test("growVoids and cutVoids empty about the share that is asked for", () => {
  assertEquals(growVoids(box, 5, 0, createRandom(1)), []);
  assertEquals(cutVoids(grid, []), grid);
  for (const share of [0.05, 0.2]) {
    const kept = cutVoids(grid, growVoids(box, 5, share, createRandom(1)));
    // Holes overlap, and reach beyond the box.
    const gone = 1 - kept.x.length / grid.x.length;
    assertAtLeast(gone, 0.4 * share);
    assertAtMost(gone, 1.4 * share);
  }
});

Deno.test("cutVoids empties a round hole to its rim", () => {
  const hole = { x: 50, y: 40, radius: 12, waves: [[0, 0], [0, 0], [0, 0]] as const };
  const kept = cutVoids(grid, [hole]);
  assertTrue(kept.x.every((x, i) => Math.hypot(x - 50, kept.y[i] - 40) >= 12));
  assertClose(grid.x.length - kept.x.length, Math.PI * 144, 15);
});

Deno.test("joinGrains keeps each side and leaves out what comes too close", () => {
  const random = createRandom(2);
  const left = scatterAdatoms(box, 0.2, 4, random), right = scatterAdatoms(box, 0.2, 4, random);
  const line = (x: number) => x - 80;
  const both = joinGrains(left, right, line, () => 3);
  const here = keep(left, (x) => x <= 80), n = here.x.length;
  assertEquals([...both.x.subarray(0, n)], [...here.x]);
  let close = 0;
  for (let i = n; i < both.x.length; i++) {
    assertTrue(both.x[i] > 80);
    for (let j = 0; j < n; j++) {
      if (Math.hypot(both.x[i] - both.x[j], both.y[i] - both.y[j]) < 3) close++;
    }
  }
  assertEquals(close, 0);
  // Away from the line all of the second grain is there.
  const far = (all: Places) => keep(all, (x) => x > 83).x.length;
  assertEquals(far(keep(both, (_x, _y, i) => i >= n)), far(right));
});

Deno.test("joinGrains asks for the distance of the two kinds", () => {
  const first = places([0, 0, 0]), second = places([2, 0, 0], [0, 2, 1], [5, 5, 0]);
  const apart = (i: number, j: number) => i === 0 && j === 0 ? 3 : 1;
  const both = joinGrains(first, second, (x, y) => x + y - 1, apart);
  assertEquals([...both.kind], [0, 1, 0]);
});

Deno.test("scatterAdatoms has the density that is asked for, none too close to another", () => {
  const scale = 10, { x, y } = scatterAdatoms(box, 1, scale, createRandom(7));
  // 300 nm2, less those that would come too close: about pi 0.25^2 / 2 of them.
  assertClose(x.length, 300 * (1 - Math.PI * 0.25 ** 2 / 2), 15);
  for (let i = 0; i < x.length; i++) {
    assertTrue(x[i] >= box.left && x[i] < box.right && y[i] >= box.top && y[i] < box.bottom);
    for (let j = 0; j < i; j++) assertAtLeast(Math.hypot(x[i] - x[j], y[i] - y[j]), 2.5);
  }
  assertEquals(scatterAdatoms(box, 0, scale, createRandom(7)).x.length, 0);
});

Deno.test("carbonAtoms is the density of amorphous carbon, and scatterCarbon spreads them evenly", () => {
  assertEquals(carbonAtoms(box, 2, 10), 200 * 150 / 100 * 2 * 100);
  const { x, y } = scatterCarbon(box, 20_000, createRandom(5));
  for (const [values, low, high] of [[x, box.left, box.right], [y, box.top, box.bottom]] as const) {
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    // Five standard errors of a uniform distribution.
    assertClose(mean, (low + high) / 2, 5 * (high - low) / Math.sqrt(12 * 20_000));
    assertTrue(values.every((v) => v >= low && v < high));
  }
});
