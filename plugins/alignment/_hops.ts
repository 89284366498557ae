/**
 * How sure drift is against a hop by one lattice vector.
 *
 * @module
 */
import {
  correlationAt,
  correlationsAt,
  type Correlator,
  createCorrelator,
  moveBackInPlace,
  refineExtremum,
  setOwn,
  setPair,
  type SharedBand,
  type SpectrumSet,
  windowOverlap,
} from "@core/kernels";
import { diffuseBand, type Vector } from "./_diffuse.ts";

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

/** Exposures up to this far on either side tell how sure a step is. */
const STEP_REACH = 8;
/** Lattice vectors up to this much longer than the shortest one are hops that drift may take by mistake. */
const HOP_LIMIT = 1.3;
/** What chance gives is measured up to this many lattice vectors away ... */
const NODE_REACH = 3;
/** ... and this share of the image, beyond which too little overlaps. */
const NODE_SHARE = 0.25;
/** Fewer opposite pairs do not tell it well enough. */
const LEAST_NODES = 6;
/** The step must correlate by so many standard deviations more than any hop ... */
const LEAST_DEVIATIONS = 5;
/**
 * ... and by this share of the whole correlation: without noise the edges of the window alone give 1e-4,
 * and a dozen odd columns in 256 give 0.02 to 0.08.
 */
const LEAST_SHARE = 0.002;
/** Share of an image's energy that a Hann window leaves of what a Tukey window of 0.25 does. */
const HANN_SHARE = 0.2;

/**
 * Compares every step between exposures in a row with the same step and lattice vectors.
 *
 * In a perfect crystal all places but for lattice vectors are alike. What tells them apart lies between
 * the Bragg peaks ({@linkcode diffuseBand}): there the exposures before the step are correlated with those
 * after it, at the step and at it plus lattice vectors. Opposite vectors differ by chance alone, which
 * tells whether the step's own correlation stands out.
 */
export function judgeHops(
  correlator: Correlator,
  set: SpectrumSet,
  positions: { readonly x: Float64Array; readonly y: Float64Array },
  sign: Float64Array,
  reference: number,
): HopJudgement {
  const { band } = correlator;
  const n = band.re.length;
  const runnerUp = new Float64Array(n), ambiguous = new Float64Array(n);
  const [a, b] = shortestPair(correlator);
  if (a === undefined) return { runnerUp, ambiguous };
  const nodes = b === undefined ? [] : nodesNear(a, b, set);
  const isLarge = b !== undefined && nodes.length >= LEAST_NODES;
  const diffuse = isLarge ? createCorrelator(diffuseBand(set, band, a, b)) : undefined;
  if (diffuse !== undefined) {
    for (let e = 0; e < n; e++) {
      moveBackInPlace(diffuse, e, positions.x[e], positions.y[e], sign[e]);
    }
  }
  const sums = diffuse && createStepSums(diffuse.band);
  const largest = diffuse === undefined
    ? 0
    : diffuse.band.weight.reduce((most, w) => Math.max(most, w), 0);
  for (let s = 1; s < n; s++) {
    setPair(correlator, s - 1, s);
    const ratio = hopRatio(
      correlator,
      positions.x[s] - positions.x[s - 1],
      positions.y[s] - positions.y[s - 1],
      sign[s] * sign[s - 1],
      b === undefined ? [a] : [a, b],
    );
    let isSure = false;
    if (diffuse !== undefined && sums !== undefined) {
      setStep(diffuse, sums, s);
      isSure = standsOut(diffuse, nodes, largest, s);
    }
    for (let e = 0; e < n; e++) {
      if (s <= Math.min(e, reference) || s > Math.max(e, reference)) continue;
      runnerUp[e] = Math.max(runnerUp[e], ratio);
      if (!isSure) ambiguous[e] = 1;
    }
  }
  return { runnerUp, ambiguous };
}

/** The shortest repeat vector and the next in another direction, to a fraction of a pixel. */
function shortestPair(correlator: Correlator): Vector[] {
  const [first, ...others] = correlator.band.repeats;
  if (first === undefined) return [];
  const second = others.find(({ x, y }) =>
    Math.abs(first.x * y - first.y * x) > 0.4 * Math.hypot(first.x, first.y) * Math.hypot(x, y)
  );
  setOwn(correlator);
  return [first, second].filter((r) => r !== undefined)
    .map(({ x, y }) => refineExtremum(correlator, x, y, 2 * correlator.pitch, 1));
}

/** Lattice vectors around none: one of each opposite pair, nearest first. */
function nodesNear(a: Vector, b: Vector, { plan }: SpectrumSet): Vector[] {
  const farthest = NODE_SHARE * Math.min(plan.imageWidth, plan.imageHeight);
  const nodes: Vector[] = [];
  for (let j = 0; j <= NODE_REACH; j++) {
    for (let i = j === 0 ? 1 : -NODE_REACH; i <= NODE_REACH; i++) {
      const x = i * a.x + j * b.x, y = i * a.y + j * b.y;
      if (Math.hypot(x, y) <= farthest) nodes.push({ x, y });
    }
  }
  return nodes.sort((p, q) => Math.hypot(p.x, p.y) - Math.hypot(q.x, q.y));
}

/** Sums of the spectra just before and just after a step, which goes along the exposures. */
interface StepSums {
  readonly beforeRe: Float64Array;
  readonly beforeIm: Float64Array;
  readonly afterRe: Float64Array;
  readonly afterIm: Float64Array;
}

/** The sums before exposure 0: nothing, and the first exposures. */
function createStepSums({ length, re, im }: SharedBand): StepSums {
  const sums: StepSums = {
    beforeRe: new Float64Array(length),
    beforeIm: new Float64Array(length),
    afterRe: new Float64Array(length),
    afterIm: new Float64Array(length),
  };
  for (let e = 0; e < Math.min(STEP_REACH, re.length); e++) {
    addInPlace(sums.afterRe, re[e], 1);
    addInPlace(sums.afterIm, im[e], 1);
  }
  return sums;
}

/** Goes on from step - 1: sets the correlation of the exposures before a step with those after it. */
function setStep(correlator: Correlator, sums: StepSums, step: number): void {
  const { band: { length, weight, re, im }, re: productRe, im: productIm } = correlator;
  const { beforeRe, beforeIm, afterRe, afterIm } = sums;
  moveAlong(re, step, beforeRe, afterRe);
  moveAlong(im, step, beforeIm, afterIm);
  for (let k = 0; k < length; k++) {
    productRe[k] = weight[k] * (beforeRe[k] * afterRe[k] + beforeIm[k] * afterIm[k]);
    productIm[k] = weight[k] * (beforeRe[k] * afterIm[k] - beforeIm[k] * afterRe[k]);
  }
}

function moveAlong(
  parts: readonly Float64Array[],
  step: number,
  before: Float64Array,
  after: Float64Array,
): void {
  const passed = parts[step - 1];
  addInPlace(before, passed, 1);
  addInPlace(after, passed, -1);
  if (step > STEP_REACH) addInPlace(before, parts[step - 1 - STEP_REACH], -1);
  if (step - 1 + STEP_REACH < parts.length) addInPlace(after, parts[step - 1 + STEP_REACH], 1);
}

function addInPlace(sum: Float64Array, part: Float64Array, sign: number): void {
  for (let k = 0; k < sum.length; k++) sum[k] += sign * part[k];
}

/** Whether the correlation at a step stands out of those at the nearest nodes. */
function standsOut(
  correlator: Correlator,
  nodes: readonly Vector[],
  largest: number,
  step: number,
): boolean {
  const here = correlationAt(correlator, 0, 0);
  const limit = HOP_LIMIT * Math.hypot(nodes[0].x, nodes[0].y);
  let squares = 0, nearest = -Infinity;
  for (const { x, y } of nodes) {
    const [one, opposite] = correlationsAt(correlator, x, y);
    squares += (one - opposite) ** 2 / 2;
    if (Math.hypot(x, y) <= limit) nearest = Math.max(nearest, one, opposite);
  }
  const drop = here - nearest;
  return drop > LEAST_DEVIATIONS * Math.sqrt(squares / nodes.length) &&
    drop > LEAST_SHARE * largest * wholeCorrelation(correlator.band, step);
}

/** What the exposures before and after a step would correlate by if their whole signal counted once. */
function wholeCorrelation({ noise }: SharedBand, step: number): number {
  const signal = (from: number, to: number) =>
    noise.slice(Math.max(0, from), to).reduce((sum, power) => sum + 1 / power, 0);
  return HANN_SHARE * signal(step - STEP_REACH, step) * signal(step, step + STEP_REACH);
}

/** The correlation a lattice vector away over that at the step. */
function hopRatio(
  correlator: Correlator,
  x: number,
  y: number,
  sign: number,
  hops: readonly Vector[],
): number {
  const at = (dx: number, dy: number) =>
    sign * correlationAt(correlator, x + dx, y + dy) /
    windowOverlap(correlator.band, x + dx, y + dy);
  const here = at(0, 0);
  const there = hops.flatMap((h) => [at(h.x, h.y), at(-h.x, -h.y)]);
  return here > 0 ? Math.max(0, Math.max(...there) / here) : 1;
}
