/**
 * The hand-made pictures of `tests/golden/findfoci/fixtures`, each as the reference program has it and
 * as ours does. They are bright on little background; nothing is merged unless a case says so.
 *
 * @module
 */
import { assertEquals } from "@assert";
import { findReferenceFoci, type ReferenceCase } from "./reference_case.ts";

const FOLDER = new URL("../../golden/findfoci/fixtures/", import.meta.url);

/** x, y, z, height, size, saddle (null without one), row beyond it, size above it. */
type Row = readonly [number, number, number, number, number, number | null, number, number];

interface Fixture {
  readonly file: string;
  readonly is: string;
  readonly options?: ReferenceCase["options"];
  readonly bits?: 32;
  readonly rows: readonly Row[];
  /** Ours where it differs, and why it does. */
  readonly own?: { readonly because: string; readonly rows: readonly Row[] };
}

const PLAIN = { background: "ABSOLUTE", bgparam: 1, peak: "ABSOLUTE", peakparam: 0, minsize: 1 };

const FIXTURES: readonly Fixture[] = [
  {
    file: "chain",
    is: "five peaks",
    options: { sort: "X" },
    rows: [
      [1, 1, 0, 9, 2, 7, 2, 1],
      [3, 1, 0, 8, 1, 7, 1, 1],
      [5, 1, 0, 10, 3, 6, 2, 1],
      [7, 1, 0, 7, 2, 5, 3, 1],
      [9, 1, 0, 4, 1, 3, 4, 1],
    ],
  },
  {
    file: "chain",
    is: "three peaks 2 above their saddles",
    options: { peakparam: 2, sort: "X" },
    rows: [
      [1, 1, 0, 9, 3, 6, 2, 1],
      [5, 1, 0, 10, 3, 6, 1, 1],
      [7, 1, 0, 7, 3, 5, 2, 1],
    ],
    own: {
      because: "the reference counts above the saddle anew in its last pass only",
      rows: [
        [1, 1, 0, 9, 3, 6, 2, 3],
        [5, 1, 0, 10, 3, 6, 1, 1],
        [7, 1, 0, 7, 3, 5, 2, 1],
      ],
    },
  },
  {
    file: "chain",
    is: "two peaks 3 above their saddle",
    options: { peakparam: 3 },
    rows: [[5, 1, 0, 10, 6, 6, 2, 1], [1, 1, 0, 9, 3, 6, 1, 1]],
    own: {
      because: "as before",
      rows: [[5, 1, 0, 10, 6, 6, 2, 2], [1, 1, 0, 9, 3, 6, 1, 3]],
    },
  },
  {
    file: "two",
    is: "two bumps of 9 pixels over a saddle of 4",
    rows: [[2, 2, 0, 9, 9, 4, 2, 7], [5, 2, 0, 7, 9, 4, 1, 3]],
  },
  {
    file: "two",
    is: "one of 18 when 4 above the saddle are asked for",
    options: { peakparam: 4 },
    rows: [[2, 2, 0, 9, 18, null, 0, 18]],
  },
  {
    file: "plat",
    is: "one point on its plateau, the last of those nearest the middle",
    rows: [[3, 2, 0, 9, 36, null, 0, 36]],
  },
  {
    file: "shoulder",
    is: "a shelf that goes to the peak on its right but for one pixel",
    options: { bgparam: 2 },
    rows: [[7, 1, 0, 8, 5, 5, 2, 1], [1, 1, 0, 9, 2, 5, 1, 1]],
  },
  {
    file: "mesa",
    is: "two tops on one mesa",
    rows: [[2, 2, 0, 9, 9, 3, 2, 1], [4, 2, 0, 8, 6, 3, 1, 1]],
  },
  {
    file: "mesa",
    is: "two peaks of at least 5 pixels",
    options: { minsize: 5, abovesaddle: "false" },
    rows: [[2, 2, 0, 9, 9, 3, 2, 1], [4, 2, 0, 8, 6, 3, 1, 1]],
  },
  {
    file: "mesa",
    is: "one peak of at least 5 pixels above its saddle",
    options: { minsize: 5 },
    rows: [[2, 2, 0, 9, 15, null, 0, 15]],
  },
  {
    file: "mesa",
    is: "one peak of at least 5 connected pixels above its saddle",
    options: { minsize: 5, connected: "true" },
    rows: [[2, 2, 0, 9, 15, null, 0, 15]],
  },
  { file: "flat", is: "nothing", options: { bgparam: 0 }, rows: [] },
  {
    file: "edge",
    is: "four peaks on nothing",
    options: { bgparam: 2 },
    rows: [
      [2, 1, 0, 8, 1, null, 0, 1],
      [4, 3, 0, 7, 1, null, 0, 1],
      [1, 3, 0, 6, 1, null, 0, 1],
      [0, 0, 0, 5, 1, null, 0, 1],
    ],
  },
  {
    file: "edge",
    is: "two peaks off the edge",
    options: { bgparam: 2, edge: "true" },
    rows: [[2, 1, 0, 8, 1, null, 0, 1], [1, 3, 0, 6, 1, null, 0, 1]],
  },
  {
    file: "edge",
    is: "none off the edge when regions reach it",
    options: { bgparam: 1, edge: "true" },
    rows: [],
  },
  {
    file: "roi",
    is: "a top and a plateau that touches a brighter pixel outside the region",
    options: { roi: "1,1,4,3" },
    rows: [[2, 2, 0, 6, 9, 4, 2, 1], [4, 2, 0, 5, 3, 4, 1, 3]],
  },
  {
    file: "roi",
    is: "a top; all of the plateau touches a brighter pixel outside",
    options: { roi: "1,1,4,2" },
    rows: [[2, 2, 0, 6, 6, null, 0, 6]],
    own: {
      because: "pixels outside are no neighbors: the plateau is a peak, and its pixels are its own",
      rows: [[2, 2, 0, 6, 6, 4, 2, 1], [4, 1, 0, 5, 2, 4, 1, 2]],
    },
  },
  {
    file: "inf",
    is: "a peak beside an infinite pixel",
    bits: 32,
    rows: [[2, 1, 0, 5, 10, null, 0, 10]],
    own: {
      because: "in the reference all that climbs to an excluded pixel is lost",
      rows: [[2, 1, 0, 5, 34, null, 0, 34]],
    },
  },
  {
    file: "inf",
    is: "a peak beside an infinite pixel in a region of interest",
    bits: 32,
    options: { roi: "1,1,5,3" },
    rows: [[4, 2, 0, Infinity, 11, 2, 2, 1], [2, 1, 0, 5, 4, 2, 1, 1]],
    own: {
      because: "a region of interest makes the reference forget which pixels are not finite",
      rows: [[2, 1, 0, 5, 14, null, 0, 14]],
    },
  },
  {
    file: "stack",
    is: "one peak that touches the pixels of all slices",
    rows: [[2, 1, 1, 9, 6, null, 0, 6]],
  },
  {
    file: "stack",
    is: "one peak without a saddle, all of it above",
    options: { bgparam: 0, minsize: 5 },
    rows: [[2, 1, 1, 9, 36, null, 0, 36]],
  },
];

function pictureOf(file: string) {
  const text = Deno.readTextFileSync(new URL(`${file}.txt`, FOLDER)).trim();
  const slices = text.split(/\n\s*\n/).map((slice) =>
    slice.split("\n").map((row) => row.trim().split(/\s+/).map(Number))
  );
  return {
    width: slices[0][0].length,
    height: slices[0].length,
    slices: slices.length,
    pixels: slices.flat(2),
  };
}

function rowsOf({ file, options, bits = 32 }: Fixture & { bits?: number }, compatible: boolean) {
  const picture = pictureOf(file);
  const { width, height } = picture;
  const given = { ...picture, bits, options: { ...PLAIN, ...options } };
  const { foci } = findReferenceFoci(given, compatible);
  return Array.from({ length: foci.count }, (_, k): Row => {
    const at = foci.position[k], row = Math.floor(at / width);
    const saddle = foci.saddle[k] > -Infinity ? foci.saddle[k] : null;
    const place = [at % width, row % height, Math.floor(row / height)] as const;
    return [...place, foci.height[k], foci.size[k], saddle, foci.saddleId[k], foci.sizeAbove[k]];
  });
}

Deno.test("all hand-made pictures are used", () => {
  const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name.replace(".txt", "")).sort();
  assertEquals([...new Set(FIXTURES.map(({ file }) => file))].sort(), files);
});

for (const fixture of FIXTURES) {
  const { file, is, rows, own } = fixture;
  Deno.test(`findFoci finds in ${file}.txt: ${is}`, () => {
    // whole-number and float levels agree, but for what is not finite
    for (const bits of fixture.bits === 32 ? [32] : [8, 32]) {
      assertEquals(rowsOf({ ...fixture, bits } as Fixture, true), rows, `reference, ${bits} bits`);
      const ours = own?.rows ?? rows;
      assertEquals(rowsOf({ ...fixture, bits } as Fixture, false), ours, `ours, ${bits} bits`);
    }
  });
}
