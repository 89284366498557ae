/**
 * Takes noise out of an image by non-local means: averages pixels whose surroundings look alike.
 *
 * Use it on lattices with defects, edges and particles: a column is averaged with the columns around
 * it that look the same, and one that is like no other stays as noisy as it is. Prefer examples.wiener
 * for large pieces of crystal at few counts. Not suitable for images in which no pattern repeats
 * within the search radius.
 *
 * Input   image  any size, any unit of intensity (counts for "poisson"); NaN and infinite pixels are
 *                refused
 * Output  image  the same size, unit and pixel size
 *
 * Method
 * 1. With "poisson", the Anscombe transform, which makes the noise of counts the same everywhere.
 * 2. The noise left at "auto" is measured by the median second difference.
 * 3. out(p) is the mean of all pixels q within the search radius along x and y, weighted by
 *    exp(-max(0, d - 2 noise^2) / (strength noise)^2), where d is the mean squared difference of the
 *    patches around p and q; patches are mirrored at the border.
 * 4. With "poisson", the inverse transform without bias.
 *
 * Accuracy  equal to the plain loop over patches within 1e-4 of the contrast; on lattices with
 *           counting noise the rms error falls to two thirds or less
 * Cost      O(pixels x search area), whatever the patch; 32 bytes a pixel
 * Errors    PARAM_CONFLICT; an image without noise, or of one pixel, stays as it is. The warning
 *           NEGATIVE_COUNTS tells of pixels below 0 with "poisson", which are taken for 0
 *
 * @see Buades, Coll and Morel, A non-local algorithm for image denoising, CVPR 2 (2005) 60.
 * https://doi.org/10.1109/CVPR.2005.38
 * @see Darbon et al., Fast nonlocal filtering applied to electron cryomicroscopy, ISBI 5 (2008) 1331.
 * https://doi.org/10.1109/ISBI.2008.4541250
 *
 * @module
 */
import { AdatomError, createImage, defineStage } from "@core";
import { anscombeInto, inverseAnscombeInPlace } from "./_anscombe.ts";
import { noiseSigma } from "./_noise.ts";
import { addOffset, createWeightTable, divideInto, mirrorInto } from "./_patches.ts";

/** The stage. */
export const nonLocalMeans = defineStage({
  id: "examples.non-local-means",
  version: "0.1.0",
  api: "^1.1",
  summary: "Takes noise out of images by non-local means",
  inputs: {
    image: { kind: "image", axes: "yx", description: "Any image" },
  },
  outputs: {
    image: { kind: "image", axes: "yx", description: "The image with less noise" },
  },
  params: {
    patchRadius: {
      type: "integer",
      default: 3,
      minimum: 1,
      maximum: 15,
      unit: "px",
      description: "Half the side of the patches that are compared: about the size of a column",
    },
    searchRadius: {
      type: "integer",
      default: 16,
      minimum: 1,
      maximum: 100,
      unit: "px",
      description: "How far like patches are searched along x and y: a few spacings of the lattice",
    },
    strength: {
      type: "number",
      default: 0.7,
      minimum: 0.01,
      maximum: 10,
      description: "How unlike patches may be, in standard deviations of the noise",
    },
    noise: {
      type: "number",
      default: "auto",
      auto: true,
      minimum: 0,
      unit: "counts",
      description: "Standard deviation of the noise of a pixel; auto measures it in the image",
    },
    model: {
      type: "string",
      enum: ["gaussian", "poisson"],
      default: "gaussian",
      description: "How noise depends on intensity: gaussian, not at all; poisson, as in counts",
    },
  },
  module: import.meta.url,
  run({ image }, { patchRadius, searchRadius, strength, noise, model }, context) {
    requireOneNoise(noise, model);
    const { width, height } = image;
    const data = image.data.slice();
    if (model === "poisson") {
      const negative = anscombeInto(image.data, data);
      if (negative > 0) {
        context.warn("NEGATIVE_COUNTS", `${negative} pixels below 0 are taken for 0`);
      }
    }
    const sigma = noise === "auto" ? noiseSigma(data, width, height) : noise;
    context.chose({ noise: sigma });
    context.progress(0.01);
    if (sigma === 0) {
      context.progress(1);
      return { image: { ...image, data: image.data.slice() } };
    }

    const framed = new Float64Array((width + 2 * patchRadius) * (height + 2 * patchRadius));
    mirrorInto(data, width, height, patchRadius, framed);
    const sums = new Float64Array(width + 2 * patchRadius);
    const weights = new Float64Array(data.length).fill(1), values = Float64Array.from(data);
    const likeness = { noise: sigma, strength }, table = createWeightTable();
    // each pair once: offsets to the right and below
    const reachX = Math.min(searchRadius, width - 1), reachY = Math.min(searchRadius, height - 1);
    for (let dy = 0; dy <= reachY; dy++) {
      for (let dx = dy === 0 ? 1 : -reachX; dx <= reachX; dx++) {
        addOffset(
          framed,
          width,
          height,
          patchRadius,
          dx,
          dy,
          likeness,
          table,
          sums,
          weights,
          values,
        );
        const row = (dx + reachX + 1) / (2 * reachX + 1);
        context.progress(0.01 + 0.97 * (dy + row) / (reachY + 1));
      }
    }
    divideInto(values, weights, data);
    if (model === "poisson") inverseAnscombeInPlace(data);
    context.progress(1);
    return { image: createImage({ ...image, sourceType: "float32", data }) };
  },
});

/** Counts have a noise of their own. */
function requireOneNoise(noise: number | "auto", model: "gaussian" | "poisson"): void {
  if (noise === "auto" || model === "gaussian") return;
  throw new AdatomError("PARAM_CONFLICT", {
    cannot: 'use the model "poisson"',
    expected: 'noise "auto"',
    got: String(noise),
    hint: "leave noise out, or set the model to gaussian",
  }, { stage: "examples.non-local-means", param: "noise" });
}
