/**
 * The context a stage runs in: everything it may use beside its inputs and parameters.
 *
 * @module
 */

/**
 * A function that can run on any worker of the pool: an export of a module, taken by name.
 * Made by {@linkcode poolTask}.
 */
export interface PoolTask<A, R> {
  readonly module: string;
  readonly name: string;
  readonly call: (argument: A) => R | Promise<R>;
}

/**
 * Names an exported function as a task for {@linkcode Context.map}.
 *
 * The function must be pure and its module must export it under its own name, since another worker
 * imports it by that name. It gives away the typed arrays of its result: they are moved to the stage, so
 * it may not keep them for its next call.
 */
export function poolTask<A, R>(
  module: string,
  call: (argument: A) => R | Promise<R>,
): PoolTask<A, R> {
  return { module, name: call.name, call };
}

/** What a stage may use beside its inputs and parameters. No files, no clock, no network. */
export interface Context {
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal;
  /** Reports a fraction done, 0 to 1, never falling; throws when the run was cancelled. */
  progress(fraction: number, note?: string): void;
  /** Records a warning: a result that is given but doubtful. */
  warn(code: string, message: string): void;
  /** Records values the stage chose by itself, as for a parameter left at "auto". */
  chose(values: Readonly<Record<string, number | string | boolean>>): void;
  /** A uniform random number in [0, 1), seeded for this step; only for stages with `random: true`. */
  random(): number;
  /** Spreads independent items over the workers of the pool; results in the items' order. */
  map<A, R>(task: PoolTask<A, R>, items: readonly A[]): Promise<R[]>;
}
