#!/usr/bin/env -S deno run --allow-read --allow-env
/**
 * A stage of your own in one file: declare what it takes and gives, write the function, run it.
 *
 * From the declaration come checks, help, the cache key, the record and the pipeline file.
 */
import { createImage, defineStage, type Stage } from "@core";
import { createHost, peaks, simulation } from "../mod.ts";

const inputs = {
  image: { kind: "image", axes: "yx", description: "Any image" },
} as const;
const outputs = {
  image: { kind: "image", axes: "yx", description: "The image, binned" },
} as const;
const params = {
  factor: {
    type: "integer",
    default: 2,
    minimum: 1,
    maximum: 16,
    unit: "px",
    description: "Side of the square of pixels that are averaged into one",
  },
} as const;

/** Averages squares of pixels. */
export const bin: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: "lab.bin",
  version: "1.0.0",
  api: "^1.0",
  summary: "Averages squares of pixels into one",
  inputs,
  outputs,
  params,
  module: import.meta.url, // so that workers can load it
  run({ image }, { factor }, context) {
    const width = Math.floor(image.width / factor), height = Math.floor(image.height / factor);
    const data = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let i = 0; i < width * factor; i++) {
        for (let j = 0; j < factor; j++) {
          const pixel = image.data[(y * factor + j) * image.width + i];
          data[y * width + Math.floor(i / factor)] += pixel / factor ** 2;
        }
      }
      context.progress((y + 1) / height);
    }
    return { image: createImage({ name: image.name, width, height, data }) };
  },
});

if (import.meta.main) {
  using host = createHost({ cache: false, stages: [bin] });
  const { exposures } = await host.run(simulation.scene, {}, { width: 256, height: 256 });
  const { image } = await host.scatter(bin, { image: exposures }, { factor: 2 });
  const found = await host.run(peaks.findfoci, { image: image.images[0] });
  const { width, height } = image.images[0];
  console.log(`${image.images.length} exposures of ${width} x ${height} px`);
  console.log(`${found.peaks.length} peaks in the first`);
}
