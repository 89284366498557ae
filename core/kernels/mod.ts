/**
 * Pure numerics that stages share, as `@core/kernels`.
 *
 * @module
 */
export { createRandom, normalRandom, poissonRandom } from "./random.ts";
export {
  createKdTree,
  type KdTree,
  medianNearestDistance,
  nearestDistances,
  nearestNeighbor,
  nearestNeighbors,
  neighborsWithin,
} from "./k_d_tree.ts";
export { MAX_CANDIDATE_PAIRS, mutualNearest, strictMatching } from "./matching.ts";
