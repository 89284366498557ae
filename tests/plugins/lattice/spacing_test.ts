import { assertClose, assertEquals } from "@assert";
import { spacing } from "../../../plugins/lattice/spacing.ts";
import { testContext } from "../../support/context.ts";
import { latticeImage, type LatticeImageOptions } from "../../support/lattice_image.ts";

/** Repeat vectors lie on whole pixels of the autocorrelation. */
const GRID = 0.75;

async function measured(options: Partial<LatticeImageOptions>) {
  const { image } = latticeImage({
    width: 256,
    height: 200,
    a: [16, 1],
    b: [-7, 13],
    sigma: 2.5,
    ...options,
  });
  const { lattice } = await spacing.run({ image }, {}, testContext());
  return lattice as { spacing: number | null; a: number[] | null; b: number[] | null };
}

Deno.test("lattice.spacing finds the shortest repeat vector, bright or dark, at 3 counts or 100", async () => {
  const expected = Math.hypot(7, 13);
  for (const height of [3, 100, -30]) {
    const background = height < 0 ? 60 : 0.3 * height;
    const { spacing, a, b } = await measured({
      basis: [{ x: 0, y: 0, height }],
      background,
      seed: 5,
    });
    assertClose(spacing!, expected, GRID);
    const area = Math.abs(a![0] * b![1] - a![1] * b![0]);
    assertClose(area, 16 * 13 + 7, 2 * 16 * GRID, "two repeat vectors span the cell");
  }
});

Deno.test("lattice.spacing covers fields from many to few periods", async () => {
  for (const scale of [0.4, 1, 2.5]) {
    const { spacing } = await measured({
      a: [16 * scale, scale],
      b: [-7 * scale, 13 * scale],
      sigma: 2.5 * scale,
    });
    assertClose(spacing!, scale * Math.hypot(7, 13), GRID);
  }
});

Deno.test("lattice.spacing gives null where nothing repeats", async () => {
  const { spacing, a } = await measured({ basis: [], seed: 7 });
  assertEquals([spacing, a], [null, null]);
});
