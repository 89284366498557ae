import fc from "fast-check";
import { maximumFilter } from "@core/kernels";
import { assertEquals } from "@assert";

const grids = fc.record({
  width: fc.integer({ min: 1, max: 12 }),
  height: fc.integer({ min: 1, max: 12 }),
}).chain(({ width, height }) =>
  fc.record({
    width: fc.constant(width),
    height: fc.constant(height),
    values: fc.array(
      fc.oneof(
        { arbitrary: fc.integer({ min: 0, max: 6 }), weight: 15 },
        { arbitrary: fc.constant(-Infinity), weight: 1 },
      ),
      { minLength: width * height, maxLength: width * height },
    ),
  })
);

Deno.test("maximumFilter is the highest value of each window, whatever the reach, in place too", () => {
  fc.assert(
    fc.property(grids, fc.integer({ min: 1, max: 30 }), ({ width, height, values }, reach) => {
      const expected = values.map((_, i) => {
        const x = i % width, y = Math.floor(i / width);
        const near = values.filter((_, n) =>
          Math.abs(n % width - x) <= reach && Math.abs(Math.floor(n / width) - y) <= reach
        );
        return Math.max(...near);
      });
      const image = Float32Array.from(values), out = new Float32Array(values.length);
      maximumFilter(image, width, height, reach, out);
      assertEquals([...out], expected);
      assertEquals([...image], values);
      maximumFilter(image, width, height, reach, image);
      assertEquals([...image], expected);
    }),
    { numRuns: 500 },
  );
});
