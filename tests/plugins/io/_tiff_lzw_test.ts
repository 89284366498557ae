import { assertEquals, assertTrue } from "@assert";
import fc from "fast-check";
import { expandLzw } from "../../../plugins/io/_tiff_lzw.ts";

/** Compresses by the book: strings in a map, the table cleared when it is full. */
function compress(data: Uint8Array): Uint8Array {
  const out: number[] = [];
  let bits = 0, held = 0, width = 9, next = 258;
  let table = new Map<string, number>();
  const put = (code: number) => {
    bits = bits << width | code;
    held += width;
    for (; held >= 8; held -= 8) out.push(bits >> (held - 8) & 255);
    bits &= (1 << held) - 1;
  };
  const codeOf = (text: string) => text.length === 1 ? text.charCodeAt(0) : table.get(text)!;
  put(256);
  let text = "";
  for (const byte of data) {
    const longer = text + String.fromCharCode(byte);
    if (longer.length === 1 || table.has(longer)) {
      text = longer;
      continue;
    }
    put(codeOf(text));
    table.set(longer, next++);
    text = longer.at(-1)!;
    if (next === 4095) {
      put(256);
      [table, next, width] = [new Map(), 258, 9];
    } else if (next + 1 > 1 << width) width++;
  }
  if (text !== "") put(codeOf(text));
  put(257);
  if (held > 0) out.push(bits << (8 - held) & 255);
  return Uint8Array.from(out);
}

Deno.test("expandLzw undoes compression, through every code width and a cleared table", () => {
  const noise = fc.uint8Array({ maxLength: 400 });
  const steps = fc.array(fc.nat(3), { maxLength: 300 }).map((list) => Uint8Array.from(list));
  fc.assert(
    fc.property(fc.oneof(noise, steps), (data) => {
      const out = new Uint8Array(data.length);
      assertEquals(expandLzw(compress(data), out), data.length);
      assertEquals(out, data);
    }),
    { numRuns: 100 },
  );
  let state = 1;
  const long = Uint8Array.from({ length: 20000 }, () => {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    return state >>> 24;
  });
  const constant = new Uint8Array(20000).fill(7);
  for (const data of [long, constant]) {
    const out = new Uint8Array(data.length);
    assertEquals(expandLzw(compress(data), out), data.length);
    assertTrue(out.every((byte, i) => byte === data[i]));
  }
});

Deno.test("expandLzw never writes past its output and says how far damaged data went", () => {
  const data = compress(Uint8Array.from({ length: 300 }, (_, i) => i % 5));
  assertEquals(expandLzw(data, new Uint8Array(10)), 10);
  assertTrue(expandLzw(data.subarray(0, 20), new Uint8Array(300)) < 300);
  // A clear code, then a code that is not in the table yet: 100000000 100000100.
  assertEquals(expandLzw(Uint8Array.of(0x80, 0x41, 0), new Uint8Array(4)), 0);
});
