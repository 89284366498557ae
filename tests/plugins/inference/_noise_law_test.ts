import { assertClose, assertEquals, assertTrue } from "@assert";
import { createRandom, gaussianBlur, normalRandom } from "@core/kernels";
import { noiseAt, noiseLaw } from "../../../plugins/inference/_noise_law.ts";

const WIDTH = 300, HEIGHT = 200, AREA = WIDTH * HEIGHT;

/** Twenty levels of 750 blocks: the deviation of each is known within 3 %, that of the line within 2 %. */
const SCATTER = 0.06;

/** Brightness from 20 to 120 along a slope and a wave, and noise whose variance follows it. */
function picture(variance: (brightness: number) => number, outliers = 0) {
  const random = createRandom(5);
  const bright = Float32Array.from({ length: AREA }, (_, i) => {
    const x = i % WIDTH, y = Math.floor(i / WIDTH);
    return 60 + 40 * Math.sin(x / 40) + 20 * (y / HEIGHT - 0.5) * 2;
  });
  const pixels = bright.map((v) => v + Math.sqrt(variance(v)) * normalRandom(random));
  for (let k = 0; k < outliers; k++) pixels[Math.floor(AREA * random())] += 1000;
  const blurred = new Float32Array(AREA);
  gaussianBlur(pixels, WIDTH, HEIGHT, 4, blurred);
  return { pixels, bright, blurred };
}

Deno.test("noiseLaw finds offset and gain of counting, whatever a few pixels are", () => {
  for (const outliers of [0, 200]) {
    const variance = (v: number) => 3 * (v - 10) + 50;
    const { pixels, blurred } = picture(variance, outliers);
    const law = noiseLaw(pixels, blurred, WIDTH, HEIGHT)!;
    for (const v of [30, 60, 100]) {
      assertClose(noiseAt(law, v) / Math.sqrt(variance(v)), 1, SCATTER, `${outliers} at ${v}`);
    }
  }
});

Deno.test("noise is never nothing where the line crosses zero", () => {
  const { pixels, blurred } = picture((v) => Math.max(0, 5 * (v - 40)));
  const law = noiseLaw(pixels, blurred, WIDTH, HEIGHT)!;
  assertTrue(noiseAt(law, -100) > 0);
  assertEquals(noiseAt(law, -100), noiseAt(law, -200));
});

Deno.test("emptiness around what is counted does not hide the law", () => {
  const { pixels, blurred } = picture((v) => v);
  for (let i = 0; i < AREA; i++) if (i % WIDTH > 100) pixels[i] = blurred[i] = 0;
  const law = noiseLaw(pixels, blurred, WIDTH, HEIGHT)!;
  // a third of the levels are left, and one of them is half empty
  for (const v of [40, 100]) assertClose(noiseAt(law, v) / Math.sqrt(v), 1, 2 * SCATTER);
});

Deno.test("without a line there is no law", () => {
  const falls = picture((v) => 200 - v);
  assertEquals(noiseLaw(falls.pixels, falls.blurred, WIDTH, HEIGHT), null);
  const flat = new Float32Array(AREA).fill(7);
  assertEquals(noiseLaw(flat, flat, WIDTH, HEIGHT), null);
  assertEquals(noiseLaw(new Float32Array(64), new Float32Array(64), 8, 8), null);
});
