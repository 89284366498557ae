/**
 * The two-pass scheme: a chain of limited steps from exposure to exposure, then all pairs near what the
 * chain predicts, and how sure each step is against a hop by one lattice vector.
 *
 * @module
 */
import { type Band, windowOverlap } from "./_band.ts";
import {
  correlatePairs,
  correlationAt,
  createGrid,
  type Grid,
  highestWithin,
  refineMaximum,
} from "./_correlate.ts";
import { type Difference, type Positions, solvePositions } from "./_network.ts";

/** What the scheme is told. */
export interface SchemeOptions {
  readonly reference: number;
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
export interface SchemeResult extends Positions {
  /** 1 or -1: contrast relative to the reference. */
  readonly sign: Float64Array;
  /** Highest correlation of each exposure with any other, without noise 1 for equal ones. */
  readonly correlation: Float64Array;
  /**
   * Each exposure's correlation one lattice vector away over that at its drift, both corrected for
   * the overlap of the windows; 0 without a lattice.
   */
  readonly runnerUp: Float64Array;
  /** 1 where the runner-up is within the noise. */
  readonly ambiguous: Float64Array;
}

/** Pairs farther apart in the series than this are left out: they add little and cost most. */
const PAIR_REACH = 24;
/** Pairs up to this far apart tell how sure a step is. */
const STEP_REACH = 3;
/** A step is ambiguous when a hop lowers the correlation by less than this share ... */
const AMBIGUOUS_SHARE = 0.02;
/** ... or by fewer than this many standard deviations of such differences. */
const AMBIGUOUS_DEVIATIONS = 4;

/** Runs the scheme; `report` is called after every pair of correlations. */
export function alignTwoPass(
  band: Band,
  options: SchemeOptions,
  report: (fraction: number) => void,
): SchemeResult {
  const n = band.re.length;
  const grid = createGrid(band);
  const chainPairs = pairsOf(n, 1), allPairs = pairsOf(n, PAIR_REACH);
  const total = chainPairs.length + 2 * allPairs.length;
  let done = 0;
  const tick = (count: number) => report((done += count) / total);

  const sign = new Float64Array(n).fill(1);
  const start = { x: new Float64Array(n), y: new Float64Array(n) };
  forEachCorrelation(band, grid, chainPairs, tick, ([i, j], values) => {
    const top = highestWithin(grid, values, 0, 0, options.maxStep, options.either);
    start.x[j] = start.x[i] + (top?.x ?? 0);
    start.y[j] = start.y[i] + (top?.y ?? 0);
    sign[j] = options.either && top !== undefined && top.value < 0 ? -sign[i] : sign[i];
  });

  const correlation = new Float64Array(n);
  let positions: Pick<Positions, "x" | "y"> = start;
  let solved: Positions | undefined;
  for (let pass = 0; pass < 2; pass++) {
    const differences: Difference[] = [];
    correlation.fill(-1);
    const { x, y } = positions;
    forEachCorrelation(band, grid, allPairs, tick, ([i, j], values) => {
      const signed = sign[i] * sign[j];
      const searched = signed < 0 ? values.map((v) => -v) : values;
      const px = x[j] - x[i], py = y[j] - y[i];
      const top = highestWithin(grid, searched, px, py, options.searchRadius, false);
      if (top === undefined) return;
      const reach = 1.5 * Math.max(grid.pitchX, grid.pitchY);
      const found = refineMaximum(band, i, j, top.x, top.y, reach);
      differences.push({
        from: i,
        to: j,
        x: onGrid(found.x, options.gridStep),
        y: onGrid(found.y, options.gridStep),
        error: found.error,
      });
      for (const e of [i, j]) correlation[e] = Math.max(correlation[e], signed * found.value);
    });
    solved = solvePositions(n, options.reference, differences);
    positions = solved;
  }
  const reference = sign[options.reference];
  return {
    ...solved!,
    sign: sign.map((s) => s * reference),
    correlation,
    ...judgeHops(band, solved!, sign, options.reference),
  };
}

/** Pairs (i, j), i < j, at most `reach` apart, nearest first in the order of the series. */
function pairsOf(n: number, reach: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let j = 1; j < n; j++) {
    for (let i = Math.max(0, j - reach); i < j; i++) pairs.push([i, j]);
  }
  return pairs;
}

/** Correlates pairs two at a time, which is what one transform gives. */
function forEachCorrelation(
  band: Band,
  grid: Grid,
  pairs: readonly [number, number][],
  tick: (count: number) => void,
  use: (pair: [number, number], values: Float64Array) => void,
): void {
  for (let p = 0; p < pairs.length; p += 2) {
    correlatePairs(band, grid, pairs[p], pairs[p + 1]);
    use(pairs[p], grid.re);
    if (p + 1 < pairs.length) use(pairs[p + 1], grid.im);
    tick(Math.min(2, pairs.length - p));
  }
}

/**
 * How much worse every exposure would fit, had it and all after it hopped by a lattice vector.
 *
 * For the step between two exposures in a row, the correlations of the pairs that span it are compared
 * with those one lattice vector away. In a perfect crystal both are equal but for the noise.
 */
function judgeHops(
  band: Band,
  positions: Pick<Positions, "x" | "y">,
  sign: Float64Array,
  reference: number,
): Pick<SchemeResult, "runnerUp" | "ambiguous"> {
  const n = band.re.length;
  const runnerUp = new Float64Array(n), ambiguous = new Float64Array(n);
  const [shortest] = band.repeats;
  if (shortest === undefined) return { runnerUp, ambiguous };
  const limit = 1.3 * Math.hypot(shortest.x, shortest.y);
  const hops = band.repeats.filter((r) => Math.hypot(r.x, r.y) <= limit).slice(0, 3)
    .flatMap(({ x, y }) => [{ x, y }, { x: -x, y: -y }]);
  const pairs = pairsOf(n, STEP_REACH);
  const pixels = pairs.map(([i, j]) => {
    const x = positions.x[j] - positions.x[i], y = positions.y[j] - positions.y[i];
    const at = (dx: number, dy: number) =>
      sign[i] * sign[j] * correlationAt(band, i, j, x + dx, y + dy) /
      windowOverlap(band, x + dx, y + dy);
    return { here: at(0, 0), there: hops.map((h) => at(h.x, h.y)) };
  });
  const step = new Float64Array(n), unsure = new Uint8Array(n);
  for (let s = 1; s < n; s++) {
    const spanning = pixels.filter((_, p) => pairs[p][0] < s && s <= pairs[p][1]);
    const here = mean(spanning.map((p) => p.here));
    let best = -Infinity, deviations = 0;
    for (let h = 0; h < hops.length; h += 2) {
      // half the difference of opposite hops is noise, as is its spread over pairs
      const forth = mean(spanning.map((p) => p.there[h]));
      const back = mean(spanning.map((p) => p.there[h + 1]));
      const top = Math.max(forth, back);
      if (top > best) {
        best = top;
        const noise = Math.abs(forth - back) / Math.SQRT2 + 1e-12;
        deviations = (here - top) / noise;
      }
    }
    step[s] = here > 0 ? Math.max(0, best / here) : 1;
    unsure[s] = step[s] > 1 - AMBIGUOUS_SHARE || deviations < AMBIGUOUS_DEVIATIONS / 2 &&
        step[s] > 1 - 3 * AMBIGUOUS_SHARE
      ? 1
      : 0;
  }
  for (let e = 0; e < n; e++) {
    const [from, to] = e > reference ? [reference + 1, e] : [e + 1, reference];
    for (let s = from; s <= to; s++) {
      runnerUp[e] = Math.max(runnerUp[e], step[s]);
      if (unsure[s]) ambiguous[e] = 1;
    }
  }
  return { runnerUp, ambiguous };
}

function onGrid(value: number, step: number): number {
  return step > 0 ? Math.round(value / step) * step : value;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}
