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

/** The most that a store keeps, bytes. */
const MOST_KEPT = 2 ** 25;

/** Memory of this thread. */
export const ownFloats: FloatStore = createFloatStore((bytes) => new ArrayBuffer(bytes));

/** Memory that all workers see; of this thread where there is no such memory. */
export const sharedFloats: FloatStore = createFloatStore((bytes) =>
  typeof SharedArrayBuffer === "undefined" ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes)
);

function createFloatStore(allocate: (bytes: number) => ArrayBufferLike): FloatStore {
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
      while (sum > MOST_KEPT) sum -= kept.pop()!.byteLength;
    },
  };
}
