import { assertAtMost, assertEquals, assertTrue } from "@assert";
import fc from "fast-check";
import { createRandom } from "../../../core/kernels/random.ts";
import { findFoci, type Foci, type FociOptions } from "../../../plugins/peaks/_foci.ts";
import { createVolume } from "../../../plugins/peaks/_volume.ts";
import { slowFindFoci } from "./slow_findfoci.ts";

const DEFAULTS: FociOptions = {
  integer: false,
  compatible: false,
  backgroundMethod: "absolute",
  background: 0,
  threshold: "otsu",
  statistics: "both",
  search: "above-background",
  searchFraction: 0.3,
  heightMethod: "absolute",
  height: 0,
  minimumSize: 1,
  minimumAboveSaddle: true,
  connected: false,
  maximumSize: 0,
  removeEdge: false,
  border: "all",
  smoothness: 0,
  center: "maximum",
  centerRadius: 2,
  sort: "total",
  maximumPeaks: 0,
};

interface Grid {
  readonly width: number;
  readonly height: number;
  readonly values: readonly number[];
}

function find(grid: Grid, options: Partial<FociOptions> = {}, excluded?: readonly number[]): Foci {
  const { width, height } = grid;
  const searched = Float32Array.from(grid.values);
  return findFoci(
    {
      volume: createVolume(width, height, 1),
      original: excluded ? searched.slice() : searched,
      searched,
      excluded: excluded ? Uint8Array.from(excluded) : null,
      box: { left: 0, top: 0, right: width - 1, bottom: height - 1 },
    },
    { ...DEFAULTS, ...options },
    () => {},
  );
}

/** The rows of a picture in digits or numbers parted by spaces. */
function grid(...rows: readonly string[]): Grid {
  const values = rows.map((row) => row.trim().split(/\s+/).map(Number));
  return { width: values[0].length, height: values.length, values: values.flat() };
}

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

/** Small pictures of few levels: ties, plateaus and shelves everywhere. */
const pictures = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
  .chain(([width, height]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      values: fc.integer({ min: 2, max: 40 }).chain((levels) =>
        fc.array(fc.integer({ min: 0, max: levels }), {
          minLength: width * height,
          maxLength: width * height,
        })
      ),
    })
  );

const rules = fc.record({
  background: fc.integer({ min: 0, max: 5 }),
  height: fc.integer({ min: 0, max: 8 }),
  heightMethod: fc.constantFrom("absolute" as const, "relative-above-background" as const),
  minimumSize: fc.integer({ min: 1, max: 12 }),
  minimumAboveSaddle: fc.boolean(),
  connected: fc.boolean(),
}).map((rule) => rule.heightMethod === "absolute" ? rule : { ...rule, height: rule.height / 10 });

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

Deno.test("findFoci equals its slow twin", () => {
  fc.assert(
    fc.property(pictures, rules, (picture, rule) => {
      const { background, height } = rule;
      const isAbsolute = rule.heightMethod === "absolute";
      const slow = slowFindFoci(picture.values, picture.width, picture.height, {
        ...rule,
        need: (top) => {
          const need = isAbsolute ? height : height * (top - background);
          return need > 0 ? need : 1e-6 * (top - background);
        },
        heightPass: height > 0,
      });
      const expected = slow.map(({ id: _, neighbor, ...peak }) => ({
        ...peak,
        neighbor: neighbor === 0 ? -1 : slow.find((p) => p.id === neighbor)!.position,
      }));
      const order = (a: { position: number }, b: { position: number }) => a.position - b.position;
      assertEquals(
        rowsOf(find(picture, rule)).sort(order),
        expected.map(({ position, top, size, total, saddle, neighbor, sizeAbove, totalAbove }) => ({
          position,
          top,
          size,
          total,
          saddle,
          neighbor,
          sizeAbove,
          totalAbove,
        })).sort(order),
      );
    }),
    { numRuns: 1500 },
  );
});

const wholeRules = rules.filter((rule) => rule.heightMethod === "absolute" && rule.height >= 1);

Deno.test("findFoci finds the same with whole-number and with float levels", () => {
  fc.assert(fc.property(pictures, wholeRules, (picture, rule) => {
    assertEquals(
      rowsOf(find(picture, { ...rule, integer: true })),
      rowsOf(find(picture, { ...rule, integer: false })),
    );
  }));
});

Deno.test("findFoci finds the same after a constant is added, or all is doubled", () => {
  const geometry = (foci: Foci) =>
    Array.from(
      { length: foci.count },
      (_, k) => [foci.position[k], foci.size[k], foci.saddleId[k], foci.sizeAbove[k]],
    );
  fc.assert(
    fc.property(pictures, wholeRules, fc.integer({ min: 1, max: 500 }), (picture, rule, added) => {
      const before = find(picture, { ...rule, sort: "place" });
      const moved = { ...picture, values: picture.values.map((v) => v + added) };
      const after = find(moved, { ...rule, sort: "place", background: rule.background + added });
      assertEquals(geometry(after), geometry(before));
      assertEquals([...after.labels], [...before.labels]);
      const doubled = { ...picture, values: picture.values.map((v) => 2 * v) };
      const twice = { ...rule, background: 2 * rule.background, height: 2 * rule.height };
      assertEquals(geometry(find(doubled, { ...twice, sort: "place" })), geometry(before));
    }),
  );
});

Deno.test("findFoci keeps its books: labels, sizes and saddles agree", () => {
  fc.assert(fc.property(pictures, rules, (picture, rule) => {
    const foci = find(picture, rule);
    const sizes = new Array(foci.count + 1).fill(0);
    foci.labels.forEach((label, i) => {
      sizes[label]++;
      if (label > 0) assertTrue(picture.values[i] >= rule.background);
    });
    assertEquals(sizes.slice(1), [...foci.size]);
    for (let k = 0; k < foci.count; k++) {
      assertTrue(foci.top[k] >= foci.saddle[k]);
      assertEquals(foci.labels[foci.position[k]], k + 1);
    }
  }));
});

Deno.test("findFoci does 100 000 candidates and one huge shelf without quadratic work", () => {
  const random = createRandom(3);
  const size = 900;
  const noise = Array.from({ length: size * size }, () => Math.floor(256 * random()));
  const noisy = { width: size, height: size, values: noise };
  assertTrue(find(noisy).count > 80_000);
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
