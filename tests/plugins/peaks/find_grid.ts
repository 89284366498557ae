/**
 * FindFoci on small grids, with everything off that is not asked for.
 *
 * @module
 */
import fc from "fast-check";
import { findFoci, type Foci, type FociOptions } from "../../../plugins/peaks/_foci.ts";
import { createVolume } from "../../../plugins/peaks/_volume.ts";

/** Parameters that change nothing. */
export const DEFAULTS: FociOptions = {
  integer: false,
  compatible: false,
  backgroundMethod: "absolute",
  background: 0,
  threshold: "otsu",
  statistics: "both",
  search: "above-background",
  searchFraction: 0.3,
  heightMethod: "absolute",
  height: 0,
  minimumSize: 1,
  minimumAboveSaddle: true,
  connected: false,
  maximumSize: 0,
  removeEdge: false,
  border: "all",
  smoothness: 0,
  center: "maximum",
  centerRadius: 2,
  sort: "total",
  maximumPeaks: 0,
};

/** Pixels row by row, slice by slice. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  /** 1 unless given. */
  readonly depth?: number;
  readonly values: readonly number[];
}

/** Finds the peaks of a grid. */
export function find(
  { width, height, depth = 1, values }: Grid,
  options: Partial<FociOptions> = {},
  excluded?: readonly number[],
): Foci {
  const searched = Float32Array.from(values);
  return findFoci(
    {
      volume: createVolume(width, height, depth),
      original: excluded ? searched.slice() : searched,
      searched,
      excluded: excluded ? Uint8Array.from(excluded) : null,
      box: { left: 0, top: 0, right: width - 1, bottom: height - 1 },
    },
    { ...DEFAULTS, ...options },
    () => {},
  );
}

/** The rows of a picture in numbers parted by spaces. */
export function grid(...rows: readonly string[]): Grid {
  const values = rows.map((row) => row.trim().split(/\s+/).map(Number));
  return { width: values[0].length, height: values.length, values: values.flat() };
}

/** Grids of few levels up to this size: ties, plateaus and shelves everywhere. */
export function grids(largest: number, deepest: number): fc.Arbitrary<Required<Grid>> {
  const side = fc.integer({ min: 1, max: largest });
  return fc.tuple(side, side, fc.integer({ min: 1, max: deepest })).chain((
    [width, height, depth],
  ) => {
    const length = width * height * depth;
    return fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      depth: fc.constant(depth),
      values: fc.integer({ min: 2, max: 40 }).chain((levels) =>
        fc.array(fc.integer({ min: 0, max: levels }), { minLength: length, maxLength: length })
      ),
    });
  });
}

/** Rules of merging, in whole numbers but for shares of the height. */
export const rules = fc.record({
  background: fc.integer({ min: 0, max: 5 }),
  height: fc.integer({ min: 0, max: 8 }),
  heightMethod: fc.constantFrom("absolute" as const, "relative-above-background" as const),
  minimumSize: fc.integer({ min: 1, max: 12 }),
  minimumAboveSaddle: fc.boolean(),
  connected: fc.boolean(),
}).map((rule) => rule.heightMethod === "absolute" ? rule : { ...rule, height: rule.height / 10 });

/** Rules whose heights are levels. */
export const wholeRules = rules.filter((rule) =>
  rule.heightMethod === "absolute" && rule.height >= 1
);
