import { assertAtMost, assertClose, assertEquals } from "@assert";
import { createImage } from "../../../core/data/image.ts";
import { createRandom } from "../../../core/kernels/random.ts";
import { decodeMap } from "../../../plugins/inference/_decode.ts";
import { decode } from "../../../plugins/inference/decode.ts";
import { testContext } from "../../support/context.ts";

const PARAMS = { filterLowerBound: 0.3, filterWindowSize: 8, overlap: 0.3 };

/** A map of Gaussians on a jittered square lattice. */
function gaussians(size: number, spacing: number, sigma: number, seed = 1) {
  const random = createRandom(seed);
  const x: number[] = [], y: number[] = [];
  for (let v = spacing; v < size - spacing / 2; v += spacing) {
    for (let u = spacing; u < size - spacing / 2; u += spacing) {
      x.push(u + random() - 0.5);
      y.push(v + random() - 0.5);
    }
  }
  const data = new Float32Array(size * size);
  const reach = Math.ceil(5 * sigma);
  for (let i = 0; i < x.length; i++) {
    const cx = Math.round(x[i]), cy = Math.round(y[i]);
    for (let v = Math.max(0, cy - reach); v <= Math.min(size - 1, cy + reach); v++) {
      for (let u = Math.max(0, cx - reach); u <= Math.min(size - 1, cx + reach); u++) {
        const d2 = (u - x[i]) ** 2 + (v - y[i]) ** 2;
        const value = Math.exp(-d2 / (2 * sigma * sigma));
        data[v * size + u] = Math.max(data[v * size + u], value); // not the sum: exact to the top
      }
    }
  }
  return { image: createImage({ width: size, height: size, data }), x, y };
}

/** Float32 maps hold a logarithm to 1e-7, which half a bend of 1/sigma^2 turns into this, px. */
const FLOAT32_LIMIT = 2e-5;

Deno.test("inference.decode finds Gaussians exactly, with their height and width", async () => {
  const { image, x, y } = gaussians(160, 14, 3.5);
  const { columns } = await decode.run(
    { confidence: image, spacing: { spacing: 14 } },
    PARAMS,
    testContext(),
  );
  assertEquals(columns.length, x.length);
  const { x: foundX, y: foundY, sigmaX, height } = columns.columns;
  for (let i = 0; i < x.length; i++) {
    const at = foundX.findIndex((fx, k) => Math.hypot(fx - x[i], foundY[k] - y[i]) < 1);
    assertAtMost(Math.hypot(foundX[at] - x[i], foundY[at] - y[i]), FLOAT32_LIMIT);
    assertClose(sigmaX[at], 3.5, 1e-4);
    assertClose(height[at], 1, 1e-5);
  }
});

Deno.test("inference.decode measures the spacing where none is given, and marks the edge", async () => {
  const { image } = gaussians(96, 12, 3);
  const given = { confidence: image, spacing: { spacing: 12 } };
  const withSpacing = await decode.run(given, PARAMS, testContext());
  const without = await decode.run({ confidence: image }, PARAMS, testContext());
  assertEquals(without.columns.length, withSpacing.columns.length);
  const wide = await decode.run({ confidence: image, spacing: { spacing: 25 } }, {
    ...PARAMS,
    overlap: 1,
  }, testContext());
  assertEquals(new Set(wide.columns.columns.status), new Set(["ok", "edge"]));
});

Deno.test("inference.decode keeps columns below the bound out, and gives an empty table for none", async () => {
  const { image } = gaussians(64, 16, 4);
  const half = createImage({ ...image, data: image.data.map((v) => v / 2) });
  const { columns } = await decode.run({ confidence: half }, {
    ...PARAMS,
    filterLowerBound: 0.51,
  }, testContext());
  assertEquals(columns.length, 0);
});

Deno.test("inference.decode: a wide window keeps one maximum in it", async () => {
  const { image, x } = gaussians(128, 12, 3);
  const count = async (filterWindowSize: number) => {
    const spacing = { spacing: 12 };
    const params = { ...PARAMS, filterWindowSize };
    const { columns } = await decode.run({ confidence: image, spacing }, params, testContext());
    return columns.length;
  };
  assertEquals(await count(8), x.length);
  assertAtMost(await count(32), x.length / 2);
});

/** The same by comparing each proposal with all that were kept. */
function slowSuppressed(x: number[], y: number[], box: number, overlap: number): number {
  const kept: number[] = [];
  for (let i = 0; i < x.length; i++) {
    const overlaps = kept.some((k) => {
      const u = Math.max(0, box - Math.abs(x[i] - x[k]));
      const v = Math.max(0, box - Math.abs(y[i] - y[k]));
      return u * v / (2 * box * box - u * v) > overlap;
    });
    if (!overlaps) kept.push(i);
  }
  return kept.length;
}

Deno.test("decodeMap drops the boxes that a comparison of all with all drops", () => {
  for (const seed of [1, 2, 3]) {
    const random = createRandom(seed), size = 90;
    // none beside another, so that the place of each is its pixel
    const data = Float32Array.from(
      { length: size * size },
      (_, i) => i % 2 === 0 && Math.floor(i / size) % 2 === 0 ? random() : 0,
    );
    const settings = { lowerBound: 0.2, window: 2, box: 0, overlap: 0.3 };
    const all = decodeMap(data, size, size, settings);
    for (const box of [3, 7.5, 20]) {
      const { x } = decodeMap(data, size, size, { ...settings, box });
      assertEquals(x.length, slowSuppressed([...all.x], [...all.y], box, 0.3));
    }
  }
});

Deno.test("decodeMap takes one of equal pixels, and lines of one pixel", () => {
  const settings = { lowerBound: 0.1, window: 8, box: 4, overlap: 0.3 };
  const flat = decodeMap(new Float32Array(100).fill(0.5), 10, 10, settings);
  assertEquals([flat.x[0], flat.y[0]], [0, 0]);
  const line = decodeMap(Float32Array.of(0, 0.2, 0.9, 0.2, 0), 1, 5, settings);
  assertEquals([...line.x, ...line.y], [0, 2]);
});

Deno.test("decodeMap finds no top beyond the border, where the map still rises", () => {
  const size = 40, settings = { lowerBound: 0.3, window: 8, box: 8, overlap: 0.3 };
  for (const [px, py] of [[20, 42], [42, 20], [20, -3], [-3, -3], [42, 42]]) {
    const map = Float32Array.from({ length: size * size }, (_, i) => {
      const x = i % size, y = Math.floor(i / size);
      const isBorder = Math.min(x, y, size - 1 - x, size - 1 - y) === 0;
      const value = Math.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * 8 * 8));
      return isBorder ? 0.9 * value : value; // so that the maximum lies one px further in
    });
    const { x, y } = decodeMap(map, size, size, settings);
    assertEquals(x.length > 0, true);
    for (const at of [...x, ...y]) assertEquals(at >= 0 && at <= size - 1, true, `${at}`);
  }
});
