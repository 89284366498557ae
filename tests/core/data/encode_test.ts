import { assertEquals, assertTrue } from "@assert";
import { throws } from "node:assert/strict";
import fc from "fast-check";
import {
  canonicalJson,
  decodeFrom,
  decodeValue,
  type EncodedSource,
  encodeParts,
  joinParts,
  sharedArray,
  viewValue,
} from "../../../core/data/encode.ts";

const arrays = fc.oneof(
  fc.uint8Array({ maxLength: 9 }),
  fc.int32Array({ maxLength: 9 }),
  fc.float32Array({ maxLength: 9 }),
  fc.float64Array({ maxLength: 9 }),
);
const { value: anyValue } = fc.letrec((tie) => ({
  leaf: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), arrays),
  value: fc.oneof(
    { depthSize: "small" },
    tie("leaf"),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string().filter((name) => name !== "$array"), tie("value"), { maxKeys: 4 }),
  ),
}));

function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return joinParts(encodeParts(value));
}

/** The same bytes at an odd place in memory. */
function shifted(bytes: Uint8Array, by: number): Uint8Array {
  const memory = new Uint8Array(bytes.length + by);
  memory.set(bytes, by);
  return memory.subarray(by);
}

/** Reads as the host reads an answer out of a file: each array into memory of its own. */
function fileLike(bytes: Uint8Array): EncodedSource {
  let at = 0;
  return {
    length: bytes.length,
    take: (count) => bytes.subarray(at, at += count),
    takeArray(type, byteLength) {
      const array = sharedArray(type, byteLength);
      new Uint8Array(array.buffer).set(bytes.subarray(at, at += byteLength));
      return array;
    },
  };
}

/** Bytes with any header, and arrays of zeros behind it. */
function withHeader(header: string, arrayBytes = 0): Uint8Array {
  const text = new TextEncoder().encode(header);
  const size = text.length.toString(16).padStart(8, "0");
  return joinParts([
    new TextEncoder().encode(`ADATOM1\n${size}`),
    text,
    new Uint8Array(arrayBytes),
  ]);
}

const READERS = {
  decodeValue,
  viewValue,
  decodeFrom: (bytes: Uint8Array) => decodeFrom(fileLike(bytes)),
};

for (const [name, read] of Object.entries(READERS)) {
  Deno.test(`${name} gives back what encodeParts took, from any place in memory`, () => {
    fc.assert(fc.property(anyValue, fc.nat(15), (value, by) => {
      assertEquals(encode(read(shifted(encode(value), by))), encode(value));
      assertEquals(canonicalJson(read(encode(value))), canonicalJson(value));
    }));
  });
}

const VALUE = {
  b: 1,
  a: [Float64Array.of(0.1, -0, NaN, Infinity), Uint8Array.of(1, 2, 3), null],
  last: Float32Array.of(1.5),
};

Deno.test("arrays behind one of odd length lie wrong, and are read right all the same", () => {
  for (const read of Object.values(READERS)) {
    const back = read(encode(VALUE)) as typeof VALUE;
    assertEquals(Object.keys(back), ["b", "a", "last"]);
    assertEquals([...back.a[0] as Float64Array], [0.1, -0, NaN, Infinity]);
    assertEquals([...back.last], [1.5]);
    assertTrue(back.last instanceof Float32Array && back.a[1] instanceof Uint8Array);
  }
});

Deno.test("viewValue looks at the bytes where it can; decodeValue gives shared memory", () => {
  const bytes = encode(VALUE);
  const view = viewValue(bytes) as typeof VALUE;
  assertTrue((view.a[0] as Float64Array).buffer === bytes.buffer, "right: a window");
  assertTrue(view.last.buffer !== bytes.buffer as ArrayBufferLike, "not right: a copy");
  const kept = decodeValue(bytes) as typeof VALUE;
  assertTrue(kept.last.buffer instanceof SharedArrayBuffer);
});

Deno.test("encodeParts gives headers of whole words, and refuses arrays it cannot give back", () => {
  fc.assert(fc.property(anyValue, (value) => assertEquals(encodeParts(value)[0].length % 8, 0)));
  for (
    const array of [new BigInt64Array(1), new Uint16Array(1), new DataView(new ArrayBuffer(1))]
  ) {
    throws(() => encodeParts({ array }), RangeError);
  }
});

const at = (length: string, type = '"Float64Array"') => `{"$array":${type},"length":${length}}`;

/** Headers nobody writes who means well, the bytes behind them, and the error they end in. */
const HOSTILE: readonly (readonly [what: string, bytes: Uint8Array, error: RegExp])[] = [
  ["no bytes", new Uint8Array(0), /not an encoded value/],
  ["other bytes", new Uint8Array(64), /not an encoded value/],
  ["a size that is no number", new TextEncoder().encode("ADATOM1\nzzzzzzzz"), /not an encoded/],
  ["a negative size", new TextEncoder().encode("ADATOM1\n-0000001{}"), /not an encoded value/],
  ["a header of 4 GiB", new TextEncoder().encode("ADATOM1\nffffffff{}"), /ends too soon/],
  ["a header cut off", withHeader('{"a":1}').subarray(0, 20), /ends too soon/],
  ["no JSON", withHeader("{a:1}"), /JSON/],
  ["an unknown type of array", withHeader(at("0", '"BigInt64Array"')), /unknown type of array/],
  ["an inherited type of array", withHeader(at("0", '"toString"')), /unknown type of array/],
  ["no type of array", withHeader(at("0", "null")), /unknown type of array/],
  ["a negative length", withHeader(at("-1")), /ends too soon/],
  ["a fraction of a length", withHeader(at("0.3"), 8), /ends too soon/],
  ["a huge length", withHeader(at("1e300"), 8), /ends too soon/],
  ["an infinite length", withHeader(at("1e999"), 8), /ends too soon/],
  ["a length beyond 2^53", withHeader(at("9007199254740993"), 8), /ends too soon/],
  ["a length that is no number", withHeader(at('"x"'), 8), /ends too soon/],
  ["no length", withHeader('{"$array":"Uint8Array"}', 8), /ends too soon/],
  ["one byte too few", withHeader(at("1"), 7), /ends too soon/],
  ["two arrays of one's bytes", withHeader(`[${at("1")},${at("1")}]`, 8), /ends too soon/],
  ["bytes to spare", withHeader(at("1"), 9), /bytes to spare/],
  ["bytes to spare and no array", withHeader("{}", 1), /bytes to spare/],
  ["lists in lists without end", withHeader("[".repeat(2e5) + "]".repeat(2e5)), /call stack/],
];

for (const [what, bytes, error] of HOSTILE) {
  Deno.test(`encoded bytes with ${what} are refused`, () => {
    for (const read of Object.values(READERS)) {
      throws(() => read(bytes), (thrown: Error) => {
        assertTrue(thrown instanceof RangeError || thrown instanceof SyntaxError, String(thrown));
        return error.test(thrown.message);
      });
    }
  });
}

Deno.test("names that mean something to JavaScript stay plain fields", () => {
  const text = '{"__proto__":{"polluted":true},"constructor":1,"toString":2}';
  for (const read of Object.values(READERS)) {
    assertEquals(JSON.stringify(read(withHeader(text))), text);
  }
  assertEquals(({} as { polluted?: true }).polluted, undefined);
});

Deno.test("whatever bytes are read, the answer is a value, a RangeError or a SyntaxError", () => {
  const mutated = fc.tuple(
    anyValue.map(encode),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
    fc.option(fc.nat(), { nil: undefined }),
  ).map(([bytes, changes, cut]) => {
    for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
    return cut === undefined ? bytes : bytes.slice(0, cut % bytes.length);
  });
  const header = fc.tuple(fc.json(), fc.nat(40)).map(([text, count]) => withHeader(text, count));
  fc.assert(
    fc.property(fc.oneof(mutated, header, fc.uint8Array({ maxLength: 99 })), (bytes) => {
      for (const read of Object.values(READERS)) {
        try {
          read(bytes);
        } catch (error) {
          assertTrue(error instanceof RangeError || error instanceof SyntaxError, String(error));
        }
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a value's own $array comes back as it was", () => {
  const value = { $array: "Uint8Array", length: 3, $$array: [1], deep: [{ $array: null }] };
  assertEquals(decodeValue(joinParts(encodeParts(value))), value);
});
