/**
 * Checks every label in one exposure: is there a column, and is it where the label says?
 *
 * Labels are never moved; doubtful ones are marked. Noise alone makes no label doubtful: a residual
 * must be both significant and large.
 *
 * Input   image    one exposure
 *         columns  its labels
 * Output  columns  the same with `residualX`, `residualY`, `residualError`, `contrast` (height over its
 *                  uncertainty) and the status `moved` or `weak` where they are doubtful
 *
 * @module
 */
import { type Columns, defineStage, type Stage, withColumns } from "@core";
import { medianNearestDistance } from "@core/kernels";
import { measureResiduals, type Residuals } from "./_residuals.ts";
import { signedImage } from "./_signed_image.ts";

const inputs = {
  image: { kind: "image", axes: "yx", description: "One exposure" },
  columns: { kind: "columns", description: "Its labels" },
} as const;

const outputs = {
  columns: { kind: "columns", description: "The labels with residuals, contrast and status" },
} as const;

const params = {
  polarity: {
    type: "string",
    enum: ["bright", "dark"],
    default: "bright",
    description: "Whether columns are bright or dark",
  },
  significance: {
    type: "number",
    default: 4,
    minimum: 1,
    level: "advanced",
    description: "A residual counts from this many of its standard uncertainties on",
  },
  farthest: {
    type: "number",
    default: 0.25,
    minimum: 0,
    maximum: 1,
    level: "advanced",
    description: "A residual counts from this share of the spacing on",
  },
  leastContrast: {
    type: "number",
    default: 2,
    minimum: 0,
    level: "advanced",
    description: "Least height of a column over its uncertainty",
  },
} as const;

/** A mean residual beyond this many of its uncertainties, and this long (px), is worth a warning. */
const OFFSET_SIGNIFICANCE = 6;
const OFFSET_LENGTH = 0.1;

/** `annotation.verify` */
export const verify: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: "annotation.verify",
  version: "1.0.0",
  api: "^1.0",
  summary: "Checks every label in one exposure and marks the doubtful",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ image, columns }, { polarity, significance, farthest, leastContrast }, context) {
    const spacing = medianNearestDistance(columns.columns.x, columns.columns.y);
    const known = Number.isFinite(spacing) ? spacing : 0;
    const found = measureResiduals(
      signedImage(image, polarity),
      columns,
      known,
      (fraction) => context.progress(fraction),
    );
    context.chose({ widening: found.widening });
    const offset = meanResidual(found);
    if (offset.length > OFFSET_LENGTH && offset.length > OFFSET_SIGNIFICANCE * offset.error) {
      context.warn(
        "LABELS_OFFSET",
        `columns lie ${offset.x.toFixed(2)}, ${
          offset.y.toFixed(2)
        } px from their labels on average`,
      );
    }
    const limits = { significance, farthest: farthest * known, leastContrast };
    context.progress(1);
    return {
      columns: withColumns(columns, {
        residualX: found.x,
        residualY: found.y,
        residualError: found.error,
        contrast: found.contrast,
        status: columns.columns.status.map((s, i) => statusOf(s, found, i, limits)),
      }, { residualX: "px", residualY: "px", residualError: "px" }) as Columns,
    };
  },
});

interface Limits {
  readonly significance: number;
  readonly farthest: number;
  readonly leastContrast: number;
}

function statusOf(before: string, found: Residuals, i: number, limits: Limits): string {
  if (before !== "ok" && before !== "edge") return before;
  if (Number.isNaN(found.error[i])) return before;
  if (found.contrast[i] < limits.leastContrast) return "weak";
  const residual = Math.hypot(found.x[i], found.y[i]);
  const isFar = residual > limits.farthest && residual > limits.significance * found.error[i];
  return isFar && before === "ok" ? "moved" : before;
}

/** The mean residual of all labels weighted by their certainty, and its uncertainty. */
function meanResidual({ x, y, error, contrast }: Residuals) {
  let weights = 0, sumX = 0, sumY = 0;
  for (let i = 0; i < x.length; i++) {
    if (!(error[i] > 0) || contrast[i] < 3) continue;
    const w = 1 / (error[i] * error[i]);
    weights += w;
    sumX += w * x[i];
    sumY += w * y[i];
  }
  if (weights === 0) return { x: 0, y: 0, length: 0, error: Infinity };
  const mx = sumX / weights, my = sumY / weights;
  return { x: mx, y: my, length: Math.hypot(mx, my), error: 1 / Math.sqrt(weights) };
}
