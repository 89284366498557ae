/**
 * Measures the lattice of an image: the distance of neighboring columns, and two repeat vectors.
 *
 * Use it to get the scale of an image before anything is found in it, at any dose and from about 4 to 60
 * px. It needs at least four periods along the shorter side.
 *
 * Input   image    float32, height x width
 * Output  lattice  `{ spacing, a, b, aStar, bStar, strength, peaks }`; lengths null where nothing repeats
 *
 * `spacing` is the median distance of neighboring columns that are at least 0.4 as high as the highest,
 * as far as the image resolves them; the length of the shortest repeat vector where it does not.
 *
 * Method
 * 1. Bragg peaks are sought in the power spectrum, and the shortest repeat vectors a and b in the
 *    autocorrelation of what stands out of the noise; b is the shortest at an angle to a.
 * 2. The image is rebuilt from the frequencies clear of the noise; the distances of its maxima to their
 *    nearest neighbors give the spacing.
 *
 * Accuracy   vectors within 0.1 px, spacing within 3 % on simulated lattices from 3 counts on
 * Cost       three transforms
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
    description: "Distance of neighboring columns, two repeat vectors, strength",
  },
} as const;

const params = {
  polarity: {
    type: "string",
    default: "bright",
    enum: ["bright", "dark"],
    description: "Whether columns are brighter or darker than what is between them",
  },
} as const;

/** `lattice.spacing` */
export const spacing: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: "lattice.spacing",
  version: "1.1.1",
  api: "^1.0",
  summary: "Measures the distance of columns and the repeat vectors of a lattice image",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ image }, { polarity }, context) {
    context.progress(0.1);
    const lattice = measureLattice(image, polarity);
    context.progress(1);
    return { lattice };
  },
});
