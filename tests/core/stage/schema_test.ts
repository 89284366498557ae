import { assertEquals, assertTrue } from "@assert";
import fc from "fast-check";
import {
  type FromSchema,
  type Schema,
  schemaFault,
  schemaProblem,
} from "../../../core/stage/schema.ts";

/** A schema, values that fit it, and values that do not with what is said of them. */
const CASES: readonly {
  readonly schema: Schema;
  readonly fits: readonly unknown[];
  readonly wrong: readonly (readonly [value: unknown, expected: string, got: string])[];
}[] = [
  { schema: {}, fits: [null, 1, "a", [], {}], wrong: [] },
  { schema: { type: "null" }, fits: [null], wrong: [[undefined, "null", "nothing"]] },
  { schema: { type: "boolean" }, fits: [true, false], wrong: [[1, "true or false", "1"]] },
  {
    schema: { type: "string" },
    fits: ["", "a"],
    wrong: [[["a"], "a text", "a list of 1"], [{}, "a text", "a map"], [null, "a text", "null"]],
  },
  {
    schema: { type: "number", minimum: -1, maximum: 1 },
    fits: [-1, 0.5, 1],
    wrong: [
      [1.5, "a number from -1 to 1", "1.5"],
      ["1", "a number", '"1"'],
    ],
  },
  {
    schema: { type: "integer", minimum: 0 },
    fits: [0, 7],
    wrong: [[0.5, "a whole number", "0.5"], [-1, "a whole number from 0 to Infinity", "-1"]],
  },
  {
    schema: { enum: ["a", 1, null] },
    fits: ["a", 1, null],
    wrong: [["1", 'one of "a", 1, null', '"1"'], [
      "b".repeat(50),
      'one of "a", 1, null',
      `"${"b".repeat(39)}...`,
    ]],
  },
  {
    schema: { type: "array", minItems: 1, maxItems: 2, items: { type: "integer" } },
    fits: [[1], [1, 2]],
    wrong: [
      [[], "1 to 2 items", "0"],
      [[1, 2, 3], "1 to 2 items", "3"],
      [[1, "x"], 'a whole number at "/1"', '"x"'],
      [{ length: 1, 0: 1 }, "a list", "a map"],
      [Float64Array.of(1), "a list", "a map"],
    ],
  },
  {
    schema: {
      type: "object",
      required: ["a"],
      additionalProperties: false,
      properties: { a: { type: "object", properties: { b: { type: "string" } } }, c: {} },
    },
    fits: [{ a: {} }, { a: { b: "", more: 1 }, c: 1 }],
    wrong: [
      [{}, '"/a"', "nothing"],
      [[], "a map", "a list of 0"],
      [null, "a map", "null"],
      [Float64Array.of(1), "a map", "a map"],
      [{ a: { b: 1 } }, 'a text at "/a/b"', "1"],
      [{ a: {}, d: 1 }, "only declared names", '"/d"'],
      [JSON.parse('{"a":{},"__proto__":{}}'), "only declared names", '"/__proto__"'],
      [Object.create({ a: {} }), '"/a"', "nothing"],
    ],
  },
  {
    schema: { type: ["number", "object", "null"], minimum: 0, required: ["a"] },
    fits: [0, null, { a: 1 }],
    wrong: [
      ["a", "a number or a map or null", '"a"'],
      [-1, "a number from 0 to Infinity", "-1"],
      [{}, '"/a"', "nothing"],
      [NaN, "a number or a map or null", "NaN"],
    ],
  },
  {
    schema: { type: "object", additionalProperties: { type: "boolean" } },
    fits: [{}, { x: true, constructor: false }],
    wrong: [[{ toString: 1 }, 'true or false at "/toString"', "1"]],
  },
];

Deno.test("schemaProblem finds the first place where a value does not fit", () => {
  for (const { schema, fits, wrong } of CASES) {
    for (const value of fits) {
      assertEquals(schemaProblem(schema, value), undefined, JSON.stringify([schema, value]));
    }
    for (const [value, expected, got] of wrong) {
      assertEquals(schemaProblem(schema, value), { expected, got }, JSON.stringify(schema));
    }
  }
});

Deno.test("schemaProblem takes numbers that JSON has not for none", () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    assertEquals(schemaProblem({ type: "number" }, value)?.expected, "a number");
  }
});

Deno.test("schemaProblem answers any value without a throw", () => {
  fc.assert(fc.property(fc.anything(), (value) => {
    for (const { schema } of CASES) {
      const problem = schemaProblem(schema, value);
      assertTrue(problem === undefined || problem.expected !== "" && problem.got !== "");
    }
  }));
});

Deno.test("schemaFault finds words that would go unchecked, wherever they are", () => {
  for (const { schema } of CASES) assertEquals(schemaFault(schema), undefined);
  const wrong: readonly (readonly [unknown, string])[] = [
    [null, 'no schema at "/"'],
    [[], 'no schema at "/"'],
    ["string", 'no schema at "/"'],
    [{ pattern: "a" }, 'the unknown word "pattern" at "/"'],
    [{ items: { format: "date" } }, 'the unknown word "format" at "/items"'],
    [{ items: [{}] }, 'no schema at "/items"'],
    [
      { properties: { a: { additionalProperties: { oneOf: [] } } } },
      'the unknown word "oneOf" at "/properties/a/additionalProperties"',
    ],
    [{ additionalProperties: null }, 'no schema at "/additionalProperties"'],
    [{ type: "date" }, 'a "type" that means nothing at "/"'],
    [{ type: ["number", "date"] }, 'a "type" that means nothing at "/"'],
    [{ type: [] }, 'a "type" that means nothing at "/"'],
  ];
  for (const [schema, fault] of wrong) assertEquals(schemaFault(schema), fault);
});

Deno.test("FromSchema infers the type a literal describes", () => {
  const schema = {
    type: "object",
    required: ["kind", "at"],
    properties: {
      kind: { enum: ["edge", "dot"] },
      at: { type: "array", items: { type: "number" } },
      note: { type: ["string", "null"] },
    },
  } as const;
  const value: FromSchema<typeof schema> = { kind: "edge", at: [1, 2], note: null };
  const note: string | null | undefined = value.note;
  assertEquals(note, null);
  // @ts-expect-error: neither a text nor null
  void ({ kind: "edge", at: [], note: 1 } satisfies FromSchema<typeof schema>);
  // @ts-expect-error: no other words than those of the enumeration
  const other: FromSchema<typeof schema> = { kind: "line", at: [] };
  // @ts-expect-error: required names must be there
  const less: FromSchema<typeof schema> = { kind: "dot" };
  assertEquals(schemaProblem(schema, value), undefined);
  assertEquals([other, less].map((one) => schemaProblem(schema, one)?.expected), [
    'one of "edge", "dot" at "/kind"',
    '"/at"',
  ]);
});
