/**
 * The spread of most values, whatever a few of them are.
 *
 * @module
 */
import { medianInPlace } from "@core/kernels";

/** From the median distance from the median to the standard deviation of a Gaussian. */
const TO_DEVIATION = 1.4826;

/** The standard deviation of most values; what they were is lost. NaN of none. */
export function robustSpreadInPlace(values: Float64Array): number {
  const middle = medianInPlace(values);
  for (let i = 0; i < values.length; i++) values[i] = Math.abs(values[i] - middle);
  return TO_DEVIATION * medianInPlace(values);
}
