/**
 * The split of a data set into training, validation and test, region by region.
 *
 * @module
 */
import { AdatomError } from "@core";
import type { SetOptions, SplitSide } from "./_set_parts.ts";

/** The sides in the order reports list them. */
export const SPLIT_SIDES: readonly SplitSide[] = ["train", "validation", "test"];

const DEFAULT_SHARES: Readonly<Record<SplitSide, number>> = {
  train: 0.7,
  validation: 0.15,
  test: 0.15,
};

/**
 * The side of each set. Exposures of one region never land on two sides: the regions are ordered
 * by a hash of their names, so that neither the order of the sets nor chance plays a part, and
 * dealt out by the shares; a single region is for testing.
 *
 * @throws AdatomError REQUEST_INVALID for a set without a side, or shares that are none
 */
export function assignSplit(
  sets: readonly { readonly name: string; readonly region: string }[],
  split: SetOptions["split"],
): SplitSide[] {
  const given = Object.values(split ?? {});
  if (given.some((value) => typeof value === "string")) {
    return sets.map(({ name }) => givenSide(name, split as Record<string, SplitSide>));
  }
  const shares = (split ?? DEFAULT_SHARES) as Readonly<Record<SplitSide, number>>;
  const regions = [...new Set(sets.map(({ region }) => region))]
    .sort((a, b) => hash(a) - hash(b) || (a < b ? -1 : 1));
  const counts = dealOut(regions.length, shares);
  const sides = SPLIT_SIDES.flatMap((side) => new Array<SplitSide>(counts[side]).fill(side));
  const sideOf = new Map(regions.map((region, i) => [region, sides[i]]));
  return sets.map(({ region }) => sideOf.get(region) as SplitSide);
}

function givenSide(name: string, split: Readonly<Record<string, SplitSide>>): SplitSide {
  const side = Object.hasOwn(split, name) ? split[name] : undefined;
  if (side !== undefined && SPLIT_SIDES.includes(side)) return side;
  throw new AdatomError("REQUEST_INVALID", {
    cannot: `split set "${name}"`,
    expected: "one of train, validation, test for every set",
    got: side === undefined ? "nothing" : `"${side}"`,
  });
}

/** Whole numbers of regions nearest to the shares: test first, then by largest remainder. */
function dealOut(
  count: number,
  shares: Readonly<Record<SplitSide, number>>,
): Record<SplitSide, number> {
  const total = SPLIT_SIDES.reduce((sum, side) => sum + shares[side], 0);
  if (!(total > 0) || SPLIT_SIDES.some((side) => !(shares[side] >= 0))) {
    throw new AdatomError("REQUEST_INVALID", {
      cannot: "split the set",
      expected: "shares of train, validation and test that are not negative and not all 0",
      got: SPLIT_SIDES.map((side) => `${shares[side]}`).join(", "),
    });
  }
  const counts = { train: 0, validation: 0, test: 0 };
  // Each side that is wanted gets one region before any gets two, the test side first: a set
  // without a test side measures nothing.
  const order: SplitSide[] = (["test", "train", "validation"] as const)
    .filter((side) => shares[side] > 0);
  for (let i = 0; i < count; i++) {
    const empty = order.find((side) => counts[side] === 0);
    counts[empty ?? mostWanting(order, shares, counts, total, count)]++;
  }
  return counts;
}

function mostWanting(
  order: readonly SplitSide[],
  shares: Readonly<Record<SplitSide, number>>,
  counts: Readonly<Record<SplitSide, number>>,
  total: number,
  count: number,
): SplitSide {
  const lack = (side: SplitSide) => shares[side] / total * count - counts[side];
  return order.reduce((best, side) => lack(side) > lack(best) ? side : best);
}

/** FNV-1a over UTF-16 units, finished by a mixing step so that near names part. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
