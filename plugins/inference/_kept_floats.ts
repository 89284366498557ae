/**
 * Memory for the pixels of one run that the next run uses again.
 *
 * Fifty runs that each took new pieces held hundreds of megabytes: the engine frees shared memory late, since
 * no heap feels its size, and the system's allocator keeps what lies between other pieces.
 *
 * @module
 */

/** Pieces of memory that are used again. */
export interface FloatStore {
  /** `length` numbers of any values, until they are given back. */
  take(length: number): Float32Array;
  give(...floats: readonly Float32Array[]): void;
}

/**
 * The most that a store keeps, bytes. What is shared is freed only when each thread that ever saw it has looked for
 * garbage: then the maps of 4096 x 4096 px are better kept.
 */
const MOST_KEPT = { own: 2 ** 25, shared: 2 ** 28 } as const;

/** Memory of this thread. */
export const ownFloats: FloatStore = createFloatStore(
  (bytes) => new ArrayBuffer(bytes),
  MOST_KEPT.own,
);

/** Memory that all workers see; of this thread where there is no such memory. */
export const sharedFloats: FloatStore = createFloatStore(allocateShared, MOST_KEPT.shared);

/** The same numbers in memory that all workers see, for good. */
export function inSharedMemory(values: Float32Array): Float32Array {
  const shared = new Float32Array(allocateShared(values.byteLength));
  shared.set(values);
  return shared;
}

function allocateShared(bytes: number): ArrayBufferLike {
  return typeof SharedArrayBuffer === "undefined"
    ? new ArrayBuffer(bytes)
    : new SharedArrayBuffer(bytes);
}

function createFloatStore(
  allocate: (bytes: number) => ArrayBufferLike,
  mostKept: number,
): FloatStore {
  const kept: ArrayBufferLike[] = []; // from small to large
  return {
    take(length) {
      const bytes = 4 * length;
      const at = kept.findIndex(({ byteLength }) => byteLength >= bytes);
      const piece = at < 0 ? allocate(bytes) : kept.splice(at, 1)[0];
      return new Float32Array(piece, 0, length);
    },
    give(...floats) {
      for (const { buffer } of floats) kept.push(buffer);
      kept.sort((a, b) => a.byteLength - b.byteLength);
      let sum = kept.reduce((total, { byteLength }) => total + byteLength, 0);
      while (sum > mostKept) sum -= kept.pop()!.byteLength;
    },
  };
}
