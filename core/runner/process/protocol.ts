/**
 * The protocol between the host and the child process of a plugin: frames on pipes.
 *
 * ```
 * token    16 bytes   secret of this child, so that bytes a plugin prints are never taken for a frame
 * sizes     8 bytes   two little-endian 32-bit numbers: bytes of the message, bytes of the payload
 * message             JSON
 * payload             a value as `core/data/encode.ts` writes it, or nothing
 * ```
 * The host sends the token alone first. A payload above {@linkcode INLINE_BYTES} lies in the child's
 * exchange folder (`in` from the host, `out` from the child) and the message says how long it is.
 * The two files are written over by each task: a page that is there already costs next to nothing.
 *
 * @module
 */
import type { ErrorRecord } from "../../errors.ts";

/** Length of the token that starts each frame. */
export const TOKEN_BYTES = 16;

/** A payload above this many bytes goes through a file: pipes give 64 KiB at a time. */
export const INLINE_BYTES = 2 ** 18;

/** Names of the files in the exchange folder. */
export const EXCHANGE_FILES = { toChild: "in", fromChild: "out" } as const;

/** A message above this many bytes is no message. */
export const MESSAGE_BYTES = 2 ** 20;

const SIZES_BYTES = 8;

/** What a child can be asked to do. */
export type ChildTask =
  | { readonly do: "load" }
  | {
    readonly do: "run";
    readonly stage: string;
    readonly seed: number;
    /** Gives back every progress report; for the conformance kit. */
    readonly watch?: { readonly cancelAtFirstReport: boolean };
  }
  | { readonly do: "migrate"; readonly stage: string; readonly from: string }
  | {
    readonly do: "read";
    readonly format: string;
    readonly name: string;
    readonly path: string;
  }
  | { readonly do: "write"; readonly format: string };

/** What the host sends. */
export type ToChild =
  | {
    readonly type: "task";
    readonly id: number;
    readonly task: ChildTask;
    readonly bytes?: number;
  }
  | { readonly type: "cancel"; readonly id: number };

/** What a child sends. */
export type FromChild =
  | {
    readonly type: "progress";
    readonly id: number;
    readonly fraction: number;
    readonly note?: string;
  }
  | { readonly type: "done"; readonly id: number; readonly bytes?: number }
  | {
    readonly type: "failed";
    readonly id: number;
    readonly error: ErrorRecord;
    /** The child ends itself after this. */
    readonly last?: true;
  }
  | { readonly type: "console"; readonly text: string }
  /** The child holds more memory than it may; it ends itself. */
  | { readonly type: "memory"; readonly bytes: number };

/** One frame. */
export interface Frame {
  readonly message: unknown;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** Bytes that are no frame of the other side. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** A frame as bytes in one piece, its payload given in parts. */
export function encodeFrame(
  token: Uint8Array,
  message: ToChild | FromChild,
  payload: readonly Uint8Array[] = [],
): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(message));
  const payloadBytes = bytesOf(payload);
  let at = TOKEN_BYTES + SIZES_BYTES;
  const bytes = new Uint8Array(at + text.length + payloadBytes);
  const sizes = new DataView(bytes.buffer, TOKEN_BYTES);
  bytes.set(token);
  sizes.setUint32(0, text.length, true);
  sizes.setUint32(4, payloadBytes, true);
  for (const part of [text, ...payload]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The number of bytes in some parts. */
export function bytesOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** Fills a part of an array from a stream; gives the number of bytes, or `null` at its end. */
export type ReadInto = (target: Uint8Array<ArrayBuffer>) => Promise<number | null>;

/**
 * Reads the next frame; `undefined` at the end of the stream.
 *
 * @throws ProtocolError when the bytes do not start with the token, or sizes or JSON are wrong
 */
export async function readFrame(
  token: Uint8Array,
  read: ReadInto,
): Promise<Frame | undefined> {
  const head = await readExactly(TOKEN_BYTES + SIZES_BYTES, read);
  if (head === undefined) return undefined;
  if (!token.every((byte, i) => head[i] === byte)) {
    throw new ProtocolError(`bytes that are no message: ${quote(head)}`);
  }
  const sizes = new DataView(head.buffer, TOKEN_BYTES);
  const [messageBytes, payloadBytes] = [sizes.getUint32(0, true), sizes.getUint32(4, true)];
  if (messageBytes > MESSAGE_BYTES) throw new ProtocolError(`a message of ${messageBytes} bytes`);
  if (payloadBytes > INLINE_BYTES) throw new ProtocolError(`a payload of ${payloadBytes} bytes`);
  const text = await readExactly(messageBytes, read);
  const payload = await readExactly(payloadBytes, read);
  if (text === undefined || payload === undefined) return undefined;
  try {
    return { message: JSON.parse(new TextDecoder().decode(text)), payload };
  } catch {
    throw new ProtocolError(`a message that is no JSON: ${quote(text)}`);
  }
}

/** This many bytes of a stream, or `undefined` when it ends before. */
export async function readExactly(
  count: number,
  read: ReadInto,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count;) {
    const got = await read(bytes.subarray(done));
    if (got === null) return undefined;
    done += got;
  }
  return bytes;
}

function quote(bytes: Uint8Array): string {
  return JSON.stringify(new TextDecoder().decode(bytes.subarray(0, 40)));
}
