import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import type { PortDeclaration } from "../../core/stage/ports.ts";
import type { AnyStage } from "../../core/stage/stage.ts";
import { createImage } from "../../core/data/image.ts";
import { digestValue } from "../../core/store/digest.ts";
import { ramp, withFolder } from "../support/toy_host.ts";
import { HOSTILE_LIMITS, stageCode } from "./hostile.ts";
import { GOOD_CODE, inTime, noteOf, pluginStage, sandboxHost, withPlugin } from "./plugin_host.ts";

type Port = PortDeclaration;
const JSON_PORT: Port = { kind: "json", description: "Any" };
const IMAGE: Port = { kind: "image", axes: "yx", description: "An image" };

const COOPERATIVE = stageCode(`note = String(Deno.pid);
  for (let i = 0; i < image.data[0]; i++) { context.progress(i / 1e6); await wait(5); }`);

/** A ramp that starts at the number of rounds the stage is to make. */
const rounds = (count: number) => ramp(count);

Deno.test("a cooperative stage that is cancelled stops, and its child stays warm", async () => {
  await withPlugin(COOPERATIVE, {}, async (work) => {
    const before = await noteOf(work);
    const controller = new AbortController();
    const run = work.host.run(work.stage, { image: rounds(1e6) }, {}, {
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 100);
    await assertFails(() => inTime(run, "cancelling"), "CANCELLED");
    assertEquals(await noteOf(work), before, "another process");
  });
});

Deno.test("a stage that does not stop when cancelled is killed after its grace", async () => {
  const code = stageCode(`note = String(Deno.pid);
  if (image.data[0] > 0) { context.progress(0.5); await wait(0); for (;;); }`);
  await withPlugin(code, {}, async (work) => {
    const before = await noteOf(work);
    const controller = new AbortController();
    const run = work.host.run(work.stage, { image: ramp(1) }, {}, { signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    const error = await assertFails(() => inTime(run, "cancelling"), "CANCELLED");
    assertEquals(error.exitCode, 130);
    assertTrue(await noteOf(work) !== before, "the same process");
  });
});

Deno.test("a run that is cancelled before its turn is not started", async () => {
  await withPlugin(COOPERATIVE, {}, async (work) => {
    await assertFails(() => noteOf(work, AbortSignal.abort()), "CANCELLED");
    const first = work.host.run(work.stage, { image: rounds(20) });
    const controller = new AbortController();
    const second = noteOf(work, controller.signal);
    controller.abort();
    await assertFails(() => second, "CANCELLED");
    await first;
  });
});

Deno.test("a child that was killed is replaced, and the neighbors are left alone", async () => {
  await withFolder(async (folder) => {
    const pid = "note = String(Deno.pid); if (image.data[0] > 0) for (;;);";
    const a = pluginStage(folder, stageCode(pid));
    const b = pluginStage(folder, stageCode(`${pid} // another plugin`), { id: "evil.stage" });
    const { host, sandbox } = sandboxHost([a, b], HOSTILE_LIMITS.tight);
    const pidOf = async (stage: AnyStage) =>
      ((await host.run(stage, { image: ramp() })).image as { name: string }).name;
    const [pidA, pidB] = await Promise.all([pidOf(a), pidOf(b)]);
    assertTrue(pidA !== pidB, "two plugins share a process");
    await assertFails(() => host.run(a, { image: ramp(1) }), "TIME_LIMIT");
    assertEquals(await pidOf(b), pidB);
    assertTrue(await pidOf(a) !== pidA);
    host.close();
    await inTime(sandbox.ended(), "the end of both", 10);
  });
});

Deno.test("an error outside of any task ends the child; the next call at once has a new one", async () => {
  const code = stageCode(`note = String(Deno.pid);
  if (image.data[0] > 0) { setTimeout(() => { throw new Error("later"); }); await wait(5000); }`);
  await withPlugin(code, {}, async (work) => {
    const pids = new Set<string>();
    for (let i = 0; i < 3; i++) {
      pids.add(await noteOf(work));
      await assertFails(() => work.host.run(work.stage, { image: ramp(1) }), "STAGE_FAILED");
    }
    assertEquals(pids.size, 3);
  });
});

Deno.test("two plugins run at the same time and do not hear each other", async () => {
  await withFolder(async (folder) => {
    const code = (word: string) =>
      stageCode(`const channel = new BroadcastChannel("meeting");
  channel.onmessage = ({ data }) => { note += data; };
  for (let i = 0; i < 60; i++) { channel.postMessage("${word}"); await wait(5); }
  channel.close();`);
    const stages = ["a", "b"].map((word) => pluginStage(folder, code(word)));
    const { host, sandbox } = sandboxHost(stages, HOSTILE_LIMITS.wide);
    const results = await Promise.all(stages.map((stage) => host.run(stage, { image: ramp() })));
    assertEquals(results.map(({ image }) => (image as { name: string }).name), ["", ""]);
    host.close();
    await inTime(sandbox.ended(), "the end of both", 10);
  });
});

Deno.test("calls of one plugin take turns in one process", async () => {
  await withPlugin(COOPERATIVE, {}, async (work) => {
    const notes = await Promise.all([1, 2, 3, 4].map(() => noteOf(work)));
    assertEquals(new Set(notes).size, 1);
  });
});

Deno.test("what a plugin prints is kept apart, whatever it prints with", async () => {
  const code = stageCode(`console.log("one", 2, { three: 4 });
  console.error("error"); console.assert(false, "asserted"); console.assert(true, "never");
  console.count("counted"); console.group("grouped"); console.groupEnd(); console.dirxml("dirxml");
  console.time("timer"); console.timeLog("timer"); console.timeEnd("timer"); console.timeEnd("none");
  console.table([{ a: 1 }]); console.clear(); console.countReset("none");
  const { log } = await import("node:console"); log("from node:console");`);
  await withPlugin(code, {}, async (work) => {
    await noteOf(work);
    assertEquals(work.printed.slice(0, 6), [
      "one 2 { three: 4 }",
      "error",
      "Assertion failed: asserted",
      "counted",
      "grouped",
      "dirxml",
    ]);
    assertIncludes(work.printed.join("\n"), "from node:console");
    assertTrue(!work.printed.join().includes("never"));
  });
});

/** A stage of every kind of port, for both sides: its code as text, and run here. */
const MIXED = `({ image, exposures, table, json }, params, context) => {
  const noise = Float32Array.from(image.data, (v) => v + context.random());
  context.warn("DOUBTFUL", "as a test");
  context.chose({ threshold: 0.25, mode: "auto", sure: true });
  context.progress(1);
  const columns = { x: table.columns.x.map((v) => v * 2), word: table.columns.word.toReversed() };
  return {
    image: { ...image, name: "noise", data: noise },
    exposures: { images: exposures.images.toReversed() },
    table: { length: table.length, columns, units: { x: "nm" } },
    json: { got: json, list: [1, "two", null, true, 0.1], empty: {} },
  };
}`;

const MIXED_PORTS: Readonly<Record<string, Port>> = {
  image: IMAGE,
  exposures: { kind: "exposures", axes: "tyx", description: "Exposures" },
  table: { kind: "table", columns: { x: "px" }, words: ["word"], description: "A table" },
  json: JSON_PORT,
};

Deno.test("a stage gives the same bytes, warnings and choices as inline, for every seed", async () => {
  const stage = { inputs: MIXED_PORTS, outputs: MIXED_PORTS, random: true } as Partial<AnyStage>;
  const code = `const run = ${MIXED};
export default { stages: [{ id: "evil.stage", random: true, run }] };`;
  const inputs = {
    image: createImage({ ...ramp(), pixelSize: { x: 0.1, y: 0.1, unit: "nm" } }),
    exposures: { images: [ramp(1), ramp(2), ramp(3)] },
    table: { length: 2, columns: { x: Float64Array.of(1.5, NaN), word: ["ä", ""] }, units: {} },
    json: { deep: [{ er: [1e300, -0.1] }], text: "\u0000\u2028\ud83d" },
  };
  await withPlugin(code, { stage }, async (work) => {
    const { plugin: _, ...declared } = work.stage;
    const inline = { ...declared, run: new Function(`return ${MIXED}`)() } as AnyStage;
    for (const seed of [1, 2]) {
      const sandboxed = await work.host.run(work.stage, inputs, {}, { seed });
      const here = await work.host.run(inline, inputs, {}, { seed });
      for (const port of Object.keys(MIXED_PORTS)) {
        assertEquals(digestValue(sandboxed[port]), digestValue(here[port]), port);
      }
    }
    const [first, second, third] = work.host.reports;
    assertEquals([first.runner, second.runner], ["process", "inline"]);
    assertEquals([first.warnings, first.chosen], [second.warnings, second.chosen]);
    assertEquals(first.outputs, second.outputs);
    assertTrue(first.outputs.image !== third.outputs.image, "the seed has no effect");
  });
});

Deno.test("payloads of every size come back byte for byte, in any order", async () => {
  const code = stageCode("return { image: { ...image, data: image.data.slice() } };");
  const limits = { ...HOSTILE_LIMITS.wide, memoryMiB: 1024, answerMiB: 128 };
  await withPlugin(code, {}, async ({ host, stage }) => {
    const inline = 2 ** 16; // pixels of a payload just above the size that goes through the pipe
    const sizes = [0, 1, inline - 200, inline - 1, inline, inline + 1, 17 * 2 ** 20, 3, inline];
    for (const width of sizes) {
      const image = createImage({ width, height: 1, data: new Float32Array(width) });
      new Uint32Array(image.data.buffer).forEach((_, i, words) =>
        words[i] = (i * 2654435761) & 0x3fffffff
      );
      const result = await host.run(stage, { image });
      assertEquals(digestValue(result.image), digestValue(image), `${width} pixels`);
    }
  }, limits);
});

Deno.test("a plugin whose code changed after it was installed is not loaded", async () => {
  const options = { id: "lab.add", plugin: "lab.good" };
  await withPlugin(GOOD_CODE, options, async ({ host, stage }) => {
    const { file, sha256 } = stage.plugin!;
    Deno.writeTextFileSync(file, "export default 1;");
    const found = "56332e0a5573";
    await assertFails(
      () => host.run(stage, { image: ramp() }),
      "PLUGIN_DIGEST",
      `Cannot load plugin lab.good 1.0.0: expected the code that was installed (sha256 ${
        sha256.slice(0, 12)
      }...), got other code (${found}...); remove it and add it again: adatom plugin remove lab.good`,
    );
    Deno.removeSync(file);
    const error = await assertFails(() => host.run(stage, { image: ramp() }), "PLUGIN_DIGEST");
    assertIncludes(error.message, "got ENOENT");
  });
});

Deno.test("a heap that is full ends the child alone, with the limit's own error", async () => {
  const code = stageCode(
    `const all = []; for (;;) all.push(new Array(1e6).fill(all.length + 0.5));`,
  );
  await withPlugin(code, {}, async ({ host, stage }) => {
    const error = await assertFails(() => host.run(stage, { image: ramp() }), "MEMORY_LIMIT");
    assertEquals(
      error.message.replace(/got (a full heap|\d+ MiB)/, "got #"),
      "Cannot run evil.stage (plugin evil.plugin 1.0.0): expected at most 256 MiB of memory, got #; " +
        "raise the limit with --memory-limit, or report it to the author of evil.plugin",
    );
    assertEquals(error.exitCode, 4);
  });
});

Deno.test("an output with the name of something every object has is missed as any other", async () => {
  const stage = { outputs: { constructor: JSON_PORT, toString: JSON_PORT } } as Partial<AnyStage>;
  await withPlugin(stageCode("return { constructor: 1 };"), { stage }, async (work) => {
    const run = work.host.run(work.stage, { image: ramp() });
    const error = await assertFails(() => run, "OUTPUT_MISSING");
    assertEquals(error.port, "toString");
  });
});

Deno.test("a closed sandbox runs nothing more, and abandons what runs", async () => {
  await withPlugin(COOPERATIVE, {}, async ({ host, stage }) => {
    const run = host.run(stage, { image: rounds(1e6) });
    setTimeout(() => host.close(), 150);
    await assertFails(() => inTime(run, "closing"), "CANCELLED");
    await assertFails(() => host.run(stage, { image: ramp() }), "CANCELLED");
  });
});
