/**
 * Values as bytes: a JSON header, then the raw little-endian arrays.
 *
 * The same value always gives the same bytes, so their SHA-256 names the value. The order of fields is
 * part of a value: it is the order of a table's columns.
 *
 * @module
 */

const MAGIC = "ADATOM1\n";

const ARRAY_TYPES = {
  Uint8Array,
  Int32Array,
  Float32Array,
  Float64Array,
} as const;

/** The types of arrays a value can hold. */
export type ArrayTypeName = keyof typeof ARRAY_TYPES;
/** An array a value can hold. */
export type StoredArray = InstanceType<(typeof ARRAY_TYPES)[ArrayTypeName]>;

/** Arrays are made of memory of any kind, which the types of the constructors do not say. */
type ArrayMaker =
  & { readonly BYTES_PER_ELEMENT: number }
  & (new (
    memory: ArrayBufferLike,
    offset?: number,
    length?: number,
  ) => StoredArray);

interface ArrayPlace {
  readonly $array: ArrayTypeName;
  readonly length: number;
}

/** JSON with sorted keys and without white space: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item) => {
    if (item === null || typeof item !== "object" || Array.isArray(item)) return item;
    return Object.fromEntries(
      Object.entries(item).filter(([, v]) => v !== undefined).sort(([a], [b]) =>
        a < b ? -1 : a > b ? 1 : 0
      ),
    );
  });
}

/** The bytes of a value, in parts: header first, then each array in the header's order. */
export function encodeParts(value: unknown): Uint8Array[] {
  const arrays: StoredArray[] = [];
  const header = JSON.stringify(withPlaces(value, arrays));
  const text = new TextEncoder().encode(header);
  const padded = Math.ceil((MAGIC.length + 8 + text.length) / 8) * 8;
  const head = new Uint8Array(padded).fill(0x20);
  head.set(
    new TextEncoder().encode(MAGIC + (padded - MAGIC.length - 8).toString(16).padStart(8, "0")),
  );
  head.set(text, MAGIC.length + 8);
  return [
    head,
    ...arrays.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)),
  ];
}

/** Parts one after the other in memory of their own. */
export function joinParts(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Where encoded bytes come from: read one after the other, headers as bytes and arrays as arrays. */
export interface EncodedSource {
  /** Number of bytes. */
  readonly length: number;
  /** The next bytes; fewer at the end. */
  take(count: number): Uint8Array;
  /** The next bytes as an array of some type. */
  takeArray(type: ArrayTypeName, byteLength: number): StoredArray;
}

/**
 * The value of some bytes made by {@linkcode encodeParts}. Arrays lie in fresh shared memory, so
 * that workers read them without a copy.
 *
 * @throws RangeError when the bytes are not such an encoding
 */
export function decodeValue(bytes: Uint8Array): unknown {
  return decodeFrom(bytesSource(bytes, (type, part) => {
    const array = sharedArray(type, part.length);
    new Uint8Array(array.buffer).set(part);
    return array;
  }));
}

/**
 * The same, with arrays that are windows on the bytes wherever these lie right for that.
 *
 * @throws RangeError when the bytes are not such an encoding
 */
export function viewValue(bytes: Uint8Array): unknown {
  return decodeFrom(bytesSource(bytes, (type, part) => {
    const Type = ARRAY_TYPES[type] as ArrayMaker;
    const right = part.byteOffset % Type.BYTES_PER_ELEMENT === 0;
    const { buffer, byteOffset } = right ? part : part.slice();
    return new Type(buffer, byteOffset, part.length / Type.BYTES_PER_ELEMENT);
  }));
}

/** An empty array of some type in fresh shared memory. */
export function sharedArray(type: ArrayTypeName, byteLength: number): StoredArray {
  return new (ARRAY_TYPES[type] as ArrayMaker)(new SharedArrayBuffer(byteLength));
}

/**
 * The value in a source of encoded bytes, which is not trusted.
 *
 * @throws RangeError when the bytes are not such an encoding
 */
export function decodeFrom(source: EncodedSource): unknown {
  const head = new TextDecoder().decode(source.take(MAGIC.length + 8));
  const length = Number.parseInt(head.slice(MAGIC.length), 16);
  if (!head.startsWith(MAGIC) || !(length >= 0)) throw new RangeError("not an encoded value");
  let offset = MAGIC.length + 8 + length;
  if (offset > source.length) throw new RangeError("an encoded value ends too soon");
  const header = JSON.parse(new TextDecoder().decode(source.take(length)));
  const value = withArrays(header, (place) => {
    if (!Object.hasOwn(ARRAY_TYPES, place.$array)) throw new RangeError("an unknown type of array");
    const byteLength = place.length * ARRAY_TYPES[place.$array].BYTES_PER_ELEMENT;
    const fits = Number.isInteger(byteLength) && byteLength >= 0 &&
      offset + byteLength <= source.length;
    if (!fits) throw new RangeError("an encoded value ends too soon");
    offset += byteLength;
    return source.takeArray(place.$array, byteLength);
  });
  if (offset !== source.length) throw new RangeError("an encoded value has bytes to spare");
  return value;
}

function bytesSource(
  bytes: Uint8Array,
  makeArray: (type: ArrayTypeName, part: Uint8Array) => StoredArray,
): EncodedSource {
  let at = 0;
  return {
    length: bytes.length,
    take: (count) => bytes.slice(at, at += count),
    takeArray: (type, byteLength) => makeArray(type, bytes.subarray(at, at += byteLength)),
  };
}

function withPlaces(value: unknown, arrays: StoredArray[]): unknown {
  if (ArrayBuffer.isView(value)) {
    const name = Object.keys(ARRAY_TYPES).find((type) =>
      value instanceof ARRAY_TYPES[type as ArrayTypeName]
    ) as ArrayTypeName | undefined;
    if (name === undefined) throw new RangeError(`cannot store a ${value.constructor.name}`);
    arrays.push(value as StoredArray);
    return { $array: name, length: (value as StoredArray).length };
  }
  if (Array.isArray(value)) return value.map((item) => withPlaces(item, arrays));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      // a value's own `$array` is told from ours by one more `$`
      Object.entries(value).map(([key, item]) => [
        /^\$+array$/.test(key) ? `$${key}` : key,
        withPlaces(item, arrays),
      ]),
    );
  }
  return value;
}

function withArrays(value: unknown, take: (place: ArrayPlace) => StoredArray): unknown {
  if (Array.isArray(value)) return value.map((item) => withArrays(item, take));
  if (value === null || typeof value !== "object") return value;
  if ("$array" in value) return take(value as ArrayPlace);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      /^\$\$+array$/.test(key) ? key.slice(1) : key,
      withArrays(item, take),
    ]),
  );
}
