/**
 * Kinds of JSON that authors declare: inferred types, checked values, and no mixing of kinds.
 */
import { assertEquals, assertFails } from "@assert";
import { assembleHost, type Host } from "../../../core/host/host.ts";
import { createRegistry } from "../../../core/host/registry.ts";
import { type AnyStage, defineStage, type Stage } from "../../../core/mod.ts";
import type { PipelineDocument } from "../../../core/pipeline/document.ts";
import { createInlineRunner } from "../../../core/runner/inline.ts";

const cells = {
  kind: "json",
  type: "lab.cells",
  description: "Cells of a lattice",
  schema: {
    type: "object",
    required: ["count", "areas"],
    additionalProperties: false,
    properties: {
      count: { type: "integer", minimum: 0 },
      areas: { type: "array", items: { type: "number" } },
      unit: { enum: ["px", "nm"] },
    },
  },
} as const;
const total = {
  kind: "json",
  description: "Sum of the areas",
  schema: { type: "number" },
} as const;

const outputs = { cells } as const;
const params = { count: { type: "integer", default: 2, description: "How many" } } as const;
const make: Stage<Record<never, never>, typeof outputs, typeof params> = defineStage({
  id: "lab.make",
  version: "1.0.0",
  api: "^1.1",
  summary: "Makes some cells",
  inputs: {},
  outputs,
  params,
  run: (_inputs, { count }) => ({
    cells: { count, areas: Array.from({ length: count }, (_, i) => i + 0.5) },
  }),
});
const sum = defineStage({
  id: "lab.sum",
  version: "1.0.0",
  api: "^1.1",
  summary: "Adds up the areas of cells",
  inputs: { cells },
  outputs: { total },
  params: {},
  run({ cells }) {
    const unit: "px" | "nm" | undefined = cells.unit; // inferred from the literal
    // @ts-expect-error a name the schema does not have
    void cells.perimeter;
    // @ts-expect-error a number, so no text
    void cells.count.length;
    return { total: cells.areas.reduce((a, b) => a + b, unit === "nm" ? 1 : 0) };
  },
});
const other = defineStage({
  id: "lab.other",
  version: "1.0.0",
  api: "^1.1",
  summary: "Gives JSON of no kind",
  inputs: {},
  outputs: { value: { kind: "json", description: "Anything" } },
  params: {},
  run: () => ({ value: { count: 1.5, areas: [] } }),
});
const lies = { ...make, id: "lab.lies", run: () => ({ cells: { count: 1, areas: ["wide"] } }) };

function host(): Host {
  return assembleHost({
    registry: createRegistry([make, sum, other, lies as unknown as AnyStage], []),
    runner: createInlineRunner(),
    store: undefined,
    storeLimit: 0,
    seed: 1,
    codeOf: () => "test",
    code: () => "test",
    onEvent: () => {},
  });
}

Deno.test("values of a declared JSON kind pass from stage to stage", async () => {
  using lab = host();
  const made = await lab.run(make, {}, { count: 3 });
  const count: number = made.cells.count;
  assertEquals(count, 3);
  assertEquals((await lab.run(sum, { cells: made.cells })).total, 4.5);
});

Deno.test("values are checked against the schema, going in and coming out", async () => {
  using lab = host();
  const wrong = { count: 1.5, areas: [] };
  assertEquals(
    (await assertFails(() => lab.run(sum, { cells: wrong }), "PORT_TYPE")).message,
    'Cannot give input "cells" to lab.sum: expected a whole number at "/count", got 1.5',
  );
  assertEquals(
    (await assertFails(() => lab.run(lies as unknown as typeof make, {}), "OUTPUT_TYPE")).message,
    'Cannot take output "cells" of lab.lies: expected a number at "/areas/0", got "wide"',
  );
});

Deno.test("a pipeline joins JSON of one kind only", async () => {
  using lab = host();
  const pipeline = (from: string): PipelineDocument => ({
    format: "adatom-pipeline/1",
    name: "join",
    steps: [
      { id: "one", stage: from },
      {
        id: "sum",
        stage: "lab.sum",
        in: { cells: from === "lab.make" ? "one.cells" : "one.value" },
      },
    ],
    outputs: { total: "sum.total" },
  });
  assertEquals((await lab.runPipeline(pipeline("lab.make"), {})).outputs, { total: 2 });
  assertEquals(
    (await assertFails(() => lab.check(pipeline("lab.other")), "PIPELINE_TYPE")).message,
    'Cannot connect input "cells" of step "sum": expected lab.cells, got json from one.value',
  );
});
