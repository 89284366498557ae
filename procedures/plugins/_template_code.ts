/**
 * The TypeScript files of a new plugin.
 *
 * Lines that hold a name are short, so that `deno fmt` leaves them alone up to 40 letters of name.
 *
 * @module
 */

/** Every form of a plugin's name, and of its stage's. */
export interface PluginNames {
  /** `my-lab.sharp-edges`: the id of the plugin and of its stage. */
  readonly id: string;
  /** `my-lab` */
  readonly owner: string;
  /** `sharp-edges` */
  readonly name: string;
  /** `sharp_edges`: the stage's file without its extension. */
  readonly file: string;
  /** `sharpEdges`: the stage's constant. */
  readonly identifier: string;
}

/** `plugin.ts`: the entry. */
export function pluginTs({ id, name, file, identifier }: PluginNames): string {
  return `/**
 * The plugin ${id}: what it contributes.
 *
 * @module
 */
import { definePlugin } from "@core";
import { ${identifier} } from "./${file}.ts";

export default definePlugin({
  id: "${id}",
  version: "0.1.0",
  api: "^1.1",
  summary: "Sharpens images: the stage ${name}",
  license: "MIT",
  stages: [${identifier}],
});
`;
}

/** `<stage>.ts`: the declaration of the stage, and its steps. */
export function stageTs({ id, identifier }: PluginNames): string {
  return `/**
 * Sharpens an image by an unsharp mask: adds what a Gaussian blur takes away.
 *
 * Use it to see faint columns beside bright ones. Do not measure intensities in its output: it raises
 * noise along with detail, and puts dark rims around columns.
 *
 * Input   image  any size, any unit of intensity; NaN and infinite pixels are refused
 * Output  image  the same size, unit and pixel size
 *
 * Method
 * 1. Blur by a Gaussian of sigma px, edge pixels repeated beyond the border.
 * 2. out = in + amount (in - blurred), row by row.
 *
 * Accuracy  a wave of f cycles/px is raised by 1 + amount (1 - exp(-2 pi^2 sigma^2 f^2)), within 0.2 %
 *           of its amplitude; an even image and the inside of a slope stay as they are
 * Cost      O(pixels x sigma), 8 bytes a pixel
 * Errors    none of its own; an image of one pixel stays as it is
 *
 * @see Polesel, Ramponi and Mathews, Image enhancement via adaptive unsharp masking, IEEE Trans. Image
 * Process. 9 (2000) 505, for the plain one in its introduction. https://doi.org/10.1109/83.826787
 *
 * @module
 */
import { createImage, defineStage } from "@core";
import { gaussianBlur } from "@core/kernels";
import { sharpenRow } from "./_sharpen.ts";

/** The stage. */
export const ${identifier} = defineStage({
  id: "${id}",
  version: "0.1.0",
  api: "^1.1",
  summary: "Sharpens an image by an unsharp mask",
  inputs: {
    image: { kind: "image", axes: "yx", description: "Any image" },
  },
  outputs: {
    image: { kind: "image", axes: "yx", description: "The image, sharpened" },
  },
  params: {
    sigma: {
      type: "number",
      default: 2,
      minimum: 0.3,
      maximum: 50,
      unit: "px",
      description: "Standard deviation of the blur: what is finer than this is raised",
    },
    amount: {
      type: "number",
      default: 1,
      minimum: 0,
      maximum: 10,
      description: "How much is added of what the blur takes away; 0 changes nothing",
    },
  },
  module: import.meta.url, // so that workers can load it
  run({ image }, { sigma, amount }, context) {
    const { data, width, height } = image;
    const blurred = new Float32Array(data.length);
    gaussianBlur(data, width, height, sigma, blurred);
    const out = new Float32Array(data.length);
    for (let y = 0; y < height; y++) {
      sharpenRow(data, blurred, width, y, amount, out);
      context.progress((y + 1) / height); // ends the stage here when the run is cancelled
    }
    return { image: createImage({ ...image, sourceType: "float32", data: out }) };
  },
});
`;
}

/** `_sharpen.ts`: the numbers, without anything else. */
export function kernelTs(): string {
  return `/**
 * The unsharp mask on plain arrays.
 *
 * @module
 */

/**
 * Sharpens row y of an image: out = data + amount (data - blurred).
 *
 * @param data pixels, row by row
 * @param blurred the same image, blurred
 * @param width pixels of a row
 * @param out receives the row, at its place in the whole image
 */
export function sharpenRow(
  data: Float32Array,
  blurred: Float32Array,
  width: number,
  y: number,
  amount: number,
  out: Float32Array,
): void {
  const end = (y + 1) * width;
  for (let i = y * width; i < end; i++) out[i] = data[i] + amount * (data[i] - blurred[i]);
}
`;
}

/** `<stage>_test.ts`: what the stage promises, against formulas. */
export function testTs({ identifier, file }: PluginNames): string {
  return `import assert from "node:assert/strict";
import { createImage } from "@core";
import { ${identifier} } from "./${file}.ts";
import { context } from "./_test_context.ts";

/** Share of the amplitude: the blur of @core cuts its kernel off at 0.0002 of the middle. */
const WAVE_TOLERANCE = 2e-3;
/** A blur of equal pixels sums weights in float32: a few of its last digits. */
const ROUNDING = 1e-5;

Deno.test("${identifier} raises a wave by the factor that theory gives", async () => {
  const width = 96, height = 40, period = 8, sigma = 1.5, amount = 2;
  const row = Array.from({ length: width }, (_, x) => Math.cos(2 * Math.PI * x / period));
  const data = Float32Array.from(Array.from({ length: height }, () => row).flat());
  const image = createImage({ width, height, data });
  const sharp = await ${identifier}.run({ image }, { sigma, amount }, context);
  const factor = 1 + amount * (1 - Math.exp(-2 * (Math.PI * sigma / period) ** 2));
  for (let x = 16; x < width - 16; x++) {
    const difference = Math.abs(sharp.image.data[20 * width + x] - factor * row[x]);
    assert.ok(difference <= WAVE_TOLERANCE * factor, "x = " + x + ": off by " + difference);
  }
});

Deno.test("${identifier} leaves even images alone, down to one pixel", async () => {
  const params = { sigma: 2, amount: 1 };
  for (const [width, height] of [[1, 1], [1, 9], [33, 17]]) {
    const data = new Float32Array(width * height).fill(7);
    const pixelSize = { x: 0.01, y: 0.01, unit: "nm" };
    const image = createImage({ width, height, data, pixelSize });
    const sharp = await ${identifier}.run({ image }, params, context);
    assert.ok(sharp.image.data.every((value) => Math.abs(value - 7) <= ROUNDING));
    assert.deepEqual({ ...sharp.image, data: null }, { ...image, data: null });
  }
});
`;
}

/** `_test_context.ts`: what a test hands to a stage as its context. */
export function testContextTs(): string {
  return `/**
 * A context for running a stage directly in a test.
 *
 * @module
 */
import type { Context } from "@core";

/** Runs everything here, and notes nothing. */
export const context: Context = {
  signal: new AbortController().signal,
  progress: () => {},
  warn: () => {},
  chose: () => {},
  random: () => 0.5,
  map: (task, items) => Promise.all(items.map((item) => task.call(item))),
};
`;
}
