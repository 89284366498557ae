/**
 * Which memory of a value goes along when it is posted to another thread.
 *
 * @module
 */

/**
 * The memory of the typed arrays in a value that is a thread's own, each piece once: in a transfer list it
 * is moved, neither copied nor left behind. Shared memory is not in it: both threads see that anyway.
 *
 * The engine frees shared memory late, since no thread's heap feels its size; moved memory is felt by
 * the thread that has it.
 */
export function movable(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  collect(value, found);
  return [...found];
}

function collect(value: unknown, found: Set<ArrayBuffer>): void {
  if (value === null || typeof value !== "object") return;
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
    return;
  }
  for (const item of Array.isArray(value) ? value : Object.values(value)) collect(item, found);
}
