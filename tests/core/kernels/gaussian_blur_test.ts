import { assertAtMost, assertClose, assertEquals } from "@assert";
import { boxBlurTwice, gaussianBlur, gaussianKernel } from "../../../core/kernels/gaussian_blur.ts";
import { createRandom } from "../../../core/kernels/random.ts";

const WIDTH = 23, HEIGHT = 17;

function randomImage(): Float32Array {
  const random = createRandom(4);
  return Float32Array.from({ length: WIDTH * HEIGHT }, () => 100 * random());
}

/** Blurs by the definition: every pixel from all others, edges replicated. */
function slowBlur(data: Float32Array, kernel: ArrayLike<number>): Float64Array {
  const out = new Float64Array(data.length);
  const clamp = (v: number, n: number) => Math.min(n - 1, Math.max(0, v));
  const reach = kernel.length - 1;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      for (let j = -reach; j <= reach; j++) {
        for (let i = -reach; i <= reach; i++) {
          const pixel = data[clamp(y + j, HEIGHT) * WIDTH + clamp(x + i, WIDTH)];
          out[y * WIDTH + x] += pixel * kernel[Math.abs(i)] * kernel[Math.abs(j)];
        }
      }
    }
  }
  return out;
}

/** Two passes of float32 sums of values up to 100. */
const ROUNDING = 1e-4;

Deno.test("gaussianBlur equals its slow twin, in place too", () => {
  const data = randomImage();
  for (const sigma of [0.5, 1, 2.3, 6]) {
    const slow = slowBlur(data, gaussianKernel(sigma));
    const out = new Float32Array(data.length);
    gaussianBlur(data, WIDTH, HEIGHT, sigma, out);
    const own = data.slice();
    gaussianBlur(own, WIDTH, HEIGHT, sigma, own);
    assertEquals(own, out);
    for (let i = 0; i < out.length; i++) assertAtMost(Math.abs(out[i] - slow[i]), ROUNDING);
  }
});

Deno.test("gaussianKernel sums to 1 and has the variance of a Gaussian", () => {
  for (const sigma of [1, 2, 5]) {
    const kernel = gaussianKernel(sigma);
    let sum = kernel[0], variance = 0;
    for (let i = 1; i < kernel.length; i++) {
      sum += 2 * kernel[i];
      variance += 2 * i * i * kernel[i];
    }
    assertClose(sum, 1, 1e-6);
    assertClose(Math.sqrt(variance), sigma, 0.01 * sigma); // the tail beyond 2e-4 is cut
  }
});

Deno.test("gaussianBlur with sigma 0 copies, and keeps a constant image", () => {
  const data = randomImage(), out = new Float32Array(data.length);
  gaussianBlur(data, WIDTH, HEIGHT, 0, out);
  assertEquals(out, data);
  gaussianBlur(data.map(() => 7), WIDTH, HEIGHT, 3, out);
  for (const v of out) assertClose(v, 7, 1e-5);
});

Deno.test("boxBlurTwice equals two slow box blurs", () => {
  const data = randomImage();
  for (const radius of [0, 1, 4, 30]) {
    const box = new Array(radius + 1).fill(1 / (2 * radius + 1));
    const once = Float32Array.from(slowBlur(data, box));
    const slow = slowBlur(once, box);
    const out = new Float32Array(data.length);
    boxBlurTwice(data, WIDTH, HEIGHT, radius, out);
    for (let i = 0; i < out.length; i++) assertAtMost(Math.abs(out[i] - slow[i]), ROUNDING);
  }
});
