/**
 * What the stages that pair positions share: parameters, checks, and the pairing itself.
 *
 * @module
 */
import { AdatomError } from "@core";
import { MAX_CANDIDATE_PAIRS, medianNearestDistance, strictMatching } from "@core/kernels";
import { type Box, firstNonFinite, type Points } from "./_metrics.ts";

/** Share of the median nearest-neighbor distance of what is paired with that is the match radius. */
const RADIUS_SHARE = 0.35;

/** Parameters of a pairing. */
export const PAIRING_PARAMS = {
  matchRadius: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 0,
    maximum: 100_000,
    unit: "px",
    description:
      "Largest distance of a pair; auto = 0.35 x the truth's median nearest-neighbor distance",
  },
  margin: {
    type: "number",
    default: 0,
    minimum: 0,
    maximum: 100_000,
    unit: "px",
    description: "Leave out columns nearer than this to the image's border; needs width and height",
  },
  width: {
    type: "integer",
    default: "auto",
    auto: true,
    minimum: 1,
    unit: "px",
    description: "Width of the image, for the margin",
  },
  height: {
    type: "integer",
    default: "auto",
    auto: true,
    minimum: 1,
    unit: "px",
    description: "Height of the image, for the margin",
  },
} as const;

/** What positions are paired with, and for which stage. */
export interface PairingPlace {
  readonly stage: string;
  readonly port: "truth" | "second";
}

/** Refuses positions that are not finite. */
export function requireFinite(points: Points, port: string, stage: string): void {
  const row = firstNonFinite(points);
  if (row < 0) return;
  throw new AdatomError("TABLE_VALUE", {
    cannot: `compare positions of "${port}"`,
    expected: "finite x and y",
    got: `x ${points.x[row]}, y ${points.y[row]} in row ${row}`,
    hint: "remove the rows without a position",
  }, { stage, port });
}

/** The part of the image that counts, or null when all of it does. */
export function marginBox(
  { margin, width, height }: {
    readonly margin: number;
    readonly width: number | "auto";
    readonly height: number | "auto";
  },
  stage: string,
): Box | null {
  if (margin === 0) return null;
  if (width !== "auto" && height !== "auto") {
    // The image's area reaches half a pixel beyond the centers of its outer pixels.
    return {
      left: margin - 0.5,
      top: margin - 0.5,
      right: width - 0.5 - margin,
      bottom: height - 0.5 - margin,
    };
  }
  const missing = width === "auto" ? "width" : "height";
  throw new AdatomError("PARAM_CONFLICT", {
    cannot: `leave out a margin of ${margin} px`,
    expected: "the width and height of the image",
    got: `${missing} "auto"`,
    hint: `set ${missing}, or margin to 0`,
  }, { stage, param: missing });
}

/** The match radius that is wanted, or the one that fits the positions paired with. */
export function chooseRadius(
  reference: Points,
  wanted: number | "auto",
  { stage, port }: PairingPlace,
): number {
  if (wanted !== "auto") return wanted;
  const spacing = medianNearestDistance(reference.x, reference.y);
  if (spacing > 0) return RADIUS_SHARE * spacing;
  const n = reference.x.length;
  const positions = port === "truth" ? "true positions" : `positions in "${port}"`;
  const position = port === "truth" ? "true position" : `position in "${port}"`;
  throw new AdatomError("MATCH_RADIUS_NEEDED", {
    cannot: "choose the match radius",
    expected: `at least two ${positions} apart from each other`,
    got: n < 2 ? `${n} ${n === 1 ? position : positions}` : "mostly duplicates",
    hint: "set matchRadius in px",
  }, { stage, param: "matchRadius" });
}

/** The row paired with each found one, or -1: {@linkcode strictMatching}. */
export function pairStrictly(
  found: Points,
  reference: Points,
  matchRadius: number,
  { stage, port }: PairingPlace,
): Int32Array {
  const partner = new Int32Array(found.x.length);
  const { x, y } = reference;
  if (strictMatching(found.x, found.y, x, y, matchRadius, partner) >= 0) return partner;
  throw new AdatomError("PARAM_RANGE", {
    cannot: port === "truth" ? "pair found and true positions" : "pair both exposures' positions",
    expected: `at most ${MAX_CANDIDATE_PAIRS} pairs within the match radius`,
    got: `more within ${matchRadius} px`,
    hint: "set a smaller matchRadius",
  }, { stage, param: "matchRadius" });
}
