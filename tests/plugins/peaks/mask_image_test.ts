import { assertEquals, assertTrue } from "@assert";
import fc from "fast-check";
import {
  MASK_KINDS,
  type MaskChoice,
  maskImage,
  type MaskKind,
} from "../../../plugins/peaks/_mask_image.ts";
import { createVolume } from "../../../plugins/peaks/_volume.ts";
import { find, type Grid, grid, grids, rules } from "./find_grid.ts";

const CHOICE: MaskChoice = {
  show: "peaks",
  fraction: 0.5,
  dots: false,
  threshold: "otsu",
  integer: false,
  compatible: false,
};

function draw(
  picture: Grid,
  choice: Partial<MaskChoice>,
  options: Parameters<typeof find>[1] = {},
) {
  const { width, height, depth = 1, values } = picture;
  const foci = find(picture, options);
  const out = new Float32Array(values.length).fill(NaN);
  const volume = createVolume(width, height, depth);
  maskImage(foci, Float32Array.from(values), volume, { ...CHOICE, ...choice }, out);
  return { foci, out };
}

const TWO = grid(
  "0 0 0 0 0 0 0 0",
  "0 5 6 4 3 5 2 0",
  "0 6 9 6 4 7 3 0",
  "0 4 6 5 3 5 2 0",
  "0 0 0 0 0 0 0 0",
);

/** The three rows of the bumps, with a background of 1. */
function bumps(choice: Partial<MaskChoice>): string[] {
  const { out } = draw(TWO, choice, { background: 1 });
  return [1, 2, 3].map((y) => [...out.subarray(8 * y + 1, 8 * y + 7)].join(" "));
}

Deno.test("maskImage shows of each peak what is asked for", () => {
  const shown: Record<MaskKind, string[]> = {
    "peaks": ["1 1 1 2 2 2", "1 1 1 2 2 2", "1 1 1 2 2 2"],
    "peaks-above-saddle": ["1 1 0 0 2 0", "1 1 1 0 2 0", "0 1 1 0 2 0"],
    // above 5 and above 4
    "fraction-of-height": ["0 1 0 0 2 0", "1 1 1 0 2 0", "0 1 0 0 2 0"],
    // 8 + 4 * 5 of 42: above 6; 6 + 2 * 4 of 25: above 5
    "fraction-of-intensity": ["0 0 0 0 0 0", "0 1 0 0 2 0", "0 0 0 0 0 0"],
    "threshold": ["2 2 2 1 3 2", "2 3 2 1 3 2", "2 2 2 1 3 2"],
    "threshold-above-saddle": ["2 2 0 0 3 0", "2 3 2 0 3 0", "0 2 2 0 3 0"],
    "none": ["0 0 0 0 0 0", "0 0 0 0 0 0", "0 0 0 0 0 0"],
  };
  for (const show of MASK_KINDS) assertEquals(bumps({ show }), shown[show], show);
  assertEquals(bumps({ compatible: true }), ["2 2 2 1 1 1", "2 2 2 1 1 1", "2 2 2 1 1 1"]);
});

Deno.test("maskImage marks the places of peaks with the next number", () => {
  assertEquals(bumps({ dots: true }), ["1 1 1 2 2 2", "1 3 1 2 3 2", "1 1 1 2 2 2"]);
  const dots = { dots: true } as const;
  assertEquals(bumps({ ...dots, show: "none" }), ["0 0 0 0 0 0", "0 1 0 0 1 0", "0 0 0 0 0 0"]);
  assertEquals(bumps({ ...dots, show: "threshold" })[1], "2 4 2 1 4 2");
});

Deno.test("maskImage takes a fraction of 0 for nothing and of 1 for all above the background", () => {
  for (const show of ["fraction-of-height", "fraction-of-intensity"] as const) {
    assertEquals(bumps({ show, fraction: 0 }), bumps({ show: "none" }));
    assertEquals(bumps({ show, fraction: 1 }), bumps({ show: "peaks" }));
  }
});

Deno.test("maskImage rounds the cut of a share of the height with whole-number levels", () => {
  const hill = grid("0 2 5 3 0");
  const cut = { show: "fraction-of-height", fraction: 0.5 } as const; // at 2.5
  assertEquals([...draw(hill, cut).out], [0, 0, 1, 1, 0]);
  assertEquals([...draw(hill, { ...cut, integer: true }).out], [0, 0, 1, 0, 0]);
});

Deno.test("maskImage draws the lower of two pixels side by side, in the slice only", () => {
  const line = grid("1 9 5 5 5 5 5 8 1");
  const options = { background: 2, sort: "height" } as const;
  // of two equal pixels that of the later peak
  const { out } = draw(line, { show: "threshold" }, options);
  assertEquals([...out], [0, 3, 2, 1, 2, 2, 2, 3, 0]);
  const column: Grid = { width: 1, height: 1, depth: line.width, values: line.values };
  assertEquals(draw(column, { show: "threshold" }, options).out.includes(1), false);
});

Deno.test("maskImage parts fractional levels and wide ranges in bins", () => {
  const hill = grid("0.5 20.25 900.5 1e6 1.1e6 700.5 30.25 0.25");
  const { out } = draw(hill, { show: "threshold" }, { background: 1 });
  assertEquals([...out], [0, 2, 2, 3, 3, 2, 2, 0]);
  const flat = grid("0 0 5 5 0");
  assertEquals([...draw(flat, { show: "threshold" }, { background: 1 }).out], [0, 0, 2, 2, 0]);
});

Deno.test("maskImage shows no pixel beside its peak, and its top where it shows any", () => {
  const kinds = fc.constantFrom(...MASK_KINDS);
  fc.assert(
    fc.property(grids(9, 3), rules, kinds, fc.boolean(), (picture, rule, show, compatible) => {
      const { foci, out } = draw(picture, { show, compatible }, rule);
      const isSplit = show.startsWith("threshold");
      const shown = new Set<number>();
      out.forEach((value, i) => {
        if (value === 0) return;
        const row = foci.labels[i];
        assertTrue(row > 0);
        shown.add(row);
        if (!isSplit) assertEquals(value, compatible ? foci.count - row + 1 : row);
        if (show === "peaks-above-saddle") assertTrue(picture.values[i] > foci.saddle[row - 1]);
      });
      if (show === "peaks") assertEquals(shown.size, foci.count);
      if (isSplit) return;
      for (const row of shown) assertTrue(out[foci.position[row - 1]] !== 0);
    }),
    { numRuns: 400 },
  );
});
