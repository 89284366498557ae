/**
 * The summary of column intensities: a JSON value of a type of its own.
 *
 * @module
 */
import type { FromSchema } from "@core";

/** What a summary holds; the host checks every value against it, and TypeScript infers its type. */
export const SUMMARY_SCHEMA = {
  type: "object",
  required: ["count"],
  additionalProperties: false,
  properties: {
    count: { type: "integer", minimum: 0, description: "Number of whole cells with pixels" },
    meanIntensity: { type: "number", description: "Mean of their intensities; missing for none" },
    cv: {
      type: "number",
      minimum: 0,
      description: "Standard deviation over mean; missing for fewer than two or a mean not above 0",
    },
  },
} as const;

/** Count, mean and spread of intensities. */
export type IntensitySummary = FromSchema<typeof SUMMARY_SCHEMA>;

/** Sums up the intensities of n cells that have pixels, none of them on the border. */
export function summarize(
  area: Float64Array,
  total: Float64Array,
  edge: Float64Array,
): IntensitySummary {
  // sorted, so that the order of the rows does not change the last digit
  const whole = total.filter((_, c) => area[c] > 0 && edge[c] === 0).sort();
  const count = whole.length;
  const meanIntensity = whole.reduce((sum, v) => sum + v, 0) / count;
  if (!Number.isFinite(meanIntensity)) return { count };
  const squares = whole.reduce((sum, v) => sum + (v - meanIntensity) ** 2, 0);
  const cv = Math.sqrt(squares / (count - 1)) / meanIntensity;
  return meanIntensity > 0 && Number.isFinite(cv)
    ? { count, meanIntensity, cv }
    : { count, meanIntensity };
}
