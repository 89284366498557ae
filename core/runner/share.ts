/**
 * Puts the arrays of a value into shared memory, so that workers read them without a copy.
 *
 * @module
 */

const shared = new WeakMap<ArrayBufferView, ArrayBufferView>();
const sharedObjects = new WeakMap<object, object>();

/** The same value with every typed array in shared memory; the value itself when it already is. */
export function shareValue<T>(value: T): T {
  if (value === null || typeof value !== "object") return value;
  if (ArrayBuffer.isView(value)) return shareArray(value);
  const known = sharedObjects.get(value);
  if (known !== undefined) return known as T;
  const entries = Array.isArray(value) ? value.map((v, i) => [i, v]) : Object.entries(value);
  const copies = entries.map(([key, item]) => [key, shareValue(item)] as const);
  if (copies.every(([, copy], i) => copy === entries[i][1])) return value;
  const result = Array.isArray(value) ? copies.map(([, copy]) => copy) : Object.fromEntries(copies);
  sharedObjects.set(value, result);
  return result as T;
}

function shareArray<T extends ArrayBufferView>(view: T): T {
  if (view.buffer instanceof SharedArrayBuffer) return view;
  const known = shared.get(view);
  if (known !== undefined) return known as T;
  const Type = view.constructor as new (
    memory: SharedArrayBuffer,
  ) => T & { set(from: T): void };
  const copy = new Type(new SharedArrayBuffer(view.byteLength));
  copy.set(view);
  shared.set(view, copy);
  return copy;
}
