/**
 * Hosts with sandboxed plugins, for tests.
 *
 * @module
 */
import { join } from "node:path";
import type { Image } from "../../core/data/image.ts";
import { assembleHost, type Host } from "../../core/host/host.ts";
import { createRegistry } from "../../core/host/registry.ts";
import { createInlineRunner } from "../../core/runner/inline.ts";
import type { SandboxLimits } from "../../core/runner/process/child_process.ts";
import { createProcessRunner } from "../../core/runner/process/process.ts";
import { createSandbox, type Sandbox } from "../../core/runner/process/sandbox.ts";
import type { Runner } from "../../core/runner/runner.ts";
import type { AnyStage, Permissions } from "../../core/stage/stage.ts";
import { digestBytes } from "../../core/store/digest.ts";
import { ramp, toyStages, withFolder } from "../support/toy_host.ts";
import { add } from "../support/toy_stages.ts";
import { HOSTILE_LIMITS } from "./hostile.ts";

/** Options of {@linkcode pluginStage}. */
export interface PluginStageOptions {
  readonly id?: string;
  readonly plugin?: string;
  readonly permissions?: Permissions;
  /** Changes of the declaration. */
  readonly stage?: Partial<AnyStage>;
}

let files = 0;

/** Installs code in a folder and gives its stage as a host sees it: the declaration, no code. */
export function pluginStage(
  folder: string,
  code: string,
  { id = "evil.stage", plugin = "evil.plugin", permissions = {}, stage }: PluginStageOptions = {},
): AnyStage {
  const bytes = new TextEncoder().encode(code);
  const file = join(folder, `plugin_${files++}.js`);
  Deno.writeFileSync(file, bytes);
  return {
    ...add,
    id,
    version: "1.0.0",
    params: {},
    run: () => {
      throw new Error("the code of a plugin runs in its sandbox only");
    },
    ...stage,
    plugin: {
      id: plugin,
      version: "1.0.0",
      sha256: digestBytes(bytes),
      file,
      trusted: false,
      permissions,
    },
  };
}

/** The code of a plugin that means well: its stage `lab.add` does what `toy.add` does. */
export const GOOD_CODE = `
const run = ({ image }) => ({ image: { ...image, data: image.data.map((v) => v + 1) } });
export default { id: "lab.good", version: "1.0.0", api: "^1.0", summary: "Means well", license: "MIT",
  stages: [{ id: "lab.add", version: "1.0.0", api: "^1.0", summary: "Adds 1 to every pixel",
    inputs: {}, outputs: {}, params: {}, run }] };
`;

/** A host with the toy stages and the sandboxed stages given. */
export function sandboxHost(
  stages: readonly AnyStage[],
  limits: Partial<SandboxLimits>,
  { printed = [], local = createInlineRunner(), onProgress = () => {} }: {
    readonly printed?: string[];
    /** Runs all other stages. */
    readonly local?: Runner;
    readonly onProgress?: () => void;
  } = {},
): { readonly host: Host; readonly sandbox: Sandbox } {
  const sandbox = createSandbox({ limits, print: (_plugin, text) => void printed.push(text) });
  const sandboxed = createProcessRunner(sandbox);
  const host = assembleHost({
    registry: createRegistry(toyStages, []),
    runner: {
      placeOf: (stage) => stage.plugin === undefined ? "inline" : "process",
      run: (call, options) => (stages.includes(call.stage) ? sandboxed : local).run(call, options),
      close: () => sandboxed.close(),
    },
    store: undefined,
    storeLimit: Infinity,
    seed: 1,
    codeOf: () => "1",
    code: () => "1",
    onEvent: ({ type }) => type === "step-progress" && onProgress(),
  });
  return { host, sandbox };
}

/** Fails when something takes far too long; no measure of speed. */
export function inTime<T>(work: Promise<T>, what: string, seconds = 30): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took above ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** What a test does with a plugin. */
export interface Work {
  readonly stage: AnyStage;
  readonly host: Host;
  readonly printed: string[];
  readonly folder: string;
}

/** Gives a test a host with one plugin, and checks that its process ends. */
export async function withPlugin(
  code: string,
  options: PluginStageOptions,
  test: (work: Work) => Promise<void>,
  limits: SandboxLimits = HOSTILE_LIMITS.wide,
): Promise<void> {
  await withFolder(async (folder) => {
    const printed: string[] = [];
    const stage = pluginStage(folder, code, options);
    const { host, sandbox } = sandboxHost([stage], limits, { printed });
    try {
      await test({ stage, host, printed, folder });
    } finally {
      host.close();
      await inTime(sandbox.ended(), "the end of the child", 10);
    }
  });
}

/** Runs the stage and gives its `note`, which tells what the plugin saw. */
export async function noteOf({ host, stage }: Work, signal?: AbortSignal): Promise<string> {
  const options = signal === undefined ? {} : { signal };
  const { image } = await host.run(stage, { image: ramp() }, {}, options);
  return (image as Image).name;
}
