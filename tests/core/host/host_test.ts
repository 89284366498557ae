import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import type { HostEvent } from "../../../core/host/host.ts";
import { digestValue } from "../../../core/store/digest.ts";
import { ramp, toyHost, withFolder } from "../../support/toy_host.ts";
import * as toys from "../../support/toy_stages.ts";

Deno.test("host runs a stage as a typed call", async () => {
  using host = toyHost();
  const { image } = await host.run(toys.add, { image: ramp() }, { amount: 2 });
  assertEquals([...image.data], [2, 3, 4, 5, 6, 7]);
});

Deno.test("host rejects wrong calls at compile time", () => {
  using host = toyHost();
  // never called: each line must fail to compile
  const _wrong = [
    // @ts-expect-error an image port does not take exposures
    () => host.run(toys.add, { image: { images: [] } }),
    // @ts-expect-error the input is missing
    () => host.run(toys.add, {}),
    // @ts-expect-error amount is a number
    () => host.run(toys.add, { image: ramp() }, { amount: "much" }),
    // @ts-expect-error there is no parameter of that name
    () => host.run(toys.add, { image: ramp() }, { amuont: 1 }),
    // @ts-expect-error "bends" is none of the choices
    () => host.run(toys.broken, { image: ramp() }, { how: "bends" }),
    // @ts-expect-error the output is called image
    async () => (await host.run(toys.add, { image: ramp() })).picture,
  ];
});

Deno.test("host reports every problem of a call at once", async () => {
  using host = toyHost();
  await assertFails(
    () => host.run(toys.add, { image: { images: [] } as never }, { amount: 99, note: 3 } as never),
    "REQUEST_INVALID",
    `Cannot run toy.add: expected a request without problems, got 3 problems
- Cannot set parameter "amount" of toy.add: expected a number from -10 to 10, got 99
- Cannot set parameter "note" of toy.add: expected a word, got 3
- Cannot give input "image" to toy.add: expected image (float32 yx), got exposures (float32 tyx, 0 of them)`,
  );
});

Deno.test("host gives the same bytes inline and in the pool", async () => {
  const digests = [];
  for (const workers of [0, 1, 2]) {
    using host = toyHost({ workers });
    const { image } = await host.run(toys.noise, {}, { size: 8 });
    const { image: more } = await host.run(toys.add, { image }, { amount: 0.1 });
    const { sum } = await host.run(toys.spreadSum, { image: more });
    digests.push([digestValue(image), digestValue(more), sum]);
  }
  assertEquals(digests[1], digests[0]);
  assertEquals(digests[2], digests[0]);
});

Deno.test("host draws other random numbers with another seed", async () => {
  using host = toyHost();
  const one = await host.run(toys.noise, {}, {}, { seed: 1 });
  const two = await host.run(toys.noise, {}, {}, { seed: 2 });
  const again = await host.run(toys.noise, {}, {}, { seed: 1 });
  assertTrue(digestValue(one) !== digestValue(two));
  assertEquals(digestValue(one), digestValue(again));
});

Deno.test("host scatters a stage over exposures and gathers the outputs", async () => {
  using host = toyHost({ workers: 2 });
  const exposures = { images: [ramp(0), ramp(10), ramp(20)] };
  const { image } = await host.scatter(toys.add, { image: exposures }, { amount: 1 });
  assertEquals(image.images.map((i) => i.data[0]), [1, 11, 21]);
});

Deno.test("host serves a second call from the store", async () => {
  await withFolder(async (cache) => {
    for (const expected of [{ hits: 0, runs: 1, kept: true }, { hits: 1, runs: 0, kept: true }]) {
      using host = toyHost({ cache });
      const { image } = await host.run(toys.add, { image: ramp() }, { amount: -2 });
      assertEquals([...image.data], [-2, -1, 0, 1, 2, 3]);
      const [report] = host.reports;
      assertEquals(report.cache, expected);
      assertEquals(report.chosen, { used: -2 });
      assertEquals(report.warnings.map((w) => w.code), ["NEGATIVE"]);
    }
  });
});

Deno.test("host runs again when code, parameter, input or seed changed, not for a log parameter", async () => {
  await withFolder(async (cache) => {
    const runs = async (image = ramp(), params = {}, code = "1") => {
      using host = toyHost({ cache, code });
      await host.run(toys.add, { image }, params);
      return host.reports[0].cache.runs;
    };
    assertEquals(await runs(), 1);
    assertEquals(await runs(), 0);
    assertEquals(await runs(ramp(), { note: "hello" }), 0);
    assertEquals(await runs(ramp(), { amount: 3 }), 1);
    assertEquals(await runs(ramp(1)), 1);
    assertEquals(await runs(ramp(), {}, "2"), 1);
  });
});

Deno.test("host goes on without a store it cannot write, and says so once", async () => {
  const events: HostEvent[] = [];
  using host = toyHost({ cache: "/dev/null/store", events });
  const { image } = await host.run(toys.add, { image: ramp() });
  await host.run(toys.add, { image });
  assertEquals(events.filter((e) => e.type === "store-failed").length, 1);
});

Deno.test("host prunes its store to the limit when it is closed", async () => {
  await withFolder(async (cache) => {
    const runs = async (storeLimit: number) => {
      using host = toyHost({ cache, storeLimit });
      await host.run(toys.add, { image: ramp() });
      return host.reports[0].cache.runs;
    };
    assertEquals([await runs(1e6), await runs(1e6)], [1, 0]);
    using host = toyHost({ cache, storeLimit: 0 });
    await host.run(toys.add, { image: ramp(5) });
    host.close();
    assertEquals(await runs(1e6), 1, "everything is gone");
  });
});

Deno.test("host turns what a stage does wrong into typed errors", async () => {
  for (const workers of [0, 1]) {
    using host = toyHost({ workers });
    const call = (how: "throws" | "forgets" | "lies" | "nan") => () =>
      host.run(toys.broken, { image: ramp() }, { how });
    await assertFails(
      call("throws"),
      "STAGE_FAILED",
      'Cannot run toy.broken: expected a result, got the error "it fell over"; ' +
        "report it to the author of the stage, with run.json",
    );
    await assertFails(
      call("forgets"),
      "OUTPUT_MISSING",
      'Cannot take output "image" of toy.broken: expected a value, got nothing; ' +
        "the stage breaks its declaration; report it to its author",
    );
    await assertFails(
      call("lies"),
      "OUTPUT_TYPE",
      'Cannot take output "image" of toy.broken: expected image (float32 yx), got string',
    );
    await assertFails(
      call("nan"),
      "OUTPUT_NON_FINITE",
      'Cannot take output "image" of toy.broken: expected finite pixels, got 6 NaN or infinite pixels',
    );
    // the host is as good as before
    const { image } = await host.run(toys.add, { image: ramp() });
    assertEquals(image.data[0], 1);
  }
});

Deno.test("host outlives a worker that ends, and says so", async () => {
  using host = toyHost({ workers: 1 });
  await assertFails(
    () => host.run(toys.crash, { image: ramp() }),
    "WORKER_LOST",
    'Cannot finish the work of a worker: expected an answer, got its end ("Uncaught Error: nobody catches this"); run again; with less memory use if it happens again',
  );
  const { image } = await host.run(toys.add, { image: ramp() });
  assertEquals(image.data[0], 1);
});

Deno.test("host cancels a stage that computes in a worker", async () => {
  using host = toyHost({ workers: 1 });
  const controller = new AbortController();
  const work = host.run(toys.slow, { image: ramp() }, { steps: 1000 }, {
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(), 50);
  const error = await assertFails(() => work, "CANCELLED");
  assertEquals(error.exitCode, 130);
  // the worker is free again
  const { image } = await host.run(toys.add, { image: ramp() });
  assertEquals(image.data[0], 1);
});

Deno.test("host cancels calls that still wait for a worker", async () => {
  using host = toyHost({ workers: 1 });
  const controller = new AbortController();
  const options = { signal: controller.signal };
  const calls = [1, 2, 3].map(() =>
    host.run(toys.slow, { image: ramp() }, { steps: 1000 }, options)
  );
  const settled = Promise.allSettled(calls);
  controller.abort();
  assertEquals((await settled).map((s) => s.status), ["rejected", "rejected", "rejected"]);
});

Deno.test("host reports progress that never falls and ends at 1", async () => {
  const events: HostEvent[] = [];
  using host = toyHost({ workers: 1, events });
  await host.run(toys.slow, { image: ramp() }, { steps: 30 });
  const fractions = events.flatMap((e) => e.type === "step-progress" ? [e.fraction] : []);
  assertEquals(fractions, [...fractions].sort((a, b) => a - b));
  assertEquals(fractions.at(-1), 1);
});

Deno.test("host records a script as a pipeline that gives the same digests", async () => {
  using host = toyHost();
  const first = await host.run(toys.noise, {}, { size: 5 });
  const second = await host.run(toys.add, { image: first.image }, { amount: 4 });
  const third = await host.scatter(toys.add, {
    image: { images: [second.image, first.image] },
  }, { amount: 1 });
  const { brightest } = await host.run(toys.brightest, { exposures: third.image });
  const recorded = host.record("script");
  assertEquals(recorded.steps.map((s) => s.id), ["noise", "add", "add-2", "brightest"]);
  assertEquals(recorded.steps[1].in, { image: "noise.image" });
  assertEquals(recorded.steps[3].in, { exposures: "add-2.image" });

  using other = toyHost({ workers: 2 });
  const { outputs } = await other.runPipeline(recorded, {
    image: { images: [second.image, first.image] },
  });
  assertEquals(digestValue(outputs["brightest"]), digestValue(brightest));
  assertEquals(digestValue(outputs["add-image"]), digestValue(second.image));
});

Deno.test("host explains what is cached, what would run, and why", async () => {
  await withFolder(async (cache) => {
    using host = toyHost({ cache });
    const document = {
      format: "adatom-pipeline/1",
      name: "two",
      inputs: { image: { kind: "image" } },
      steps: [
        { id: "one", stage: "toy.add", in: { image: "$inputs.image" }, params: { amount: 1 } },
        { id: "two", stage: "toy.add@^1.1", in: { image: "one.image" }, params: { amount: 2 } },
      ],
      outputs: { image: "two.image" },
    } as const;
    const states = async (params = {}) =>
      (await host.explain(document, { image: ramp() }, params))
        .map((s) => `${s.state}: ${s.reason}`);
    assertEquals(await states(), ["runs: it has not run before", "waits: for the result of one"]);
    await host.runPipeline(document, { image: ramp() });
    assertEquals(await states(), [
      "cached: same code, parameters and inputs",
      "cached: same code, parameters and inputs",
    ]);
    const changed = await states({ "two.amount": 5 });
    assertIncludes(changed[1], 'runs: parameter "amount" changed from 2 to 5');
  });
});
