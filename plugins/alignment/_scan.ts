/**
 * What steady drift does to an exposure while it is scanned row by row.
 *
 * @module
 */

/**
 * How far the specimen moves while one row is scanned, in each exposure: the mean of the drift since the
 * exposure before and until the next over the rows of a frame, so that nothing may pass between frames.
 *
 * What lies in row y of the exposure is off by rate (y - yc) for the middle row yc, to first order in the
 * rate: a shear for the rate along x, a change of scale for that along y. The reference has its own.
 */
export function scanRates(drift: Float64Array, height: number): Float64Array {
  const last = drift.length - 1;
  return drift.map((_, e) => {
    const before = Math.max(0, e - 1), after = Math.min(last, e + 1);
    return (drift[after] - drift[before]) / (after - before) / height;
  });
}
