/**
 * Examines the installation: what works on this machine, and what to do about what does not.
 *
 * @module
 */
import { accessSync, constants, mkdirSync } from "node:fs";
import { encodeParts } from "../core/data/encode.ts";
import { createImage, type Image, isAdatomError } from "../core/mod.ts";
import { createSandbox } from "../core/runner/process/sandbox.ts";
import { alignment } from "../plugins/mod.ts";
import { createHost } from "./create_host.ts";
import { writeCode } from "./plugins/build.ts";
import { withTemporary } from "./plugins/deno.ts";
import { benchModel } from "./models.ts";
import { listPlugins } from "./plugins/install.ts";
import { chooseProvider, examineProviders } from "./providers.ts";
import { shippedModel } from "./read_model.ts";
import { cacheFolder, pluginsFolder } from "./user_folders.ts";
import { VERSION } from "./version.ts";

/** One thing that was looked at. */
export interface DoctorCheck {
  readonly name: string;
  readonly state: "ok" | "warning" | "broken";
  readonly found: string;
  /** What to do, when it is not ok. */
  readonly hint?: string;
}

/** Looks at the runtime, workers, sandbox, plugins, store, GPU and at neural inference. */
export async function examineInstallation(): Promise<DoctorCheck[]> {
  return [
    runtime(),
    await workers(),
    await sandbox(),
    plugins(),
    store(),
    await gpu(),
    await providers(),
    await model(),
  ];
}

function runtime(): DoctorCheck {
  const { deno, v8 } = Deno.version;
  const found = `Adatom ${VERSION}, Deno ${deno}, V8 ${v8}, ${Deno.build.os} ${Deno.build.arch}`;
  return Number(deno.split(".")[0]) >= 2
    ? { name: "runtime", state: "ok", found }
    : { name: "runtime", state: "broken", found, hint: "use Deno 2.9 or later" };
}

/** Aligns two small pictures in the pool and looks at the answer. */
async function workers(): Promise<DoctorCheck> {
  const started = performance.now();
  using host = createHost({ cache: false });
  try {
    const exposures = { images: [blob(0), blob(3)] };
    const { drift } = await host.run(alignment.drift, { exposures }, { maxStep: 8 });
    const right = Math.abs(drift.columns.x[1] - 3) < 0.5;
    const ms = Math.round(performance.now() - started);
    const found = `${navigator.hardwareConcurrency} cores; a stage ran in a worker in ${ms} ms`;
    return right
      ? { name: "workers", state: "ok", found }
      : { name: "workers", state: "broken", found: "a wrong result", hint: "report it to us" };
  } catch (error) {
    const found = (error as Error).message;
    return { name: "workers", state: "broken", found, hint: "report it to us with this text" };
  }
}

/** What a plugin must not get at; its import is judged by other rules of Deno than its reading. */
const FORBIDDEN = [
  ["reading", "run: () => Deno.readTextFileSync(Deno.execPath()),"],
  ["importing", "run: () => import('file:///' + Deno.execPath(), { with: { type: 'text' } }),"],
  ["the network", "run: () => fetch('http://127.0.0.1:8099'),"],
  ["running", "run: () => new Deno.Command(Deno.execPath()).outputSync(),"],
  ["packages", "run: () => import('npm:is-number@7.0.0'),"],
] as const;

/** Lets a plugin try what it may not, since a new version of Deno may judge it differently. */
async function sandbox(): Promise<DoctorCheck> {
  const started = performance.now();
  const leaks: string[] = [];
  let first = 0;
  for (const [what, run] of FORBIDDEN) {
    const code = `export default { stages: [{ id: "doctor.try", ${run} }] };`;
    try {
      await withTemporary(async (folder) => {
        const origin = { ...writeCode(new TextEncoder().encode(code), folder, "doctor") };
        const box = createSandbox({ limits: { seconds: 10 } });
        try {
          const task = { do: "run", stage: "doctor.try", seed: 1 } as const;
          await box.perform(origin, task, encodeParts({ inputs: {}, params: {} }));
          leaks.push(what);
        } finally {
          box.close();
          await box.ended();
        }
      });
    } catch (error) {
      if (!isAdatomError(error, "PLUGIN_PERMISSION")) leaks.push(`${what} (${error})`);
    }
    first ||= Math.round(performance.now() - started);
  }
  const name = "sandbox";
  return leaks.length === 0
    ? {
      name,
      state: "ok",
      found: `plugins are refused what is not theirs; one starts in ${first} ms`,
    }
    : {
      name,
      state: "broken",
      found: `plugins are not refused ${leaks.join(", ")}`,
      hint: "use no plugins of others, and report it to us with the version of Deno",
    };
}

function plugins(): DoctorCheck {
  const rows = listPlugins();
  const broken = rows.filter(({ state }) => state === "broken").map(({ id }) => id);
  const found = `${rows.length} installed in ${pluginsFolder()}`;
  return broken.length === 0 ? { name: "plugins", state: "ok", found } : {
    name: "plugins",
    state: "warning",
    found: `${found}; broken: ${broken.join(", ")}`,
    hint: "see adatom plugin list",
  };
}

function store(): DoctorCheck {
  const folder = cacheFolder();
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return { name: "store", state: "ok", found: folder };
  } catch {
    const hint = "set ADATOM_CACHE to a folder that can be written";
    return { name: "store", state: "broken", found: `${folder} cannot be written`, hint };
  }
}

async function gpu(): Promise<DoctorCheck> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) return { name: "gpu", state: "ok", found: "none; everything runs on the cores" };
  const kind = adapter.info.isFallbackAdapter ? " (software, not used)" : "";
  return { name: "gpu", state: "ok", found: `${adapter.info.description || "adapter"}${kind}` };
}

async function providers(): Promise<DoctorCheck> {
  const states = await examineProviders();
  const found = states.map(({ provider, usable, found }) =>
    `${provider}: ${usable ? "yes" : "no"} (${found})`
  ).join(", ");
  return {
    name: "neural",
    state: "ok",
    found:
      `auto takes ${await chooseProvider()}; ${found}; ${navigator.hardwareConcurrency} threads`,
  };
}

/** Side of the picture by which the speed of the model is told, px. */
const SPEED_SIDE = 768;

/** Runs the model that comes along. */
async function model(): Promise<DoctorCheck> {
  const name = "model";
  try {
    const provider = await chooseProvider();
    const shipped = shippedModel("atomid");
    const { best } = await benchModel(shipped, { provider, size: SPEED_SIDE, runs: 2 });
    const seconds = best / 1000 * (1024 / SPEED_SIDE) ** 2;
    const found = `atomid takes about ${seconds.toFixed(2)} s for 1024 x 1024 px with ${provider}`;
    return { name, state: "ok", found };
  } catch (error) {
    const found = (error as Error).message;
    return { name, state: "broken", found, hint: "install Adatom again" };
  }
}

/** A picture of a few blobs, moved to the right. */
function blob(shift: number): Image {
  const size = 64;
  const data = new Float32Array(size * size);
  for (const [cx, cy] of [[20, 22], [40, 30], [30, 44]]) {
    for (let i = 0; i < data.length; i++) {
      const dx = (i % size) - cx - shift, dy = Math.floor(i / size) - cy;
      data[i] += 100 * Math.exp(-(dx * dx + dy * dy) / 18);
    }
  }
  return createImage({ width: size, height: size, data });
}
