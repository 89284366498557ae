/**
 * The host that `kill_soak.ts` kills: opens a store, runs a small pipeline of built-in-like stages and
 * a sandboxed one, and prints the digests of its results as JSON, or the code of its error.
 *
 * `STORE_FOLDER PLUGIN_FILE SEED MILLISECONDS`
 *
 * @module
 */
import { AdatomError } from "../core/errors.ts";
import { assembleHost, type Host, type PipelineResult } from "../core/host/host.ts";
import { createRegistry } from "../core/host/registry.ts";
import { createInlineRunner } from "../core/runner/inline.ts";
import { createProcessRunner } from "../core/runner/process/process.ts";
import { createSandbox } from "../core/runner/process/sandbox.ts";
import { createRouter } from "../core/runner/route.ts";
import type { Runner } from "../core/runner/runner.ts";
import type { AnyStage } from "../core/stage/stage.ts";
import { digestBytes, digestValue } from "../core/store/digest.ts";
import { openStore } from "../core/store/store.ts";
import { add, noise } from "../tests/support/toy_stages.ts";

/** The code of the plugin: a stage that adds, and takes its time. */
export const SOAK_CODE = `
const run = ({ image }, { amount, ms }, context) => {
  for (let part = 1; part <= 5; part++) {
    const end = performance.now() + ms / 5;
    while (performance.now() < end);
    context.progress(part / 5);
  }
  return { image: { ...image, data: image.data.map((v) => v + amount) } };
};
export default { id: "lab.soak", version: "1.0.0", api: "^1.0", summary: "Takes its time",
  license: "MIT", stages: [{ id: "lab.wander", run }] };
`;

/** The stage of the plugin, installed as a file. */
export function soakStage(file: string): AnyStage {
  return {
    ...add,
    id: "lab.wander",
    params: {
      amount: { type: "number", default: 1, description: "What to add" },
      ms: { type: "number", default: 0, affects: "log", description: "How long to take" },
    },
    plugin: {
      id: "lab.soak",
      version: "1.0.0",
      sha256: digestBytes(Deno.readFileSync(file)),
      file,
      trusted: false,
      permissions: {},
    },
  };
}

/** The two runners a host for the pipeline needs; `ended` resolves when all children are gone. */
export function soakRunner(): { readonly runner: Runner; readonly ended: () => Promise<void> } {
  const sandbox = createSandbox({ limits: { seconds: 60, memoryMiB: 512, answerMiB: 64 } });
  const runner = createRouter(createInlineRunner(), createProcessRunner(sandbox), () => {});
  return { runner, ended: () => sandbox.ended() };
}

/** A host for the pipeline, with a store where a folder is given. */
export function soakHost(stage: AnyStage, runner: Runner, folder: string | undefined): Host {
  return assembleHost({
    registry: createRegistry([add, noise, stage], []),
    runner,
    store: folder === undefined ? undefined : openStore(folder),
    storeLimit: Infinity,
    seed: 1,
    codeOf: (one) => one.plugin?.sha256 ?? "1",
    code: () => "1",
    onEvent: () => {},
  });
}

/** The digests of the pipeline's outputs. */
export function digestsOf({ outputs }: PipelineResult): Record<string, string> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, digestValue(value)]),
  );
}

/** Runs the pipeline. Its images are large enough to go through the exchange folder. */
export function runSoakPipeline(host: Host, seed: number, ms: number): Promise<PipelineResult> {
  const wander = (amount: number) => ({ amount, ms });
  return host.runPipeline(
    {
      format: "adatom-pipeline/1",
      name: "soak",
      steps: [
        { id: "noise", stage: "toy.noise", params: { size: 280 } },
        { id: "one", stage: "lab.wander", in: { image: "noise.image" }, params: wander(1) },
        { id: "two", stage: "toy.add", in: { image: "one.image" }, params: { amount: 2 } },
        { id: "three", stage: "lab.wander", in: { image: "two.image" }, params: wander(3) },
      ],
      outputs: { noise: "noise.image", one: "one.image", two: "two.image", three: "three.image" },
    },
    {},
    {},
    { seed },
  );
}

if (import.meta.main) {
  const [folder, file, seed, ms] = Deno.args;
  const { runner, ended } = soakRunner();
  const host = soakHost(soakStage(file), runner, folder);
  try {
    console.log(JSON.stringify(digestsOf(await runSoakPipeline(host, Number(seed), Number(ms)))));
  } catch (error) {
    if (!(error instanceof AdatomError)) throw error;
    console.log(JSON.stringify({ error: error.code }));
  }
  host.close();
  await ended();
}
