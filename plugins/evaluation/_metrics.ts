/**
 * Figures of a pairing of found and true positions.
 *
 * @module
 */
import { createKdTree, nearestNeighbor } from "@core/kernels";

/** Positions, px. */
export interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** The part of the image that counts, edges included, px. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Both sets of positions, with 1 for those that count and 0 for those in the margin. */
export interface Scene {
  readonly found: Points;
  readonly truth: Points;
  readonly foundInside: Uint8Array;
  readonly truthInside: Uint8Array;
}

/** Figures of one pairing; undefined ones are null, since JSON has no NaN. */
export type PairMetrics = {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly jaccard: number | null;
  /** Root mean square of the 2D distance of the pairs, px. */
  readonly rmse: number | null;
  /** Mean of found minus truth, px. */
  readonly biasX: number | null;
  readonly biasY: number | null;
  readonly medianDistance: number | null;
  readonly maxDistance: number | null;
  readonly matches: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
};

/** The first row with a coordinate that is not finite, or -1. */
export function firstNonFinite({ x, y }: Points): number {
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) return i;
  }
  return -1;
}

/** Which positions lie in the box; all of them without one. */
export function insideMargin(
  found: Points,
  truth: Points,
  box: Box | null,
): Pick<Scene, "foundInside" | "truthInside"> {
  return { foundInside: insideBox(found, box), truthInside: insideBox(truth, box) };
}

function insideBox({ x, y }: Points, box: Box | null): Uint8Array {
  const inside = new Uint8Array(x.length).fill(1);
  if (box === null) return inside;
  for (let i = 0; i < x.length; i++) {
    const outside = x[i] < box.left || x[i] > box.right || y[i] < box.top || y[i] > box.bottom;
    if (outside) inside[i] = 0;
  }
  return inside;
}

/**
 * Figures of a pairing. A pair counts when its true position is inside; a found position without
 * partner is false when it is inside, a true one is missed when it is inside.
 *
 * @param partner true row of each found row, or -1
 */
export function pairMetrics(scene: Scene, partner: Int32Array): PairMetrics {
  const { found, truth, foundInside, truthInside } = scene;
  const distances = new Float64Array(partner.length);
  let matches = 0, falsePositives = 0, sumX = 0, sumY = 0, sumSquare = 0;
  for (let i = 0; i < partner.length; i++) {
    const j = partner[i];
    if (j < 0) falsePositives += foundInside[i];
    if (j < 0 || truthInside[j] === 0) continue;
    const dx = found.x[i] - truth.x[j], dy = found.y[i] - truth.y[j];
    sumX += dx;
    sumY += dy;
    sumSquare += dx * dx + dy * dy;
    distances[matches++] = Math.sqrt(dx * dx + dy * dy);
  }
  let trueCount = 0;
  for (let j = 0; j < truthInside.length; j++) trueCount += truthInside[j];
  const falseNegatives = trueCount - matches;
  const sorted = distances.subarray(0, matches).sort();
  const ratio = (part: number, whole: number) => whole > 0 ? part / whole : null;
  return {
    precision: ratio(matches, matches + falsePositives),
    recall: ratio(matches, trueCount),
    f1: ratio(2 * matches, 2 * matches + falsePositives + falseNegatives),
    jaccard: ratio(matches, matches + falsePositives + falseNegatives),
    rmse: matches > 0 ? Math.sqrt(sumSquare / matches) : null,
    biasX: ratio(sumX, matches),
    biasY: ratio(sumY, matches),
    medianDistance: ratio(sorted[(matches - 1) >> 1] + sorted[matches >> 1], matches > 0 ? 2 : 0),
    maxDistance: matches > 0 ? sorted[matches - 1] : null,
    matches,
    falsePositives,
    falseNegatives,
  };
}

/** The columns of the table of pairs, by found row. */
export function pairColumns(scene: Scene, partner: Int32Array) {
  const { found, truth, truthInside } = scene;
  const rows = Float64Array.from(partner.keys()).filter((i) => partner[i] >= 0);
  const partners = rows.map((i) => partner[i]);
  const dx = rows.map((i) => found.x[i] - truth.x[partner[i]]);
  const dy = rows.map((i) => found.y[i] - truth.y[partner[i]]);
  return {
    found: rows,
    truth: partners,
    dx,
    dy,
    distance: dx.map((d, k) => Math.hypot(d, dy[k])),
    counted: partners.map((j) => truthInside[j]),
  };
}

/**
 * The chamfer distance, px: the mean distance of the found positions to the nearest true one plus
 * that of the true to the nearest found (thesis Eq. 8); null without positions on both sides.
 * Means run over the positions inside, nearest neighbors may lie in the margin.
 */
export function chamferDistance(scene: Scene): number | null {
  const forth = meanNearest(scene.found, scene.foundInside, scene.truth);
  const back = meanNearest(scene.truth, scene.truthInside, scene.found);
  return forth === null || back === null ? null : forth + back;
}

function meanNearest(from: Points, inside: Uint8Array, to: Points): number | null {
  const tree = createKdTree(to.x, to.y);
  let sum = 0, count = 0;
  for (let i = 0; i < inside.length; i++) {
    if (inside[i] === 0) continue;
    const j = nearestNeighbor(tree, from.x[i], from.y[i], -1);
    if (j < 0) return null;
    const dx = from.x[i] - to.x[j], dy = from.y[i] - to.y[j];
    sum += Math.sqrt(dx * dx + dy * dy);
    count++;
  }
  return count > 0 ? sum / count : null;
}
