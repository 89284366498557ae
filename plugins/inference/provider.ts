/**
 * What this machine can compute neural networks with, and which of it is best.
 *
 * @module
 */
import { installedRuntime } from "./_onnx_native.ts";
import type { Provider } from "./_session.ts";

export type { Provider } from "./_session.ts";

/** Whether a provider can be used here, and why. */
export interface ProviderState {
  readonly provider: Provider;
  /** Whether it works when asked for by name. */
  readonly usable: boolean;
  /** Whether `auto` would take it. */
  readonly automatic: boolean;
  readonly found: string;
}

/** The part of a graphics adapter we look at. */
interface Adapter {
  readonly info: { readonly description: string; readonly isFallbackAdapter?: boolean };
}

/** Every provider, best first. WebAssembly is always there. */
export async function examineProviders(): Promise<ProviderState[]> {
  return [await webgpu(), await native(), {
    provider: "wasm",
    usable: true,
    automatic: true,
    found: "WebAssembly, a thread for each worker",
  }];
}

let chosen: Promise<Provider> | undefined;

/**
 * The provider that `auto` means here: WebGPU on a real adapter, else the native runtime where it is
 * installed and allowed, else WebAssembly. Looked for once.
 */
export function chooseProvider(): Promise<Provider> {
  return chosen ??= examineProviders().then((states) =>
    states.find(({ automatic }) => automatic)!.provider
  );
}

/** The graphics adapter, or null: also where the system refuses even to look. */
export async function findAdapter(): Promise<Adapter | null> {
  try {
    const { gpu } = navigator as unknown as {
      gpu?: { requestAdapter(): Promise<Adapter | null> };
    };
    return await gpu?.requestAdapter() ?? null;
  } catch {
    return null;
  }
}

async function webgpu(): Promise<ProviderState> {
  const adapter = await findAdapter();
  if (adapter === null) {
    return { provider: "webgpu", usable: false, automatic: false, found: "no graphics adapter" };
  }
  const software = adapter.info.isFallbackAdapter === true;
  const name = adapter.info.description || "a graphics adapter";
  const found = software ? `${name}, software: slower than WebAssembly` : name;
  return { provider: "webgpu", usable: true, automatic: !software, found };
}

async function native(): Promise<ProviderState> {
  try {
    await installedRuntime();
    const found = "onnxruntime-node, a thread for each core";
    return { provider: "native", usable: true, automatic: true, found };
  } catch (error) {
    const found = nativeProblem(error);
    return { provider: "native", usable: false, automatic: false, found };
  }
}

/** Why the native runtime cannot be used, in words. */
export function nativeProblem(error: unknown): string {
  const { name, message } = error as Error;
  if (name === "NotCapable") return "no permission to load native code (--allow-ffi)";
  return /cannot find module|module not found/i.test(message)
    ? "onnxruntime-node is not installed"
    : message.split("\n")[0];
}
