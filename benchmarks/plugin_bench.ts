/**
 * What the sandbox costs: start, warm calls, listing of installed plugins, and how soon a plugin that
 * hangs is gone. The inline runner does the same work beside it.
 *
 * `deno run -A benchmarks/plugin_bench.ts [repeats]`; the bars are those of the plugin platform's issue.
 */
import { join } from "node:path";
import { installedStages, readInstalled } from "../core/host/installed.ts";
import { type AnyStage, createImage } from "../core/mod.ts";
import { createInlineRunner } from "../core/runner/inline.ts";
import { createProcessRunner } from "../core/runner/process/process.ts";
import { createSandbox } from "../core/runner/process/sandbox.ts";
import type { Runner } from "../core/runner/runner.ts";
import { bundleOf, installText, scalePlugin } from "../tests/support/plugin_bundle.ts";

const repeats = Number(Deno.args[0] ?? 15);
const home = await Deno.makeTempDir({ prefix: "adatom-bench-" });
const plugins = join(home, "plugins");
console.log(
  `${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}, best of ${repeats}`,
);

await installText(home, scalePlugin());
const [sandboxed] = installedStages(readInstalled(plugins).plugins[0]);
const { code } = await bundleOf(scalePlugin());
const module = await import(`data:text/javascript;base64,${code.toBase64()}`);
const [inline] = module.default.stages;

const small = createImage({ width: 16, height: 16 });
const cold = { inline: Infinity, sandboxed: Infinity };
for (let i = 0; i < repeats; i++) {
  cold.inline = Math.min(cold.inline, await timed(createInlineRunner(), inline, small));
  const sandbox = createSandbox();
  cold.sandboxed = Math.min(
    cold.sandboxed,
    await timed(createProcessRunner(sandbox), sandboxed, small),
  );
  sandbox.close();
  await sandbox.ended();
}
row("start of a sandboxed stage over inline", cold.sandboxed - cold.inline, 80);

const sandbox = createSandbox();
const runner = createProcessRunner(sandbox);
for (const [side, bar] of [[1024, 15], [4096, undefined], [8192, undefined]] as const) {
  const image = createImage({ width: side, height: side });
  const best = { inline: Infinity, sandboxed: Infinity };
  for (let i = 0; i < Math.max(3, Math.round(4 * repeats * (1024 / side) ** 2)); i++) {
    best.inline = Math.min(best.inline, await timed(createInlineRunner(), inline, image));
    best.sandboxed = Math.min(best.sandboxed, await timed(runner, sandboxed, image));
  }
  const size = `${4 * (side / 1024) ** 2} MB image`;
  row(
    `warm child, ${size}, over inline (${best.inline.toFixed(1)} ms)`,
    best.sandboxed - best.inline,
    bar,
  );
}
sandbox.close();
await sandbox.ended();

const none = await Deno.makeTempDir({ prefix: "adatom-bench-" });
for (let i = 0; i < 9; i++) await installText(home, scalePlugin({ id: `lab.scale-${i}` }));
const list = { none: Infinity, ten: Infinity };
for (let i = 0; i < repeats; i++) {
  list.none = Math.min(list.none, await listStages(none));
  list.ten = Math.min(list.ten, await listStages(home));
}
row(
  `ten plugins in \`adatom stages\` over none (${list.none.toFixed(0)} ms)`,
  list.ten - list.none,
  30,
);

const SECONDS = 0.5;
const loop = scalePlugin({ id: "lab.loop", more: "run() { for (;;); }," });
await installText(home, loop);
const hanging = readInstalled(plugins).plugins.find(({ id }) => id === "lab.loop")!;
let gone = Infinity;
for (let i = 0; i < 5; i++) {
  const limited = createSandbox({ limits: { seconds: SECONDS } });
  await limited.describe(hanging.origin);
  const started = performance.now();
  await timed(createProcessRunner(limited), installedStages(hanging)[0], small).catch(() => {});
  await limited.ended();
  gone = Math.min(gone, performance.now() - started - 1000 * SECONDS);
}
row("endless loop gone after its limit", gone, 100);
await Deno.remove(home, { recursive: true });
await Deno.remove(none, { recursive: true });

async function timed(runner: Runner, stage: AnyStage, image: unknown): Promise<number> {
  const started = performance.now();
  await runner.run(
    { stage, inputs: { image }, params: { factor: 2 }, seed: 1 },
    { signal: new AbortController().signal, progress: () => {} },
  );
  return performance.now() - started;
}

async function listStages(home: string): Promise<number> {
  const started = performance.now();
  await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("../cli.ts", import.meta.url).pathname, "stages"],
    env: { ADATOM_HOME: home },
    stdout: "null",
    stderr: "null",
  }).output();
  return performance.now() - started;
}

function row(what: string, ms: number, bar: number | undefined): void {
  const limit = bar === undefined ? "" : `  at most ${bar} ms`;
  console.log(`${what.padEnd(60)} ${ms.toFixed(1).padStart(7)} ms${limit}`);
}
