import { assertEquals, assertTrue } from "@assert";
import {
  autoThreshold,
  THRESHOLD_METHODS,
  type ThresholdMethod,
} from "../../../core/kernels/auto_threshold.ts";
import { createRandom } from "../../../core/kernels/random.ts";

/** Thresholds of the reference program on the image of {@linkcode goldenHistogram}. */
const GOLDEN: Readonly<Record<ThresholdMethod, number>> = {
  default: 126,
  huang: 128,
  intermodes: 166,
  "iso-data": 127,
  li: 126,
  "max-entropy": 123,
  "min-error": 128,
  minimum: 201,
  moments: 128,
  otsu: 128,
  "otsu-3-level": 113,
  "otsu-4-level": 103,
  percentile: 128,
  "renyi-entropy": 120,
  shanbhag: 128,
  triangle: 83,
  yen: 115,
};

/** 64 x 64 numbers of the minimal standard generator, smoothed by a 3 x 3 box, in whole numbers. */
function goldenHistogram(): Float64Array {
  const size = 64;
  let s = 1;
  const raw = Int32Array.from({ length: size * size }, () => (s = s * 16807 % 2147483647) % 256);
  const clamp = (v: number) => Math.min(size - 1, Math.max(0, v));
  const counts = new Float64Array(256);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let sum = 0;
      for (const b of [-1, 0, 1]) {
        for (const a of [-1, 0, 1]) sum += raw[clamp(y + b) * size + clamp(x + a)];
      }
      counts[Math.floor(sum / 9)]++;
    }
  }
  return counts;
}

Deno.test("autoThreshold gives the reference's level by each of its methods", () => {
  const counts = goldenHistogram();
  const found = THRESHOLD_METHODS.map((method) => [method, autoThreshold(counts, method)]);
  assertEquals(Object.fromEntries(found), GOLDEN);
});

Deno.test("autoThreshold moves with the histogram", () => {
  const counts = goldenHistogram();
  const moved = new Float64Array(400);
  moved.set(counts, 100);
  for (const method of THRESHOLD_METHODS) {
    assertEquals(autoThreshold(moved, method), GOLDEN[method] + 100, method);
  }
});

Deno.test("autoThreshold parts two clear classes", () => {
  const counts = new Float64Array(256);
  for (let i = -15; i <= 15; i++) {
    counts[60 + i] += Math.round(1000 * Math.exp(-i * i / 50));
    counts[190 + i] += Math.round(1000 * Math.exp(-i * i / 50));
  }
  // the four-level one parts one class in itself, the percentile cuts wherever half the pixels are
  for (const method of THRESHOLD_METHODS) {
    const level = autoThreshold(counts, method);
    const [low, high] = method.startsWith("otsu-") || method === "triangle" ? [45, 205] : [60, 190];
    assertTrue(level >= low && level <= high, `${method}: ${level}`);
  }
});

Deno.test("autoThreshold gives a level of the histogram whatever it holds", () => {
  const random = createRandom(8);
  const histograms = [
    new Float64Array(0),
    new Float64Array(256),
    Float64Array.of(7),
    Float64Array.of(0, 0, 5, 0),
    Float64Array.of(3, 0, 0, 0, 0, 9),
    Float64Array.of(1, 2),
    ...Array.from(
      { length: 60 },
      (_, k) =>
        Float64Array.from({ length: 1 + k }, () => random() < 0.4 ? 0 : Math.floor(20 * random())),
    ),
  ];
  for (const counts of histograms) {
    for (const method of THRESHOLD_METHODS) {
      const level = autoThreshold(counts, method);
      const isLevel = Number.isInteger(level) && level >= 0 &&
        level <= Math.max(0, counts.length - 1);
      assertTrue(isLevel, `${method} of ${counts.join(" ")}: ${level}`);
    }
  }
});

Deno.test("autoThreshold answers for 65 536 levels, too", () => {
  const counts = new Float64Array(65536);
  for (let i = 0; i < counts.length; i++) {
    counts[i] = Math.round(
      50 * Math.exp(-(((i - 20000) / 5000) ** 2)) + 50 * Math.exp(-(((i - 45000) / 5000) ** 2)),
    );
  }
  const otsu = autoThreshold(counts, "otsu");
  assertTrue(Math.abs(otsu - 32500) < 600, `${otsu}`);
  for (const method of ["huang", "shanbhag", "otsu-4-level"] as const) {
    const level = autoThreshold(counts, method);
    assertTrue(level > 5000 && level < 60000, `${method}: ${level}`);
  }
});
