/**
 * The conditions of each exposure: current, focus, astigmatism, and where the specimen was.
 *
 * @module
 */

/** What one exposure was taken with. Lengths in px. */
export interface Conditions {
  /** Expected counts at the top of a heavy column, above background. */
  readonly counts: number;
  /** Standard deviations of a column, sigmaX along `angle` (rad). */
  readonly sigmaX: number;
  readonly sigmaY: number;
  readonly angle: number;
  /** Where the specimen is, relative to exposure 0, on the mean over the scan. */
  readonly driftX: number;
  readonly driftY: number;
  /** How far it moves during the scan. */
  readonly moveX: number;
  readonly moveY: number;
}

/** What {@linkcode planExposures} needs; lengths in px. */
export interface ConditionRanges {
  readonly exposures: number;
  readonly countsMin: number;
  readonly countsMax: number;
  readonly sigma: number;
  readonly defocusSpread: number;
  readonly astigmatism: number;
  readonly driftStep: number;
  readonly driftTotal: number;
  /** Share of the motion from one exposure to the next that goes on during the scan. */
  readonly scanDrift: number;
}

/** Draws the conditions of all exposures. */
export function planExposures(ranges: ConditionRanges, random: () => number): Conditions[] {
  const n = ranges.exposures;
  const counts = shuffle(equalRatios(ranges.countsMin, ranges.countsMax, n), random);
  const blur = shuffle(equalSteps(1 + ranges.defocusSpread, 1, n), random);
  const path = walk(ranges, random);
  return Array.from({ length: n }, (_, e) => {
    const sigma = ranges.sigma * blur[e];
    const stretch = Math.sqrt(1 + ranges.astigmatism * random());
    const before = Math.max(0, e - 1), after = Math.min(n - 1, e + 1);
    const share = after > before ? ranges.scanDrift / (after - before) : 0;
    return {
      counts: counts[e],
      sigmaX: sigma * stretch,
      sigmaY: sigma / stretch,
      angle: Math.PI * random(),
      driftX: path.x[e],
      driftY: path.y[e],
      moveX: share * (path.x[after] - path.x[before]),
      moveY: share * (path.y[after] - path.y[before]),
    };
  });
}

/** Values in equal steps from one end to the other; the second end alone for one value. */
export function equalSteps(first: number, last: number, n: number): number[] {
  return Array.from({ length: n }, (_, k) => n === 1 ? last : first + (last - first) * k / (n - 1));
}

/** The same in equal ratios, both ends exact. */
function equalRatios(first: number, last: number, n: number): number[] {
  const values = equalSteps(Math.log(first), Math.log(last), n).map(Math.exp);
  values[0] = first;
  values[n - 1] = last;
  return values;
}

/** Fisher and Yates. */
export function shuffle(values: number[], random: () => number): number[] {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor((i + 1) * random());
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values;
}

/**
 * A random walk in steps of up to `driftStep`, less its own net motion, plus a steady drift of
 * `driftTotal` in a random direction.
 */
function walk({ exposures: n, driftStep, driftTotal }: ConditionRanges, random: () => number) {
  const direction = 2 * Math.PI * random();
  const x = new Float64Array(n), y = new Float64Array(n);
  for (let e = 1; e < n; e++) {
    const length = driftStep * Math.sqrt(random()), angle = 2 * Math.PI * random();
    x[e] = x[e - 1] + length * Math.cos(angle);
    y[e] = y[e - 1] + length * Math.sin(angle);
  }
  const lastX = x[n - 1], lastY = y[n - 1];
  for (let e = 1; e < n; e++) {
    const part = e / (n - 1);
    x[e] += part * (driftTotal * Math.cos(direction) - lastX);
    y[e] += part * (driftTotal * Math.sin(direction) - lastY);
  }
  return { x, y };
}
