/**
 * A context for running a stage directly in a test, and what the stage told it.
 *
 * @module
 */
import type { Context } from "../../core/stage/context.ts";
import { createRandom } from "../../core/kernels/random.ts";

/** A context that records what the stage reports. */
export interface TestContext extends Context {
  readonly fractions: number[];
  readonly warnings: { code: string; message: string }[];
  readonly chosen: Record<string, number | string | boolean>;
}

/** Makes a context that runs everything inline, with a seeded random number generator. */
export function testContext(seed = 1, signal = new AbortController().signal): TestContext {
  const fractions: number[] = [];
  const warnings: { code: string; message: string }[] = [];
  const chosen: Record<string, number | string | boolean> = {};
  return {
    fractions,
    warnings,
    chosen,
    signal,
    progress: (fraction) => {
      signal.throwIfAborted();
      fractions.push(fraction);
    },
    warn: (code, message) => warnings.push({ code, message }),
    chose: (values) => Object.assign(chosen, values),
    random: createRandom(seed),
    map: (task, items) => Promise.all(items.map((item) => task.call(item))),
  };
}
