import { assertAtMost } from "@assert";
import { createRandom } from "@core/kernels";
import { bitsOf, logOfBits } from "../../../plugins/inference/_float_log.ts";

/** Two terms of the series leave a third of the cube of 2^-12. */
const SERIES = 1e-11;

Deno.test("logarithms from bits are those of Math.log, over all sizes and at the ends of the rows", () => {
  const random = createRandom(3);
  const values = Float32Array.from({ length: 100_000 }, (_, i) => {
    const size = 2 ** Math.floor(252 * random() - 126);
    return i % 3 === 0 ? size : i % 3 === 1 ? size * (1 + random()) : size * (2 - 2 ** -23);
  });
  values.set([1, 1 - 2 ** -24, 1 + 2 ** -23, 1e-6, 2 ** -126]);
  const bits = bitsOf(values);
  let worst = 0;
  for (let i = 0; i < values.length; i++) {
    worst = Math.max(worst, Math.abs(logOfBits(bits[i]) - Math.log(values[i])));
  }
  assertAtMost(worst, SERIES);
});
