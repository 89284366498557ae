import { assertAtMost, assertEquals, assertTrue } from "@assert";
import fc from "fast-check";
import { createRandom } from "../../../core/kernels/random.ts";
import type { Foci } from "../../../plugins/peaks/_foci.ts";
import { createVolume, neighborOf } from "../../../plugins/peaks/_volume.ts";
import { find, type Grid, grid, grids, rules, wholeRules } from "./find_grid.ts";
import { findReferenceFoci } from "./reference_case.ts";
import { images, parkMiller } from "./reference_images.ts";
import { slowFindFoci } from "./slow_findfoci.ts";

const places = ({ count, position }: Foci, width: number) =>
  Array.from({ length: count }, (_, k) => [position[k] % width, Math.floor(position[k] / width)]);

const CHAIN = grid(
  "0 0 0 0 0 0 0 0 0 0 0",
  "0 9 7 8 6 10 5 7 3 4 0",
  "0 0 0 0 0 0 0 0 0 0 0",
);

Deno.test("findFoci merges a chain of peaks as its fixture says", () => {
  const at = (height: number) => find(CHAIN, { background: 1, integer: true, height });
  assertEquals(places(at(0), 11).map(([x]) => x).sort((a, b) => a - b), [1, 3, 5, 7, 9]);
  assertEquals([...at(2).height].sort((a, b) => a - b), [7, 9, 10]);
  const two = at(3);
  assertEquals([...two.height], [10, 9]);
  assertEquals([...two.size], [6, 3]);
});

const TWO = grid(
  "0 0 0 0 0 0 0 0",
  "0 5 6 4 3 5 2 0",
  "0 6 9 6 4 7 3 0",
  "0 4 6 5 3 5 2 0",
  "0 0 0 0 0 0 0 0",
);

Deno.test("findFoci measures two bumps and their saddle", () => {
  const two = find(TWO, { background: 1, integer: true });
  assertEquals([...two.size], [9, 9]);
  assertEquals([...two.saddle], [4, 4]);
  assertEquals([...two.saddleId], [2, 1]);
  assertEquals([...two.sizeAbove], [7, 3]);
  const one = find(TWO, { background: 1, integer: true, height: 4 });
  assertEquals([one.count, one.size[0], one.saddle[0], one.saddleId[0]], [1, 18, -Infinity, 0]);
});

Deno.test("findFoci gives a plateau one point, the last of those nearest its middle", () => {
  const plateau = grid("1 1 1 1 1 1", "1 2 2 2 2 1", "1 2 9 9 2 1", "1 2 9 9 2 1", "1 2 2 2 2 1");
  assertEquals(places(find(plateau), 6), [[3, 2]]);
});

Deno.test("findFoci gives a flat shelf to the peak on its right or lower side", () => {
  const shelf = find(grid("1 1 1 1 1 1 1 1 1", "1 9 5 5 5 5 5 8 1", "1 1 1 1 1 1 1 1 1"), {
    background: 2,
    sort: "height",
  });
  assertEquals([...shelf.size], [2, 5]);
});

Deno.test("findFoci finds nothing in a flat image, nor above all pixels", () => {
  assertEquals(find(grid("7 7 7", "7 7 7")).count, 0);
  assertEquals(find(grid("7")).count, 0);
  assertEquals(find(CHAIN, { background: 11 }).count, 0);
});

Deno.test("findFoci leaves excluded pixels out: they are neither peaks nor uphill of any", () => {
  const row = grid("1 2 3 Infinity 3 4 1");
  const found = find(row, { backgroundMethod: "none", sort: "x" }, [0, 0, 0, 1, 0, 0, 0]);
  assertEquals(places(found, 7), [[2, 0], [5, 0]]);
  assertEquals([...found.labels], [1, 1, 1, 0, 2, 2, 2]);
  const nothing = find(row, {}, [1, 1, 1, 1, 1, 1, 1]);
  assertEquals(nothing.count, 0);
});

Deno.test("findFoci lists only peaks that touch no edge, are not too large, and up to the limit", () => {
  const edge = grid("5 1 1 1 1", "1 1 8 1 1", "1 1 1 1 1", "1 6 1 1 7", "1 1 1 1 1");
  const inside = find(edge, { background: 2, removeEdge: true });
  assertEquals(places(inside, 5), [[2, 1], [1, 3]]);
  assertEquals(find(TWO, { background: 1, maximumSize: 8 }).count, 0);
  assertEquals([...find(CHAIN, { background: 1, sort: "height", maximumPeaks: 2 }).height], [
    10,
    9,
  ]);
});

Deno.test("findFoci leaves peaks on the outermost pixels out where asked; their neighbors keep saddles", () => {
  const slope = grid(
    "9 4 5 7 5 2 3",
    "8 3 4 6 4 1 2",
    "7 2 3 5 3 0 1",
    "7 2 4 6 8 0 1",
    "6 1 3 4 5 0 0",
  );
  const all = find(slope, { sort: "place" });
  assertEquals(places(all, 7), [[0, 0], [3, 0], [6, 0], [4, 3]]);
  const inner = find(slope, { sort: "place", border: "none" });
  assertEquals(places(inner, 7), [[4, 3]]);
  assertEquals(places(find(slope, { border: "tops" }), 7), [[4, 3]]);
  assertEquals([inner.saddle[0], inner.saddleId[0]], [all.saddle[3], 0]);
  const tops = find(grid("2 6 2 1 9 8 4", "2 7 2 1 8 5 3", "1 3 1 0 4 2 1"), {
    sort: "place",
    border: "tops",
  });
  assertEquals(places(tops, 7), [[4, 0], [1, 1]]);
  const line = grid("1 5 2 7 3");
  assertEquals(places(find(line, { sort: "x", border: "none" }), 5), [[1, 0], [3, 0]]);
});

Deno.test("findFoci cuts regions at a share of the peak's height", () => {
  const hill = grid("0 2 4 6 8 10 8 6 4 2 0");
  assertEquals([...find(hill, { search: "half" }).size], [5]); // 5 is between 4 and 6
  assertEquals([...find(hill, { search: "fraction", searchFraction: 0.2 }).size], [9]);
});

const pictures = grids(12, 1);
const volumes = grids(6, 5);

const rowsOf = (foci: Foci) =>
  Array.from({ length: foci.count }, (_, k) => ({
    position: foci.position[k],
    top: foci.top[k],
    size: foci.size[k],
    total: foci.total[k],
    saddle: foci.saddle[k],
    neighbor: foci.saddleId[k] === 0 ? -1 : foci.position[foci.saddleId[k] - 1],
    sizeAbove: foci.sizeAbove[k],
    totalAbove: foci.totalAbove[k],
  }));

type Rule = ReturnType<typeof rules["generate"]>["value"];

const order = (a: { position: number }, b: { position: number }) => a.position - b.position;

function slowRows({ values, width, height, depth = 1 }: Grid, rule: Rule) {
  const { background } = rule;
  const slow = slowFindFoci(values, width, height, {
    ...rule,
    depth,
    need: (top) => {
      const isAbsolute = rule.heightMethod === "absolute";
      const need = isAbsolute ? rule.height : rule.height * (top - background);
      return need > 0 ? need : 1e-6 * (top - background);
    },
    heightPass: rule.height > 0,
  });
  return slow.map(({ position, top, size, total, saddle, neighbor, sizeAbove, totalAbove }) => ({
    position,
    top,
    size,
    total,
    saddle,
    neighbor: neighbor === 0 ? -1 : slow.find((p) => p.id === neighbor)!.position,
    sizeAbove,
    totalAbove,
  })).sort(order);
}

Deno.test("findFoci equals its slow twin", () => {
  fc.assert(
    fc.property(pictures, rules, (picture, rule) => {
      assertEquals(rowsOf(find(picture, rule)).sort(order), slowRows(picture, rule));
    }),
    { numRuns: 1500 },
  );
});

Deno.test("findFoci equals its slow twin in volumes", () => {
  fc.assert(
    fc.property(volumes, rules, (volume, rule) => {
      assertEquals(rowsOf(find(volume, rule)).sort(order), slowRows(volume, rule));
    }),
    { numRuns: 500 },
  );
});

Deno.test("findFoci equals its slow twin on the reference's noise", () => {
  const merged = { heightMethod: "absolute", minimumAboveSaddle: true, connected: false } as const;
  for (const [seed, depth] of [[1, 1], [2, 1], [3, 1], [4, 4], [5, 4]]) {
    const side = depth > 1 ? 10 : 24;
    const values = Array.from(parkMiller(seed, side * side * depth), (v) => v >> 2);
    const noise = { width: side, height: side, depth, values };
    for (
      const rule of [
        { ...merged, background: 20, height: 5, minimumSize: 5 },
        { ...merged, background: 0, height: 12, minimumSize: 9, connected: true },
      ]
    ) assertEquals(rowsOf(find(noise, rule)).sort(order), slowRows(noise, rule));
  }
});

/** Peaks of case A02 with each fault of the reference (1.13 of the guide) undone: see the test. */
const CONNECTED = { reference: 69, own: 84 };

Deno.test("findFoci counts connected pixels above the saddle in full, the reference too few", () => {
  // the reference's floods stop at the tops of merged peaks (71 peaks without that), reach down to a
  // saddle that is past, and add nothing over a lower one: peaks seem too small and merge
  const options = {
    background: "ABSOLUTE",
    bgparam: 100,
    peak: "ABSOLUTE",
    peakparam: 5,
    minsize: 5,
    connected: "true",
  };
  const given = { ...images.A, bits: 8, options };
  assertEquals(findReferenceFoci(given).foci.count, CONNECTED.reference);
  const { foci } = findReferenceFoci(given, false);
  assertEquals(foci.count, CONNECTED.own);
  const rule = {
    background: 100,
    height: 5,
    heightMethod: "absolute" as const,
    minimumSize: 5,
    minimumAboveSaddle: true,
    connected: true,
  };
  const picture = { ...images.A, values: Array.from(images.A.pixels) };
  assertEquals(rowsOf(foci).sort(order), slowRows(picture, rule));
});

Deno.test("findFoci finds the same with whole-number and with float levels", () => {
  fc.assert(fc.property(pictures, wholeRules, (picture, rule) => {
    assertEquals(
      rowsOf(find(picture, { ...rule, integer: true })),
      rowsOf(find(picture, { ...rule, integer: false })),
    );
  }));
});

/** What does not change with the scale of levels. */
const geometry = (foci: Foci) => ({
  peaks: Array.from(
    { length: foci.count },
    (_, k) => [foci.position[k], foci.size[k], foci.saddleId[k], foci.sizeAbove[k]],
  ),
  saddles: [[...foci.saddles.first], [...foci.saddles.second]],
  labels: [...foci.labels],
});

Deno.test("findFoci finds the same after a constant is added", () => {
  fc.assert(
    fc.property(
      grids(10, 3),
      wholeRules,
      fc.integer({ min: -500, max: 500 }),
      (picture, rule, added) => {
        const moved = { ...picture, values: picture.values.map((v) => v + added) };
        const background = rule.background + added;
        assertEquals(
          geometry(find(moved, { ...rule, sort: "place", background })),
          geometry(find(picture, { ...rule, sort: "place" })),
        );
      },
    ),
  );
});

Deno.test("findFoci finds the same after levels are scaled by a power of two", () => {
  fc.assert(
    fc.property(grids(10, 3), rules, fc.integer({ min: -20, max: 20 }), (picture, rule, power) => {
      const scale = 2 ** power;
      const scaled = { ...picture, values: picture.values.map((v) => v * scale) };
      const height = rule.heightMethod === "absolute" ? rule.height * scale : rule.height;
      const background = rule.background * scale;
      assertEquals(
        geometry(find(scaled, { ...rule, background, height, sort: "place" })),
        geometry(find(picture, { ...rule, sort: "place" })),
      );
    }),
  );
});

/** Pictures without two equal pixels. */
const distinct = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain((
  [width, height],
) =>
  fc.record({
    width: fc.constant(width),
    height: fc.constant(height),
    values: fc.shuffledSubarray(Array.from({ length: width * height }, (_, i) => i), {
      minLength: width * height,
    }),
  })
);

Deno.test("findFoci finds the same in a picture that is transposed or flipped", () => {
  const turned = (
    { width, height, values }: Grid,
    size: readonly [number, number],
    from: (x: number, y: number) => readonly [number, number],
  ) => ({
    width: size[0],
    height: size[1],
    values: Array.from({ length: width * height }, (_, i) => {
      const [x, y] = from(i % size[0], Math.floor(i / size[0]));
      return values[y * width + x];
    }),
  });
  // no two pixels are equal, so the top of a peak names it
  const facts = (foci: Foci) =>
    rowsOf(foci).map(({ position: _, neighbor, ...rest }, k) => ({
      ...rest,
      neighbor: neighbor < 0 ? -1 : foci.top[foci.saddleId[k] - 1],
    })).sort((a, b) => a.top - b.top);
  fc.assert(fc.property(distinct, rules, (picture, rule) => {
    const { width: w, height: h } = picture;
    const expected = facts(find(picture, rule));
    assertEquals(facts(find(turned(picture, [h, w], (x, y) => [y, x]), rule)), expected);
    assertEquals(facts(find(turned(picture, [w, h], (x, y) => [w - 1 - x, y]), rule)), expected);
    assertEquals(facts(find(turned(picture, [w, h], (x, y) => [x, h - 1 - y]), rule)), expected);
  }));
});

/** The neighbors of each pixel, slowly. */
function neighborsOf({ width, height, depth = 1 }: Grid): number[][] {
  const volume = createVolume(width, height, depth);
  return Array.from(
    { length: volume.length },
    (_, i) => Array.from(volume.offset, (_, d) => neighborOf(volume, i, d)).filter((n) => n >= 0),
  );
}

/** The pixels that connect to one over neighbors that pass. */
function flood(start: number, near: number[][], passes: (i: number) => boolean): Set<number> {
  const reached = new Set([start]);
  for (const i of reached) for (const n of near[i]) if (passes(n)) reached.add(n);
  return reached;
}

Deno.test("findFoci without merging gives every regional maximum one peak", () => {
  fc.assert(fc.property(grids(9, 3), fc.integer({ min: 0, max: 10 }), (picture, background) => {
    const { values } = picture;
    const near = neighborsOf(picture);
    const lowest = Math.min(...values);
    const maxima = new Map<string, Set<number>>();
    values.forEach((v, i) => {
      const plateau = flood(i, near, (n) => values[n] === v);
      const isMaximum = [...plateau].every((p) => near[p].every((n) => values[n] <= v));
      if (!isMaximum || v < background || v === lowest) return;
      maxima.set(`${Math.min(...plateau)}`, plateau);
    });
    const foci = find(picture, { background });
    assertEquals(foci.count, maxima.size);
    for (const plateau of maxima.values()) {
      assertEquals([...foci.position].filter((p) => plateau.has(p)).length, 1);
    }
  }));
});

Deno.test("findFoci keeps its books: labels, sizes and saddles agree, regions hang together", () => {
  fc.assert(fc.property(grids(10, 3), rules, (picture, rule) => {
    const { values } = picture;
    const near = neighborsOf(picture);
    const foci = find(picture, rule);
    const sizes = new Array(foci.count + 1).fill(0), totals = sizes.slice();
    foci.labels.forEach((label, i) => {
      sizes[label]++;
      totals[label] += values[i];
      if (label > 0) assertTrue(values[i] >= rule.background);
    });
    assertEquals(sizes.slice(1), [...foci.size]);
    assertEquals(totals.slice(1), [...foci.total]);
    for (let k = 0; k < foci.count; k++) {
      const row = k + 1;
      assertTrue(foci.top[k] >= foci.saddle[k]);
      assertEquals(foci.labels[foci.position[k]], row);
      const region = flood(foci.position[k], near, (i) => foci.labels[i] === row);
      assertEquals(region.size, foci.size[k]);
      const most = [...region].reduce((most, i) => Math.max(most, values[i]), -Infinity);
      assertEquals([foci.top[k], foci.height[k]], [most, most]);
      assertTrue(foci.sizeAbove[k] <= foci.size[k]);
    }
  }));
});

Deno.test("findFoci takes images of one pixel, row or column", () => {
  for (const values of [[3], [0, 0, 3, 1, 5, 5, 0], [9, 1, 8]]) {
    const row = find({ width: values.length, height: 1, values }, { sort: "place" });
    const column = find({ width: 1, height: values.length, values }, { sort: "place" });
    const line = find({ width: 1, height: 1, depth: values.length, values }, { sort: "place" });
    assertEquals(rowsOf(column), rowsOf(row));
    assertEquals(rowsOf(line), rowsOf(row));
  }
  const found = find({ width: 7, height: 1, values: [0, 0, 3, 1, 5, 5, 0] }, { sort: "place" });
  // of two equal pixels the one found last
  assertEquals(places(found, 7), [[2, 0], [4, 0]]);
  assertEquals([...found.saddle], [1, 1]);
  assertEquals(find({ width: 1, height: 1, values: [3] }).count, 0);
});

Deno.test("findFoci takes the full range of 16 bits, in whole numbers and in floats", () => {
  const values = [
    ...[0, 0, 0, 0, 0, 0],
    ...[0, 65535, 65534, 0, 65535, 0],
    ...[0, 65535, 1, 0, 2, 0],
    ...[0, 0, 0, 0, 0, 0],
  ];
  const picture = { width: 6, height: 4, values };
  for (const backgroundMethod of ["auto-threshold", "mean", "minimum", "none"] as const) {
    const whole = find(picture, { integer: true, backgroundMethod, height: 1 });
    assertEquals(places(whole, 6).slice(0, 2), [[1, 1], [4, 1]], backgroundMethod);
    const float = find(picture, { integer: false, backgroundMethod, height: 1 });
    assertEquals(places(float, 6), places(whole, 6));
    assertEquals(float.height[0], 65535);
  }
  assertEquals(find(picture, { background: 65536, integer: true }).count, 0);
  assertEquals(find(picture, { background: 65535, integer: true }).size.length, 2);
  const ramp = Array.from({ length: 65536 }, (_, i) => i);
  const slope = find({ width: 256, height: 256, values: ramp }, { integer: true });
  assertEquals([slope.count, slope.size[0], slope.top[0]], [1, 65536, 65535]);
});

Deno.test("findFoci leaves out pixels that are not finite, wherever they are", () => {
  const picture = grid("1 2 1 1 1", "2 5 2 3 1", "1 2 1 1 1");
  const whole = find(picture, { background: 1, sort: "place" });
  assertEquals(places(whole, 5), [[1, 1], [3, 1]]);
  for (const bad of [NaN, Infinity, -Infinity]) {
    for (let at = 0; at < 15; at++) {
      const values = picture.values.map((v, i) => i === at ? bad : v);
      const excluded = values.map((v) => Number.isFinite(v) ? 0 : 1);
      const foci = find({ ...picture, values }, { background: 1, sort: "place" }, excluded);
      assertEquals(foci.labels[at], 0);
      // every other pixel still belongs to a peak
      assertEquals([...foci.labels].filter((label) => label === 0).length, 1, `${bad} at ${at}`);
      assertTrue([...foci.height, ...foci.total].every(Number.isFinite));
    }
  }
});

Deno.test("findFoci does 100 000 candidates and one huge shelf without quadratic work", () => {
  const random = createRandom(3);
  const size = 900;
  const noise = Array.from({ length: size * size }, () => Math.floor(256 * random()));
  const noisy = { width: size, height: size, values: noise };
  const plain = find(noisy);
  assertTrue(plain.count > 80_000);
  assertTrue(plain.saddles.count > 200_000);
  // each of these merges nearly everything, over ever larger peaks
  assertAtMost(find(noisy, { heightMethod: "relative", height: 0.9, minimumSize: 5 }).count, 100);
  assertAtMost(find(noisy, { height: 3, minimumSize: 500 }).count, 2000);
  // a shelf whose way up is at its far end, so that sweeps would go on for hundreds of rows
  const shelf = {
    ...noisy,
    values: noise.map((_, i) => i === 0 ? 2 : i > size * size - 3 ? 0 : 1),
  };
  assertEquals([...find(shelf).size], [size * size]);
});
