import { createRandom } from "@core/kernels";
import { assertClose, assertEquals } from "@assert";
import { CONTRAST_RADIUS, localContrast } from "../../../plugins/inference/_local_contrast.ts";

/** Running sums in float64 over float32 rows: rounding of float32 once a pass. */
const ROUNDING = 2e-4;

function normalized(pixels: Float32Array, width: number, height: number): Float32Array {
  const [out, mean, square] = [1, 2, 3].map(() => new Float32Array(width * height));
  localContrast(pixels, width, height, { mean, square, sums: new Float64Array(width) }, out);
  return out;
}

/** The slow twin: sums every window anew. */
function slowMean(data: Float64Array, width: number, height: number): Float64Array {
  const r = CONTRAST_RADIUS;
  return data.map((_, i) => {
    const x = i % width, y = Math.floor(i / width);
    let sum = 0, count = 0;
    for (let v = Math.max(0, y - r); v <= Math.min(height - 1, y + r); v++) {
      for (let u = Math.max(0, x - r); u <= Math.min(width - 1, x + r); u++) {
        sum += data[v * width + u];
        count++;
      }
    }
    return sum / count;
  });
}

function slowContrast(pixels: Float32Array, width: number, height: number): Float64Array {
  const p = Float64Array.from(pixels);
  const mean = slowMean(slowMean(p, width, height), width, height);
  const square = slowMean(
    slowMean(p.map((v, i) => (v - mean[i]) ** 2), width, height),
    width,
    height,
  );
  return p.map((v, i) => (v - mean[i]) / Math.sqrt(square[i]));
}

for (const [width, height] of [[96, 50], [1, 70], [33, 1], [7, 100]]) {
  Deno.test(`localContrast equals its slow twin on ${width} x ${height} px`, () => {
    const random = createRandom(width);
    const pixels = Float32Array.from(
      { length: width * height },
      (_, i) => 50 + 0.5 * (i % width) + 20 * random(),
    );
    const slow = slowContrast(pixels, width, height);
    normalized(pixels, width, height).forEach((z, i) => assertClose(z, slow[i], ROUNDING));
  });
}

Deno.test("localContrast does not see gain and offset", () => {
  const random = createRandom(3);
  const pixels = Float32Array.from({ length: 90 * 90 }, () => random());
  const plain = normalized(pixels, 90, 90);
  const changed = normalized(pixels.map((v) => 300 * v + 1000), 90, 90);
  changed.forEach((z, i) => assertClose(z, plain[i], 5e-3)); // 1000 +- 300 in float32
});

Deno.test("localContrast makes an image of one value zero", () => {
  for (const value of [0, 7, -1e9, 0.1]) {
    const out = normalized(new Float32Array(100 * 60).fill(value), 100, 60);
    assertEquals(out, new Float32Array(100 * 60));
  }
});

Deno.test("localContrast leaves its input as it is", () => {
  const pixels = Float32Array.from({ length: 30 * 20 }, (_, i) => Math.sin(i));
  const before = pixels.slice();
  normalized(pixels, 30, 20);
  assertEquals(pixels, before);
});
