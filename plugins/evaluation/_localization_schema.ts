/**
 * The metrics of `evaluation.localization` as a schema; undefined figures are null.
 *
 * @module
 */

const figure = { type: ["number", "null"] } as const;
const count = { type: "integer", minimum: 0 } as const;
const counts = { type: "array", items: count } as const;
const figures = { type: "array", items: figure } as const;

/** A figure with its standard error. */
const estimate = {
  type: "object",
  required: ["value", "error"],
  properties: { value: figure, error: figure },
} as const;

const test = { chiSquare: figure, degrees: count, pValue: figure } as const;

const phaseBias = {
  type: "object",
  required: [
    "mean",
    "error",
    "count",
    "amplitude",
    "amplitudeError",
    "chiSquare",
    "degrees",
    "pValue",
  ],
  properties: {
    mean: { ...figures, description: "Mean error by bin of phase, from -0.5 to 0.5 px" },
    error: { ...figures, description: "Standard errors of the means" },
    count: counts,
    amplitude: {
      ...figure,
      description: "Largest distance of the mean of a bin of 5 or more from that of all, px",
    },
    amplitudeError: { ...figure, description: "Standard error of that bin's mean, px" },
    ...test,
    pValue: { ...figure, description: "Of all bins having one mean" },
  },
} as const;

const locking = {
  type: "object",
  required: ["count", "chiSquare", "degrees", "pValue", "truePValue"],
  properties: {
    count: { ...counts, description: "Found positions by bin of phase, from -0.5 to 0.5 px" },
    ...test,
    pValue: { ...figure, description: "Of the found phases being spread evenly" },
    truePValue: {
      ...figure,
      description: "The same of the true ones: if it is small, so may pValue",
    },
  },
} as const;

const within = {
  type: "object",
  required: ["deviations", "x", "y", "expected", "joint", "expectedJoint"],
  properties: {
    deviations: { type: "number" },
    x: figure,
    y: figure,
    expected: { type: "number", description: "Of a normal distribution" },
    joint: figure,
    expectedJoint: { type: "number" },
  },
} as const;

/** The schema of the metrics. */
export const METRICS_SCHEMA = {
  type: "object",
  required: [
    "against",
    "matchRadius",
    "pairs",
    "unpaired",
    "leftOut",
    "offset",
    "biasX",
    "biasXError",
    "biasY",
    "biasYError",
    "rmsX",
    "rmsY",
    "rms2d",
    "sdX",
    "sdY",
    "covarianceXY",
    "medianDistance",
    "robustSdX",
    "robustSdY",
    "precision",
    "bound",
    "coverage",
    "phase",
    "locking",
    "trend",
  ],
  properties: {
    against: { enum: ["truth", "second"] },
    matchRadius: { type: "number", description: "px" },
    pairs: count,
    unpaired: {
      type: "object",
      required: ["found", "reference"],
      properties: { found: count, reference: count },
    },
    leftOut: {
      type: "object",
      description: "In the margin, or of another status",
      required: ["found", "reference"],
      properties: { found: count, reference: count },
    },
    offset: {
      type: ["object", "null"],
      description: "Of the found positions against the second, removed from all that follows, px",
      required: ["x", "y"],
      properties: { x: { type: "number" }, y: { type: "number" } },
    },
    biasX: figure,
    biasXError: figure,
    biasY: figure,
    biasYError: figure,
    rmsX: figure,
    rmsY: figure,
    rms2d: figure,
    sdX: figure,
    sdY: figure,
    covarianceXY: { ...figure, description: "px^2" },
    medianDistance: figure,
    robustSdX: { ...figure, description: "1.4826 x the median absolute deviation, px" },
    robustSdY: figure,
    precision: {
      type: ["object", "null"],
      description: "Of one exposure: sd of the differences over the root of 2, px",
      required: ["x", "y"],
      properties: { x: estimate, y: estimate },
    },
    bound: {
      type: ["object", "null"],
      description: "Rms error over rms bound",
      required: ["pairs", "x", "y", "joint"],
      properties: { pairs: count, x: estimate, y: estimate, joint: estimate },
    },
    coverage: {
      type: ["object", "null"],
      description: "Mean of squared error over stated variance: 1 where the statement is right",
      required: ["pairs", "correlated", "x", "y", "joint", "within"],
      properties: {
        pairs: count,
        correlated: { type: "boolean", description: "Whether covariances were stated" },
        x: estimate,
        y: estimate,
        joint: estimate,
        within: { type: "array", items: within },
      },
    },
    phase: { type: "object", required: ["x", "y"], properties: { x: phaseBias, y: phaseBias } },
    locking: { type: "object", required: ["x", "y"], properties: { x: locking, y: locking } },
    trend: {
      type: ["object", "null"],
      description: "How errors change across the image: error = bias + gradient x position",
      required: [
        "xx",
        "xy",
        "yx",
        "yy",
        "scale",
        "rotationRad",
        "stretch",
        "shear",
        "chiSquare",
        "degrees",
        "pValue",
        "rms2dWithout",
      ],
      properties: {
        xx: { ...estimate, description: "Error in x for each px in x" },
        xy: { ...estimate, description: "Error in x for each px in y" },
        yx: { ...estimate, description: "Error in y for each px in x" },
        yy: { ...estimate, description: "Error in y for each px in y" },
        scale: { ...estimate, description: "(xx + yy) / 2" },
        rotationRad: { ...estimate, description: "(yx - xy) / 2, from x toward y" },
        stretch: { ...estimate, description: "(xx - yy) / 2" },
        shear: { ...estimate, description: "(xy + yx) / 2" },
        ...test,
        pValue: { ...figure, description: "Of no trend" },
        rms2dWithout: { ...figure, description: "rms2d with bias and trend removed, px" },
      },
    },
  },
} as const;
