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

type ArrayTypeName = keyof typeof ARRAY_TYPES;
type StoredArray = InstanceType<(typeof ARRAY_TYPES)[ArrayTypeName]>;

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

/** The bytes of a value in one piece, in memory of their own. */
export function encodeValue(value: unknown): Uint8Array<ArrayBuffer> {
  const parts = encodeParts(value);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
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

/**
 * The value of some bytes made by {@linkcode encodeParts}. Arrays lie in fresh shared memory, so
 * that workers read them without a copy.
 *
 * @throws RangeError when the bytes are not such an encoding
 */
export function decodeValue(bytes: Uint8Array): unknown {
  const head = new TextDecoder().decode(bytes.slice(0, MAGIC.length + 8));
  const length = Number.parseInt(head.slice(MAGIC.length), 16);
  if (!head.startsWith(MAGIC) || !(length >= 0)) throw new RangeError("not an encoded value");
  let offset = MAGIC.length + 8 + length;
  const header = JSON.parse(new TextDecoder().decode(bytes.slice(MAGIC.length + 8, offset)));
  const takeArray = (place: ArrayPlace): StoredArray => {
    if (!Object.hasOwn(ARRAY_TYPES, place.$array)) throw new RangeError("an unknown type of array");
    const Type = ARRAY_TYPES[place.$array] as
      & { readonly BYTES_PER_ELEMENT: number }
      & (new (memory: SharedArrayBuffer) => StoredArray);
    const byteLength = place.length * Type.BYTES_PER_ELEMENT;
    if (!(byteLength >= 0 && offset + byteLength <= bytes.length)) {
      throw new RangeError("an encoded value ends too soon");
    }
    const memory = new SharedArrayBuffer(byteLength);
    new Uint8Array(memory).set(bytes.subarray(offset, offset + byteLength));
    offset += byteLength;
    return new Type(memory);
  };
  const value = withArrays(header, takeArray);
  if (offset !== bytes.length) throw new RangeError("an encoded value has bytes to spare");
  return value;
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
      Object.entries(value).map(([key, item]) => [key, withPlaces(item, arrays)]),
    );
  }
  return value;
}

function withArrays(value: unknown, take: (place: ArrayPlace) => StoredArray): unknown {
  if (Array.isArray(value)) return value.map((item) => withArrays(item, take));
  if (value === null || typeof value !== "object") return value;
  if ("$array" in value) return take(value as ArrayPlace);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withArrays(item, take)]),
  );
}
