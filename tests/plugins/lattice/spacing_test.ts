import { assertAtLeast, assertClose, assertEquals } from "@assert";
import { createImage, type Image } from "../../../core/mod.ts";
import { createRandom } from "../../../core/kernels/random.ts";
import { spacing } from "../../../plugins/lattice/spacing.ts";
import { testContext } from "../../support/context.ts";
import { latticeImage, type LatticeImageOptions } from "../../support/lattice_image.ts";

/** Repeat vectors come from autocorrelations of hundreds of columns; the taper pulls them in a little. */
const VECTOR = 0.1;
/** Maxima of the rebuilt image scatter, which makes the nearest neighbor nearer by a little. */
const SPACING = 0.03;

interface Lattice {
  readonly spacing: number | null;
  readonly a: readonly number[] | null;
  readonly b: readonly number[] | null;
  readonly aStar: readonly number[] | null;
  readonly bStar: readonly number[] | null;
  readonly strength: number;
}

async function measure(image: Image, polarity: "bright" | "dark" = "bright"): Promise<Lattice> {
  return (await spacing.run({ image }, { polarity }, testContext())).lattice as unknown as Lattice;
}

function draw(options: Partial<LatticeImageOptions>): Image {
  const shape = { width: 256, height: 200, a: [16, 1], b: [-7, 13], sigma: 2.5 } as const;
  return latticeImage({ ...shape, ...options }).image;
}

/** The vector or its opposite, whichever points down. */
function down(vector: readonly number[]): readonly number[] {
  return vector[1] < 0 ? [-vector[0], -vector[1]] : vector;
}

Deno.test("lattice.spacing finds columns and repeat vectors, bright or dark, at 3 counts or 100", async () => {
  const expected = Math.hypot(7, 13);
  for (const height of [3, 100, -30]) {
    const background = height < 0 ? 60 : 0.3 * height;
    const image = draw({ basis: [{ x: 0, y: 0, height }], background, seed: 5 });
    const { spacing, a, b, aStar, bStar } = await measure(image, height < 0 ? "dark" : "bright");
    assertClose(spacing! / expected, 1, SPACING);
    const [ax, ay] = down(a!), [bx, by] = b!;
    assertClose(ax, -7, VECTOR);
    assertClose(ay, 13, VECTOR);
    assertClose(Math.abs(ax * by - ay * bx), 16 * 13 + 7, 16 * VECTOR, "they span the cell");
    assertClose(a![0] * aStar![0] + a![1] * aStar![1], 1, 1e-12);
    assertClose(a![0] * bStar![0] + a![1] * bStar![1], 0, 1e-12);
    assertClose(bx * bStar![0] + by * bStar![1], 1, 1e-12);
  }
});

Deno.test("lattice.spacing covers 5 to 33 px in one field", async () => {
  for (const scale of [0.33, 1, 2.2]) {
    const image = draw({
      a: [16 * scale, scale],
      b: [-7 * scale, 13 * scale],
      sigma: 2.5 * scale,
      seed: 1,
    });
    const { spacing } = await measure(image);
    assertClose(spacing! / (scale * Math.hypot(7, 13)), 1, SPACING);
  }
});

Deno.test("lattice.spacing is the distance of columns within a cell, but for faint ones", async () => {
  // a honeycomb: the second column of the cell stands at a third of it
  const cell = { a: [18, 0], b: [9, 9 * Math.sqrt(3)], sigma: 2.4, seed: 3 } as const;
  const honeycomb = (ratio: number) =>
    draw({
      ...cell,
      basis: [{ x: 0, y: 0, height: 60 }, { x: 9, y: 3 * Math.sqrt(3), height: 60 * ratio }],
    });
  const both = await measure(honeycomb(0.7));
  assertClose(both.spacing! / (18 / Math.sqrt(3)), 1, SPACING);
  assertClose(Math.hypot(both.a![0], both.a![1]), 18, VECTOR);
  const heavy = await measure(honeycomb(0.2));
  assertClose(heavy.spacing! / 18, 1, SPACING);
});

Deno.test("lattice.spacing sees the lattice through contamination and missing columns", async () => {
  const image = draw({ vacancies: 0.1, basis: [{ x: 0, y: 0, height: 20 }], seed: 2 });
  const cloud = image.data.map((v, i) => v + 80 * Math.exp(-((i % 256 - 90) ** 2) / 4000));
  const { spacing } = await measure({ ...image, data: cloud });
  assertClose(spacing! / Math.hypot(7, 13), 1, SPACING);
});

Deno.test("lattice.spacing gives null where nothing repeats", async () => {
  const random = createRandom(1);
  const noise = Float32Array.from({ length: 128 * 128 }, () => random());
  const fringes = Float32Array.from({ length: 128 * 128 }, (_, i) => Math.cos(i % 128) + random());
  const images = [
    draw({ basis: [], seed: 7 }),
    createImage({ width: 128, height: 128, data: noise }),
    createImage({ width: 128, height: 128, data: fringes }),
    createImage({ width: 37, height: 53 }),
    createImage({ width: 1, height: 1 }),
  ];
  for (const image of images) {
    const { spacing, a, b, aStar, bStar, strength } = await measure(image);
    assertEquals([spacing, a, b, aStar, bStar], [null, null, null, null, null]);
    assertAtLeast(strength, 0);
  }
});

const data = Deno.env.get("ADATOM_DATA");

Deno.test({
  name: "lattice.spacing tells neighbors from the lattice vector in a real image (WSe2)",
  ignore: data === undefined,
  async fn() {
    const { tiff } = await import("../../../plugins/io/tiff.ts");
    const path = "wse2-seebic/haadf.tif";
    const bytes = await Deno.readFile(`${data}/${path}`);
    const [image] = await tiff.read(bytes, { name: "haadf", path, warn: () => {} });
    const { spacing, a } = await measure(image);
    assertClose(spacing!, 4.8, 0.2);
    assertClose(Math.hypot(a![0], a![1]), 8.5, 0.3);
  },
});
