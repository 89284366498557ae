/**
 * The example image of a new plugin, and what its stage makes of it.
 *
 * @module
 */
import { createImage, type Image } from "../../core/data/image.ts";
import { gaussianBlur } from "../../core/kernels/gaussian_blur.ts";
import { createRandom, poissonRandom } from "../../core/kernels/random.ts";

/** Parameters of the example. */
export const EXAMPLE_PARAMS = { sigma: 2, amount: 1 } as const;

const SIZE = 48, SPACING = 12, COLUMN_SIGMA = 2.2, BACKGROUND = 20, HEIGHT = 120, SEED = 7;

/** A square lattice of columns with the noise of counted electrons; always the same. */
export function exampleImage(): Image {
  const random = createRandom(SEED);
  const data = new Float32Array(SIZE * SIZE);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const top = HEIGHT * nearColumns(x) * nearColumns(y);
      data[y * SIZE + x] = poissonRandom(BACKGROUND + top, random);
    }
  }
  const pixelSize = { x: 0.02, y: 0.02, unit: "nm" };
  return createImage({
    name: "image",
    width: SIZE,
    height: SIZE,
    data,
    sourceType: "uint16",
    pixelSize,
  });
}

/** Unsharp mask: the image and `amount` times what a blur takes from it. */
export function sharpenedExample(image: Image, sigma: number, amount: number): Image {
  const blurred = new Float32Array(image.data.length);
  gaussianBlur(image.data, image.width, image.height, sigma, blurred);
  const data = image.data.map((value, i) => value + amount * (value - blurred[i]));
  return { ...image, name: "expected", data, sourceType: "float32" };
}

/** The sum of Gaussians along one axis, with centers half a spacing from the border. */
function nearColumns(at: number): number {
  let sum = 0;
  for (let center = -SPACING / 2; center < SIZE + SPACING; center += SPACING) {
    sum += Math.exp(-((at - center) ** 2) / (2 * COLUMN_SIGMA ** 2));
  }
  return sum;
}
