/**
 * Digests: the SHA-256 of a value's bytes, which is its name in the store and in run records.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { canonicalJson, encodeParts } from "../data/encode.ts";

/** A SHA-256 in hexadecimal. */
export type Digest = string;

const known = new WeakMap<object, Digest>();

/** The digest of a value; remembered for objects, which must not change afterwards. */
export function digestValue(value: unknown): Digest {
  const isObject = value !== null && typeof value === "object";
  const remembered = isObject ? known.get(value) : undefined;
  if (remembered !== undefined) return remembered;
  const digest = digestParts(encodeParts(value));
  if (isObject) known.set(value, digest);
  return digest;
}

/** Remembers the digest of a value that came out of the store. */
export function rememberDigest(value: unknown, digest: Digest): void {
  if (value !== null && typeof value === "object") known.set(value, digest);
}

/** The digest of the canonical JSON of plain data. */
export function digestJson(value: unknown): Digest {
  return digestBytes(new TextEncoder().encode(canonicalJson(value)));
}

/** The digest of some bytes. */
export function digestBytes(bytes: Uint8Array): Digest {
  return digestParts([bytes]);
}

/** The digest of bytes given in parts. */
export function digestParts(parts: readonly Uint8Array[]): Digest {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
