import { confidenceMap } from "@core/kernels";
import { assertClose, assertEquals } from "@assert";

/** What float32 keeps of a number up to 1. */
const FLOAT32 = 1e-7;

Deno.test("confidenceMap peaks at 1 on a pixel, follows the Gaussian between pixels, and adds up", () => {
  const width = 37, height = 53, sigma = 2.3;
  const mapOf = (x: number[], y: number[]) => {
    const out = new Float32Array(width * height);
    confidenceMap(Float64Array.from(x), Float64Array.from(y), sigma, width, height, out);
    return out;
  };
  const gaussian = (dx: number, dy: number) => Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
  const whole = mapOf([20], [11]);
  assertEquals(whole[11 * width + 20], 1);
  assertClose(whole[13 * width + 17], gaussian(3, 2), FLOAT32);
  const between = mapOf([20.37], [11.81]);
  assertClose(between[12 * width + 20], gaussian(0.37, 0.19), FLOAT32);
  const both = mapOf([20.37, 24], [11.81, 9.5]);
  assertClose(both[11 * width + 22], gaussian(1.63, 0.81) + gaussian(2, 1.5), 2 * FLOAT32);
  const corner = mapOf([-0.4], [52.9]);
  assertClose(corner[52 * width], gaussian(0.4, 0.9), FLOAT32);
});
