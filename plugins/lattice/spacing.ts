/**
 * Measures the lattice of an image: its shortest repeat vectors and their length.
 *
 * Use it to get the scale of an image before anything is found in it. It sees what repeats, not single
 * columns: of a cell with several columns it gives the cell.
 *
 * Input   image    float32, height x width
 * Output  lattice  `{ spacing, a, b, strength, peaks }`: px; null where nothing repeats
 *
 * Cost    two transforms
 *
 * @module
 */
import { defineStage, type Stage } from "@core";
import { measureLattice } from "./_measure.ts";

const inputs = {
  image: { kind: "image", axes: "yx", description: "Image of a lattice" },
} as const;

const outputs = {
  lattice: {
    kind: "json",
    description: "Length of the shortest repeat vector, two repeat vectors, strength",
  },
} as const;

const params = {} as const;

/** `lattice.spacing` */
export const spacing: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: "lattice.spacing",
  version: "1.0.0",
  api: "^1.0",
  summary: "Measures the repeat vectors of a lattice image",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ image }, _params, context) {
    context.progress(0.1);
    const lattice = measureLattice(image);
    context.progress(1);
    return { lattice };
  },
});
