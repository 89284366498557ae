import { assertEquals } from "@assert";
import { autoThreshold, type ThresholdMethod } from "../../../core/kernels/auto_threshold.ts";

/** Thresholds of the reference program on its test image A (Park-Miller noise, 3 x 3 means). */
const REFERENCE: Record<string, number> = {
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

function histogramOfA(): Float64Array {
  let state = 1;
  const raw = Array.from({ length: 64 * 64 }, () => (state = (16807 * state) % 2147483647) % 256);
  const clamp = (v: number) => Math.min(63, Math.max(0, v));
  const counts = new Float64Array(256);
  for (let y = 0; y < 64; y++) {
    for (let x = 0; x < 64; x++) {
      let sum = 0;
      for (const dy of [-1, 0, 1]) {
        for (const dx of [-1, 0, 1]) sum += raw[clamp(y + dy) * 64 + clamp(x + dx)];
      }
      counts[Math.floor(sum / 9)]++;
    }
  }
  return counts;
}

for (const [method, expected] of Object.entries(REFERENCE)) {
  Deno.test(`autoThreshold ${method} equals the reference program's`, () => {
    assertEquals(autoThreshold(histogramOfA(), method as ThresholdMethod), expected);
  });
}
