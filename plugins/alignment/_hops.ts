/**
 * How sure drift is against a hop by one lattice vector.
 *
 * @module
 */
import {
  correlationAt,
  type Correlator,
  refineExtremum,
  setOwn,
  setPair,
  windowOverlap,
} from "@core/kernels";

/** What speaks against a hop of each exposure. */
export interface HopJudgement {
  /**
   * Each exposure's correlation one lattice vector away over that at its drift, both corrected for
   * the overlap of the windows; 0 without a lattice.
   */
  readonly runnerUp: Float64Array;
  /** 1 where the runner-up is within the noise. */
  readonly ambiguous: Float64Array;
}

/** Pairs up to this far apart tell how sure a step is. */
const STEP_REACH = 3;
/** Vectors up to this much longer than the shortest one are hops that drift may take by mistake. */
const HOP_LIMIT = 1.3;
const MOST_HOPS = 3;
/** A hop must lower the correlation by this many standard deviations of such differences ... */
const LEAST_DEVIATIONS = 5;
/**
 * ... and by this share. Noise that stays with the detector and slow changes of the lattice's image
 * shift correlations by as much.
 */
const LEAST_SHARE = 0.003;

/**
 * Compares every step between exposures in a row with the same step and a lattice vector.
 *
 * The correlations of the pairs that span the step are compared with those a lattice vector farther. In a
 * perfect crystal both are equal but for noise. The noise is taken from opposite vectors, which
 * without it differ from the right place by the same amount.
 */
export function judgeHops(
  correlator: Correlator,
  positions: { readonly x: Float64Array; readonly y: Float64Array },
  sign: Float64Array,
  reference: number,
): HopJudgement {
  const { band } = correlator;
  const n = band.re.length;
  const runnerUp = new Float64Array(n), ambiguous = new Float64Array(n);
  const hops = exactRepeats(correlator);
  if (hops.length === 0) return { runnerUp, ambiguous };
  const pairs: { from: number; to: number; here: number; there: number[] }[] = [];
  for (let to = 1; to < n; to++) {
    for (let from = Math.max(0, to - STEP_REACH); from < to; from++) {
      setPair(correlator, from, to);
      const x = positions.x[to] - positions.x[from], y = positions.y[to] - positions.y[from];
      const at = (dx: number, dy: number) =>
        sign[from] * sign[to] * correlationAt(correlator, x + dx, y + dy) /
        windowOverlap(band, x + dx, y + dy);
      const there = hops.flatMap((h) => [at(h.x, h.y), at(-h.x, -h.y)]);
      pairs.push({ from, to, here: at(0, 0), there });
    }
  }
  const steps: { ratio: number; drop: number; variance: number }[] = [];
  for (let s = 1; s < n; s++) {
    const spanning = pairs.filter((p) => p.from < s && s <= p.to);
    const here = mean(spanning.map((p) => p.here));
    const there = hops.flatMap((_, h) =>
      [2 * h, 2 * h + 1].map((side) => mean(spanning.map((p) => p.there[side])))
    );
    const best = Math.max(...there);
    const variance = mean(hops.map((_, h) => (there[2 * h] - there[2 * h + 1]) ** 2 / 2));
    steps.push({ ratio: here > 0 ? Math.max(0, best / here) : 1, drop: here - best, variance });
  }
  // few opposite vectors tell little of one step's noise, so half of it is that of all steps
  const common = mean(steps.map((step) => step.variance));
  const isUnsure = steps.map(({ ratio, drop, variance }) =>
    ratio > 1 - LEAST_SHARE || drop < LEAST_DEVIATIONS * Math.sqrt((variance + common) / 2)
  );
  for (let e = 0; e < n; e++) {
    for (let s = Math.min(e, reference); s < Math.max(e, reference); s++) {
      runnerUp[e] = Math.max(runnerUp[e], steps[s].ratio);
      if (isUnsure[s]) ambiguous[e] = 1;
    }
  }
  return { runnerUp, ambiguous };
}

/** The shortest repeat vectors to a fraction of a pixel: a hop beside one would look worse than it is. */
function exactRepeats(correlator: Correlator): { x: number; y: number }[] {
  const [shortest] = correlator.band.repeats;
  if (shortest === undefined) return [];
  const limit = HOP_LIMIT * Math.hypot(shortest.x, shortest.y);
  setOwn(correlator);
  return correlator.band.repeats.filter((r) => Math.hypot(r.x, r.y) <= limit).slice(0, MOST_HOPS)
    .map(({ x, y }) => refineExtremum(correlator, x, y, 2 * correlator.pitch, 1));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}
