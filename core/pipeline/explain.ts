/**
 * Explains a pipeline without running it: what is cached, what would run, and why.
 *
 * @module
 */
import type { ActionRequest } from "../store/store.ts";

/** What would happen to one step. */
export interface StepExplanation {
  readonly step: string;
  readonly stage: string;
  readonly state: "cached" | "runs" | "waits";
  /** Why it runs, or what it waits for. */
  readonly reason: string;
}

/** The first difference between a request and the most alike request that is cached. */
export function whyNotCached(wanted: ActionRequest, cached: readonly ActionRequest[]): string {
  if (cached.length === 0) return "it has not run before";
  let best: string[] | undefined;
  for (const other of cached) {
    const differences = requestDifferences(wanted, other);
    if (best === undefined || differences.length < best.length) best = differences;
  }
  return best!.length === 0 ? "its result is gone from the store" : best!.join("; ");
}

function requestDifferences(wanted: ActionRequest, other: ActionRequest): string[] {
  const found: string[] = [];
  if (wanted.version !== other.version) {
    found.push(`the stage changed from version ${other.version} to ${wanted.version}`);
  } else if (wanted.code !== other.code) {
    found.push("the code of the stage changed");
  }
  for (const port of union(wanted.inputs, other.inputs)) {
    if (wanted.inputs[port] !== other.inputs[port]) found.push(`input "${port}" changed`);
  }
  for (const name of union(wanted.params, other.params)) {
    const [now, before] = [JSON.stringify(wanted.params[name]), JSON.stringify(other.params[name])];
    if (now !== before) found.push(`parameter "${name}" changed from ${before} to ${now}`);
  }
  if (wanted.seed !== other.seed) {
    found.push(`the seed changed from ${other.seed} to ${wanted.seed}`);
  }
  return found;
}

function union(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}
