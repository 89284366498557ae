import { assertEquals, assertIncludes, assertTrue } from "@assert";
import { createImage, type Image } from "../../core/mod.ts";
import type { Context } from "../../core/stage/context.ts";
import type { AnyStage } from "../../core/stage/stage.ts";
import {
  CANCEL_LIMIT_MS,
  contractChecks,
  type ContractOptions,
  runInThread,
} from "../../procedures/conformance/suite.ts";
import { add, brightest, noise } from "../support/toy_stages.ts";

interface Saboteur {
  /** Id of the check that must fail. */
  readonly check: string;
  /** What it does wrong. */
  readonly fault: string;
  /** What the check must say. */
  readonly says: RegExp;
  readonly stage: AnyStage;
  readonly options?: ContractOptions;
}

type Run = (
  inputs: { image: Image; settings: { factor: number; gain: { value: number } } },
  params: { amount: number },
  context: Context,
) => Record<string, unknown>;

/** A stage with other work to do. */
function withRun(stage: AnyStage, run: Run): AnyStage {
  return { ...stage, run: run as AnyStage["run"] };
}

/** An `add` that does its work. */
const good: AnyStage = withRun(add, ({ image }, { amount }, context) => {
  context.progress(0.5);
  context.progress(1);
  return { image: plus(image, amount) };
});

const { module: _, ...local } = add; // no worker could load what is written here

/** A stage that takes JSON of a declared form. */
const scale: AnyStage = withRun({
  ...local,
  inputs: {
    ...add.inputs,
    settings: {
      kind: "json",
      type: "toy.settings",
      schema: {
        type: "object",
        properties: { factor: { type: "number", minimum: 2 } },
        required: ["factor"],
      },
      description: "How much brighter",
    },
  },
  outputs: {
    ...add.outputs,
    used: { kind: "json", description: "The factor used" },
  },
}, ({ image, settings }, _params, context) => {
  context.progress(1);
  return { image: plus(image, settings.factor), used: settings };
});

const SABOTAGE: readonly Saboteur[] = [
  {
    check: "plain-declaration",
    fault: "a function in its declaration",
    says: /function at "\/params\/amount\/default"/,
    stage: { ...good, params: { amount: { ...add.params.amount, default: () => 1 } } },
  },
  {
    check: "schemas",
    fault: "a schema that nothing fits",
    says: /a schema of "used" that some value fits, got one that wants a number from 2 to 1/,
    stage: {
      ...scale,
      outputs: {
        ...scale.outputs,
        used: {
          ...scale.outputs.used,
          schema: { type: "array", minItems: 1, items: { type: "number", minimum: 2, maximum: 1 } },
        },
      },
    },
  },
  {
    check: "same-bytes",
    fault: "changes its inputs",
    says: /inputs left alone/,
    stage: withRun(good, ({ image }) => {
      image.data[0]++;
      return { image: createImage({ ...image, data: new Float32Array(image.data.length) }) };
    }),
  },
  {
    check: "same-bytes",
    fault: "other bytes each time",
    says: /the same bytes from the same inputs/,
    stage: withRun(good, ({ image }) => ({ image: plus(image, Math.random()) })),
  },
  {
    check: "same-bytes",
    fault: "falls over a value its own schema allows",
    says: /the error "Cannot read properties of undefined/,
    stage: withRun(scale, ({ image, settings }) => ({ image: plus(image, settings.gain.value) })),
  },
  {
    check: "same-bytes-elsewhere",
    fault: "other bytes in a worker of the pool",
    says: /the same bytes in the pool, got others/,
    stage: withRun(good, ({ image }) => ({ image: plus(image, 5) })), // workers load the true `add`
  },
  {
    check: "outputs",
    fault: "NaN in an image",
    says: /expected finite pixels/,
    stage: withRun(good, ({ image }) => ({ image: plus(image, NaN) })),
  },
  {
    check: "outputs",
    fault: "a table without a declared column, from a runner that checks nothing",
    says: /add value/,
    stage: brightest,
    options: {
      run: async (...call) => {
        const { outputs, reports } = await runInThread(...call);
        const { columns, ...table } = outputs.brightest as { columns: Record<string, unknown> };
        const { value: _, ...others } = columns;
        return { outputs: { brightest: { ...table, columns: others } }, reports };
      },
    },
  },
  {
    check: "outputs",
    fault: "NaN in JSON, which would be null once kept",
    says: /plain JSON in output "used", got NaN at "\/factor"/,
    stage: withRun(scale, ({ image }) => ({ image, used: { factor: NaN } })),
  },
  {
    check: "progress",
    fault: "never reports",
    says: /reports of progress, got none/,
    stage: withRun(good, ({ image }) => ({ image })),
  },
  {
    check: "progress",
    fault: "progress that falls",
    says: /never falls, got 0.2 after 0.5/,
    stage: withRun(good, ({ image }, _params, context) => {
      for (const fraction of [0.5, 0.2, 1]) context.progress(fraction);
      return { image };
    }),
  },
  {
    check: "progress",
    fault: "progress that ends too soon",
    says: /ends at 1, got 0.5/,
    stage: add,
  },
  {
    check: "stops",
    fault: "swallows the error of a cancelled run",
    says: /CANCELLED when cancelled at the first report of progress, got a result/,
    stage: withRun(good, ({ image }, _params, context) => {
      try {
        context.progress(0.5);
      } catch {
        return { image };
      }
      return { image };
    }),
  },
  {
    check: "answers-cancel",
    fault: "computes on after a cancel",
    says: /an end within 1000 ms of a cancel, got 1\d\d\d ms/,
    stage: withRun(good, ({ image }, _params, context) => {
      try {
        context.progress(0.5);
      } finally {
        for (const end = performance.now() + CANCEL_LIMIT_MS + 50; performance.now() < end;);
      }
      return { image };
    }),
  },
  {
    check: "edge-inputs",
    fault: "falls over an image without structure",
    says: /on .*"constant":true.*, got STAGE_FAILED: .*boom/,
    stage: withRun(good, ({ image }) => {
      if (Math.max(...image.data) === Math.min(...image.data) && image.width > 1) {
        throw new TypeError("boom");
      }
      return { image };
    }),
  },
  {
    check: "non-finite",
    fault: "lets NaN through although it says it excludes it",
    says: /on NaN and infinite pixels in "image", got OUTPUT_NON_FINITE/,
    stage: {
      ...good,
      inputs: { image: { ...add.inputs.image, nonFinite: "exclude" } },
    },
  },
  {
    check: "limits",
    fault: "falls over the largest value it declares",
    says: /a typed error at amount = 10, got STAGE_FAILED: .*Invalid array length/,
    stage: withRun(
      good,
      ({ image }, { amount }) => ({ image: plus(image, new Array(9 - amount).length) }),
    ),
  },
];

for (const stage of [brightest, noise, good, scale]) {
  for (const { id, name, run } of contractChecks(stage)) {
    const silent = stage === brightest || stage === noise; // too quick to report
    if (silent && (id === "progress" || id === "stops")) continue;
    Deno.test(`contract: ${name} (${stage === scale ? "scale" : "as it is"})`, run);
  }
}

for (const { check, fault, says, stage, options } of SABOTAGE) {
  Deno.test(`contract: ${check} finds a stage with this fault: ${fault}`, async () => {
    const found = contractChecks(stage, options).find(({ id }) => id === check)!;
    let message = "";
    await found.run().catch((error: Error) => message = error.message);
    assertIncludes(message, says);
  });
}

Deno.test("contract: every check has an id of its own, and a caller's run replaces thread and pool", async () => {
  let calls = 0;
  const checks = contractChecks(brightest, {
    run(...call) {
      calls++;
      assertEquals(call[2], {});
      return runInThread(...call);
    },
  });
  assertEquals(new Set(checks.map(({ id }) => id)).size, checks.length);
  assertTrue(checks.every(({ id }) => /^[a-z]+(-[a-z]+)*$/.test(id)));
  await checks.find(({ id }) => id === "same-bytes-elsewhere")!.run();
  assertEquals(calls, 1);
});

function plus(image: Image, amount: number): Image {
  return createImage({ ...image, data: image.data.map((v) => v + amount) });
}
