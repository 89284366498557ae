import { assertClose, assertEquals } from "@assert";
import { createImage } from "@core";
import { columnHeight } from "../../../procedures/bench_detectors/column_height.ts";
import { latticeImage } from "../../support/lattice_image.ts";

const LATTICE = { width: 160, height: 140, a: [16, 1], b: [-2, 15], background: 5 } as const;
/** The first ring reaches 1.2 px: its mean is 1 - exp(-1.2^2 / 4 / 2.5^2) below the top, or 5.6 %. */
const RING_SHARE = 0.08;

Deno.test("columnHeight reads the height of columns over what is around them, bright or dark", () => {
  const basis = [{ x: 0, y: 0, height: 12 }];
  const { image, x, y } = latticeImage({ ...LATTICE, sigma: 2.5, basis });
  const at = [Float64Array.from(x), Float64Array.from(y)] as const;
  assertClose(columnHeight(image, ...at, 15, "bright")!, 12, 12 * RING_SHARE);
  const dark = createImage({ ...image, data: image.data.map((v) => 100 - v) });
  assertClose(columnHeight(dark, ...at, 15, "dark")!, 12, 12 * RING_SHARE);
});

Deno.test("columnHeight is right where single columns drown in noise", () => {
  const basis = [{ x: 0, y: 0, height: 1 }];
  const { image, x, y } = latticeImage({ ...LATTICE, sigma: 2.5, basis, seed: 3 });
  const found = columnHeight(image, Float64Array.from(x), Float64Array.from(y), 15, "bright")!;
  // some 60 columns of 4.5 px in the first ring, 6 counts each: the error of the top is 0.15, and the
  // lowest of the rings lies some 0.1 below the level
  assertClose(found, 1, 0.4);
});

Deno.test("columnHeight is null where no column has surroundings in the image", () => {
  const image = createImage({ width: 12, height: 12 });
  assertEquals(columnHeight(image, Float64Array.of(5), Float64Array.of(5), 20, "bright"), null);
  assertEquals(columnHeight(image, new Float64Array(), new Float64Array(), null, "bright"), null);
});
