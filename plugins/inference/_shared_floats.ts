/**
 * Memory that all workers see, used again for the image of the next run.
 *
 * The engine frees shared memory late, since no heap it belongs to feels its size: fifty runs that each
 * took a new piece held hundreds of megabytes.
 *
 * @module
 */

/** The largest piece that is kept, bytes. */
const MOST_KEPT = 2 ** 25;

/** The piece kept, if it is not in use. */
let kept: ArrayBufferLike | undefined;

/** `length` numbers, of any values, until {@linkcode giveFloats}; the thread's own without shared memory. */
export function takeFloats(length: number): Float32Array {
  const bytes = 4 * length, piece = kept;
  if (piece === undefined || piece.byteLength < bytes) {
    return new Float32Array(
      typeof SharedArrayBuffer === "undefined"
        ? new ArrayBuffer(bytes)
        : new SharedArrayBuffer(bytes),
    );
  }
  kept = undefined;
  return new Float32Array(piece, 0, length);
}

/** Gives numbers back; the largest piece is kept. */
export function giveFloats({ buffer }: Float32Array): void {
  if (buffer.byteLength > MOST_KEPT || buffer.byteLength < (kept?.byteLength ?? 0)) return;
  kept = buffer;
}
