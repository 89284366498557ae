/**
 * Finds peaks by FindFoci: local maxima that stand far enough above their highest saddle.
 *
 * Use it to find columns in an image clear enough to see them. With its defaults everything is chosen
 * from the image. Peaks lie on whole pixels: refine them with `refinement.gaussian`.
 *
 * Input   image  float32, height x width, any unit
 * Output  peaks  one row a peak, highest total first: place, height, region, saddle
 *
 * Method
 * 1. Blur; turn the image round for dark columns.
 * 2. Every pixel above the background climbs to a local maximum.
 * 3. Peaks merge into the neighbor beyond their highest saddle when they are too low above it, have
 *    too few pixels, or too few above the saddle.
 *
 * Cost    O(n) in pixels, near-linear in maxima
 * Errors  PARAM_CONFLICT; an image without peaks gives an empty table
 *
 * @see Herbert, Carr and Hoffmann, FindFoci, PLoS ONE 9 (2014) e114749.
 * https://doi.org/10.1371/journal.pone.0114749
 *
 * @module
 */
import { AdatomError, defineStage, type Stage } from "@core";
import { chooseAuto } from "./_auto.ts";
import { findFoci } from "./_foci.ts";

const inputs = {
  image: { kind: "image", axes: "yx", description: "Image with columns as maxima (or minima)" },
} as const;

const outputs = {
  peaks: {
    kind: "peaks",
    description: "Peaks on whole pixels, with size, total and saddle of their regions",
  },
} as const;

const params = {
  polarity: {
    type: "string",
    enum: ["bright", "dark"],
    default: "bright",
    description: "Whether columns are bright or dark",
  },
  blur: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 0,
    maximum: 50,
    unit: "px",
    description: "Standard deviation of the Gaussian blur before the search",
  },
  spacing: {
    type: "number",
    default: "auto",
    auto: true,
    exclusiveMinimum: 0,
    unit: "px",
    description: "Distance of neighboring columns; limits the blur that is chosen by itself",
  },
  heightMethod: {
    type: "string",
    enum: ["absolute", "relative", "relative-above-background"],
    default: "absolute",
    level: "advanced",
    description: "What the least height of a peak above its saddle is measured in",
  },
  height: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 0,
    description: "Least height above the saddle: intensity, or a share of the peak's own height; " +
      "auto is 4.5 times the noise after the blur",
  },
  backgroundMethod: {
    type: "string",
    enum: ["minimum", "absolute", "mean", "sd-above-mean", "otsu"],
    default: "minimum",
    level: "advanced",
    description: "How the level is chosen below which a pixel belongs to no peak",
  },
  background: {
    type: "number",
    default: 0,
    level: "advanced",
    description: "Level for absolute; number of standard deviations for sd-above-mean",
  },
  minimumSize: {
    type: "integer",
    default: 5,
    minimum: 1,
    unit: "px",
    level: "advanced",
    description: "Least number of pixels of a peak",
  },
  minimumAboveSaddle: {
    type: "boolean",
    default: false,
    level: "advanced",
    description: "Whether the least number of pixels must lie above the saddle",
  },
  maximumSize: {
    type: "integer",
    default: 0,
    minimum: 0,
    unit: "px",
    level: "advanced",
    description: "Largest number of pixels of a peak; 0 is no limit",
  },
  removeEdge: {
    type: "boolean",
    default: false,
    level: "advanced",
    description: "Whether peaks whose region touches the border are left out",
  },
  maximumPeaks: {
    type: "integer",
    default: 0,
    minimum: 0,
    level: "advanced",
    description: "Largest number of peaks, those with the highest total; 0 is no limit",
  },
} as const;

/** `peaks.findfoci` */
export const findfoci: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: "peaks.findfoci",
  version: "1.0.0",
  api: "^1.0",
  summary: "Finds peaks that stand clear of their surroundings (FindFoci)",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ image }, given, context) {
    if (given.height === "auto" && given.heightMethod !== "absolute") {
      throw new AdatomError("PARAM_CONFLICT", {
        cannot: `use the height method "${given.heightMethod}"`,
        expected: "a share of the peak's height from 0 to 1 as height",
        got: '"auto"',
        hint: "set height, for example to 0.1",
      }, { param: "height" });
    }
    const chosen = given.blur === "auto" || given.height === "auto"
      ? chooseAuto(image, given, (f) => context.progress(0.4 * f))
      : undefined;
    const blur = given.blur === "auto" ? chosen!.blur : given.blur;
    const height = given.height === "auto" ? chosen!.height : given.height;
    if (chosen !== undefined) context.chose({ blur, height, noise: chosen.noise });
    context.progress(0.4);
    const peaks = findFoci(image, { ...given, blur, height }, (f) => context.progress(0.4 + 0.6 * f));
    context.progress(1);
    return { peaks };
  },
});
