import { assertAtLeast, assertAtMost, assertClose, assertEquals } from "@assert";
import {
  findBraggPeaks,
  frequencyAt,
  noisePower,
  repeatVectors,
  tukeyWindow,
  windowInto,
} from "../../../core/kernels/lattice_spectrum.ts";
import { createSpectrumPlan, spectraOfPair } from "../../../core/kernels/image_spectrum.ts";
import { createRandom, normalRandom } from "../../../core/kernels/random.ts";
import { latticeImage } from "../../support/lattice_image.ts";

const SIZE = 128;
const LOWEST = 4 / SIZE;

function powerOf(data: Float32Array): Float64Array {
  const plan = createSpectrumPlan(SIZE, SIZE, 0.25);
  const re = new Float64Array(SIZE * SIZE), im = new Float64Array(SIZE * SIZE);
  spectraOfPair(plan, data, undefined, re, im, re, im);
  return re.map((r, i) => r * r + im[i] * im[i]);
}

function noiseImage(sd: number): Float32Array {
  const random = createRandom(2);
  return Float32Array.from({ length: SIZE * SIZE }, () => sd * normalRandom(random));
}

Deno.test("tukeyWindow is symmetric, 1 in the middle, and falls to both ends", () => {
  const window = tukeyWindow(20, 0.5);
  for (let i = 0; i < 20; i++) assertEquals(window[i], window[19 - i]);
  assertEquals(window[10], 1);
  assertEquals([...window.slice(0, 5)], [...window.slice(0, 5)].sort((a, b) => a - b));
  assertEquals([...tukeyWindow(5, 0)], [1, 1, 1, 1, 1]);
});

Deno.test("windowInto takes the mean away and pads with zeros", () => {
  const out = new Float64Array(4 * 4).fill(9);
  const flat = Float64Array.of(1, 1, 1);
  windowInto(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), 3, 3, flat, flat, out, 4);
  assertClose(out.reduce((a, b) => a + b, 0), 0, 1e-12);
  assertEquals([out[3], out[12], out[0]], [0, 0, -4]);
});

Deno.test("frequencyAt gives signed frequencies for even and odd lengths", () => {
  assertEquals([0, 1, 2, 3].map((i) => frequencyAt(i, 4)), [0, 0.25, 0.5, -0.25]);
  assertEquals([0, 1, 2, 3, 4].map((i) => frequencyAt(i, 5)), [0, 0.2, 0.4, -0.4, -0.2]);
});

Deno.test("noisePower measures white noise, with and without a lattice on top", () => {
  const noise = noiseImage(3);
  const { image } = latticeImage({ width: SIZE, height: SIZE, a: [11, 0], b: [0, 12], sigma: 2 });
  let windowPower = 0;
  const window = tukeyWindow(SIZE, 0.25);
  for (const wx of window) for (const wy of window) windowPower += (wx * wy) ** 2;
  const alone = Math.sqrt(noisePower(powerOf(noise), SIZE, SIZE) / windowPower);
  const both = noise.map((v, i) => v + image.data[i]);
  const onTop = Math.sqrt(noisePower(powerOf(both), SIZE, SIZE) / windowPower);
  assertClose(alone, 3, 0.1); // 2 % of 3 from the median of some thousand powers
  assertClose(onTop, 3, 0.15);
});

Deno.test("findBraggPeaks finds the lattice's peaks and none in noise", () => {
  assertEquals(findBraggPeaks(powerOf(noiseImage(1)), SIZE, SIZE, 30, LOWEST).length, 0);
  const { image } = latticeImage({
    width: SIZE,
    height: SIZE,
    a: [16, 0],
    b: [0, 8],
    sigma: 2,
    seed: 3,
  });
  const peaks = findBraggPeaks(powerOf(image.data), SIZE, SIZE, 30, LOWEST);
  assertAtLeast(peaks.length, 3);
  const [fx, fy] = [peaks.fx[0], peaks.fy[0]];
  assertClose(Math.abs(fx), 1 / 16, 1e-9);
  assertClose(fy, 0, 1e-9);
});

Deno.test("repeatVectors gives the shortest lattice vectors first", () => {
  const { image } = latticeImage({
    width: SIZE,
    height: SIZE,
    a: [12, 3],
    b: [-4, 10],
    sigma: 1.8,
  });
  const power = powerOf(image.data);
  const peaks = findBraggPeaks(power, SIZE, SIZE, 30, LOWEST);
  const [first, second] = repeatVectors(power, SIZE, SIZE, peaks, LOWEST);
  assertAtMost(Math.hypot(Math.abs(first.x) - 4, Math.abs(first.y) - 10), 0.75); // whole pixels
  assertAtMost(Math.hypot(Math.abs(second.x) - 12, Math.abs(second.y) - 3), 0.75);
  assertEquals(repeatVectors(power, SIZE, SIZE, { ...peaks, length: 0 }, LOWEST), []);
});
