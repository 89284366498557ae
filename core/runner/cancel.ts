/**
 * Cancelling through a flag in shared memory, which a thread sees that is too busy for messages.
 *
 * @module
 */

/** A cancel flag in shared memory, as hooks that ask it and as a signal for a stage that waits. */
export interface CancelHooks {
  readonly signal: AbortSignal;
  cancelled(): boolean;
  /** Forgets the flag, once the call is over. */
  release(): void;
}

/** Makes the hooks of a cancel flag: one number, not 0 once the call is cancelled. */
export function cancelHooks(flag: Int32Array): CancelHooks {
  const controller = new AbortController();
  const cancelled = () => Atomics.load(flag, 0) !== 0;
  const waiting = Atomics.waitAsync(flag, 0, 0);
  Promise.resolve(waiting.value).then(() => {
    if (cancelled()) controller.abort();
  });
  return {
    signal: controller.signal,
    cancelled,
    release: () => void Atomics.notify(flag, 0),
  };
}

/** Raises a cancel flag. */
export function raiseCancel(flag: Int32Array): void {
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}
