/**
 * What the scale-space finders have in common: ports and parameters.
 *
 * @module
 */

/** What they take. */
export const blobInputs = {
  image: {
    kind: "image",
    axes: "yx",
    nonFinite: "exclude",
    description: "Image or confidence map with columns as bright (or dark) blobs",
  },
  mask: {
    kind: "image",
    axes: "yx",
    optional: true,
    description: "Image of the same size; no peak lies on pixels of 0",
  },
} as const;

/** What they give. */
export const blobOutputs = {
  peaks: {
    kind: "peaks",
    description: "Blobs with their scale sigma in px and their response, strongest first",
  },
} as const;

/** Bright or dark columns. */
export const polarityParam = {
  type: "string",
  enum: ["bright", "dark"],
  default: "bright",
  description: "Whether columns are bright or dark",
} as const;

/** The end of the range of scales at which columns are narrow. */
export const minSigmaParam = {
  type: "number",
  default: "auto",
  auto: true,
  minimum: 0.3,
  maximum: 200,
  unit: "px",
  description: "Smallest scale; auto is from the distance of neighboring columns",
} as const;

/** The other end. */
export const maxSigmaParam = {
  type: "number",
  default: "auto",
  auto: true,
  minimum: 0.3,
  maximum: 200,
  unit: "px",
  description: "Largest scale; auto is from the distance of neighboring columns",
} as const;

/** How many scales there are. */
export const numSigmaParam = {
  type: "integer",
  default: "auto",
  auto: true,
  minimum: 1,
  maximum: 100,
  description: "Number of scales; auto is 10, or 5 where minSigma and maxSigma are chosen, too",
} as const;

/** How they are spread. */
export const logScaleParam = {
  type: "boolean",
  default: false,
  description: "Whether scales grow by equal ratios instead of equal steps",
} as const;

/** The parameters of what follows the responses. */
export const blobParams = {
  threshold: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 0,
    description: "Responses of peaks are above this, in units of the image; auto is clear of the " +
      "noise, and a tenth of strong peaks' contrast",
  },
  thresholdRel: {
    type: "number",
    default: 0,
    minimum: 0,
    maximum: 1,
    description: "Responses of peaks are also above this share of the highest response",
  },
  overlap: {
    type: "number",
    default: 0.5,
    minimum: 0,
    maximum: 1,
    description: "Of two blobs that overlap by more than this share of the smaller one's disc, " +
      "the one of the smaller scale is left out",
  },
  excludeBorder: {
    type: "integer",
    default: 0,
    minimum: 0,
    maximum: 16384,
    unit: "px",
    level: "advanced",
    description: "Peaks nearer to the border than this are left out; 0 keeps all",
  },
  interpolate: {
    type: "boolean",
    default: true,
    description: "Whether places and scales between pixels and the list of scales are sought",
  },
} as const;
