/**
 * Finds peaks by FindFoci: local maxima that stand far enough above their highest saddle.
 *
 * Use it to find columns in an image clear enough to see them. With its defaults everything is chosen
 * from the image. Peaks lie on whole pixels: refine them with `refinement.gaussian`.
 *
 * Input   image  float32, height x width, any unit; pixels that are not finite take no part
 * Input   mask   optional image of the same size; pixels of 0 take no part
 * Output  peaks  one row a peak, in the order of `sort`: place, height, region, saddle. `saddleId` is
 *                the row (from 1) of the peak beyond the highest saddle, 0 without one; a peak without
 *                a saddle is measured from the background
 *
 * Method
 * 1. Blur; turn the image round for dark columns.
 * 2. Every pixel above the background climbs by steepest ascent to a local maximum.
 * 3. Peaks merge into the neighbor beyond their highest saddle when they are too low above it, then
 *    when they have too few pixels, then when too few lie above the saddle.
 *
 * Blur and height left at "auto" are chosen together. For each of a ladder of blurs the local maxima are
 * counted by their height above the pass to a higher one; the lowest tell how many of the higher are
 * noise, which gives the columns and the mistakes to expect at any height. The middle of the blurs that
 * find the most columns with the fewest mistakes is taken. Faint sublattices are found, too, where
 * they stand clear: see `annotation.select-sublattice`.
 *
 * With 8 and 16-bit images levels are whole numbers, as in the reference program, unless blur or height
 * are chosen automatically: a blurred image of few counts has nearly no levels when rounded.
 *
 * Cost    O(n) in pixels, near-linear in maxima; about 20 bytes per pixel
 * Errors  PARAM_CONFLICT, PARAM_RANGE, IMAGE_SIZE_DIFFERS; an image without peaks gives an empty table
 *
 * @see Herbert, Carr and Hoffmann, FindFoci, PLoS ONE 9 (2014) e114749.
 * https://doi.org/10.1371/journal.pone.0114749
 *
 * @module
 */
import { AdatomError, defineStage, type Image, type Stage } from "@core";
import { THRESHOLD_METHODS } from "@core/kernels";
import { chooseAuto } from "./_auto.ts";
import { findFoci } from "./_foci.ts";
import { searchImages } from "./_images.ts";
import { peakTable } from "./_peak_table.ts";
import { SORT_KEYS } from "./_sort.ts";

const ID = "peaks.findfoci";

const inputs = {
  image: {
    kind: "image",
    axes: "yx",
    nonFinite: "exclude",
    description: "Image with columns as maxima (or minima)",
  },
  mask: {
    kind: "image",
    axes: "yx",
    optional: true,
    description: "Image of the same size; pixels of 0 take no part",
  },
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
  height: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 0,
    description: "Least height above the saddle: a difference of intensity, or a share (see " +
      "heightMethod); auto is where most columns and fewest mistakes are to be expected",
  },
  heightMethod: {
    type: "string",
    enum: ["absolute", "relative", "relative-above-background"],
    default: "absolute",
    level: "advanced",
    description:
      "What height is measured in: intensity, a share of the peak's own value, or a share " +
      "of its height above the background",
  },
  backgroundMethod: {
    type: "string",
    enum: ["auto", "none", "absolute", "mean", "sd-above-mean", "auto-threshold", "minimum"],
    default: "auto",
    level: "advanced",
    description:
      "How the level is chosen below which a pixel belongs to no peak; auto is the least " +
      "value, none is 0 for whole-number levels and else the least value",
  },
  background: {
    type: "number",
    default: 0,
    level: "advanced",
    description: "Level for absolute; number of standard deviations for sd-above-mean",
  },
  threshold: {
    type: "string",
    enum: THRESHOLD_METHODS,
    default: "otsu",
    level: "advanced",
    description: "The automatic threshold for auto-threshold",
  },
  statistics: {
    type: "string",
    enum: ["both", "inside", "outside"],
    default: "both",
    level: "advanced",
    description:
      "Pixels the background is taken from where some take no part: all, those that do, " +
      "those that do not",
  },
  search: {
    type: "string",
    enum: ["above-background", "fraction", "half"],
    default: "above-background",
    level: "advanced",
    description:
      "How far down a peak's region reaches: to the background, to searchFraction of its " +
      "height above the background, or to half of it",
  },
  searchFraction: {
    type: "number",
    default: 0.3,
    minimum: 0,
    maximum: 1,
    level: "advanced",
    description: "Share of the peak's height below which pixels leave its region",
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
  connectedAboveSaddle: {
    type: "boolean",
    default: false,
    level: "advanced",
    description: "Whether only pixels above the saddle count that connect to the peak above it",
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
  border: {
    type: "string",
    enum: ["tops", "all", "none"],
    default: "tops",
    level: "advanced",
    description:
      "Which peaks on the outermost pixels are listed: those that look like tops, not like " +
      "slopes of columns outside, all, or none",
  },
  center: {
    type: "string",
    enum: ["maximum", "maximum-original", "center-of-mass", "center-of-mass-original"],
    default: "maximum",
    level: "advanced",
    description:
      "The pixel that is a peak's place: its maximum or the center of mass about it, in the " +
      "blurred or in the original image",
  },
  centerRadius: {
    type: "integer",
    default: 2,
    minimum: 1,
    maximum: 1000,
    unit: "px",
    level: "advanced",
    description: "Reach of the center of mass",
  },
  sort: {
    type: "string",
    enum: SORT_KEYS,
    default: "total",
    level: "advanced",
    description: "What peaks are sorted by; places ascend, all others descend",
  },
  maximumPeaks: {
    type: "integer",
    default: 0,
    minimum: 0,
    level: "advanced",
    description: "Largest number of peaks, the first ones in the order of sort; 0 is no limit",
  },
  region: {
    type: "array",
    items: { type: "number", minimum: 0 },
    default: [],
    maxItems: 4,
    level: "advanced",
    description: "Region of interest: x, y of its first pixel, width, height (px); empty is all",
  },
  levels: {
    type: "string",
    enum: ["auto", "integer", "float"],
    default: "auto",
    level: "advanced",
    description:
      "Whether levels are rounded to whole numbers; auto does so for 8 and 16-bit images " +
      "unless blur or height is auto",
  },
  compatible: {
    type: "boolean",
    default: false,
    level: "advanced",
    description: "Repeat the reference program's mistakes, to compare with it",
  },
} as const;

/** The stage `peaks.findfoci`. */
export const findfoci: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: ID,
  version: "1.0.0",
  api: "^1.0",
  summary: "Finds peaks that stand clear of their surroundings (FindFoci)",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ image, mask }, given, context) {
    const region = checkedRegion(image, given.region);
    requireSameSize(image, mask);
    requireShare(given);
    const isAuto = given.blur === "auto" || given.height === "auto";
    const chosen = isAuto ? chooseAuto(image, given, (f) => context.progress(0.4 * f)) : undefined;
    const blur = given.blur === "auto" ? chosen!.blur : given.blur;
    const height = given.height === "auto" ? chosen!.height : given.height;
    if (chosen !== undefined) context.chose({ blur, height, noise: chosen.noise });
    context.progress(0.4);
    const isWhole = image.sourceType === "uint8" || image.sourceType === "uint16";
    const integer = given.levels === "integer" || given.levels === "auto" && isWhole && !isAuto;
    const { polarity } = given;
    const { images, turn } = searchImages(image, {
      polarity,
      blur,
      integer,
      region,
      mask: mask ?? null,
    });
    context.progress(0.5);
    const isLevel = turn !== null && given.backgroundMethod === "absolute";
    const foci = findFoci(images, {
      ...given,
      integer,
      height,
      smoothness: blur,
      backgroundMethod: given.backgroundMethod === "auto" ? "minimum" : given.backgroundMethod,
      background: isLevel ? turn - given.background : given.background,
      connected: given.connectedAboveSaddle,
    }, (f) => context.progress(0.5 + 0.5 * f));
    context.chose({ background: turn === null ? foci.background : turn - foci.background });
    const peaks = peakTable(foci, image.width, turn);
    context.progress(1);
    return { peaks };
  },
});

/** The region of interest, null for all of the image. */
function checkedRegion(image: Image, region: readonly number[]): readonly number[] | null {
  if (region.length === 0) return null;
  const [x, y, width, height] = region;
  const fits = region.length === 4 && region.every(Number.isInteger) && width > 0 && height > 0 &&
    x + width <= image.width && y + height <= image.height;
  if (!fits) {
    throw new AdatomError("PARAM_RANGE", {
      cannot: `search the region ${JSON.stringify(region)}`,
      expected: `x, y, width and height in whole px inside ${image.width} x ${image.height} px`,
      got: JSON.stringify(region),
    }, { stage: ID, param: "region" });
  }
  return width === image.width && height === image.height ? null : region;
}

function requireSameSize(image: Image, mask: Image | undefined): void {
  if (mask === undefined || (mask.width === image.width && mask.height === image.height)) return;
  throw new AdatomError("IMAGE_SIZE_DIFFERS", {
    cannot: "mask the image",
    expected: `a mask of ${image.width} x ${image.height} px`,
    got: `${mask.width} x ${mask.height} px`,
  }, { stage: ID, port: "mask" });
}

function requireShare(
  { height, heightMethod }: { readonly height: number | "auto"; readonly heightMethod: string },
): void {
  if (height !== "auto" || heightMethod === "absolute") return;
  throw new AdatomError("PARAM_CONFLICT", {
    cannot: `use the height method "${heightMethod}"`,
    expected: "a share from 0 to 1 as height",
    got: '"auto"',
    hint: "set height, for example to 0.1",
  }, { stage: ID, param: "height" });
}
