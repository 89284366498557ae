/**
 * Answers of plugins as values. Nothing is taken for granted: bytes may be missing, and a few megabytes
 * of JSON can be made to fill the heap of whoever reads it.
 *
 * @module
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { decodeFrom, type EncodedSource, sharedArray } from "../../data/encode.ts";
import { ProtocolError } from "./protocol.ts";

/**
 * The value of an answer in a file.
 *
 * @throws ProtocolError when there is none of this length
 */
export function readAnswer(path: string, length: number): unknown {
  const missing = () => new ProtocolError("an answer that is not there");
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    throw missing();
  }
  try {
    if (!(length >= 0 && length <= fstatSync(file).size)) throw missing();
    return decode(length, fillFromFile(file));
  } finally {
    closeSync(file);
  }
}

/**
 * The value of an answer that came through the pipe.
 *
 * @throws ProtocolError when it is none
 */
export function decodeAnswer(payload: Uint8Array): unknown {
  return decode(payload.length, fillFrom(payload));
}

function decode(length: number, fill: (bytes: Uint8Array) => void): unknown {
  try {
    return decodeFrom(answerSource(length, fill));
  } catch (error) {
    throw new ProtocolError(`an answer that is no value (${(error as Error).message})`);
  }
}

/** Encoded bytes that `fill` gives piece by piece, arrays straight into their own memory. */
function answerSource(length: number, fill: (bytes: Uint8Array) => void): EncodedSource {
  let left = length;
  return {
    length,
    take(count) {
      const bytes = new Uint8Array(Math.min(count, left));
      left -= bytes.length;
      fill(bytes);
      checkJson(bytes);
      return bytes;
    },
    takeArray(type, byteLength) {
      const array = sharedArray(type, byteLength);
      left -= byteLength;
      fill(new Uint8Array(array.buffer));
      return array;
    },
  };
}

/** Fills pieces from bytes in memory, one after the other. */
function fillFrom(payload: Uint8Array): (bytes: Uint8Array) => void {
  let position = 0;
  return (bytes) => bytes.set(payload.subarray(position, position += bytes.length));
}

/** Fills pieces from a file, one after the other. */
function fillFromFile(file: number): (bytes: Uint8Array) => void {
  let position = 0;
  return (bytes) => {
    for (let done = 0; done < bytes.length;) {
      const count = readSync(file, bytes, done, bytes.length - done, position);
      if (count === 0) throw new RangeError("it ends too soon");
      done += count;
      position += count;
    }
  };
}

/** Limits of the JSON in an answer: a few bytes of it can cost the host hundreds, and much time. */
const JSON_LIMITS = { bytes: 2 ** 26, parts: 1_000_000, depth: 500 } as const;

/** Refuses JSON that would fill the host's heap or its stack; arrays of numbers are not in it. */
function checkJson(bytes: Uint8Array): void {
  if (bytes.length > JSON_LIMITS.bytes) throw new RangeError("its JSON is above 64 MiB");
  let parts = 0; // lists, maps and names
  let depth = 0;
  let inText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === 0x22) inText = !inText;
    else if (inText) i += byte === 0x5c ? 1 : 0; // a backslash hides what follows
    else if (byte === 0x3a) parts++;
    else if (byte === 0x5d || byte === 0x7d) depth--;
    else if (byte === 0x5b || byte === 0x7b) {
      parts++;
      if (++depth > JSON_LIMITS.depth) throw new RangeError("its JSON is too deep");
    }
  }
  if (parts > JSON_LIMITS.parts) throw new RangeError(`its JSON holds ${parts} lists and names`);
}
