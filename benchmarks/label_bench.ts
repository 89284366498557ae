/**
 * The labeling procedure as a whole: wall time and peak memory of `adatom label` in its own process.
 *
 * `deno run -A benchmarks/label_bench.ts [repeats]` labels ten and twenty simulated exposures of
 * 1024 x 1024 px with about 2 000 columns, from an empty cache and again from the full one.
 */
import { createHost, pipelineOfStage, runToFolder, simulation } from "../mod.ts";

const repeats = Number(Deno.args[0] ?? 3);
const folder = await Deno.makeTempDir({ prefix: "adatom-bench-" });
const cli = new URL("../cli.ts", import.meta.url).pathname;

console.log(
  `${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}, best of ${repeats}`,
);
console.log("exposures  first run   peak memory  again, same folder  again, new folder");
const firsts: number[] = [];
for (const exposures of [10, 20]) {
  using host = createHost({ cache: false, seed: 5 });
  await runToFolder(host, {
    pipeline: pipelineOfStage(simulation.scene, []),
    files: {},
    params: { width: 1024, height: 1024, spacing: 24, exposures, driftTotal: 15 },
    out: `${folder}/scene-${exposures}`,
    keepSampleType: true,
  });
  const best = { first: Infinity, memory: Infinity, same: Infinity, other: Infinity };
  for (let i = 0; i < repeats; i++) {
    const cache = `${folder}/cache-${exposures}-${i}`, out = `${folder}/set-${exposures}-${i}`;
    const first = await label(exposures, out, cache);
    best.first = Math.min(best.first, first.seconds);
    best.memory = Math.min(best.memory, first.megabytes);
    best.same = Math.min(best.same, (await label(exposures, out, cache)).seconds);
    best.other = Math.min(best.other, (await label(exposures, `${out}-b`, cache)).seconds);
  }
  firsts.push(best.first);
  const columns = [
    String(exposures).padStart(9),
    `${best.first.toFixed(1)} s`.padStart(10),
    `${best.memory.toFixed(0)} MB`.padStart(12),
    `${best.same.toFixed(2)} s`.padStart(19),
    `${best.other.toFixed(2)} s`.padStart(18),
  ];
  console.log(columns.join(" "));
}
console.log(`twenty exposures take ${(firsts[1] / firsts[0]).toFixed(2)} times as long as ten`);
await Deno.remove(folder, { recursive: true });

/** Labels in a process of its own; its memory is read from the system while it runs. */
async function label(exposures: number, out: string, cache: string) {
  const started = performance.now();
  const stack = `${folder}/scene-${exposures}/exposures.tif`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", cli, "label", stack, "--out", out, "--quiet"],
    env: { ADATOM_CACHE: cache },
    stdout: "null",
    stderr: "null",
  }).spawn();
  let peak = 0;
  const watch = setInterval(() => peak = Math.max(peak, peakMemory(child.pid)), 20);
  const { success } = await child.status;
  clearInterval(watch);
  if (!success) throw new Error("adatom label failed");
  return { seconds: (performance.now() - started) / 1000, megabytes: peak };
}

/** The most memory a process has had, in MB; 0 where the system does not tell. */
function peakMemory(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
