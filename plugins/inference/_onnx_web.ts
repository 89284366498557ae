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
  const runtime = await import("onnxruntime-web");
  runtime.env.wasm.numThreads = 1;
  return await openOrtSession(runtime as unknown as OrtRuntime, bytes, {
    executionProviders: ["wasm"],
    logSeverityLevel: LOG_LEVEL,
  });
}

/** Opens a session on WebGPU; what WebGPU cannot compute runs on WebAssembly within it. */
export async function openWebGpuSession(bytes: Uint8Array): Promise<Session> {
  return await withoutLocation(async () => {
    const runtime = await import("onnxruntime-web/jspi");
    runtime.env.wasm.numThreads = 1;
    return await openOrtSession(runtime as unknown as OrtRuntime, bytes, {
      executionProviders: ["webgpu"],
      logSeverityLevel: LOG_LEVEL,
    });
  });
}

/**
 * Runs some work while the global `location` is hidden: in a worker of Deno the package takes it for a
 * page's address and then fails to find its own files.
 */
async function withoutLocation<T>(work: () => Promise<T>): Promise<T> {
  const before = Object.getOwnPropertyDescriptor(globalThis, "location");
  if (before?.configurable !== true) return await work();
  Object.defineProperty(globalThis, "location", { value: undefined, configurable: true });
  try {
    return await work();
  } finally {
    Object.defineProperty(globalThis, "location", before);
  }
}
