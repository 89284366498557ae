import { assertEquals } from "@assert";
import fc from "fast-check";
import { type Schema, schemaProblem } from "../../../core/stage/schema.ts";
import { exampleOf } from "../../../procedures/conformance/example_of.ts";

/** Schemas that some value fits. */
const { schema } = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Schema>({}, { type: "null" }, { type: "boolean" }, { type: "string" }),
    fc.constantFrom<Schema>(
      { enum: ["a", 1, null] },
      { type: ["number", "null"], minimum: 2, maximum: 1 },
      { type: "integer", enum: ["a", 0.5, 4] },
      { type: "number", enum: [9, 3], maximum: 5 },
    ),
    fc.tuple(fc.integer(), fc.nat()).map(([low, more]): Schema => ({
      type: "integer",
      minimum: low - 0.5,
      maximum: low + more,
    })),
    fc.tuple(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.nat()).map((
      [low, more],
    ): Schema => ({ type: "number", minimum: low, maximum: low + more })),
    fc.tuple(tie("schema"), fc.nat(3), fc.nat(3)).map(([items, minItems, more]): Schema => ({
      type: "array",
      items,
      minItems,
      maxItems: minItems + more,
    })),
    fc.tuple(
      fc.dictionary(fc.constantFrom("a", "b", "__proto__"), tie("schema")),
      fc.oneof(fc.boolean(), tie("schema")),
      fc.boolean(),
    ).map(([properties, additionalProperties, all]): Schema => ({
      type: "object",
      properties,
      additionalProperties,
      required: all ? Object.keys(properties) : [],
    })),
  ),
}));

Deno.test("exampleOf gives a value that fits any schema that can be fitted", () => {
  fc.assert(fc.property(schema, (made) => {
    assertEquals(schemaProblem(made, exampleOf(made)), undefined);
  }));
});

Deno.test("exampleOf fills lists and maps, and leaves out what cannot be filled", () => {
  const impossible: Schema = { type: "integer", minimum: 0.2, maximum: 0.8 };
  assertEquals(
    exampleOf({
      type: "object",
      properties: {
        name: { type: "string" },
        sizes: { type: "array", items: { type: "integer", maximum: -3 } },
        never: { type: "array", items: impossible },
        neither: impossible,
      },
      required: ["name", "free"],
      additionalProperties: { type: "boolean" },
    }),
    { name: "example", free: true, sizes: [-3], never: [], example: true },
  );
  const problem = schemaProblem(impossible, exampleOf(impossible));
  assertEquals(problem?.expected, "a whole number from 0.2 to 0.8");
});
