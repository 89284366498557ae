/**
 * Kills hosts and plugins at random moments, again and again, and looks at what is left: processes,
 * damaged stores, results that differ.
 *
 * `deno run -A benchmarks/kill_soak.ts [runs=1000] [seed=1]`
 *
 * Each run starts a host as a process of its own, kills its plugin's child, the host or both after a
 * random time, waits for the child's end, checks every file of the store, and finishes the pipeline from
 * that store with another host. Only where there is a `/proc`.
 *
 * @module
 */
import { join } from "node:path";
import { createRandom } from "../core/kernels/random.ts";
import type { Runner } from "../core/runner/runner.ts";
import { digestBytes } from "../core/store/digest.ts";
import { type ActionRecord, openStore } from "../core/store/store.ts";
import {
  digestsOf,
  runSoakPipeline,
  SOAK_CODE,
  soakHost,
  soakRunner,
  soakStage,
} from "./_soak_host.ts";

/** What is killed. */
export const KILLS = ["child", "host", "both"] as const;

/** How a soak went. */
export interface SoakReport {
  readonly runs: number;
  /** Runs in which there was something to kill at the moment chosen. */
  readonly kills: Readonly<Record<(typeof KILLS)[number], number>>;
  /** What hosts that lived said: `result`, or the code of the error. */
  readonly answers: Readonly<Record<string, number>>;
  /** Steps that the run after the kill found in the store, of all. */
  readonly resumed: { readonly found: number; readonly steps: number };
  /** Files that a killed host left under a temporary name; harmless. */
  readonly temporaries: number;
  /** Children that outlived their host by 10 s. */
  readonly orphans: number;
  /** Everything that must not be, in words. */
  readonly faults: readonly string[];
  /** Longest time from a host's death to the end of its child. */
  readonly longestMs: number;
}

/** Results are compared for this many seeds of random pixels. */
const SEEDS = 6;

/** How long the sandboxed stage takes, twice a run. */
const STAGE_MS = 50;

/** When things are killed, in parts of the time an undisturbed run takes. */
const EARLIEST = 0.2, LATEST = 1.6;

/** A child that is still there after this long is an orphan. */
const ORPHAN_MS = 10_000;

const HOST = new URL("./_soak_host.ts", import.meta.url).pathname;

type Tally = { -readonly [name in keyof SoakReport]: SoakReport[name] } & {
  kills: Record<(typeof KILLS)[number], number>;
  answers: Record<string, number>;
  resumed: { found: number; steps: number };
  faults: string[];
};

/** What all runs share. */
interface Soak {
  readonly root: string;
  readonly plugin: string;
  readonly seed: number;
  readonly runner: Runner;
  /** Digests of runs that nobody disturbed, by seed. */
  readonly reference: readonly Readonly<Record<string, string>>[];
  /** How long such a run takes. */
  readonly spanMs: number;
  readonly tally: Tally;
}

/** Runs a soak, some hosts at a time. */
export async function soak(
  { runs, seed = 1, lanes = 2 }: {
    readonly runs: number;
    readonly seed?: number;
    readonly lanes?: number;
  },
): Promise<SoakReport> {
  const root = Deno.makeTempDirSync({ prefix: "adatom-soak-" });
  const plugin = join(root, "plugin.js");
  Deno.writeTextFileSync(plugin, SOAK_CODE);
  const { runner, ended } = soakRunner();
  try {
    const reference = [];
    for (let s = 0; s < SEEDS; s++) {
      reference.push(digestsOf(await runSoakPipeline(hostOn(plugin, runner), s, 0)));
    }
    const tally: Tally = {
      runs: 0,
      kills: { child: 0, host: 0, both: 0 },
      answers: {},
      resumed: { found: 0, steps: 0 },
      temporaries: 0,
      orphans: 0,
      faults: [],
      longestMs: 0,
    };
    const started = performance.now();
    const first = { root, plugin, seed, runner, reference, spanMs: Infinity, tally };
    await oneRun(first, 0); // undisturbed, since its time to be killed never comes
    const shared = { ...first, spanMs: performance.now() - started };
    const lane = async () => {
      while (tally.runs <= runs) await oneRun(shared, tally.runs);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return { ...tally, runs: tally.runs - 1 };
  } finally {
    runner.close();
    await ended();
    Deno.removeSync(root, { recursive: true });
  }
}

/** A host of this process; closing it is left out, since the runner is shared. */
function hostOn(plugin: string, runner: Runner, store?: string) {
  return soakHost(soakStage(plugin), runner, store);
}

async function oneRun(soak: Soak, index: number): Promise<void> {
  const { tally, reference } = soak;
  tally.runs++;
  const seed = index % SEEDS;
  const random = createRandom(soak.seed * 1_000_003 + index); // the same whatever the other lanes do
  const kind = KILLS[Math.floor(random() * KILLS.length)];
  const moment = soak.spanMs * (EARLIEST + (LATEST - EARLIEST) * random());
  const folder = join(soak.root, String(index));
  const store = join(folder, "store");
  Deno.mkdirSync(folder);
  const host = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", HOST, store, soak.plugin, String(seed), String(STAGE_MS)],
    env: { TMPDIR: folder, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let over = false;
  const output = host.output().finally(() => over = true);
  const fault = (text: string) => tally.faults.push(`run ${index} (${kind}): ${text}`);

  if (moment !== Infinity) {
    await Promise.race([pause(moment), output]);
    const hit = await strike(kind, host, folder, () => over);
    if (hit) tally.kills[kind]++;
  }
  const dead = performance.now();
  const { code, signal, stdout, stderr } = await output;
  while (childrenOf(folder).length > 0 && performance.now() - dead < ORPHAN_MS) await pause(2);
  const left = childrenOf(folder);
  tally.orphans += left.length;
  if (signal === "SIGKILL") tally.longestMs = Math.max(tally.longestMs, performance.now() - dead);
  for (const pid of left) {
    fault(`child ${pid} outlived its host`);
    kill(pid);
  }

  if (signal === null) {
    const said = new TextDecoder().decode(stdout);
    const { error, ...digests } = code === 0 ? JSON.parse(said) : { error: `exit ${code}` };
    const answer = error ?? "result";
    tally.answers[answer] = (tally.answers[answer] ?? 0) + 1;
    if (error === undefined && !same(digests, reference[seed])) fault("another result");
    if (error !== undefined && error !== "PLUGIN_ENDED") {
      fault(`${error}: ${new TextDecoder().decode(stderr).slice(0, 500)}`);
    }
  }
  tally.temporaries += checkStore(store, fault);
  const again = await runSoakPipeline(hostOn(soak.plugin, soak.runner, store), seed, 0);
  if (!same(digestsOf(again), reference[seed])) fault("another result from what was left");
  tally.resumed.found += again.steps.reduce((sum, step) => sum + step.cache.hits, 0);
  tally.resumed.steps += again.steps.length;
  Deno.removeSync(folder, { recursive: true });
}

/** Kills what is to be killed; whether there was anything left to kill. */
async function strike(
  kind: (typeof KILLS)[number],
  host: Deno.ChildProcess,
  folder: string,
  over: () => boolean,
): Promise<boolean> {
  let children = childrenOf(folder);
  while (kind === "child" && children.length === 0 && !over()) {
    await pause(2); // it has not been started yet
    children = childrenOf(folder);
  }
  if (over()) return false;
  if (kind !== "host") children.forEach(kill);
  if (kind !== "child") kill(host.pid);
  return true;
}

/** The children of plugins whose exchange folder lies in a folder. */
function childrenOf(folder: string): number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const words = Deno.readTextFileSync(`/proc/${name}/cmdline`);
      if (words.includes("child.gen.js") && words.includes(`${folder}/`)) found.push(Number(name));
    } catch {
      // it has ended meanwhile
    }
  }
  return found;
}

/** Checks every file of a store; gives the number of files under temporary names. */
function checkStore(folder: string, fault: (text: string) => void): number {
  let temporaries = 0;
  const store = openStore(folder);
  for (const path of filesIn(folder)) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const bytes = Deno.readFileSync(path);
    if (name.endsWith(".tmp")) {
      temporaries++;
    } else if (path.includes("/objects/")) {
      if (digestBytes(bytes) !== name) fault(`object ${name} is damaged`);
    } else {
      let record: ActionRecord;
      try {
        record = JSON.parse(new TextDecoder().decode(bytes));
      } catch {
        fault(`action ${name} is damaged`);
        continue;
      }
      const key = name.replace(".json", "");
      const values = store.get(record.request.stage, key)?.values;
      // objects are written first, so that a record that is there is whole
      if (values === undefined) fault(`action ${name} lacks an output`);
    }
  }
  return temporaries;
}

function filesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
      isDirectory ? filesIn(join(folder, name)) : [join(folder, name)]
    );
  } catch {
    return []; // killed before it was made
  }
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // it has ended meanwhile
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  const [runs = "1000", seed = "1"] = Deno.args;
  const started = performance.now();
  const report = await soak({ runs: Number(runs), seed: Number(seed), lanes: 3 });
  const { kills, answers, resumed, faults } = report;
  const seconds = (performance.now() - started) / 1000;
  const rows: [string, string | number][] = [
    ["runs", report.runs],
    ...KILLS.map((kind): [string, number] => [`killed: ${kind}`, kills[kind]]),
    ...Object.entries(answers).map(([name, n]): [string, number] => [`host said ${name}`, n]),
    ["steps found in the store afterwards", `${resumed.found} of ${resumed.steps}`],
    ["files under temporary names", report.temporaries],
    ["orphans", report.orphans],
    ["inconsistent", faults.length],
    ["longest time to a child's end", `${report.longestMs.toFixed(0)} ms`],
    ["seconds a run", (seconds / report.runs).toFixed(2)],
  ];
  for (const [name, value] of rows) console.log(`${name.padEnd(36)} ${value}`);
  for (const text of faults.slice(0, 20)) console.log(`- ${text}`);
  Deno.exit(faults.length + report.orphans === 0 ? 0 : 1);
}
