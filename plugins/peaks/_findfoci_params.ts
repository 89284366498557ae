/**
 * The parameters that the stages of FindFoci share.
 *
 * @module
 */
import type { ParamValues } from "@core";
import { THRESHOLD_METHODS } from "@core/kernels";
import { MASK_KINDS } from "./_mask_image.ts";
import { SORT_KEYS } from "./_sort.ts";

/** The parameters of the stages. */
export const findfociParams = {
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
  labelsShow: {
    type: "string",
    enum: MASK_KINDS,
    default: "peaks",
    level: "advanced",
    description:
      "Which pixels of a peak the output labels shows: all of its region, those above its saddle, " +
      "the highest labelsFraction of its height or of its sum above the background, none; or, with " +
      "threshold, 3 above and 2 below a threshold of its own and 1 where peaks touch",
  },
  labelsFraction: {
    type: "number",
    default: 0.5,
    minimum: 0,
    maximum: 1,
    level: "advanced",
    description:
      "Share of a peak that the labels fraction-of-height and fraction-of-intensity show",
  },
  labelsDots: {
    type: "boolean",
    default: false,
    level: "advanced",
    description: "Whether labels mark the place of each peak by the next number after the largest",
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

/** Their values. */
export type FindFociParams = ParamValues<typeof findfociParams>;

/** The defaults of the parameters. */
export const findfociDefaults: FindFociParams = Object.fromEntries(
  Object.entries(findfociParams).map(([name, param]) => [name, param.default]),
) as unknown as FindFociParams;
