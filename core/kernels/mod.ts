/**
 * Pure numerics that stages share, as `@core/kernels`.
 *
 * @module
 */
export { createRandom, normalRandom, poissonRandom } from "./random.ts";
