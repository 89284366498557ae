import { assertEquals, assertFails, assertTrue } from "@assert";
import { createTable, defineFormat, type FormatInit, type TableFormat } from "../../../core/mod.ts";
import { hasSignature, HEAD_BYTES } from "../../../core/stage/format.ts";

const GOOD: FormatInit<TableFormat> & { readonly kind: "table" } = {
  id: "lab.points",
  kind: "table",
  title: "Points",
  extensions: ["pts"],
  signatures: [{ bytes: "PTS" }, { at: 4, bytes: "\x00\xff\x01" }],
  read: () => Promise.resolve(createTable({ x: new Float64Array(0) })),
};

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

Deno.test("defineFormat gives the format back, with a recognizes made of its signatures", () => {
  const format = defineFormat(GOOD);
  assertEquals({ ...format, recognizes: null }, { ...GOOD, recognizes: null });
  assertEquals([format.recognizes(bytes("PTS 1")), format.recognizes(bytes("pts 1"))], [
    true,
    false,
  ]);
  const { signatures: _, ...plain } = GOOD;
  assertEquals(defineFormat(plain).recognizes(bytes("PTS 1")), false);
});

/** Declarations that contradict themselves, and what is said of them. */
const WRONG: readonly (readonly [change: Partial<typeof GOOD>, id: string, said: string])[] = [
  [{ id: "points" }, "points", 'an id like "lab.points", got "points"'],
  [{ id: "Lab.points" }, "Lab.points", 'an id like "lab.points", got "Lab.points"'],
  [{ title: "P" }, "lab.points", 'a title for people, got "P"'],
  [
    { extensions: ["pts", ".PTS"] },
    "lab.points",
    'extensions in lower case without the dot, got ".PTS"',
  ],
  [
    { extensions: [], signatures: [] },
    "lab.points",
    "a signature or an extension to know its files by, got none",
  ],
  [
    { signatures: [{ bytes: "PTS" }, { bytes: "P" }] },
    "lab.points",
    'signatures of at least 3 bytes, a character each, got "P"',
  ],
  [
    { signatures: [{ bytes: "PTŁ" }] },
    "lab.points",
    'signatures of at least 3 bytes, a character each, got "PTŁ"',
  ],
  [
    { signatures: [{ at: HEAD_BYTES - 2, bytes: "PTS" }] },
    "lab.points",
    "signatures in the first 512 bytes, got one that ends at 513",
  ],
];

for (const [change, id, said] of WRONG) {
  Deno.test(`defineFormat refuses ${JSON.stringify(change)}`, async () => {
    await assertFails(
      () => defineFormat({ ...GOOD, ...change }),
      "PLUGIN_DECLARATION",
      `Cannot declare format "${id}": expected ${said}`,
    );
  });
}

Deno.test("hasSignature compares bytes at their place, and never beyond the end", () => {
  const { signatures = [] } = GOOD;
  const head = new Uint8Array(HEAD_BYTES);
  assertTrue(!hasSignature(head, signatures));
  head.set([0x00, 0xff, 0x01], 4);
  assertTrue(hasSignature(head, signatures), "one of several is enough");
  assertTrue(!hasSignature(head.subarray(0, 6), signatures), "cut off");
  assertTrue(hasSignature(head.subarray(0, 7), signatures), "just there");
  assertTrue(!hasSignature(new Uint8Array(0), signatures));
  assertTrue(!hasSignature(head, []));
  const last = [{ at: HEAD_BYTES - 2, bytes: "ab" }];
  assertTrue(!hasSignature(head, last));
  head.set(bytes("ab"), HEAD_BYTES - 2);
  assertTrue(hasSignature(head, last), "the last two bytes that are shown");
});
