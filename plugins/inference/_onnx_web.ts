/**
 * ONNX Runtime for the web: WebAssembly anywhere, and WebGPU where there is an adapter. The one file
 * that knows the package `onnxruntime-web`.
 *
 * One thread a session: in Deno the threads of the package hang at random once its memory grows, and
 * two workers with a session each use two cores as well.
 *
 * @module
 */
import { openOrtSession, type OrtRuntime, type Session } from "./_session.ts";

/** Only errors: the runtime's warnings on the console are nothing a user can act on. */
const LOG_LEVEL = 3;

/** Opens a session on WebAssembly, one thread. */
export async function openWasmSession(bytes: Uint8Array): Promise<Session> {
  return await withOwnGlobals({}, async () => {
    const runtime = await import("onnxruntime-web");
    runtime.env.wasm.numThreads = 1;
    return await openOrtSession(runtime as unknown as OrtRuntime, bytes, {
      executionProviders: ["wasm"],
      logSeverityLevel: LOG_LEVEL,
    }, true);
  });
}

/** Opens a session on WebGPU; what WebGPU cannot compute runs on WebAssembly within it. */
export async function openWebGpuSession(bytes: Uint8Array): Promise<Session> {
  // in a worker of Deno the package takes `location` for a page's address, and misses its own files
  return await withOwnGlobals({ location: undefined }, async () => {
    const runtime = await import("onnxruntime-web/jspi");
    runtime.env.wasm.numThreads = 1;
    return await openOrtSession(runtime as unknown as OrtRuntime, bytes, {
      executionProviders: ["webgpu"],
      logSeverityLevel: LOG_LEVEL,
    }, true);
  });
}

/** Globals that the package's WebAssembly glue replaces by Node's, where it takes Deno for Node. */
const REPLACED = ["Worker", "location"] as const;

/** What they are before the package is loaded. */
const OWN = REPLACED.map((name) =>
  [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const
);

/** Runs some work with other globals, and puts back all that it has replaced. */
async function withOwnGlobals<T>(
  globals: Readonly<Record<string, unknown>>,
  work: () => Promise<T>,
): Promise<T> {
  for (const [name, value] of Object.entries(globals)) {
    if (Object.getOwnPropertyDescriptor(globalThis, name)?.configurable === false) continue;
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  try {
    return await work();
  } finally {
    for (const [name, descriptor] of OWN) {
      if (descriptor?.configurable) Object.defineProperty(globalThis, name, descriptor);
    }
  }
}
