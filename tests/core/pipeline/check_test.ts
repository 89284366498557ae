import { assertEquals, assertFails } from "@assert";
import { type AdatomError, gatherProblems } from "../../../core/errors.ts";
import { type PipelineDocument, readDocument } from "../../../core/pipeline/document.ts";
import { ramp, toyHost } from "../../support/toy_host.ts";

const good = {
  format: "adatom-pipeline/1",
  name: "good",
  inputs: { image: { kind: "image" }, stack: { kind: "exposures" } },
  params: { amount: { of: ["one.amount", "each.amount"], default: 3 } },
  steps: [
    { id: "one", stage: "toy.add@^1", in: { image: "$inputs.image" } },
    { id: "each", stage: "toy.add", in: { image: "$inputs.stack" }, scatter: "t" },
    { id: "top", stage: "toy.brightest", in: { exposures: "each.image" } },
  ],
  outputs: { top: "top.brightest", one: "one.image" },
} as const satisfies PipelineDocument;

/** The codes of the problems found last, beside their texts. */
let codes: string[] = [];

function problemsOf(document: unknown, params: Record<string, unknown> = {}): Promise<string[]> {
  using host = toyHost();
  const read = readDocument(document, "test");
  const check = () => {
    if (read.document === undefined) throw gatherProblems("read it", read.problems);
    host.check(read.document, params);
  };
  return assertFailsWithAny(check);
}

async function assertFailsWithAny(check: () => void): Promise<string[]> {
  try {
    await check();
  } catch (error) {
    const problems = (error as AdatomError).problems;
    const all = problems.length === 0 ? [error as AdatomError] : problems;
    codes = all.map((problem) => problem.code);
    return all.map((problem) => problem.message);
  }
  throw new Error("expected problems");
}

Deno.test("pipeline runs steps, scattered steps and shared parameters", async () => {
  using host = toyHost();
  const inputs = { image: ramp(), stack: { images: [ramp(), ramp(5)] } };
  const { outputs, steps } = await host.runPipeline(good, inputs);
  assertEquals([...(outputs.top as { columns: { value: Float64Array } }).columns.value], [8, 13]);
  assertEquals(steps.map((s) => s.id), ["one", "each", "top"]);
  const more = await host.runPipeline(good, inputs, { amount: 1, "one.amount": 0 });
  assertEquals((more.outputs.one as { data: Float32Array }).data[0], 0);
});

Deno.test("pipeline check reports every problem at once", async () => {
  const bad = {
    ...good,
    params: { amount: { of: "one.amuont" } },
    steps: [
      { id: "one", stage: "toy.ad", in: { image: "$inputs.image" } },
      { id: "each", stage: "toy.add@^2", in: { image: "$inputs.stack" } },
      { id: "top", stage: "toy.brightest", in: { exposure: "each.image" }, params: { x: 1 } },
      { id: "last", stage: "toy.add", in: { image: "tpo.image" }, params: { amount: 99 } },
    ],
    outputs: { top: "top.brightist", other: "nonsense" },
  };
  assertEquals(await problemsOf(bad, { sice: 1 }), [
    'Cannot use step "one": expected a registered stage, got "toy.ad"; did you mean "toy.add"?',
    'Cannot use step "each": expected toy.add in the range ^2, got version 1.2.0; update the stage, or name the version that is there',
    'Cannot connect input "image" of step "each": expected image (float32 yx), got exposures (float32 tyx) from $inputs.stack; add "scatter": "t" to the step',
    'Cannot connect input "exposure" of step "top": expected an input of toy.brightest, got "exposure"; did you mean "exposures"?',
    'Cannot connect input "exposures" of step "top": expected a reference, got nothing; add "exposures" to "in"',
    'Cannot connect input "image" of step "last": expected a step of the pipeline, got "tpo"; did you mean "top"?',
    'Cannot set parameter "sice" of pipeline "good": expected a declared parameter, got "sice"; known are amount, each.amount, each.note, last.amount, last.note',
    'Cannot set parameter "x" of toy.brightest: expected a declared parameter, got "x"; there are none',
    'Cannot set parameter "amount" of toy.add: expected a number from -10 to 10, got 99',
    'Cannot connect output "top": expected an output of toy.brightest, got "brightist"; did you mean "brightest"?',
    'Cannot connect output "other": expected $inputs.name or step.port, got "nonsense"',
  ]);
  assertEquals(codes, [
    "UNKNOWN_STAGE",
    "PIPELINE_TYPE",
    "PIPELINE_TYPE",
    "UNKNOWN_PORT",
    "INPUT_MISSING",
    "PIPELINE_REFERENCE",
    "UNKNOWN_PARAM",
    "UNKNOWN_PARAM",
    "PARAM_RANGE",
    "UNKNOWN_PORT",
    "PIPELINE_REFERENCE",
  ]);
});

Deno.test("pipeline check finds a cycle and names its steps", async () => {
  const loop = {
    ...good,
    params: {},
    steps: [
      { id: "a", stage: "toy.add", in: { image: "c.image" } },
      { id: "b", stage: "toy.add", in: { image: "a.image" } },
      { id: "c", stage: "toy.add", in: { image: "b.image" } },
    ],
    outputs: { image: "c.image" },
  };
  assertEquals(await problemsOf(loop), [
    'Cannot order step "a": expected steps that do not wait for themselves, got a -> c -> b -> a',
  ]);
  assertEquals(codes, ["PIPELINE_CYCLE"]);
});

Deno.test("pipeline check finds two steps of one id, and a scatter over nothing", async () => {
  const twice = { ...good, steps: [...good.steps, good.steps[0]] };
  assertEquals(await problemsOf(twice), [
    'Cannot use step "one": expected one step of that id, got two',
  ]);
  const alone = {
    ...good,
    params: {},
    steps: [{ id: "one", stage: "toy.add", in: { image: "$inputs.image" }, scatter: "t" }],
    outputs: {},
  };
  assertEquals(await problemsOf(alone), [
    'Cannot scatter step "one": expected an input with the axis t, got none',
  ]);
});

Deno.test("pipeline document reports every wrong field at once", async () => {
  assertEquals(
    await problemsOf({
      format: "adatom-pipeline/9",
      step: [],
      inputs: { image: "image" },
      params: { amount: { of: "amount" } },
      steps: [{ id: "A 1", stage: 4, sactter: "t", scatter: "x", in: [], params: 1 }, "two"],
      outputs: { a: 1 },
    }),
    [
      'Cannot use field "step" of pipeline "test": expected a known field, got "step"; did you mean "steps"?',
      'Cannot use field "name" of pipeline "test": expected it to be there, got nothing',
      'Cannot use field "format" of pipeline "test": expected "adatom-pipeline/1", got "adatom-pipeline/9"',
      'Cannot use step "A 1" of pipeline "test": expected an id of letters, digits and hyphens, got "A 1"',
      'Cannot use step "A 1" of pipeline "test": expected a stage, got 4',
      'Cannot use field "sactter" of step "A 1" of pipeline "test": expected a known field, got "sactter"; did you mean "scatter"?',
      'Cannot use field "in" of step "A 1" of pipeline "test": expected a map of references, got a list',
      'Cannot use field "params" of step "A 1" of pipeline "test": expected a map of values, got 1',
      'Cannot use field "scatter" of step "A 1" of pipeline "test": expected the axis "t", got "x"',
      'Cannot use step 1 of pipeline "test": expected a map of fields, got "two"',
      'Cannot use output "a" of pipeline "test": expected a reference like step.port, got 1',
      'Cannot use input "image" of pipeline "test": expected a map with a kind, got "image"',
      'Cannot use parameter "amount" of pipeline "test": expected a map with `of: step.param`, got a map',
    ],
  );
  assertEquals(await problemsOf("text"), [
    'Cannot use the content of pipeline "test": expected a map of fields, got "text"',
  ]);
});

Deno.test("pipeline refuses to run without its inputs or with others", async () => {
  using host = toyHost();
  await assertFails(
    () => host.runPipeline(good, { image: ramp(), pictures: 1 }),
    "REQUEST_INVALID",
    `Cannot run pipeline "good": expected a request without problems, got 2 problems
- Cannot run pipeline "good": expected an input "stack", got nothing; give it with --in stack=PATH or in the inputs of the call
- Cannot give input "pictures" to pipeline "good": expected one of its inputs, image, stack, got "pictures"`,
  );
});
