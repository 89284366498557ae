import { assertEquals, assertFails } from "@assert";
import { defineStage, type ParamDeclaration, paramFromText } from "../../../core/mod.ts";
import { resolveParams } from "../../../core/stage/params.ts";

const params = {
  size: { type: "integer", default: 3, minimum: 1, unit: "px", description: "Size" },
  blur: { type: "number", default: "auto", auto: true, minimum: 0, description: "Blur" },
  mode: { type: "string", enum: ["soft", "hard"], default: "soft", description: "Mode" },
  deep: { type: "boolean", default: false, description: "Deep" },
  box: {
    type: "array",
    items: { type: "number", minimum: 0 },
    default: [0, 0],
    minItems: 2,
    maxItems: 2,
    description: "Box",
  },
} as const satisfies Record<string, ParamDeclaration>;

Deno.test("resolveParams fills in defaults", () => {
  const { values, problems } = resolveParams(params, { size: 5 }, "a.b");
  assertEquals(problems, []);
  assertEquals(values, { size: 5, blur: "auto", mode: "soft", deep: false, box: [0, 0] });
});

Deno.test("resolveParams reports every problem in words", () => {
  const given = { sixe: 1, size: 0.5, blur: -1, mode: "sofd", deep: 1, box: [1, -1] };
  const { problems } = resolveParams(params, given, "a.b");
  assertEquals(problems.map((p) => p.message), [
    'Cannot set parameter "sixe" of a.b: expected a declared parameter, got "sixe"; did you mean "size"?',
    'Cannot set parameter "size" of a.b: expected a whole number of at least 1 px, got 0.5',
    'Cannot set parameter "blur" of a.b: expected a number of at least 0, or auto, got -1',
    'Cannot set parameter "mode" of a.b: expected one of soft, hard, got "sofd"',
    'Cannot set parameter "deep" of a.b: expected true or false, got 1',
    'Cannot set parameter "box" of a.b: expected a list of 2 numbers, got [1,-1]',
  ]);
});

Deno.test("paramFromText reads words of the command line", () => {
  const read = (name: keyof typeof params, text: string) => paramFromText(params[name], text);
  assertEquals(read("size", "7"), 7);
  assertEquals(read("blur", "auto"), "auto");
  assertEquals(read("blur", ""), "");
  assertEquals(read("deep", "true"), true);
  assertEquals(read("box", "1,2"), [1, 2]);
});

Deno.test("defineStage refuses declarations that contradict themselves", async () => {
  const base = {
    id: "a.b",
    version: "1.0.0",
    api: "^1.0",
    summary: "A stage",
    inputs: {},
    outputs: { out: { kind: "json", description: "out" } },
    params: {},
    run: () => ({ out: 1 }),
  } as const;
  const fails = (change: Record<string, unknown>, got: string) =>
    assertFails(() => defineStage({ ...base, ...change } as never), "STAGE_DECLARATION", got);
  await fails(
    { id: "Nope" },
    'Cannot declare stage "Nope": expected an id like "peaks.findfoci", got "Nope"',
  );
  await fails(
    { version: "1" },
    'Cannot declare stage "a.b": expected a version like "1.0.0", got "1"',
  );
  await fails(
    { api: "^2.0" },
    'Cannot declare stage "a.b": expected an api range that holds 1.2.0, as "^1.0", got "^2.0"',
  );
  await fails(
    { outputs: {} },
    'Cannot declare stage "a.b": expected at least one output, got none',
  );
  const size = { type: "number", default: 9, maximum: 5, description: "Size" };
  await fails(
    { params: { size } },
    'Cannot declare stage "a.b": expected defaults inside their own ranges, got Cannot set parameter "size" of a.b: expected a number of at most 5, got 9',
  );
  await fails(
    { params: { "a-b": size } },
    'Cannot declare stage "a.b": expected camelCase parameter names, got "a-b"',
  );
  await fails(
    { params: { size: { ...size, description: "" } } },
    'Cannot declare stage "a.b": expected a description of parameter "size", got none',
  );
});
