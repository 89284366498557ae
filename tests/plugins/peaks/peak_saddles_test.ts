import { assertEquals, assertTrue } from "@assert";
import fc from "fast-check";
import { peakSaddles } from "../../../plugins/peaks/_peak_saddles.ts";
import { findSaddles, type Saddles } from "../../../plugins/peaks/_saddles.ts";
import { createVolume, markBorder } from "../../../plugins/peaks/_volume.ts";
import { find, grids, rules } from "./find_grid.ts";

const list = ({ first, second, level }: Saddles) =>
  Array.from(first, (a, k) => [a, second[k], level[k]]);

const byLevel = (a: number[], b: number[]) => b[2] - a[2] || a[0] - b[0] || a[1] - b[1];

Deno.test("peakSaddles keeps the highest saddle of two peaks, and none of one or of nothing", () => {
  const saddles = {
    count: 5,
    first: Int32Array.of(1, 2, 1, 3, 1),
    second: Int32Array.of(2, 3, 3, 4, 5),
    level: Float32Array.of(9, 3, 4, 5, 6),
  };
  // regions 1 and 2 are one peak, 3 another, 4 is gone, 5 is the first in the result
  const labels = Int32Array.of(2, 2, 3, 0, 1);
  const maxima = Int32Array.of(0, 1, 2, 3, 4);
  assertEquals(list(peakSaddles(saddles, maxima, labels)), [[1, 2, 6], [2, 3, 4]]);
  assertEquals(peakSaddles({ ...saddles, count: 0 }, maxima, labels).count, 0);
});

const listings = fc.record({
  maximumSize: fc.constantFrom(0, 6, 20),
  maximumPeaks: fc.constantFrom(0, 0, 3),
  removeEdge: fc.boolean(),
  border: fc.constantFrom("all" as const, "none" as const),
  sort: fc.constantFrom("total" as const, "place" as const, "height" as const),
});

Deno.test("findFoci gives the saddles that its labels show, highest first", () => {
  fc.assert(
    fc.property(grids(10, 3), rules, listings, (picture, rule, listing) => {
      const { width, height, depth, values } = picture;
      const foci = find(picture, { ...rule, ...listing });
      const volume = createVolume(width, height, depth);
      const flags = new Uint8Array(volume.length);
      markBorder(volume, flags);
      const seen = findSaddles(
        Float32Array.from(values),
        volume,
        flags,
        foci.labels,
        -Infinity,
        foci.count,
      );
      assertEquals(list(foci.saddles), list(seen).sort(byLevel));
    }),
    { numRuns: 500 },
  );
});

Deno.test("findFoci's peaks have the highest of their saddles, and what lies beyond it", () => {
  fc.assert(
    fc.property(grids(10, 3), rules, (picture, rule) => {
      const { count, saddles, saddle, saddleId, top } = find(picture, rule);
      const own: number[][][] = Array.from({ length: count }, () => []);
      for (const [a, b, level] of list(saddles)) {
        assertTrue(a >= 1 && a < b && b <= count);
        assertTrue(level <= top[a - 1] && level <= top[b - 1]);
        own[a - 1].push([b, level]);
        own[b - 1].push([a, level]);
      }
      own.forEach((entries, k) => {
        const highest = Math.max(...entries.map(([, level]) => level));
        assertEquals(saddle[k], highest);
        if (entries.length === 0) assertEquals(saddleId[k], 0);
        else assertTrue(entries.some(([row, level]) => row === saddleId[k] && level === highest));
      });
    }),
    { numRuns: 500 },
  );
});
