/**
 * From expected counts to a recorded image.
 *
 * @module
 */
import { normalRandom, poissonRandom } from "@core/kernels";

/** How counts are recorded. */
export interface Detector {
  readonly poisson: boolean;
  /** Counts that one electron makes. */
  readonly gain: number;
  /** Standard deviation of the noise added after counting, counts. */
  readonly readNoise: number;
  /** Level without any electron, counts. */
  readonly offset: number;
  /** Largest value of a whole-number detector; 0 for one that records fractions. */
  readonly ceiling: number;
}

/** Records the pixels from `first` up to `last`; returns how many of them went over the ceiling. */
export function record(
  expected: Float64Array,
  detector: Detector,
  random: () => number,
  first: number,
  last: number,
  out: Float32Array,
): number {
  const { poisson, gain, readNoise, offset, ceiling } = detector;
  let saturated = 0;
  for (let i = first; i < last; i++) {
    let value = poisson ? gain * poissonRandom(expected[i] / gain, random) : expected[i];
    if (readNoise > 0) value += readNoise * normalRandom(random);
    value += offset;
    if (ceiling > 0) {
      value = Math.max(0, Math.round(value));
      if (value > ceiling) {
        value = ceiling;
        saturated++;
      }
    }
    out[i] = value;
  }
  return saturated;
}
