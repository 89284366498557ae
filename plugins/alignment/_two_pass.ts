/**
 * The two-pass scheme: a chain of limited steps from exposure to exposure, then all pairs near what the
 * chain predicts.
 *
 * @module
 */
import {
  type Correlator,
  createCorrelationGrid,
  createCorrelator,
  placePair,
  type Point,
  refineExtremum,
  searchNear,
  searchWide,
  setPair,
  type SharedBand,
  type SpectrumSet,
} from "@core/kernels";
import { type HopJudgement, judgeHops } from "./_hops.ts";
import { type Difference, type Positions, solvePositions } from "./_network.ts";

/** What the scheme is told. */
export interface SchemeOptions {
  /** Exposure whose drift is 0; auto is that which correlates best with the others. */
  readonly reference: number | "auto";
  /** Longest step between exposures in a row, px. */
  readonly maxStep: number;
  /** How far from its prediction a pair is searched, px. */
  readonly searchRadius: number;
  /** Whether contrast may be inverted between exposures. */
  readonly either: boolean;
  /** Maxima are rounded to multiples of this, px; 0 leaves them exact. */
  readonly gridStep: number;
}

/** Drift and what is known about its quality. */
export interface SchemeResult extends Positions, HopJudgement {
  /** 1 or -1: contrast relative to the reference. */
  readonly sign: Float64Array;
  /** The exposure whose drift is 0. */
  readonly reference: number;
  /** Highest correlation of each exposure with any of the largest group; 1 for equal ones without noise. */
  readonly correlation: Float64Array;
  /** The same in the direction in which they agree least. */
  readonly agreement: Float64Array;
  /** Whether each exposure belongs to the largest group of exposures that correlate. */
  readonly connected: readonly boolean[];
}

/** Pairs farther apart in the series than this are left out: they add little and cost most. */
const PAIR_REACH = 24;
/**
 * Exposures of one region correlate at least so well, in all directions (0.6 in noisy real sets); a lattice
 * turned by 5 degrees by at most 0.2, and one that shares rows with the others hardly along the rows.
 */
export const LEAST_CORRELATION = 0.3;
/** A search farther than this many pitches is done by a transform of the whole plane. */
const NEAR_PITCHES = 16;

/** Runs the scheme; `report` is called after every pair of exposures. */
export function alignTwoPass(
  band: SharedBand,
  set: SpectrumSet,
  options: SchemeOptions,
  report: (fraction: number) => void,
): SchemeResult {
  const n = band.re.length;
  const correlator = createCorrelator(band);
  const search = createSearch(correlator);
  const pairs = pairsOf(n);
  // where nothing repeats no hop is to be feared, and all pairs in a wide search would take long
  const radius = Math.min(options.searchRadius, NEAR_PITCHES * correlator.pitch);
  const total = n - 1 + 2 * pairs.length;
  let done = 0;

  const sign = new Float64Array(n).fill(1);
  let x: Float64Array = new Float64Array(n), y: Float64Array = new Float64Array(n);
  for (let j = 1; j < n; j++) {
    const i = j - 1;
    setPair(correlator, i, j);
    const top = search({ x: 0, y: 0 }, options.maxStep, options.either);
    const up = options.either && top.value < 0 ? -1 : 1;
    const step = refineExtremum(correlator, top.x, top.y, 2 * correlator.pitch, up);
    sign[j] = sign[i] * up;
    x[j] = x[i] + step.x;
    y[j] = y[i] + step.y;
    report(++done / total);
  }

  let solved: Positions | undefined;
  const values = new Float64Array(pairs.length), agreements = new Float64Array(pairs.length);
  for (let pass = 0; pass < 2; pass++) {
    const differences: Difference[] = [];
    for (const [p, [i, j]] of pairs.entries()) {
      setPair(correlator, i, j);
      const predicted = { x: x[j] - x[i], y: y[j] - y[i] };
      const signed = sign[i] * sign[j];
      // the second time the prediction is good enough to start from
      const start = pass === 0 ? search(predicted, radius, false, signed) : predicted;
      const found = placePair(correlator, i, j, start, 2 * correlator.pitch, signed);
      values[p] = signed * found.value;
      agreements[p] = found.agreement;
      differences.push({
        from: i,
        to: j,
        x: onGrid(found.x, options.gridStep),
        y: onGrid(found.y, options.gridStep),
        error: found.error,
      });
      report(++done / total);
    }
    solved = solvePositions(n, 0, differences);
    x = solved.x;
    y = solved.y;
  }
  const reference = options.reference === "auto"
    ? bestReference(band, pairs, values)
    : options.reference;
  return {
    ...solved!,
    ...judgeHops(correlator, set, solved!, sign, reference),
    ...groupByCorrelation(n, pairs, values, agreements),
    reference,
    x: x.map((v) => v - x[reference]),
    y: y.map((v) => v - y[reference]),
    sign: sign.map((s) => s * sign[reference]),
  };
}

/** The exposure of the highest mean correlation with the others, noise counted: the first of equals. */
function bestReference(
  { signal }: SharedBand,
  pairs: readonly (readonly [number, number])[],
  values: Float64Array,
): number {
  const sum = new Float64Array(signal.length), count = new Float64Array(signal.length);
  for (const [p, pair] of pairs.entries()) {
    // values leave noise out; with it equal exposures correlate by the share of signal in them
    const value = values[p] * Math.sqrt(signal[pair[0]] * signal[pair[1]]);
    for (const e of pair) {
      sum[e] += value;
      count[e]++;
    }
  }
  const means = sum.map((s, e) => s / count[e]);
  return means.indexOf(Math.max(...means));
}

/** Pairs (i, j), i < j, not too far apart in the series. */
function pairsOf(n: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let j = 1; j < n; j++) {
    for (let i = Math.max(0, j - PAIR_REACH); i < j; i++) pairs.push([i, j]);
  }
  return pairs;
}

type Search = (
  center: { x: number; y: number },
  radius: number,
  either: boolean,
  sign?: number,
) => Point;

/** A search that takes the cheaper way for its radius. */
function createSearch(correlator: Correlator): Search {
  let grid: ReturnType<typeof createCorrelationGrid> | undefined;
  return ({ x, y }, radius, either, sign = 1) => {
    if (sign < 0) negateInPlace(correlator);
    const isNear = radius <= NEAR_PITCHES * correlator.pitch;
    const found = isNear
      ? searchNear(correlator, x, y, radius, either)
      : searchWide(correlator, grid ??= createCorrelationGrid(correlator), x, y, radius, either);
    if (sign < 0) negateInPlace(correlator);
    return found;
  };
}

function negateInPlace({ re, im }: Correlator): void {
  for (let k = 0; k < re.length; k++) {
    re[k] = -re[k];
    im[k] = -im[k];
  }
}

/** The largest group of exposures that hang together by pairs that correlate (the first of equals). */
function groupByCorrelation(
  n: number,
  pairs: readonly (readonly [number, number])[],
  values: Float64Array,
  agreements: Float64Array,
): Pick<SchemeResult, "correlation" | "agreement" | "connected"> {
  const group = Int32Array.from({ length: n }, (_, e) => e);
  for (const [p, [i, j]] of pairs.entries()) {
    if (Math.min(values[p], agreements[p]) < LEAST_CORRELATION) continue;
    const [from, to] = [group[j], group[i]];
    for (let e = 0; e < n; e++) if (group[e] === from) group[e] = to;
  }
  const sizes = new Int32Array(n);
  for (const g of group) sizes[g]++;
  const largest = sizes.indexOf(Math.max(...sizes));
  const connected = Array.from(group, (g) => g === largest);
  const correlation = new Float64Array(n).fill(-1), agreement = new Float64Array(n).fill(-1);
  for (const [p, [i, j]] of pairs.entries()) {
    for (const [e, other] of [[i, j], [j, i]]) {
      if (!connected[other]) continue;
      correlation[e] = Math.max(correlation[e], values[p]);
      agreement[e] = Math.max(agreement[e], Math.min(values[p], agreements[p]));
    }
  }
  return { correlation, agreement, connected };
}

function onGrid(value: number, step: number): number {
  return step > 0 ? Math.round(value / step) * step : value;
}
