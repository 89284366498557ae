/**
 * Takes noise out of an image of a lattice by a Wiener filter, with noise and signal from the image.
 *
 * Use it on large pieces of crystal: a lattice lies in few Bragg peaks, which stand high above noise
 * that is spread over all frequencies. Prefer examples.non-local-means for small particles, edges and
 * many defects. What is not periodic is weakened with the noise: do not search for point defects in
 * the output, nor take its noise for that of a measurement.
 *
 * Input   image  any size, any unit of intensity; NaN and infinite pixels are refused
 * Output  image  the same size, unit, pixel size and mean
 *
 * Method
 * 1. P is the squared modulus of the Fourier transform F; S is its mean over 3 x 3 frequencies.
 * 2. N is the power of the noise: the median of P in rings of equal frequency, over ln 2, which a few
 *    Bragg peaks do not change. "white" takes one level for all, the median of the rings in the outer
 *    half of the spectrum; "radial" takes each ring's own.
 * 3. F is multiplied by max(0, 1 - strength N / S), and transformed back.
 *
 * Nothing is padded or windowed: the image is taken to go on at its other side.
 *
 * Accuracy  a periodic lattice without noise stays within 0.01 % of its contrast; with counting noise
 *           as large as the contrast, the rms error falls to a third or less
 * Cost      O(n log n) in pixels, 50 bytes a pixel
 * Errors    PARAM_CONFLICT; an image of one pixel, or an even one, stays as it is
 *
 * @see Marks, Wiener-filter enhancement of noisy HREM images, Ultramicroscopy 62 (1996) 43.
 * https://doi.org/10.1016/0304-3991(95)00085-2
 * @see Kilaas, Optimal and near-optimal filters in high-resolution electron microscopy, J. Microsc. 190
 * (1998) 45. https://doi.org/10.1046/j.1365-2818.1998.3070861.x
 *
 * @module
 */
import { AdatomError, createImage, defineStage } from "@core";
import { createFft2Plan, fft2InPlace, inverseFft2InPlace } from "@core/kernels";
import {
  createRings,
  filterRowInPlace,
  noiseProfile,
  powersInto,
  smoothInto,
  whiteLevel,
} from "./_spectrum.ts";

/** The stage. */
export const wiener = defineStage({
  id: "examples.wiener",
  version: "0.1.0",
  api: "^1.1",
  summary: "Takes noise out of images of lattices by a Wiener filter",
  inputs: {
    image: { kind: "image", axes: "yx", description: "Image of a lattice" },
  },
  outputs: {
    image: { kind: "image", axes: "yx", description: "The image with less noise" },
  },
  params: {
    noise: {
      type: "number",
      default: "auto",
      auto: true,
      minimum: 0,
      unit: "counts",
      description: "Standard deviation of the noise of a pixel; auto measures it in the image",
    },
    spectrum: {
      type: "string",
      enum: ["white", "radial"],
      default: "white",
      description: "What counts as noise: white, the same at all frequencies, as counting noise " +
        "is; radial, all that lies between the Bragg peaks, such as an amorphous support",
    },
    strength: {
      type: "number",
      default: 1.5,
      minimum: 0,
      maximum: 20,
      description: "How many times the noise is taken off; 1 is Wiener's filter, 0 keeps all",
    },
  },
  module: import.meta.url,
  run({ image }, { noise, spectrum, strength }, context) {
    requireOneNoise(noise, spectrum);
    const { data, width, height } = image;
    const plan = createFft2Plan(width, height);
    const re = Float64Array.from(data), im = new Float64Array(data.length);
    fft2InPlace(plan, re, im);
    context.progress(0.3);

    const power = new Float64Array(data.length), smooth = new Float64Array(data.length);
    powersInto(re, im, power);
    smoothInto(power, width, height, smooth);
    const rings = createRings(width, height);
    const profile = new Float64Array(rings.count);
    noiseProfile(power, rings, profile);
    if (spectrum === "white") {
      const level = noise === "auto"
        ? whiteLevel(profile)
        : Math.min(Number.MAX_VALUE, noise ** 2 * data.length);
      context.chose({ noise: Math.sqrt(level / data.length) });
      profile.fill(level);
    }
    context.progress(0.5);

    for (let y = 0; y < height; y++) {
      filterRowInPlace(re, im, smooth, rings, profile, strength, y * width, (y + 1) * width);
      context.progress(0.5 + 0.2 * (y + 1) / height);
    }
    inverseFft2InPlace(plan, re, im);
    context.progress(1);
    return { image: createImage({ ...image, sourceType: "float32", data: Float32Array.from(re) }) };
  },
});

/** A number says how strong white noise is; a radial spectrum is always measured. */
function requireOneNoise(noise: number | "auto", spectrum: "white" | "radial"): void {
  if (noise === "auto" || spectrum === "white") return;
  throw new AdatomError("PARAM_CONFLICT", {
    cannot: 'use the spectrum "radial"',
    expected: 'noise "auto"',
    got: String(noise),
    hint: "leave noise out, or set the spectrum to white",
  }, { stage: "examples.wiener", param: "noise" });
}
